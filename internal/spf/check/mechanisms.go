package check

import (
	"context"
	"net/netip"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// Why a mechanism does not match.
const (
	noteNotASCII  = "its name would not be ASCII" // RFC 8616 §4
	noteVoid      = "no such record"
	noteAddresses = "none of the addresses"
	noteNoName    = "no name of the client leads back to it"
)

// lookUp evaluates a mechanism that asks DNS, in a record of the domain, and says in the step whether it matches.
func (e *evaluation) lookUp(ctx context.Context, domain string, step *Step) error {
	term := step.Term
	if err := e.countTerm(domain, step); err != nil {
		return err
	}
	if term.Mechanism == spf.MechInclude {
		return e.include(ctx, domain, step)
	}
	var err error
	ok := true
	step.Target = qname.Fold(domain) // §4.8
	if term.Domain != "" {
		step.Target, ok, err = e.expandName(ctx, term.Domain, domain)
	}
	if err != nil {
		return err
	}
	if !ok {
		step.Note = noteNotASCII
		return nil
	}
	// What becomes of names that DNS cannot hold is left open by §4.8; like names that do not exist, they match nothing.
	if reason := qname.Malformed(step.Target); reason != "" {
		step.Note = reason
		return nil
	}
	switch term.Mechanism {
	case spf.MechA:
		return e.matchA(ctx, step)
	case spf.MechMX:
		return e.matchMX(ctx, step)
	case spf.MechPTR:
		return e.matchPTR(ctx, step)
	default:
		return e.matchExists(ctx, step)
	}
}

// matchA is the mechanism a (RFC 7208 §5.3).
func (e *evaluation) matchA(ctx context.Context, step *Step) error {
	addresses, err := e.askFor(ctx, step.Target, e.addressType())
	step.Matched = anyIn(e.network(step.Term.CIDR), addresses)
	switch {
	case len(addresses) == 0:
		step.Note = noteVoid
	case !step.Matched:
		step.Note = noteAddresses
	}
	return err
}

// matchMX is the mechanism mx (RFC 7208 §5.4).
func (e *evaluation) matchMX(ctx context.Context, step *Step) error {
	hosts, err := e.askFor(ctx, step.Target, spf.TypeMX)
	if err != nil {
		return err
	}
	if len(hosts) == 0 {
		step.Note = noteVoid // and no implicit MX: the domain's own addresses do not count
		return nil
	}
	// By number, not by how far the evaluation gets, so that the order of an answer decides nothing (§4.6.4).
	if len(hosts) > spf.MaxNames {
		return permErrorf("%s has %d mail servers, and mx looks up no more than %d (RFC 7208 §4.6.4)", qname.Show(step.Target), len(hosts), spf.MaxNames)
	}
	network := e.network(step.Term.CIDR)
	for _, host := range hosts {
		host = qname.Host(host)
		if qname.Malformed(host) != "" {
			continue // "." says that the domain receives no mail (RFC 7505)
		}
		addresses, err := e.askFor(ctx, host, e.addressType())
		if err != nil {
			return err
		}
		if anyIn(network, addresses) {
			step.Matched = true
			return nil
		}
	}
	step.Note = noteAddresses
	return nil
}

// matchPTR is the mechanism ptr (RFC 7208 §5.5).
func (e *evaluation) matchPTR(ctx context.Context, step *Step) error {
	names, err := e.clientNames(ctx)
	if err != nil {
		return err
	}
	if names.void {
		step.Note = noteVoid
		return e.countVoid(reverseName(e.client), spf.TypePTR)
	}
	name, err := e.validName(ctx, func(name string) bool { return isAtOrBelow(name, step.Target) })
	step.Matched = name != ""
	if !step.Matched {
		step.Note = noteNoName
	}
	return err
}

// matchExists is the mechanism exists: any A record, whatever the client's family (RFC 7208 §5.7).
func (e *evaluation) matchExists(ctx context.Context, step *Step) error {
	addresses, err := e.askFor(ctx, step.Target, spf.TypeA)
	step.Matched = len(addresses) > 0
	if !step.Matched {
		step.Note = noteVoid
	}
	return err
}

// network returns the addresses that an address in DNS must be one of for the client to match (RFC 7208 §5.6).
func (e *evaluation) network(c spf.DualCIDR) netip.Prefix {
	bits := c.Bits6()
	if e.client.Is4() {
		bits = c.Bits4()
	}
	return netip.PrefixFrom(e.client, bits).Masked()
}

// anyIn reports whether one of the addresses lies in the network.
func anyIn(network netip.Prefix, addresses []string) bool {
	for _, text := range addresses {
		if addr, err := netip.ParseAddr(text); err == nil && network.Contains(addr) {
			return true
		}
	}
	return false
}
