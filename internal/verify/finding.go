package verify

import (
	"errors"
	"slices"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

// State is the result for one record, or for all of them.
type State int

// The states. The zero State is Unclear.
const (
	Unclear State = iota // servers could not be asked, or they disagree
	Valid                // the servers that are required serve it
	Invalid              // every server that can be reached serves something else
)

// Finding holds the judgements of all servers on one expectation, and the replies to the questions that explain them.
type Finding struct {
	Expectation
	Via  answer.Via
	Seen []Judgement
	// Err is set where there was no server to ask; Seen is empty then.
	Err error
	// PassedOver are servers that did not answer for so long that they no longer count.
	PassedOver []answer.Server
	// Required is the number of servers that must serve the record.
	Required Require

	set    answer.Set // the answers, with the zone that they come from
	own    *reply     // TXT records at the name of a DKIM CNAME that servers do not have
	target *reply     // TXT records at the target of that CNAME
	behind *reply     // TXT records that a DKIM CNAME leads to, where the key has to be usable

	authorities *Finding        // the authorities' answers about the record that resolvers were asked for
	asked       bool            // those answers are not in the report, and were asked for to explain this finding
	probes      *probes         // further questions
	unsteady    []answer.Server // servers that had the record in some rounds and not in others
}

// count returns how many servers have the verdict.
func (f Finding) count(v Verdict) int {
	n := 0
	for _, s := range f.Seen {
		if s.Verdict == v {
			n++
		}
	}
	return n
}

// Met reports whether as many servers match as are required. Servers that did not answer count against "all"
// and "strict" unless they are passed over.
func (f Finding) Met() bool {
	matches, differs := f.count(Matches), f.count(Mismatch)
	silent := len(f.Seen) - matches - differs
	switch f.Required {
	case requireAll:
		return matches > 0 && differs == 0 && silent == len(f.PassedOver)
	case requireStrict:
		return matches > 0 && matches == len(f.Seen)
	case requireAny:
		return matches > 0
	}
	serving, _ := f.serving()
	return serving >= int(f.Required)
}

// serving returns how many servers serve the record, and how many there are. A server that has a name is one whatever
// its addresses, and serves the record where each of those that answer does.
func (f Finding) serving() (serving, servers int) {
	serves := make(map[answer.Server]bool)
	for _, s := range f.Seen {
		id := s.Server
		if id.Name.IsValid() && id.URL == "" {
			id = answer.Server{Name: id.Name}
		}
		known, ok := serves[id]
		serves[id] = s.Verdict == Matches && (known || !ok)
	}
	for _, ok := range serves {
		if ok {
			serving++
		}
	}
	return serving, len(serves)
}

// State judges one pass, without waiting for servers that are silent: under "all" those that
// answered decide, and one that fails or refuses leaves it open. A record is Invalid only where no server has it and at least
// one says so, or where the zone above says that there is no domain of that name.
func (f Finding) State() State {
	matches, differs := f.count(Matches), f.count(Mismatch)
	lookup, _ := errors.AsType[*answer.LookupError](f.Err)
	open := slices.ContainsFunc(f.Seen, func(s Judgement) bool { return s.Verdict == Unknown && !s.Outcome.Silent() })
	switch {
	case f.Required == requireAll && matches > 0 && differs == 0 && !open, f.Required != requireAll && f.Met():
		return Valid
	case matches == 0 && differs > 0:
		return Invalid
	case lookup != nil && lookup.Reason == answer.NotDelegated:
		return Invalid
	}
	return Unclear
}

// values returns the values that the servers serve at the owner, each once, sorted.
func (f Finding) values() []string {
	var values []string
	for _, s := range f.Seen {
		values = append(values, s.Values...)
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// negativeTTL returns for how long asking resolvers again is in vain: each of them has a negative answer in place of the record,
// and keeps that for its TTL (RFC 2308 §5). It returns 0 where any other answer may change at once, as those of
// authorities may.
func (f Finding) negativeTTL() time.Duration {
	if f.Via != answer.Resolvers {
		return 0
	}
	var unmet []answer.Answer
	follows := f.behind != nil && len(f.behind.answers.List) > 0 && slices.ContainsFunc(f.Seen, hasAlias)
	if follows {
		unmet = slices.Clone(f.behind.answers.List)
	}
	for _, s := range f.Seen {
		// With a key asked for, a CNAME that is found has the verdict on the key.
		if s.Verdict != Matches && (!follows || s.Outcome != answer.Found) {
			unmet = append(unmet, s.Answer)
		}
	}
	var shortest uint32
	for _, a := range unmet {
		if a.Outcome != answer.NoData && a.Outcome != answer.NXDomain || a.TTL == 0 {
			return 0
		}
		if shortest == 0 || a.TTL < shortest {
			shortest = a.TTL
		}
	}
	return time.Duration(shortest) * time.Second
}

// hasAlias reports whether a server serves the expected record, whatever stands behind it.
func hasAlias(j Judgement) bool { return j.Verdict == Matches || j.fault == behindAlias }
