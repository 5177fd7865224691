package verify_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

const revokedKey = "v=DKIM1; p="

var (
	keyRecord  = verify.Expectation{Key: "example.com/keys/s", Owner: name("s._domainkey.example.com"), Type: record.TXT, Value: edKey}
	mailRecord = verify.Expectation{Key: "example.com/mx", Owner: name("example.com"), Type: record.MX, Value: "10 mx.example.net"}
	policy     = verify.Expectation{Key: "example.com/dmarc", Owner: name("_dmarc.example.com"), Type: record.TXT, Value: "v=DMARC1; p=reject; rua=mailto:a@example.com"}
)

// expecting returns an expectation with another value.
func expecting(e verify.Expectation, value string) verify.Expectation {
	e.Value = value
	return e
}

// of expects a record of some type at example.com.
func of(t record.Type, value string) verify.Expectation {
	return verify.Expectation{Key: "example.com/record", Owner: name("example.com"), Type: t, Value: value}
}

// undelegated is a world in which there is nobody to ask.
func undelegated(reason answer.Reason, outcome answer.Outcome) func(answer.Question, time.Duration) (answer.Set, error) {
	return func(q answer.Question, _ time.Duration) (answer.Set, error) {
		return answer.Set{}, &answer.LookupError{Name: q.Name, At: name("example.com"), Outcome: outcome, Reason: reason, Detail: "the detail"}
	}
}

// deadEnd is a world in which the servers of a zone on the way give no usable answer.
func deadEnd(at string, outcome answer.Outcome) func(answer.Question, time.Duration) (answer.Set, error) {
	return func(q answer.Question, _ time.Duration) (answer.Set, error) {
		return answer.Set{}, &answer.LookupError{Name: q.Name, At: name(at), Outcome: outcome}
	}
}

// serials is a survey in which the name servers, from the first on, have these versions of the zone.
func serials(versions ...uint32) *answer.Survey {
	s := &answer.Survey{Zone: name("example.com")}
	for i, version := range versions {
		s.Serials = append(s.Serials, answer.Serial{Server: server(byte(i + 1)), Outcome: answer.Found, Serial: version})
	}
	return s
}

// origins is a zone of version 7 at its servers, and of another origin at the resolver.
func origins(source string, serial, ttl uint32) answer.Comparison {
	return answer.Comparison{
		Zone:        name("example.com"),
		Authorities: []answer.Origin{{Server: server(1), Outcome: answer.Found, Source: "ns1 x", Serial: 7, TTL: 3600}, {Server: server(2), Outcome: answer.Timeout}},
		Resolvers:   []answer.Origin{{Server: recalls(answer.Answer{}, 0).Server, Outcome: answer.Found, Source: source, Serial: serial, TTL: ttl}},
	}
}

// ofZone is a world in which the negative answer of the resolver has the SOA record of a zone.
func ofZone(w world, apex string) func(answer.Question, time.Duration) (answer.Set, error) {
	return func(q answer.Question, at time.Duration) (answer.Set, error) {
		a, err := w.answer(q, at)
		if q.Via == answer.Resolvers {
			a.Sources = map[answer.Server]dnsname.Name{a.List[0].Server: name(apex)}
		}
		return a, err
	}
}

func authoritative(a answer.Answer) answer.Answer {
	a.Authoritative = true
	return a
}

func bogus(a answer.Answer) answer.Answer {
	a.Bogus, a.Extended = true, "extended error 6 (DNSSEC Bogus)"
	return a
}

func detailed(a answer.Answer, detail string) answer.Answer {
	a.Detail = detail
	return a
}

// split is a world in which the name servers of the zone do not agree on who serves the owner.
func split(list ...answer.Answer) func(answer.Question, time.Duration) (answer.Set, error) {
	return func(q answer.Question, at time.Duration) (answer.Set, error) {
		a, err := answers(list...)(q, at)
		a.Disagreements = []answer.Disagreement{{Zone: name("com"), At: name("example.com"), Views: []answer.View{
			{Servers: []answer.Server{server(7)}}, {Servers: []answer.Server{server(8), server(9)}, Refers: []dnsname.Name{name("ns1.example.com")}},
		}}}
		return a, err
	}
}

// aliased is a world in which the name of a name server is an alias.
func aliased(list ...answer.Answer) func(answer.Question, time.Duration) (answer.Set, error) {
	return func(q answer.Question, at time.Duration) (answer.Set, error) {
		a, err := answers(list...)(q, at)
		a.AliasedServers = []dnsname.Name{name("ns1.example.com")}
		return a, err
	}
}

type causeCase struct {
	expected verify.Expectation
	dns      func(answer.Question, time.Duration) (answer.Set, error)
	options  verify.Options
	survey   *answer.Survey
	compared answer.Comparison
	want     []string // of causes and notes, in the order in which they are given
	says     []string // parts of Failing, or of Text where nothing fails
}

func answers(list ...answer.Answer) func(answer.Question, time.Duration) (answer.Set, error) {
	return func(q answer.Question, _ time.Duration) (answer.Set, error) {
		return world{spfRecord.Owner.String() + " TXT": list}.answer(q, 0)
	}
}

// redirected is a world in which a DNAME record above the owner makes the alias that authorities answer with.
func redirected(w world) func(answer.Question, time.Duration) (answer.Set, error) {
	return func(q answer.Question, at time.Duration) (answer.Set, error) {
		a, err := w.answer(q, at)
		if q.Via == answer.Authorities {
			a.Redirects = []dnsname.Name{name("example.com")}
		}
		return a, err
	}
}

func codes(list ...string) []string { return list }

func spfCases() map[string]causeCase {
	quoted := `"` + spfValue[:20] + `" "` + spfValue[20:] + `"`
	return map[string]causeCase{
		"SPF in two records": {
			expected: spfRecord, dns: answers(found(1, spfValue[20:], spfValue[:20], "MS=ms1")), want: codes("value-in-pieces"),
			says: []string{"The expected value is at example.com in 2 TXT records"},
		},
		"SPF terms in three records": {expected: expecting(spfRecord, "v=spf1 mx -all"), dns: answers(found(1, "-all", "mx", "v=spf1")), want: codes("value-in-pieces")},
		"SPF, a piece of it missing": {expected: spfRecord, dns: answers(found(1, spfValue[:20], spfValue[30:])), want: codes("value-cut")},
		"a token in lower case":      {expected: of(record.TXT, "Token=AbC"), dns: answers(found(1, "token=abc", "x")), want: codes("letters-changed")},
		"a token of other letters":   {expected: of(record.TXT, "Token=AbC"), dns: answers(found(1, "token=abd")), want: codes("not-published")},
		"two SPF, one expected": {
			expected: spfRecord, dns: answers(found(1, "v=spf1 mx ~all", spfValue)), want: codes("several-spf"),
			says: []string{"2 SPF records and may have only one: «" + spfValue + "» is the expected one, and «v=spf1 mx ~all» is another", "create_before_destroy"},
		},
		"two SPF, none expected": {
			expected: spfRecord, dns: answers(found(1, "v=spf1 mx ~all", "v=spf1 -all")), want: codes("several-spf"),
			says: []string{"none of them is the expected one"},
		},
		"the expected SPF twice": {
			expected: spfRecord, dns: answers(found(1, spfValue, spfValue)), want: codes("several-spf"),
			says: []string{"has the expected SPF record 2 times"},
		},
		"literal quotes":       {expected: spfRecord, dns: answers(found(1, quoted)), want: codes("literal-quotes"), says: []string{"txt_encode"}},
		"quotes around an old": {expected: spfRecord, dns: answers(found(1, `"v=spf1 ~all"`)), want: codes("literal-quotes")},
		"literal backslashes": {
			expected: expecting(spfRecord, "v=spf1 include:a.example -all"), dns: answers(found(1, `\"v=spf1 include:a.example -all\"`)), want: codes("literal-backslashes"),
		},
		"a blank missing at a border": {
			expected: spfRecord, dns: answers(found(1, strings.Replace(spfValue, "com include", "cominclude", 1))), want: codes("blank-at-chunk-border"),
			says: []string{"lacks a blank after octet 41"},
		},
		"a blank too many at a border": {
			expected: spfRecord, dns: answers(found(1, strings.Replace(spfValue, "outlook", "out look", 1))), want: codes("blank-at-chunk-border"),
			says: []string{"has one blank too many after octet 33"},
		},
		"cut":             {expected: spfRecord, dns: answers(found(1, spfValue[:40])), want: codes("value-cut"), says: []string{"ends after 40 octets of the expected 70"}},
		"cut at a blank":  {expected: spfRecord, dns: answers(found(1, "v=spf1")), want: codes("value-cut"), says: []string{"ends after 6 octets of the expected 70"}},
		"without its all": {expected: spfRecord, dns: answers(found(1, strings.TrimSuffix(spfValue, " -all"))), want: codes("value-differs"), says: []string{"The SPF record at example.com lacks «-all»."}},
		"cut after one string": {
			expected: expecting(spfRecord, "v=spf1 "+strings.Repeat("include:a.example.net ", 20)+"-all"),
			dns:      answers(found(1, ("v=spf1 " + strings.Repeat("include:a.example.net ", 20))[:255])), want: codes("value-cut"),
			says: []string{"255 octets of the expected 451, which is what one string of a TXT holds"},
		},
		"an old SPF": {
			expected: spfRecord, dns: answers(found(1, "v=spf1 include:spf.example.net mx -all")), want: codes("value-differs"),
			says: []string{"lacks «include:spf.protection.outlook.com», and has «mx» in addition"},
		},
		"the terms in another order": {
			expected: expecting(spfRecord, "v=spf1 a mx -all"), dns: answers(found(1, "v=spf1 mx a -all")), want: codes("value-differs"), says: []string{"in another order"},
		},
		"a broken SPF": {expected: spfRecord, dns: answers(found(1, "v=spf1 include: -all")), want: codes("spf-broken")},
		"other TXT records only": {
			expected: spfRecord, dns: answers(found(1, "MS=ms1", "x")), want: codes("not-published"), says: []string{"None of the TXT records at example.com is the expected one."},
		},
		"nothing": {expected: spfRecord, dns: answers(fails(1, answer.NoData)), want: codes("not-published"), says: []string{"exists, and has no TXT record"}},
		"an alias in its place": {
			expected: spfRecord, dns: answers(behindAlias(found(1, "x"), "a.example.net")), want: codes("cname-in-place-of-record"), says: []string{"example.com is an alias (CNAME or DNAME) of a.example.net"},
		},
	}
}

func keyCases() map[string]causeCase {
	modulus := append([]byte{0xc1}, bytes.Repeat([]byte{0x5a, 0x93}, 128)...)
	public := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus[:256]), E: 65537}
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err)
	}
	record := func(der []byte) string { return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der) }
	whole, pkcs1, key := record(spki), record(x509.MarshalPKCS1PublicKey(public)), keyRecord
	key.Value = whole
	at := func(list ...answer.Answer) world { return world{"s._domainkey.example.com TXT": list} }
	return map[string]causeCase{
		"two keys":              {expected: keyRecord, dns: at(found(1, edKey, otherKey)).answer, want: codes("several-keys")},
		"a revoked key":         {expected: keyRecord, dns: at(found(1, revokedKey)).answer, want: codes("key-revoked")},
		"a mistyped key":        {expected: keyRecord, dns: at(found(1, strings.Replace(edKey, "11qY", "11q!", 1))).answer, want: codes("key-broken")},
		"no key at all":         {expected: keyRecord, dns: at(found(1, "hello")).answer, want: codes("key-broken")},
		"a truncated key":       {expected: keyRecord, dns: at(found(1, "k=ed25519; n=a note that makes the record longer than it should be; p=11qYAYKxCrfV")).answer, want: codes("value-cut"), says: []string{"ends after 12 characters of the expected 44 in its tag p."}},
		"cut at the semicolon":  {expected: keyRecord, dns: at(found(1, "v=DKIM1")).answer, want: codes("value-cut"), says: []string{"before a semicolon, which starts a comment"}},
		"escaped semicolons":    {expected: keyRecord, dns: at(found(1, strings.ReplaceAll(edKey, ";", `\;`))).answer, want: codes("literal-backslashes")},
		"another key in quotes": {expected: keyRecord, dns: at(found(1, `"`+otherKey+`"`)).answer, want: codes("literal-quotes")},
		"another key":           {expected: keyRecord, dns: at(found(1, otherKey)).answer, want: codes("value-differs"), says: []string{"is not the expected one"}},
		"PKCS#1":                {expected: key, dns: at(found(1, pkcs1)).answer, want: codes("value-differs"), says: []string{"is the expected one, and its form is PKCS#1 in place of SubjectPublicKeyInfo"}},
		"other tags":            {expected: keyRecord, dns: at(found(1, "h=sha1; "+strings.TrimPrefix(edKey, "v=DKIM1; "))).answer, want: codes("value-differs"), says: []string{"its tags k, h or s"}},
		"test mode":             {expected: keyRecord, dns: at(found(1, edKey+"; t=y")).answer, want: codes("key-in-test-mode"), says: []string{"example.com/keys/s: The DKIM key at s._domainkey.example.com is in test mode (t=y)"}},
		"without _domainkey": {
			expected: keyRecord, dns: world{"s.example.com TXT": {found(1, edKey)}}.answer, want: codes("key-at-another-name"),
			says: []string{"The DKIM record is at s.example.com, and receivers look for it only at s._domainkey.example.com"},
		},
		"labels swapped": {expected: keyRecord, dns: world{"_domainkey.s.example.com TXT": {found(1, edKey)}}.answer, want: codes("key-at-another-name")},
		"zone appended twice": {
			expected: keyRecord, dns: world{"s._domainkey.example.com.example.com TXT": {found(1, edKey)}}.answer, want: codes("zone-appended-twice"),
		},
		"a wildcard everywhere": {
			expected: keyRecord, want: codes("wildcard-answers"), dns: func(q answer.Question, _ time.Duration) (answer.Set, error) {
				return zone(found(1, otherKey)), nil
			},
		},
		"a wildcard at the other names": {
			expected: keyRecord, want: codes("not-published"), dns: func(q answer.Question, _ time.Duration) (answer.Set, error) {
				if q.Name == keyRecord.Owner {
					return zone(fails(1, answer.NXDomain)), nil
				}
				return zone(found(1, edKey)), nil
			},
		},
	}
}

func aliasCases() map[string]causeCase {
	const owner, beside = "cg1._domainkey.example.com", "maildomain-wildcard-probe._domainkey.example.com"
	bare := func(w world) world {
		w[owner+" CNAME"] = []answer.Answer{fails(1, answer.NoData)}
		return w
	}
	following := verify.Options{Follow: true}
	leadsTo := func(keys ...answer.Answer) world {
		w := world{owner + " CNAME": {found(1, dkimRecord.Value)}}
		for _, key := range keys {
			w[owner+" TXT"] = append(w[owner+" TXT"], behindAlias(key, dkimRecord.Value))
		}
		return w
	}
	const target = "cg1.dkim.example.net TXT"
	return map[string]causeCase{
		"a key missing in a cache": {
			expected: dkimRecord, options: verify.Options{Follow: true, Query: verify.QueryBoth}, want: codes("absence-cached"), says: []string{"now:      192.0.2.53 forgets it in 300 s."},
			dns: world{
				owner + " CNAME": {found(1, dkimRecord.Value)}, owner + " TXT": {behindAlias(found(1, edKey), dkimRecord.Value)},
				owner + " CNAME resolvers": {recalls(found(0, dkimRecord.Value), 60)}, owner + " TXT resolvers": {recalls(behindAlias(fails(0, answer.NXDomain), dkimRecord.Value), 300)},
			}.answer,
		},
		"a DNAME above a key": {
			expected: keyRecord, dns: redirected(world{"s._domainkey.example.com TXT": {behindAlias(fails(1, answer.NXDomain), "s.example.net")}}), want: codes("cname-in-place-of-record"),
			says: []string{"A DNAME record at example.com redirects every name below it"},
		},
		"a DNAME above a CNAME": {
			expected: dkimRecord, dns: redirected(world{owner + " CNAME": {found(1, dkimRecord.Value+".example.com", "x.example.org")}}), want: codes("several-records", "cname-in-place-of-record"),
		},
		"a DNAME above another target": {expected: dkimRecord, dns: redirected(world{owner + " CNAME": {found(1, "x.example.org")}}), want: codes("cname-in-place-of-record")},
		"a DNAME that resolvers follow": {
			expected: keyRecord, options: verify.Options{Query: verify.QueryResolvers}, want: codes("cname-in-place-of-record"),
			dns: redirected(world{
				"s._domainkey.example.com TXT":           {behindAlias(fails(1, answer.NXDomain), "s.example.net")},
				"s._domainkey.example.com TXT resolvers": {recalls(behindAlias(fails(0, answer.NXDomain), "s.example.net"), 60)},
			}),
			says: []string{"A DNAME record at example.com redirects every name below it"},
		},
		"target made relative": {
			expected: dkimRecord, dns: world{owner + " CNAME": {found(1, dkimRecord.Value+".example.com")}}.answer, want: codes("target-relative"), says: []string{"«cg1.dkim.example.net.»"},
		},
		"another target of the service": {
			expected: dkimRecord, dns: world{owner + " CNAME": {found(1, "cg1.old.example.net")}}.answer, want: codes("target-differs"), says: []string{"both are in example.net"},
		},
		"another target":                    {expected: dkimRecord, dns: world{owner + " CNAME": {found(1, "x.example.org")}}.answer, want: codes("target-differs")},
		"another target in a public suffix": {expected: expecting(dkimRecord, "a.one.co.uk"), dns: world{owner + " CNAME": {found(1, "a.two.co.uk")}}.answer, want: codes("target-differs"), says: []string{"«a.one.co.uk» is expected."}},
		"the target as TXT":                 {expected: dkimRecord, dns: bare(world{owner + " TXT": {found(1, dkimRecord.Value+".")}}).answer, want: codes("txt-in-place-of-cname"), says: []string{"Change the record's type to CNAME"}},
		"another TXT":                       {expected: dkimRecord, dns: bare(world{owner + " TXT": {found(1, "x")}}).answer, want: codes("txt-in-place-of-cname")},
		"addresses":                         {expected: dkimRecord, dns: bare(world{owner + " A": {found(1, "192.0.2.9")}}).answer, want: codes("cname-flattened"), says: []string{"has addresses, «192.0.2.9», and no CNAME"}},
		"a wildcard TXT":                    {expected: dkimRecord, dns: bare(world{owner + " TXT": {found(1, "v=spf1 -all")}, beside + " TXT": {found(1, "v=spf1 -all")}}).answer, want: codes("wildcard-answers")},
		"a wildcard A":                      {expected: dkimRecord, dns: bare(world{owner + " A": {found(1, "192.0.2.9")}, beside + " A": {found(1, "192.0.2.9")}}).answer, want: codes("wildcard-answers")},
		"a TXT and a wildcard A":            {expected: dkimRecord, dns: bare(world{owner + " TXT": {found(1, "x")}, owner + " A": {found(1, "192.0.2.9")}, beside + " A": {found(1, "192.0.2.9")}}).answer, want: codes("txt-in-place-of-cname", "wildcard-answers")},
		"flattened":                         {expected: dkimRecord, dns: bare(world{owner + " TXT": {found(1, edKey)}, target: {found(1, edKey)}}).answer, want: codes("key-flattened"), says: []string{"flattens the CNAME at cg1._domainkey.example.com: it serves the key of cg1.dkim.example.net as a TXT record"}},
		"flattened in test mode":            {expected: dkimRecord, dns: bare(world{owner + " TXT": {found(1, edKey+"; t=y")}, target: {found(1, edKey)}}).answer, want: codes("key-in-test-mode", "key-flattened")},
		"flattened, followed":               {expected: dkimRecord, options: following, dns: bare(world{owner + " TXT": {found(1, edKey)}, target: {found(1, edKey)}}).answer, want: codes("key-flattened")},
		"flattened, another key":            {expected: dkimRecord, dns: bare(world{owner + " TXT": {found(1, otherKey)}, target: {found(1, edKey)}}).answer, want: codes("flattened-key-differs")},
		"flattened, no target":              {expected: dkimRecord, dns: bare(world{owner + " TXT": {found(1, edKey)}}).answer, want: codes("flattened-key-differs"), says: []string{"does not have exactly one valid key"}},
		"flattened, target's servers differ": {
			expected: dkimRecord, dns: bare(world{owner + " TXT": {found(1, edKey)}, target: {found(1, edKey), found(2, otherKey)}}).answer, want: codes("flattened-key-differs"),
		},
		"flattened, target silent": {expected: dkimRecord, dns: bare(world{owner + " TXT": {found(1, edKey)}, target: {fails(1, answer.Timeout)}}).answer, want: codes("key-unknown")},
		"no key yet": {
			expected: dkimRecord, options: following, dns: leadsTo(fails(1, answer.NXDomain)).answer, want: codes("key-missing"), says: []string{"cg1.dkim.example.net has no DKIM key yet: the name does not exist.", "Compare the target", "follow = false"},
		},
		"no key there": {
			expected: dkimRecord, options: following, dns: leadsTo(fails(1, answer.NoData)).answer, want: codes("key-missing"), says: []string{"cg1.dkim.example.net has no DKIM key yet.", "to do:    Have the sender publish the key"},
		},
		"a key in two records":      {expected: keyRecord, dns: world{"s._domainkey.example.com TXT": {found(1, edKey[:30], edKey[30:])}}.answer, want: codes("value-in-pieces")},
		"a key in lower case":       {expected: keyRecord, dns: world{"s._domainkey.example.com TXT": {found(1, strings.ToLower(edKey))}}.answer, want: codes("letters-changed")},
		"followed to a revoked key": {expected: dkimRecord, options: following, dns: leadsTo(found(1, revokedKey)).answer, want: codes("key-revoked")},
		"followed to two keys":      {expected: dkimRecord, options: following, dns: leadsTo(found(1, edKey, otherKey)).answer, want: codes("several-keys")},
		"followed to a server without the key": {
			expected: dkimRecord, options: following, dns: leadsTo(found(1, edKey), fails(2, answer.NXDomain)).answer, want: codes("key-missing"),
			says: []string{"ns2.example.com (192.0.2.2) does not have its key, which other servers have."},
		},
		"followed to no key":         {expected: dkimRecord, options: following, dns: leadsTo(found(1, "x")).answer, want: codes("key-broken")},
		"followed to a short key":    {expected: dkimRecord, options: following, dns: leadsTo(found(1, "v=DKIM1; k=ed25519; p=11qY")).answer, want: codes("key-broken")},
		"followed to silent servers": {expected: dkimRecord, options: following, dns: leadsTo(fails(1, answer.Timeout)).answer, want: codes("key-unknown")},
		"followed in a circle":       {expected: dkimRecord, options: following, dns: leadsTo(detailed(fails(1, answer.Malformed), "aliases in a circle: a -> b -> a")).answer, want: codes("alias-loop")},
		"followed to nowhere":        {expected: dkimRecord, options: following, dns: leadsTo(detailed(fails(1, answer.NXDomain), "example.net is not delegated")).answer, want: codes("alias-dead-end"), says: []string{"an alias of cg1.dkim.example.net, which cannot be looked up: example.net is not delegated"}},
		"followed to a test key":     {expected: dkimRecord, options: following, dns: leadsTo(found(1, edKey+"; t=y")).answer, want: codes("key-in-test-mode")},
	}
}

func serverCases() map[string]causeCase {
	loop := detailed(behindAlias(fails(1, answer.Malformed), "a.example.com"), "aliases in a circle: a.example.com -> b.example.com -> a.example.com")
	dead := detailed(behindAlias(fails(1, answer.ServFail), "a.example.org"), "the name servers of a.example.org cannot be found")
	survey := answer.Survey{
		Zone: name("example.com"), Parent: []dnsname.Name{name("ns1.example.com")}, Own: []dnsname.Name{name("ns1.example.com"), name("ns2.example.com")},
		Serials:  []answer.Serial{{Server: server(1), Outcome: answer.Found, Serial: 7}, {Server: server(2), Outcome: answer.Found, Serial: 1<<32 - 1}},
		Security: answer.Bogus, Detail: "extended error 9 (DNSKEY Missing)",
	}
	behind := survey
	behind.Parent, behind.Own, behind.Security, behind.Detail = nil, nil, answer.Secure, ""
	both, resolvers := verify.Options{Query: verify.QueryBoth}, verify.Options{Query: verify.QueryResolvers}
	cached := func(a answer.Answer) world {
		return world{"example.com TXT": {found(1, spfValue)}, "example.com TXT resolvers": {a}}
	}
	several := detailed(fails(1, answer.Malformed), "example.com has 2 CNAME records, and there may be one")
	several.Trouble = answer.SeveralAliases
	return map[string]causeCase{
		"several aliases": {
			expected: spfRecord, dns: answers(several), want: codes("servers-failing"),
			says: []string{"gives more than the one CNAME record that may stand at a name (RFC 2181 §10.1): example.com has 2 CNAME records", "Remove all but one of them"},
		},
		"servers of the parent refer to different servers": {
			expected: spfRecord, dns: split(found(1, spfValue), fails(7, answer.NXDomain)), want: codes("delegation-disagrees", "servers-behind"),
			says: []string{"The name servers of com do not agree on who serves example.com: ns7.example.com (192.0.2.7) answers itself; " +
				"ns8.example.com (192.0.2.8), ns9.example.com (192.0.2.9) refer to ns1.example.com."},
		},
		"servers of the parent refer to different servers, and all match": {
			expected: spfRecord, dns: split(found(1, spfValue), found(7, spfValue)),
		},
		"too much work": {
			expected: spfRecord, dns: undelegated(answer.Excessive, answer.Unreachable), want: codes("lookup-too-costly"),
			says: []string{"because of the zone example.com (the detail)"},
		},
		"a name server behind an alias": {
			expected: spfRecord, dns: aliased(found(1, spfValue)), want: codes("name-server-is-alias"),
			says: []string{"example.com/spf: The name server ns1.example.com is an alias (CNAME), which RFC 2181 §10.3 forbids"},
		},
		"not delegated":               {expected: spfRecord, dns: undelegated(answer.NotDelegated, answer.NoData), want: codes("name-not-delegated")},
		"denied by a resolver":        {expected: spfRecord, dns: undelegated(answer.Failure, answer.NXDomain), want: codes("lookup-failed")},
		"no address":                  {expected: spfRecord, dns: undelegated(answer.NoAddress, answer.Unreachable), want: codes("servers-without-address")},
		"split horizon":               {expected: spfRecord, dns: undelegated(answer.SplitHorizon, answer.Unreachable), want: codes("split-horizon"), says: []string{"`resolvers`"}},
		"private servers":             {expected: spfRecord, dns: undelegated(answer.PrivateServers, answer.Unreachable), want: codes("servers-private"), says: []string{"`private_networks`"}},
		"blocked":                     {expected: spfRecord, dns: undelegated(answer.Blocked, answer.Timeout), want: codes("port-blocked"), says: []string{"`query = \"resolvers\"`", "`resolvers`"}},
		"resolvers fail":              {expected: spfRecord, dns: undelegated(answer.Failure, answer.ServFail), want: codes("lookup-failed")},
		"resolvers fail, bogus":       {expected: spfRecord, dns: undelegated(answer.Failure, answer.ServFail), survey: &answer.Survey{Zone: name("example.com"), Security: answer.Bogus}, want: codes("lookup-failed", "dnssec-bogus")},
		"all silent":                  {expected: spfRecord, dns: answers(fails(1, answer.Timeout), fails(2, answer.Unreachable)), want: codes("servers-silent"), says: []string{"down, or cannot be reached from here: ns1.example.com (192.0.2.1), ns2.example.com (192.0.2.2)."}},
		"one silent":                  {expected: spfRecord, dns: answers(found(1, spfValue), fails(2, answer.Timeout)), want: codes("servers-silent"), says: []string{"`require = \"all\"` passes over it after 60 s of silence"}},
		"a resolver silent":           {expected: spfRecord, options: resolvers, dns: world{"example.com TXT resolvers": {recalls(fails(0, answer.Timeout), 0)}}.answer, want: codes("servers-silent", "not-published"), says: []string{"Check the addresses in the provider's `resolvers`"}},
		"missing, one silent":         {expected: spfRecord, dns: answers(fails(1, answer.NoData), fails(2, answer.Timeout)), want: codes("servers-silent", "not-published")},
		"too few":                     {expected: spfRecord, options: verify.Options{Require: mustRequire("3")}, dns: answers(found(1, spfValue), found(2, spfValue)), want: codes("too-few-servers")},
		"too few, two addresses":      {expected: spfRecord, options: verify.Options{Require: mustRequire("2")}, dns: answers(found(1, spfValue), otherAddress(found(1, spfValue))), want: codes("too-few-servers"), says: []string{"asks for 2 servers, and there is 1, however many addresses it has.", "required: 2 servers, of the 1 there is"}},
		"failing":                     {expected: spfRecord, dns: answers(fails(1, answer.ServFail), fails(2, answer.Refused)), want: codes("servers-failing", "servers-failing"), says: []string{"ns1.example.com (192.0.2.1) answers with a failure: server failure (SERVFAIL).", "ns2.example.com (192.0.2.2) refuses to answer (refused (REFUSED)): it may not have the zone, because of a wrong delegation, or may refuse this client."}},
		"lame":                        {expected: spfRecord, dns: answers(found(1, spfValue), fails(2, answer.NotAuthoritative)), want: codes("servers-lame"), says: []string{"ns2.example.com (192.0.2.2) is listed as name server"}},
		"all lame":                    {expected: spfRecord, dns: answers(fails(1, answer.NotAuthoritative), fails(2, answer.NotAuthoritative)), want: codes("servers-lame"), says: []string{"a router, a VPN or the Internet provider, answers in the servers' place: set `query = \"resolvers\"`"}},
		"a registry's servers lame":   {expected: spfRecord, dns: deadEnd("com", answer.NotAuthoritative), want: codes("lookup-failed"), says: []string{"in place of the registry's servers: most likely something on the way", "`query = \"resolvers\"`"}},
		"a registry's servers refuse": {expected: spfRecord, dns: deadEnd("co.uk", answer.Refused), want: codes("lookup-failed"), says: []string{"in place of the registry's servers"}},
		"a zone's servers refuse":     {expected: spfRecord, dns: deadEnd("example.com", answer.Refused), want: codes("lookup-failed"), says: []string{"Set the zone up there, or correct the NS records"}},
		"a registry's servers fail":   {expected: spfRecord, dns: deadEnd("com", answer.ServFail), want: codes("lookup-failed"), says: []string{"Check that the provider's `resolvers` answer"}},
		"a loop":                      {expected: spfRecord, dns: answers(loop), want: codes("alias-loop"), says: []string{"aliases in a circle"}},
		"a dead end":                  {expected: spfRecord, dns: answers(dead), want: codes("alias-dead-end"), says: []string{"example.com is an alias of a.example.org, which cannot be looked up"}},
		"bogus":                       {expected: spfRecord, options: resolvers, dns: world{"example.com TXT resolvers": {bogus(recalls(fails(0, answer.ServFail), 0))}, "example.com TXT": {found(1, spfValue)}}.answer, want: codes("dnssec-bogus"), says: []string{"(extended error 6 (DNSSEC Bogus))"}},
		"an authority says bogus":     {expected: spfRecord, dns: answers(found(1, spfValue), bogus(fails(2, answer.ServFail))), want: codes("servers-failing"), says: []string{"extended error 6 (DNSSEC Bogus)"}},
		"bogus beside the record":     {expected: spfRecord, dns: answers(bogus(found(1, "v=spf1 ~all"))), want: codes("value-differs")},
		"not validated":               {expected: spfRecord, options: resolvers, dns: world{"example.com TXT resolvers": {recalls(fails(0, answer.Unvalidated), 0)}, "example.com TXT": {found(1, spfValue)}}.answer, want: codes("dnssec-unvalidated")},
		"another primary at the resolver": {
			expected: spfRecord, options: both, dns: cached(recalls(fails(0, answer.NXDomain), 10)).answer, compared: origins("inside x", 7, 3600), want: codes("resolver-view"),
			says: []string{"192.0.2.53 answers about example.com from another zone of the same name, such as a private view", "with `query = \"resolvers\"`"},
		},
		"a later version at the resolver":                  {expected: spfRecord, options: resolvers, dns: cached(recalls(found(0, "v=spf1 ~all"), 10)).answer, compared: origins("ns1 x", 8, 3600), want: codes("resolver-view")},
		"an earlier version at the resolver, just fetched": {expected: spfRecord, options: both, dns: cached(recalls(found(0, "v=spf1 ~all"), 10)).answer, compared: origins("ns1 x", 6, 3600), want: codes("resolver-view")},
		"an earlier version in the resolver's cache":       {expected: spfRecord, options: both, dns: cached(recalls(found(0, "v=spf1 ~all"), 10)).answer, compared: origins("ns1 x", 6, 3599), want: codes("value-cached")},
		"the same version at the resolver":                 {expected: spfRecord, options: both, dns: cached(recalls(fails(0, answer.NXDomain), 10)).answer, compared: origins("ns1 x", 7, 3600), want: codes("absence-cached")},
		"an authoritative resolver": {
			expected: spfRecord, options: both, dns: cached(authoritative(recalls(fails(0, answer.NXDomain), 10))).answer, compared: origins("ns1 x", 7, 3600), want: codes("resolver-view"),
		},
		"an absence of another zone": {
			expected: spfRecord, options: both, dns: ofZone(cached(recalls(fails(0, answer.NXDomain), 10)), "com"), compared: origins("ns1 x", 7, 3600), want: codes("resolver-view"),
		},
		"a value past its TTL":    {expected: spfRecord, options: both, dns: cached(recalls(found(0, "v=spf1 ~all"), 0)).answer, want: codes("answer-outlived"), says: []string{"192.0.2.53 goes on giving an earlier answer, after its time to live"}},
		"an absence past its TTL": {expected: spfRecord, options: both, dns: ofZone(cached(recalls(fails(0, answer.NXDomain), 0)), "example.com"), compared: origins("ns1 x", 7, 3600), want: codes("answer-outlived")},
		"stale glue": {
			expected: spfRecord, dns: answers(found(1, spfValue), found(2, "v=spf1 ~all")), want: codes("glue-stale"),
			compared: answer.Comparison{Zone: name("example.com"), Glue: []answer.Glue{{
				Host: name("ns2.example.com"), Parent: []netip.Addr{server(2).Addr.Addr()}, Own: []netip.Addr{netip.MustParseAddr("192.0.2.22")},
			}}},
			says: []string{"The parent zone of example.com gives 192.0.2.2 as the address of ns2.example.com (glue), and the zone itself has 192.0.2.22."},
		},
		"stale glue, and another server behind": {
			expected: spfRecord, dns: answers(found(1, spfValue), found(2, "v=spf1 ~all"), found(3, "v=spf1 ~all")), want: codes("glue-stale", "servers-behind"),
			compared: answer.Comparison{Zone: name("example.com"), Glue: []answer.Glue{{
				Host: name("ns2.example.com"), Parent: []netip.Addr{server(2).Addr.Addr()}, Own: []netip.Addr{netip.MustParseAddr("192.0.2.22")},
			}}},
		},
		"an absence in a cache": {expected: spfRecord, options: both, dns: cached(recalls(fails(0, answer.NXDomain), 899)).answer, want: codes("absence-cached"), says: []string{"192.0.2.53 still remembers that there was none", "now:      192.0.2.53 forgets it in 899 s."}},
		"a value in a cache":    {expected: spfRecord, options: resolvers, dns: cached(recalls(found(0, "v=spf1 ~all"), 120)).answer, want: codes("value-cached"), says: []string{"earlier value in the cache: «v=spf1 ~all»", "now:      192.0.2.53 forgets it in 120 s."}},
		"resolvers, authorities blocked": {
			expected: spfRecord, options: resolvers, dns: world{"example.com TXT": {}, "example.com TXT resolvers": {recalls(found(0, "v=spf1 -all"), 9)}}.answer, want: codes("value-differs"),
		},
		"one behind":                         {expected: spfRecord, dns: answers(found(1, spfValue), found(2, "v=spf1 ~all")), want: codes("servers-behind"), says: []string{"ns2.example.com (192.0.2.2) does not serve the record yet"}},
		"one behind, with serial":            {expected: spfRecord, dns: answers(found(1, spfValue), found(2, "v=spf1 ~all")), survey: &behind, want: codes("servers-behind"), says: []string{"now:      Of the zone's serials, ns1.example.com (192.0.2.1) has 7 and ns2.example.com (192.0.2.2) has 4294967295."}},
		"the zone at odds":                   {expected: spfRecord, dns: answers(fails(1, answer.NoData)), survey: &survey, want: codes("dnssec-bogus", "servers-behind", "parent-delegates-elsewhere"), says: []string{"ns2.example.com (192.0.2.2) has a lower serial of the zone", "delegates example.com to ns1.example.com, and the zone itself lists ns1.example.com and ns2.example.com"}},
		"one behind, by its serial":          {expected: spfRecord, dns: answers(found(1, spfValue), fails(2, answer.NoData)), survey: serials(8, 7), want: codes("servers-behind"), says: []string{"ns2.example.com (192.0.2.2) does not serve the record yet, and other name servers of the zone do."}},
		"the newer version lacks it":         {expected: spfRecord, dns: answers(found(1, spfValue), fails(2, answer.NoData)), survey: serials(7, 8), want: codes("servers-behind"), says: []string{"ns2.example.com (192.0.2.2) does not serve the record, and has a higher serial of the zone than the name servers that do.", "ns1.example.com (192.0.2.1) has 7"}},
		"the same version differs":           {expected: spfRecord, dns: answers(found(1, spfValue), found(2, "v=spf1 ~all")), survey: serials(7, 7), want: codes("servers-behind"), says: []string{"although they have the same version of the zone by its serial"}},
		"quotes at the other provider":       {expected: spfRecord, dns: answers(found(1, spfValue), found(2, `"`+spfValue+`"`)), survey: serials(7, 2026112301), want: codes("literal-quotes", "servers-behind"), says: []string{"has a higher serial"}},
		"two providers, neither has it":      {expected: spfRecord, dns: answers(fails(1, answer.NoData), fails(2, answer.NoData)), survey: serials(7, 2026112301), want: codes("servers-behind", "not-published"), says: []string{"ns1.example.com (192.0.2.1) has a lower serial", "or that of another DNS provider"}},
		"two DMARC":                          {expected: policy, dns: world{"_dmarc.example.com TXT": {found(1, policy.Value, "v=DMARC1; p=none")}}.answer, want: codes("several-records"), says: []string{"2 DMARC records"}},
		"an old DMARC":                       {expected: policy, dns: world{"_dmarc.example.com TXT": {found(1, "v=DMARC1; p=none; rua=mailto:a@example.com")}}.answer, want: codes("value-differs"), says: []string{"lacks «p=reject», and has «p=none» in addition"}},
		"a null MX":                          {expected: mailRecord, dns: world{"example.com MX": {found(1, "0 .", mailRecord.Value)}}.answer, want: codes("several-records")},
		"a DMARC cut at the first semicolon": {expected: policy, dns: world{"_dmarc.example.com TXT": {found(1, "v=DMARC1")}}.answer, want: codes("value-cut"), says: []string{"before a semicolon"}},
		"a DMARC without its last tag":       {expected: policy, dns: world{"_dmarc.example.com TXT": {found(1, "v=DMARC1; p=reject")}}.answer, want: codes("value-differs"), says: []string{"lacks «rua=mailto:a@example.com»"}},
		"a null MX alone":                    {expected: mailRecord, dns: world{"example.com MX": {found(1, "0 .")}}.answer, want: codes("value-differs"), says: []string{"example.com has a null MX, «0 .», which says that it receives no mail."}},
		"another preference":                 {expected: mailRecord, dns: world{"example.com MX": {found(1, "20 mx.example.net")}}.answer, want: codes("value-differs"), says: []string{"its preference is 20 in place of 10"}},
		"another address":                    {expected: of(record.A, "192.0.2.1"), dns: world{"example.com A": {found(1, "192.0.2.9")}}.answer, want: codes("value-differs"), says: []string{"The A record at example.com is «192.0.2.9», and «192.0.2.1» is expected."}},
		"other addresses":                    {expected: of(record.AAAA, "2001:db8::1"), dns: world{"example.com AAAA": {found(1, "2001:db8::2", "2001:db8::3")}}.answer, want: codes("value-differs"), says: []string{"The AAAA records at example.com are «2001:db8::2» and «2001:db8::3»"}},
		"another issuer":                     {expected: of(record.CAA, "0 issue letsencrypt.org"), dns: world{"example.com CAA": {found(1, "0 issue example.org")}}.answer, want: codes("value-differs")},
		"another port":                       {expected: of(record.SRV, "0 1 443 a.example.net"), dns: world{"example.com SRV": {found(1, "0 1 80 a.example.net")}}.answer, want: codes("value-differs")},
		"another certificate":                {expected: of(record.TLSA, "3 1 1 AB"), dns: world{"example.com TLSA": {found(1, "3 1 1 CD")}}.answer, want: codes("value-differs")},
		"a relative MX":                      {expected: mailRecord, dns: world{"example.com MX": {found(1, mailRecord.Value+".example.com", "20 mx2.example.net")}}.answer, want: codes("target-relative")},
		"no MX of that name":                 {expected: mailRecord, dns: world{"example.com MX": {found(1, "20 mx2.example.net")}}.answer, want: codes("not-published")},
	}
}

func causeCases() map[string]causeCase {
	all := make(map[string]causeCase)
	for group, cases := range map[string]map[string]causeCase{"spf": spfCases(), "key": keyCases(), "alias": aliasCases(), "server": serverCases(), "policy": policyCases()} {
		for title, c := range cases {
			all[group+"/"+title] = c
		}
	}
	return all
}

func codesOf(causes []verify.Cause) []string {
	var list []string
	for _, c := range causes {
		list = append(list, c.Code)
	}
	return list
}

func explain(t *testing.T, c causeCase) verify.Report {
	t.Helper()
	resolver := newFake(c.dns)
	report, err := verify.Waiter{Resolver: resolver}.Check(t.Context(), []verify.Expectation{c.expected}, c.options)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case c.survey == nil && !c.compared.Zone.IsValid():
		return report.Explain(t.Context(), resolver, nil)
	case c.survey == nil:
		return report.Explain(t.Context(), resolver, &surveyor{comparison: c.compared})
	}
	return report.Explain(t.Context(), resolver, &surveyor{survey: *c.survey, comparison: c.compared})
}

func TestCauses(t *testing.T) {
	t.Parallel()
	for title, tt := range causeCases() {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			report := explain(t, tt)
			last := report.Findings[len(report.Findings)-1]
			if diff := cmp.Diff(tt.want, codesOf(slices.Concat(last.Causes(), last.Notes()))); diff != "" {
				t.Errorf("causes: -want +got\n%s\n%s", diff, report.Failing())
			}
			text := report.Failing()
			if len(report.Unmet()) == 0 {
				text = report.Text()
			}
			for _, says := range tt.says {
				if !strings.Contains(text, says) {
					t.Errorf("text:\n%s\nwant it to say %q", text, says)
				}
			}
			for _, c := range slices.Concat(last.Causes(), last.Notes()) {
				if !isSentence(c.Sentence) || !isSentence(c.Remedy) || c.Now != "" && !isSentence(c.Now) {
					t.Errorf("cause %+v is not made of sentences", c)
				}
				if c.Now != "" && strings.Contains(report.Text(), c.Now) {
					t.Errorf("Text holds %q, which is of the moment:\n%s", c.Now, report.Text())
				}
			}
		})
	}
}

// isSentence reports whether a text starts and ends as one sentence does.
func isSentence(s string) bool {
	return strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "..") && !strings.Contains(s, "  ") && !strings.Contains(s, "%!")
}

// Every cause that is documented is found by some case, and every one that is found is documented.
func TestEveryCauseIsFound(t *testing.T) {
	t.Parallel()
	found := map[string]bool{
		"answers-change": true, // It shows in several rounds alone: see TestWaitUnconfirmed.
		"out-of-time":    true, // It shows where time passes: see TestCheckBesideAnEndlessQuestion.
	}
	for _, c := range causeCases() {
		for _, code := range c.want {
			found[code] = true
		}
	}
	for _, info := range verify.Rules() {
		if !found[info.Code] {
			t.Errorf("no case of TestCauses wants %s", info.Code)
		}
		delete(found, info.Code)
	}
	for code := range found {
		t.Errorf("no rule has the code %s", code)
	}
}
