package tlsa_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/pemkey"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsa"
)

var digest = strings.Repeat("0a", 32)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		want tlsa.Record
	}{
		"advised":          {"3 1 1 " + digest, tlsa.Record{Usage: tlsa.DANEEE, Selector: tlsa.SPKI, Matching: tlsa.SHA256, Data: digest}},
		"authority":        {"2 0 1 " + digest, tlsa.Record{Usage: tlsa.DANETA, Selector: tlsa.Cert, Matching: tlsa.SHA256, Data: digest}},
		"capitals":         {"3 1 1 " + strings.ToUpper(digest), tlsa.Record{Usage: tlsa.DANEEE, Selector: tlsa.SPKI, Matching: tlsa.SHA256, Data: digest}},
		"blanks in digits": {"3  1\t1 " + digest[:20] + " " + digest[20:] + " ", tlsa.Record{Usage: tlsa.DANEEE, Selector: tlsa.SPKI, Matching: tlsa.SHA256, Data: digest}},
		"SHA-512":          {"3 1 2 " + digest + digest, tlsa.Record{Usage: tlsa.DANEEE, Selector: tlsa.SPKI, Matching: tlsa.SHA512, Data: digest + digest}},
		"full":             {"3 1 0 3059", tlsa.Record{Usage: tlsa.DANEEE, Selector: tlsa.SPKI, Matching: tlsa.Full, Data: "3059"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tlsa.Parse(tt.in)
			if err != nil || got != tt.want || !got.IsValid() {
				t.Fatalf("Parse(%q) = %v, %v, want %v", tt.in, got, err, tt.want)
			}
			if again, err := tlsa.Parse(got.String()); err != nil || again != got {
				t.Errorf("Parse(%q) = %v, %v, want %v", got, again, err, got)
			}
		})
	}
}

func TestParseMistakes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"empty":              {"", "it must look like"},
		"digest alone":       {digest, "it must look like"},
		"usage of the web":   {"1 1 1 " + digest, "RFC 7672 §3.1.3"},
		"usage 0":            {"0 0 1 " + digest, "write 3 to pin the host's own key"},
		"usage 4":            {"4 1 1 " + digest, "there is no usage 4"},
		"selector 2":         {"3 2 1 " + digest, "there is no selector 2"},
		"matching type 3":    {"3 1 3 " + digest, "there is no matching type 3"},
		"not a number":       {"3 1 x " + digest, `"x" is not a number`},
		"sign":               {"+3 1 1 " + digest, "is not a number"},
		"leading zero":       {"03 1 1 " + digest, "is not a number"},
		"past an octet":      {"3 1 256 " + digest, "is not a number from 0 to 255"},
		"short":              {"3 1 1 " + digest[2:], "has 31 octets, and a digest of matching type 1 has 32"},
		"SHA-512 for 256":    {"3 1 1 " + digest + digest, "has 64 octets"},
		"odd":                {"3 1 1 " + digest[1:], "not hexadecimal"},
		"colons":             {"3 1 1 " + strings.ReplaceAll(digest, "0a", "0a:"), "remove the colons"},
		"base64":             {"3 1 1 " + base64.StdEncoding.EncodeToString([]byte(digest)), "not hexadecimal"},
		"quotes":             {`"3 1 1 ` + digest + `"`, "quotes"},
		"zone file":          {"_25._tcp.mail 300 IN TLSA 3 1 1 " + digest, "line of a zone file"},
		"no-break blank":     {"3\u00a01 1 " + digest, "U+00A0"},
		"full, nothing":      {"3 1 0 :", "remove the colons"},
		"too long":           {"3 1 0 " + strings.Repeat("00", 20000), "at most 8192"},
		"too much, not long": {"3 1 0 " + strings.Repeat("00", 9000), "may have 1 to 8192"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tlsa.Parse(tt.in)
			if !errors.Is(err, tlsa.ErrNotTLSA) || !strings.Contains(err.Error(), tt.want) || got != (tlsa.Record{}) || strings.HasSuffix(err.Error(), ".") {
				t.Errorf("Parse(%q) = %v, %v, want an error with %q", tt.in, got, err, tt.want)
			}
		})
	}
}

// certificate makes a certificate anew, of an authority or of a host, and returns it with its public key.
func certificate(t testing.TB, authority bool) (cert, spki []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.example.com"}, DNSNames: []string{"mail.example.com"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0), BasicConstraintsValid: true, IsCA: authority,
	}
	if cert, err = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key); err != nil {
		t.Fatal(err)
	}
	if spki, err = x509.MarshalPKIXPublicKey(&key.PublicKey); err != nil {
		t.Fatal(err)
	}
	return cert, spki
}

func armour(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

func TestRecord(t *testing.T) {
	t.Parallel()
	host, key := certificate(t, false)
	authority, authorityKey := certificate(t, true)
	rsaKey := &rsa.PublicKey{N: new(big.Int).SetBit(new(big.Int).Lsh(big.NewInt(1), 2047), 0, 1), E: 65537}
	rsaSPKI, err := x509.MarshalPKIXPublicKey(rsaKey)
	if err != nil {
		t.Fatal(err)
	}
	sum := func(data []byte) string { s := sha256.Sum256(data); return hex.EncodeToString(s[:]) }
	sum512 := sha512.Sum512(key)
	with := func(pem string, usage, selector, matching int64) tlsa.Config {
		return tlsa.Config{PEM: pem, Usage: usage, Selector: selector, Matching: matching}
	}
	tests := map[string]struct {
		in   tlsa.Config
		want string
	}{
		"certificate, default":   {tlsa.Default(armour("CERTIFICATE", host)), "3 1 1 " + sum(key)},
		"key, default":           {tlsa.Default(armour("PUBLIC KEY", key)), "3 1 1 " + sum(key)},
		"certificate, whole":     {with(armour("CERTIFICATE", host), 3, 0, 1), "3 0 1 " + sum(host)},
		"authority":              {with(armour("CERTIFICATE", authority), 2, 0, 1), "2 0 1 " + sum(authority)},
		"authority's key":        {with(armour("CERTIFICATE", authority), 2, 1, 1), "2 1 1 " + sum(authorityKey)},
		"authority's key, bare":  {with(armour("PUBLIC KEY", authorityKey), 2, 1, 1), "2 1 1 " + sum(authorityKey)},
		"self-signed authority":  {with(armour("CERTIFICATE", authority), 3, 1, 1), "3 1 1 " + sum(authorityKey)},
		"SHA-512":                {with(armour("PUBLIC KEY", key), 3, 1, 2), "3 1 2 " + hex.EncodeToString(sum512[:])},
		"RSA":                    {tlsa.Default(armour("PUBLIC KEY", rsaSPKI)), "3 1 1 " + sum(rsaSPKI)},
		"RSA, PKCS#1":            {tlsa.Default(armour("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(rsaKey))), "3 1 1 " + sum(rsaSPKI)},
		"indented, with CRLF":    {tlsa.Default("\r\n  " + strings.ReplaceAll(armour("PUBLIC KEY", key), "\n", "\r\n  ")), "3 1 1 " + sum(key)},
		"label of X.509 by name": {tlsa.Default(armour("X509 CERTIFICATE", host)), "3 1 1 " + sum(key)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.in.Record()
			if err != nil || got.String() != tt.want {
				t.Fatalf("Record = %v, %v, want %s", got, err, tt.want)
			}
			if again, err := tlsa.Parse(got.String()); err != nil || again != got {
				t.Errorf("Parse(%q) = %v, %v, want %v", got, again, err, got)
			}
		})
	}
}

func TestRecordProblems(t *testing.T) {
	t.Parallel()
	host, key := certificate(t, false)
	cert, public := armour("CERTIFICATE", host), armour("PUBLIC KEY", key)
	tests := map[string]struct {
		in   tlsa.Config
		want map[string]string
	}{
		"usage 0":             {tlsa.Config{PEM: cert, Selector: 1, Matching: 1}, map[string]string{"usage": "RFC 7672 §3.1.3"}},
		"usage 1":             {tlsa.Config{PEM: cert, Usage: 1, Selector: 1, Matching: 1}, map[string]string{"usage": "The usage 1 needs"}},
		"usage 259":           {tlsa.Config{PEM: cert, Usage: 259, Selector: 1, Matching: 1}, map[string]string{"usage": "no usage 259"}},
		"usage -1":            {tlsa.Config{PEM: cert, Usage: -1, Selector: 1, Matching: 1}, map[string]string{"usage": "no usage -1"}},
		"numbers":             {tlsa.Config{PEM: cert, Usage: 3, Selector: 257, Matching: 258}, map[string]string{"selector": "no selector 257", "matching_type": "no matching type 258"}},
		"full":                {tlsa.Config{PEM: cert, Usage: 3, Selector: 1}, map[string]string{"matching_type": "too large"}},
		"whole of a key":      {tlsa.Config{PEM: public, Usage: 3, Matching: 1}, map[string]string{"selector": "give the certificate"}},
		"a host as authority": {tlsa.Config{PEM: cert, Usage: 2, Selector: 1, Matching: 1}, map[string]string{"usage": "certificate of a host"}},
		"empty":               {tlsa.Default(""), map[string]string{"pem": `no line "-----BEGIN CERTIFICATE-----" nor`}},
		"chain":               {tlsa.Default(cert + cert), map[string]string{"pem": "2 blocks: give the first of a chain"}},
		"request":             {tlsa.Default(armour("CERTIFICATE REQUEST", host)), map[string]string{"pem": "request for a certificate"}},
		"no certificate":      {tlsa.Default(armour("CERTIFICATE", key)), map[string]string{"pem": "not a certificate"}},
		"no key":              {tlsa.Default(armour("PUBLIC KEY", host)), map[string]string{"pem": "not a public key"}},
		"cut":                 {tlsa.Default(cert[:len(cert)/2]), map[string]string{"pem": "truncated"}},
		"one line":            {tlsa.Default(strings.ReplaceAll(cert, "\n", "")), map[string]string{"pem": "one line"}},
		`literal \n`:          {tlsa.Default(strings.ReplaceAll(cert, "\n", `\n`)), map[string]string{"pem": `two characters \n`}},
		`literal \r\n`:        {tlsa.Default(strings.ReplaceAll(cert, "\n", `\r\n`)), map[string]string{"pem": `characters \r\n`}},
		"quotes":              {tlsa.Default(`"` + cert + `"`), map[string]string{"pem": "in quotes"}},
		"text before":         {tlsa.Default("subject=mail\n" + cert), map[string]string{"pem": "text before"}},
		"text after":          {tlsa.Default(cert + "thanks\n"), map[string]string{"pem": "text after"}},
		"headers":             {tlsa.Default(strings.Replace(cert, "CERTIFICATE-----\n", "CERTIFICATE-----\nComment: x\n\n", 1)), map[string]string{"pem": "header lines"}},
		"en dashes":           {tlsa.Default(strings.ReplaceAll(cert, "-----", "–––––")), map[string]string{"pem": "U+2013"}},
		"another block":       {tlsa.Default(armour("X509 CRL", host)), map[string]string{"pem": `"X509 CRL"`}},
		"SSH":                 {tlsa.Default("ssh-ed25519 AAAA someone"), map[string]string{"pem": "SSH"}},
		"too long":            {tlsa.Default(cert + strings.Repeat("\n", pemkey.Max)), map[string]string{"pem": "at most 16384"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.in.Record()
			var problems problem.Problems
			if !errors.As(err, &problems) || got != (tlsa.Record{}) || len(problems) != len(tt.want) {
				t.Fatalf("Record = %v, %v, want %d problems", got, err, len(tt.want))
			}
			for _, p := range problems {
				if says := tt.want[p.Path.String()]; says == "" || !strings.Contains(p.Detail, says) {
					t.Errorf("Record has the problem %v, want one that says %q", p, says)
				}
			}
		})
	}
}

// A private key is refused, and no part of it is shown, however it is packed.
func TestPrivateKey(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	marshal := func(key any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	sec1, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	host, _ := certificate(t, false)
	for kind, der := range map[string][]byte{
		"PKCS#8": marshal(ec), "Ed25519": marshal(ed25519.NewKeyFromSeed(make([]byte, 32))), "SEC 1": sec1,
		"PKCS#1": x509.MarshalPKCS1PrivateKey(rsaKey), "OpenSSH": []byte("openssh-key-v1\x00and so on, and so on, and so on"),
	} {
		bare := base64.StdEncoding.EncodeToString(der)
		// It is told first, whatever else is wrong.
		var problems problem.Problems
		if _, err := (tlsa.Config{PEM: armour("PRIVATE KEY", der), Usage: 9, Selector: 9}).Record(); !errors.As(err, &problems) || problems[0].Path.String() != "pem" {
			t.Errorf("%s: error = %v, want one about pem first", kind, err)
		}
		for how, in := range map[string]string{
			"its own label": armour("PRIVATE KEY", der), "label of a key": armour("PUBLIC KEY", der), "label of a certificate": armour("CERTIFICATE", der),
			"bare": bare, "lines": bare[:20] + "\n" + bare[20:], "in a chain": armour("CERTIFICATE", host) + armour("EC PRIVATE KEY", der),
			"cut": armour("PRIVATE KEY", der)[:60], `literal \n`: strings.ReplaceAll(armour("PRIVATE KEY", der), "\n", `\n`),
		} {
			_, err := tlsa.Default(in).Record()
			if !errors.Is(err, pemkey.ErrPrivate) {
				t.Errorf("%s as %s: error = %v, want that it is a private key", kind, how, err)
			}
			if err != nil && strings.Contains(err.Error(), bare[:16]) {
				t.Errorf("%s as %s: error = %v shows the key", kind, how, err)
			}
		}
	}
}

func TestOwner(t *testing.T) {
	t.Parallel()
	if got, ok := tlsa.Owner(dnsname.MustParse("Mail.example.com.")); !ok || got.String() != "_25._tcp.mail.example.com" {
		t.Errorf("Owner = %v, %t", got, ok)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"3 1 1 " + digest, "2 0 2 " + digest + " " + digest, "3 1 0 00", "0 0 0 0", "3 1 1 00:00", "_25._tcp TLSA 3 1 1", "\x003 1 1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		r, err := tlsa.Parse(in)
		if err != nil {
			if strings.ContainsFunc(err.Error(), func(c rune) bool { return c < ' ' }) {
				t.Errorf("Parse(%q) error = %q, which is not fit to be shown", in, err)
			}
			return
		}
		if again, err := tlsa.Parse(r.String()); err != nil || again != r || !r.IsValid() {
			t.Errorf("Parse(%q) = %v, %v, want %v", r, again, err, r)
		}
	})
}

func FuzzRecord(f *testing.F) {
	host, key := certificate(f, false)
	f.Add(armour("CERTIFICATE", host), int64(3), int64(0), int64(1))
	f.Add(armour("PUBLIC KEY", key), int64(2), int64(1), int64(2))
	f.Add("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", int64(0), int64(-1), int64(300))
	f.Fuzz(func(t *testing.T, text string, usage, selector, matching int64) {
		r, err := tlsa.Config{PEM: text, Usage: usage, Selector: selector, Matching: matching}.Record()
		if (err == nil) != r.IsValid() {
			t.Fatalf("Record of %q = %v, %v", text, r, err)
		}
		if err == nil {
			if again, err := tlsa.Parse(r.String()); err != nil || again != r {
				t.Errorf("Parse(%q) = %v, %v, want %v", r, again, err, r)
			}
		}
	})
}
