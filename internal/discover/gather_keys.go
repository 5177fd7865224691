package discover

import (
	"slices"
	"strings"
	"sync"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// readKeys reads the selectors of a place. Where _domainkey does not exist, nothing below it does (RFC 8020). Some servers
// deny it all the same where it holds nothing itself: what the user names is asked for, and shows that.
func (r *reader) readKeys(group *sync.WaitGroup, at dnsname.Name, wanted, given []string) {
	parent, err := dnsname.ParseIn("_domainkey", at)
	if err != nil {
		return
	}
	if got, ok := r.ask(parent, record.TXT); ok && got.missing && !r.hasKey(at, given) {
		return
	}
	always, _, ok := r.readKey(at, probe)
	if !ok {
		return
	}
	for _, selector := range wanted {
		group.Go(func() {
			key, several, ok := r.readKey(at, selector)
			switch {
			case !ok || key.Value == "" || key.Value == always.Value && key.Type == always.Type:
			case several:
				r.mu.Lock()
				defer r.mu.Unlock()
				r.live.faults = append(r.live.faults, Unknown{
					Kind: Fault, Owner: key.Owner, Type: key.Type, Value: key.Value,
					Why: "The selector has several values, and it is undefined which one receivers use (RFC 6376 §3.6.2.2).",
				})
			default:
				r.add(key)
			}
		})
	}
	if always.Value != "" {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.live.faults = append(r.live.faults, Unknown{
			Kind: Key, Owner: always.Owner.Parent(), Type: always.Type, Value: always.Value,
			Why: "A wildcard gives this value to every selector that has none of its own.",
		})
	}
}

// hasKey reports whether one of some selectors has a key.
func (r *reader) hasKey(at dnsname.Name, selectors []string) bool {
	return slices.ContainsFunc(selectors, func(selector string) bool {
		key, _, ok := r.readKey(at, selector)
		return ok && key.Value != ""
	})
}

// readKey reads one selector. It returns a fact without a value where there is nothing, and all values in one where there are
// several.
func (r *reader) readKey(at dnsname.Name, selector string) (key service.Fact, several, ok bool) {
	owner, err := dkim.Owner(selector, at)
	if err != nil {
		return service.Fact{}, false, true // It is too long below this name, so that it is not there.
	}
	alias, ok := r.ask(owner, record.CNAME)
	if !ok || alias.missing {
		return service.Fact{}, false, ok
	}
	if len(alias.values) > 0 {
		return service.Fact{Owner: owner, Type: record.CNAME, Value: alias.values[0]}, false, true
	}
	txt, ok := r.ask(owner, record.TXT)
	if !ok || len(txt.values) == 0 {
		return service.Fact{}, false, ok
	}
	return service.Fact{Owner: owner, Type: record.TXT, Value: strings.Join(txt.values, "\n")}, len(txt.values) > 1, true
}
