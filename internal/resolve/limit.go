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
	// sickAfter is the number of unanswered questions in a row after which an address counts as sick.
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

// A network groups addresses that fail together: authoritative servers behind a firewall, resolvers without a
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
	limiter *rate.Limiter // of all questions
	proven  bool          // zones are delegated to it
	over    udp
	tcp     overTCP
	// turn is held by the question that waits for the limiter. Others queue behind it, in fair shares: what they
	// reserved could not be given back when they leave.
	turn    *shares
	purse   purse
	health  health
	network *health // of its whole network
	asked   bool    // a question was sent there
	// plain says that it answers without EDNS alone; it may be asked about that from plainProbe on.
	plain      bool
	plainProbe time.Time
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
	backOff           time.Duration   // how long fresh questions pause after the next one
	sick              context.Context //nolint:containedctx // It is over while it is not worth asking, and nobody's call.
	sicken            context.CancelFunc
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
	if known := p.peers[t]; known != nil {
		return known, known.network
	}
	if len(p.peers) >= maxPeers {
		clear(p.peers)
	}
	group := t.network()
	if p.networks[group] == nil {
		network := newHealth()
		p.networks[group] = &network
	}
	first := &peer{proven: t.recursive(), turn: newShares(1, math.MaxInt64), health: newHealth(), network: p.networks[group], over: newUDP()}
	first.limiter = newLimiter(p.most(first))
	p.peers[t] = first
	return first, first.network
}

func newHealth() health {
	h := health{at: make(map[target]bool)}
	h.sick, h.sicken = context.WithCancel(context.Background())
	return h
}

// when calls proceed once the target may be asked, by its rate; at once where it is sick and the question is not fresh, or
// its network has never answered and is dead; and when the context is over. It does not block, and nor may proceed.
func (p *peers) when(ctx context.Context, t target, fresh bool, proceed func()) {
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
	ctx, cancel := context.WithCancel(ctx)
	if sick != nil {
		stop := context.AfterFunc(sick, cancel)
		leave := cancel
		cancel = func() { stop(); leave() }
		if sick.Err() != nil {
			cancel() // AfterFunc takes its time.
		}
	}
	end := func() {
		cancel()
		proceed()
	}
	if ctx.Err() != nil {
		end()
		return
	}
	w := &share{domain: sharerOf(ctx), chosen: t.recursive()}
	peer.turn.when(ctx, w, func() {
		peer.purse.pay(ctx, p.limiter(peer), func() {
			peer.turn.release(w)
			end()
		})
	}, end)
}

// spare gives back what a question paid that never left this machine.
func (p *peers) spare(t target) {
	p.mu.Lock()
	peer, _ := p.of(t)
	p.mu.Unlock()
	peer.purse.spare(int(p.limiter(peer).Limit()))
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
	peer.plain, peer.plainProbe, peer.tcp.inVain = false, time.Time{}, false
	network.recover()
	if limit, most := peer.limiter.Limit(), p.most(peer); limit < most {
		p.allow(peer, min(most, limit+most/slowest))
	}
}

// silence notes that the target left a question unanswered that was put to it at the time asked. It is asked less often
// from now on: it may drop what comes too fast.
func (p *peers) silence(t target, asked time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fallSilent(t, asked)
}

// fallSilent is silence. p.mu is held.
func (p *peers) fallSilent(t target, asked time.Time) {
	p.slow(t)
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
	switch was := h.sick.Err() != nil; {
	case was && !h.isSick():
		h.sick, h.sicken = context.WithCancel(context.Background())
	case !was && h.isSick():
		h.sicken()
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
