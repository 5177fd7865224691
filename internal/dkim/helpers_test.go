package dkim_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"sync"
	"testing"
)

// rsaKey returns a public key with a modulus of that many bits. Nobody knows its factors, which no test needs.
func rsaKey(bits int) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: 65537}
}

func edKey() ed25519.PublicKey {
	key := make(ed25519.PublicKey, ed25519.PublicKeySize)
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

func b64(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

func spki(t testing.TB, public any) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatalf("MarshalPKIXPublicKey: %v", err)
	}
	return der
}

func armour(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// privateKeys are made anew in every run: none lies in the repository.
var privateKeys = sync.OnceValues(func() (map[string][]byte, error) {
	ed, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		return nil, err
	}
	r, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		return nil, err
	}
	rsa8, err := x509.MarshalPKCS8PrivateKey(r)
	if err != nil {
		return nil, err
	}
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	sec1, err := x509.MarshalECPrivateKey(e)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"PKCS#8 Ed25519": ed,
		"PKCS#8 RSA":     rsa8,
		"PKCS#1":         x509.MarshalPKCS1PrivateKey(r),
		"SEC 1":          sec1,
		"OpenSSH":        []byte("openssh-key-v1\x00none, and so on"),
	}, nil
})
