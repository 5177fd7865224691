package discover_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/discover"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

const aKey = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

// What is live in public zones, and what is made of it.
func TestDiscoverCases(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		zone []string
		// services, keys and mechanisms as lines; unknown as "kind value guess".
		services, keys, mechanisms, unknown []string
		existing, all                       string
	}{
		"nothing": {},
		"two services and an office": {
			zone: []string{
				"example.com TXT v=spf1 ip4:192.0.2.25 include:spf.protection.outlook.com include:sendgrid.net ~all",
				"example.com MX 0 example-com.mail.protection.outlook.com",
				"selector1._domainkey.example.com CNAME selector1-example-com._domainkey.acme.onmicrosoft.com",
				"selector2._domainkey.example.com CNAME selector2-example-com._domainkey.acme.onmicrosoft.com",
			},
			services:   []string{`microsoft365 ["spf" "dkim" "mx"] map[mx_target:example-com.mail.protection.outlook.com tenant:acme]`, `sendgrid ["manual"] map[]`},
			mechanisms: []string{"ip4:192.0.2.25"}, unknown: []string{"term ip4:192.0.2.25 "},
			existing: "v=spf1 ip4:192.0.2.25 include:spf.protection.outlook.com include:sendgrid.net ~all", all: "softfail",
		},
		"in the order of services and terms": {
			zone:       []string{"example.com TXT v=spf1 include:_spf.google.com ip4:192.0.2.25 -all"},
			services:   []string{`google_workspace ["spf"] map[]`},
			mechanisms: []string{"ip4:192.0.2.25"}, unknown: []string{"term ip4:192.0.2.25 "}, all: "fail",
		},
		"one of two keys of a service": {
			zone: []string{"k2._domainkey.example.com CNAME dkim2.mcsv.net"},
			keys: []string{"k2 dkim2.mcsv.net"}, unknown: []string{"key dkim2.mcsv.net mailchimp"},
		},
		"a key by elimination": {
			zone:     []string{"example.com TXT v=spf1 include:spf.infomaniak.ch -all", "given._domainkey.example.com TXT " + aKey},
			services: []string{`infomaniak [] map[dkim_record:` + aKey + ` dkim_selector:given]`}, all: "fail",
		},
		"two services that a key may be of": {
			zone: []string{
				"example.com TXT v=spf1 include:spf.infomaniak.ch include:mktomail.com -all", "given._domainkey.example.com TXT " + aKey,
			},
			services: []string{`infomaniak ["spf"] map[]`, `marketo ["spf"] map[]`}, keys: []string{"given " + aKey}, unknown: []string{"key " + aKey + " "}, all: "fail",
		},
		"an older form of a term": {
			zone:     []string{"example.com TXT v=spf1 redirect=_spf.yandex.net"},
			existing: "v=spf1 redirect=_spf.yandex.net", unknown: []string{"term redirect=_spf.yandex.net yandex"},
			mechanisms: []string{"redirect=_spf.yandex.net"},
		},
		"a term with another qualifier": {
			zone:       []string{"example.com TXT v=spf1 ?include:_spf.google.com -all"},
			mechanisms: []string{"?include:_spf.google.com"}, unknown: []string{"term ?include:_spf.google.com google_workspace"}, all: "fail",
		},
		"a term near a service": {
			zone:       []string{"example.com TXT v=spf1 include:spf.mailgun.org -all"},
			mechanisms: []string{"include:spf.mailgun.org"}, unknown: []string{"term include:spf.mailgun.org mailgun"}, all: "fail",
		},
		"two SPF records": {
			zone:    []string{"example.com TXT v=spf1 -all", "example.com TXT v=spf1 mx -all"},
			unknown: []string{"fault v=spf1 -all\nv=spf1 mx -all "},
		},
		"a broken SPF record": {
			zone: []string{"example.com TXT v=spf1 ip4:300.1.1.1 -all"}, unknown: []string{"fault v=spf1 ip4:300.1.1.1 -all "},
		},
		"a broken key": {
			zone: []string{"s1._domainkey.example.com TXT v=DKIM1; p=MIIB"}, unknown: []string{"fault v=DKIM1; p=MIIB "},
		},
		"two keys at a selector": {
			zone:    []string{"s1._domainkey.example.com TXT " + aKey, "s1._domainkey.example.com TXT v=DKIM1; p="},
			unknown: []string{"fault v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\nv=DKIM1; p= "},
		},
		"a wildcard key": {
			zone:    []string{"*._domainkey.example.com TXT v=DKIM1; p=", "google._domainkey.example.com TXT " + aKey},
			keys:    []string{"google " + aKey},
			unknown: []string{"key v=DKIM1; p= ", "key " + aKey + " google_workspace"},
		},
		"a verification token": {zone: []string{"example.com TXT MS=ms12345"}, unknown: []string{"text MS=ms12345 "}},
		"mail hosts of nobody": {zone: []string{"example.com MX 10 mx.example.net"}, unknown: []string{"mx 10 mx.example.net "}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustDiscover(t, discover.Query{Domain: example, Selectors: []string{"given"}}, newZone(tt.zone...))
			var services, keys, unknown []string
			for id, s := range got.Config.Services {
				services = append(services, fmt.Sprintf("%s %q %v", id, s.Groups, s.Variables))
			}
			for selector, k := range got.Config.Keys {
				keys = append(keys, selector+" "+k.CNAME+k.Record)
			}
			for _, u := range got.Unknown {
				unknown = append(unknown, fmt.Sprintf("%s %s %s", u.Kind, u.Value, u.Guess))
				if !strings.HasSuffix(u.Why, ".") {
					t.Errorf("unknown %v: %q is not a sentence", u.Value, u.Why)
				}
			}
			slices.Sort(services)
			want := []any{tt.services, tt.keys, tt.mechanisms, tt.unknown, tt.existing, tt.all}
			if diff := gocmp.Diff(want, []any{services, keys, got.Mechanisms, unknown, got.Config.Existing, string(got.Config.All)}); diff != "" {
				t.Errorf("Discover(%q) (-want +got):\n%s", tt.zone, diff)
			}
			if _, err := compose.Records(got.Config); err != nil {
				t.Errorf("Records of the configuration: %v", err)
			}
		})
	}
}

// Policies are read, and what receivers ignore is said.
func TestDiscoverPolicies(t *testing.T) {
	t.Parallel()
	got := mustDiscover(t, discover.Query{Domain: example}, newZone(
		"_dmarc.example.com TXT v=DMARC1; p=quarantine; sp=reject", "_mta-sts.example.com TXT v=STSv1; id=2026", "_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto",
		"default._bimi.example.com TXT v=BIMI1; l=; a=;"))
	var policies []string
	for _, p := range got.Policies {
		policies = append(policies, p.Name+" "+p.Value+": "+p.Says+map[bool]string{true: "ignored"}[p.Fault != ""])
	}
	want := []string{
		"bimi v=BIMI1; l=; a=;: The domain declines to have a logo.",
		"dmarc v=DMARC1; p=quarantine; sp=reject: Receivers are asked to treat mail as suspicious that fails DMARC at the domain (quarantine), its subdomains (reject) and names that do not exist (reject).",
		"mta_sts v=STSv1; id=2026: There is an MTA-STS policy with the id 2026.",
		"tls_rpt v=TLSRPTv1; rua=mailto: ignored",
	}
	if diff := gocmp.Diff(want, policies); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
}

// Below a _domainkey that does not exist, nothing is asked (RFC 8020); where it exists, each selector is asked once.
func TestDiscoverQuestions(t *testing.T) {
	t.Parallel()
	count := func(z *zone, part string) (n int) {
		for _, asked := range z.asked {
			if strings.Contains(asked, part) {
				n++
			}
		}
		return n
	}
	z := newZone("example.com TXT v=spf1 -all")
	mustDiscover(t, discover.Query{Domain: example, Selectors: []string{"a", "b"}}, z)
	if n := count(z, "_domainkey"); n != 3 || len(z.asked) > 12 { // The name itself, and what the user names.
		t.Errorf("%d questions about _domainkey, %d in all, want 3 of at most 12: %q", n, len(z.asked), z.asked)
	}
	z = newZone("a._domainkey.example.com CNAME a.example.net", "k2._domainkey.example.com CNAME b.example.net")
	z.denies = "_domainkey.example.com"
	if got := mustDiscover(t, discover.Query{Domain: example, Selectors: []string{"a"}}, z); len(got.Config.Keys) != 2 {
		t.Errorf("keys = %v, want those below a name that the servers deny", got.Config.Keys)
	}
	z = newZone("a._domainkey.example.com CNAME a.example.net")
	mustDiscover(t, discover.Query{Domain: example, Selectors: []string{"a", "a"}}, z)
	if n := count(z, "a._domainkey.example.com CNAME"); n < 1 {
		t.Errorf("the selector was not asked: %q", z.asked)
	}
	seen := make(map[string]bool)
	for _, q := range z.asked {
		if seen[q] {
			t.Errorf("%s was asked twice", q)
		}
		seen[q] = true
	}
}

// Without the domain's own records there is no configuration; what else cannot be read is told.
func TestDiscoverUnread(t *testing.T) {
	t.Parallel()
	z := newZone("example.com TXT v=spf1 -all", "s1._domainkey.example.com CNAME a.example.net")
	z.fails = map[string]answer.Outcome{"s1._domainkey.example.com CNAME": answer.Timeout}
	got := mustDiscover(t, discover.Query{Domain: example}, z)
	if len(got.Unresolved) != 1 || !strings.Contains(got.Unresolved[0].Subject, "s1._domainkey.example.com CNAME") || !strings.Contains(got.Unresolved[0].Why, "no answer in time") {
		t.Errorf("unresolved = %v, want the selector that is silent", got.Unresolved)
	}
	z.fails = map[string]answer.Outcome{"example.com TXT": answer.ServFail}
	_, err := discover.Discover(t.Context(), discover.Query{Domain: example}, z)
	if problems, ok := errors.AsType[compose.Problems](err); !ok || problems[0].Path.String() != "domain" || !strings.Contains(err.Error(), "SERVFAIL") {
		t.Errorf("Discover = %v, want a problem of the domain", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := discover.Discover(ctx, discover.Query{Domain: example}, z); !errors.Is(err, context.Canceled) {
		t.Errorf("Discover = %v, want the context's error", err)
	}
}

// The TTL that all live records have is that of the configuration; several are told.
func TestDiscoverTTL(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		txt, cname, want uint32
		told             bool
	}{
		"one": {300, 300, 300, false}, "the usual one": {3600, 3600, 0, false}, "two": {300, 600, 300, true}, "one of the services": {3600, 600, 0, true}, "none": {0, 0, 0, true}, "none beside another": {300, 0, 300, true}, "none beside the usual one": {0, 3600, 0, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := newZone("example.com TXT v=spf1 -all", "k2._domainkey.example.com CNAME a.example.net")
			z.ttls = map[record.Type]uint32{record.TXT: tt.txt, record.CNAME: tt.cname}
			got := mustDiscover(t, discover.Query{Domain: example}, z)
			told := slices.ContainsFunc(got.Unresolved, func(u discover.Unresolved) bool { return u.Subject == "ttl" })
			if got.Config.TTL != tt.want || told != tt.told {
				t.Errorf("TTL = %d, unresolved %v, want %d, told: %t", got.Config.TTL, got.Unresolved, tt.want, tt.told)
			}
			if want := cmp.Or(tt.want, 3600); got.Records["example.com/spf"].TTL != want {
				t.Errorf("the record has the TTL %d, want %d", got.Records["example.com/spf"].TTL, want)
			}
		})
	}
}
