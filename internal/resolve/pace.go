package resolve

import (
	"context"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/time/rate"
)

const (
	// TrialRate is how many questions a second go to an authoritative server at most that has not answered about a zone of
	// its own yet. A zone can name any address as that of its server.
	TrialRate = 20
	// burst is how many seconds' worth of questions an address gets at once, after as long a silence, so that a round
	// about many records need not take as many seconds. Servers that limit their responses count equal ones, and
	// one question is asked once.
	burst = 5
	// slowest is by what part of its rate an address is slowed down at most, and in how many steps it recovers.
	slowest = 8

	// A server that limits its responses (response-rate limiting) drops what is too much over UDP, or sends it without
	// records and with the TC bit. Over TCP, where nobody can forge who asks, it answers: there the questions go
	// then, but for a quarter of those that went over UDP before, down to this part of the rate. Of those to a server that
	// has never answered over UDP, one goes there every now and then.
	curbing   = 4
	fewestUDP = 64
	// relaxing is the time after which such a server is sent more datagrams again, if it answered the last ones.
	relaxing = time.Second
	// A server that has answered over UDP is waited for that many times as long as its slowest answer took, but for this
	// part of the patience at least: what does not come by then was dropped, and TCP is the shorter way.
	slowness = 4
	haste    = 8
	// fits is the size, in octets, up to which every server sends an answer over UDP (RFC 1035 §4.2.1).
	fits = dns.MinMsgSize
)

// udp holds the limits of a target over UDP.
type udp struct {
	slowest time.Duration // how long the slowest answer took; 0 where there was none yet
	heard   bool          // it has answered
	limiter *rate.Limiter // nil where it does not limit its responses
	changed time.Time     // when the limiter was last slowed down or sped up
	// limited is over once the target turns out to limit its responses.
	limited context.Context //nolint:containedctx // It is over while the target limits its responses, and nobody's call.
	limit   context.CancelFunc
}

func newUDP() udp {
	var u udp
	u.limited, u.limit = context.WithCancel(context.Background())
	return u
}

// A way holds the transport of a question to a target, and the patience with it.
type way struct {
	tcp     bool            // over TCP first
	slowest time.Duration   // as in udp
	limited context.Context //nolint:containedctx // When it is over, UDP is given up.
}

// way returns how the next question goes to a target.
func (p *peers) way(t target) way {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	if peer.over.limiter == nil {
		return way{slowest: peer.over.slowest, limited: peer.over.limited}
	}
	return way{tcp: !peer.over.limiter.Allow(), slowest: max(1, peer.over.slowest), limited: context.Background()}
}

// patience returns how long to wait for an answer over UDP, where there is so much time at most.
func (w way) patience(most time.Duration) time.Duration {
	if w.slowest == 0 {
		return most
	}
	return min(most, max(most/haste, slowness*w.slowest))
}

// curb notes that a server dropped or cut the answer to a question that was put to it over UDP at the time
// asked, and answered over TCP. Questions that were under way when it was found out say nothing new.
func (p *peers) curb(t target, asked time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	if t.recursive() && peer.over.heard || asked.Before(peer.over.changed) {
		return // Resolvers wait for others, now and then for long.
	}
	if peer.over.limiter == nil {
		peer.over.limiter = rate.NewLimiter(p.max, 1)
		peer.over.limit()
	}
	if peer.over.heard {
		peer.over.set(max(p.max/fewestUDP, peer.over.limiter.Limit()/curbing))
		return
	}
	peer.over.set(rate.Every(probeSick))
	peer.over.limiter.Allow() // It was asked over UDP right now.
}

// hear notes that a target has answered over UDP, if only by an answer that was cut.
func (p *peers) hear(t target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	peer.over.heard = true
}

// relax notes that a target answered a question over UDP that was put to it at the time asked.
func (p *peers) relax(t target, asked time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	peer.over.heard = true
	if !t.recursive() { // Those wait for others, now and then for long.
		peer.over.slowest = max(peer.over.slowest, time.Since(asked))
	}
	if peer.over.limiter == nil || asked.Before(peer.over.changed.Add(relaxing)) {
		return
	}
	if limit := peer.over.limiter.Limit() + p.max/slowest; limit < p.max {
		peer.over.set(limit)
		return
	}
	peer.over.release()
}

// release ends the limit.
func (u *udp) release() {
	slowest, heard := u.slowest, u.heard
	*u = newUDP()
	u.slowest, u.heard = slowest, heard
}

// set sets how many questions a second go over UDP.
func (u *udp) set(limit rate.Limit) {
	u.limiter.SetLimit(limit)
	u.changed = time.Now()
}

// uncurb notes that a target cannot be asked over TCP instead.
func (p *peers) uncurb(t target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	peer.over.release()
}

// fitsDatagram reports whether a message would have fit into any datagram.
func fitsDatagram(msg *dns.Msg) bool {
	packed := *msg
	packed.Compress = true
	return packed.Len() <= fits
}

// prove notes what a target answered. One that answers with authority, or refers to the servers of a domain, is a server
// that zones are delegated to, and is asked at the full rate from now on.
func (p *peers) prove(t target, msg *dns.Msg, q question) {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	if peer.proven || !hasZone(msg, q) {
		return
	}
	peer.proven = true
	peer.limiter = newLimiter(p.max)
}

// hasZone reports whether a message is one of a server that has a zone with the name.
func hasZone(msg *dns.Msg, q question) bool {
	if msg.Rcode != dns.RcodeSuccess && msg.Rcode != dns.RcodeNameError {
		return false
	}
	if msg.Authoritative {
		return true
	}
	for _, rr := range msg.Ns {
		// A resolver refers to the root, or to a top-level domain, when it is not asked for recursion.
		if owner := ownerOf(rr); rr.Header().Rrtype == dns.TypeNS && q.name.IsIn(owner) && len(owner.Labels()) > 1 {
			return true
		}
	}
	return false
}

// limiter returns what the questions to a peer pay.
func (p *peers) limiter(peer *peer) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return peer.limiter
}

func newLimiter(limit rate.Limit) *rate.Limiter { return rate.NewLimiter(limit, burst*int(limit)) }

// most returns how fast a peer may be asked at most. p.mu is held.
func (p *peers) most(peer *peer) rate.Limit {
	if peer.proven {
		return p.max
	}
	return min(p.max, TrialRate)
}

// allow sets the rate of a peer. Only at full rate it gets more than a second's worth at once. p.mu is held.
func (p *peers) allow(peer *peer, limit rate.Limit) {
	peer.limiter.SetLimit(limit)
	peer.limiter.SetBurst(max(1, int(limit)))
	if limit == p.most(peer) {
		peer.limiter.SetBurst(burst * int(limit))
	}
}

// slow has a target asked half as often. p.mu is held.
func (p *peers) slow(t target) {
	peer, _ := p.of(t)
	p.allow(peer, max(p.most(peer)/slowest, peer.limiter.Limit()/2))
}

// slowDown notes that a target cuts its answers over UDP and gives none over TCP.
func (p *peers) slowDown(t target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow(t)
}
