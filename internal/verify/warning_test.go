package verify_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// validator says of each zone what it is told to.
type validator struct {
	security answer.Security
	err      error

	mu    sync.Mutex
	asked []dnsname.Name
}

func (v *validator) Validate(_ context.Context, n dnsname.Name) (answer.Validation, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked = append(v.asked, n)
	return answer.Validation{Zone: name("example.com"), Security: v.security, Detail: "extended error 7"}, v.err
}

// A zone is questioned once its servers have the records, and never before.
func TestSuccessIsQuestioned(t *testing.T) {
	t.Parallel()
	dmarc := verify.Expectation{Key: "example.com/dmarc", Owner: name("_dmarc.example.com"), Type: record.TXT, Value: "v=DMARC1; p=none"}
	dns := world{"example.com TXT": {found(1, spfValue)}, "_dmarc.example.com TXT": {found(1, "v=DMARC1; p=none")}}
	aliased := world{"example.com TXT": {found(1, spfValue)}, "_dmarc.example.com TXT": {behindAlias(found(1, "v=DMARC1; p=none"), "d.example.net")}}
	elsewhere := func(q answer.Question, at time.Duration) (answer.Set, error) {
		answers, err := aliased.answer(q, at)
		if q.Name == dmarc.Owner {
			answers.Zone = name("example.net")
		}
		return answers, err
	}
	tests := map[string]struct {
		dns     func(answer.Question, time.Duration) (answer.Set, error)
		options verify.Options
		asks    *validator
		asked   []dnsname.Name
		warns   bool
	}{
		"bogus":                 {dns: dns.answer, asks: &validator{security: answer.Bogus}, asked: []dnsname.Name{name("example.com")}, warns: true},
		"behind an alias":       {dns: elsewhere, asks: &validator{security: answer.Bogus}, asked: []dnsname.Name{name("_dmarc.example.com"), name("example.com"), name("example.net")}, warns: true},
		"secure":                {dns: dns.answer, asks: &validator{security: answer.Secure}, asked: []dnsname.Name{name("example.com")}},
		"insecure":              {dns: dns.answer, asks: &validator{security: answer.Insecure}, asked: []dnsname.Name{name("example.com")}},
		"nobody to ask":         {dns: dns.answer, asks: &validator{}, asked: []dnsname.Name{name("example.com")}},
		"an error":              {dns: dns.answer, asks: &validator{security: answer.Bogus, err: errors.New("no zone")}, asked: []dnsname.Name{name("example.com")}},
		"no record":             {dns: world{}.answer, asks: &validator{security: answer.Bogus}},
		"resolvers alone asked": {dns: world{"example.com TXT resolvers": {recalls(found(0, spfValue), 60)}, "_dmarc.example.com TXT resolvers": {recalls(found(0, "v=DMARC1; p=none"), 60)}}.answer, options: verify.Options{Query: verify.QueryResolvers}, asks: &validator{security: answer.Bogus}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				waiter := verify.Waiter{Resolver: newFake(tt.dns), Validator: tt.asks}
				expected := []verify.Expectation{spfRecord, dmarc}
				check, err := waiter.Check(t.Context(), expected, tt.options)
				if err != nil {
					t.Fatal(err)
				}
				slices.SortFunc(tt.asks.asked, dnsname.Name.Compare)
				slices.SortFunc(tt.asked, dnsname.Name.Compare)
				if !slices.Equal(tt.asks.asked, tt.asked) {
					t.Errorf("asked about %v, want %v", tt.asks.asked, tt.asked)
				}
				tt.options.Timeout = time.Minute
				wait, _ := waiter.Wait(t.Context(), expected, tt.options)
				for _, report := range []verify.Report{check, wait} {
					warnings := report.Warnings()
					if len(warnings) > 0 != tt.warns || len(report.Bogus) > 0 != tt.warns {
						t.Fatalf("Warnings = %+v, want some: %v", warnings, tt.warns)
					}
					if tt.warns && (len(warnings) != 1 || warnings[0].Summary != "Bogus DNSSEC signatures of example.com" ||
						!strings.Contains(warnings[0].Detail, "extended error 7") || !strings.Contains(report.Text(), warnings[0].Detail)) {
						t.Errorf("Warnings = %+v, want one about DNSSEC that the report has as well:\n%s", warnings, report.Text())
					}
				}
			})
		})
	}
}

// Servers without a usable answer are spoken of where the others are enough.
func TestRefusalsAreWarnings(t *testing.T) {
	t.Parallel()
	list := []answer.Answer{found(1, spfValue), fails(2, answer.Refused), fails(3, answer.Timeout)}
	tests := map[string]struct {
		require string
		list    []answer.Answer
		says    []string // of the one warning; none where there is none
	}{
		"any":                {"any", list, []string{"example.com/spf: ns2.example.com (192.0.2.2) gave no usable answer (refused (REFUSED))", `require = "any"`}},
		"a number":           {"1", list, []string{"ns2.example.com", `require = "1"`}},
		"any, lame":          {"any", []answer.Answer{found(1, spfValue), fails(2, answer.NotAuthoritative), fails(3, answer.ServFail)}, []string{"ns2.example.com (192.0.2.2), ns3.example.com (192.0.2.3)", "lame", "SERVFAIL"}},
		"any, all answer":    {"any", []answer.Answer{found(1, spfValue), found(2, "v=spf1 ~all")}, nil},
		"any, one is silent": {"any", []answer.Answer{found(1, spfValue), fails(3, answer.Timeout)}, nil},
		"all":                {"all", []answer.Answer{found(1, spfValue)}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dns := func(answer.Question, time.Duration) (answer.Set, error) { return zone(tt.list...), nil }
			report, err := verify.Waiter{Resolver: newFake(dns)}.Wait(t.Context(), []verify.Expectation{spfRecord}, verify.Options{Require: mustRequire(tt.require)})
			if err != nil {
				t.Fatal(err)
			}
			warnings := report.Warnings()
			if len(tt.says) == 0 != (len(warnings) == 0) || len(warnings) > 1 {
				t.Fatalf("Warnings = %+v, want some: %v", warnings, len(tt.says) > 0)
			}
			for _, part := range tt.says {
				if !strings.Contains(warnings[0].Detail, part) {
					t.Errorf("warning %q, want %q in it", warnings[0].Detail, part)
				}
			}
		})
	}
}
