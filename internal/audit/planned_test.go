package audit_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// desired is one record of the configuration.
func desired(owner string, t record.Type, value string) record.Set {
	return record.Set{"example.com/x": {Domain: domain, Owner: dnsname.MustParse(owner), Type: t, TTL: 3600, Value: value}}
}

// Each kind of record that is live in another form than the configuration has it is found, and one that says the same is not.
func TestDesiredAgainstLive(t *testing.T) {
	t.Parallel()
	key := rsaKey(2048, 65537, "")
	digest := strings.Repeat("ab", 32)
	for name, tt := range map[string]struct {
		owner       string
		typ         record.Type
		value, live string
		same        bool
	}{
		"SPF":                    {"example.com", record.TXT, "v=spf1 include:one.example.net ~all", "v=spf1 include:_spf.example.net ~all", false},
		"SPF, spaced":            {"example.com", record.TXT, "v=spf1 include:_spf.example.net ~all", "V=spf1  INCLUDE:_spf.example.net ~ALL", true},
		"a key":                  {"s1._domainkey.example.com", record.TXT, rsaKey(2048, 65537, "k=rsa; "), key, false},
		"a key, tags spelt out":  {"s1._domainkey.example.com", record.TXT, key, strings.Replace(key, "p=", "k=rsa; p=", 1), true},
		"the policy":             {"_dmarc.example.com", record.TXT, "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com", "v=DMARC1; p=reject; rua=mailto:dmarc@example.com", false},
		"MTA-STS":                {"_mta-sts.example.com", record.TXT, "v=STSv1; id=2", "v=STSv1; id=1", false},
		"TLS reporting":          {"_smtp._tls.example.com", record.TXT, "v=TLSRPTv1; rua=mailto:x@example.com", "v=TLSRPTv1; rua=mailto:tls@example.com", false},
		"BIMI":                   {"default._bimi.example.com", record.TXT, "v=BIMI1; l=https://example.com/a.svg", "v=BIMI1; l=https://example.com/b.svg", false},
		"TLSA":                   {"_25._tcp.mx1.example.com", record.TLSA, "3 1 1 " + digest, "3 1 1 " + strings.Repeat("cd", 32), false},
		"TLSA in capitals":       {"_25._tcp.mx1.example.com", record.TLSA, "3 1 1 " + digest, "3 1 1 " + strings.ToUpper(digest), true},
		"MX":                     {"example.com", record.MX, "10 mx2.example.net", "10 mx1.example.net", false},
		"MX, preference":         {"example.com", record.MX, "20 mx1.example.net", "10 mx1.example.net", false},
		"CNAME":                  {"pm.example.com", record.CNAME, "pm.example.net", "pm.example.org", false},
		"CNAME, case":            {"pm.example.com", record.CNAME, "pm.example.net", "PM.Example.NET.", true},
		"the authorisation":      {"example.org._report._dmarc.example.com", record.TXT, "v=DMARC1;", "v=DMARC1; rua=mailto:x@example.com", false},
		"a verification":         {"example.com", record.TXT, "token=1", "token=2", false},
		"a record that is there": {"_dmarc.example.com", record.TXT, "v=DMARC1; p=reject; rua=mailto:dmarc@example.com", "v=DMARC1; p=reject; rua=mailto:dmarc@example.com", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newWorld(plain), config()
			w.edit("=" + tt.owner + " " + string(tt.typ) + " " + tt.live)
			c.Records = desired(tt.owner, tt.typ, tt.value)
			r := run(t, w, c)
			missing := slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return f.ID == "service-record-missing" && f.Subject == tt.owner })
			if missing == tt.same {
				t.Errorf("found that it is not live: %t, want %t (%q)", missing, !tt.same, found(r))
			}
		})
	}
}

// What is wrong with records that are to be published is found before they are live, and what they mend is no finding of
// the plan.
func TestPlanned(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		edit    string
		records record.Set
		want    []string // with a star for what is found of the plan alone
	}{
		"a target without SPF": {
			"none.example.net TXT hello", desired("example.com", record.TXT, "v=spf1 include:none.example.net ~all"),
			[]string{"*spf-target-no-spf", "service-record-missing"},
		},
		"a policy of none": {
			"", desired("_dmarc.example.com", record.TXT, "v=DMARC1; p=none; rua=mailto:dmarc@example.com"),
			[]string{"*dmarc-none", "*spf-softfail-note", "service-record-missing"},
		},
		"an alias to nothing": {
			"", desired("s9._domainkey.example.com", record.CNAME, "s9.dkim.example.net"),
			[]string{"*dkim-alias-dead", "dkim-selector-missing", "service-record-missing"},
		},
		"an alias to a key": {
			"s9.dkim.example.net TXT " + rsaKey(2048, 65537, "k=rsa; "), desired("s9._domainkey.example.com", record.CNAME, "s9.dkim.example.net"),
			[]string{"dkim-selector-missing", "service-record-missing"},
		},
		"a mail host without an address": {"", desired("example.com", record.MX, "10 gone.example.net"), []string{"*mx-unresolved", "service-record-missing"}},
		"a second TXT value":             {"", desired("example.com", record.TXT, "token=1"), []string{"service-record-missing"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newWorld(plain), config()
			w.edit(tt.edit)
			c.Records = tt.records
			var got []string
			for _, f := range run(t, w, c).Findings {
				star := ""
				if strings.HasPrefix(f.Detail, "As configured: ") {
					star = "*"
				}
				got = append(got, star+f.ID)
			}
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

// A domain that is made to cost much costs a bounded number of questions, and its report stays readable.
func TestHostileDomain(t *testing.T) {
	t.Parallel()
	var hosts, networks, uris, tokens strings.Builder
	for i := range 400 {
		fmt.Fprintf(&hosts, "example.com MX 10 h%d.example.com\nh%[1]d.example.com A 11.1.1.1\n", i)
		fmt.Fprintf(&networks, " ip4:10.0.%d.%d include:i%d.example.org", i/250, i%250, i)
		fmt.Fprintf(&uris, ",mailto:a@r%d.example.org", i)
		fmt.Fprintf(&tokens, "example.com TXT v=spf,%d\n", i)
	}
	w := newWorld(plain)
	w.edit("=example.com TXT v=spf1" + networks.String() + " ~all\n" + hosts.String() + tokens.String() + "=_dmarc.example.com TXT v=DMARC1; p=none; ruf=mailto:a@example.com; rua=mailto:a@example.com" + uris.String())
	r := run(t, w, config())
	asked := 0
	for _, n := range w.asked {
		asked += n
	}
	// The walk of the SPF record takes 300, and 200 for the domains of its nodes; 20 mail hosts take 6 each and 20 hosts of reports 4.
	if asked > 300+200+20*6+2*20*4+60 {
		t.Errorf("%d questions were asked", asked)
	}
	counts := make(map[string]int)
	for _, f := range r.Findings {
		counts[f.ID]++
	}
	for id, n := range counts {
		if n > audit.MaxFindings+1 {
			t.Errorf("%d findings of %s", n, id)
		}
	}
	if counts["spf-reserved-network"] != audit.MaxFindings+1 {
		t.Errorf("%d findings of networks, want %d and one that tells of the others", counts["spf-reserved-network"], audit.MaxFindings)
	}
	if n := len(r.Markdown()); n > 1<<20 {
		t.Errorf("the page has %d octets", n)
	}
}

// What SPF terms hold stays within the labels of the diagram.
func TestDiagramOfHostileTerms(t *testing.T) {
	t.Parallel()
	w := newWorld(plain)
	w.edit("=example.com TXT v=spf1 include:a\"]-->|x|b;<img/src=x>`@someone#1;&amp;{end}[(.example include:%%_spf.example ~all")
	page := run(t, w, config()).Markdown()
	_, diagram, ok := strings.Cut(page, "```mermaid\nflowchart LR\n")
	diagram, _, closed := strings.Cut(diagram, "\n```\n")
	if !ok || !closed {
		t.Fatalf("the page has no diagram:\n%s", page)
	}
	line := regexp.MustCompile(`^  n\d+(?: -->\|\d+\| n\d+)?\["[ A-Za-z0-9.\-_=~?:#;—]*"\]$`)
	if n := strings.Count(diagram, "\n"); n != 2 {
		t.Errorf("the diagram has %d lines, want 3:\n%s", n+1, diagram)
	}
	for text := range strings.SplitSeq(diagram, "\n") {
		if !line.MatchString(text) {
			t.Errorf("%q is no line of a diagram", text)
		}
	}
}

// A server that does not answer makes for checks that are not made, and never for ones that passed.
func TestNotChecked(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		question string
		gaps     []string
	}{
		"TXT of the domain": {"example.com TXT", []string{"spf-missing", "spf-syntax", "spf-lookups-exceeded", "txt-answer-large"}},
		"MX":                {"example.com MX", []string{"mx-missing", "mx-nothing", "mx-cname", "mx-unresolved", "mx-no-ipv6"}},
		"the policy":        {"_dmarc.example.com TXT", []string{"dmarc-missing", "dmarc-none", "dmarc-no-rua", "dmarc-multiple"}},
		"the selector":      {"s1._domainkey.example.com TXT", []string{"dkim-selector-missing", "dkim-weak", "dkim-short"}},
		"MTA-STS":           {"_mta-sts.example.com TXT", []string{"mtasts-missing", "mtasts-record-syntax"}},
		"a mail host":       {"mx1.example.net A", []string{"mx-unresolved", "mx-private"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(plain)
			fails(answer.ServFail, tt.question)(w)
			r := run(t, w, config())
			for _, id := range tt.gaps {
				gap := slices.ContainsFunc(r.NotChecked, func(g audit.Gap) bool { return g.ID == id && strings.Contains(g.Why, "DNS did not answer") })
				if passed := slices.Contains(r.Passed, id); passed || !gap {
					t.Errorf("%s: passed: %t, not checked: %t", id, passed, gap)
				}
			}
		})
	}
}
