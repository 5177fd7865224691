package compose_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// A parked domain says of itself and of every name below it that there is no mail (RFC 7505, RFC 7208 §10.1.2).
func TestParked(t *testing.T) {
	t.Parallel()
	below := dnsname.MustParse("old.example.com")
	tests := map[string]struct {
		config compose.Config
		want   map[string]string
		says   []string // problems
	}{
		"alone": {
			config: compose.Config{Domain: domain},
			want: map[string]string{
				"example.com/mx": "example.com MX 0 .", "example.com/spf": "example.com TXT v=spf1 -all", "example.com/spf/*": "*.example.com TXT v=spf1 -all",
				"example.com/dmarc": "_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject", "example.com/keys/*": "*._domainkey.example.com TXT v=DKIM1; p=",
			},
		},
		"hosts and reports, below": {
			config: compose.Config{Domain: below, Hosts: []string{"www", "a.b"}, DMARC: &dmarc.Config{AggregateReports: []string{"r@example.com"}}},
			want: map[string]string{
				"old.example.com/mx": "old.example.com MX 0 .", "old.example.com/spf": "old.example.com TXT v=spf1 -all", "old.example.com/spf/*": "*.old.example.com TXT v=spf1 -all",
				"old.example.com/spf/www": "www.old.example.com TXT v=spf1 -all", "old.example.com/spf/a.b": "a.b.old.example.com TXT v=spf1 -all",
				"old.example.com/dmarc": "_dmarc.old.example.com TXT v=DMARC1; p=reject; rua=mailto:r@example.com", "old.example.com/keys/*": "*._domainkey.old.example.com TXT v=DKIM1; p=",
			},
		},
		"mail beside it": {
			config: compose.Config{
				Domain: domain, Services: map[string]compose.Service{"microsoft365": {}}, Keys: map[string]compose.Key{"s": {CNAME: "k.example.net"}}, Existing: "v=spf1 -all", Mechanisms: []string{"a"}, Remove: []string{"mx"},
				Options: merge.Options{All: merge.AllSoftFail, AllowPassAll: true}, MX: []string{"10 mx.example.net"}, MTASTS: &compose.MTASTS{}, TLSRPT: &tlsrpt.Config{}, BIMI: &compose.BIMI{},
				DMARC: &dmarc.Config{Policy: "none", SubdomainPolicy: "quarantine", NonexistentPolicy: "none"},
			},
			says: []string{
				"services: Mail of a parked domain", "keys: Mail of a parked domain", "existing: Mail of a parked domain", "mechanisms: Mail of a parked domain", "remove: Mail of a parked domain", "all: Mail of a parked domain",
				"allow_pass_all: Mail of a parked domain", "mx: Mail of a parked domain", "mta_sts: Mail of a parked domain", "tls_rpt: Mail of a parked domain", "bimi: Mail of a parked domain",
				"dmarc.policy: Mail of a parked domain", "dmarc.subdomain_policy: Mail of a parked domain", "dmarc.nonexistent_subdomain_policy: Mail of a parked domain",
			},
		},
		"what goes with it": {
			config: compose.Config{Domain: domain, Options: merge.Options{All: merge.AllFail}, Services: map[string]compose.Service{}, DMARC: &dmarc.Config{Policy: "reject"}},
			want: map[string]string{
				"example.com/mx": "example.com MX 0 .", "example.com/spf": "example.com TXT v=spf1 -all", "example.com/spf/*": "*.example.com TXT v=spf1 -all",
				"example.com/dmarc": "_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject", "example.com/keys/*": "*._domainkey.example.com TXT v=DKIM1; p=",
			},
		},
		"reports to itself": {
			config: compose.Config{Domain: domain, DMARC: &dmarc.Config{AggregateReports: []string{"r@parent.example", "r@Example.com", "https://example.com/r"}, FailureReports: []string{"mailto:f@example.com"}}},
			says:   []string{"dmarc.aggregate_reports[1]: Reports to a parked domain", "dmarc.failure_reports[0]: Reports to a parked domain"},
		},
		"hosts that are none": {
			config: compose.Config{Domain: domain, Hosts: []string{"www", "@", "www", "*", "www.example.com", "a b", "x.example.com."}},
			says: []string{
				"hosts[1]: Invalid host of a parked domain", "hosts[2]: Invalid host of a parked domain", "hosts[3]: Invalid host of a parked domain", "hosts[4]: Invalid host of a parked domain",
				"hosts[5]: Invalid host of a parked domain", "hosts[6]: Invalid host of a parked domain",
			},
		},
		"name too long": {
			config: compose.Config{Domain: dnsname.MustParse(strings.Repeat(strings.Repeat("a", 60)+".", 4) + "example")},
			says:   []string{"parked: Record that DNS cannot hold", "dmarc: Record that DNS cannot hold"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Parked = true
			got, err := compose.Records(tt.config)
			var wrong compose.Problems
			errors.As(err, &wrong)
			if diff := cmp.Diff(tt.says, problems(wrong)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, values(got.Records)); err == nil && diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			for _, w := range got.Warnings {
				t.Errorf("warning: %v", w)
			}
			tt.config.Domain = dnsname.Name{}
			for _, p := range compose.Check(tt.config) {
				if err == nil || !strings.Contains(err.Error(), p.Path.String()+": "+p.Summary) {
					t.Errorf("without a domain: %v", p)
				}
			}
		})
	}
	_, err := compose.Records(compose.Config{Domain: domain, Hosts: []string{"www"}})
	if err == nil || !strings.Contains(err.Error(), "hosts: Hosts of a domain that is not parked") {
		t.Errorf("hosts without parked: %v", err)
	}
}

func TestMailPolicies(t *testing.T) {
	t.Parallel()
	sts := func(c mtasts.Config) *compose.MTASTS { return &compose.MTASTS{Config: c} }
	testing1 := mtasts.Config{Mode: "testing", MaxAge: 604800, MX: []string{"mx.example.net"}}
	idOf := func(c mtasts.Config) string {
		p, _, err := c.Policy()
		if err != nil {
			t.Fatal(err)
		}
		return "_mta-sts.example.com TXT v=STSv1; id=" + p.ID()
	}
	google := map[string]compose.Service{"google_workspace": {Groups: []string{"mx"}}}
	tests := map[string]struct {
		config compose.Config
		want   map[string]string // of records, by key
		says   []string          // problems
		warns  []string          // paths of warnings
	}{
		"MX": {
			config: compose.Config{MX: []string{"10 MX.example.net.", "20 mx2.example.net"}},
			want:   map[string]string{"example.com/mx/0": "example.com MX 10 mx.example.net", "example.com/mx/1": "example.com MX 20 mx2.example.net"},
		},
		"null MX": {config: compose.Config{MX: []string{"0 ."}}, want: map[string]string{"example.com/mx/0": "example.com MX 0 ."}},
		"one MX unknown": {
			config: compose.Config{MX: []string{"10 mx.example.net", ""}, Unknown: unknown("mx[1]")},
			want:   map[string]string{"example.com/mx/0": "example.com MX 10 mx.example.net", "example.com/mx/1": "example.com MX ?"},
		},
		"MX that are none": {
			config: compose.Config{MX: []string{"mx.example.net", "10 192.0.2.1", "0 .", "10 .", "10 mx", "10 a.example.net", "10 a.example.net.", "10 *.example.net", "x y", "10 a_b.example.net"}},
			says: []string{
				"mx[0]: Invalid MX record", "mx[1]: Invalid MX record", "mx[2]: Invalid MX record", "mx[3]: Invalid MX record", "mx[4]: Invalid MX record", "mx[6]: Invalid MX record", "mx[7]: Invalid MX record", "mx[8]: Invalid MX record",
				"mx[9]: Invalid MX record",
			},
		},
		"no MX":               {config: compose.Config{MX: []string{}}, says: []string{"mx: Invalid MX record"}},
		"MX beside a service": {config: compose.Config{MX: []string{"10 mx.example.net"}, Services: google}, says: []string{"mx: Conflicting records of services and of your own"}},
		"MTA-STS":             {config: compose.Config{MTASTS: sts(testing1)}, want: map[string]string{"example.com/mta_sts": idOf(testing1)}},
		"MTA-STS, hosts of MX": {
			config: compose.Config{MTASTS: sts(mtasts.Config{Mode: "testing", MaxAge: 604800}), MX: []string{"10 mx.example.net"}},
			want:   map[string]string{"example.com/mta_sts": idOf(testing1), "example.com/mx/0": "example.com MX 10 mx.example.net"},
		},
		"MTA-STS, hosts of a service": {
			config: compose.Config{MTASTS: sts(mtasts.Config{Mode: "testing", MaxAge: 604800}), Services: map[string]compose.Service{"acme": {
				Template: templated(`{"type":"MX","host":"@","pointsTo":"mx.example.net","priority":10,"groupId":"mx","x-maildomain":{"id":"mx"}}`).Template, Groups: []string{"mx"},
			}}},
			want: map[string]string{"example.com/mta_sts": idOf(testing1), "example.com/acme/mx": "example.com MX 10 mx.example.net"},
		},
		"MTA-STS, patterns of a service": {
			config: compose.Config{MTASTS: sts(mtasts.Config{Mode: "testing", MaxAge: 604800}), Services: map[string]compose.Service{"all_inkl": {Groups: []string{"mx"}, Variables: map[string]string{"mx_target": "w0123456.kasserver.com"}}}},
			want:   map[string]string{"example.com/mta_sts": idOf(mtasts.Config{Mode: "testing", MaxAge: 604800, MX: []string{"*.kasserver.com"}})},
		},
		"MTA-STS, host with a port": {config: compose.Config{MTASTS: sts(mtasts.Config{Mode: "testing", MX: []string{"mx.example.net", "mx2.example.net:25"}})}, says: []string{"mta_sts.mx[1]: MTA-STS policy"}},
		"MTA-STS, no hosts":         {config: compose.Config{MTASTS: sts(mtasts.Config{Mode: "testing"})}, says: []string{"mta_sts.mx: MTA-STS policy"}},
		"MTA-STS, retired": {
			config: compose.Config{MTASTS: sts(mtasts.Config{Mode: "none", MaxAge: 86400})}, want: map[string]string{"example.com/mta_sts": idOf(mtasts.Config{Mode: "none", MaxAge: 86400})},
		},
		"MTA-STS, enforced without reports": {
			config: compose.Config{MTASTS: sts(mtasts.Config{Mode: "enforce", MaxAge: 604800, MX: []string{"mx.example.net"}})}, warns: []string{"mta_sts.mode"},
			want: map[string]string{"example.com/mta_sts": idOf(mtasts.Config{Mode: "enforce", MaxAge: 604800, MX: []string{"mx.example.net"}})},
		},
		"MTA-STS, enforced with reports": {
			config: compose.Config{MTASTS: sts(mtasts.Config{Mode: "enforce", MaxAge: 604800, MX: []string{"mx.example.net"}}), TLSRPT: &tlsrpt.Config{Reports: []string{"t@example.com"}}},
			want: map[string]string{
				"example.com/mta_sts": idOf(mtasts.Config{Mode: "enforce", MaxAge: 604800, MX: []string{"mx.example.net"}}), "example.com/tls_rpt": "_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:t@example.com",
			},
		},
		"MTA-STS, host": {
			config: compose.Config{MTASTS: &compose.MTASTS{Config: testing1, Host: "sts.example.net"}},
			want:   map[string]string{"example.com/mta_sts": idOf(testing1), "example.com/mta_sts/host": "mta-sts.example.com CNAME sts.example.net"},
		},
		"MTA-STS, addresses": {
			config: compose.Config{MTASTS: &compose.MTASTS{Config: testing1, Addresses: []string{"192.0.2.1", "2001:DB8::1"}}},
			want: map[string]string{
				"example.com/mta_sts": idOf(testing1), "example.com/mta_sts/addresses/0": "mta-sts.example.com A 192.0.2.1", "example.com/mta_sts/addresses/1": "mta-sts.example.com AAAA 2001:db8::1",
			},
		},
		"MTA-STS, host and addresses":  {config: compose.Config{MTASTS: &compose.MTASTS{Config: testing1, Host: "sts.example.net", Addresses: []string{"192.0.2.1"}}}, says: []string{"mta_sts.host: MTA-STS policy"}},
		"MTA-STS, host is an address":  {config: compose.Config{MTASTS: &compose.MTASTS{Config: testing1, Host: "192.0.2.1"}}, says: []string{"mta_sts.host: MTA-STS policy"}},
		"MTA-STS, host leads nowhere":  {config: compose.Config{MTASTS: &compose.MTASTS{Config: testing1, Host: "mta-sts.example.com"}}, says: []string{"mta_sts.host: MTA-STS policy"}},
		"MTA-STS, address that is one": {config: compose.Config{MTASTS: &compose.MTASTS{Config: testing1, Addresses: []string{"192.0.2.1", "::ffff:192.0.2.1", "a"}}}, says: []string{"mta_sts.addresses[1]: MTA-STS policy", "mta_sts.addresses[2]: MTA-STS policy"}},
		"MTA-STS, record that stays": {
			config: compose.Config{MTASTS: &compose.MTASTS{Existing: "v=STSv1;id=2026; x=1;", Host: "sts.example.net"}},
			want:   map[string]string{"example.com/mta_sts": "_mta-sts.example.com TXT v=STSv1; id=2026; x=1", "example.com/mta_sts/host": "mta-sts.example.com CNAME sts.example.net"},
		},
		"MTA-STS, record that stays, unknown": {
			config: compose.Config{MTASTS: &compose.MTASTS{}, Unknown: unknown("mta_sts.existing")}, want: map[string]string{"example.com/mta_sts": "_mta-sts.example.com TXT ?"},
		},
		"MTA-STS, record that stays and a policy": {config: compose.Config{MTASTS: &compose.MTASTS{Config: testing1, Existing: "v=STSv1; id=2026"}}, says: []string{"mta_sts.existing: MTA-STS policy"}},
		"MTA-STS, broken record that stays":       {config: compose.Config{MTASTS: &compose.MTASTS{Existing: "v=STSv1"}}, says: []string{"mta_sts.existing: MTA-STS policy"}},
		"MTA-STS, of a service too": {
			config: compose.Config{MTASTS: sts(testing1), Services: map[string]compose.Service{"acme": {Template: templated(`{"type":"TXT","host":"_mta-sts","data":"v=STSv1; id=1"}`).Template, Allow: []string{"*"}}}},
			says:   []string{"mta_sts: Conflicting records of services and of your own"},
		},
		"TLS reporting, wrong": {config: compose.Config{TLSRPT: &tlsrpt.Config{Reports: []string{"x"}}}, says: []string{"tls_rpt.reports[0]: TLS reporting record"}},
		"BIMI": {
			config: compose.Config{BIMI: &compose.BIMI{Config: bimi.Config{Selector: "brand", Logo: "https://example.com/l.svg"}}}, want: map[string]string{"example.com/bimi": "brand._bimi.example.com TXT v=BIMI1; l=https://example.com/l.svg"},
		},
		"BIMI, selector unknown": {
			config: compose.Config{BIMI: &compose.BIMI{Config: bimi.Config{Logo: "https://example.com/l.svg"}}, Unknown: unknown("bimi.selector")}, want: map[string]string{"example.com/bimi": "? TXT ?"},
		},
		"BIMI, logo unknown": {config: compose.Config{BIMI: &compose.BIMI{}, Unknown: unknown("bimi.logo")}, want: map[string]string{"example.com/bimi": "default._bimi.example.com TXT ?"}},
		"BIMI, wrong":        {config: compose.Config{BIMI: &compose.BIMI{Config: bimi.Config{Logo: "x"}}}, says: []string{"bimi.logo: BIMI record"}},
		"BIMI under a policy of none": {
			config: compose.Config{
				BIMI: &compose.BIMI{Config: bimi.Config{Logo: "https://example.com/l.svg"}}, DMARC: &dmarc.Config{Policy: "none", AggregateReports: []string{"r@example.com"}},
			},
			want:  map[string]string{"example.com/bimi": "default._bimi.example.com TXT v=BIMI1; l=https://example.com/l.svg", "example.com/dmarc": "_dmarc.example.com TXT v=DMARC1; p=none; rua=mailto:r@example.com"},
			warns: []string{"bimi.logo"},
		},
		"BIMI under a policy of quarantine": {
			config: compose.Config{
				BIMI: &compose.BIMI{Config: bimi.Config{Logo: "https://example.com/l.svg"}}, DMARC: &dmarc.Config{Policy: "quarantine", AggregateReports: []string{"r@example.com"}},
			},
			want: map[string]string{"example.com/bimi": "default._bimi.example.com TXT v=BIMI1; l=https://example.com/l.svg", "example.com/dmarc": "_dmarc.example.com TXT v=DMARC1; p=quarantine; rua=mailto:r@example.com"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Domain = domain
			got, err := compose.Records(tt.config)
			var wrong compose.Problems
			errors.As(err, &wrong)
			if diff := cmp.Diff(tt.says, problems(wrong)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			records := partly(got)
			for key := range records {
				if strings.HasPrefix(key, "example.com/all_inkl/") {
					delete(records, key)
				}
			}
			if diff := cmp.Diff(tt.want, records); err == nil && diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			var warns []string
			for _, w := range got.Warnings {
				if len(w.Path) > 1 && w.Path[0].Name != "services" {
					warns = append(warns, w.Path.String())
				}
			}
			if diff := cmp.Diff(tt.warns, warns); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

// A policy that leaves a mail host of the same configuration out is told of.
func TestMTASTSLeavesMailHostsOut(t *testing.T) {
	t.Parallel()
	policy := func(mode string, mx ...string) *compose.MTASTS {
		return &compose.MTASTS{Config: mtasts.Config{Mode: mode, MaxAge: mtasts.DefaultMaxAge, MX: mx}}
	}
	google := map[string]compose.Service{"google_workspace": {Groups: []string{"mx"}}}
	for name, tt := range map[string]struct {
		config compose.Config
		says   string
	}{
		"named":               {compose.Config{MX: []string{"10 MX.example.com."}, MTASTS: policy("enforce", "mx.example.com")}, ""},
		"of a pattern":        {compose.Config{MX: []string{"10 mx.example.com"}, MTASTS: policy("enforce", "*.example.com")}, ""},
		"another":             {compose.Config{MX: []string{"10 mx.example.com"}, MTASTS: policy("enforce", "mail.example.com")}, `"mx.example.com"`},
		"two labels below":    {compose.Config{MX: []string{"10 a.mx.example.com"}, MTASTS: policy("enforce", "*.example.com")}, "do not deliver"},
		"the pattern's name":  {compose.Config{MX: []string{"10 example.com"}, MTASTS: policy("enforce", "*.example.com")}, "do not deliver"},
		"one of two":          {compose.Config{MX: []string{"10 mx1.example.com", "20 mx2.example.com"}, MTASTS: policy("testing", "mx1.example.com")}, `"mx2.example.com". Senders report`},
		"retired":             {compose.Config{MX: []string{"10 mx.example.com"}, MTASTS: policy("none", "mail.example.com")}, ""},
		"of the MX records":   {compose.Config{MX: []string{"10 mx.example.com"}, MTASTS: policy("enforce")}, ""},
		"of a service":        {compose.Config{Services: google, MTASTS: policy("enforce", "mx.example.com")}, `"smtp.google.com"`},
		"of a service, named": {compose.Config{Services: google, MTASTS: policy("enforce", "smtp.google.com")}, ""},
		"of extra":            {compose.Config{Extra: map[string]compose.Extra{"m": {Name: "@", Type: "MX", Value: "10 mx.example.com"}}, MTASTS: policy("enforce", "mail.example.com")}, `"mx.example.com"`},
		"of a host":           {compose.Config{Extra: map[string]compose.Extra{"m": {Name: "sub", Type: "MX", Value: "10 mx.example.com"}}, MTASTS: policy("enforce", "mail.example.com")}, ""},
		"known later":         {compose.Config{MX: []string{""}, MTASTS: policy("enforce", "mail.example.com"), Unknown: unknown("mx[0]")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Domain = domain
			got, err := compose.Records(tt.config)
			if err != nil {
				t.Fatal(err)
			}
			says := ""
			for _, w := range got.Warnings {
				if w.Code == "mta-sts-mx" && w.Path.String() == "mta_sts.mx" {
					says += w.Detail
				}
			}
			if (says != "") != (tt.says != "") || !strings.Contains(says, tt.says) {
				t.Errorf("warning = %q, want one that says %q", says, tt.says)
			}
		})
	}
}

func TestMTASTSHosts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		host      string
		addresses []string
		path      string
		says      string
	}{
		"a URL":                 {"https://web.example.net/", nil, "mta_sts.host", `write "web.example.net"`},
		"an address twice":      {"", []string{"192.0.2.1", "192.0.2.1"}, "mta_sts.addresses[1]", "twice"},
		"an address, rewritten": {"", []string{"2001:db8::1", "192.0.2.1", "2001:DB8:0::1"}, "mta_sts.addresses[2]", `"2001:db8::1" appears twice`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := compose.Records(compose.Config{Domain: domain, MTASTS: &compose.MTASTS{
				Config: mtasts.Config{Mode: "testing", MaxAge: 1, MX: []string{"mx.example.com"}}, Host: tt.host, Addresses: tt.addresses,
			}})
			problems, _ := errors.AsType[compose.Problems](err)
			if len(problems) != 1 || problems[0].Path.String() != tt.path || !strings.Contains(problems[0].Detail, tt.says) {
				t.Errorf("problems = %v, want one at %s that says %q", problems, tt.path, tt.says)
			}
		})
	}
}
