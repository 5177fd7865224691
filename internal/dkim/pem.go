package dkim

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// MaxPEM is the longest text that [FromPEM] reads, in octets. An RSA key of 16,384 bits needs a sixth of it.
const MaxPEM = 16 << 10

// ErrPrivateKey is the error of [FromPEM] for a private key, however it is packed. Its text never holds any
// part of the key.
var ErrPrivateKey = errors.New("this is a private key, which must never be published or be in a Terraform configuration: " +
	"give the public key (openssl pkey -in private.pem -pubout), and replace the key pair if this one has been committed or shared")

// ErrNotPEM is the class of errors about a text that is not one public key in PEM.
var ErrNotPEM = errors.New("not one public key in PEM")

func notPEM(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotPEM, fmt.Sprintf(format, args...))
}

// FromPEM makes a key record of a public key in PEM: RSA or Ed25519 as "PUBLIC KEY" (PKIX), RSA as
// "RSA PUBLIC KEY" (PKCS#1). An RSA key is published as SubjectPublicKeyInfo in either case, an Ed25519 key as
// its 32 octets (RFC 8463 §4.2). It returns [ErrPrivateKey] or an error that wraps [ErrNotPEM].
func FromPEM(text string) (Record, error) {
	if isPrivate(text) {
		return Record{}, ErrPrivateKey
	}
	if len(text) > MaxPEM {
		return Record{}, notPEM("the text has %d octets, and at most %d are read", len(text), MaxPEM)
	}
	block, err := onlyBlock(text)
	if err != nil {
		return Record{}, err
	}
	switch block.Type {
	case "PUBLIC KEY", "RSA PUBLIC KEY":
		return fromDER(block.Bytes)
	case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE":
		return Record{}, notPEM("this is a certificate, and DKIM publishes bare keys: take its key out (openssl x509 -in certificate.pem -pubkey -noout)")
	}
	return Record{}, notPEM(`the block is a %s, and must be a "PUBLIC KEY" or an "RSA PUBLIC KEY"`, show(block.Type))
}

// onlyBlock returns the one PEM block of a text that holds nothing else.
func onlyBlock(text string) (*pem.Block, error) {
	// A here-document may indent the lines.
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	text = strings.Join(lines, "\n") + "\n"
	if r, advice, found := record.FirstLookalike(text); found {
		return nil, notPEM("it holds the character %U: %s", r, advice)
	}
	switch begins := strings.Count(text, "-----BEGIN "); {
	case strings.Contains(text, `\r`):
		return nil, notPEM(`its lines end in the characters \r\n, and must end in line breaks: replace(…, "\\r\\n", "\n") makes them`)
	case strings.Contains(text, `\n`):
		return nil, notPEM(`its lines end in the two characters \n, and must end in line breaks: replace(…, "\\n", "\n") makes them`)
	case strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "'"):
		return nil, notPEM("it is in quotes: leave them out")
	case begins == 0:
		return nil, notPEM(`it has no line "-----BEGIN PUBLIC KEY-----"%s`, hint(text))
	case begins > 1:
		return nil, notPEM("it holds %d blocks; each selector has one key", begins)
	case !strings.HasPrefix(text, "-----BEGIN "):
		return nil, notPEM("there is text before the line that starts with -----BEGIN")
	}
	block, rest := pem.Decode([]byte(text))
	switch {
	case block == nil && strings.Count(text, "\n") == 1:
		return nil, notPEM("it is one line: put the -----BEGIN and -----END lines on lines of their own, with the base64 in lines between them")
	case block == nil:
		return nil, notPEM("the block is truncated or mistyped: it must run to its -----END line, in lines of base64")
	case len(rest) > 0:
		return nil, notPEM("there is text after the -----END line")
	case len(block.Headers) > 0:
		return nil, notPEM("the block has header lines, which public keys do not have")
	}
	return block, nil
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

// isPrivate looks for a private key, by what its armour says and by what lies under it: a key may have lost
// its armour, or been given the wrong one.
func isPrivate(text string) bool {
	upper := strings.ToUpper(text)
	if strings.Contains(upper, "PRIVATE KEY") || strings.Contains(upper, "PUTTY-USER-KEY-FILE") || strings.Contains(upper, "PRIVATE-LINES") {
		return true
	}
	if len(text) > MaxPEM {
		return false
	}
	var body strings.Builder
	for line := range strings.Lines(strings.NewReplacer(`\r`, "", `\n`, "\n").Replace(text)) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") {
			body.WriteString(line)
		}
	}
	// Padding may have been lost with the armour.
	return isPrivateBase64(body.String())
}

// isPrivateBase64 reports whether a text is the base64 of a private key, or of its PEM, whatever stands among it.
func isPrivateBase64(text string) bool {
	der, err := base64.RawStdEncoding.DecodeString(base64Of(fromURL.Replace(text)))
	return err == nil && (isPrivateDER(der) || strings.Contains(string(der), "PRIVATE KEY"))
}

// isPrivateDER reports whether octets are a private key without its armour.
func isPrivateDER(der []byte) bool {
	if strings.HasPrefix(string(der), "openssh-key-v1\x00") {
		return true
	}
	_, pkcs8 := x509.ParsePKCS8PrivateKey(der)
	_, pkcs1 := x509.ParsePKCS1PrivateKey(der)
	_, sec1 := x509.ParseECPrivateKey(der)
	return pkcs8 == nil || pkcs1 == nil || sec1 == nil
}
