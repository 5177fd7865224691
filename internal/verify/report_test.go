package verify_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// lagging serves SPF everywhere and the DKIM CNAME at two of three servers.
func lagging(q answer.Question, _ time.Duration) (answer.Set, error) {
	if q.Type == record.TXT {
		return zone(found(1, "MS=ms1", spfValue), found(2, "MS=ms1", spfValue), found(3, "MS=ms1", spfValue)), nil
	}
	return zone(found(1, dkimRecord.Value), fails(2, answer.NXDomain), found(3, dkimRecord.Value)), nil
}

func check(t *testing.T, answer func(answer.Question, time.Duration) (answer.Set, error), o verify.Options, expected ...verify.Expectation) verify.Report {
	t.Helper()
	report, err := verify.Waiter{Resolver: newFake(answer)}.Check(t.Context(), expected, o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestReportText(t *testing.T) {
	t.Parallel()
	report := check(t, lagging, verify.Options{}, dkimRecord, spfRecord)
	want := `1 of 2 records match.

example.com/catglobe/dkim: CNAME cg1._domainkey.example.com
  expected: cg1.dkim.example.net
  seen:     name does not exist (NXDOMAIN), at ns2.example.com (192.0.2.2)
            the expected record, at ns1.example.com (192.0.2.1), ns3.example.com (192.0.2.3)
  cause:    ns2.example.com (192.0.2.2) does not serve the record yet, and other name servers of the zone do.
  to do:    Wait until every server follows the zone's primary; where that lasts, mend the zone transfer to the one that is behind, or take it off the zone's name servers.

example.com/spf: TXT example.com
  expected: v=spf1 include:spf.protection.outlook.com include:spf.example.net -all
  seen:     the expected record, at all 3 name servers of example.com

Asked were the name servers of example.com: ns1.example.com (192.0.2.1), ns2.example.com (192.0.2.2), ns3.example.com (192.0.2.3)

Resolvers that asked before may go on giving an earlier answer for up to 3600 s, its TTL; settle = true waits for that.`
	if diff := cmp.Diff(want, report.Text()); diff != "" {
		t.Errorf("Text: -want +got\n%s", diff)
	}
}

func TestReportFailing(t *testing.T) {
	t.Parallel()
	report := check(t, lagging, verify.Options{Require: mustRequire("strict")}, dkimRecord, spfRecord)
	want := `example.com/catglobe/dkim: CNAME cg1._domainkey.example.com
  expected: cg1.dkim.example.net
  seen:     name does not exist (NXDOMAIN), at ns2.example.com (192.0.2.2)
            the expected record, at ns1.example.com (192.0.2.1), ns3.example.com (192.0.2.3)
  required: every server
  cause:    ns2.example.com (192.0.2.2) does not serve the record yet, and other name servers of the zone do.
  to do:    Wait until every server follows the zone's primary; where that lasts, mend the zone transfer to the one that is behind, or take it off the zone's name servers.

Asked were the name servers of example.com: ns1.example.com (192.0.2.1), ns2.example.com (192.0.2.2), ns3.example.com (192.0.2.3)`
	if diff := cmp.Diff(want, report.Failing()); diff != "" {
		t.Errorf("Failing: -want +got\n%s", diff)
	}
}

func TestReportWithoutServers(t *testing.T) {
	t.Parallel()
	undelegated := func(q answer.Question, _ time.Duration) (answer.Set, error) {
		return answer.Set{}, &answer.LookupError{Name: q.Name, At: name("example.com"), Outcome: answer.NXDomain}
	}
	text := check(t, undelegated, verify.Options{}, spfRecord).Text()
	want := "seen:     nothing: the name servers of example.com cannot be found: name does not exist (NXDOMAIN) at example.com"
	if !strings.Contains(text, want) {
		t.Errorf("Text = %s\nwant it to say %q", text, want)
	}
}

// The order in which servers answer does not show.
func TestReportTextIsStable(t *testing.T) {
	t.Parallel()
	backwards := func(q answer.Question, at time.Duration) (answer.Set, error) {
		answers, err := lagging(q, at)
		for i, j := 0, len(answers.List)-1; i < j; i, j = i+1, j-1 {
			answers.List[i], answers.List[j] = answers.List[j], answers.List[i]
		}
		return answers, err
	}
	a, b := check(t, lagging, verify.Options{}, dkimRecord, spfRecord), check(t, backwards, verify.Options{}, dkimRecord, spfRecord)
	if diff := cmp.Diff(a.Text(), b.Text()); diff != "" {
		t.Errorf("Text depends on the order of answers:\n%s", diff)
	}
	if diff := cmp.Diff(a.SupportMessage(), b.SupportMessage()); diff != "" {
		t.Errorf("SupportMessage depends on the order of answers:\n%s", diff)
	}
}

// What resolvers answer has a TTL that counts down, which has no place in a state.
func TestReportTextLeavesOutCountdowns(t *testing.T) {
	t.Parallel()
	report := check(t, lagging, verify.Options{Query: verify.QueryResolvers}, spfRecord)
	if text := report.Text(); strings.Contains(text, "3600") {
		t.Errorf("Text = %s\nwant no TTL of a resolver", text)
	}
}

// A record for which both kinds of servers were asked is one record.
func TestReportOfBoth(t *testing.T) {
	t.Parallel()
	report := check(t, lagging, verify.Options{Query: verify.QueryBoth}, spfRecord)
	if text := report.Text(); !strings.HasPrefix(text, "1 of 1 record matches.") || strings.Count(text, "seen:") != 2 {
		t.Errorf("Text = %s\nwant one record, seen at both", text)
	}
	if message := report.SupportMessage(); strings.Count(message, spfValue) != 1 || !strings.Contains(message, "name servers of example.com and seen at all 3 resolvers") {
		t.Errorf("SupportMessage = %s\nwant the record once, with both places", message)
	}
	if report.Count() != 1 || len(report.Unmet()) != 0 {
		t.Errorf("Count = %d, Unmet = %q", report.Count(), report.Unmet())
	}
}

func TestHeard(t *testing.T) {
	t.Parallel()
	silent := func(answer.Question, time.Duration) (answer.Set, error) {
		return zone(fails(1, answer.Timeout)), nil
	}
	if check(t, silent, verify.Options{}, spfRecord).Heard() {
		t.Error("Heard is true of servers that do not answer")
	}
	unvalidated := func(answer.Question, time.Duration) (answer.Set, error) {
		return answer.Set{List: []answer.Answer{fails(1, answer.Unvalidated)}}, nil
	}
	if !check(t, unvalidated, verify.Options{Query: verify.QueryResolvers}, spfRecord).Heard() {
		t.Error("Heard is false of a resolver whose answer does not count")
	}
	if !check(t, lagging, verify.Options{}, spfRecord, dkimRecord).Heard() {
		t.Error("Heard is false of servers that answer")
	}
}

func TestObserved(t *testing.T) {
	t.Parallel()
	esc := func(q answer.Question, at time.Duration) (answer.Set, error) {
		answers, err := lagging(q, at)
		if q.Type == record.TXT {
			answers.List[0].Values = []string{"\x1b[2J"}
		}
		return answers, err
	}
	got := check(t, esc, verify.Options{}, dkimRecord, spfRecord).Observed()
	want := map[string][]string{
		dkimRecord.Key: {dkimRecord.Value},
		spfRecord.Key:  {"MS=ms1", `\027[2J`, spfValue},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Observed: -want +got\n%s", diff)
	}
}

func TestSupportMessage(t *testing.T) {
	t.Parallel()
	lenient := verify.Options{Require: mustRequire("any")} // One server lags, which is enough here.
	other := verify.Expectation{Key: "news.example.org/keys/a", Owner: name("a._domainkey.news.example.org"), Type: record.CNAME, Value: dkimRecord.Value}
	report := check(t, lagging, lenient, dkimRecord, spfRecord, other)
	want := `The mail DNS records of example.com, news.example.org are published. Please validate them on your side and complete the set-up.

Domain: example.com
DKIM selector: cg1
- cg1._domainkey.example.com CNAME cg1.dkim.example.net
  seen at ns1.example.com (192.0.2.1), ns3.example.com (192.0.2.3)
- example.com TXT v=spf1 include:spf.protection.outlook.com include:spf.example.net -all
  seen at all 3 name servers of example.com

Domain: news.example.org
DKIM selector: a
- a._domainkey.news.example.org CNAME cg1.dkim.example.net
Seen at ns1.example.com (192.0.2.1), ns3.example.com (192.0.2.3)

These records were compared with what live DNS answers. Asked were the name servers of example.com: ns1.example.com (192.0.2.1), ns2.example.com (192.0.2.2), ns3.example.com (192.0.2.3)`
	if diff := cmp.Diff(want, report.SupportMessage()); diff != "" {
		t.Errorf("SupportMessage: -want +got\n%s", diff)
	}
	incomplete := check(t, lagging, verify.Options{}, dkimRecord, spfRecord).SupportMessage()
	if !strings.HasPrefix(incomplete, "The mail DNS records of example.com are not all as they should be.") {
		t.Errorf("SupportMessage of records that do not match:\n%s", incomplete)
	}
	if got := (verify.Report{}).SupportMessage(); got != "No DNS records are needed for this set-up." {
		t.Errorf("SupportMessage for nothing = %q", got)
	}
}

func TestDomainOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"example.com":                        "example.com",
		"send.example.com":                   "send.example.com",
		"_dmarc.example.com":                 "example.com",
		"s1._domainkey.example.com":          "example.com",
		"_smtp._tls.example.com":             "example.com",
		"example.com._report._dmarc.acme.io": "acme.io",
		"com":                                "com",
	} {
		if got := verify.DomainOf(name(in)); got != name(want) {
			t.Errorf("DomainOf(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestServerString(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		server answer.Server
		want   string
	}{
		"name and address": {server(1), "ns1.example.com (192.0.2.1)"},
		"another port":     {answer.Server{Name: name("ns1.example.com"), Addr: netip.MustParseAddrPort("192.0.2.1:5353")}, "ns1.example.com (192.0.2.1:5353)"},
		"IPv6":             {answer.Server{Addr: netip.MustParseAddrPort("[2001:db8::1]:53")}, "2001:db8::1"},
		"no address":       {answer.Server{Name: name("ns1.example.com")}, "ns1.example.com"},
	}
	for title, tt := range tests {
		if got := tt.server.String(); got != tt.want {
			t.Errorf("%s: String = %q, want %q", title, got, tt.want)
		}
	}
}
