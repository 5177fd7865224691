// Package pemkey knows private keys, which no record holds, however they are packed.
package pemkey

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
)

// Max is the longest text in PEM that is read, in octets. An RSA key of 16,384 bits needs a sixth of it.
const Max = 16 << 10

// ErrPrivate is the error for a private key in the place of a public one. Its text never holds any part of the key.
var ErrPrivate = errors.New("this is a private key, which must never be published or be in a Terraform configuration: " +
	"give the public key (openssl pkey -in private.pem -pubout), and replace the key pair if this one has been committed or shared")

// IsPrivate reports whether a text holds a private key, by what its armour says and by what lies under it: a key may have lost
// its armour, or been given the wrong one.
func IsPrivate(text string) bool {
	upper := strings.ToUpper(text)
	if strings.Contains(upper, "PRIVATE KEY") || strings.Contains(upper, "PUTTY-USER-KEY-FILE") || strings.Contains(upper, "PRIVATE-LINES") {
		return true
	}
	if len(text) > Max {
		return false
	}
	var body strings.Builder
	for line := range strings.Lines(strings.NewReplacer(`\r`, "", `\n`, "\n").Replace(text)) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") {
			body.WriteString(line)
		}
	}
	// Padding may have been lost with the armour.
	return IsPrivateBase64(body.String())
}

// IsPrivateBase64 reports whether a text is the base64 of a private key, or of its PEM, whatever stands among it.
func IsPrivateBase64(text string) bool {
	der, err := base64.RawStdEncoding.DecodeString(strings.Map(plainBase64, text))
	return err == nil && (IsPrivateDER(der) || strings.Contains(string(der), "PRIVATE KEY"))
}

// plainBase64 keeps the characters of base64, for [strings.Map], and those of base64url as what they stand for.
func plainBase64(c rune) rune {
	switch {
	case c == '-':
		return '+'
	case c == '_':
		return '/'
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '+', c == '/':
		return c
	}
	return -1
}

// IsPrivateDER reports whether octets are a private key without its armour.
func IsPrivateDER(der []byte) bool {
	if strings.HasPrefix(string(der), "openssh-key-v1\x00") {
		return true
	}
	if !startsWithVersion(der) {
		return false
	}
	_, pkcs8 := x509.ParsePKCS8PrivateKey(der)
	_, pkcs1 := x509.ParsePKCS1PrivateKey(der)
	_, sec1 := x509.ParseECPrivateKey(der)
	return pkcs8 == nil || pkcs1 == nil || sec1 == nil
}

// startsWithVersion reports whether octets are a SEQUENCE in DER whose first element is an INTEGER. All private keys
// start so, with their version (RFC 5208 §5, RFC 5915 §3, RFC 8017 §A.1.2), and a SubjectPublicKeyInfo does not.
func startsWithVersion(der []byte) bool {
	if len(der) < 2 || der[0] != tagSequence {
		return false
	}
	header := 2
	if size := der[1]; size >= 0x80 { // The long form of a length: its low bits count the octets that follow.
		header += int(size & 0x7f)
	}
	return len(der) > header && der[header] == tagInteger
}

// The tags of DER that the check of private keys looks for (X.690 §8.3, §8.9).
const (
	tagInteger  = 0x02
	tagSequence = 0x30
)
