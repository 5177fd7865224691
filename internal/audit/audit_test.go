package audit_test

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// around is what lies beside the domain.
const around = `
ns1.example.net A 11.0.0.53
example.com DNSKEY 257 3 13 AAAA
example.com RRSIG MX 13 2 3600 20270115000000 20261101000000 1 example.com. AAAA
mx1.example.net A 11.0.0.1
mx1.example.net AAAA 2600::1
mx2.example.net A 11.0.0.2
mx2.example.net AAAA 2600::2
_spf.example.net TXT v=spf1 ip4:11.0.1.0/24 -all
example.net MX 10 mx1.example.net
one.example.net TXT v=spf1 ip4:11.0.2.0/24 -all
two.example.net TXT v=spf1 include:one.example.net include:b.example.net include:c.example.net -all
b.example.net TXT v=spf1 ip4:11.0.3.0/24 -all
c.example.net TXT v=spf1 ip4:11.0.4.0/24 -all
`

// plain is a domain without a fault.
var plain = around + `
example.com TXT v=spf1 include:_spf.example.net ~all
example.com MX 10 mx1.example.net
example.com A 11.0.0.80
s1._domainkey.example.com TXT ` + rsaKey(2048, 65537, "") + `
_dmarc.example.com TXT v=DMARC1; p=reject; rua=mailto:dmarc@example.com
_mta-sts.example.com TXT v=STSv1; id=1
mta-sts.example.com A 11.0.0.80
_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:tls@example.com
`

const parked = around + `
example.com TXT v=spf1 -all
example.com MX 0 .
*._domainkey.example.com TXT v=DKIM1; p=
_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject
`

var full = plain + `
default._bimi.example.com TXT v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/logo.pem
_25._tcp.mx1.example.net TLSA 3 1 1 ` + strings.Repeat("ab", 32) + `
_25._tcp.mx1.example.net TLSA 3 1 1 ` + strings.Repeat("cd", 32) + `
s2._domainkey.example.com TXT ` + rsaKey(2048, 65537, "k=rsa; ") + `
news.example.com TXT v=spf1 include:_spf.example.net -all
news.example.com MX 10 mx1.example.net
mx.example.com TXT v=spf1 a -all
mx.example.com A 11.0.0.9
mx.example.com AAAA 2600::9
9.0.0.11.in-addr.arpa PTR mx.example.com
9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.2.ip6.arpa PTR mx.example.com
example.com MX 20 mx.example.com
_25._tcp.mx.example.com TLSA 3 1 1 ` + strings.Repeat("ab", 32) + `
_25._tcp.mx.example.com TLSA 2 1 1 ` + strings.Repeat("ab", 32) + `
`

// now is when the audits of tests are made.
var now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

var domain = dnsname.MustParse("example.com")

// config is that of a domain with one selector.
func config() audit.Config {
	return audit.Config{Domain: domain, Selectors: selectors("s1"), Now: now}
}

func selectors(names ...string) []dkim.Selector {
	var list []dkim.Selector
	for _, name := range names {
		s, err := dkim.ParseSelector(name)
		if err != nil {
			panic(err)
		}
		list = append(list, s)
	}
	return list
}

// run audits a domain.
func run(t *testing.T, w *world, c audit.Config) audit.Report {
	t.Helper()
	g, err := audit.Gather(t.Context(), c, w)
	if err != nil {
		t.Fatal(err)
	}
	return g.Report()
}

// found returns the ids of a report's findings, each once, with severities.
func found(r audit.Report) []string {
	ids := make(map[string]bool)
	for _, f := range r.Findings {
		ids[f.ID+" "+string(f.Severity)] = true
	}
	return slices.Sorted(maps.Keys(ids))
}

func TestCleanZones(t *testing.T) {
	t.Parallel()
	fullConfig := config()
	fullConfig.Selectors = selectors("s1", "s2")
	fullConfig.Senders = []audit.Sender{{IP: netip.MustParseAddr("11.0.1.7"), HELO: "mx.example.com", Sender: "a@example.com"}}
	fullConfig.Strangers = []audit.Sender{{IP: netip.MustParseAddr("11.9.9.9"), Sender: "a@example.com"}}
	fetching := config()
	fetching.Web = served(t)
	for name, test := range map[string]struct {
		zone   string
		config audit.Config
	}{
		"plain":      {plain, config()},
		"parked":     {parked, audit.Config{Domain: domain, Parked: true, Now: now}},
		"full":       {full, fullConfig},
		"with files": {withLogo, fetching},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := run(t, newWorld(test.zone), test.config)
			for _, f := range r.Findings {
				t.Errorf("%s %s %s: %s", f.Severity, f.ID, f.Subject, f.Detail)
			}
			for _, gap := range r.NotChecked {
				if test.config.Web != nil || !strings.Contains(gap.Why, "fetch = true") {
					t.Errorf("not checked: %s: %s", gap.ID, gap.Why)
				}
			}
			if got := len(r.Passed) + len(r.NotChecked); got != len(audit.Checks()) {
				t.Errorf("%d checks passed or were not made, want %d", got, len(audit.Checks()))
			}
		})
	}
}

// Load balancers answer with different addresses on purpose.
func TestAddressesMayDiffer(t *testing.T) {
	t.Parallel()
	w := newWorld(plain)
	w.second["mta-sts.example.com A"] = []string{"11.0.0.81"}
	for _, f := range run(t, w, config()).Findings {
		t.Errorf("%s %s %s: %s", f.Severity, f.ID, f.Subject, f.Detail)
	}
}

// What is written otherwise, and means the same, is no fault.
func TestCleanForms(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]string{
		"SPF in capitals":            "=example.com TXT V=SPF1  INCLUDE:_SPF.example.net.  ~ALL",
		"DMARC without blanks":       "=_dmarc.example.com TXT v=DMARC1;p=REJECT;rua=MAILTO:dmarc@EXAMPLE.com;",
		"MTA-STS without blanks":     "=_mta-sts.example.com TXT v=STSv1;id=1;",
		"a key by an alias":          "-s1._domainkey.example.com TXT\ns1._domainkey.example.com CNAME s1.example.net\ns1.example.net TXT " + rsaKey(2048, 65537, ""),
		"a key for SHA-256 and mail": "=s1._domainkey.example.com TXT " + rsaKey(2048, 65537, "h=sha256; s=email; t=s; "),
		"reports that are authorised as a policy": "=_dmarc.example.com TXT v=DMARC1; p=reject; rua=mailto:x@reports.example.org\n" +
			"example.com._report._dmarc.reports.example.org TXT v=DMARC1; p=none\nexample.com._report._dmarc.reports.example.org TXT v=DMARC1\nreports.example.org MX 10 mx1.example.net",
		"signed answer by answer": "=example.com RRSIG MX 13 2 3600 20261128120000 20261126120000 1 example.com. AAAA",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(plain)
			w.edit(edit)
			for _, f := range run(t, w, config()).Findings {
				t.Errorf("%s %s %s: %s", f.Severity, f.ID, f.Subject, f.Detail)
			}
		})
	}
}

func checkOf(id string) audit.Check {
	for _, c := range audit.Checks() {
		if c.ID == id {
			return c
		}
	}
	return audit.Check{}
}

// A fault is a change to the plain zone, or another, and to what is audited.
type fault struct {
	id     string // of the finding, with its severity where that is not the check's own
	zone   string // empty: plain
	edit   string
	world  func(w *world)
	config func(c *audit.Config)
	also   []string // further findings, which the same fault makes; with their severity
}

func TestFindings(t *testing.T) {
	t.Parallel()
	covered := make(map[string]bool)
	for _, f := range slices.Concat(spfFaults(), mxFaults(), dkimFaults(), dmarcFaults(), policyFaults(), zoneFaults(), ruleFaults(), webFaults(t)) {
		id, severity, ok := strings.Cut(f.id, " ")
		if !ok {
			severity = string(checkOf(id).Severity)
		}
		covered[id+" "+severity] = true
		t.Run(f.id, func(t *testing.T) {
			t.Parallel()
			zone := f.zone
			if zone == "" {
				zone = plain
			}
			w, c := newWorld(zone), config()
			if strings.HasPrefix(zone, around+"\nexample.com TXT v=spf1 -all") {
				c = audit.Config{Domain: domain, Parked: true, Now: now}
			}
			w.edit(f.edit)
			if f.world != nil {
				f.world(w)
			}
			if f.config != nil {
				f.config(&c)
			}
			r := run(t, w, c)
			want := slices.Sorted(slices.Values(append([]string{id + " " + severity}, f.also...)))
			if got := found(r); !slices.Equal(got, want) {
				t.Errorf("found %q, want %q", got, want)
				for _, f := range r.Findings {
					t.Logf("%s %s %s: %s", f.Severity, f.ID, f.Subject, f.Detail)
				}
			}
			again := run(t, w, c)
			if a, b := r.Markdown(), again.Markdown(); a != b {
				t.Errorf("the same DNS gives\n%s\nand\n%s", a, b)
			}
		})
	}
	for _, c := range audit.Checks() {
		for _, s := range append([]audit.Severity{c.Severity}, c.Also...) {
			if !covered[c.ID+" "+string(s)] {
				t.Errorf("%s has no case for its severity %s", c.ID, s)
			}
		}
	}
}

// Each question is asked once, and none of a name of the domain is put to recursive servers.
func TestGatherAsksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(full)
	c := config()
	c.Senders = []audit.Sender{{IP: netip.MustParseAddr("11.0.1.7"), HELO: "mx.example.com"}}
	c.Records = record.Set{"x": {Domain: domain, Owner: domain, Type: record.TXT, Value: "v=spf1 mx -all"}}
	run(t, w, c)
	for q, n := range w.asked {
		if n > 1 {
			t.Errorf("%s was asked %d times", q, n)
		}
		name, kind, _ := strings.Cut(q, " ")
		if strings.HasSuffix(kind, "recursive") && (name == "example.com" || strings.HasSuffix(name, ".example.com")) {
			t.Errorf("%s was put to recursive servers", q)
		}
	}
}

func fails(o answer.Outcome, keys ...string) func(w *world) {
	return func(w *world) {
		for _, k := range keys {
			w.fails[k] = o
		}
	}
}

// services returns a configuration of built-in services as the provider passes it.
func services(ids ...string) []audit.Service {
	var list []audit.Service
	for _, id := range ids {
		t, err := service.Builtin(id)
		if err != nil {
			panic(err)
		}
		list = append(list, audit.Service{Key: id, Info: t.Info()})
	}
	return list
}
