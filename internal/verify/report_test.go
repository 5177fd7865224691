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
  to do:    Wait until every server follows the zone's primary; if that takes long, repair the zone transfer to the server that is behind, or remove it from the zone's name servers.

Servers asked, the name servers of example.com: ns1.example.com (192.0.2.1), ns2.example.com (192.0.2.2), ns3.example.com (192.0.2.3)

Caches may serve an earlier answer for up to 3600 s, its TTL; ` + "`settle = true`" + ` waits for that.`
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
  to do:    Wait until every server follows the zone's primary; if that takes long, repair the zone transfer to the server that is behind, or remove it from the zone's name servers.

Servers asked, the name servers of example.com: ns1.example.com (192.0.2.1), ns2.example.com (192.0.2.2), ns3.example.com (192.0.2.3)`
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
	want := "1 of 1 record matches at 3 name servers of example.com and 3 resolvers. Caches may serve an earlier answer for up to 3600 s, its TTL; `settle = true` waits for that."
	if diff := cmp.Diff(want, report.Text()); diff != "" {
		t.Errorf("Text: -want +got\n%s", diff)
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

// Where all is right, a report is one line.
func TestReportOfWhatIsRight(t *testing.T) {
	t.Parallel()
	other := verify.Expectation{Key: "example.org/spf", Owner: name("example.org"), Type: record.TXT, Value: spfValue}
	answers := func(q answer.Question) answer.Set {
		switch {
		case q.Via == answer.Resolvers:
			return answer.Set{List: []answer.Answer{found(7, spfValue)}}
		case q.Name == other.Owner:
			return answer.Set{Zone: other.Owner, List: []answer.Answer{found(4, spfValue), fails(5, answer.Timeout)}}
		case q.Type == record.CNAME:
			return zone(found(1, dkimRecord.Value), found(2, dkimRecord.Value))
		}
		return zone(found(1, spfValue), found(2, spfValue))
	}
	dns := func(q answer.Question, _ time.Duration) (answer.Set, error) { return answers(q), nil } //nolint:unparam // The fake may fail.
	const caches = " Caches may serve an earlier answer for up to 3600 s, its TTL; `settle = true` waits for that."
	tests := map[string]struct {
		options  verify.Options
		expected []verify.Expectation
		want     string
	}{
		"one zone":        {verify.Options{}, []verify.Expectation{dkimRecord, spfRecord}, "2 of 2 records match at 2 name servers of example.com." + caches},
		"one is silent":   {verify.Options{}, []verify.Expectation{spfRecord, other}, "2 of 2 records match at 2 name servers of example.com and 1 of 2 name servers of example.org." + caches + "\n\nNot compared: no answer in time, at ns5.example.com (192.0.2.5)."},
		"resolvers alone": {verify.Options{Query: verify.QueryResolvers}, []verify.Expectation{spfRecord}, "1 of 1 record matches at 1 resolver."},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			report := check(t, dns, tt.options, tt.expected...)
			if diff := cmp.Diff(tt.want, report.Text()); diff != "" {
				t.Errorf("Text: -want +got\n%s", diff)
			}
			if got := report.Observed(); len(got) > 0 {
				t.Errorf("Observed = %q, want nothing", got)
			}
		})
	}
}

// What explains several records is said once, with all that it explains.
func TestReportSaysACauseOnce(t *testing.T) {
	t.Parallel()
	second := verify.Expectation{Key: "example.com/keys/b", Owner: name("b._domainkey.example.com"), Type: record.CNAME, Value: dkimRecord.Value}
	report := check(t, lagging, verify.Options{}, dkimRecord, second, spfRecord)
	for what, text := range map[string]string{"Text": report.Text(), "Failing": report.Failing()} {
		const cause = "cause:    ns2.example.com (192.0.2.2) does not serve the record yet"
		if strings.Count(text, cause) != 1 || !strings.Contains(text, "2 records: example.com/catglobe/dkim, example.com/keys/b\n  "+cause) {
			t.Errorf("%s = %s\nwant the cause once, with both records", what, text)
		}
		if strings.Contains(text, spfRecord.Key) {
			t.Errorf("%s = %s\nwant nothing of the record that matches", what, text)
		}
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
