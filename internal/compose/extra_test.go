package compose_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

func TestExtra(t *testing.T) {
	t.Parallel()
	got, err := compose.Records(compose.Config{
		Domain: domain, TTL: 600, All: merge.AllFail,
		Extra: map[string]compose.Extra{
			"google": {Name: "@", Type: "TXT", Value: "google-site-verification=abc"},
			"mx1":    {Name: "@", Type: "MX", Value: "10 mail.example.com"},
			"mx2":    {Name: "@", Type: "MX", Value: "20 mail2.example.com"},
			"mail":   {Name: "Mail", Type: "A", Value: "192.0.2.25", TTL: 60},
			"imaps":  {Name: "_imaps._tcp", Type: "SRV", Value: "0 1 993 mail.example.com."},
			"later":  {Name: "x", Type: "TXT", PendingValue: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"example.com/spf":          "example.com TXT v=spf1 -all",
		"example.com/extra/google": "example.com TXT google-site-verification=abc",
		"example.com/extra/mx1":    "example.com MX 10 mail.example.com",
		"example.com/extra/mx2":    "example.com MX 20 mail2.example.com",
		"example.com/extra/mail":   "mail.example.com A 192.0.2.25",
		"example.com/extra/imaps":  "_imaps._tcp.example.com SRV 0 1 993 mail.example.com",
		"example.com/extra/later":  "x.example.com TXT ",
	}
	if diff := cmp.Diff(want, values(got.Records)); diff != "" {
		t.Errorf("Records: -want +got\n%s", diff)
	}
	if ttl := [2]uint32{got.Records["example.com/extra/mail"].TTL, got.Records["example.com/extra/mx1"].TTL}; ttl != [2]uint32{60, 600} {
		t.Errorf("TTLs = %v, want that of the record, and that of the configuration", ttl)
	}
	if !got.Pending["example.com/extra/later"].Value || len(got.Pending) != 1 || len(got.Warnings) > 0 {
		t.Errorf("Pending = %v, Warnings = %v, want one value that is known later", got.Pending, got.Warnings)
	}
}

func TestExtraProblems(t *testing.T) {
	t.Parallel()
	services := map[string]compose.Service{"s": {Template: acme}}
	tests := map[string]struct {
		id    string
		extra compose.Extra
		path  string
		says  string
	}{
		"SPF":                    {"x", compose.Extra{Name: "@", Type: "TXT", Value: "v=spf1 -all"}, `extra["x"].value`, "give it as `existing`"},
		"a DKIM key":             {"x", compose.Extra{Name: "s1._domainkey", Type: "TXT", Value: "k=rsa; p=MIIB"}, `extra["x"].value`, "one of the `keys`"},
		"an alias of a DKIM key": {"x", compose.Extra{Name: "s1._domainkey", Type: "CNAME", Value: "k.acme.example"}, `extra["x"].value`, "one of the `keys`"},
		"DMARC":                  {"x", compose.Extra{Name: "_dmarc", Type: "TXT", Value: "v=DMARC1; p=none"}, `extra["x"].value`, "give it as `dmarc`"},
		"MTA-STS":                {"x", compose.Extra{Name: "_mta-sts", Type: "TXT", Value: "v=STSv1; id=1"}, `extra["x"].value`, "give it as `mta_sts`"},
		"TLS reporting":          {"x", compose.Extra{Name: "_smtp._tls", Type: "TXT", Value: "v=TLSRPTv1; rua=mailto:a@example.com"}, `extra["x"].value`, "give it as `tls_rpt`"},
		"BIMI":                   {"x", compose.Extra{Name: "default._bimi", Type: "TXT", Value: "v=BIMI1; l="}, `extra["x"].value`, "give it as `bimi`"},
		"reports of others":      {"x", compose.Extra{Name: "example.org._report._dmarc", Type: "TXT", Value: "v=DMARC1;"}, "", ""},
		"an unknown type":        {"x", compose.Extra{Name: "@", Type: "SPF", Value: "x"}, `extra["x"].type`, "it must be TXT"},
		"an empty name":          {"x", compose.Extra{Type: "TXT", Value: "x"}, `extra["x"].name`, `write "@"`},
		"the domain twice":       {"x", compose.Extra{Name: "mail.example.com", Type: "A", Value: "192.0.2.1"}, `extra["x"].name`, `write "mail"`},
		"a name with blanks":     {"x", compose.Extra{Name: "a b", Type: "A", Value: "192.0.2.1"}, `extra["x"].name`, "cannot have"},
		"no address":             {"x", compose.Extra{Name: "mail", Type: "A", Value: "mail.example.com"}, `extra["x"].value`, "192.0.2.1"},
		"CNAME at the domain":    {"x", compose.Extra{Name: "@", Type: "CNAME", Value: "a.acme.example"}, `extra["x"].type`, "RFC 1034"},
		"an alias of itself":     {"x", compose.Extra{Name: "a", Type: "CNAME", Value: "a.example.com"}, `extra["x"].value`, "lead to itself"},
		"a slash in the name":    {"a/b", compose.Extra{Name: "a", Type: "TXT", Value: "x"}, `extra["a/b"]`, "no slash"},
		"a DKIM key of a host":   {"x", compose.Extra{Name: "s1._domainkey.news", Type: "CNAME", Value: "k.acme.example"}, "", ""},
		"a name of a service":    {"x", compose.Extra{Name: "acme._domainkey.x", Type: "A", Value: "192.0.2.1"}, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := compose.Records(compose.Config{Domain: domain, Services: services, Extra: map[string]compose.Extra{tt.id: tt.extra}})
			problems, _ := errors.AsType[compose.Problems](err)
			if tt.path == "" {
				if err != nil {
					t.Errorf("Records: %v", err)
				}
				return
			}
			if len(problems) != 1 || problems[0].Path.String() != tt.path || !strings.Contains(problems[0].Detail, tt.says) {
				t.Errorf("problems = %v, want one at %s that says %q", problems, tt.path, tt.says)
			}
		})
	}
}

// An extra record and one of a service, or two extra records, do not stand beside each other where no zone holds both.
func TestExtraConflicts(t *testing.T) {
	t.Parallel()
	web := map[string]compose.Service{"s": {Template: strings.ReplaceAll(acme, "acme._domainkey", "bounce")}}
	for name, extra := range map[string]map[string]compose.Extra{
		"with a service": {"x": {Name: "bounce", Type: "TXT", Value: "x"}},
		"of one's own":   {"x": {Name: "a", Type: "CNAME", Value: "a.acme.example"}, "y": {Name: "a", Type: "TXT", Value: "y"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := compose.Records(compose.Config{Domain: domain, Services: web, Extra: extra})
			problems, _ := errors.AsType[compose.Problems](err)
			if len(problems) != 1 || problems[0].Path.String() != "extra" || !errors.Is(err, compose.ErrConflict) || !strings.Contains(problems[0].Detail, "out of `extra`") {
				t.Errorf("problems = %v, want one conflict on extra that says what to take out", problems)
			}
		})
	}
}

// Verification tokens stand beside those of services, and beside the records of a parked domain.
func TestExtraBesideOthers(t *testing.T) {
	t.Parallel()
	token := map[string]compose.Extra{"token": {Name: "@", Type: "TXT", Value: "google-site-verification=x"}}
	proof := templated(`{"type": "TXT", "host": "@", "data": "MS=ms1", "ttl": 60}`)
	proof.Allow = []string{"*"}
	for name, c := range map[string]compose.Config{
		"a service": {Services: map[string]compose.Service{"s": proof}, All: merge.AllFail},
		"parked":    {Parked: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.Domain = domain
			without, err := compose.Records(c)
			if err != nil {
				t.Fatal(err)
			}
			c.Extra = token
			got, err := compose.Records(c)
			if err != nil || got.Records["example.com/extra/token"].Value != token["token"].Value || len(got.Records) != len(without.Records)+1 {
				t.Errorf("Records = %v, %v, want the token beside %v", values(got.Records), err, values(without.Records))
			}
		})
	}
	mail := map[string]compose.Extra{"mail": {Name: "@", Type: "MX", Value: "10 mx.example.net"}}
	if _, err := compose.Records(compose.Config{Domain: domain, Parked: true, Extra: mail}); !errors.Is(err, compose.ErrConflict) {
		t.Errorf("Records of a parked domain with an MX record: %v, want %v", err, compose.ErrConflict)
	}
}
