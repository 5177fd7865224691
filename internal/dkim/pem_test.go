package dkim_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/pemkey"
)

func TestFromPEM(t *testing.T) {
	t.Parallel()
	whole := spki(t, rsaKey(2048))
	public := armour("PUBLIC KEY", whole)
	wantRSA := "v=DKIM1; k=rsa; p=" + b64(whole)
	tests := map[string]struct{ in, want string }{
		"RSA, PKIX":               {public, wantRSA},
		"RSA, PKCS#1":             {armour("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(rsaKey(2048))), wantRSA},
		"RSA, labels exchanged":   {armour("RSA PUBLIC KEY", whole), wantRSA},
		"Ed25519":                 {armour("PUBLIC KEY", spki(t, edKey())), "v=DKIM1; k=ed25519; p=" + b64(edKey())},
		"CRLF":                    {strings.ReplaceAll(public, "\n", "\r\n"), wantRSA},
		"indented":                {"  " + strings.ReplaceAll(public, "\n", "\n  "), wantRSA},
		"no line break at an end": {strings.TrimSpace(public), wantRSA},
		"empty lines around":      {"\n\n" + public + "\n \n", wantRSA},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := dkim.FromPEM(tt.in)
			if err != nil || got.String() != tt.want {
				t.Errorf("FromPEM(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
			}
		})
	}
}

func TestFromPEMRefuses(t *testing.T) {
	t.Parallel()
	public := armour("PUBLIC KEY", spki(t, rsaKey(2048)))
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ in, want string }{
		"empty":            {"", "no line"},
		"bare base64":      {b64(spki(t, rsaKey(2048))), "it is the base64 of a key, which stands between these two lines"},
		"bare, Ed25519":    {b64(spki(t, edKey())), "it is the base64 of a key, which stands between these two lines"},
		"bare, 32 octets":  {b64(edKey()), `with "v=DKIM1; k=ed25519; p=" before it`},
		"no first line":    {strings.TrimPrefix(public, "-----BEGIN PUBLIC KEY-----\n"), "it is the base64 of a key, which stands between these two lines"},
		"key record":       {"v=DKIM1; k=rsa; p=" + b64(spki(t, rsaKey(2048))), "it is a DKIM key record"},
		"base64 of PEM":    {b64([]byte(public)), "base64decode()"},
		"file name":        {"keys/s1.pem", "file() reads it"},
		"three hyphens":    {strings.ReplaceAll(public, "-----", "---"), "five hyphens"},
		"small letters":    {strings.ToLower(public), "in capitals"},
		"SSH":              {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA someone", "SSH"},
		"SSH2":             {"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n", "SSH"},
		"ECDSA":            {armour("PUBLIC KEY", spki(t, &ec.PublicKey)), "ECDSA"},
		"certificate":      {armour("CERTIFICATE", []byte("x")), "openssl x509"},
		"other label":      {armour("X509 CRL", []byte("x")), `"X509 CRL"`},
		"two blocks":       {public + public, "2 blocks"},
		"text before":      {"key:\n" + public, "before"},
		"text after":       {public + "thanks\n", "text after"},
		"cut":              {public[:len(public)/2], "truncated"},
		"one line":         {strings.ReplaceAll(public, "\n", ""), "it is one line"},
		"one line, blanks": {strings.ReplaceAll(public, "\n", " "), "it is one line"},
		`literal \n`:       {strings.ReplaceAll(public, "\n", `\n`), `replace(…, "\\n", "\n")`},
		`literal \r\n`:     {strings.ReplaceAll(public, "\n", `\r\n`), `replace(…, "\\r\\n", "\n")`},
		"in quotes":        {`"` + public + `"`, "it is in quotes"},
		"SSH, RSA":         {"ssh-rsa " + b64([]byte("\x00\x00\x00\x07ssh-rsa\x00\x00\x00\x03\x01\x00\x01")) + " someone", "ssh-keygen -e -m PKCS8"},
		"SSH, Ed25519":     {"ssh-ed25519 " + b64(append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), edKey()...)) + " someone", `whose record for DKIM is "v=DKIM1; k=ed25519; p=` + b64(edKey()) + `"`},
		"SSH, no type":     {b64(append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), edKey()...)), "an Ed25519 key for SSH"},
		"SSH, ECDSA":       {"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= someone", "of a kind that DKIM does not know"},
		"byte order mark":  {"\ufeff" + public, "U+FEFF: remove this invisible character"},
		"en dashes":        {strings.ReplaceAll(public, "-----", "–––––"), "U+2013"},
		"headers":          {strings.Replace(public, "KEY-----\n", "KEY-----\nComment: x\n\n", 1), "header"},
		"no DER":           {armour("PUBLIC KEY", []byte("hello")), "not a public key"},
		"past the size":    {public + strings.Repeat("\n", pemkey.Max), "at most 16384"},
		"escapes in label": {"-----BEGIN \x1b[2J-----\nAAAA\n-----END \x1b[2J-----\n", `\027[2J`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := dkim.FromPEM(tt.in)
			if !errors.Is(err, dkim.ErrNotPEM) || got.IsValid() {
				t.Fatalf("FromPEM(%q) = %v, %v, want ErrNotPEM", tt.in, got, err)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("FromPEM(%q) error = %q, want %q in it", tt.in, err, tt.want)
			}
		})
	}
}

func TestFromPEMPrivateKey(t *testing.T) {
	t.Parallel()
	keys, err := privateKeys()
	if err != nil {
		t.Fatal(err)
	}
	labels := []string{
		"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY",
		"PUBLIC KEY", "RSA PUBLIC KEY", "SOMETHING",
	}
	for name, der := range keys {
		inputs := map[string]string{
			"bare":         b64(der),
			"bare, lines":  b64(der)[:8] + "\n" + b64(der)[8:],
			"bare, no pad": base64.RawStdEncoding.EncodeToString(der),
			`literal \n`:   b64(der)[:8] + `\n` + b64(der)[8:],
		}
		for _, label := range labels {
			inputs[label] = armour(label, der)
		}
		inputs["beside a public key"] = armour("PUBLIC KEY", spki(t, rsaKey(2048))) + armour("PRIVATE KEY", der)
		inputs["cut"] = armour("PRIVATE KEY", der)[:60]
		inputs["PuTTY"] = "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 1\n" + b64(der)
		inputs["long"] = strings.Repeat("x", pemkey.Max) + armour("PRIVATE KEY", der)
		for how, in := range inputs {
			got, err := dkim.FromPEM(in)
			if !errors.Is(err, dkim.ErrPrivateKey) || got.IsValid() {
				t.Errorf("FromPEM(%s as %s) = %v, %v, want ErrPrivateKey", name, how, got, err)
				continue
			}
			if strings.Contains(err.Error(), b64(der)[:16]) {
				t.Errorf("FromPEM(%s as %s) prints the key: %v", name, how, err)
			}
		}
	}
}

func FuzzFromPEM(f *testing.F) {
	f.Add(armour("PUBLIC KEY", spki(f, rsaKey(1024))))
	f.Add(armour("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(rsaKey(1024))))
	f.Add(armour("PUBLIC KEY", spki(f, edKey())))
	f.Add(armour("PRIVATE KEY", []byte("x")))
	f.Add("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----")
	f.Add("")
	f.Fuzz(func(t *testing.T, in string) {
		r, err := dkim.FromPEM(in)
		if (err == nil) != r.IsValid() {
			t.Fatalf("FromPEM(%q) = %v, %v", in, r, err)
		}
		if err != nil {
			if strings.HasSuffix(err.Error(), ".") || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("FromPEM(%q) error text = %q", in, err)
			}
			return
		}
		if again, err := dkim.Parse(r.String()); err != nil || again != r {
			t.Errorf("Parse(%q) = %v, %v, want %v", r, again, err, r)
		}
		if _, err := r.PublicKey(); err != nil {
			t.Errorf("FromPEM(%q) gives a key that PublicKey cannot read: %v", in, err)
		}
		if r.Canonical() != r {
			t.Errorf("FromPEM(%q) = %v, which is not canonical", in, r)
		}
	})
}
