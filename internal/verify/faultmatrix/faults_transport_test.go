package faultmatrix_test

import (
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// Response codes (RFC 1035 §4.1.1).
const (
	formErr  = 1
	servFail = 2
	notImp   = 4
	refused  = 5
)

const (
	// impatient is for faults that no answer comes of: the client gives up soon.
	impatient = 150 * time.Millisecond
	// patient is for faults that an answer does come of, late: no busy machine makes it too late.
	patient = 500 * time.Millisecond
)

// transportFaults are those between the client and every server of the zone.
func transportFaults() []fault {
	strays := never(`(no answer in time|malformed answer).*datagrams that do not answer the question were ignored`)
	return []fault{
		{
			name: "every packet lost", timeout: impatient, around: everywhere(dnstest.Drop),
			ends: always(never(`no answer in time: over UDP: .*; over TCP: .*, at all 2 name servers`).because("servers-silent")),
		},
		{
			name: "UDP lost, TCP passes", timeout: patient, ends: harmless(),
			around: forRecord(func() dnstest.Fault { return dnstest.OnUDP(dnstest.Drop) }),
		},
		{
			name: "every second datagram lost", timeout: patient, ends: harmless(),
			around: forRecord(func() dnstest.Fault { return dnstest.OnUDP(dnstest.Every(2, dnstest.Drop)) }),
		},
		{
			name: "answers later than the timeout", timeout: impatient, around: everywhere(dnstest.Delay(time.Hour)),
			ends: always(never(`no answer in time`).because("servers-silent")),
		},
		{name: "answers slowly", around: everywhere(dnstest.Delay(20 * time.Millisecond)), ends: harmless()},
		{
			name: "no server runs", around: func(w *world) {
				for _, s := range w.zone.Servers() {
					s.Down()
				}
			},
			ends: always(never(`unreachable: .*connection refused, at all 2 name servers`).because("servers-silent")),
		},
		{name: "truncated", around: everywhere(dnstest.Truncate), ends: harmless()},
		{
			name: "truncated, TCP closed", around: around(everywhere(dnstest.Truncate), everywhere(dnstest.CloseTCP)),
			ends: always(never(`truncated over UDP; over TCP: .*closed the connection`).because("servers-failing")),
		},
		{
			name: "truncated, TCP refused", around: around(everywhere(dnstest.Truncate), func(w *world) {
				for _, s := range w.zone.Servers() {
					s.Down(dnstest.TCP)
				}
			}),
			ends: always(never(`truncated over UDP; over TCP: .*connection refused`).because("servers-silent")),
		},
		{name: "EDNS unknown (FORMERR)", around: everywhere(dnstest.NoEDNS), ends: harmless()},
		{name: "EDNS ignored", around: everywhere(dnstest.IgnoreEDNS), ends: harmless()},
		{name: "wrong id", timeout: impatient, around: everywhere(dnstest.WrongID), ends: always(strays)},
		{name: "wrong question", timeout: impatient, around: everywhere(dnstest.WrongQuestion), ends: always(strays)},
		{name: "no question section", timeout: impatient, around: everywhere(dnstest.NoQuestion), ends: always(strays)},
		{name: "garbage", timeout: impatient, around: everywhere(dnstest.Garbage), ends: always(strays)},
		{
			name: "answer from another port, no TCP", timeout: impatient,
			around: around(everywhere(dnstest.WrongPort), everywhere(dnstest.CloseTCP)),
			// The operating system drops what comes from elsewhere: the client hears nothing.
			ends: always(never(`(no answer in time|malformed answer): over UDP: .*; over TCP: `)),
		},
		{
			name: "answer from another port, TCP passes", timeout: patient, ends: harmless(),
			around: forRecord(func() dnstest.Fault { return dnstest.WrongPort }),
		},
		{
			name: "forged answer ahead, wrong id", ends: harmless(),
			around: forged(func(record string) dnstest.Fault { return dnstest.Chain(dnstest.Answer(record), dnstest.WrongID) }),
		},
		{
			name: "forged answer ahead, wrong question", ends: harmless(),
			around: forged(func(record string) dnstest.Fault { return dnstest.Chain(dnstest.Answer(record), dnstest.WrongQuestion) }),
		},
		{
			name: "answer about another name", around: everywhere(dnstest.Answer(`elsewhere.invalid. TXT "` + spfValue + `"`)),
			ends: always(never(`malformed answer: the answer is about another name`)),
		},
		{
			name: "response-rate limiting, with slip", timeout: patient, ends: harmless(),
			around: forRecord(func() dnstest.Fault { return dnstest.RateLimit(1, 2) }),
		},
		{
			name: "response-rate limiting, without slip", timeout: patient, ends: harmless(),
			around: forRecord(func() dnstest.Fault { return dnstest.RateLimit(1, 0) }),
		},
	}
}

// forged sends an answer that would match ahead of the true one, to every question about the record.
func forged(attack func(record string) dnstest.Fault) func(*world) {
	return func(w *world) {
		forged := attack(w.owner() + ` TXT "` + w.subject.Value + `"`)
		forRecord(func() dnstest.Fault { return dnstest.Ahead(forged) })(w)
	}
}
