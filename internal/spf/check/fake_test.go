package check

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// A checkCase is one check and what must come of it.
type checkCase struct {
	name string // the section of RFC 7208, and what it asks for
	dns  string

	ip     string // 192.0.2.1 where empty
	sender string // user@example.com where empty; "<>" for none
	helo   string // client.example.net where empty
	domain string

	want    Result
	exp     string // the explanation
	matched string // the end of Matched
	problem string // a part of the problem
	lookups int
	voids   int
	asked   []spftest.Question // all questions in order, where they matter
}

func (c checkCase) query(t testing.TB) Query {
	t.Helper()
	q := Query{IP: netip.MustParseAddr("192.0.2.1"), Sender: "user@example.com", HELO: "client.example.net", Domain: c.domain}
	if c.ip != "" {
		q.IP = netip.MustParseAddr(c.ip)
	}
	if c.sender != "" {
		q.Sender = c.sender
	}
	if c.helo != "" {
		q.HELO = c.helo
	}
	return q
}

// runChecks runs a table. The counts of lookups are checked in [TestCheckLimits] alone, where they are the subject.
func runChecks(t *testing.T, tests []checkCase, counts bool) {
	t.Helper()
	names := map[string]bool{}
	for _, tt := range tests {
		if names[tt.name] {
			t.Errorf("two cases are named %q", tt.name)
		}
		names[tt.name] = true
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dns := spftest.NewScript(t, tt.dns)
			got, err := Checker{Resolver: dns}.Check(t.Context(), tt.query(t))
			if err != nil {
				t.Fatalf("Check() = %v", err)
			}
			if got.Result != tt.want || got.Explanation != tt.exp {
				t.Errorf("Check() = %s, explained by %q; want %s, explained by %q\n%v\n%s", got.Result, got.Explanation, tt.want, tt.exp, got, got.Problem)
			}
			if !strings.HasSuffix(got.Matched, tt.matched) {
				t.Errorf("Check() matched %q, want …%q", got.Matched, tt.matched)
			}
			if !strings.Contains(got.Problem, tt.problem) {
				t.Errorf("the problem is %q, want it to say %q", got.Problem, tt.problem)
			}
			if counts && (got.Lookups != tt.lookups || got.Voids != tt.voids) {
				t.Errorf("Check() counts %d lookups and %d void ones, want %d and %d", got.Lookups, got.Voids, tt.lookups, tt.voids)
			}
			if tt.asked != nil && !slices.Equal(dns.Asked, tt.asked) {
				t.Errorf("asked %q, want %q", dns.Asked, tt.asked)
			}
			checkSound(t, got, dns)
		})
	}
}

// checkSound holds what is true of every check.
func checkSound(t testing.TB, c Outcome, dns *spftest.Script) {
	t.Helper()
	problematic := c.Result == None || c.Result == TempError || c.Result == PermError
	switch {
	case !slices.Contains([]Result{None, Neutral, Pass, Fail, SoftFail, TempError, PermError}, c.Result):
		t.Errorf("the result is %q", c.Result)
	case problematic != (c.Problem != ""):
		t.Errorf("the result is %s and the problem %q", c.Result, c.Problem)
	case problematic && c.Matched != "":
		t.Errorf("the result is %s and the match %q", c.Result, c.Matched)
	case (c.Result == Pass || c.Result == Fail || c.Result == SoftFail) && c.Matched == "":
		t.Errorf("the result is %s, and nothing matched", c.Result)
	case c.Result != Fail && c.Explanation != "":
		t.Errorf("the result is %s and has the explanation %q", c.Result, c.Explanation)
	}
	if c.Lookups < 0 || c.Lookups > 10 || c.Voids < 0 || c.Voids > 3 {
		t.Errorf("%d lookups and %d void ones are counted", c.Lookups, c.Voids)
	}
	// Ten terms, each with ten mail servers; the client's names once; the domain and its explanation.
	if len(dns.Asked) > 10*11+11+2 {
		t.Errorf("%d questions were asked", len(dns.Asked))
	}
	for _, text := range []string{c.String(), c.Problem, c.Matched} {
		for _, r := range text {
			if !strconv.IsPrint(r) && r != '\n' {
				t.Errorf("%q may not be shown: it holds %U", text, r)
			}
		}
	}
	if c.Trace == nil || c.Trace.Result != c.Result {
		t.Errorf("the result is %s, and that of the trace is not: %+v", c.Result, c.Trace)
	}
}
