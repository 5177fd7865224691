package verify_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// flood is what hostile servers answer: each something else, and as much as fits.
func flood(servers int, outcome answer.Outcome) []answer.Answer {
	var list []answer.Answer
	for i := range servers {
		a := answer.Answer{
			Server: answer.Server{
				Name: name(fmt.Sprintf("ns%d.%s.example.com", i, strings.Repeat("a", 60))),
				Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)}), 53),
			},
			Outcome: outcome, NSID: strings.Repeat("n", 1000), TTL: 60,
		}
		if outcome == answer.Found {
			for j := range 10 {
				a.Values = append(a.Values, fmt.Sprintf("%d-%d %s", i, j, strings.Repeat("\xff", 1500)))
			}
		} else {
			a.Detail, a.Extended = fmt.Sprint(i, strings.Repeat("d", 4000)), strings.Repeat("e", 4000)
		}
		list = append(list, a)
	}
	return list
}

// However much servers answer, texts have a bound, and say that there is more.
func TestTextsAreBounded(t *testing.T) {
	t.Parallel()
	tests := map[string][]answer.Answer{
		"values":   flood(20, answer.Found),
		"failures": flood(20, answer.ServFail),
		"silence":  flood(30, answer.Timeout),
		"absence":  flood(30, answer.NXDomain),
		"one":      flood(1, answer.Found),
	}
	for n, list := range tests {
		for _, require := range []string{"all", "any"} {
			t.Run(n+", "+require, func(t *testing.T) {
				t.Parallel()
				dns := func(answer.Question, time.Duration) (answer.Set, error) { return zone(list...), nil }
				var expected []verify.Expectation
				for i := range 12 {
					expected = append(expected, verify.Expectation{
						Key: fmt.Sprint("record", i), Owner: name(fmt.Sprintf("r%d.example.com", i)), Type: record.TXT, Value: strings.Repeat("v", 5000),
					})
				}
				resolver := newFake(dns)
				report, err := verify.Waiter{Resolver: resolver}.Check(t.Context(), expected, verify.Options{Require: mustRequire(require)})
				if err != nil {
					t.Fatal(err)
				}
				report = report.Explain(t.Context(), resolver, nil)
				checkBounds(t, report, len(list) > 1)
				got, err := verify.LookUp(t.Context(), resolver, nil, answer.Question{Name: name("example.com"), Type: record.TXT, Via: answer.Authorities})
				if text := got.Text(); err != nil || len(text) > verify.MaxRecordText {
					t.Errorf("LookUp = %v, with a text of %d octets", err, len(text))
				}
			})
		}
	}
}

// checkBounds holds the texts of a report against their bounds, and whether they say that there is more.
func checkBounds(t *testing.T, report verify.Report, more bool) {
	t.Helper()
	for _, f := range report.Findings[:1] { // All of them have the same answers.
		alone := verify.Report{Findings: []verify.Finding{f}}
		for what, text := range map[string]string{"Text": alone.Text(), "Failing": alone.Failing()} {
			if len(text) > 3*verify.MaxRecordText {
				t.Errorf("%s of %s has %d octets: %.100q", what, f.Key, len(text), text)
			}
		}
	}
	for what, text := range map[string]string{"Text": report.Text(), "Failing": report.Failing()} {
		if len(text) > verify.MaxText {
			t.Errorf("%s has %d octets, want at most %d", what, len(text), verify.MaxText)
		}
		if more && !strings.Contains(text, " more") {
			t.Errorf("%s does not say that there is more:\n%.3000s", what, text)
		}
		if !strings.Contains(text, "name servers of example.com") && !strings.Contains(text, "name server of example.com") {
			t.Errorf("%s does not say who was asked", what)
		}
	}
	for key, values := range report.Observed() {
		size := 0
		for _, v := range values {
			size += len(v)
		}
		if size > verify.MaxRecordText+100 {
			t.Errorf("%s has %d octets in %d values", key, size, len(values))
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a line of text\n", 100)
	for _, tt := range []struct {
		text  string
		limit int
		want  string
	}{
		{"short", 100, "short"},
		{long, len(long), long},
		{long, 10_000, long},
		{long, 100, "a line of text\na line of text\na line of text\na line of text\n… and 1440 more octets"},
		{strings.Repeat("x", 200), 100, strings.Repeat("x", 60) + "… and 140 more octets"},
		{strings.Repeat("ä", 200), 101, strings.Repeat("ä", 30) + "… and 340 more octets"},
	} {
		if got := verify.Cut(tt.text, tt.limit); got != tt.want || len(got) > max(tt.limit, len(tt.want)) || !utf8.ValidString(got) {
			t.Errorf("Cut(%.20q, %d) = %q, want %q", tt.text, tt.limit, got, tt.want)
		}
	}
}
