package check

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// clientNames are the names that the client's address leads to, at most 10 (RFC 7208 §5.5, §4.6.4).
type clientNames struct {
	names []string        // sorted: the order of an answer decides nothing
	valid map[string]bool // whether they lead back to the address, once that was asked
	void  bool            // there is none at all
}

// clientNames asks for the names of the client, once in a check. Where that fails, it has none.
func (e *evaluation) clientNames(ctx context.Context) (*clientNames, error) {
	if e.names != nil {
		return e.names, nil
	}
	answers, err := e.ask(ctx, reverseName(e.client), spf.TypePTR)
	if err != nil && !isLookupFailure(err) {
		return nil, err
	}
	names := make([]string, 0, len(answers))
	for _, answer := range answers {
		if name := qname.Host(answer); qname.Malformed(name) == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	names = names[:min(len(names), spf.MaxNames)]
	e.names = &clientNames{
		names: names,
		valid: make(map[string]bool, len(names)),
		void:  err == nil && len(answers) == 0,
	}
	return e.names, nil
}

// validName returns the first name of the client that is wanted and leads back to its address, and "" where none does.
func (e *evaluation) validName(ctx context.Context, wanted func(string) bool) (string, error) {
	c, err := e.clientNames(ctx)
	if err != nil {
		return "", err
	}
	for _, name := range c.names {
		if !wanted(name) {
			continue
		}
		if _, asked := c.valid[name]; !asked {
			// A name that cannot be asked for is passed over (§5.5). None counts as void: who
			// sets the client's names is not who wrote the record.
			addresses, err := e.ask(ctx, name, e.addressType())
			if err != nil && !isLookupFailure(err) {
				return "", err
			}
			c.valid[name] = anyIn(netip.PrefixFrom(e.client, e.client.BitLen()), addresses)
		}
		if c.valid[name] {
			return name, nil
		}
	}
	return "", nil
}

// validatedName is the macro p: the domain itself if it is a validated name of the client, else a name below it, else
// any (RFC 7208 §7.3).
func (e *evaluation) validatedName(ctx context.Context, domain string) (string, error) {
	domain = qname.Fold(domain)
	for _, wanted := range []func(string) bool{
		func(name string) bool { return name == domain },
		func(name string) bool { return isAtOrBelow(name, domain) },
		func(string) bool { return true },
	} {
		if name, err := e.validName(ctx, wanted); name != "" || err != nil {
			return name, err
		}
	}
	return unknown, nil
}

// reverseName returns the name at which the names of an address stand (RFC 1035 §3.5, RFC 3596 §2.5).
func reverseName(addr netip.Addr) string {
	parts := strings.Split(dotted(addr), ".")
	slices.Reverse(parts)
	name := strings.Join(parts, ".") + "." + reverseZone(addr) + ".arpa"
	return qname.Fold(name)
}

// isAtOrBelow reports whether a name is the domain or lies below it. Both are folded.
func isAtOrBelow(name, domain string) bool {
	above, found := strings.CutSuffix(name, domain)
	return found && (above == "" || above[len(above)-1] == '.')
}

// isLookupFailure reports whether an error of [evaluation.ask] is about that question alone.
func isLookupFailure(err error) bool {
	p, ok := errors.AsType[*problem](err)
	return ok && p.lookup
}
