package verify_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

type lookupCase struct {
	owner  string
	typ    record.Type
	via    answer.Via
	dns    func(answer.Question, time.Duration) (answer.Set, error)
	survey *answer.Survey
	agree  bool
	values []string
	want   []string
}

func TestLookUp(t *testing.T) {
	t.Parallel()
	const key = "s._domainkey.example.com"
	apex := answers
	blanks := strings.Replace(edKey, "TyWQHOg7h", "TyWQ HOg7h", 1)
	tests := map[string]lookupCase{
		"all agree":           {owner: "example.com", dns: apex(found(1, spfValue), found(2, spfValue)), agree: true, values: []string{spfValue}},
		"nothing":             {owner: "example.com", dns: apex(fails(1, answer.NoData), fails(2, answer.NXDomain)), agree: true},
		"one address silent":  {owner: "example.com", dns: apex(found(1, "x"), otherAddress(fails(1, answer.Unreachable))), agree: true, values: []string{"x"}},
		"two SPF":             {owner: "example.com", dns: apex(found(1, "v=spf1 -all", "v=spf1 mx -all")), agree: true, values: []string{"v=spf1 -all", "v=spf1 mx -all"}, want: codes("several-spf")},
		"a broken SPF":        {owner: "example.com", dns: apex(found(1, "v=spf1 ip4:x -all")), agree: true, values: []string{"v=spf1 ip4:x -all"}, want: codes("spf-broken")},
		"an empty SPF":        {owner: "example.com", dns: apex(found(1, "v=spf1")), agree: true, values: []string{"v=spf1"}},
		"quotes":              {owner: "example.com", dns: apex(found(1, `"v=spf1 -all"`)), agree: true, values: []string{`"v=spf1 -all"`}, want: codes("literal-quotes")},
		"backslashes":         {owner: "example.com", dns: apex(found(1, `v=DMARC1\; p=none`)), agree: true, values: []string{`v=DMARC1\; p=none`}, want: codes("literal-backslashes")},
		"two keys":            {owner: key, dns: world{key + " TXT": {found(1, edKey, otherKey)}}.answer, agree: true, values: []string{edKey, otherKey}, want: codes("several-keys")},
		"a broken key":        {owner: key, dns: world{key + " TXT": {found(1, "v=DKIM1; p=x")}}.answer, agree: true, values: []string{"v=DKIM1; p=x"}, want: codes("key-broken")},
		"a revoked key":       {owner: key, dns: world{key + " TXT": {found(1, revokedKey)}}.answer, agree: true, values: []string{revokedKey}, want: codes("key-revoked")},
		"blanks in a key":     {owner: key, dns: world{key + " TXT": {found(1, blanks)}}.answer, agree: true, values: []string{blanks}, want: codes("blank-at-chunk-border")},
		"a test key":          {owner: key, dns: world{key + " TXT": {found(1, edKey+"; t=y")}}.answer, agree: true, values: []string{edKey + "; t=y"}, want: codes("key-in-test-mode")},
		"a key behind CNAME":  {owner: key, dns: world{key + " TXT": {behindAlias(found(1, edKey), "t.example.net")}}.answer, agree: true, values: []string{edKey}},
		"CNAME without key":   {owner: key, dns: world{key + " TXT": {behindAlias(fails(1, answer.NXDomain), "t.example.net")}}.answer, agree: true, want: codes("cname-in-place-of-record")},
		"a key elsewhere":     {owner: key, dns: world{"s.example.com TXT": {found(1, edKey)}}.answer, agree: true, want: codes("key-at-another-name")},
		"zone appended twice": {owner: key, dns: world{key + ".example.com TXT": {found(1, edKey)}}.answer, agree: true, want: codes("zone-appended-twice")},
		"TXT and no CNAME":    {owner: key, typ: record.CNAME, dns: world{key + " CNAME": {fails(1, answer.NoData)}, key + " TXT": {found(1, edKey)}}.answer, agree: true},
		"servers behind": {
			owner: "example.com", dns: apex(found(1, "x"), found(2, "y")), want: codes("servers-behind"),
			survey: &answer.Survey{Zone: name("example.com"), Serials: []answer.Serial{{Server: server(1), Outcome: answer.Found, Serial: 2}, {Server: server(2), Outcome: answer.Found, Serial: 1}}},
		},
		"a server silent":      {owner: "example.com", dns: apex(found(1, "x"), fails(2, answer.Timeout)), want: codes("servers-silent")},
		"a wildcard":           {owner: "a.example.com", dns: wildcard, agree: true, values: []string{"x"}, want: codes("wildcard-answers")},
		"no key":               {owner: key, dns: world{}.answer, agree: true, want: codes("not-published")},
		"no key, some records": {owner: key, dns: world{key + " TXT": {fails(1, answer.NoData)}}.answer, agree: true, want: codes("not-published")},
		"no CNAME to a key":    {owner: key, typ: record.CNAME, dns: world{}.answer, agree: true, want: codes("not-published")},
		"no policy":            {owner: "_dmarc.example.com", dns: world{}.answer, agree: true},
		"no key, one silent":   {owner: key, dns: world{key + " TXT": {fails(1, answer.Timeout), fails(2, answer.NXDomain)}}.answer, want: codes("servers-silent", "not-published")},
		"alias, one silent":    {owner: "example.com", dns: apex(behindAlias(fails(1, answer.Timeout), "a.example.net"), behindAlias(fails(2, answer.NoData), "a.example.net")), want: codes("servers-silent", "cname-in-place-of-record")},
		"no key, no answer":    {owner: key, dns: world{key + " TXT": {fails(1, answer.Timeout)}}.answer, want: codes("servers-silent")},
		"a wildcard at a key":  {owner: key, dns: wildcard, agree: true, values: []string{"x"}, want: codes("wildcard-answers")},
		"delegated apart":      {owner: "example.com", dns: apex(found(1, "x")), agree: true, values: []string{"x"}, survey: &answer.Survey{Zone: name("example.com"), Parent: []dnsname.Name{name("a.example")}, Own: []dnsname.Name{name("b.example")}}, want: codes("parent-delegates-elsewhere")},
		"bogus":                {owner: "example.com", dns: apex(found(1, "x")), agree: true, values: []string{"x"}, survey: &answer.Survey{Zone: name("example.com"), Security: answer.Bogus}, want: codes("dnssec-bogus")},
		"not registered":       {owner: "example.com", dns: undelegated(answer.NotDelegated, answer.NXDomain), want: codes("name-not-delegated")},
		"lookup failed":        {owner: "example.com", dns: undelegated(answer.Failure, answer.ServFail), survey: &answer.Survey{Zone: name("example.com"), Security: answer.Bogus}, want: codes("lookup-failed", "dnssec-bogus")},
		"bogus at resolver":    {owner: "example.com", via: answer.Resolvers, dns: world{"example.com TXT resolvers": {bogus(recalls(fails(0, answer.ServFail), 0))}}.answer, want: codes("dnssec-bogus")},
		"resolvers differ":     {owner: "example.com", via: answer.Resolvers, dns: world{"example.com TXT resolvers": {found(1, "x"), found(2, "y")}}.answer},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			q := answer.Question{Name: name(tt.owner), Type: tt.typ, Via: tt.via}
			if q.Type == "" {
				q.Type = record.TXT
			}
			if q.Via == "" {
				q.Via = answer.Authorities
			}
			var zones verify.Surveyor
			if tt.survey != nil {
				zones = &surveyor{survey: *tt.survey}
			}
			got, err := verify.LookUp(t.Context(), newFake(tt.dns), zones, q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, codesOf(got.Causes)); diff != "" {
				t.Errorf("causes: -want +got\n%s\n%+v", diff, got.Causes)
			}
			if got.Agree != tt.agree || !cmp.Equal(got.Values, tt.values) {
				t.Errorf("Agree, Values = %v, %q; want %v, %q", got.Agree, got.Values, tt.agree, tt.values)
			}
			for _, c := range got.Causes {
				if !isSentence(c.Sentence) || !isSentence(c.Remedy) {
					t.Errorf("cause %+v is not made of sentences", c)
				}
			}
		})
	}
}

// wildcard answers every name of the zone.
func wildcard(answer.Question, time.Duration) (answer.Set, error) {
	return zone(found(1, "x")), nil
}

func TestLookUpErrors(t *testing.T) {
	t.Parallel()
	ask := answer.Question{Name: name("example.com"), Type: record.TXT, Via: answer.Authorities}
	broken := errors.New("broken")
	_, err := verify.LookUp(t.Context(), newFake(func(answer.Question, time.Duration) (answer.Set, error) { return answer.Set{}, broken }), nil, ask)
	if !errors.Is(err, broken) {
		t.Errorf("LookUp = %v, want the resolver's error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancelling := newFake(func(q answer.Question, _ time.Duration) (answer.Set, error) {
		cancel()
		return zone(fails(1, answer.NXDomain)), nil
	})
	if _, err := verify.LookUp(ctx, cancelling, nil, ask); !errors.Is(err, context.Canceled) {
		t.Errorf("LookUp of a context that was cancelled = %v, want %v", err, context.Canceled)
	}
	if len(cancelling.asked) != 1 {
		t.Errorf("asked %d questions after the context was cancelled, want none", len(cancelling.asked)-1)
	}
}

func TestLookUpText(t *testing.T) {
	t.Parallel()
	failing := fails(2, answer.ServFail)
	failing.Extended = "extended error 6 (DNSSEC Bogus)"
	aliased := found(3, "x\x1b[2J")
	aliased.Aliases = []dnsname.Name{name("a.example.net"), name("b.example.net")}
	tests := map[string]struct {
		answers answer.Set
		err     error
		want    string
	}{
		"answers": {
			answers: zone(found(1, "x", "y"), failing, aliased),
			want: `example.com TXT:
  ns1.example.com (192.0.2.1): «x», «y»
  ns2.example.com (192.0.2.2): server failure (SERVFAIL) (extended error 6 (DNSSEC Bogus))
  ns3.example.com (192.0.2.3): «x\027[2J», by way of a.example.net and b.example.net
  cause: `,
		},
		"nobody to ask": {
			err:  &answer.LookupError{Name: name("example.com"), At: name("com"), Outcome: answer.NXDomain, Reason: answer.NotDelegated},
			want: "example.com TXT: no server was asked.\n  cause: ",
		},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			resolver := newFake(func(answer.Question, time.Duration) (answer.Set, error) { return tt.answers, tt.err })
			got, err := verify.LookUp(t.Context(), resolver, nil, answer.Question{Name: name("example.com"), Type: record.TXT, Via: answer.Authorities})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(got.Text(), tt.want) {
				t.Errorf("Text = \n%s\nwant it to begin with\n%s", got.Text(), tt.want)
			}
		})
	}
}
