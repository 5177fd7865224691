package realdns_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/realdns"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// recursors start each of the recursive servers.
var recursors = map[string]func(*realdns.Lab, ...realdns.Anchor) *realdns.Server{
	"BIND": func(l *realdns.Lab, anchors ...realdns.Anchor) *realdns.Server {
		return l.BINDRecursor(anchors...).Server
	},
	"Unbound": (*realdns.Lab).Unbound,
}

// selector is a name that does not exist until it is published.
const selector = "sel1._domainkey." + domain

const key = "v=DKIM1; p="

func publish(bind *realdns.Named) {
	bind.Update(domain, `add `+selector+` 300 TXT "`+key+`"`)
}

// What a recursor remembers as absent is waited for, until it forgets.
func TestWaitForNegativeCache(t *testing.T) {
	t.Parallel()
	for maker, run := range recursors {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			lab := realdns.New(t)
			bind := lab.BIND(realdns.Zone{Name: domain, NegativeTTL: 5})
			lab.Delegate(domain, bind.Server)
			recursor := run(lab)
			if reply := recursor.Ask(selector, "TXT"); reply.RCode != "NXDOMAIN" || reply.TTL == 0 {
				t.Fatalf("before it is published, %s answers %s for %d s, want NXDOMAIN", maker, reply.RCode, reply.TTL)
			}
			publish(bind)

			var first verify.Report
			waiter := verify.Waiter{Resolver: newClient(t, lab, recursor), Pause: 250 * time.Millisecond, Progress: func(r verify.Report) {
				if len(r.Findings) == 2 && len(first.Findings) == 0 {
					first = r
				}
			}}
			expected := []verify.Expectation{expect(selector, record.TXT, key)}
			report, err := waiter.Wait(t.Context(), expected, verify.Options{Query: verify.QueryBoth, Timeout: time.Minute})
			if err != nil {
				t.Errorf("waiting for %s to forget: %v\n%s", maker, err, report.Text())
			}
			if len(first.Findings) != 2 {
				t.Fatalf("the authorities and the recursor were never reported about together:\n%s", report.Text())
			}
			authorities, seen := first.Findings[0], first.Findings[1]
			if !authorities.Met() || len(seen.Seen) != 1 || seen.Seen[0].Outcome != answer.NXDomain || seen.Seen[0].TTL == 0 {
				t.Errorf("the first report is\n%s\nwant the authorities to serve the record, and NXDOMAIN for some seconds from the recursor", first.Text())
			}
		})
	}
}

// Waiting for the authorities leaves nothing in the cache of a recursor that would outlive the wait.
func TestWaitLeavesNoNegativeCache(t *testing.T) {
	t.Parallel()
	lab := realdns.New(t)
	bind := lab.BIND(realdns.Zone{Name: domain, NegativeTTL: 3600})
	lab.Delegate(domain, bind.Server)
	recursor := lab.BINDRecursor()
	const seeded = "seeded." + domain
	recursor.Ask(seeded, "TXT")

	waiter := verify.Waiter{Resolver: newClient(t, lab, recursor.Server), Pause: 250 * time.Millisecond}
	ended := make(chan error, 1)
	expected := []verify.Expectation{
		expect(selector, record.TXT, key),
		expect(domain, record.TXT, "v=spf1 -all"),
	}
	go func() {
		_, err := waiter.Wait(t.Context(), expected, verify.Options{Timeout: time.Minute})
		ended <- err
	}()
	patience, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := bind.Log().Await(patience, 2, "query: "+selector); err != nil {
		t.Fatal(err)
	}
	cache := recursor.Cache()
	if !strings.Contains(cache, seeded) {
		t.Fatalf("the cache does not even hold the name that was asked for:\n%s", cache)
	}
	for _, name := range []string{"_domainkey", "sel1"} {
		if strings.Contains(cache, name) {
			t.Errorf("while the record is missing, the cache holds %s:\n%s", name, cache)
		}
	}
	publish(bind)
	bind.Update(domain, `add `+domain+` 300 TXT "v=spf1 -all"`)
	if err := <-ended; err != nil {
		t.Errorf("once the records are published: %v", err)
	}
	for _, name := range []string{selector, domain} {
		if reply := recursor.Ask(name, "TXT"); reply.RCode != "NOERROR" || len(reply.Answer) == 0 {
			t.Errorf("%s TXT at the recursor after the wait: %s with %d records, want the record", name, reply.RCode, len(reply.Answer))
		}
	}
}

// A signed zone is validated; one whose signatures do not hold is a failure, and says nothing about what exists.
func TestSignedZone(t *testing.T) {
	t.Parallel()
	const good, bad = "good." + domain, "bad." + domain
	for maker, run := range recursors {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			lab := realdns.New(t)
			zone := realdns.Zone{Name: domain, Records: "good TXT yes\nbad TXT yes"}
			bind := lab.BIND(zone)
			lab.Delegate(domain, bind.Server)
			signer := realdns.NewSigner(t, domain)
			bind.Replace(signer.Sign(bind.Server, zone, realdns.Current))
			recursor := run(lab, signer.Anchor)
			client := newClient(t, lab, recursor)
			options := verify.Options{Query: verify.QueryBoth}

			if reply := recursor.Ask(good, "TXT"); !reply.Authentic {
				t.Errorf("%s does not validate the zone while it is right", maker)
			}
			report, err := verify.Waiter{Resolver: client}.Check(t.Context(), []verify.Expectation{expect(good, record.TXT, "yes")}, options)
			if err != nil || report.State() != verify.Valid {
				t.Errorf("state %v, %v of a signed zone, want valid:\n%s", report.State(), err, report.Text())
			}

			bind.Replace(signer.Sign(bind.Server, zone, realdns.Expired))
			// The recursor has not asked for this name before: what it remembers is right still.
			report, err = verify.Waiter{Resolver: client}.Check(t.Context(), []verify.Expectation{expect(bad, record.TXT, "yes")}, options)
			if err != nil || report.State() != verify.Unclear {
				t.Errorf("state %v, %v of a bogus zone, want unclear:\n%s", report.State(), err, report.Text())
			}
			answers, err := client.Ask(t.Context(), answer.Question{Name: dnsname.MustParse(bad), Type: record.TXT, Via: answer.Resolvers})
			if err != nil {
				t.Fatal(err)
			}
			// BIND 9.18 tells no reason; Unbound tells it by an extended error (RFC 8914 §4.7, §4.8).
			got := answers.List[0]
			reason := strings.Contains(got.Detail, "Bogus") || strings.Contains(got.Detail, "Expired")
			if got.Outcome != answer.ServFail || maker == "Unbound" && !reason {
				t.Errorf("%s answers %v (%s), want a failure, and of Unbound the reason", maker, got.Outcome, got.Detail)
			}
		})
	}
}
