package faultmatrix_test

import (
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// delegationFaults are those on the way to the servers of the zone.
func delegationFaults() []fault {
	blocked := func(w *world) { w.h.Intercept(dnstest.Drop) }
	// The client may well ask at the address that a box gives for a name server: nobody listens there.
	const portal = `60 IN A 127.0.0.99`
	return []fault{
		{
			name: "zone not delegated", around: func(w *world) { w.zone.Undelegate() },
			ends: always(never(`cannot be found: .*NXDOMAIN\) at example\.com: the servers of com do not delegate it`).because("name-not-delegated")),
		},
		{
			name: "domain not delegated, with a record below", subject: dkimAlias(), around: func(w *world) { w.zone.Undelegate() },
			ends: always(never(`at example\.com: the servers of com do not delegate it`).because("name-not-delegated")),
		},
		{
			name: "parent lists a server that the zone does not, stale", servers: 3,
			around: around(func(w *world) { w.zone.Remove(`@ NS ns3`) }, hold("ns3")),
			ends:   harmless().but(wrong, never(`no such record, at ns3\.`)).but(right, never(`no such record, at ns3\.`).because("parent-delegates-elsewhere")),
		},
		{
			name: "zone lists a server that the parent does not, stale", servers: 3,
			around: around(func(w *world) { w.h.Zone("com").Remove(`example NS ns3.example`) }, hold("ns3")),
			ends:   harmless().but(wrong, never(`no such record, at ns3\.`)).but(right, never(`no such record, at ns3\.`).because("parent-delegates-elsewhere")),
		},
		{
			name: "parent and zone list different servers, all right", servers: 3,
			around: around(func(w *world) { w.zone.Remove(`@ NS ns3`) }, func(w *world) { w.h.Zone("com").Remove(`example NS ns1.example`) }),
			ends:   harmless(),
		},
		{
			name: "name server without an address", around: around(beside(`@ NS ns9`), func(w *world) { w.h.Zone("com").Add(`example NS ns9.example`) }),
			ends: harmless().
				but(missing, never(`no such record, at ns1\.`)).
				but(wrong, never(`other content`)).
				but(right, never(`unreachable: .*address.*, at ns9\.example\.com`).because("servers-silent")),
		},
		{
			name: "IPv6 dead", around: around(beside(`ns1 AAAA ::1`, `ns2 AAAA ::1`), func(w *world) {
				w.h.Zone("com").Add(`ns1.example AAAA ::1`, `ns2.example AAAA ::1`)
			}),
			ends: harmless(),
		},
		{name: "servers of another zone", hosts: []string{"ns1.host.net.", "ns2.host.org."}, ends: harmless()},
		{
			name: "_domainkey delegated", subject: dkimAlias(), around: delegateKeys,
			publish: func(w *world, value string) { w.serveAt(w.h.Zone("_domainkey.example.com"), w.owner(), value) }, ends: harmless(),
		},
		{
			name: "_domainkey delegated, published above it", subject: dkimAlias(), around: delegateKeys,
			ends: always(never(`NXDOMAIN\), at the only name server of _domainkey\.example\.com`)).
				but(right, never(`NXDOMAIN\), at the only name server of _domainkey\.example\.com`).because("not-published")),
		},
		{
			name: "NXDOMAIN for an empty non-terminal", subject: dkimAlias(), around: everywhere(dnstest.DenyEmptyNonTerminals), ends: harmless(),
		},
		{
			name: "port 53 blocked", timeout: impatient, around: blocked,
			ends: always(never(`the name servers of example\.com cannot be found: (no answer in time|unreachable) at com`).because("port-blocked")),
		},
		{
			name: "port 53 blocked, resolvers asked", timeout: patient, around: blocked,
			options: verify.Options{Query: verify.QueryResolvers}, ends: harmless(),
		},
		{
			name: "middlebox that answers everything", around: middlebox(dnstest.Middlebox(portal, `60 IN TXT "v=spf1 -all"`)),
			ends: always(never(`other content: «v=spf1 -all»`).because("wildcard-answers")),
		},
		{
			name: "middlebox that knows addresses alone", around: middlebox(dnstest.Middlebox(portal)),
			ends: always(never(`no such record`)),
		},
		{
			name: "middlebox that refuses everything", around: middlebox(dnstest.RCode(refused)),
			ends: always(never(`most likely something on the way, such as a router`).because("lookup-failed")),
		},
		{
			name: "middlebox that asks a resolver", around: middlebox(dnstest.NoAA),
			ends: always(never(`not authoritative for the zone \(lame delegation\).*the answer has no AA bit`).because("servers-lame")),
		},
	}
}

func middlebox(f dnstest.Fault) func(*world) { return func(w *world) { w.h.Intercept(f) } }

// delegateKeys makes a zone of the DKIM keys, on a server of its own.
func delegateKeys(w *world) { w.h.Zone("_domainkey.example.com") }
