package faultmatrix_test

import (
	"fmt"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// recordFaults are those of records in the wrong place or of the wrong kind, and of what stands beside them.
func recordFaults() []fault {
	nowhere := harmless().but(wrong, never(`no such record|NXDOMAIN`))
	return []fault{
		{
			name: "zone appended twice", subject: dkimAlias(),
			publish: func(w *world, value string) { w.serveAt(w.zone, "cg1._domainkey.example.com.example.com.", value) },
			ends:    nowhere.but(right, never(`NXDOMAIN`).because("zone-appended-twice")),
		},
		{
			name: "zone appended twice, TXT", subject: dmarc(),
			publish: func(w *world, value string) { w.serveAt(w.zone, "_dmarc.example.com.example.com.", value) },
			ends:    nowhere.but(right, never(`NXDOMAIN`).because("zone-appended-twice")),
		},
		{
			name: "target made relative", subject: dkimAlias(), publish: changed(func(v string) string { return v + ".example.com" }),
			ends: only(never(`other content: «cg1\.dkim\.example\.net\.example\.com»`).because("target-relative")),
		},
		{
			name: "MX target made relative", subject: mx("10 mx.example.net", "20 mx.example.net"),
			publish: changed(func(v string) string { return v + ".example.com" }),
			ends:    only(never(`other content: «10 mx\.example\.net\.example\.com»`).because("target-relative")),
		},
		{
			name: "TXT where a CNAME belongs", subject: dkimAlias(),
			publish: func(w *world, value string) { w.zone.SetTXT(w.owner(), value) },
			ends:    nowhere.but(right, never(`no such record`).because("txt-in-place-of-cname")),
		},
		{
			name: "CNAME where a TXT belongs", subject: dkimKey(),
			publish: func(w *world, _ string) { w.zone.Set(w.owner() + ` CNAME keys.sender.example.net.`) },
			ends:    always(never(`NXDOMAIN`)).but(right, never(`NXDOMAIN`).because("cname-in-place-of-record")),
			around:  senderKeys(),
		},
		{
			name: "TXT behind a CNAME of the owner", subject: dmarc(), around: around(senderKeys(), beside(`_dmarc CNAME hosted.sender.example.net.`)),
			publish: func(w *world, value string) { w.serveAt(w.h.Zone("sender.example.net"), "hosted", value) },
			ends:    harmless(),
		},
		{
			// What there is to see is the key, not the CNAME.
			name: "CNAME flattened by the DNS provider", subject: dkimAlias(),
			around:  senderKeys(`cg1.dkim.example.net`, key1, `cg2.dkim.example.net`, key2),
			publish: flatten, ends: harmless().
					but(wrong, never("no CNAME, but a TXT record whose key is not that of the target").because("flattened-key-differs")).
					but(right, validIn(2).because("key-flattened")),
		},
		{
			name: "CNAME to nowhere, not followed", subject: dkimAlias(), ends: harmless(),
		},
		{
			name: "CNAME to nowhere, followed", subject: dkimAlias(), options: verify.Options{Follow: true}, around: senderKeys(),
			ends: only(never(`the CNAME, and no key at its target: name does not exist`).because("key-missing")),
		},
		{
			name: "CNAME to a zone that does not exist, followed", subject: dkimAlias(), options: verify.Options{Follow: true},
			ends: only(never(`the CNAME .*: name does not exist \(NXDOMAIN\)`).because("alias-dead-end")),
		},
		{
			name: "CNAME loop, not followed", subject: dkimAlias(), around: loop, ends: harmless(),
		},
		{
			name: "CNAME loop, followed", subject: dkimAlias(), options: verify.Options{Follow: true}, around: loop,
			ends: only(never(`the key at the CNAME's target: malformed answer: aliases in a circle`).because("alias-loop")),
		},
		{
			name: "CNAME to a key, followed", subject: dkimAlias(), options: verify.Options{Follow: true},
			around: senderKeys(`cg1.dkim.example.net`, key1), ends: harmless(),
		},
		{
			name: "CNAME to a revoked key, followed", subject: dkimAlias(), options: verify.Options{Follow: true},
			around: senderKeys(`cg1.dkim.example.net`, "v=DKIM1; k=ed25519; p="),
			ends:   only(never(`the CNAME leads to a revoked key`).because("key-revoked")),
		},
		{
			name: "CNAME to what is no key, followed", subject: dkimAlias(), options: verify.Options{Follow: true},
			around: senderKeys(`cg1.dkim.example.net`, "v=spf1 -all"),
			ends:   only(never(`the CNAME leads to a record that is not a DKIM key`).because("key-broken")),
		},
		{
			name: "CNAME to a mistyped key, followed", subject: dkimAlias(), options: verify.Options{Follow: true},
			around: senderKeys(`cg1.dkim.example.net`, key1[:len(key1)-3]),
			ends:   only(never(`the CNAME leads to a record without a usable key`).because("key-broken")),
		},
		{
			name: "DNAME above the key", subject: dkimKey(), around: around(senderKeys(), beside(`_domainkey DNAME keys.sender.example.net.`)),
			publish: func(w *world, value string) { w.serveAt(w.h.Zone("sender.example.net"), "news.keys", value) },
			ends:    harmless(),
		},
		{
			name: "wildcard TXT", subject: dmarc(), around: beside(`* TXT "v=spf1 -all"`),
			ends: harmless().but(missing, never(`no DMARC record among the TXT records there; seen «v=spf1 -all»`).because("wildcard-answers")),
		},
		{
			name: "wildcard CNAME", subject: dkimAlias(), around: beside(`*._domainkey CNAME parked.example.net.`),
			ends: harmless().but(missing, never(`other content: «parked\.example\.net»`).because("wildcard-answers")),
		},
		{
			name: "wildcard CNAME to a TXT", subject: dmarc(), around: around(senderKeys(), beside(`* CNAME sender.example.net.`, `unused TXT x`)),
			ends: harmless().but(missing, never(`seen: +no such record`).because("cname-in-place-of-record")),
		},
		{
			name: "second SPF", around: beside(`@ TXT "v=spf1 mx ~all"`),
			ends: endings{
				never(`other content: «v=spf1 mx ~all»`),
				never(`2 SPF records, and only one is allowed: .*RFC 7208`).because("several-spf"),
				never(`2 SPF records, and only one is allowed: .*RFC 7208`).because("several-spf"),
			},
		},
		{
			name: "the same SPF twice, cut differently",
			publish: func(w *world, value string) {
				w.serve(value)
				w.zone.AddRR(dnstest.TXTStrings(w.owner(), 300, value[:10], value[10:]))
			},
			ends: harmless().but(wrong, never(`2 SPF records`).because("several-spf")).but(right, never(`2 SPF records`).because("several-spf")),
		},
		{
			name: "old SPF beside the new one until the second round", around: beside(`@ TXT "v=spf1 mx ~all"`),
			during: inSecondRound(func(w *world) { w.zone.Remove(`@ TXT "v=spf1 mx ~all"`) }),
			ends:   harmless().but(right, validIn(3)),
		},
		{
			name: "two keys at a selector", subject: dkimKey(), around: beside(`news._domainkey TXT "v=DKIM1; k=ed25519; p="`),
			ends: endings{never(`other content`), never(`2 DKIM key records, and .*RFC 6376`).because("several-keys"), never(`2 DKIM key records, and .*RFC 6376`).because("several-keys")},
		},
		{
			name: "second DMARC", subject: dmarc(), around: beside(`_dmarc TXT "v=DMARC1; p=quarantine"`),
			ends: endings{never(`other content`), never(`2 DMARC records, and .*RFC 9989`).because("several-records"), never(`2 DMARC records, and .*RFC 9989`).because("several-records")},
		},
		{
			name: "null MX beside another", subject: mx("0 .", "0 mx.example.net"), around: beside(`@ MX 10 mx.example.net.`),
			publish: func(w *world, value string) { w.zone.Add(`@ MX ` + strings.TrimSuffix(value, ".") + `.`) },
			ends:    endings{never(`other content`), never(`2 MX records, and .*RFC 7505`), never(`2 MX records, and .*RFC 7505`).because("several-records")},
		},
		{
			name: "another MX beside", subject: mx("10 mx.example.net", "20 mx.example.net"), around: beside(`@ MX 10 other.example.net.`),
			ends: harmless().but(missing, never(`other content: «10 other\.example\.net»`)),
		},
		{
			name: "100 TXT at the owner", around: func(w *world) {
				for i := range 100 {
					w.zone.Add(fmt.Sprintf(`@ TXT "verification-of-service=%03d"`, i))
				}
			},
			ends: harmless().but(missing, never(`no SPF record among the TXT records there; seen .* and 95 more`)),
		},
	}
}

// changed publishes what becomes of a value.
func changed(change func(string) string) func(*world, string) {
	return func(w *world, value string) { w.serve(change(value)) }
}

// senderKeys makes the zones of a sender; pairs are the names and TXT records of its keys.
func senderKeys(pairs ...string) func(*world) {
	return func(w *world) {
		w.h.Zone("sender.example.net")
		net := w.h.Zone("example.net")
		for i := 0; i < len(pairs); i += 2 {
			net.SetTXT(pairs[i]+".", pairs[i+1])
		}
	}
}

// loop lets the names that the records point to point to each other.
func loop(w *world) {
	w.h.Zone("example.net").Set(`cg1.dkim CNAME cg2.dkim`, `cg2.dkim CNAME cg1.dkim`)
}

// flatten publishes what a CNAME leads to in place of it.
func flatten(w *world, target string) {
	keys := map[string]string{"cg1.dkim.example.net": key1, "cg2.dkim.example.net": key2}
	w.zone.SetTXT(w.owner(), keys[target])
}
