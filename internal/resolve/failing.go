package resolve

import (
	"errors"
	"slices"
	"syscall"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// A resolver that has no way out, as one on a machine without a network, answers all the same: SERVFAIL, or REFUSED,
// to whatever it is asked.

// failures is the row of names that a resolver answered by a failure since it last answered by anything else.
type failures struct {
	names, domains map[dnsname.Name]bool
	served         time.Time // when it last answered by anything else
	many           bool      // too many of them
	last           response  // what it answered last, without the message
}

// isFailure reports whether a resolver says by a message that it did not find out.
func isFailure(msg *dns.Msg) bool {
	return msg.Rcode == dns.RcodeServerFailure || msg.Rcode == dns.RcodeRefused
}

// fail notes that a resolver failed on a question about a name that was put to it at the time asked.
func (p *peers) fail(t target, name dnsname.Name, msg *dns.Msg, asked time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	row := &peer.health.failures
	if asked.Before(row.served) {
		return
	}
	said, _ := read(response{msg: msg}, question{name: name})
	row.last = response{outcome: said.Outcome, detail: said.Detail}
	if row.many {
		return
	}
	if row.names == nil {
		row.names, row.domains = make(map[dnsname.Name]bool), make(map[dnsname.Name]bool)
	}
	row.names[name] = true
	row.domains[registered(name)] = true
	if len(row.names) >= failingAfter && len(row.domains) >= failingDomains {
		row.many = true
		peer.health.probe = time.Now().Add(probeSick)
		peer.health.show()
	}
}

// serve notes that the target answered a question by what there is.
func (p *peers) serve(t target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	peer.health.failures = failures{served: time.Now()}
	peer.health.show()
}

// registered returns the domain that a name lies in as registries sell them; the name itself where it is above those.
func registered(name dnsname.Name) dnsname.Name {
	domain, err := publicsuffix.EffectiveTLDPlusOne(name.String())
	if err != nil {
		return name
	}
	return dnsname.FromDNS(domain)
}

// What stands in for the details of answers that were not asked for.
const (
	detailSilent  = "not asked again: it did not answer the last questions"
	detailLost    = "not asked again: the last questions ended in the same way"
	detailFailing = "not asked again: it answered every question in this way"
)

// notAsked returns what stands for the answer of a server that is not asked any more: how the last question to it
// ended, or to its network.
func (p *peers) notAsked(t target) response {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, network := p.of(t)
	got := response{outcome: answer.Timeout, detail: detailSilent, skipped: true}
	if peer.health.unanswered > 0 {
		got.trouble = peer.health.last.trouble
	}
	switch own := peer.health; {
	case !own.silent && own.failures.many:
		got.outcome, got.detail = own.failures.last.outcome, detailFailing
		if said := own.failures.last.detail; said != "" {
			got.detail += "; the last time: " + said
		}
	case own.unanswered > 0 && own.last.outcome == answer.Unreachable:
		got.outcome, got.detail = answer.Unreachable, own.last.detail+"; "+detailLost
	case own.unanswered == 0 && network.silent && network.last.outcome == answer.Unreachable:
		got.outcome, got.trouble = answer.Unreachable, network.last.trouble
	}
	return got
}

// isLocal reports whether an error says that this machine has no way to an address, or lets nothing through to it.
func isLocal(err error) bool {
	return slices.ContainsFunc([]error{
		syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT, syscall.EPERM, syscall.EACCES,
	}, func(local error) bool { return errors.Is(err, local) })
}
