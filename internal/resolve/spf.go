package resolve

import (
	"context"
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

var _ spf.Resolver = (*Client)(nil)

// Lookup implements [spf.Resolver]. It asks the recursive servers, as a receiver of mail would.
func (c *Client) Lookup(ctx context.Context, name string, t spf.RRType) ([]string, error) {
	code, ok := dns.StringToType[string(t)]
	if !ok {
		return nil, fmt.Errorf("%w %q", record.ErrType, t)
	}
	asked, err := parseOctets(name)
	if err != nil {
		return nil, err
	}
	ctx, delay := delayed(ctx)
	got := c.recurse(ctx, question{name: asked, code: code})
	switch {
	case ctx.Err() != nil:
		return nil, delay.explain(ctx.Err())
	case got.Outcome == answer.NoData, got.Outcome == answer.NXDomain:
		return nil, nil
	case got.Outcome != answer.Found:
		return nil, &lookupError{name: name, rrtype: t, reply: got}
	case t == spf.TypeMX:
		return record.MailHosts(got.Values), nil
	}
	return got.Values, nil
}

// PublishedTXT returns the TXT values of an owner, as its authoritative servers agree on them over TCP; none where it has
// none. A server that does not answer over TCP is asked over UDP. It returns an error that wraps [answer.ErrDisagree] or
// [answer.ErrTooFew], or an *answer.LookupError.
func (c *Client) PublishedTXT(ctx context.Context, owner dnsname.Name) ([]string, error) {
	values, _, err := c.WitnessedTXT(ctx, owner)
	return values, err
}

// WitnessedTXT is PublishedTXT with what is to be known of the servers all the same, a sentence for each kind: those that
// are silent, and those that were heard over UDP alone.
func (c *Client) WitnessedTXT(ctx context.Context, owner dnsname.Name) (values, doubts []string, err error) {
	answers, err := c.Ask(ctx, answer.Question{Name: owner, Type: record.TXT, Via: answer.Authorities, Fresh: true, TCP: true})
	if err != nil {
		return nil, nil, err
	}
	values, silent, err := answers.Settled()
	if err != nil {
		return nil, nil, err
	}
	for _, a := range silent {
		doubts = append(doubts, fmt.Sprintf("%s does not answer (%s), and all servers that do agree.", a.Server, a.Why()))
	}
	for _, a := range answers.List {
		if a.OverUDP {
			doubts = append(doubts, fmt.Sprintf("%s gives no answer over TCP, and was asked over UDP: such answers are easier to forge.", a.Server))
		}
	}
	return values, doubts, nil
}

// lookupError says which question the recursive servers failed on.
type lookupError struct {
	name   string
	rrtype spf.RRType
	reply  reply
}

func (e *lookupError) Error() string {
	text := fmt.Sprintf("%s %s at %s: %s", record.Display(e.name), e.rrtype, e.reply.Server, e.reply.Outcome)
	if e.reply.Detail != "" {
		text += ": " + e.reply.Detail
	}
	return text
}

// parseOctets reads a name that may hold any octet, as what macros made of a sender's address does; dots separate
// labels (RFC 7208 §7.3). The name comes out as the DNS library writes it, so that answers compare equal.
func parseOctets(name string) (dnsname.Name, error) {
	var escaped strings.Builder
	for i := range len(name) {
		if name[i] == '.' {
			escaped.WriteByte('.')
		} else {
			fmt.Fprintf(&escaped, `\%03d`, name[i])
		}
	}
	wire := make([]byte, maxWireName)
	end, err := dns.PackDomainName(dns.Fqdn(escaped.String()), wire, 0, nil, false)
	if err != nil {
		return dnsname.Name{}, fmt.Errorf("%s is not a name that DNS can carry: %w", record.Display(name), err)
	}
	text, _, err := dns.UnpackDomainName(wire[:end], 0)
	if err != nil {
		return dnsname.Name{}, fmt.Errorf("%s is not a name that DNS can carry: %w", record.Display(name), err)
	}
	return dnsname.FromDNS(text), nil
}

// maxWireName is the most octets of a name in a message (RFC 1035 §2.3.4).
const maxWireName = 255
