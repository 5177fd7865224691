package verify_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// randomDNS is live DNS by chance: the same for the same seed.
type randomDNS uint64

// source returns the source of chance about a subject.
func (d randomDNS) source(subject string) *rand.Rand {
	h := fnv.New64()
	_, _ = h.Write([]byte(subject)) // A hash takes everything.
	return rand.New(rand.NewPCG(uint64(d), h.Sum64()))
}

func oneOf[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// randomValues are what stands in place of records, by type: much of it a slip.
var randomValues = map[record.Type][]string{
	record.TXT: {
		spfValue, "v=spf1 ~all", "v=spf1 mx -all", `"` + spfValue + `"`, `\"v=spf1 -all\"`, spfValue[:40], "v=spf1", "v=spf1 include: -all", "MS=ms1",
		strings.Replace(spfValue, "com include", "cominclude", 1), edKey, edKey, otherKey, revokedKey, edKey + "; t=y", `"` + otherKey + `"`,
		strings.ReplaceAll(edKey, ";", `\;`), "v=DKIM1", "k=ed25519; p=11qYAYKxCrfV", "h=sha1; " + strings.TrimPrefix(edKey, "v=DKIM1; "),
		policy.Value, "v=DMARC1; p=none", "v=DMARC1", "v=STSv1; id=2", "cg1.dkim.example.net.", `"cg1.dkim.example.net"`,
	},
	record.CNAME: {dkimRecord.Value, dkimRecord.Value, dkimRecord.Value + ".example.com", "cg1.old.example.net", "x.example.org"},
	record.NS:    {"ns1.example.com", "ns9.example.com"},
	record.MX:    {mailRecord.Value, "20 mx.example.net", "0 .", "10 mx.example.net.example.com", "20 mx2.example.net"},
	record.A:     {"192.0.2.9", "192.0.2.1"},
	record.AAAA:  {"2001:db8::1"},
	record.CAA:   {"0 issue letsencrypt.org", "0 issue example.org"},
	record.SRV:   {"0 1 443 a.example.net", "0 1 80 a.example.net"},
	record.TLSA:  {"3 1 1 AB", "3 1 1 CD"},
}

// randomExpectations is what may be expected.
var randomExpectations = []verify.Expectation{
	spfRecord, dkimRecord, keyRecord, policy, mailRecord, expecting(mailRecord, "0 ."), of(record.A, "192.0.2.1"), of(record.CAA, "0 issue letsencrypt.org"),
	of(record.SRV, "0 1 443 a.example.net"), of(record.NS, "ns1.example.com"), of(record.TXT, "x"), of(record.TLSA, "3 1 1 AB"),
}

// answer returns the answer of the n-th server.
func (d randomDNS) answer(r *rand.Rand, q answer.Question, n byte) answer.Answer {
	a := answer.Answer{Server: server(n), TTL: oneOf[uint32](r, 0, 60), Serial: oneOf[uint32](r, 0, 7, 8), Authoritative: q.Via == answer.Authorities}
	if q.Via == answer.Resolvers {
		a.Server = answer.Server{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 52 + n}), 53)}
	}
	a.Outcome = oneOf(r, answer.Found, answer.Found, answer.Found, answer.NoData, answer.NoData, answer.NXDomain, answer.Outcome(1+r.IntN(10)))
	if a.Outcome == answer.Found {
		for range oneOf(r, 1, 1, 2) {
			a.Values = append(a.Values, oneOf(r, randomValues[q.Type]...))
		}
		slices.Sort(a.Values)
	}
	if r.IntN(6) == 0 {
		a.Aliases = []dnsname.Name{name(oneOf(r, dkimRecord.Value, "a.example.org"))}
	}
	if !a.Outcome.Definite() {
		a.Detail, a.Trouble = oneOf(r, "", "the detail"), answer.Trouble(r.IntN(13))
		a.Bogus = r.IntN(6) == 0
	}
	return a
}

// Ask implements [verify.Resolver].
func (d randomDNS) Ask(_ context.Context, q answer.Question) (answer.Set, error) {
	r := d.source(fmt.Sprint(q.Name, q.Type, q.Via))
	if r.IntN(12) == 0 {
		return answer.Set{}, &answer.LookupError{
			Name: q.Name, At: name(oneOf(r, "com", "example.com")), Outcome: answer.Outcome(1 + r.IntN(10)), Reason: answer.Reason(r.IntN(10)),
			Trouble: answer.Trouble(r.IntN(13)), Detail: "the detail",
		}
	}
	var set answer.Set
	if q.Via == answer.Authorities {
		set.Zone = name(oneOf(r, "example.com", "example.com", "example.net"))
	}
	for i := range 1 + r.IntN(3) {
		set.List = append(set.List, d.answer(r, q, byte(i+1)))
	}
	if r.IntN(8) == 0 {
		set.Redirects = []dnsname.Name{name("example.com")}
	}
	if r.IntN(8) == 0 {
		set.Above = []answer.Server{set.List[0].Server}
	}
	if r.IntN(8) == 0 {
		set.AliasedServers = []dnsname.Name{name("ns1.example.com")}
	}
	return set, nil
}

// Survey implements [verify.Surveyor].
func (d randomDNS) Survey(context.Context, dnsname.Name) (answer.Survey, error) {
	r := d.source("survey")
	s := *serials(oneOf[uint32](r, 7, 8), 8, oneOf[uint32](r, 8, 9))
	s.Security = answer.Security(r.IntN(4))
	s.Parent, s.Own = []dnsname.Name{name("ns1.example.com")}, []dnsname.Name{name(oneOf(r, "ns1.example.com", "ns2.example.com"))}
	return s, nil
}

// Compare implements [verify.Surveyor].
func (d randomDNS) Compare(context.Context, dnsname.Name) (answer.Comparison, error) {
	r := d.source("comparison")
	c := origins(oneOf(r, "ns1 x", "inside x"), oneOf[uint32](r, 6, 7, 8), oneOf[uint32](r, 3600, 3599))
	if r.IntN(3) == 0 {
		c.Glue = []answer.Glue{{Host: name("ns2.example.com"), Parent: []netip.Addr{server(2).Addr.Addr()}, Own: []netip.Addr{netip.MustParseAddr("192.0.2.22")}}}
	}
	return c, nil
}

// Whatever servers answer, a record that is not met has a cause; causes come in the order of the rules, each once and with a
// sentence and a remedy; and that a record is not published is said only where nothing tells why.
func TestEveryMismatchHasACause(t *testing.T) {
	t.Parallel()
	rank, aside := make(map[string]int), map[string]bool{}
	for i, r := range verify.Rules() {
		rank[r.Code], aside[r.Code] = i, r.Aside
	}
	unmet := 0
	for seed := range randomDNS(300) {
		r := seed.source("options")
		e := oneOf(r, randomExpectations...)
		o := verify.Options{
			Query: oneOf(r, verify.QueryAuthoritative, verify.QueryResolvers, verify.QueryBoth), Follow: r.IntN(2) == 0,
			Require: mustRequire(oneOf(r, "all", "all", "strict", "any", "2")),
		}
		report, err := verify.Waiter{Resolver: seed}.Check(t.Context(), []verify.Expectation{e}, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, report := range []verify.Report{report, report.Explain(t.Context(), seed, seed)} {
			for _, f := range report.Findings {
				causes := f.Causes()
				if !f.Met() {
					unmet++
				}
				if !f.Met() != (len(causes) > 0) {
					t.Errorf("seed %d: %s %s of %s, met: %t, has the causes %q", seed, f.Type, f.Owner, f.Via, f.Met(), codesOf(causes))
				}
				explained := slices.ContainsFunc(causes, func(c verify.Cause) bool { return !aside[c.Code] })
				for i, c := range causes {
					if !isSentence(c.Sentence) || !isSentence(c.Remedy) {
						t.Errorf("seed %d: cause %+v is not made of sentences", seed, c)
					}
					if i > 0 && (rank[causes[i-1].Code] > rank[c.Code] || slices.ContainsFunc(causes[:i], func(b verify.Cause) bool { return b.Code == c.Code && b.Sentence == c.Sentence })) {
						t.Errorf("seed %d: the causes %q are not in order, each once", seed, codesOf(causes))
					}
					if explained && c.Code == "not-published" {
						t.Errorf("seed %d: the causes are %q, want none that is left where nothing tells why", seed, codesOf(causes))
					}
				}
			}
		}
	}
	if unmet < 300 {
		t.Errorf("%d records were not met, want far more", unmet)
	}
}

// The same answers make the same texts.
func TestCausesAreStable(t *testing.T) {
	t.Parallel()
	text := func(seed randomDNS) string {
		report, err := verify.Waiter{Resolver: seed}.Check(t.Context(), randomExpectations[:5], verify.Options{Query: verify.QueryBoth, Follow: true})
		if err != nil {
			t.Fatal(err)
		}
		report = report.Explain(t.Context(), seed, seed)
		return report.Text() + report.Failing() + fmt.Sprint(report.Warnings())
	}
	for seed := range randomDNS(30) {
		if first, second := text(seed), text(seed); first != second {
			t.Errorf("seed %d: the texts are\n%s\nand\n%s", seed, first, second)
		}
	}
}
