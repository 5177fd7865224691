package verify_test

import (
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// oneSays is what faults of one server end in: nothing is valid, whatever the others serve.
func oneSays(text string) endings {
	return harmless().but(missing, never(`seen: +`+text)).but(wrong, never(`seen: +`)).but(right, never(`seen: +`+text+`[^;]*, at ns\d\.example\.com`))
}

// serverFaults are those of servers that answer what they should not.
func serverFaults() []fault {
	return []fault{
		{
			name: "SERVFAIL", around: everywhere(dnstest.RCode(servFail)),
			ends: always(never(`server failure \(SERVFAIL\), at all 2`).because("servers-fail")),
		},
		{
			name: "REFUSED", around: everywhere(dnstest.RCode(refused)),
			ends: always(never(`refused \(REFUSED\), at all 2`).because("lame-delegation")),
		},
		{name: "NOTIMP", around: everywhere(dnstest.RCode(notImp)), ends: always(never(`malformed answer: unexpected response code NOTIMP`))},
		{name: "FORMERR to everything", around: everywhere(dnstest.RCode(formErr)), ends: always(never(`malformed answer: unexpected response code FORMERR`))},
		{
			name: "empty answer without SOA", around: everywhere(dnstest.Empty),
			ends: always(never(`seen: +no such record, at all 2`)),
		},
		{
			name: "answer without AA", around: everywhere(dnstest.NoAA),
			ends: always(never(`not authoritative for the zone \(lame delegation\): the answer has no AA bit`).because("lame-delegation")),
		},
		{
			name: "upward referral", around: everywhere(dnstest.Lame),
			ends: always(never(`not authoritative for the zone \(lame delegation\)`).because("lame-delegation")),
		},
		{
			name: "one of two servers lame", around: at("ns2", dnstest.Lame),
			ends: oneSays(`not authoritative for the zone \(lame delegation\)`).but(right, never(`lame delegation\).*, at ns2\.`).because("lame-delegation")),
		},
		{
			name: "one of two servers fails", around: at("ns2", dnstest.RCode(servFail)),
			ends: oneSays(`(no such|server failure)`).but(right, never(`server failure \(SERVFAIL\), at ns2\.`)),
		},
		{
			name: "one of two servers refuses", around: at("ns2", dnstest.RCode(refused)),
			ends: oneSays(`(no such|refused)`).but(right, never(`refused \(REFUSED\), at ns2\.`).because("lame-delegation")),
		},
		{
			name: "one of two servers refuses, any is enough", around: at("ns2", dnstest.RCode(refused)),
			options: verify.Options{Require: mustRequire("any")}, ends: harmless().but(missing, never(`seen: `)).but(wrong, never(`seen: `)),
		},
		{
			name: "one of four servers stale", servers: 4, around: hold("ns4"),
			ends: harmless().but(wrong, never(`no such record, at ns4\.`)).but(right, never(`no such record, at ns4\.(.|\n)*the expected record, at ns1\..*ns2\..*ns3\.`).because("servers-behind")),
		},
		{
			name: "one of four servers stale, three are enough", servers: 4, around: hold("ns4"),
			options: verify.Options{Require: mustRequire("3")},
			ends:    harmless().but(wrong, never(`other content: .*required: 3 servers|required: 3 servers`)),
		},
		{
			name: "one of two servers serves an earlier record", around: earlier("v=spf1 mx -all", hold("ns2")),
			publish: replace, ends: harmless().
					but(missing, never(`other content: «v=spf1 mx -all», at all 2`)).
					but(right, never(`other content: «v=spf1 mx -all», at ns2\.`).because("servers-behind")),
		},
		{
			name: "serial behind", around: func(w *world) { w.zone.Server("ns1").Lag(time.Hour) },
			ends: harmless().but(wrong, never(`no such record, at ns1\.`)).but(right, never(`no such record, at ns1\.`).because("servers-behind")),
		},
		{
			name: "a server catches up in the second round", servers: 4, around: hold("ns4"),
			during: inRound(2, func(w *world) { w.zone.Server("ns4").Release() }),
			ends:   harmless().but(right, validIn(3)),
		},
		{
			name: "the record shows, goes, and comes back", servers: 2,
			during: func(w *world, round int) {
				switch round {
				case 2:
					w.zone.Server("ns1").Inject(dnstest.First(1, dnstest.Empty))
				}
			},
			ends: harmless().but(right, validIn(4)),
		},
		{
			name: "a server flaps between old and new", ends: harmless().but(missing, never(`seen: `)).but(wrong, never(`seen: `)).but(right, never(`seen: `).because("server-flaps")),
			around: at("ns2", dnstest.When(dnstest.Every(2, dnstest.Answer(`example.com. TXT "v=spf1 mx -all"`)), dnstest.OfType("TXT"))),
		},
		{
			name: "every second answer SERVFAIL", ends: harmless().but(missing, never(`seen: `)).but(wrong, never(`seen: `)).but(right, never(`seen: `).because("server-flaps")),
			around: at("ns2", dnstest.When(dnstest.Every(2, dnstest.RCode(servFail)), dnstest.OfType("TXT"))),
		},
		{
			name: "one of four servers dead, in its first minute", servers: 4, around: down("ns2"),
			ends: harmless().
				but(missing, never(`no such record, at ns1\.`)).
				but(wrong, never(`other content`)).
				but(right, never(`unreachable: .*, at ns2\.`).because("servers-silent")),
		},
		{
			name: "one of four servers dead, three are enough", servers: 4, around: down("ns2"),
			options: verify.Options{Require: mustRequire("3")},
			ends:    harmless().but(missing, never(`no such record, at ns1\.`)).but(wrong, never(`other content`)),
		},
		{
			name: "one of four servers dead for ever", virtual: silentServer(4), options: verify.Options{Timeout: 5 * time.Minute},
			ends: endings{
				never(`no such record, at ns2\.`), never(`other content: .*, at ns2\.`),
				ending{rounds: anyRound, says: `ns1\.example\.com .* did not answer for 60 s and was passed over`, cause: "servers-silent"},
			},
		},
		{
			name: "one of four servers dead for ever, strict", virtual: silentServer(4),
			options: verify.Options{Timeout: 5 * time.Minute, Require: mustRequire("strict")},
			ends:    endings{never(`no such record, at ns2\.`), never(`other content: .*, at ns2\.`), never(`no answer in time, at ns1\.`).because("servers-silent")},
		},
		{
			name: "every server dead for ever", virtual: silentServer(1), options: verify.Options{Timeout: 5 * time.Minute},
			ends: always(never(`no answer in time, at the only name server`).because("servers-silent")),
		},
	}
}

// silentServer answers for so many servers, of which the first is dead.
func silentServer(servers byte) func(string) func(verify.Question, time.Duration) (verify.Answers, error) {
	return func(value string) func(verify.Question, time.Duration) (verify.Answers, error) {
		return func(verify.Question, time.Duration) (verify.Answers, error) {
			list := []verify.Answer{fails(1, verify.Timeout)}
			for n := byte(2); n <= servers; n++ {
				if value == "" {
					list = append(list, fails(n, verify.NoData))
				} else {
					list = append(list, found(n, value))
				}
			}
			return zone(list...), nil
		}
	}
}

// hold freezes what a server serves before the record is published.
func hold(server string) func(*world) {
	return func(w *world) { w.zone.Server(server).Hold() }
}

// down closes the sockets of a server.
func down(server string) func(*world) {
	return func(w *world) { w.zone.Server(server).Down() }
}

// earlier serves another value for the record before the rest of the scene is set.
func earlier(value string, then ...func(*world)) func(*world) {
	return func(w *world) {
		w.serve(value)
		around(then...)(w)
	}
}

// replace publishes a value in place of all that its owner has of the type.
func replace(w *world, value string) {
	w.zone.Delete(w.owner(), string(w.subject.Type))
	w.serve(value)
}

// inRound acts before one round.
func inRound(n int, act func(*world)) func(*world, int) {
	return func(w *world, round int) {
		if round == n {
			act(w)
		}
	}
}
