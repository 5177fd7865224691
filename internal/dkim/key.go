package dkim

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/pemkey"
)

// KeyError says why the tag p holds no key that receivers can use.
type KeyError struct {
	Code   Code // of the finding that [Record.Check] makes of it
	Reason string
}

func (e *KeyError) Error() string { return e.Reason }

// key is the content of the tag p.
type key struct {
	public crypto.PublicKey
	// pkcs1 says that an RSA key stands as RSAPublicKey, as the text of RFC 6376 §3.6.1 has it, and not as
	// the SubjectPublicKeyInfo of its examples, which is what signers publish.
	pkcs1 bool
}

// PublicKey returns the key: an *rsa.PublicKey or an ed25519.PublicKey. It returns a *KeyError where the
// record holds none, a revoked one among them.
func (r Record) PublicKey() (crypto.PublicKey, error) {
	k, err := r.key()
	if err != nil {
		return nil, err
	}
	return k.public, nil
}

func (r Record) key() (key, error) {
	switch {
	case !r.IsValid():
		return key{}, &KeyError{KeyMissing, "there is no record"}
	case r.Revoked():
		return key{}, &KeyError{KeyRevoked, `the key is revoked: the tag "p" is empty, and mail signed with it fails`}
	case r.k != RSA && strings.EqualFold(r.k, RSA), r.k != Ed25519 && strings.EqualFold(r.k, Ed25519):
		return key{}, &KeyError{KeyTypeUnknown, fmt.Sprintf(
			`the key type %s is not one that receivers know: write k=%s, in lower case`, show(r.k), strings.ToLower(r.k))}
	case r.k != RSA && r.k != Ed25519:
		return key{}, &KeyError{KeyTypeUnknown, fmt.Sprintf(
			`the key type %s is not one that receivers know: write k=rsa or k=ed25519, in lower case`, show(r.k))}
	}
	data, err := decode(r.p)
	if err != nil {
		return key{}, err
	}
	if pemkey.IsPrivateDER(data) {
		return key{}, &KeyError{KeyPrivate, ErrPrivateKey.Error()}
	}
	if r.k == Ed25519 {
		return ed25519Key(data)
	}
	return rsaKey(data)
}

func rsaKey(der []byte) (key, error) {
	public, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		if public, err := x509.ParsePKCS1PublicKey(der); err == nil {
			return key{public: public, pkcs1: true}, nil
		}
		if len(der) == ed25519.PublicKeySize && !startsAsDER(base64.StdEncoding.EncodeToString(der)) {
			return key{}, &KeyError{KeyMalformed, fmt.Sprintf(
				`the tag "p" holds %d octets, as an Ed25519 key has, and the tag "k" says rsa: write k=ed25519 if the signer uses such a key`, len(der))}
		}
		return key{}, mistyped(fmt.Sprintf("its %d octets are not an RSA public key in DER", len(der)))
	}
	if public, ok := public.(*rsa.PublicKey); ok {
		return key{public: public}, nil
	}
	return key{}, &KeyError{KeyMalformed, fmt.Sprintf(
		`the tag "p" holds %s, and the tag "k" says rsa: publish a key of the type that the signer uses`, describe(public))}
}

func ed25519Key(data []byte) (key, error) {
	if len(data) == ed25519.PublicKeySize {
		return key{public: ed25519.PublicKey(data)}, nil
	}
	if public, err := x509.ParsePKIXPublicKey(data); err == nil {
		if public, ok := public.(ed25519.PublicKey); ok {
			return key{}, &KeyError{KeySize, fmt.Sprintf(
				`the tag "p" holds an Ed25519 key as SubjectPublicKeyInfo (%d octets), and must hold its %d octets alone (RFC 8463 §4.2): write p=%s`,
				len(data), ed25519.PublicKeySize, base64.StdEncoding.EncodeToString(public))}
		}
		return key{}, &KeyError{KeyMalformed, fmt.Sprintf(
			`the tag "p" holds %s, and the tag "k" says ed25519: publish a key of the type that the signer uses`, describe(public))}
	}
	return key{}, &KeyError{KeySize, fmt.Sprintf(
		`the key in the tag "p" is truncated or mistyped: ask support again for the whole key (an Ed25519 key has %d octets, RFC 8463 §4.2; these are %d)`,
		ed25519.PublicKeySize, len(data))}
}

// describe names a key that stands where another was expected.
func describe(public crypto.PublicKey) string {
	switch public.(type) {
	case *rsa.PublicKey:
		return "an RSA key"
	case ed25519.PublicKey:
		return "an Ed25519 key"
	case *ecdsa.PublicKey:
		return "an elliptic curve (ECDSA) key"
	default:
		return "a key of another kind"
	}
}

// Canonical returns the record with an RSA key as padded base64 of its SubjectPublicKeyInfo, the form that
// every receiver reads, whichever form it came in. A record without a usable RSA key is returned as it is.
func (r Record) Canonical() Record {
	k, err := r.key()
	if err != nil {
		return r
	}
	if public, ok := k.public.(*rsa.PublicKey); ok {
		if der, err := x509.MarshalPKIXPublicKey(public); err == nil {
			r.p = base64.StdEncoding.EncodeToString(der)
		}
	}
	return r
}

// PKCS1 reports whether the record holds an RSA key as PKCS#1 RSAPublicKey, and not as SubjectPublicKeyInfo.
func (r Record) PKCS1() bool {
	k, err := r.key()
	return err == nil && k.pkcs1
}

// Fingerprint identifies a key, however it is written. Fingerprints are comparable with ==; the zero one
// stands for no key.
type Fingerprint [sha256.Size]byte

// Fingerprint returns the identity of the record's key, zero where the record is invalid or revoked. A key
// that cannot be read is identified by its text.
func (r Record) Fingerprint() Fingerprint {
	if !r.IsValid() || r.Revoked() {
		return Fingerprint{}
	}
	return sha256.Sum256([]byte(r.k + " " + r.Canonical().p))
}

// SameKey reports whether both records hold the same key, be it under two selectors or in two forms.
// Revoked records hold none.
func (r Record) SameKey(o Record) bool {
	f := r.Fingerprint()
	return f != Fingerprint{} && f == o.Fingerprint()
}
