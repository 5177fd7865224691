package audit_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

// mostQuestions is how many questions an audit may ask for each that its checks need.
const mostQuestions = 1.3

// sixServices is a domain that six services send for, which the configuration names.
func sixServices(t *testing.T) (string, audit.Config) {
	t.Helper()
	ids := []string{"fastmail", "google_workspace", "mailchimp", "mailerlite", "migadu", "zendesk"}
	made, err := compose.Records(compose.Config{
		Domain:   domain,
		Services: map[string]compose.Service{"fastmail": {}, "google_workspace": {Groups: []string{"spf", "mx"}}, "mailchimp": {}, "mailerlite": {}, "migadu": {}, "zendesk": {}},
	})
	if err != nil {
		t.Fatal(err)
	}
	zone := plain + "\n-example.com TXT\n-example.com MX\n"
	for _, key := range made.Records.Keys() {
		r := made.Records[key]
		zone += fmt.Sprintf("%s %s %s\n", r.Owner, r.Type, r.Value)
	}
	zone += "smtp.google.com A 11.0.0.3\nsmtp.google.com AAAA 2600::3\n"
	c := config()
	c.Services, c.Records = services(ids...), made.Records
	return zone, c
}

// The checks need what is asked: another answer to the question, or none, makes another report. Few questions are asked
// that no check needed in the end.
func TestQuestionsNeeded(t *testing.T) {
	t.Parallel()
	six, sixConfig := sixServices(t)
	senders := config()
	senders.Selectors = selectors("s1", "s2")
	senders.Senders = []audit.Sender{{IP: netip.MustParseAddr("11.0.1.7"), HELO: "mx.example.com", Sender: "a@example.com"}}
	for name, tt := range map[string]struct {
		zone   string
		config audit.Config
	}{
		"plain": {plain, config()}, "parked": {parked, audit.Config{Domain: domain, Parked: true, Now: now}}, "full": {full, senders}, "six services": {six, sixConfig},
	} {
		if testing.Short() && name == "six services" {
			continue // It makes three hundred reports, one after the other.
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(tt.zone)
			before := said(run(t, w, tt.config))
			if again := said(run(t, newWorld(tt.zone), tt.config)); again != before {
				t.Fatalf("the same DNS gives two reports:\n%s\n%s", before, again)
			}
			var idle []string
			for _, q := range slices.Sorted(maps.Keys(w.asked)) {
				if !slices.ContainsFunc(others(q), func(answers func(w *world)) bool {
					w := newWorld(tt.zone)
					answers(w)
					return said(run(t, w, tt.config)) != before
				}) {
					idle = append(idle, q)
				}
			}
			asked := len(w.asked)
			needed := asked - len(idle)
			t.Logf("%d questions, of which %d change nothing: %q", asked, len(idle), idle)
			if ratio := float64(asked) / float64(needed); ratio > mostQuestions {
				t.Errorf("%d questions were asked, and the checks need %d: %.2f for one, want at most %.1f", asked, needed, ratio, mostQuestions)
			}
		})
	}
}

// A question of the domain that no server answers is told: a check that needed it is not made, or its finding is another. None
// passes as if nothing were there.
func TestUnansweredIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(plain)
	before := said(run(t, w, config()))
	for _, q := range slices.Sorted(maps.Keys(w.asked)) {
		if name, _, _ := strings.Cut(q, " "); name != "example.com" && !strings.HasSuffix(name, ".example.com") {
			continue
		}
		w := newWorld(plain)
		others(q)[0](w)
		if said(run(t, w, config())) == before {
			t.Errorf("%s fails, and the report is the same", q)
		}
	}
}

// said is all that a report says.
func said(r audit.Report) string {
	return fmt.Sprint(r.Findings, r.NotChecked, r.Passed, r.Senders) + r.Markdown()
}

// others are other answers to a question: none, that there is nothing, and values of each kind.
func others(q string) []func(w *world) {
	name, kind, _ := strings.Cut(q, " ")
	typ, how, _ := strings.Cut(kind, " ")
	key := name + " " + typ
	switch how {
	case "over TCP":
		return []func(w *world){func(w *world) { w.overTCP = answer.Timeout }}
	case "in mixed case":
		return []func(w *world){func(w *world) { w.inMixed = answer.NXDomain }}
	}
	all := []func(w *world){fails(answer.ServFail, key), fails(answer.NXDomain, key)}
	values := map[string][]string{
		"TXT": {"v=DMARC1; p=none", "v=STSv1; id=2", "v=TLSRPTv1; rua=mailto:x@example.com", "v=BIMI1; l=https://example.com/x.svg", "v=spf1 +all", "v=DKIM1; p=", "dkim=all", "o=~", "x"},
		"SPF": {"v=spf1 +all"}, "CNAME": {"elsewhere.example.net"}, "A": {"127.0.0.1"}, "AAAA": {"::1"}, "MX": {"0 ."}, "TLSA": {"3 1 1 " + strings.Repeat("ab", 32)}, "PTR": {"x.example"}, "NS": {"x.example"},
	}
	for _, value := range values[typ] {
		all = append(all, func(w *world) { w.edit(key + " " + value) })
	}
	return all
}
