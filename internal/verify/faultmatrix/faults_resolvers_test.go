package faultmatrix_test

import (
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// resolverFaults are those of recursive servers and their caches.
func resolverFaults() []fault {
	both := verify.Options{Query: verify.QueryBoth}
	resolvers := verify.Options{Query: verify.QueryResolvers}
	return []fault{
		{name: "resolvers asked after the authorities", options: both, ends: harmless()},
		{
			name: "negative cache", options: both, around: func(w *world) { w.prime() },
			ends: only(never(`no such record, at the only resolver`).because("absence-cached")),
		},
		{
			name: "negative cache of a whole branch", subject: dkimAlias(), options: both,
			around: func(w *world) { w.prime() },
			ends:   only(never(`NXDOMAIN\), at the only resolver`).because("absence-cached")),
		},
		{
			name: "negative cache, authorities asked", around: func(w *world) { w.prime() }, ends: harmless(),
		},
		{
			name: "negative cache that is over in the second round", options: verify.Options{Query: verify.QueryBoth, Timeout: time.Minute},
			around: func(w *world) {
				w.zone.Set(`@ 1 SOA ns1 hostmaster 1 3600 600 86400 1`)
				w.prime()
			},
			during: inSecondRound(func(w *world) { w.clock.Advance(time.Minute) }),
			ends:   harmless().but(right, validIn(3)),
		},
		{
			name: "stale cache", options: both, publish: replace,
			around: earlier("v=spf1 mx -all", func(w *world) { w.prime() }),
			ends: harmless().
				but(missing, never(`other content: «v=spf1 mx -all», at all 2 name servers`)).
				but(right, never(`other content: «v=spf1 mx -all», at the only resolver`).because("value-cached")),
		},
		{
			name: "one of two resolvers stale", options: resolvers, publish: replace,
			around: earlier("v=spf1 mx -all", func(w *world) {
				w.prime()
				w.others = append(w.others, w.h.Recursor())
			}),
			ends: harmless().
				but(missing, never(`other content: «v=spf1 mx -all», at all 2 resolvers`)).
				but(right, never(`other content: «v=spf1 mx -all», at 127\.0\.0\.1:\d+\n.*the expected record, at 127`).because("value-cached")),
		},
		{
			name: "resolver asks the server that is behind", around: hold("ns1"),
			options: verify.Options{Query: verify.QueryBoth, Require: require("any")},
			ends:    harmless().but(wrong, never(`seen: `)).but(right, never(`no such record, at the only resolver`)),
		},
		{
			name: "bogus DNSSEC", options: both, around: atRecursor(dnstest.Bogus("example.com")),
			ends: only(never(`server failure \(SERVFAIL\): extended error 6 \(DNSSEC Bogus\).*, at the only resolver`).because("dnssec-bogus")),
		},
		{
			name: "bogus DNSSEC, resolvers asked", options: resolvers, around: atRecursor(dnstest.Bogus("example.com")),
			ends: always(never(`extended error 6 \(DNSSEC Bogus\)`).because("dnssec-bogus")),
		},
		{name: "bogus DNSSEC, authorities asked", around: atRecursor(dnstest.Bogus("example.com")), ends: harmless()},
		{
			name: "resolver refuses", options: resolvers, around: atRecursor(dnstest.RCode(refused)),
			ends: always(never(`refused \(REFUSED\), at the only resolver`)),
		},
		{
			name: "resolver refuses, authorities asked", around: atRecursor(dnstest.RCode(refused)),
			ends: always(never(`the name servers of example\.com cannot be found: the resolver .* fails on every question: refused \(REFUSED\)`)),
		},
		{
			name: "resolver dead, authorities asked", around: func(w *world) { w.recursor.Down() },
			ends: always(never(`the name servers of example\.com cannot be found: the resolver .* cannot be asked: .*connection refused`)),
		},
		{
			name: "one of two resolvers dead, authorities asked", ends: harmless(), around: func(w *world) {
				w.others = append(w.others, w.h.Recursor())
				w.recursor.Down()
			},
		},
		{
			name: "resolver offers no recursion", options: resolvers, around: atRecursor(dnstest.Lame),
			ends: always(never(`seen: +not authoritative.*the server offers no recursion`)),
		},
		{
			name: "resolver that answers for names that do not exist", subject: dmarc(), options: resolvers,
			around: atRecursor(dnstest.OnOutcome(dnstest.NoName, dnstest.Middlebox(`60 IN A 127.0.0.99`, `60 IN TXT "v=DMARC1; p=none; sp=none"`))),
			ends:   harmless().but(missing, never(`other content: «v=DMARC1; p=none; sp=none»`)),
		},
		{
			name: "forged answer ahead, to the resolver's client", options: resolvers, ends: harmless(),
			around: func(w *world) {
				w.recursor.Inject(dnstest.Ahead(dnstest.Chain(dnstest.Answer(w.owner()+` TXT "`+w.subject.Value+`"`), dnstest.WrongID)))
			},
		},
	}
}

// atRecursor lets the recursor misbehave.
func atRecursor(f dnstest.Fault) func(*world) { return func(w *world) { w.recursor.Inject(f) } }
