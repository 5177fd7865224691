package verify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// ownRunes are the characters beyond ASCII of the project's own sentences.
const ownRunes = "«»…§"

// FuzzExplain checks that nothing from DNS panics, or reaches a terminal as it came.
func FuzzExplain(f *testing.F) {
	for _, value := range []string{
		"", " ", spfValue, `"` + spfValue + `"`, `v=spf1 \"`, `\`, `"`, `""`, `\03`, `"" ""`, edKey, edKey + "; t=y", "v=DKIM1", "v=DKIM1; p=\x1b[2J", "p=\xc0AAA", "p=\x9b31m", "p=\xad;k=\u202e", "k=rsa; h=\x1b]0;x\a; p=AA==",
		"v=spf1 \x1b[31m -all", "v=spf1 include:\u202eexample.com -all", "v=spf1 exists:\u2066%{i}", "v=DMARC1; p=\x9b31m", "\x00\x7f\u0085\u061c", "0 .", "10 mx.example.net.example.com", `0 issue "\"`,
		"cg1.dkim.example.net.", "cg1.dkim.example.net.example.com", "\u202e.example.net", strings.Repeat("v=spf1 ", 9362), strings.Repeat("\x1b", 64<<10), `"` + strings.Repeat(`\`, 64<<10) + `"`,
	} {
		f.Add(value, value, "a.example.net")
	}
	expected := []verify.Expectation{
		spfRecord, dkimRecord, keyRecord, policy, mailRecord,
		{Key: "text", Owner: name("t.example.com"), Type: record.TXT, Value: "MS=ms1"},
		{Key: "caa", Owner: name("c.example.com"), Type: record.CAA, Value: `0 issue "ca.example.net"`},
	}
	f.Fuzz(func(t *testing.T, value, other, alias string) {
		dns := hostile(value, other, dnsname.FromDNS(alias))
		resolver, zones := newFake(dns), &surveyor{survey: answer.Survey{
			Zone: dnsname.FromDNS(alias), Parent: []dnsname.Name{dnsname.FromDNS(alias)}, Own: []dnsname.Name{name("ns1.example.com")},
		}}
		for _, o := range []verify.Options{{Follow: true}, {Query: verify.QueryResolvers}} {
			report, err := verify.Waiter{Resolver: resolver}.Check(t.Context(), expected, o)
			if err != nil {
				t.Fatal(err)
			}
			report = report.Explain(t.Context(), resolver, zones)
			isFit(t, report.Text())
			isFit(t, report.Failing())
		}
		for _, e := range expected {
			l, err := verify.LookUp(t.Context(), resolver, zones, answer.Question{Name: e.Owner, Type: e.Type, Via: answer.Authorities})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range l.Causes {
				isFit(t, c.Sentence+c.Remedy+c.Now)
			}
		}
	})
}

// hostile answers some questions with one value, others with another or both, and some through an alias.
func hostile(value, other string, alias dnsname.Name) func(answer.Question, time.Duration) (answer.Set, error) {
	return func(q answer.Question, _ time.Duration) (answer.Set, error) {
		answers := answer.Set{Zone: alias, List: []answer.Answer{found(1, value), found(2, other, value)}}
		switch {
		case q.Via == answer.Resolvers:
			answers.Zone = dnsname.Name{}
		case q.Name == dkimRecord.Owner && q.Type == record.CNAME && len(value)%2 == 0:
			answers.List = []answer.Answer{fails(1, answer.NoData)}
		case len(q.Name.Labels())%2 == 0:
			answers.Zone = name("example.com")
		case alias.IsValid():
			answers.List[0].Aliases = []dnsname.Name{alias}
		}
		return answers, nil
	}
}

func isFit(t *testing.T, text string) {
	t.Helper()
	for i, r := range text {
		if r != '\n' && (r < ' ' || r > '~') && !strings.ContainsRune(ownRunes, r) {
			t.Errorf("%q at octet %d of a text of %d octets", r, i, len(text))
			return
		}
	}
}
