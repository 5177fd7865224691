package pemkey_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/pemkey"
)

// keys returns private keys and public ones in DER, by what they are.
func keys(t *testing.T) (private, public map[string][]byte) {
	t.Helper()
	private, public = make(map[string][]byte), make(map[string][]byte)
	der := func(octets []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return octets
	}
	ofRSA, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	ofEC, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ofEd, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private["RSA, PKCS#1"] = x509.MarshalPKCS1PrivateKey(ofRSA)
	private["RSA, PKCS#8"] = der(x509.MarshalPKCS8PrivateKey(ofRSA))
	private["EC, SEC 1"] = der(x509.MarshalECPrivateKey(ofEC))
	private["Ed25519, PKCS#8"] = der(x509.MarshalPKCS8PrivateKey(ofEd))
	private["OpenSSH"] = []byte("openssh-key-v1\x00and what follows")
	public["RSA"] = der(x509.MarshalPKIXPublicKey(&ofRSA.PublicKey))
	public["RSA, PKCS#1"] = x509.MarshalPKCS1PublicKey(&ofRSA.PublicKey)
	public["EC"] = der(x509.MarshalPKIXPublicKey(&ofEC.PublicKey))
	public["Ed25519"] = der(x509.MarshalPKIXPublicKey(ofEd.Public()))
	return private, public
}

func armoured(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// packed returns a key as people give it.
func packed(der []byte) map[string]string {
	b64, asPublic := base64.StdEncoding.EncodeToString(der), armoured("PUBLIC KEY", der)
	return map[string]string{
		"as a public key":        asPublic,
		"indented":               "  " + strings.ReplaceAll(asPublic, "\n", "\n    "),
		"with CRLF":              strings.ReplaceAll(asPublic, "\n", "\r\n"),
		"with escaped breaks":    strings.ReplaceAll(asPublic, "\n", `\n`),
		"with escaped CRLF":      strings.ReplaceAll(asPublic, "\n", `\r\n`),
		"without its end":        strings.Split(asPublic, "-----END")[0],
		"bare":                   b64,
		"without padding":        strings.TrimRight(b64, "="),
		"with blanks":            strings.ReplaceAll(b64, "A", "A "),
		"in quotes":              `"` + b64 + `"`,
		"base64url":              base64.URLEncoding.EncodeToString(der),
		"base64url, unpadded":    base64.RawURLEncoding.EncodeToString(der),
		"under another's armour": armoured("CERTIFICATE", der),
	}
}

func TestIsPrivate(t *testing.T) {
	t.Parallel()
	private, public := keys(t)
	for kind, der := range private {
		for how, text := range packed(der) {
			if !pemkey.IsPrivate(text) {
				t.Errorf("IsPrivate of a private key, %s, %s = false:\n%s", kind, how, text)
			}
		}
		whole := armoured("PRIVATE KEY", der)
		for how, text := range map[string]string{
			"in PEM": whole, "in capitals alone": strings.ToLower(whole), "in base64 once more": base64.StdEncoding.EncodeToString([]byte(whole)),
			"in base64url once more": base64.RawURLEncoding.EncodeToString([]byte(whole)), "behind much text": strings.Repeat("x", 2*pemkey.Max) + whole,
		} {
			if !pemkey.IsPrivate(text) {
				t.Errorf("IsPrivate of a private key, %s, %s = false", kind, how)
			}
		}
	}
	for kind, der := range public {
		for how, text := range packed(der) {
			if pemkey.IsPrivate(text) {
				t.Errorf("IsPrivate of a public key, %s, %s = true:\n%s", kind, how, text)
			}
		}
		if pemkey.IsPrivateDER(der) {
			t.Errorf("IsPrivateDER of a public key, %s = true", kind)
		}
	}
	for text, want := range map[string]bool{
		"": false, "-": false, "v=spf1 -all": false, "PuTTY-User-Key-File-3: ssh-ed25519": true, "Private-Lines: 1": true,
		"-----BEGIN ENCRYPTED PRIVATE KEY-----": true, "file(\"private.pem\")": false, strings.Repeat("A", pemkey.Max+1): false,
	} {
		if got := pemkey.IsPrivate(text); got != want {
			t.Errorf("IsPrivate(%.60q) = %v, want %v", text, got, want)
		}
	}
}

func TestBlock(t *testing.T) {
	t.Parallel()
	_, public := keys(t)
	good := armoured("PUBLIC KEY", public["Ed25519"])
	oneLine := strings.ReplaceAll(good, "\n", "")
	tests := map[string]struct{ in, reason string }{
		"a block":          {good, ""},
		"indented":         {"\n  " + strings.ReplaceAll(good, "\n", "\n\t") + "\n", ""},
		"CRLF":             {strings.ReplaceAll(good, "\n", "\r\n"), ""},
		"nothing":          {"", "-----BEGIN CERTIFICATE-----\", it is a hint"},
		"no block":         {"hello", "it is a hint"},
		"two":              {good + good, "2 blocks"},
		"text before":      {"# key\n" + good, "text before"},
		"text behind":      {good + "# key", "text after the -----END line"},
		"one line":         {oneLine, "it is one line"},
		"cut":              {good[:len(good)-10], "truncated"},
		"escaped":          {strings.ReplaceAll(good, "\n", `\n`), `\n`},
		"escaped CRLF":     {strings.ReplaceAll(good, "\n", `\r\n`), `\r\n`},
		"quotes":           {`"` + good + `"`, "in quotes"},
		"single quotes":    {"'" + good + "'", "in quotes"},
		"headers":          {strings.Replace(good, "\n", "\nComment: x\n\n", 1), "header lines"},
		"another hyphen":   {strings.Replace(good, "-----BEGIN", "–----BEGIN", 1), "U+2013"},
		"an invisible one": {strings.Replace(good, "\n", "\u200b\n", 1), "U+200B"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			block, reason := pemkey.Block(tt.in, "CERTIFICATE", func(string) string { return ", it is a hint" })
			if (block == nil) != (reason != "") || (reason != "") != (tt.reason != "") || !strings.Contains(reason, tt.reason) {
				t.Errorf("Block(%q) = %v, %q, want a reason with %q", tt.in, block, reason, tt.reason)
			}
			if block != nil && !bytes.Equal(block.Bytes, public["Ed25519"]) {
				t.Errorf("Block(%q) has other octets", tt.in)
			}
		})
	}
}

// A block is what encoding/pem makes of the text again, and a reason shows nothing of what lies under the armour.
func FuzzBlock(f *testing.F) {
	for _, seed := range []string{"", "-----BEGIN X-----\nAAAA\n-----END X-----", " -----BEGIN X-----\r\n\r\nAAAA\r\n-----END X-----\r\n", "-----BEGIN X-----\nA: b\n\nAAAA\n-----END X-----", `"-----BEGIN X-----\nAAAA\n-----END X-----"`, "-----BEGIN -----\n-----END -----"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		_ = pemkey.IsPrivate(in)
		block, reason := pemkey.Block(in, "PUBLIC KEY", func(string) string { return "" })
		if (block == nil) != (reason != "") {
			t.Fatalf("Block(%q) = %v, %q, want one of the two", in, block, reason)
		}
		if block == nil {
			if strings.ContainsFunc(reason, func(c rune) bool { return c < ' ' }) {
				t.Errorf("Block(%q): the reason %q is not fit to be shown", in, reason)
			}
			return
		}
		if again, why := pemkey.Block(string(pem.EncodeToMemory(block)), "PUBLIC KEY", func(string) string { return "" }); why != "" || fmt.Sprint(again) != fmt.Sprint(block) {
			t.Errorf("Block(%q) = %v, which is read again as %v, %q", in, block, again, why)
		}
	})
}
