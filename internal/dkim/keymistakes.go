package dkim

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/pemkey"
)

// decode reads the base64 of the tag p. Its padding is demanded: where it is missing, characters are as well.
func decode(p string) ([]byte, error) {
	data, err := base64.StdEncoding.DecodeString(p)
	if err == nil && (isPublicKey(data) || pemkey.IsPrivateDER(data)) {
		return data, nil
	}
	if pemkey.IsPrivateBase64(p) {
		return nil, &KeyError{KeyPrivate, ErrPrivateKey.Error()}
	}
	if reason := notTheKey(p); reason != "" {
		return nil, &KeyError{KeyMalformed, reason}
	}
	if err == nil {
		return data, nil
	}
	for i, c := range []byte(strings.TrimRight(p, "=")) {
		if !isBase64(c) {
			return nil, mistyped(fmt.Sprintf("character %d, %q, is not base64", i+1, c))
		}
	}
	return nil, mistyped(fmt.Sprintf("%d characters are not valid base64, whose length is a multiple of 4", len(p)))
}

// mistyped is for keys that are not whole. Whoever copied one cannot repair it.
func mistyped(why string) error {
	return &KeyError{KeyMalformed, `the key in the tag "p" is truncated or mistyped: ask support again for the whole key, and copy it without gaps (` + why + ")"}
}

// notTheKey says what the tag p holds that is neither a key nor the remains of one; empty where that is not known.
func notTheKey(p string) string {
	if plain := fromURL.Replace(p); plain != p && isWhole(plain) {
		return `the key in the tag "p" is base64url (RFC 4648 §5), and must be base64: write "+" for "-", and "/" for "_"`
	}
	if plain, err := url.PathUnescape(p); err == nil && plain != p && isWhole(plain) {
		return `the key in the tag "p" is written for a URL: write "+" for "%2B", "/" for "%2F", and "=" for "%3D"`
	}
	if key := strings.TrimRight(p, "="); isWhole(key) {
		if padding := strings.Repeat("=", (4-len(key)%4)%4); padding != "" {
			return fmt.Sprintf(`the key in the tag "p" lacks its padding: write p=…%s%s, with %q at its end`, key[len(key)-4:], padding, padding)
		}
		return `the key in the tag "p" needs no padding: remove the "=" at its end`
	}
	if slices.Contains([]string{"none", "quarantine", "reject"}, strings.ToLower(p)) {
		return fmt.Sprintf(`the tag "p" holds %s, which is a DMARC policy and not a key: a DMARC record belongs at _dmarc`, show(p))
	}
	if isPlaceholder(p) {
		return placeholder
	}
	if i := strings.LastIndex(strings.TrimRight(p, "="), "="); i >= 0 && isWhole(p[i+1:]) {
		return fmt.Sprintf(`the tag "p" holds more than a key: remove %s before it`, show(head(p[:i+1])))
	}
	if others := strings.Map(otherThanBase64, p); others != "" && isWhole(base64Of(p)) {
		return fmt.Sprintf(`the key in the tag "p" is complete, except for characters that are not base64: remove %s`, show(head(others)))
	}
	if behind := behindKey(p); behind != "" {
		return fmt.Sprintf(`the tag "p" holds a whole key and further text: remove the text that starts with %s`, show(behind[:min(len(behind), 24)]))
	}
	switch {
	case inBrackets.MatchString(p):
		return placeholder
	case strings.HasPrefix(p, "ssh-"), strings.HasPrefix(p, "AAAAB3NzaC1"), strings.HasPrefix(p, "AAAAC3NzaC1"):
		return `the tag "p" holds a key for SSH: dkim_record() makes a record of a key in PEM (ssh-keygen -e -m PKCS8 -f key.pub)`
	case strings.HasPrefix(p, pemInBase64):
		return `the tag "p" holds PEM in base64 once more, and takes what that PEM has between its lines of hyphens`
	case isName.MatchString(p):
		return `the tag "p" holds a name, not a key: if the sender publishes the key under that name, publish a CNAME to it`
	case strings.Contains(p, "..."):
		return `the key in the tag "p" was shortened with dots: give the whole key`
	}
	return ""
}

const placeholder = `the tag "p" holds a placeholder, not a key: give the whole key, or leave "p=" empty to revoke it`

// fromURL makes base64 of base64url.
var fromURL = strings.NewReplacer("-", "+", "_", "/")

// words are what placeholders are made of, in capitals, in small letters or in "CamelCase". Nearly no base64 reads so.
var words = regexp.MustCompile(`^(?:[A-Z]?[a-z]{2,}|[A-Z]{2,}|[0-9]{1,4}|[._-]+)+=*$`)

// isName is what names of hosts look like.
var isName = regexp.MustCompile(`^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+\.?$`)

// inBrackets are the marks of templates for what is to be filled in.
var inBrackets = regexp.MustCompile(`^(?:<.*>|\[.*\]|\(.*\)|\$?\{.*\}|%.*%|\$[A-Za-z_]*)$`)

// isPlaceholder reports whether p holds a text that stands for a key: dots, or words.
func isPlaceholder(p string) bool {
	switch {
	case p == "", strings.Trim(p, "A=") == "":
		return false
	case strings.Trim(p, "<>{}[]()$*?.-_%#@!…") == "":
		return true
	}
	return !startsAsDER(p) && words.MatchString(p)
}

// startsAsDER reports whether p starts as a key in DER does: RSA, and Ed25519 and ECDSA as SubjectPublicKeyInfo.
func startsAsDER(p string) bool {
	return slices.ContainsFunc([]string{"MI", "MFw", "MFk", "MCo", "MHY"}, func(start string) bool { return strings.HasPrefix(p, start) })
}

// behindKey returns what stands behind a whole key in DER; empty where that is nothing, or the key is not whole.
func behindKey(p string) string {
	text := p[:len(p)-len(strings.TrimLeftFunc(p, func(c rune) bool { return c < 0x80 && isBase64(byte(c)) }))]
	der, err := base64.RawStdEncoding.DecodeString(text[:len(text)/4*4])
	if err != nil || !startsAsDER(p) || len(der) < 4 {
		return ""
	}
	length, octets := int(der[1]), 2
	switch der[1] { // DER writes lengths from 128 on behind the number of their octets.
	case 0x81:
		length, octets = int(der[2]), 3
	case 0x82:
		length, octets = int(der[2])<<8|int(der[3]), 4
	}
	end := base64.RawStdEncoding.EncodedLen(octets + length)
	if end > len(text) || !isWhole(text[:end]) {
		return ""
	}
	return strings.TrimLeft(p[end:], "=")
}

// isWhole reports whether a text is base64, with its padding or without, of a public key that DKIM knows.
func isWhole(text string) bool {
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	return err == nil && isPublicKey(data)
}

// isPublicKey reports whether octets are a public key that DKIM knows, in whichever form.
func isPublicKey(data []byte) bool {
	if _, err := x509.ParsePKIXPublicKey(data); err == nil || len(data) == ed25519.PublicKeySize {
		return true
	}
	_, err := x509.ParsePKCS1PublicKey(data)
	return err == nil
}

// base64Of returns the characters of a text that are base64, without padding.
func base64Of(text string) string {
	return strings.Map(func(c rune) rune {
		if c < 0x80 && isBase64(byte(c)) {
			return c
		}
		return -1
	}, text)
}

// otherThanBase64 keeps the characters that are not base64, for [strings.Map].
func otherThanBase64(c rune) rune {
	if c < 0x80 && (isBase64(byte(c)) || c == '=') {
		return -1
	}
	return c
}

func isBase64(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}
