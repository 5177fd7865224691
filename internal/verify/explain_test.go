package verify_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// The whole text of errors as users see them.
func TestExplainedReports(t *testing.T) {
	t.Parallel()
	twoServers := func(values ...string) []answer.Answer {
		return []answer.Answer{found(1, values...), found(2, values...)}
	}
	lagging := answer.Survey{Zone: name("example.com"), Serials: []answer.Serial{
		{Server: server(1), Outcome: answer.Found, Serial: 2026112302},
		{Server: server(2), Outcome: answer.Found, Serial: 2026112301},
	}}
	tests := map[string]struct {
		causeCase
		failing, text string
	}{
		"two SPF": {
			causeCase: causeCase{expected: spfRecord, dns: world{"example.com TXT": twoServers("MS=ms1", "v=spf1 include:spf.example.net ~all", spfValue)}.answer},
			failing: `example.com/spf: TXT example.com
  expected: v=spf1 include:spf.protection.outlook.com include:spf.example.net -all
  seen:     2 SPF records, and only one is allowed: with several, receivers reject all of them as a permanent error (RFC 7208 §4.5); seen «v=spf1 include:spf.example.net ~all», «v=spf1 include:spf.protection.outlook.com include:spf.example.net -all», at all 2 name servers of example.com
  cause:    example.com has 2 SPF records and may have only one: «v=spf1 include:spf.protection.outlook.com include:spf.example.net -all» is the expected one, and «v=spf1 include:spf.example.net ~all» is another, perhaps an old one.
  to do:    Remove the other SPF record at the DNS provider; if Terraform replaces it with ` + "`create_before_destroy`, it removes the old record only after this validation, which then never matches, so change the record in place or remove `create_before_destroy`" + `.

Servers asked, the name servers of example.com: ns1.example.com (192.0.2.1), ns2.example.com (192.0.2.2)`,
		},
		"zone appended twice, one server behind": {
			causeCase: causeCase{expected: dkimRecord, survey: &lagging, dns: world{
				"cg1._domainkey.example.com CNAME":             {fails(1, answer.NXDomain), fails(2, answer.NXDomain)},
				"cg1._domainkey.example.com.example.com CNAME": {found(1, dkimRecord.Value), fails(2, answer.NXDomain)},
			}.answer},
			failing: `example.com/catglobe/dkim: CNAME cg1._domainkey.example.com
  expected: cg1.dkim.example.net
  seen:     name does not exist (NXDOMAIN), at all 2 name servers of example.com
  cause:    The record is at cg1._domainkey.example.com.example.com: the DNS provider appended the zone example.com to a name that had it already.
  to do:    Give the DNS provider the name relative to the zone (` + "`name`, or `relative_name`" + ` if the zone is another domain), or with a final dot, and remove the misplaced record.
  cause:    ns2.example.com (192.0.2.2) has a lower serial of the zone example.com than its other name servers: an older version, or that of another DNS provider, which has its own serials.
  now:      Of the zone's serials, ns1.example.com (192.0.2.1) has 2026112302 and ns2.example.com (192.0.2.2) has 2026112301.
  to do:    Wait until every server follows the zone's primary; if two DNS providers serve the zone, publish every record at both.

Servers asked, the name servers of example.com: ns1.example.com (192.0.2.1), ns2.example.com (192.0.2.2)`,
		},
		"an absence in a resolver's cache": {
			causeCase: causeCase{expected: spfRecord, options: verify.Options{Query: verify.QueryBoth}, dns: world{
				"example.com TXT":           twoServers(spfValue),
				"example.com TXT resolvers": {recalls(fails(0, answer.NXDomain), 847)},
			}.answer},
			failing: `example.com/spf: TXT example.com
  expected: v=spf1 include:spf.protection.outlook.com include:spf.example.net -all
  seen:     name does not exist (NXDOMAIN), at the only resolver
  cause:    The name servers serve the record, and 192.0.2.53 still remembers that there was none.
  now:      192.0.2.53 forgets it in 847 s.
  to do:    Wait until the time to live of that answer is over, or, if the resolver is yours, flush its cache; other resolvers forget the answer by themselves.

Servers asked, the name servers of example.com: ns1.example.com (192.0.2.1), ns2.example.com (192.0.2.2)
Servers asked, the resolvers: 192.0.2.53`,
			text: `0 of 1 record matches.

example.com/spf: TXT example.com
  expected: v=spf1 include:spf.protection.outlook.com include:spf.example.net -all
  seen:     name does not exist (NXDOMAIN), at the only resolver
  cause:    The name servers serve the record, and 192.0.2.53 still remembers that there was none.
  to do:    Wait until the time to live of that answer is over, or, if the resolver is yours, flush its cache; other resolvers forget the answer by themselves.

Servers asked, the name servers of example.com: ns1.example.com (192.0.2.1), ns2.example.com (192.0.2.2)
Servers asked, the resolvers: 192.0.2.53

Caches may serve an earlier answer for up to 3600 s, its TTL; ` + "`settle = true`" + ` waits for that.`,
		},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			report := explain(t, tt.causeCase)
			if diff := cmp.Diff(tt.failing, report.Failing()); diff != "" {
				t.Errorf("Failing: -want +got\n%s", diff)
			}
			if diff := cmp.Diff(tt.text, report.Text()); tt.text != "" && diff != "" {
				t.Errorf("Text: -want +got\n%s", diff)
			}
		})
	}
}

// The order of servers, serials and seconds do not show in what goes into state.
func TestExplainedTextIsTimeless(t *testing.T) {
	t.Parallel()
	forwards := causeCase{
		expected: spfRecord, options: verify.Options{Query: verify.QueryBoth},
		dns:    world{"example.com TXT": {found(1, spfValue), found(2, "v=spf1 ~all"), fails(3, answer.NoData)}}.answer,
		survey: &answer.Survey{Zone: name("example.com"), Serials: []answer.Serial{{Server: server(1), Outcome: answer.Found, Serial: 5}, {Server: server(2), Outcome: answer.Found, Serial: 4}}},
	}
	late := fails(3, answer.NoData)
	late.TTL, late.Serial = 899, 3
	backwards := forwards
	backwards.dns = world{"example.com TXT": {late, found(2, "v=spf1 ~all"), found(1, spfValue)}}.answer
	backwards.survey = &answer.Survey{Zone: name("example.com"), Serials: []answer.Serial{{Server: server(2), Outcome: answer.Found, Serial: 8}, {Server: server(1), Outcome: answer.Found, Serial: 9}}}
	if diff := cmp.Diff(explain(t, forwards).Text(), explain(t, backwards).Text()); diff != "" {
		t.Errorf("Text depends on the moment:\n%s", diff)
	}
}

// A DNS provider that flattens on some servers only, or whose key cannot be compared.
func TestFlattened(t *testing.T) {
	t.Parallel()
	const owner, target = "cg1._domainkey.example.com", "cg1.dkim.example.net TXT"
	tests := map[string]struct {
		cname, own, target []answer.Answer
		follow             bool
		want               verify.State
	}{
		"everywhere":                        {[]answer.Answer{fails(1, answer.NoData), fails(2, answer.NoData)}, []answer.Answer{found(1, edKey), found(2, edKey)}, []answer.Answer{found(1, edKey)}, false, verify.Valid},
		"everywhere, and followed":          {[]answer.Answer{fails(1, answer.NoData)}, []answer.Answer{found(1, edKey)}, []answer.Answer{found(1, edKey)}, true, verify.Valid},
		"at one of two":                     {[]answer.Answer{found(1, dkimRecord.Value), fails(2, answer.NoData)}, []answer.Answer{behindAlias(found(1, edKey), dkimRecord.Value), found(2, edKey)}, []answer.Answer{found(1, edKey)}, false, verify.Valid},
		"one of two without":                {[]answer.Answer{fails(1, answer.NoData), fails(2, answer.NoData)}, []answer.Answer{found(1, edKey), fails(2, answer.NoData)}, []answer.Answer{found(1, edKey)}, false, verify.Unclear},
		"with another tag":                  {[]answer.Answer{fails(1, answer.NoData)}, []answer.Answer{found(1, edKey+"; h=sha1")}, []answer.Answer{found(1, edKey)}, false, verify.Invalid},
		"through an alias":                  {[]answer.Answer{fails(1, answer.NoData)}, []answer.Answer{behindAlias(found(1, edKey), "x.example.net")}, []answer.Answer{found(1, edKey)}, false, verify.Invalid},
		"two keys":                          {[]answer.Answer{fails(1, answer.NoData)}, []answer.Answer{found(1, edKey, otherKey)}, []answer.Answer{found(1, edKey)}, false, verify.Invalid},
		"revoked, as at the target":         {[]answer.Answer{fails(1, answer.NoData)}, []answer.Answer{found(1, revokedKey)}, []answer.Answer{found(1, revokedKey)}, false, verify.Invalid},
		"target silent":                     {[]answer.Answer{fails(1, answer.NoData)}, []answer.Answer{found(1, edKey)}, []answer.Answer{fails(1, answer.Timeout)}, false, verify.Unclear},
		"target silent, another has it":     {[]answer.Answer{found(1, dkimRecord.Value), fails(2, answer.NoData)}, []answer.Answer{found(2, edKey)}, []answer.Answer{fails(1, answer.Timeout)}, false, verify.Unclear},
		"one of the target's servers quiet": {[]answer.Answer{fails(1, answer.NoData)}, []answer.Answer{found(1, edKey)}, []answer.Answer{found(1, edKey), fails(2, answer.Timeout)}, false, verify.Valid},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			dns := world{owner + " CNAME": tt.cname, owner + " TXT": tt.own, target: tt.target}
			report := check(t, dns.answer, verify.Options{Follow: tt.follow}, dkimRecord)
			if got := report.State(); got != tt.want {
				t.Errorf("state = %v, want %v:\n%s", got, tt.want, report.Text())
			}
		})
	}
}

// A server whose key cannot be compared is not one that is silent, and must not be passed over as such.
func TestFlattenedIsNotPassedOver(t *testing.T) {
	t.Parallel()
	const owner = "cg1._domainkey.example.com"
	report := check(t, world{
		owner + " CNAME":           {found(1, dkimRecord.Value), fails(2, answer.NoData)},
		owner + " TXT":             {found(2, edKey)},
		"cg1.dkim.example.net TXT": {fails(1, answer.Timeout)},
	}.answer, verify.Options{}, dkimRecord)
	if got := report.Findings[0].Seen[1].Verdict; got != verify.Mismatch {
		t.Errorf("verdict on the second server = %v, want %v", got, verify.Mismatch)
	}
}

// What the authorities flatten, resolvers have flattened too.
func TestFlattenedAtResolvers(t *testing.T) {
	t.Parallel()
	const owner, target = "cg1._domainkey.example.com", "cg1.dkim.example.net"
	report := check(t, world{
		owner + " CNAME":           {fails(1, answer.NoData)},
		owner + " TXT":             {found(1, edKey)},
		target + " TXT":            {found(1, edKey)},
		owner + " CNAME resolvers": {recalls(fails(0, answer.NoData), 60)},
		owner + " TXT resolvers":   {recalls(found(0, edKey), 60)},
		target + " TXT resolvers":  {recalls(found(0, edKey), 60)},
	}.answer, verify.Options{Query: verify.QueryBoth}, dkimRecord)
	if got := report.State(); got != verify.Valid || len(report.Findings) != 2 {
		t.Errorf("state = %v with %d findings, want %v with 2:\n%s", got, len(report.Findings), verify.Valid, report.Text())
	}
}

// Questions about a flattened name are asked only where it may be one.
func TestFlattenedCost(t *testing.T) {
	t.Parallel()
	for title, tt := range map[string]struct {
		dns  world
		want int
	}{
		"the CNAME stands": {world{"cg1._domainkey.example.com CNAME": {found(1, dkimRecord.Value)}}, 1},
		"no such name":     {world{}, 1},
		"no such record":   {world{"cg1._domainkey.example.com CNAME": {fails(1, answer.NoData)}}, 2},
		"flattened":        {world{"cg1._domainkey.example.com CNAME": {fails(1, answer.NoData)}, "cg1._domainkey.example.com TXT": {found(1, edKey)}}, 3},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			resolver := newFake(tt.dns.answer)
			if _, err := (verify.Waiter{Resolver: resolver}).Check(t.Context(), []verify.Expectation{dkimRecord}, verify.Options{}); err != nil {
				t.Fatal(err)
			}
			if got := len(resolver.asked); got != tt.want {
				t.Errorf("asked %d questions, want %d", got, tt.want)
			}
		})
	}
}

func TestExtendedErrorsAndIdentities(t *testing.T) {
	t.Parallel()
	refused := fails(2, answer.Refused)
	refused.Detail, refused.Extended, refused.NSID = "extended error 20 (Not Authoritative)", "extended error 20 (Not Authoritative)", "pop7"
	filtered := fails(3, answer.NXDomain)
	filtered.Extended = "extended error 17 (Filtered)"
	report := check(t, answers(found(1, spfValue), refused, filtered), verify.Options{}, spfRecord)
	const said = "refused (REFUSED): extended error 20 (Not Authoritative), at ns2.example.com (192.0.2.2)"
	if text := report.Text(); !strings.Contains(text, said) || !strings.Contains(text, "(NXDOMAIN) (extended error 17 (Filtered)), at ns3") || strings.Contains(text, "NSID") {
		t.Errorf("Text = %s\nwant the extended errors once each, and no NSID", text)
	}
	if text := report.Failing(); !strings.Contains(text, said+" [NSID pop7]") {
		t.Errorf("Failing = %s\nwant the NSID", text)
	}
}

// Much and long data stays readable.
func TestExplainedReportOfMuchData(t *testing.T) {
	t.Parallel()
	var values []string
	for range 100 {
		values = append(values, `"v=spf1 `+strings.Repeat("x", 4096)+`"`)
	}
	report := explain(t, causeCase{expected: spfRecord, dns: answers(found(1, values...))})
	text := report.Failing()
	if len(text) > 16<<10 || strings.Count(text, "«") > 10 {
		t.Errorf("Failing has %d octets and %d values:\n%s", len(text), strings.Count(text, "«"), text)
	}
}

// What is asked to find a cause is asked of authorities alone: resolvers would remember that a name is missing.
func TestExplainAsksAuthorities(t *testing.T) {
	t.Parallel()
	resolver := newFake(world{}.answer)
	report, err := verify.Waiter{Resolver: resolver}.Check(t.Context(), []verify.Expectation{spfRecord, dkimRecord, keyRecord}, verify.Options{Query: verify.QueryResolvers})
	if err != nil {
		t.Fatal(err)
	}
	before := len(resolver.asked)
	report.Explain(t.Context(), resolver, nil)
	questions := make(map[answer.Question]bool)
	for _, a := range resolver.asked[before:] {
		if a.Via != answer.Authorities || questions[a.Question] {
			t.Errorf("asked %v, want each question once, of authorities", a.Question)
		}
		questions[a.Question] = true
	}
	if len(questions) == 0 {
		t.Error("Explain asked nothing")
	}
}

func TestExplainIsBounded(t *testing.T) {
	t.Parallel()
	var expected []verify.Expectation
	for i := range 100 {
		expected = append(expected, verify.Expectation{Key: fmt.Sprint(i), Owner: name(fmt.Sprintf("a%d.example.com", i)), Type: record.TXT, Value: "x"})
	}
	resolver, zones := newFake(world{}.answer), &surveyor{err: errors.New("no")}
	report, err := verify.Waiter{Resolver: resolver}.Check(t.Context(), expected, verify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := len(resolver.asked)
	explained := report.Explain(t.Context(), resolver, zones)
	// Each owner is asked about with the zone appended, and once beside that name, which is the same name for all.
	if got, want := len(resolver.asked)-before, verify.MaxDiagnosed+1; got != want {
		t.Errorf("Explain asked %d questions, want %d", got, want)
	}
	if len(zones.asked) != 1 {
		t.Errorf("Explain surveyed %v, want the zone once", zones.asked)
	}
	for _, f := range explained.Findings {
		if len(f.Causes()) == 0 {
			t.Errorf("%s has no cause", f.Key)
		}
	}
}

func TestExplainObeysItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	resolver, zones := newFake(world{}.answer), &surveyor{}
	report, err := verify.Waiter{Resolver: resolver}.Check(ctx, []verify.Expectation{spfRecord}, verify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	before := len(resolver.asked)
	got := report.Explain(ctx, resolver, zones)
	if len(resolver.asked) != before || len(zones.asked) != 0 {
		t.Error("Explain asked after its context was over")
	}
	if diff := cmp.Diff(codes("not-published"), codesOf(got.Findings[0].Causes())); diff != "" {
		t.Errorf("causes: -want +got\n%s", diff)
	}
}
