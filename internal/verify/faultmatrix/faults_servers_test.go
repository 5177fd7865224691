package faultmatrix_test

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// oneFails is what faults of one server end in: nothing is valid, whatever the others serve.
func oneFails(says, cause string) endings {
	return endings{
		never(`no such record, at ns1\.`), never(`other content: .*, at ns1\.`), never(says + `[^\n]*, at ns2\.`).because(cause),
	}
}

// serverFaults are those of servers that answer what they should not.
func serverFaults() []fault {
	return []fault{
		{
			name: "SERVFAIL", around: everywhere(dnstest.RCode(servFail)),
			ends: always(never(`server failure \(SERVFAIL\), at all 2`).because("servers-failing")),
		},
		{
			name: "REFUSED", around: everywhere(dnstest.RCode(refused)),
			ends: always(never(`refused \(REFUSED\), at all 2`).because("servers-failing")),
		},
		{name: "NOTIMP", around: everywhere(dnstest.RCode(notImp)), ends: always(never(`malformed answer: unexpected response code NOTIMP`))},
		{name: "FORMERR to everything", around: everywhere(dnstest.RCode(formErr)), ends: always(never(`malformed answer: unexpected response code FORMERR`))},
		{
			name: "empty answer without SOA", around: everywhere(dnstest.Empty),
			ends: always(never(`seen: +no such record, at all 2`)),
		},
		{
			name: "answer without AA", around: everywhere(dnstest.NoAA),
			ends: always(never(`not authoritative for the zone \(lame delegation\): the answer has no AA bit`).because("servers-lame")),
		},
		{
			name: "upward referral", around: everywhere(dnstest.Lame),
			ends: always(never(`not authoritative for the zone \(lame delegation\)`).because("servers-lame")),
		},
		{
			name: "one of two servers lame", around: oneServer(dnstest.Lame),
			ends: oneFails(`not authoritative for the zone \(lame delegation\)`, "servers-lame"),
		},
		{
			name: "one of two servers fails", around: oneServer(dnstest.RCode(servFail)),
			ends: oneFails(`server failure \(SERVFAIL\)`, "servers-failing"),
		},
		{
			name: "one of two servers refuses", around: oneServer(dnstest.RCode(refused)),
			ends: oneFails(`refused \(REFUSED\)`, "servers-failing"),
		},
		{
			name: "one of two servers refuses, any is enough", around: oneServer(dnstest.RCode(refused)),
			options: verify.Options{Require: require("any")}, ends: harmless().but(missing, never(`seen: `)).but(wrong, never(`seen: `)),
		},
		{
			name: "one of four servers stale", servers: 4, around: hold("ns4"),
			ends: harmless().but(wrong, never(`no such record, at ns4\.`)).but(right, never(`no such record, at ns4\.(.|\n)*the expected record, at ns1\..*ns2\..*ns3\.`).because("servers-behind")),
		},
		{
			name: "one of four servers stale, three are enough", servers: 4, around: hold("ns4"),
			options: verify.Options{Require: require("3")},
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
			during: inSecondRound(func(w *world) { w.zone.Server("ns4").Release() }),
			ends:   harmless().but(right, validIn(3)),
		},
		{
			name:   "the record shows, goes, and comes back",
			during: inSecondRound(func(w *world) { w.zone.Server("ns1").Inject(dnstest.First(1, dnstest.Empty)) }),
			ends:   harmless().but(right, validIn(4)),
		},
		{
			name: "a server flaps between old and new", during: inOddRounds(dnstest.Answer(`example.com. TXT "v=spf1 mx -all"`)),
			ends: harmless().
				but(missing, never(`other content: «v=spf1 mx -all», at ns2\.`)).
				but(right, never(`other content: «v=spf1 mx -all», at ns2\.`).because("servers-behind")),
		},
		{
			name: "a server fails in every other round", during: inOddRounds(dnstest.RCode(servFail)),
			ends: oneFails(`server failure \(SERVFAIL\)`, "servers-failing"),
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
			options: verify.Options{Require: require("3")},
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
			options: verify.Options{Timeout: 5 * time.Minute, Require: require("strict")},
			ends:    endings{never(`no such record, at ns2\.`), never(`other content: .*, at ns2\.`), never(`no answer in time, at ns1\.`).because("servers-silent")},
		},
		{
			name: "one of four servers refuses for ever", virtual: uselessServer(4, answer.Refused), options: verify.Options{Timeout: 5 * time.Minute},
			ends: endings{never(`no such record, at ns2\.`), never(`other content: .*, at ns2\.`), never(`refused \(REFUSED\), at ns1\.`).because("servers-failing")},
		},
		{
			name: "one of four servers lame for ever", virtual: uselessServer(4, answer.NotAuthoritative), options: verify.Options{Timeout: 5 * time.Minute},
			ends: endings{never(`no such record, at ns2\.`), never(`other content: .*, at ns2\.`), never(`\(lame delegation\), at ns1\.`).because("servers-lame")},
		},
		{
			name: "every server dead for ever", virtual: silentServer(1), options: verify.Options{Timeout: 5 * time.Minute},
			ends: always(never(`no answer in time, at the only name server`).because("servers-silent")),
		},
	}
}

// silentServer answers for so many servers, of which the first is dead.
func silentServer(servers byte) func(value string) verify.Resolver {
	return uselessServer(servers, answer.Timeout)
}

// uselessServer answers for so many servers, of which the first says nothing about the record.
func uselessServer(servers byte, outcome answer.Outcome) func(value string) verify.Resolver {
	return func(value string) verify.Resolver {
		answers := answer.Set{Zone: dnsname.MustParse("example.com")}
		for n := byte(1); n <= servers; n++ {
			a := answer.Answer{Outcome: answer.Found, Values: []string{value}, TTL: dnstest.DefaultTTL}
			switch {
			case n == 1:
				a = answer.Answer{Outcome: outcome}
			case value == "":
				a = answer.Answer{Outcome: answer.NoData}
			}
			a.Server = answer.Server{
				Name: dnsname.MustParse(fmt.Sprintf("ns%d.example.com", n)),
				Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, n}), 53),
			}
			answers.List = append(answers.List, a)
		}
		return constant(answers)
	}
}

// constant gives the same answers to every question.
type constant answer.Set

func (c constant) Ask(context.Context, answer.Question) (answer.Set, error) {
	return answer.Set(c), nil
}

// require reads a number of servers.
func require(s string) verify.Require {
	r, err := verify.ParseRequire(s)
	if err != nil {
		panic(err) // It is fixed in the table.
	}
	return r
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

// inSecondRound acts before the second round.
func inSecondRound(act func(*world)) func(*world, int) {
	return func(w *world, round int) {
		if round == 2 {
			act(w)
		}
	}
}

// inOddRounds lets one server, ns2, misbehave in the first round, and in every other from there on.
func inOddRounds(f dnstest.Fault) func(*world, int) {
	return func(w *world, round int) {
		w.zone.Server("ns2").Heal()
		if round%2 == 1 {
			w.zone.Server("ns2").Inject(f)
		}
	}
}
