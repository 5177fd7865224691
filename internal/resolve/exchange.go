package resolve

import (
	"context"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

// shortening divides the patience with an address that did not answer lately.
const shortening = 4

// response holds the result of an exchange with one server: a message, or the failure to get one. It is
// shared between callers and never changed.
type response struct {
	msg     *dns.Msg
	outcome answer.Outcome // where msg is nil
	detail  string         // where msg is nil; has passed record.Display
	skipped bool           // the server was not asked at all
	cut     bool           // an answer came, but not the whole of it
	unsent  bool           // the question did not leave this machine
	refused bool           // the port is closed, over this transport
	trouble answer.Trouble // where msg is nil, and more is known
	silence *unanswered    // of an attempt over UDP alone
	overUDP bool           // as there was no answer over TCP
}

// exchangeKey names an exchange that callers can share.
type exchangeKey struct {
	target   target
	question question
}

// recall returns what is remembered of a question.
func (c *Client) recall(key exchangeKey) (response, bool) {
	if key.question.fresh {
		return response{}, false
	}
	return c.answers.get(key)
}

// query puts a question to one server, unless the answer is remembered or already on its way. The error
// is the context's.
func (c *Client) query(ctx context.Context, to target, q question) (response, error) {
	var heard response
	c.inquire(ctx, [][]candidate{{{to: to, q: q}}}, func(_, _ int, got *response) bool {
		heard = *got
		return true
	})
	return heard, ctx.Err()
}

// launch puts a question to one server, within the limits of the client, and calls land with what comes of it. When the
// context is over that means nothing. It does not block: what waits until it may be sent is no goroutine.
func (c *Client) launch(ctx context.Context, to target, q question, land func(response)) {
	if got, ok := c.forbidden(to); ok {
		c.remember(ctx, to, q, got)
		land(got)
		return
	}
	ctx = sharing(ctx, q.name)
	if !spendExchange(ctx, q) {
		context.AfterFunc(ctx, func() { land(response{}) }) // It ends with its budget.
		return
	}
	delay := delayOf(ctx)
	delay.hold()
	c.peers.when(ctx, to, q.fresh, func() {
		if ctx.Err() != nil {
			land(response{}) // It is held to the end.
			return
		}
		delay.release()
		admission := c.peers.admit(to, q.fresh)
		if admission == skipped {
			land(c.peers.notAsked(to))
			return
		}
		c.exchange(ctx, to, q, admission, false, land)
	})
}

// exchange puts a question to one server once there is a place, again where the place was given up.
func (c *Client) exchange(ctx context.Context, to target, q question, admission admission, late bool, land func(response)) {
	delay := delayOf(ctx)
	delay.hold()
	place := &share{domain: sharerOf(ctx), late: late, chosen: to.recursive()}
	run := func() {
		got := c.occupy(ctx, place, to, q, admission)
		c.slots.release(place)
		if got.msg == nil && ctx.Err() == nil && c.slots.gave(place) {
			c.exchange(ctx, to, q, admission, true, land)
			return
		}
		c.remember(ctx, to, q, got)
		land(got)
	}
	c.slots.when(ctx, place, func() {
		delay.release()
		go run()
	}, func() { land(response{}) })
}

// remember keeps a response for those who do not ask for fresh ones.
func (c *Client) remember(ctx context.Context, to target, q question, got response) {
	if ctx.Err() == nil && !got.skipped {
		q.fresh = false
		c.answers.put(exchangeKey{to, q}, got, lifetime(got))
	}
}

// occupy puts a question to one server while it holds a place. Its result means nothing where the place was given up.
func (c *Client) occupy(ctx context.Context, place *share, to target, q question, admission admission) response {
	if admission == admitted {
		// Much may have happened while all places were taken.
		admission = c.peers.admit(to, q.fresh)
	}
	patience := c.timeout
	switch admission {
	case skipped:
		return c.peers.notAsked(to)
	case probing:
		patience /= shortening
	}
	c.peers.ask(to)
	asked := time.Now()
	turn, cancel := c.slots.turn(ctx, place)
	defer cancel()
	trial := c.newTrial(ctx, to, q, asked, patience)
	defer trial.end()
	got := c.askTransports(turn, to, q, patience, trial)
	if got.msg == nil && turn.Err() != nil && ctx.Err() == nil {
		if got = c.overdue(to, q, trial, asked); got.msg == nil {
			return got
		}
	}
	switch {
	case ctx.Err() != nil:
	case c.wasBrief(ctx, got, asked):
		<-ctx.Done()
	default:
		c.learn(to, q, got, asked)
		spendOctets(ctx, got)
	}
	if got.unsent && admission == admitted {
		c.peers.spare(to)
	}
	return got
}

// overdue returns what comes of a question whose place was given up. Where TCP is the first transport, UDP was not tried:
// that says nothing of the server.
func (c *Client) overdue(to target, q question, trial *trial, asked time.Time) response {
	switch {
	case trial != nil:
		return trial.hurry(c.timeout / shortening / 2)
	case !q.tcp:
		c.peers.silence(to, asked)
	}
	return response{}
}

// wasBrief reports whether a server was given so little time, as that of the caller is about to end, that its silence says
// nothing.
func (c *Client) wasBrief(ctx context.Context, got response, asked time.Time) bool {
	deadline, ok := ctx.Deadline()
	fair := min(c.timeout, DefaultTimeout) / shortening
	return ok && got.msg == nil && got.outcome == answer.Timeout && !got.cut && time.Since(asked) < fair && time.Until(deadline) < fair
}

// learn remembers what an exchange, begun at the time asked, says about the server.
func (c *Client) learn(to target, q question, got response, asked time.Time) {
	switch {
	case got.msg != nil && to.recursive() && isFailure(got.msg):
		c.peers.answer(to)
		c.peers.fail(to, q.name, got.msg, asked)
	case got.msg != nil:
		c.peers.answer(to)
		c.peers.serve(to)
		c.peers.prove(to, got.msg, q)
	case got.outcome == answer.Malformed:
		c.peers.answer(to)
	case got.outcome == answer.Timeout && time.Since(asked) >= c.timeout/shortening:
		c.peers.silence(to, asked)
		c.peers.blame(to, got.trouble)
	case got.outcome == answer.Unreachable && !got.cut:
		c.peers.unreachable(to, asked, got)
	}
}

// failureLifetime is the time for which a failure is remembered, for those who do not ask for fresh answers: at
// least a second, at most five minutes (RFC 9520 §3.2).
const failureLifetime = 30 * time.Second

// maxLifetime bounds how long anything is remembered, whatever its TTL.
const maxLifetime = 5 * time.Minute

// lifetime returns how long a response may be remembered.
func lifetime(r response) time.Duration {
	if r.msg == nil {
		return failureLifetime
	}
	if r.msg.Len() > maxAnswerSize {
		return 0
	}
	switch r.msg.Rcode {
	case dns.RcodeSuccess, dns.RcodeNameError:
		return min(maxLifetime, time.Duration(messageTTL(r.msg))*time.Second)
	}
	return failureLifetime
}

// messageTTL returns how long an answer holds, in seconds: the shortest of its records, or what its SOA
// says where it is negative (RFC 2308 §5). Referrals hold for nothing: what they lead to is kept
// as a zone.
func messageTTL(msg *dns.Msg) uint32 {
	if len(msg.Answer) == 0 || msg.Rcode == dns.RcodeNameError {
		if soa := soaOf(msg); soa != nil {
			return min(soa.Hdr.Ttl, soa.Minttl)
		}
		return 0
	}
	ttl := msg.Answer[0].Header().Ttl
	for _, rr := range msg.Answer[1:] {
		ttl = min(ttl, rr.Header().Ttl)
	}
	return ttl
}

func soaOf(msg *dns.Msg) *dns.SOA {
	for _, rr := range msg.Ns {
		if soa, ok := rr.(*dns.SOA); ok {
			return soa
		}
	}
	return nil
}
