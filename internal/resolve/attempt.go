package resolve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

// askTransports sends a question over the transport of the target: for plain DNS over UDP first, and then over TCP if the answer
// is truncated or does not come. Some networks, and some servers, let only one of them pass (RFC 7766 §5).
func (c *Client) askTransports(ctx context.Context, to target, q question, patience time.Duration, trial *trial) response {
	query := c.newQuery(q, to)
	if over, ok := c.secure[to.resolver]; ok {
		return c.attempt(ctx, over, to, query, within(ctx, patience, 2))
	}
	switch {
	case to.resolver.scheme == schemeTCP:
		return c.attempt(ctx, c.tcp, to, query, within(ctx, patience, 2))
	case q.tcp:
		return c.askTCPFirst(ctx, to, query, patience)
	}
	way := c.peers.way(to)
	wait := within(ctx, patience, 1)
	brief := way.patience(wait)
	var overTCP response
	if way.tcp {
		if overTCP = c.attempt(ctx, c.tcp, to, query, wait); overTCP.msg != nil || ctx.Err() != nil {
			return overTCP
		}
		c.peers.uncurb(to) // It may take no connections.
		brief = wait
	}
	asked := time.Now()
	overUDP, lost := c.ask(ctx, to, query, brief, way)
	truncated := overUDP.msg != nil && overUDP.msg.Truncated
	if truncated {
		c.peers.hear(to)
	}
	if !truncated && overUDP.outcome != answer.Timeout && !overUDP.refused || ctx.Err() != nil {
		if overUDP.msg != nil {
			c.peers.relax(to, asked)
		}
		return overUDP
	}
	why := c.explainSilence(ctx, to, query, overUDP.silence, patience)
	if !way.tcp {
		var tried bool
		if overTCP, tried = trial.result(ctx); !tried {
			overTCP = c.attempt(ctx, c.tcp, to, query, within(ctx, patience, 2))
		}
		if overTCP.refused && overUDP.outcome == answer.Timeout && brief < wait && ctx.Err() == nil {
			why(false)
			overUDP = c.attempt(ctx, c.udp, to, query, wait-brief) // There is but this way, and it was left early.
			if overUDP.msg != nil {
				return overUDP
			}
			why = c.explainSilence(ctx, to, query, overUDP.silence, patience)
		}
	}
	trouble := why(overTCP.msg == nil)
	switch {
	case overTCP.msg == nil && truncated:
		c.peers.slowDown(to)
	case overTCP.msg != nil && (lost || truncated && fitsDatagram(overTCP.msg)):
		c.peers.curb(to, asked)
	}
	return onBothWays(overUDP, overTCP, trouble)
}

// onBothWays returns the result of a question that was sent over UDP, and then over TCP.
func onBothWays(overUDP, overTCP response, trouble answer.Trouble) response {
	switch {
	case overTCP.msg != nil:
		return overTCP
	case overUDP.msg != nil && overUDP.msg.Truncated:
		overTCP.cut, overTCP.unsent, overTCP.trouble = true, false, answer.WithoutTCP
		overTCP.detail = fmt.Sprintf("truncated over UDP; over TCP: %s", overTCP.detail)
		return overTCP
	case overUDP.refused && overTCP.refused:
		overTCP.detail = "over UDP and TCP: " + overTCP.detail
		return overTCP
	case overTCP.outcome != answer.Malformed:
		overTCP.outcome, overTCP.unsent = overUDP.outcome, overUDP.unsent && overTCP.unsent
	}
	overTCP.trouble = cmp.Or(trouble, overTCP.trouble)
	overTCP.detail = fmt.Sprintf("over UDP: %s; over TCP: %s", overUDP.detail, overTCP.detail)
	return overTCP
}

// askTCPFirst sends a question over TCP, and over UDP if no answer comes over TCP.
func (c *Client) askTCPFirst(ctx context.Context, to target, query *dns.Msg, patience time.Duration) response {
	overTCP := c.attempt(ctx, c.tcp, to, query, within(ctx, patience, 2))
	if overTCP.msg != nil || ctx.Err() != nil || overTCP.outcome == answer.Unreachable && !overTCP.refused {
		return overTCP
	}
	overUDP := c.attempt(ctx, c.udp, to, query, within(ctx, patience, 2))
	if overUDP.silence != nil {
		overUDP.silence.transmissions.close()
	}
	switch {
	case overUDP.msg != nil && overUDP.msg.Truncated:
		overTCP.cut, overTCP.unsent, overTCP.trouble = true, false, answer.WithoutTCP
		overTCP.detail = fmt.Sprintf("truncated over UDP; over TCP: %s", overTCP.detail)
		return overTCP
	case overUDP.msg != nil:
		return response{msg: overUDP.msg, overUDP: true}
	}
	overTCP.unsent = overTCP.unsent && overUDP.unsent
	overTCP.detail = fmt.Sprintf("over TCP: %s; over UDP: %s", overTCP.detail, overUDP.detail)
	return overTCP
}

// ask asks over UDP. It reports whether the question was lost, the answer having been waited for to the end: where the
// server turns out to limit its responses meanwhile, there is no point in that.
func (c *Client) ask(ctx context.Context, to target, query *dns.Msg, wait time.Duration, way way) (got response, lost bool) {
	attempt, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(way.limited, cancel)()
	got = c.attempt(attempt, c.udp, to, query, wait)
	if got.msg == nil && ctx.Err() == nil && attempt.Err() != nil {
		if got.silence != nil {
			got.silence.transmissions.close()
		}
		return response{outcome: answer.Timeout, detail: "it limits its responses"}, false
	}
	return got, got.msg == nil && got.outcome == answer.Timeout
}

// within returns the patience, but no more than so many thirds of the time until the context's
// deadline: what comes after it needs time as well.
func within(ctx context.Context, patience time.Duration, thirds int) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return min(patience, time.Until(deadline)*time.Duration(thirds)/3)
	}
	return patience
}

// attempt asks over one transport. A server that cannot read EDNS is asked once more without it (RFC
// 6891 §7).
func (c *Client) attempt(ctx context.Context, over transport, to target, query *dns.Msg, wait time.Duration) response {
	msg, err := over.roundTrip(ctx, to.addr, query, wait)
	if err == nil && query.IsEdns0() != nil && refusesEDNS(msg) {
		plain := query.Copy()
		plain.Id, plain.Extra = dns.Id(), nil
		msg, err = over.roundTrip(ctx, to.addr, plain, wait)
	}
	if err != nil {
		got := failure(err)
		got.refused = errors.Is(err, syscall.ECONNREFUSED)
		got.unsent = got.outcome == answer.Unreachable && (isLocal(err) || to.addr.Addr().IsLoopback())
		got.trouble = troubleOf(err)
		got.silence, _ = errors.AsType[*unanswered](err)
		return got
	}
	return response{msg: msg}
}

func refusesEDNS(msg *dns.Msg) bool {
	switch msg.Rcode {
	case dns.RcodeFormatError, dns.RcodeNotImplemented, dns.RcodeBadVers:
		return true
	}
	return false
}

// newQuery writes a question. Resolvers are asked to say whether they validated the answer (the AD bit, RFC 6840
// §5.7).
func (c *Client) newQuery(q question, to target) *dns.Msg {
	query := new(dns.Msg)
	name := q.name.Dotted()
	if q.mixed {
		name = mixedCase(name)
	}
	query.SetQuestion(name, q.code)
	query.RecursionDesired = to.recursive()
	query.AuthenticatedData = to.recursive()
	query.CheckingDisabled = to.recursive() && q.unchecked
	setEDNS(query, to.recursive() && c.dnssec.wantsSignatures())
	return query
}

// mixedCase writes every other letter of a name in upper case, the first as it is.
func mixedCase(name string) string {
	upper := true
	return strings.Map(func(c rune) rune {
		if c < 'a' || c > 'z' {
			return c
		}
		if upper = !upper; upper {
			return c - 'a' + 'A'
		}
		return c
	}, name)
}
