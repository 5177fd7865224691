package dkim_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
)

func parse(t testing.TB, txt string) dkim.Record {
	t.Helper()
	r, err := dkim.Parse(txt)
	if err != nil {
		t.Fatalf("Parse(%q): %v", txt, err)
	}
	return r
}

func TestCheck(t *testing.T) {
	t.Parallel()
	good := b64(spki(t, rsaKey(2048)))
	ed := b64(edKey())
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	type found struct {
		Level dkim.Level
		Code  dkim.Code
		Tag   string
	}
	tests := map[string]struct {
		in   string
		want []found
		text string // part of the first finding
	}{
		"RSA 2048":     {in: "p=" + good},
		"RSA 1023":     {"p=" + b64(spki(t, rsaKey(1023))), []found{{dkim.Error, dkim.KeyWeak, "p"}}, "has 1023 bits"},
		"RSA 1024":     {"p=" + b64(spki(t, rsaKey(1024))), []found{{dkim.Warning, dkim.KeyShort, "p"}}, "at least 2048"},
		"RSA 4096":     {in: "p=" + b64(spki(t, rsaKey(4096)))},
		"RSA 4097":     {"p=" + b64(spki(t, rsaKey(4097))), []found{{dkim.Warning, dkim.KeyLong, "p"}}, "over 4096"},
		"RSA, PKCS#1":  {"p=" + b64(x509.MarshalPKCS1PublicKey(rsaKey(2048))), []found{{dkim.Warning, dkim.KeyPKCS1, "p"}}, "SubjectPublicKeyInfo"},
		"Ed25519":      {in: "k=ed25519; p=" + ed},
		"revoked":      {"p=", []found{{dkim.Error, dkim.KeyRevoked, "p"}}, "revoked"},
		"type unknown": {"k=RSA; p=" + good, []found{{dkim.Error, dkim.KeyTypeUnknown, "k"}}, "lower case"},
		// What a page of a sender once showed for a sample: text of base64 that ends too early.
		"199 characters":          {"k=rsa; p=" + good[:199], []found{{dkim.Error, dkim.KeyMalformed, "p"}}, "truncated or mistyped: ask support again"},
		"no base64":               {"p=MII!", []found{{dkim.Error, dkim.KeyMalformed, "p"}}, "character 4, '!'"},
		"padding inside":          {"p=MII=MIIB", []found{{dkim.Error, dkim.KeyMalformed, "p"}}, "truncated or mistyped: ask support again"},
		"cut at four":             {"p=" + good[:200], []found{{dkim.Error, dkim.KeyMalformed, "p"}}, "truncated or mistyped: ask support again"},
		"octets behind the key":   {"p=" + b64(append(spki(t, rsaKey(2048)), 0)), []found{{dkim.Error, dkim.KeyMalformed, "p"}}, "further text: remove the text that starts with"},
		"Ed25519 called rsa":      {"k=rsa; p=" + b64(spki(t, edKey())), []found{{dkim.Error, dkim.KeyMalformed, "p"}}, "holds an Ed25519 key"},
		"ECDSA called rsa":        {"k=rsa; p=" + b64(spki(t, &ec.PublicKey)), []found{{dkim.Error, dkim.KeyMalformed, "p"}}, "ECDSA"},
		"RSA called Ed25519":      {"k=ed25519; p=" + good, []found{{dkim.Error, dkim.KeyMalformed, "p"}}, "holds an RSA key"},
		"Ed25519, 31 octets":      {"k=ed25519; p=" + b64(edKey()[:31]), []found{{dkim.Error, dkim.KeySize, "p"}}, "these are 31"},
		"Ed25519, SPKI":           {"k=ed25519; p=" + b64(spki(t, edKey())), []found{{dkim.Error, dkim.KeySize, "p"}}, "write p=" + ed},
		"test mode":               {"t=y:s; p=" + good, []found{{dkim.Note, dkim.TestMode, "t"}}, "not signed"},
		"other flags":             {in: "t=s; p=" + good},
		"SHA-1 only":              {"h=sha1; p=" + good, []found{{dkim.Error, dkim.HashWeak, "h"}}, "RFC 8301 §3.1"},
		"SHA-1 and SHA-256":       {in: "h=sha1:sha256; p=" + good},
		"not for mail":            {"s=tlsrpt; p=" + good, []found{{dkim.Error, dkim.NotForMail, "s"}}, "not for mail"},
		"for mail and others":     {in: "s=tlsrpt:email; p=" + good},
		"for all services":        {in: "s=*; p=" + good},
		"worst first":             {"t=y; h=sha1; p=" + b64(spki(t, rsaKey(1024))), []found{{dkim.Error, dkim.HashWeak, "h"}, {dkim.Warning, dkim.KeyShort, "p"}, {dkim.Note, dkim.TestMode, "t"}}, "sha1"},
		"escapes are shown safe":  {"k=x-x; p=" + good, []found{{dkim.Error, dkim.KeyTypeUnknown, "k"}}, "x-x"},
		"blanks inside the key":   {in: "p=" + good[:100] + " " + good[100:]},
		"revoked, and a test too": {"t=y; p=", []found{{dkim.Error, dkim.KeyRevoked, "p"}, {dkim.Note, dkim.TestMode, "t"}}, "revoked"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := parse(t, tt.in).Check()
			var got []found
			for _, f := range findings {
				got = append(got, found{f.Level, f.Code, f.Tag})
				if !strings.HasSuffix(f.Text, ".") {
					t.Errorf("Check(%q) text %q is no sentence", tt.in, f.Text)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Fatalf("Check(%q) (-want +got):\n%s", tt.in, diff)
			}
			if len(findings) > 0 && !strings.Contains(findings[0].Text, tt.text) {
				t.Errorf("Check(%q) text = %q, want %q in it", tt.in, findings[0].Text, tt.text)
			}
		})
	}
}

func TestCheckZero(t *testing.T) {
	t.Parallel()
	got := dkim.Record{}.Check()
	if len(got) != 1 || got[0].Code != dkim.KeyMissing || got[0].Level != dkim.Error {
		t.Errorf("Record{}.Check() = %+v, want %s alone", got, dkim.KeyMissing)
	}
}

func TestLevelString(t *testing.T) {
	t.Parallel()
	for level, want := range map[dkim.Level]string{dkim.Note: "note", dkim.Warning: "warning", dkim.Error: "error"} {
		if got := level.String(); got != want {
			t.Errorf("Level(%d).String() = %q, want %q", level, got, want)
		}
	}
}

func TestPublicKey(t *testing.T) {
	t.Parallel()
	want := rsaKey(2048)
	for name, der := range map[string][]byte{"SPKI": spki(t, want), "PKCS#1": x509.MarshalPKCS1PublicKey(want)} {
		got, err := parse(t, "p="+b64(der)).PublicKey()
		if public, ok := got.(*rsa.PublicKey); err != nil || !ok || !public.Equal(want) {
			t.Errorf("PublicKey() of the %s form = %v, %v, want %v", name, got, err, want)
		}
	}
	if got, err := parse(t, "k=ed25519; p="+b64(edKey())).PublicKey(); err != nil || !edKey().Equal(got) {
		t.Errorf("PublicKey() = %v, %v, want %v", got, err, edKey())
	}
	_, err := parse(t, "p=").PublicKey()
	var key *dkim.KeyError
	if !errors.As(err, &key) || key.Code != dkim.KeyRevoked || strings.HasSuffix(err.Error(), ".") {
		t.Errorf("PublicKey() error = %v, want a *KeyError with %s and no full stop", err, dkim.KeyRevoked)
	}
}

func TestSameKey(t *testing.T) {
	t.Parallel()
	whole := b64(spki(t, rsaKey(2048)))
	pkcs1 := b64(x509.MarshalPKCS1PublicKey(rsaKey(2048)))
	other := b64(spki(t, rsaKey(2047)))
	tests := map[string]struct {
		a, b             string
		same, equivalent bool
	}{
		"equal":                {"p=" + whole, "v=DKIM1; k=rsa; p=" + whole, true, true},
		"PKCS#1 and SPKI":      {"p=" + pkcs1, "p=" + whole, true, false},
		"PKCS#1 in both":       {"p=" + pkcs1, "k=rsa; p=" + pkcs1, true, true},
		"other keys":           {"p=" + whole, "p=" + other, false, false},
		"truncated, equal":     {"p=MIIB", "p=MI IB", true, true},
		"truncated, other":     {"p=MIIB", "p=MIIC", false, false},
		"types differ":         {"k=ed25519; p=MIIB", "k=rsa; p=MIIB", false, false},
		"both revoked":         {"p=", "v=DKIM1; p=", false, true},
		"one revoked":          {"p=", "p=" + whole, false, false},
		"default service":      {"s=*; p=" + whole, "p=" + whole, true, true},
		"other service":        {"s=email; p=" + whole, "p=" + whole, true, false},
		"order of hashes":      {"h=sha1:sha256; p=" + whole, "h=sha256:sha1; p=" + whole, true, true},
		"a hash twice":         {"h=sha256:sha256; p=" + whole, "h=sha256; p=" + whole, true, true},
		"SHA-256 named":        {"h=sha256; p=" + whole, "p=" + whole, true, true},
		"SHA-256 among others": {"h=sha1:sha256:x; p=" + whole, "p=" + whole, true, true},
		"SHA-1 alone":          {"h=sha1; p=" + whole, "p=" + whole, true, false},
		"hashes differ":        {"h=sha1; p=" + whole, "h=sha256; p=" + whole, true, false},
		"strict, other order":  {"t=s:y; p=" + whole, "t=y:s; p=" + whole, true, true},
		"one is strict":        {"t=s; p=" + whole, "p=" + whole, true, false},
		"strict, and testing":  {"t=s; p=" + whole, "t=y; p=" + whole, true, false},
		"notes, flags differ":  {"n=old; t=y; x=1; p=" + whole, "n=new; p=" + whole, true, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := parse(t, tt.a), parse(t, tt.b)
			if got := a.SameKey(b); got != tt.same || b.SameKey(a) != got {
				t.Errorf("SameKey(%q, %q) = %t, want %t both ways", tt.a, tt.b, got, tt.same)
			}
			if got := a.Equivalent(b); got != tt.equivalent || b.Equivalent(a) != got {
				t.Errorf("Equivalent(%q, %q) = %t, want %t both ways", tt.a, tt.b, got, tt.equivalent)
			}
		})
	}
	var zero dkim.Record
	if zero.SameKey(zero) || zero.Equivalent(zero) || zero.Fingerprint() != (dkim.Fingerprint{}) {
		t.Error("the zero Record has a key")
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	whole := b64(spki(t, rsaKey(2048)))
	for in, want := range map[string]string{
		"t=y; p=" + b64(x509.MarshalPKCS1PublicKey(rsaKey(2048))): "v=DKIM1; k=rsa; t=y; p=" + whole,
		"p=" + whole:                   "v=DKIM1; k=rsa; p=" + whole,
		"p=MIIB":                       "v=DKIM1; k=rsa; p=MIIB",
		"p=":                           "v=DKIM1; k=rsa; p=",
		"k=ed25519; p=" + b64(edKey()): "v=DKIM1; k=ed25519; p=" + b64(edKey()),
	} {
		if got := parse(t, in).Canonical().String(); got != want {
			t.Errorf("Canonical(%q) = %q, want %q", in, got, want)
		}
	}
}
