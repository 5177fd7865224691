package discover

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

// probe is a label that nobody uses: where it has records, a wildcard makes them (RFC 4592).
const probe = "maildomain-discovery-probe"

// live holds the records that were read.
type live struct {
	facts    []service.Fact
	spf      map[dnsname.Name]spf.Record // the records that receivers take, by their owners
	mx       []string
	policies []Policy
	places   []string // where services are looked for, relative to the domain; empty for the domain itself
	faults   []Unknown
	unread   []Unresolved
	ttls     map[string]uint32   // by owner and type; of what is there
	sets     map[string][]string // values by owner and type, sorted; of what is there
	web      web
	wild     []string // names of the policies whose records a wildcard makes
}

// reader asks the questions of one discovery.
type reader struct {
	ctx    context.Context //nolint:containedctx // It lives as long as one call of gather.
	dns    DNS
	domain dnsname.Name

	mu       sync.Mutex
	live     live
	problems compose.Problems
}

// gather reads the domain, its hosts, the selectors of the catalogue and the given ones, and the hosts of the services
// that were seen.
func gather(ctx context.Context, q Query, dns DNS) (live, compose.Problems) {
	r := &reader{ctx: ctx, dns: dns, domain: q.Domain}
	r.live.spf, r.live.ttls = make(map[dnsname.Name]spf.Record), make(map[string]uint32)
	r.live.sets = make(map[string][]string)
	r.live.places = append([]string{""}, q.Hosts...)
	all := senders()
	var given []string
	for _, selector := range q.Selectors {
		if parsed, err := dkim.ParseSelector(selector); err == nil {
			given = append(given, parsed.String())
		}
	}
	wanted := slices.Concat(selectors(all), given)
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	var group sync.WaitGroup
	group.Go(func() { r.readPolicies(&group) })
	for _, place := range r.live.places {
		at, err := r.below(place)
		if err != nil {
			continue // The caller has checked it.
		}
		group.Go(func() { r.readPlace(at) })
		group.Go(func() { r.readKeys(&group, at, wanted, given) })
	}
	group.Wait()
	r.readHosts(all)
	r.readParked()
	r.dropWildcard()
	r.sort()
	return r.live, r.problems
}

// below returns the name of a host.
func (r *reader) below(host string) (dnsname.Name, error) {
	if host == "" {
		return r.domain, nil
	}
	return dnsname.ParseIn(host, r.domain)
}

// An answered question: the values that all servers agree on, and whether the name exists.
type answered struct {
	values  []string
	alias   string // the name that the owner is an alias of
	missing bool   // the name does not exist
}

// ask asks all authoritative servers. A question that they do not agree on is told.
func (r *reader) ask(owner dnsname.Name, t record.Type) (answered, bool) {
	set, err := r.dns.Ask(r.ctx, answer.Question{Name: owner, Type: t, Via: answer.Authorities, Fresh: true, TCP: owner == r.domain})
	var values []string
	if err == nil {
		values, err = set.Agreed()
	}
	if lookup, ok := errors.AsType[*answer.LookupError](err); ok && lookup.Outcome == answer.NXDomain && owner != r.domain {
		return answered{missing: true}, true
	}
	if err != nil {
		r.unread(owner, t, err)
		return answered{}, false
	}
	got := answered{values: values, missing: true}
	for _, a := range answer.Answering(set.List) {
		if len(values) > 0 && len(a.Aliases) == 0 {
			r.noteSet(owner, t, values, a.TTL)
		}
		got.missing = got.missing && a.Outcome == answer.NXDomain && len(a.Aliases) == 0
		if len(a.Aliases) > 0 {
			got.alias = a.Aliases[0].String()
		}
	}
	return got, true
}

// setName names a record set in texts and maps.
func setName(owner dnsname.Name, t record.Type) string { return owner.String() + " " + string(t) }

// setOf names the record set of a record.
func setOf(r record.Record) string { return setName(r.Owner, r.Type) }

// noteSet keeps a record set.
func (r *reader) noteSet(owner dnsname.Name, t record.Type, values []string, ttl uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	set := setName(owner, t)
	r.live.ttls[set], r.live.sets[set] = ttl, slices.Sorted(slices.Values(values))
}

// unread notes a failure to read. A failure for the domain's own records ends the discovery.
func (r *reader) unread(owner dnsname.Name, t record.Type, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if owner == r.domain {
		r.problems = append(r.problems, &compose.Problem{
			Path: compose.Attribute("domain"), Summary: "Live records cannot be read", Err: err,
			Detail: fmt.Sprintf("%s %s: %s Without an answer that all name servers agree on, records could be lost. Repair the servers, or try again.",
				owner, t, compose.Sentence(err.Error())),
		})
		return
	}
	r.live.unread = append(r.live.unread, Unresolved{Subject: fmt.Sprintf("%s %s", owner, t), Why: compose.Sentence(err.Error()), Unread: true})
}

func (r *reader) add(facts ...service.Fact) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live.facts = append(r.live.facts, facts...)
}

// readPlace reads the TXT and MX records of the domain or of a host.
func (r *reader) readPlace(at dnsname.Name) {
	if at != r.domain {
		if alias, ok := r.ask(at, record.CNAME); !ok || alias.missing {
			return
		} else if len(alias.values) > 0 {
			r.add(service.Fact{Owner: at, Type: record.CNAME, Value: alias.values[0]})
			return
		}
	}
	if txt, ok := r.ask(at, record.TXT); ok {
		r.addTexts(at, txt.values)
	}
	if mx, ok := r.ask(at, record.MX); ok {
		for _, value := range mx.values {
			r.add(service.Fact{Owner: at, Type: record.MX, Value: value})
		}
		if at == r.domain {
			r.live.mx = slices.Sorted(slices.Values(mx.values))
		}
	}
}

// addTexts tells SPF from other TXT values.
func (r *reader) addTexts(at dnsname.Name, values []string) {
	found, err := merge.ReadLive(values)
	if err != nil {
		r.mu.Lock()
		r.live.faults = append(r.live.faults, Unknown{Kind: Fault, Owner: at, Type: record.TXT, Value: strings.Join(values, "\n"), Why: compose.Sentence(err.Error())})
		r.mu.Unlock()
		return
	}
	for _, value := range found.Extra {
		r.add(service.Fact{Owner: at, Type: record.TXT, Value: value})
	}
	if found.Record == nil {
		return
	}
	r.mu.Lock()
	r.live.spf[at] = *found.Record
	r.mu.Unlock()
	terms := termsOf(*found.Record)
	if len(terms) == 0 && at != r.domain {
		r.add(service.Fact{Owner: at, Type: service.SPFTerm, Value: found.Record.String()})
	}
	for _, term := range terms {
		r.add(service.Fact{Owner: at, Type: service.SPFTerm, Value: term})
	}
}

// termsOf returns the terms of a record before its `all`, and its modifiers.
func termsOf(r spf.Record) []string {
	var terms []string
	for _, term := range r.Directives {
		if term.Mechanism == spf.MechAll {
			break
		}
		terms = append(terms, term.String())
	}
	for _, m := range r.Modifiers {
		terms = append(terms, m.String())
	}
	return terms
}

// readHosts reads the fixed hosts of the services that something read so far speaks for.
func (r *reader) readHosts(all []sender) {
	if r.ctx.Err() != nil {
		return
	}
	type question struct {
		owner dnsname.Name
		types string
	}
	asked := make(map[question]bool)
	for _, s := range all {
		if !s.isSeen(r.live.facts) {
			continue
		}
		for _, place := range r.live.places {
			at, err := r.below(place)
			if err != nil {
				continue
			}
			for _, host := range s.hosts {
				owner, err := dnsname.ParseIn(host, at)
				if err == nil && !strings.HasSuffix(host, "._domainkey") && !slices.Contains(r.live.places, host) {
					asked[question{owner, s.typesAt(host)}] = true
				}
			}
		}
	}
	var group sync.WaitGroup
	for q := range asked {
		group.Go(func() { r.readHost(q.owner, q.types) })
	}
	group.Wait()
}

// mustBelow returns the name of a label below the domain, or the domain where that is too long.
func mustBelow(label string, domain dnsname.Name) dnsname.Name {
	name, err := dnsname.ParseIn(label, domain)
	if err != nil {
		return domain
	}
	return name
}

// readHost reads the CNAME of a host, or its records of the given types.
func (r *reader) readHost(owner dnsname.Name, types string) {
	alias, ok := r.ask(owner, record.CNAME)
	switch {
	case !ok || alias.missing:
		return
	case len(alias.values) > 0:
		r.add(service.Fact{Owner: owner, Type: record.CNAME, Value: alias.values[0]})
		return
	}
	for typ := range strings.FieldsSeq(types) {
		got, ok := r.ask(owner, record.Type(typ))
		switch {
		case ok && typ == "TXT":
			r.addTexts(owner, got.values)
		case ok:
			for _, value := range got.values {
				r.add(service.Fact{Owner: owner, Type: record.Type(typ), Value: value})
			}
		}
	}
}

// typesAt returns the types of the service's records at a host, in one text.
func (s sender) typesAt(host string) string {
	types := make(map[string]bool)
	defaults := make(map[string]string)
	for _, v := range s.info.Variables {
		defaults[strings.ToLower(v.Name)] = v.Default
	}
	for _, r := range s.info.Records {
		if at, ok := fill(r.Host, defaults); !ok || at != host || r.Type == "CNAME" {
			continue
		}
		if r.Type == "SPFM" {
			types["TXT"] = true
		} else {
			types[r.Type] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(types)), " ")
}

// isSeen reports whether something read speaks for the service.
func (s sender) isSeen(facts []service.Fact) bool {
	fixed := s.hosts
	return slices.ContainsFunc(facts, func(f service.Fact) bool {
		if f.Type != record.TXT && s.recognises(target(f.Value)) != "" {
			return true
		}
		if s.names(target(f.Value)) {
			return true
		}
		first, _, isKey := strings.Cut(f.Owner.String(), "._domainkey.")
		return isKey && slices.Contains(fixed, first+"._domainkey")
	})
}

// names reports whether a record of the service ends in the name as written.
func (s sender) names(name string) bool {
	return strings.Contains(name, ".") && slices.ContainsFunc(s.info.Records, func(r service.RecordInfo) bool {
		return slices.ContainsFunc(strings.Fields(r.Value), func(word string) bool { return target(word) == name })
	})
}

// target returns the name in a value: the last word, and behind the mechanism of a term.
func target(value string) string {
	value = strings.ToLower(value[strings.LastIndexAny(value, " :=")+1:])
	name, _, _ := strings.Cut(value, "/")
	return strings.TrimSuffix(name, ".")
}

// sort orders the records, independently of the order of the answers.
func (r *reader) sort() {
	slices.SortFunc(r.live.policies, func(a, b Policy) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(r.live.unread, func(a, b Unresolved) int { return strings.Compare(a.Subject, b.Subject) })
	slices.SortFunc(r.live.faults, compareUnknown)
	slices.SortFunc(r.problems, func(a, b *compose.Problem) int { return strings.Compare(a.Detail, b.Detail) })
	slices.SortFunc(r.live.facts, compareFacts)
	r.live.facts = slices.Compact(r.live.facts)
}

func compareFacts(a, b service.Fact) int {
	if n := a.Owner.Compare(b.Owner); n != 0 {
		return n
	}
	return strings.Compare(string(a.Type)+" "+a.Value, string(b.Type)+" "+b.Value)
}

func compareUnknown(a, b Unknown) int {
	if n := a.Owner.Compare(b.Owner); n != 0 {
		return n
	}
	return strings.Compare(string(a.Type)+" "+a.Value, string(b.Type)+" "+b.Value)
}
