package tlsa

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/pemkey"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// ErrNotPEM is the class of errors about a text that is not one certificate or public key in PEM.
var ErrNotPEM = errors.New("not one certificate or public key in PEM")

// Config says what record to make of a certificate or of a key.
type Config struct {
	PEM                string // a certificate, or a public key
	Usage              int64  // 2 or 3
	Selector, Matching int64
}

// Default is the record that mail hosts are advised to have, 3 1 1 (RFC 7672 §3.1.1), of a certificate or of a key.
func Default(pem string) Config {
	return Config{PEM: pem, Usage: int64(DANEEE), Selector: int64(SPKI), Matching: int64(SHA256)}
}

// Record returns the record. Its problems lead to pem, usage, selector and matching_type. It returns problem.Problems, one of
// which wraps [pemkey.ErrPrivate] where the PEM is a private key; their texts hold no part of it.
func (c Config) Record() (Record, error) {
	var problems problem.Problems
	add := func(attribute string, err error) {
		problems = append(problems, &problem.Problem{
			Path: problem.Attribute(attribute), Summary: "TLSA record", Detail: problem.Sentence(err.Error()), Err: err,
		})
	}
	cert, spki, err := read(c.PEM)
	if err != nil {
		add("pem", err)
	}
	if reason := whyNoUsage(c.Usage); reason != "" {
		add("usage", errors.New(reason))
	}
	if c.Selector != int64(Cert) && c.Selector != int64(SPKI) {
		add("selector", fmt.Errorf("there is no selector %d: write 1 for the public key, or 0 for the whole certificate", c.Selector))
	}
	switch c.Matching {
	case int64(SHA256), int64(SHA512):
	case int64(Full):
		add("matching_type", errors.New("the matching type 0 would put the whole key or certificate into DNS, whose answers it would make too large: write 1 for SHA-256"))
	default:
		add("matching_type", fmt.Errorf("there is no matching type %d: write 1 for SHA-256, or 2 for SHA-512", c.Matching))
	}
	switch {
	case err != nil:
	case cert == nil && c.Selector == int64(Cert):
		add("selector", errors.New("the selector 0 compares the whole certificate, and this is a public key: write 1, or give the certificate"))
	case cert != nil && c.Usage == int64(DANETA) && cert.Version == 3 && !cert.IsCA:
		add("usage", errors.New("the usage 2 pins an authority, and this is the certificate of a host: write 3, or give the certificate of the authority that issued it"))
	}
	if err := problems.OrNil(); err != nil {
		return Record{}, err
	}
	data := spki
	if c.Selector == int64(Cert) {
		data = cert.Raw
	}
	r := Record{Usage: Usage(c.Usage), Selector: Selector(c.Selector), Matching: Matching(c.Matching)}
	if r.Matching == SHA512 {
		sum := sha512.Sum512(data)
		r.Data = hex.EncodeToString(sum[:])
	} else {
		sum := sha256.Sum256(data)
		r.Data = hex.EncodeToString(sum[:])
	}
	return r, nil
}

// read returns the certificate in a text, nil where there is none, and the public key as SubjectPublicKeyInfo.
func read(text string) (cert *x509.Certificate, spki []byte, err error) {
	fail := func(format string, args ...any) (*x509.Certificate, []byte, error) {
		return nil, nil, fmt.Errorf("%w: %s", ErrNotPEM, fmt.Sprintf(format, args...))
	}
	if pemkey.IsPrivate(text) {
		return nil, nil, pemkey.ErrPrivate
	}
	if len(text) > pemkey.Max {
		return fail("the text has %d octets, and at most %d are read", len(text), pemkey.Max)
	}
	block, reason := pemkey.Block(text, "CERTIFICATE", hint)
	switch begins := strings.Count(text, "-----BEGIN "); {
	case begins > 1:
		return fail("it holds %d blocks: give the first of a chain for the usage 3, which is the host's own, or that of the authority for the usage 2", begins)
	case reason != "":
		return fail("%s", reason)
	}
	switch block.Type {
	case "CERTIFICATE", "X509 CERTIFICATE":
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return fail("its content is not a certificate: it is truncated or mistyped")
		}
		return cert, cert.RawSubjectPublicKeyInfo, nil
	case "PUBLIC KEY", "RSA PUBLIC KEY":
		spki, ok := publicKey(block)
		if !ok {
			return fail("its content is not a public key: it is truncated or mistyped")
		}
		return nil, spki, nil
	case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST":
		return fail("it is a request for a certificate: give the certificate, or its public key (openssl req -in request.pem -pubkey -noout)")
	}
	return fail(`the block is a %s, and must be a "CERTIFICATE" or a "PUBLIC KEY"`, record.ShortQuoted(block.Type))
}

// publicKey returns a public key as SubjectPublicKeyInfo.
func publicKey(block *pem.Block) ([]byte, bool) {
	if _, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
		return block.Bytes, true
	}
	key, err := x509.ParsePKCS1PublicKey(block.Bytes)
	if err != nil {
		return nil, false
	}
	spki, err := x509.MarshalPKIXPublicKey(key)
	return spki, err == nil
}

// hint says what a text without PEM armour looks like.
func hint(text string) string {
	if strings.HasPrefix(text, "ssh-") {
		return ` nor "-----BEGIN PUBLIC KEY-----": it is a key for SSH, which mail hosts do not show`
	}
	return ` nor "-----BEGIN PUBLIC KEY-----"`
}
