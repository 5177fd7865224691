package resolve

import (
	"context"
	"errors"
	"net"
	"slices"
	"syscall"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

// troubleOf returns what the error of a transport says of the way to a server.
func troubleOf(err error) answer.Trouble {
	is := func(codes ...error) bool {
		return slices.ContainsFunc(codes, func(code error) bool { return errors.Is(err, code) })
	}
	connecting, _ := errors.AsType[connectError](err)
	op, onSocket := errors.AsType[*net.OpError](err)
	switch {
	case connecting.unmade:
		return answer.Unconnected
	case onSocket && op.Op == "read": // It came back from the network.
	case is(syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT):
		return answer.WithoutRoute
	case is(syscall.EPERM, syscall.EACCES):
		return answer.Barred
	}
	if errors.As(err, new(unheeded)) {
		return answer.Unheeded
	}
	return 0
}

// explainSilence finds out why a question was not answered over UDP, while it is put over TCP: the answer may come late, or to a
// question without EDNS alone. The function that it returns ends that, and says what was found; where that is wanted, it
// gives answers that may be on their way a little time.
func (c *Client) explainSilence(ctx context.Context, to target, query *dns.Msg, silence *unanswered, patience time.Duration) func(wanted bool) answer.Trouble {
	if silence == nil {
		return func(bool) answer.Trouble { return 0 }
	}
	ctx, cancel := context.WithCancel(ctx)
	started, little := time.Now(), within(ctx, patience, 1)/shortening
	plain, now := make(chan struct{}, 1), make(chan struct{})
	if c.peers.asksPlain(to) {
		query := query.Copy() // To write a message changes it.
		go func() {
			// Most that are silent over UDP answer over TCP.
			timer := time.NewTimer(little)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-now:
			case <-ctx.Done():
				return
			}
			if c.answersPlain(ctx, to, query, within(ctx, patience, 2)) {
				plain <- struct{}{}
			}
		}()
	}
	return func(wanted bool) answer.Trouble {
		defer cancel()
		defer silence.transmissions.close()
		if !wanted {
			return 0
		}
		close(now)
		timer := time.NewTimer(2*little - time.Since(started))
		defer timer.Stop()
		select {
		case <-silence.late:
			return answer.TooLate
		case <-timer.C:
		case <-ctx.Done():
		}
		select {
		case <-silence.late: // It answers both, then.
			return answer.TooLate
		default:
		}
		select {
		case <-plain:
			return c.peers.plainly(to)
		default:
			return c.peers.trouble(to)
		}
	}
}

// answersPlain reports whether a target answers a question without EDNS that it left unanswered. It changes the query.
func (c *Client) answersPlain(ctx context.Context, to target, query *dns.Msg, wait time.Duration) bool {
	over := c.udp
	if once, ok := over.(datagrams); ok {
		once.tries = 1
		over = once
	}
	query.Id, query.Extra = dns.Id(), nil
	_, err := over.roundTrip(ctx, to.addr, query, wait)
	if silence, ok := errors.AsType[*unanswered](err); ok {
		silence.transmissions.close()
	}
	return err == nil
}

// asksPlain reports whether a target that is silent is to be asked without EDNS: once in a while.
func (p *peers) asksPlain(t target) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	now := time.Now()
	if peer.plain || now.Before(peer.plainProbe) {
		return false
	}
	peer.plainProbe = now.Add(longestSilence)
	return true
}

// plainly notes that a target answers without EDNS alone.
func (p *peers) plainly(t target) answer.Trouble {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	peer.plain = true
	return answer.WithoutEDNS
}

// trouble returns what is known of a silent target from before.
func (p *peers) trouble(t target) answer.Trouble {
	p.mu.Lock()
	defer p.mu.Unlock()
	if peer, _ := p.of(t); peer.plain {
		return answer.WithoutEDNS
	}
	return 0
}

// blame notes why a target left the last question unanswered.
func (p *peers) blame(t target, trouble answer.Trouble) {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, network := p.of(t)
	for _, h := range []*health{&peer.health, network} {
		if h.unanswered > 0 {
			h.last.trouble = trouble
		}
	}
}
