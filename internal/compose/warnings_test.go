package compose_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

const (
	ed25519Key = "k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI="
	// testKey is a key that receivers treat as if it were not there.
	testKey = ed25519Key + "; t=y"
)

// silentDNS answers nothing.
type silentDNS struct{ memory }

func (silentDNS) Lookup(context.Context, string, spf.RRType) ([]string, error) {
	return nil, errors.New("no answer in time")
}

// For each kind of warning, a configuration gives it, and two do not: the one that acknowledges it, and the one that is
// mended as the kind says.
func TestWarningsAreSettled(t *testing.T) {
	t.Parallel()
	template := func(records string) map[string]compose.Service {
		return map[string]compose.Service{"s": {Template: `{"providerId": "s.example", "providerName": "S", "serviceId": "s", "serviceName": "S", "records": [` + records + `]}`}}
	}
	sends := func(rules string) map[string]compose.Service {
		return template(fmt.Sprintf(`{"type": "SPFM", "host": "@", "spfRules": %q}`, rules))
	}
	long := make([]string, 45)
	for i := range long {
		long[i] = fmt.Sprintf("ip4:192.0.2.%d", 2*i+1)
	}
	dns := chain(memory{"wide.example": {"v=spf1 ip4:1.0.0.0/8 -all"}, "broken.example": {"v=spf1 ip4:x -all"}, "two.example": {"v=spf1 a -all", "v=spf1 mx -all"}}, "eight.example", 8)
	twins := map[string]compose.Service{"a": template(`{"type": "CNAME", "host": "x._domainkey", "pointsTo": "k.acme.example", "ttl": 600}`)["s"]}
	twins["b"] = twins["a"]
	yes, signed := true, map[string]compose.Key{"a": {CNAME: "k.acme.example"}}
	policy := func(c dmarc.Config) *dmarc.Config {
		c.AggregateReports = []string{"r@example.com"}
		return &c
	}
	tests := map[string]struct {
		config  compose.Config
		dns     compose.DNS
		settled func(*compose.Config) // nil: what is in DNS settles it
	}{
		"spf-ending": {config: compose.Config{Existing: "v=spf1 mx ~all"}, settled: func(c *compose.Config) { c.All = merge.AllFail }},
		"spf-redirect": {
			config:  compose.Config{Existing: "v=spf1 redirect=_spf.example.net", Mechanisms: []string{"mx"}, Options: merge.Options{All: merge.AllFail}},
			settled: func(c *compose.Config) { c.Existing = "v=spf1 include:_spf.example.net -all" },
		},
		"spf-dead-term": {config: compose.Config{Existing: "v=spf1 mx -all a"}, settled: func(c *compose.Config) { c.Existing = "v=spf1 mx -all" }},
		"spf-qualifiers": {
			config: compose.Config{Existing: "v=spf1 ?include:s.example -all", Services: sends("include:s.example")}, settled: func(c *compose.Config) { c.Existing = "" },
		},
		"spf-modifier": {config: compose.Config{Services: sends("include:s.example exp=x.s.example")}, settled: func(c *compose.Config) { c.Services = sends("include:s.example") }},
		"spf-remove":   {config: compose.Config{Existing: "v=spf1 mx -all", Remove: []string{"a:x.example"}}, settled: func(c *compose.Config) { c.Remove = nil }},
		"spf-length":   {config: compose.Config{Mechanisms: long}, settled: func(c *compose.Config) { c.Mechanisms = long[:3] }},
		"spf-wide": {
			config: compose.Config{Mechanisms: []string{"ip4:1.0.0.0/8"}}, settled: func(c *compose.Config) { c.Mechanisms = []string{"ip4:1.0.0.0/16"} },
		},
		"spf-adopted": {
			config: compose.Config{AdoptLive: true, Options: merge.Options{All: merge.AllFail}}, dns: memory{"example.com": {"v=spf1 a:old.example -all"}},
			settled: func(c *compose.Config) { c.Mechanisms = []string{"a:old.example"} },
		},
		"spf-former-record": {
			config: compose.Config{AdoptLive: true, Options: merge.Options{All: merge.AllFail}, Acknowledge: []string{"spf-adopted"}}, dns: memory{"example.com": {"v=spf1 include:_spf-flat.example.com -all"}, "_spf-flat.example.com": {"v=spf1 ip4:192.0.2.1 -all"}},
			settled: func(c *compose.Config) { c.Remove = []string{"include:_spf-flat.example.com"} },
		},
		"txt-answer-size": {
			config: compose.Config{AdoptLive: true, Options: merge.Options{All: merge.AllFail}}, dns: memory{"example.com": {"v=spf1 -all", strings.Repeat("x", 1300)}},
		},
		"spf-many-lookups": {config: compose.Config{Mechanisms: []string{"include:eight.example"}}, settled: func(c *compose.Config) { c.Flatten = []string{"eight.example"} }},
		"spf-family-limit": {
			config: compose.Config{Mechanisms: []string{"a:a.example", "a:b.example", "a:c.example"}}, dns: onlyIPv4{},
			settled: func(c *compose.Config) { c.Mechanisms = []string{"ip4:192.0.2.1"} },
		},
		"spf-permerror": {
			config: compose.Config{Mechanisms: []string{"include:broken.example"}, WarnOnPermError: true}, settled: func(c *compose.Config) { c.Mechanisms = []string{"mx"} },
		},
		"adopt-silent-servers": {
			config: compose.Config{AdoptLive: true, Options: merge.Options{All: merge.AllFail}}, dns: doubtful{memory{"example.com": {"v=spf1 -all"}}},
			settled: func(c *compose.Config) { c.AdoptLive, c.Existing = false, "v=spf1 -all" },
		},
		"spf-uncounted": {config: compose.Config{Mechanisms: []string{"include:a.example"}}, dns: silentDNS{}},
		"spf-none":      {config: compose.Config{Services: twins, Acknowledge: []string{"record-shared"}}, settled: func(c *compose.Config) { c.All = merge.AllFail }},
		"dkim-pasted": {
			config:  compose.Config{Keys: map[string]compose.Key{"s": {Record: `"` + ed25519Key + `"`}}, Acknowledge: []string{"dkim-ed25519-only"}},
			settled: func(c *compose.Config) { c.Keys = map[string]compose.Key{"s": {Record: ed25519Key}} },
		},
		"dkim-key": {
			config:  compose.Config{Keys: map[string]compose.Key{"s": {Record: testKey}}, Acknowledge: []string{"dkim-ed25519-only"}},
			settled: func(c *compose.Config) { c.Keys = map[string]compose.Key{"s": {Record: ed25519Key}} },
		},
		"dkim-key-twice": {
			config:  compose.Config{Keys: map[string]compose.Key{"a": {Record: ed25519Key}, "b": {Record: ed25519Key}}, Acknowledge: []string{"dkim-ed25519-only"}},
			settled: func(c *compose.Config) { c.Keys = map[string]compose.Key{"a": {Record: ed25519Key}} },
		},
		"dkim-ed25519-only": {
			config:  compose.Config{Keys: map[string]compose.Key{"a": {Record: ed25519Key}}},
			settled: func(c *compose.Config) { c.Keys = map[string]compose.Key{"a": {CNAME: "k.acme.example"}} },
		},
		"record-shared": {
			config: compose.Config{Services: twins, Options: merge.Options{All: merge.AllFail}}, settled: func(c *compose.Config) { c.Services = map[string]compose.Service{"a": twins["a"]} },
		},
		"service-own-zone": {
			config:  compose.Config{Domain: dnsname.MustParse("news.catglobe.com"), Services: map[string]compose.Service{"catglobe": {}}},
			settled: func(c *compose.Config) { c.Services, c.All = nil, merge.AllFail },
		},
		"service-left-out": {
			config:  compose.Config{Services: template(`{"type": "REDIR301", "host": "@", "target": "https://s.example"}, {"type": "SPFM", "host": "@", "spfRules": "include:s.example"}`)},
			settled: func(c *compose.Config) { c.Services = sends("include:s.example") },
		},
		"dkim-none-active": {
			config:  compose.Config{Keys: map[string]compose.Key{"a": {CNAME: "k.acme.example", State: compose.KeyPublished}}},
			settled: func(c *compose.Config) { c.Keys = signed },
		},
		"dmarc-no-dkim": {
			config: compose.Config{DMARC: policy(dmarc.Config{Policy: "reject"}), Acknowledge: []string{"dmarc-mailing-lists"}}, settled: func(c *compose.Config) { c.Keys = signed },
		},
		"dmarc-mailing-lists": {
			config: compose.Config{DMARC: policy(dmarc.Config{Policy: "reject"}), Keys: signed}, settled: func(c *compose.Config) { c.DMARC = policy(dmarc.Config{Policy: "quarantine"}) },
		},
		"dmarc-alignment": {
			config:  compose.Config{DMARC: policy(dmarc.Config{Policy: "none", SPFAlignment: "strict"}), Services: map[string]compose.Service{"activecampaign": {Groups: []string{"dkim"}}}, Options: merge.Options{All: merge.AllFail}},
			settled: func(c *compose.Config) { c.DMARC = policy(dmarc.Config{Policy: "none"}) },
		},
		"dmarc-external-reports": {
			config:  compose.Config{DMARC: &dmarc.Config{Policy: "none", AggregateReports: []string{"r@example.org"}}},
			settled: func(c *compose.Config) { c.DMARC = policy(dmarc.Config{Policy: "none"}) },
		},
		"dmarc-many-addresses": {
			config:  compose.Config{DMARC: &dmarc.Config{Policy: "none", AggregateReports: []string{"a@example.com", "b@example.com", "c@example.com"}}},
			settled: func(c *compose.Config) { c.DMARC = policy(dmarc.Config{Policy: "none"}) },
		},
		"dmarc-no-aggregate-reports": {
			config: compose.Config{DMARC: &dmarc.Config{Policy: "none"}}, settled: func(c *compose.Config) { c.DMARC = policy(dmarc.Config{Policy: "none"}) },
		},
		"dmarc-testing": {
			config: compose.Config{DMARC: policy(dmarc.Config{Policy: "quarantine", Testing: &yes})}, settled: func(c *compose.Config) { c.DMARC = policy(dmarc.Config{Policy: "quarantine"}) },
		},
		"dmarc-web-reports": {
			config:  compose.Config{DMARC: &dmarc.Config{Policy: "none", AggregateReports: []string{"https://r.example.com/x"}}},
			settled: func(c *compose.Config) { c.DMARC = policy(dmarc.Config{Policy: "none"}) },
		},
		"dmarc-weaker-subdomains": {
			config:  compose.Config{DMARC: policy(dmarc.Config{Policy: "quarantine", SubdomainPolicy: "none"}), Acknowledge: []string{}},
			settled: func(c *compose.Config) { c.DMARC = policy(dmarc.Config{Policy: "quarantine"}) },
		},
		"bimi-not-shown": {
			config:  compose.Config{DMARC: policy(dmarc.Config{Policy: "none"}), BIMI: &compose.BIMI{Config: bimi.Config{Logo: "https://example.com/logo.svg"}}},
			settled: func(c *compose.Config) { c.DMARC = policy(dmarc.Config{Policy: "quarantine"}) },
		},
		"extra-unread": {
			config: compose.Config{Extra: map[string]compose.Extra{"x": {Name: "@", Type: "TXT", Value: "v=STSv1; id=1"}}},
			settled: func(c *compose.Config) {
				c.Extra = map[string]compose.Extra{"x": {Name: "_mta-sts.sub", Type: "TXT", Value: "v=STSv1; id=1"}}
			},
		},
		"mx-alias": {
			config:  compose.Config{MX: []string{"10 mail.example.com"}, Extra: map[string]compose.Extra{"x": {Name: "mail", Type: "CNAME", Value: "mx.example.net"}}},
			settled: func(c *compose.Config) { c.MX = []string{"10 mx.example.net"} },
		},
		"mta-sts-mx": {
			config: compose.Config{MX: []string{"10 mx.example.com"}, MTASTS: &compose.MTASTS{Config: mtasts.Config{Mode: "testing", MaxAge: mtasts.DefaultMaxAge, MX: []string{"mail.example.com"}}}},
			settled: func(c *compose.Config) {
				c.MTASTS = &compose.MTASTS{Config: mtasts.Config{Mode: "testing", MaxAge: mtasts.DefaultMaxAge, MX: []string{"mx.example.com"}}}
			},
		},
		"mta-sts-unreported": {
			config: compose.Config{MTASTS: &compose.MTASTS{Config: mtasts.Config{Mode: "enforce", MaxAge: mtasts.DefaultMaxAge, MX: []string{"mx.example.com"}}}},
			settled: func(c *compose.Config) {
				c.TLSRPT = &tlsrpt.Config{Reports: []string{"r@example.com"}}
			},
		},
		"spf-below": {
			config: compose.Config{Mechanisms: []string{"a:gone.example"}}, dns: noHosts{}, settled: func(c *compose.Config) { c.Mechanisms = []string{"ip4:192.0.2.1"} },
		},
	}
	for _, kind := range compose.WarningKinds() {
		if _, ok := tests[kind.Code]; !ok {
			t.Errorf("no configuration gives a warning of the kind %q", kind.Code)
		}
	}
	for code, tt := range tests {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			if tt.dns == nil {
				tt.dns = dns
			}
			if !tt.config.Domain.IsValid() {
				tt.config.Domain = domain
			}
			if given := warningsOf(t, tt.config, tt.dns); !slices.ContainsFunc(given, func(p *compose.Problem) bool {
				return p.Code == code && strings.HasSuffix(p.Detail, fmt.Sprintf(" To go on without this warning, set `acknowledge = [%q]`.", code))
			}) {
				t.Errorf("the warnings are %v, want one of the kind %s that says how it is acknowledged", given, code)
			}
			acknowledged := tt.config
			acknowledged.Acknowledge = append(slices.Clone(acknowledged.Acknowledge), code)
			if given := warningsOf(t, acknowledged, tt.dns); len(given) > 0 {
				t.Errorf("with `acknowledge`, there are warnings: %v", given)
			}
			if tt.settled == nil {
				return
			}
			settled := tt.config
			tt.settled(&settled)
			if given := warningsOf(t, settled, tt.dns); len(given) > 0 {
				t.Errorf("where it is settled, there are warnings: %v", given)
			}
		})
	}
}

// onlyIPv4 is DNS in which no host has an IPv6 address.
type onlyIPv4 struct{ memory }

func (d onlyIPv4) Lookup(ctx context.Context, name string, t spf.RRType) ([]string, error) {
	if t == spf.TypeAAAA {
		return nil, nil
	}
	return d.memory.Lookup(ctx, name, t)
}

// doubtful is DNS of which one server is silent.
type doubtful struct{ memory }

func (d doubtful) WitnessedTXT(ctx context.Context, owner dnsname.Name) (values, doubts []string, err error) {
	values, err = d.PublishedTXT(ctx, owner)
	return values, []string{"ns2.example.com does not answer."}, err
}

// noHosts is DNS in which no host has an address.
type noHosts struct{ memory }

func (noHosts) Lookup(context.Context, string, spf.RRType) ([]string, error) { return nil, nil }

// warningsOf returns what a configuration warns of, as data sources do that ask DNS, and as the function that does not.
func warningsOf(t *testing.T, c compose.Config, dns compose.DNS) compose.Problems {
	t.Helper()
	live, err := compose.SPF(t.Context(), c, dns)
	if err != nil {
		t.Fatal(err)
	}
	pure, err := compose.Records(c)
	if err != nil {
		t.Fatal(err)
	}
	if c.AdoptLive {
		return live.Warnings // The function knows nothing of what is live.
	}
	return slices.Concat(live.Warnings, pure.Warnings)
}

func TestAcknowledgeOfNoWarning(t *testing.T) {
	t.Parallel()
	_, err := compose.Records(compose.Config{Domain: domain, Options: merge.Options{All: merge.AllFail}, Acknowledge: []string{"spf-ending", "SPF-Length", "spf"}})
	problems, _ := errors.AsType[compose.Problems](err)
	if len(problems) != 2 || problems[0].Path.String() != "acknowledge[1]" || !strings.Contains(problems[0].Detail, `write "spf-length"`) || problems[1].Path.String() != "acknowledge[2]" {
		t.Errorf("problems = %v, want one for each code that is none", problems)
	}
}

// The guide lists every kind of warning, and what settles it.
func TestGuideListsTheWarnings(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../templates/guides/warnings.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range compose.WarningKinds() {
		if row := fmt.Sprintf("| `%s` | %s | %s |\n", kind.Code, kind.Cause, kind.Remedy); !strings.Contains(string(guide), row) {
			t.Errorf("the guide does not have the row %q", row)
		}
	}
	if n := strings.Count(string(guide), "\n| `"); n != len(compose.WarningKinds()) {
		t.Errorf("the guide lists %d kinds, want %d", n, len(compose.WarningKinds()))
	}
}
