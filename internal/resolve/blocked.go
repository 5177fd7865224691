package resolve

import (
	"fmt"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// Many networks, those of CI runners among them, let DNS through to their own resolvers only. That shows
// in that no authoritative server has ever answered, those of top-level domains included.

// ask notes that a question is sent to a target.
func (p *peers) ask(t target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, _ := p.of(t)
	peer.asked = true
}

// isSilent reports whether the target does not answer lately, failures aside.
func (p *peers) isSilent(t target) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer, network := p.of(t)
	return peer.health.silent || network.silent && peer.health.answered.IsZero()
}

// block reports whether no authoritative server has ever answered, and notes it if so: for a while,
// searches need not find it out again. It returns how many addresses were asked.
func (p *peers) block(fresh bool) (asked int, blocked bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked, blocked = p.unheard()
	if blocked {
		p.blocked = time.Now()
	}
	if blocked && fresh {
		p.freshlyBlocked = p.blocked
	}
	return asked, blocked
}

// stillBlocked is block for a search about to start. It lets one through now and then, to find out whether things
// are better; of those for fresh answers the first.
func (p *peers) stillBlocked(fresh bool) (asked int, blocked bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	noted := &p.blocked
	if fresh {
		noted = &p.freshlyBlocked
	}
	if noted.IsZero() {
		return 0, false
	}
	if time.Since(*noted) >= probeDead {
		*noted = time.Now()
		return 0, false
	}
	return p.unheard()
}

// unheard counts the authoritative servers that were asked, as long as none has answered. p.mu is held.
func (p *peers) unheard() (asked int, none bool) {
	for network, health := range p.networks {
		if !network.recursive && !health.answered.IsZero() {
			return 0, false
		}
	}
	for target, peer := range p.peers {
		if !target.recursive() && peer.asked {
			asked++
		}
	}
	return asked, asked > 0
}

// blockedSearch says that resolvers answer, and no authoritative server does.
func (c *Client) blockedSearch(name dnsname.Name, asked int) *answer.LookupError {
	err := &answer.LookupError{
		Name: name, At: startingPoints(name)[0], Outcome: answer.Unreachable, Reason: answer.Blocked,
		Detail: c.unheardText(asked) + ", but the resolvers do: this network seems to let DNS questions through to its own resolvers only",
	}
	if trouble, detail := c.peers.commonTrouble(); trouble != 0 {
		err.Trouble, err.Detail = trouble, c.unheardText(asked)+detail
	}
	return err
}

// commonTrouble returns why no authoritative server is heard, where that is one reason for all of them and more than that
// nothing comes back, with what is to be said of it behind a text.
func (p *peers) commonTrouble() (trouble answer.Trouble, detail string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for network, health := range p.networks {
		if network.recursive || health.unanswered == 0 {
			continue
		}
		if trouble != 0 && health.last.trouble != trouble {
			return 0, ""
		}
		switch trouble = health.last.trouble; trouble {
		case answer.WithoutRoute, answer.Barred:
			detail = " (" + health.last.detail + ")"
		case answer.TooLate:
			detail = " in time; answers come later"
		case answer.WithoutEDNS:
			detail = " to questions with EDNS"
		default:
			return 0, ""
		}
	}
	return trouble, detail
}

// unheardText says that no authoritative server answers, of so many addresses.
func (c *Client) unheardText(asked int) string {
	if asked == 1 {
		return fmt.Sprintf("the only address of an authoritative server that was asked at port %d does not answer", c.port)
	}
	return fmt.Sprintf("none of the %d addresses of authoritative servers that were asked at port %d answers, those of top-level domains included", asked, c.port)
}
