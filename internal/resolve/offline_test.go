package resolve_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// A refresh of a thousand validations, ten at a time as Terraform does, by a machine without DNS.
func TestOfflineResolvers(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	recursor := h.Recursor()
	recursor.Inject(dnstest.Drop)
	c := newClient(t, h, timeout(200*time.Millisecond))
	domains := make(chan int)
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			for i := range domains {
				_, err := c.Ask(t.Context(), about(fmt.Sprintf("_dmarc.d%d.example", i), record.TXT))
				var lookup *answer.LookupError
				if !errors.As(err, &lookup) || lookup.Outcome != answer.Timeout {
					t.Errorf("Ask(%d) = %v, want a timeout", i, err)
				}
			}
		})
	}
	for i := range 1000 {
		domains <- i
	}
	close(domains)
	group.Wait()
	// A datagram and its repetition for each of the ten, twice, and some that find out how things are.
	if n := h.Count(dnstest.To(recursor.Name())); n > 200 {
		t.Errorf("1000 questions sent %d to the dead resolver, want few", n)
	}
}

// The resolver works, but nothing lets questions through to other servers.
func TestOfflineAuthorities(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	const zones = 60
	for i := range zones {
		h.Zone(fmt.Sprintf("d%d.example", i), dnstest.Records(`_dmarc TXT ok`))
	}
	for _, s := range h.Servers() {
		s.Inject(dnstest.When(dnstest.Drop, dnstest.Direct))
	}
	c := newClient(t, h, timeout(500*time.Millisecond))
	var group sync.WaitGroup
	for worker := range 10 {
		group.Go(func() {
			for i := worker; i < zones; i += 10 {
				answers, err := c.Ask(t.Context(), about(fmt.Sprintf("_dmarc.d%d.example", i), record.TXT))
				for _, a := range answers.List {
					if a.Outcome.Definite() {
						t.Errorf("zone %d: %v, want no definite answer", i, a)
					}
				}
				var lookup *answer.LookupError
				if err != nil && !errors.As(err, &lookup) {
					t.Errorf("zone %d: %v", i, err)
				}
			}
		})
	}
	group.Wait()
	asked := make(map[string]bool)
	for _, q := range h.Questions(dnstest.Direct, dnstest.OfType("TXT")) {
		asked[q.Server] = true
	}
	if len(asked) > zones/2 {
		t.Errorf("%d dead servers were asked, want no more once that many did not answer", len(asked))
	}

	// A fresh question always asks, and finds out that things are better.
	h.Server("a.nic.example").Heal()
	h.Server("ns1.d59.example").Heal()
	if diff := cmp.Diff([]string{"ns1.d59.example: found | ok"}, lines(ask(t, c, fresh(about("_dmarc.d59.example", record.TXT))))); diff != "" {
		t.Errorf("once it answers (-want +got):\n%s", diff)
	}
}

func TestOfflineServerIsAskedOnce(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"))
	zone.Server("ns2").Inject(dnstest.Drop)
	c := newClient(t, h, timeout(200*time.Millisecond))
	for i := range 20 {
		answers := ask(t, c, about(fmt.Sprintf("s%d.example.com", i), record.TXT))
		want := []string{"ns1.example.com: name does not exist (NXDOMAIN)", "ns2.example.com: no answer in time"}
		if diff := cmp.Diff(want, lines(answers)); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
	}
	dead := h.Count(dnstest.To("ns2.example.com"), dnstest.OfType("TXT"))
	h.ResetQuestions()
	ask(t, c, fresh(about("s0.example.com", record.TXT)))
	if n := h.Count(dnstest.To("ns2.example.com")); dead > 20 || n == 0 {
		t.Errorf("a dead server was asked %d times in 20 questions, then %d times by a fresh one; want few, then some", dead, n)
	}
}
