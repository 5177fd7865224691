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
	der, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(body.String(), "="))
	return err == nil && IsPrivateDER(der)
}

// IsPrivateDER reports whether octets are a private key without its armour.
func IsPrivateDER(der []byte) bool {
	if strings.HasPrefix(string(der), "openssh-key-v1\x00") {
		return true
	}
	_, pkcs8 := x509.ParsePKCS8PrivateKey(der)
	_, pkcs1 := x509.ParsePKCS1PrivateKey(der)
	_, sec1 := x509.ParseECPrivateKey(der)
	return pkcs8 == nil || pkcs1 == nil || sec1 == nil
}
