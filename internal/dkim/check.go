package dkim

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Limits of RSA keys, in bits of the modulus (RFC 8301 §3.2).
const (
	MinBits    = 1024 // receivers must not accept less
	AdviseBits = 2048 // signers should use at least this
	MaxBits    = 4096 // receivers must verify up to this
)

// Level is how bad a [Finding] is.
type Level int

// The levels, in rising order.
const (
	Note    Level = iota // worth knowing
	Warning              // works, and should be changed
	Error                // receivers will not verify mail with this record
)

func (l Level) String() string {
	switch l {
	case Note:
		return "note"
	case Warning:
		return "warning"
	default:
		return "error"
	}
}

// Code names what was found.
type Code string

// What [Record.Check] finds.
const (
	KeyMissing     Code = "key-missing"      // the zero Record
	KeyRevoked     Code = "key-revoked"      // p is empty
	KeyTypeUnknown Code = "key-type-unknown" // k is neither rsa nor ed25519
	KeyPrivate     Code = "key-private"      // p holds a private key
	KeyMalformed   Code = "key-malformed"    // p is no base64, no DER, or another kind of key
	KeySize        Code = "key-size"         // an Ed25519 key that has not 32 octets
	KeyWeak        Code = "key-weak"         // RSA, under MinBits
	KeyShort       Code = "key-short"        // RSA, under AdviseBits
	KeyLong        Code = "key-long"         // RSA, over MaxBits
	KeyPKCS1       Code = "key-pkcs1"        // RSA, not as SubjectPublicKeyInfo
	TestMode       Code = "test-mode"        // t=y
	HashWeak       Code = "hash-weak"        // h leaves out sha256
	NotForMail     Code = "not-for-mail"     // s leaves out email
	TagMistaken    Code = "tag-mistaken"     // a tag without a meaning that was meant as another
)

// Finding is one remark on a key record.
type Finding struct {
	Level Level
	Code  Code
	Tag   string // the tag that it is about
	Text  string // a sentence for people, with its full stop
}

// Check looks for what keeps receivers from verifying mail with this key, and for what is unwise. The worst
// comes first. That an Ed25519 key should not stand alone is for the caller to say, who sees the others.
func (r Record) Check() []Finding {
	found := r.checkKey()
	if !r.IsValid() {
		return found
	}
	if !r.takesSHA256() {
		found = append(found, Finding{Error, HashWeak, "h", fmt.Sprintf(
			"The tag h=%s allows no hash that receivers accept: SHA-1 is ruled out (RFC 8301 §3.1). Leave the tag out, or write h=sha256.", record.Display(r.h))})
	}
	if services := r.Services(); !slices.Contains(services, "*") && !slices.Contains(services, "email") {
		found = append(found, Finding{Error, NotForMail, "s", fmt.Sprintf(
			"The tag s=%s says that the key is not for mail. Leave the tag out, or write s=email.", record.Display(r.s))})
	}
	if r.Testing() {
		found = append(found, Finding{
			Note, TestMode, "t",
			"The flag t=y says that the domain is testing DKIM: receivers treat its mail as if it were not signed. Remove the flag when the tests are done.",
		})
	}
	found = append(r.mistakenTags(), found...)
	slices.SortStableFunc(found, func(a, b Finding) int { return int(b.Level) - int(a.Level) })
	return found
}

func (r Record) checkKey() []Finding {
	k, err := r.key()
	if broken, ok := errors.AsType[*KeyError](err); ok {
		tag := "p"
		if broken.Code == KeyTypeUnknown {
			tag = "k"
		}
		return []Finding{{Error, broken.Code, tag, sentence(broken.Reason)}}
	}
	public, ok := k.public.(*rsa.PublicKey)
	if !ok {
		return nil
	}
	var found []Finding
	switch bits := public.N.BitLen(); {
	case bits < MinBits:
		found = append(found, Finding{Error, KeyWeak, "p", fmt.Sprintf(
			"The RSA key has %d bits; receivers refuse keys under %d (RFC 8301 §3.2). Make a new one of %d bits.", bits, MinBits, AdviseBits)})
	case bits < AdviseBits:
		found = append(found, Finding{Warning, KeyShort, "p", fmt.Sprintf(
			"The RSA key has %d bits; signers should use at least %d (RFC 8301 §3.2). Make a new one of %d bits.", bits, AdviseBits, AdviseBits)})
	case bits > MaxBits:
		found = append(found, Finding{Warning, KeyLong, "p", fmt.Sprintf(
			"The RSA key has %d bits; receivers need not verify with keys over %d (RFC 8301 §3.2). Make a new one of %d bits.", bits, MaxBits, AdviseBits)})
	}
	if k.pkcs1 {
		found = append(found, Finding{
			Warning, KeyPKCS1, "p",
			"The RSA key is in the form PKCS#1 RSAPublicKey. Not every receiver reads that form: publish it as SubjectPublicKeyInfo (openssl rsa -RSAPublicKey_in -pubout).",
		})
	}
	return found
}

func sentence(reason string) string {
	return strings.ToUpper(reason[:1]) + reason[1:] + "."
}

// Rejected returns the reason for which receivers verify no mail with the key, and nil if there is none. A key that can be
// read may still be too short, for another use than mail, or for hashes that receivers refuse.
func (r Record) Rejected() error {
	if _, err := r.PublicKey(); err != nil {
		return err
	}
	for _, found := range r.Check() {
		if found.Level == Error {
			return errors.New(strings.ToLower(found.Text[:1]) + strings.TrimSuffix(found.Text[1:], "."))
		}
	}
	return nil
}
