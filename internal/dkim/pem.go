package dkim

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/pemkey"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// ErrPrivateKey is the error of [FromPEM] for a private key, however it is packed. Its text never holds any
// part of the key.
var ErrPrivateKey = pemkey.ErrPrivate

// ErrNotPEM is the class of errors about a text that is not one public key in PEM.
var ErrNotPEM = errors.New("not one public key in PEM")

func notPEM(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotPEM, fmt.Sprintf(format, args...))
}

// FromPEM makes a key record of a public key in PEM: RSA or Ed25519 as "PUBLIC KEY" (PKIX), RSA as
// "RSA PUBLIC KEY" (PKCS#1). An RSA key is published as SubjectPublicKeyInfo in either case, an Ed25519 key as
// its 32 octets (RFC 8463 §4.2). It returns [ErrPrivateKey] or an error that wraps [ErrNotPEM].
func FromPEM(text string) (Record, error) {
	if pemkey.IsPrivate(text) {
		return Record{}, ErrPrivateKey
	}
	if len(text) > pemkey.Max {
		return Record{}, notPEM("the text has %d octets, and at most %d are read", len(text), pemkey.Max)
	}
	block, reason := pemkey.Block(text, "PUBLIC KEY", hint)
	if reason != "" {
		return Record{}, notPEM("%s", reason)
	}
	switch block.Type {
	case "PUBLIC KEY", "RSA PUBLIC KEY":
		return fromDER(block.Bytes)
	case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE":
		return Record{}, notPEM("this is a certificate, and DKIM publishes bare keys: take its key out (openssl x509 -in certificate.pem -pubkey -noout)")
	}
	return Record{}, notPEM(`the block is a %s, and must be a "PUBLIC KEY" or an "RSA PUBLIC KEY"`, show(block.Type))
}

// hint says what a text without PEM armour looks like.
func hint(text string) string {
	switch text = strings.TrimSpace(text); {
	case whySSH(text) != "":
		return ": it is " + whySSH(text)
	case record.IsDKIM(text):
		return ": it is a DKIM key record, and no PEM"
	case wholeKey(text):
		return `, nor "-----END PUBLIC KEY-----": it is the base64 of a key, which stands between these two lines`
	case TagsBefore(text) != "":
		return fmt.Sprintf(`: it is the base64 of a key as records hold it, with "%s" before it`, TagsBefore(text))
	case strings.HasPrefix(text, pemInBase64):
		return ": it is PEM in base64 once more: base64decode() makes it PEM"
	case fileName.MatchString(text):
		return ": it is the name of a file: file() reads it"
	case strings.Contains(strings.ToUpper(text), "BEGIN "):
		return ", in capitals and with five hyphens at each end"
	default:
		return ""
	}
}

// pemInBase64 starts a PEM text that was written in base64: "-----BEGIN ".
var pemInBase64 = base64.RawStdEncoding.EncodeToString([]byte("-----BEGI"))

// whySSH names a key for SSH, and says how to make one for DKIM of it; empty for any other text.
func whySSH(text string) string {
	kind, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	data, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if rest == "" && strings.HasPrefix(kind, "AAAA") && len(kind) > 4*len("AAAA") && strings.TrimRight(kind, "=") == base64Of(kind) {
		kind, data = "ssh-", kind
	}
	switch der, err := base64.StdEncoding.DecodeString(data); {
	case strings.HasPrefix(text, "---- BEGIN SSH2"):
		return "a key for SSH (ssh-keygen -i -f key.pub, then ssh-keygen -e -m PKCS8, converts it)"
	case !strings.HasPrefix(kind, "ssh-") && !strings.HasPrefix(kind, "ecdsa-") && !strings.HasPrefix(kind, "sk-"):
		return ""
	case err == nil && strings.Contains(string(der), "ssh-rsa"), kind == "ssh-rsa":
		return "a key for SSH (ssh-keygen -e -m PKCS8 -f key.pub converts it)"
	case err == nil && strings.HasPrefix(string(der), sshEdwards) && len(der) == len(sshEdwards)+ed25519.PublicKeySize:
		return fmt.Sprintf(`an Ed25519 key for SSH, whose record for DKIM is "v=DKIM1; k=ed25519; p=%s"`, base64.StdEncoding.EncodeToString(der[len(sshEdwards):]))
	case kind == "ssh-ed25519", err != nil:
		return "a key for SSH that is not whole"
	}
	return "a key for SSH, of a kind that DKIM does not know: make an RSA or Ed25519 key"
}

// sshEdwards is what stands before the 32 octets of an Ed25519 key for SSH: its type, and its length (RFC 8709 §4).
const sshEdwards = "\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"

// fileName is what the names of files with keys look like.
var fileName = regexp.MustCompile(`^(?:file:)?[^\s=]*\.(?:pem|pub|key|txt|crt|cer|der)$`)

// wholeKey reports whether a text is the base64 that PEM has between its lines, with or without the last of these.
func wholeKey(text string) bool {
	body, _, _ := strings.Cut(text, "-----END")
	data, err := base64.StdEncoding.DecodeString(strings.Map(dropBlanks, body))
	if err != nil {
		return false
	}
	_, err = fromDER(data)
	return err == nil
}

func fromDER(der []byte) (Record, error) {
	public, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		public, err = x509.ParsePKCS1PublicKey(der)
	}
	if err != nil {
		return Record{}, notPEM("its content is not a public key: it is truncated or mistyped, or of a kind that DKIM does not know")
	}
	switch public := public.(type) {
	case *rsa.PublicKey:
		data, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			return Record{}, notPEM("the RSA key cannot be written as SubjectPublicKeyInfo")
		}
		return Record{k: RSA, p: base64.StdEncoding.EncodeToString(data)}, nil
	case ed25519.PublicKey:
		return Record{k: Ed25519, p: base64.StdEncoding.EncodeToString(public)}, nil
	default:
		return Record{}, notPEM("it is %s, and DKIM knows RSA and Ed25519", describe(public))
	}
}
