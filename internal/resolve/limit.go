package resolve

import (
	"context"
	"math"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/netblock"
)

const (
	// sickAfter is how many questions in a row an address leaves unanswered before it counts as sick.
	sickAfter = 3
	// deadAfter is how many questions in a row a whole network leaves unanswered, at deadPeers addresses
	// or more, before it counts as dead.
	deadAfter = 10
	deadPeers = 3
	// failingAfter is for how many names in a row, of failingDomains domains or more, a resolver fails before it
	// counts as one that fails whatever it is asked. One broken domain has many names, and says nothing about others.
	failingAfter   = 20
	failingDomains = 2

	// One question in a while is let through, to find out whether things are better.
	probeSick = 5 * time.Second
	probeDead = time.Second
	// A silent address is asked for fresh answers after a second, then after twice as long each time, up to longestSilence:
	// a zone can name any address, and a wait may last for hours.
	firstSilence   = time.Second
	longestSilence = time.Minute

	// burst is how many seconds' worth of questions an address gets at once, after as long a silence, so that a round
	// about many records need not take as many seconds. Servers that limit their responses count equal ones, and
	// one question is asked once.
	burst = 5
	// slowest is by what part of its rate an address is slowed down at most.
	slowest = 8
	// maxPeers bounds what is remembered about addresses. Past it, all is forgotten: that costs
	// questions, not answers.
	maxPeers = 8192
)

// A target is a server in its role: authoritative and recursive service of one address fail apart, and so
// do the ways to ask a resolver.
type target struct {
	addr     netip.AddrPort // the zero AddrPort for a resolver that is known by the name of its host alone
	resolver Resolver       // the zero Resolver for an authoritative server
}

func (t target) recursive() bool { return t.resolver.IsValid() }

// A network is what fails as a whole: authoritative servers behind a firewall, resolvers without a
// cable, IPv6 without a route, a port that is closed to the outside. What lies before the firewall, with private
// addresses, may well answer.
type network struct {
	v6, recursive, public bool
	scheme                scheme
}

func (t target) network() network {
	addr := t.addr.Addr()
	return network{v6: addr.Is6(), recursive: t.recursive(), public: netblock.IsPublic(addr), scheme: t.resolver.scheme}
}

// admission says how a question may be put to an address.
type admission int

const (
	admitted admission = iota
	retrying           // once in a while, as the resolver failed lately, or the address is silent
	probing            // with little patience, as the address did not answer lately
	skipped            // not at all, for one of these reasons
)

// peers remembers how the addresses behave that questions go to: how fast they may be asked, and
// whether they are worth asking.
type peers struct {
	max rate.Limit // questions per second and address

	mu       sync.Mutex
	peers    map[target]*peer
	networks map[network]*health
	// When a search last found that no authoritative server answers: any search, and one for a fresh answer.
	blocked, freshlyBlocked time.Time
}

type peer struct {
	limiter *rate.Limiter
	// turn is held by the question that waits for the limiter. Others queue behind it, in fair shares: what they
	// reserved could not be given back when they leave.
	turn *shares
	// spared holds what questions paid that never left this machine, a second's worth at most.
	spared chan struct{}
	health health
	asked  bool // a question was sent there
}

// health counts the questions in a row that were not answered; of a resolver, those that it failed on as well.
type health struct {
	unanswered int
	at         map[target]bool // where they went
	answered   time.Time       // the last answer
	silent     bool            // too many of them
	last       response        // how the last one ended
	failures   failures
	// When the next question may be let through, and the next fresh one.
	probe, freshProbe time.Time
	backOff           time.Duration // how long fresh questions pause after the next one
	sick              chan struct{} // closed while not worth asking
}

func newPeers(perSecond int) *peers {
	return &peers{
		max:      rate.Limit(perSecond),
		peers:    make(map[target]*peer),
		networks: make(map[network]*health),
	}
}

// of returns what is known about a target. p.mu is held.
func (p *peers) of(t target) (*peer, *health) {
	if len(p.peers) >= maxPeers && p.peers[t] == nil {
		clear(p.peers)
	}
	if p.peers[t] == nil {
		p.peers[t] = &peer{
			limiter: rate.NewLimiter(p.max, burst*int(p.max)),
			turn:    newShares(1, math.MaxInt64),
			spared:  make(chan struct{}, int(p.max)),
			health:  newHealth(),
		}
	}
	if p.networks[t.network()] == nil {
		network := newHealth()
		p.networks[t.network()] = &network
	}
	return p.peers[t], p.networks[t.network()]
}

func newHealth() health {
	return health{at: make(map[target]bool), sick: make(chan struct{})}
}

// wait returns when the target may be asked, by its rate; at once where it is sick and the question is
// not fresh, or its network has never answered and is dead. It returns the context's error when that is over.
func (p *peers) wait(ctx context.Context, t target, fresh bool) error {
	p.mu.Lock()
	peer, network := p.of(t)
	sick := peer.health.sick
	if fresh {
		switch {
		case network.answered.IsZero():
			sick = network.sick
		case peer.health.last.outcome == answer.Unreachable:
			sick = nil // It costs nobody much to try.
		}
	}
	p.mu.Unlock()
	select {
	case <-sick:
		return ctx.Err()
	default:
	}
	turn := peer.turn.join(sharerOf(ctx), false, t.recursive())
	defer peer.turn.release(turn)
	select {
	case <-turn.ready:
		return peer.pay(ctx, sick)
	case <-sick:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// pay takes what the limiter allows for one question, or what another question did not need. Whose turn it is alone
// may call it. It returns early when the channel is closed.
func (p *peer) pay(ctx context.Context, sick <-chan struct{}) error {
	reservation := p.limiter.Reserve()
	delay := reservation.Delay()
	if delay == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-p.spared:
	case <-sick:
	case <-ctx.Done():
	}
	reservation.Cancel()
	return ctx.Err()
}

// spare gives back what a question paid that never left this machine.
func (p *peers) spare(t target) {
	p.mu.Lock()
	peer, _ := p.of(t)
	p.mu.Unlock()
	select {
	case peer.spared <- struct{}{}:
	default:
	}
}

// admit says whether the target is worth asking. Fresh questions are let through, unless nothing in the whole
// network has ever answered.
func (p *peers) admit(t target, fresh bool) admission {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, network := p.of(t)
	if fresh {
		if network.answered.IsZero() {
			return network.admit(&network.freshProbe, probeDead)
		}
		return peer.health.admitFresh()
	}
	// An address that did answer is not given up with its network: it may be the others that are dead.
	if peer.health.answered.IsZero() {
		if verdict := network.admit(&network.probe, probeDead); verdict != admitted {
			return verdict
		}
	}
	return peer.health.admit(&peer.health.probe, probeSick)
}

// admit lets one question through now and then while nothing answers: from next on, which it moves.
func (h *health) admit(next *time.Time, every time.Duration) admission {
	if !h.isSick() {
		return admitted
	}
	now := time.Now()
	if now.Before(*next) {
		return skipped
	}
	*next = now.Add(every)
	if h.silent {
		return probing
	}
	return retrying
}

// admitFresh lets fresh questions through, but less and less often where they time out.
func (h *health) admitFresh() admission {
	if !h.silent || h.last.outcome != answer.Timeout {
		return admitted
	}
	now := time.Now()
	if now.Before(h.freshProbe) {
		return skipped
	}
	h.backOff = min(longestSilence, max(firstSilence, 2*h.backOff))
	h.freshProbe = now.Add(h.backOff)
	return retrying
}

// answer notes that the target answered.
func (p *peers) answer(t target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, network := p.of(t)
	peer.health.recover()
	network.recover()
	if limit := peer.limiter.Limit(); limit < p.max {
		p.allow(peer, min(p.max, limit+p.max/slowest))
	}
}

// silence notes that the target left a question unanswered that was put to it at the time asked. It is asked less often
// from now on: it may drop what comes too fast.
func (p *peers) silence(t target, asked time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	p.allow(peer, max(p.max/slowest, peer.limiter.Limit()/2))
	p.worsen(t, asked, response{outcome: answer.Timeout})
}

// unreachable notes that the network did not carry a question to the target that was put to it at the time asked, and
// how that ended.
func (p *peers) unreachable(t target, asked time.Time, got response) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.worsen(t, asked, got)
}

// worsen counts an unanswered question against the target and its network. p.mu is held.
func (p *peers) worsen(t target, asked time.Time, got response) {
	peer, network := p.of(t)
	peer.health.worsen(t, asked, got, sickAfter, 1, probeSick)
	network.worsen(t, asked, got, deadAfter, deadPeers, probeDead)
}

// allow sets the rate of a peer. Only at full rate it gets more than a second's worth at once.
func (p *peers) allow(peer *peer, limit rate.Limit) {
	peer.limiter.SetLimit(limit)
	peer.limiter.SetBurst(max(1, int(limit)))
	if limit == p.max {
		peer.limiter.SetBurst(burst * int(limit))
	}
}

func (h *health) recover() {
	h.answered = time.Now()
	h.unanswered, h.silent, h.backOff = 0, false, 0
	clear(h.at)
	h.show()
}

// worsen counts a question that was asked since the last answer: what was asked before it says less.
func (h *health) worsen(t target, asked time.Time, got response, limit, targets int, probe time.Duration) {
	if asked.Before(h.answered) {
		return
	}
	h.last = got
	if h.silent {
		return
	}
	h.unanswered++
	h.at[t] = true
	if h.unanswered >= limit && len(h.at) >= targets {
		h.silent = true
		h.probe = time.Now().Add(probe)
		h.show()
	}
}

func (h *health) isSick() bool { return h.silent || h.failures.many }

// show lets those know who wait to ask.
func (h *health) show() {
	select {
	case <-h.sick:
		if !h.isSick() {
			h.sick = make(chan struct{})
		}
	default:
		if h.isSick() {
			close(h.sick)
		}
	}
}

// The ranks of targets.
const (
	rankWell = iota
	rankWary // the last question was not answered
	rankSick
)

// rank orders targets for those who need an answer from any: lower is better.
func (p *peers) rank(t target) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, network := p.of(t)
	switch {
	case peer.health.isSick() || network.silent && peer.health.answered.IsZero():
		return rankSick
	case peer.health.unanswered > 0:
		return rankWary
	}
	return rankWell
}
