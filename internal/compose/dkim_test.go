package compose_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

// A pair is a public key in both forms.
type pair struct{ pem, value string }

func rsaKey(t *testing.T, bits int) pair {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return pair{string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)}
}

func edKey(t *testing.T) pair {
	t.Helper()
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return pair{string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}
}

func TestDKIM(t *testing.T) {
	t.Parallel()
	strong, weak, edwards := rsaKey(t, 2048), rsaKey(t, 1024), edKey(t)
	tests := map[string]struct {
		config   compose.Config
		records  map[string]string
		warnings []string
	}{
		"nothing": {records: map[string]string{}},
		"services and keys side by side": {
			config: compose.Config{
				Services: map[string]compose.Service{
					"acme":     {Template: acme},
					"catglobe": catglobe("dkim_selector=cg1", "dkim_target=t.catglobe.example"),
				},
				Keys: map[string]compose.Key{"a": {PublicKey: strong.pem}, "b": {CNAME: "b.example.net"}, "c": {PublicKey: edwards.pem}},
			},
			records: map[string]string{
				"example.com/acme/cname-acme._domainkey": "acme._domainkey.example.com CNAME k.acme.example",
				"example.com/catglobe/dkim":              "cg1._domainkey.example.com CNAME t.catglobe.example",
				"example.com/keys/a":                     "a._domainkey.example.com TXT " + strong.value,
				"example.com/keys/b":                     "b._domainkey.example.com CNAME b.example.net",
				"example.com/keys/c":                     "c._domainkey.example.com TXT " + edwards.value,
			},
		},
		"two services with one record": {
			config: compose.Config{Services: map[string]compose.Service{
				"one": catglobe("dkim_selector=cg1", "dkim_target=t.catglobe.example"),
				"two": catglobe("dkim_selector=CG1", "dkim_target=T.catglobe.example."),
			}},
			records: map[string]string{
				"example.com/one/dkim": "cg1._domainkey.example.com CNAME t.catglobe.example",
				"example.com/two/dkim": "cg1._domainkey.example.com CNAME t.catglobe.example",
			},
			warnings: []string{`services: One record under two keys`},
		},
		"a short key is a warning": {
			config:   compose.Config{Keys: map[string]compose.Key{"a": {Record: weak.value}}},
			records:  map[string]string{"example.com/keys/a": "a._domainkey.example.com TXT " + weak.value},
			warnings: []string{`keys["a"].record: Weak or unusual DKIM key`},
		},
		"one key twice": {
			config: compose.Config{Keys: map[string]compose.Key{"a": {Record: strong.value}, "b": {PublicKey: strong.pem}, "c": {Record: edwards.value}}},
			records: map[string]string{
				"example.com/keys/a": "a._domainkey.example.com TXT " + strong.value,
				"example.com/keys/b": "b._domainkey.example.com TXT " + strong.value,
				"example.com/keys/c": "c._domainkey.example.com TXT " + edwards.value,
			},
			warnings: []string{"keys: One DKIM key under several selectors"},
		},
		"only Ed25519": {
			config:   compose.Config{Keys: map[string]compose.Key{"a": {PublicKey: edwards.pem}}},
			records:  map[string]string{"example.com/keys/a": "a._domainkey.example.com TXT " + edwards.value},
			warnings: []string{"keys: Only Ed25519 keys"},
		},
		"the key of a service is checked as well": {
			config: compose.Config{Services: map[string]compose.Service{
				"google_workspace": {Variables: map[string]string{"dkim_record": weak.value}},
			}},
			records:  map[string]string{"example.com/google_workspace/dkim": "google._domainkey.example.com TXT " + weak.value},
			warnings: []string{`services["google_workspace"].variables: Weak or unusual DKIM key`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Domain = domain
			got, err := compose.DKIM(tt.config)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.records, values(got.Records)); diff != "" {
				t.Errorf("DKIM records: -want +got\n%s", diff)
			}
			if diff := cmp.Diff(tt.warnings, problems(got.Warnings)); diff != "" {
				t.Errorf("DKIM warnings: -want +got\n%s", diff)
			}
		})
	}
}

func TestDKIMProblems(t *testing.T) {
	t.Parallel()
	strong := rsaKey(t, 2048)
	config := compose.Config{
		Domain:   domain,
		Services: map[string]compose.Service{"catglobe": catglobe("dkim_selector=cg1", "dkim_target=t.catglobe.example")},
		Keys: map[string]compose.Key{
			"a":   {},
			"b":   {Record: strong.value, CNAME: "x.example"},
			"c d": {Record: strong.value},
			"cg1": {Record: strong.value},
			"e":   {CNAME: "not a name"},
			"f":   {Record: "hello"},
			"g":   {Record: strong.value[:200]},
			"h":   {PublicKey: "-----BEGIN RSA PRIVATE KEY-----"},
		},
	}
	_, err := compose.DKIM(config)
	var ps compose.Problems
	if !errors.As(err, &ps) {
		t.Fatalf("DKIM error = %v, want Problems", err)
	}
	want := []string{
		`keys["a"]: DKIM key without a single source`,
		`keys["b"]: DKIM key without a single source`,
		`keys["c d"]: Invalid DKIM selector`,
		`keys["e"].cname: Invalid DKIM record`,
		`keys["f"].record: Invalid DKIM key record`,
		`keys["g"].record: DKIM key that receivers reject`,
		`keys["h"].public_key: Invalid public key`,
		`keys: Two DKIM records with one selector`,
	}
	if diff := cmp.Diff(want, problems(ps)); diff != "" {
		t.Errorf("DKIM problems: -want +got\n%s", diff)
	}
}

// What is no PEM is named, with the argument that takes it.
func TestDKIMPublicKeyOfOtherForms(t *testing.T) {
	t.Parallel()
	strong, edwards := rsaKey(t, 2048), edKey(t)
	base := strings.TrimPrefix(strong.value, "v=DKIM1; k=rsa; p=")
	tests := map[string]struct{ in, want string }{
		"record":            {strong.value, "a DKIM key record; give it as `record`"},
		"record in quotes":  {`"` + strong.value + `"`, "a DKIM key record; give it as `record`"},
		"line of a zone":    {"s1._domainkey IN TXT " + strong.value, "a DKIM key record; give it as `record`"},
		"truncated record":  {strong.value[:100], "a DKIM key record; give it as `record`"},
		"base64":            {base, "give it as `record`, with \"v=DKIM1; k=rsa; p=\" before it"},
		"base64 in lines":   {base[:64] + "\n" + base[64:] + "\n", "give it as `record`, with \"v=DKIM1; k=rsa; p=\" before it"},
		"base64 of Ed25519": {strings.TrimPrefix(edwards.value, "v=DKIM1; k=ed25519; p="), "give it as `record`, with \"v=DKIM1; k=ed25519; p=\" before it"},
		"name of a file":    {"s1.pem", "file() reads it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := compose.DKIM(compose.Config{Domain: domain, Keys: map[string]compose.Key{"s1": {PublicKey: tt.in}}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("DKIM with public_key = %q: error %v, want %q in it", tt.in, err, tt.want)
			}
			// What is said is followed.
			if _, tags, found := strings.Cut(tt.want, `"`); found {
				tags, _, _ = strings.Cut(tags, `"`)
				tt.in = tags + tt.in
			} else if !strings.Contains(tt.want, "give it as") || strings.HasPrefix(name, "truncated") {
				return
			}
			if strings.Contains(tt.in, "\n") {
				tt.in = strings.ReplaceAll(tt.in, "\n", "")
			}
			if _, err := compose.DKIM(compose.Config{Domain: domain, Keys: map[string]compose.Key{"s1": {Record: tt.in}}}); err != nil {
				t.Errorf("DKIM with record = %q: %v", tt.in, err)
			}
		})
	}
}

// A selector has one record, whoever asks for it.
func TestDKIMSelectorOfTwoServices(t *testing.T) {
	t.Parallel()
	_, err := compose.DKIM(compose.Config{Domain: domain, Services: map[string]compose.Service{
		"one": catglobe("dkim_selector=cg1", "dkim_target=a.catglobe.example"),
		"two": catglobe("dkim_selector=cg1", "dkim_target=b.catglobe.example"),
	}})
	var ps compose.Problems
	if !errors.As(err, &ps) || !errors.Is(err, compose.ErrConflict) {
		t.Fatalf("DKIM error = %v, want a conflict", err)
	}
	if diff := cmp.Diff([]string{`services: Two DKIM records with one selector`}, problems(ps)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	for _, want := range []string{`services["one"]`, "cg1._domainkey.example.com CNAME a.catglobe.example", "RFC 6376 §3.6.2.2", `services["two"].groups to ["spf"] (without "dkim")`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("DKIM error = %v, want %q in it", err, want)
		}
	}
}

// A line of a zone file that is the record of another name is told of.
func TestDKIMKeyOfAnotherName(t *testing.T) {
	t.Parallel()
	for line, says := range map[string]string{
		"s1._domainkey.example.com. 300 IN TXT %q": "",
		"S1._domainkey.Example.com. IN TXT %q":     "",
		"s1._domainkey IN TXT %q":                  "",
		"s1._domainkey.example.com IN TXT %q":      "",
		"s1 TXT ( %q )":                            "",
		"@ IN TXT %q":                              "",
		"IN TXT %q":                                "",
		"%q":                                       "",
		"s2._domainkey IN TXT %q":                  `"s2._domainkey"`,
		"s2._domainkey.example.com. IN TXT %q":     `"s2._domainkey.example.com."`,
		"s1._domainkey.example.net. 300 IN TXT %q": `"s1._domainkey.example.net."`,
		"s1._domainkey.example.net 300 IN TXT %q":  `"s1._domainkey.example.net"`,
		"s1._domainkey. IN TXT %q":                 `"s1._domainkey."`,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			got, err := compose.DKIM(compose.Config{Domain: domain, Keys: map[string]compose.Key{"s1": {Record: fmt.Sprintf(line, ed25519Key)}}})
			if err != nil {
				t.Fatal(err)
			}
			told := ""
			for _, w := range got.Warnings {
				if strings.Contains(w.Detail, "The line is the record of") {
					told += w.Detail
				}
			}
			if (told != "") != (says != "") || !strings.Contains(told, says) {
				t.Errorf("warning = %q, want one that says %q", told, says)
			}
		})
	}
}
