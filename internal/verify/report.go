package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Report holds the findings about a set of expectations. Its texts are timeless: the same answers give
// the same text, whenever and in whatever order they came.
type Report struct {
	Findings []Finding
	// TTL is the largest TTL seen at the owners, in seconds: that long may caches keep what was served before.
	TTL uint32
	// Settled is set once so long was waited after all matched.
	Settled bool
	// Bogus are the zones that validating resolvers refuse, although their servers serve what is expected.
	Bogus []answer.Validation
}

// Heard reports whether any server gave a definite answer about any of the records, or one that does not count only for want
// of validation.
func (r Report) Heard() bool {
	unvalidated := func(s Judgement) bool { return s.Outcome == answer.Unvalidated }
	return slices.ContainsFunc(r.Findings, func(f Finding) bool {
		return f.count(Matches)+f.count(Mismatch) > 0 || f.State() == Invalid || slices.ContainsFunc(f.Seen, unvalidated)
	})
}

// Count returns how many records there are. A record for which authorities and resolvers were asked has two
// findings.
func (r Report) Count() int { return len(r.keys(func(Finding) bool { return true })) }

// keys returns the keys of the findings that a function holds for, each once, in their order.
func (r Report) keys(holds func(Finding) bool) []string {
	var keys []string
	known := make(map[string]bool)
	for _, f := range r.Findings {
		if !known[f.Key] && holds(f) {
			keys, known[f.Key] = append(keys, f.Key), true
		}
	}
	return keys
}

// State is Valid where every finding is, Invalid where one is, and Unclear otherwise.
func (r Report) State() State {
	state := Valid
	for _, f := range r.Findings {
		switch f.State() {
		case Invalid:
			return Invalid
		case Unclear:
			state = Unclear
		}
	}
	return state
}

// Disagrees reports whether servers of a record differ about it.
func (r Report) Disagrees() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.count(Matches) > 0 && f.count(Mismatch) > 0 })
}

// Observed returns the values in live DNS in place of the records that do not match, by key of the expectation, fit to be
// shown. It is empty where all match.
func (r Report) Observed() map[string][]string {
	observed := make(map[string][]string)
	for _, key := range r.keys(notValid) {
		observed[key] = []string{}
	}
	if len(observed) == 0 {
		return observed
	}
	for _, f := range r.Findings {
		values, differs := observed[f.Key]
		if !differs {
			continue
		}
		for _, v := range f.values() {
			values = append(values, record.Display(v))
		}
		slices.Sort(values)
		observed[f.Key] = slices.Compact(values)
	}
	for key, values := range observed {
		size := 0
		for i, v := range values {
			if size += len(v); size > MaxRecordText && i > 0 {
				observed[key] = append(values[:i:i], fmt.Sprintf("… and %d more", len(values)-i))
				break
			}
		}
	}
	return observed
}

// notValid reports whether a finding is not Valid.
func notValid(f Finding) bool { return f.State() != Valid }

// verdicts returns a text that changes with any verdict, and with nothing else.
func (r Report) verdicts() string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s %t %t", f.Key, f.Via, f.Met(), f.Err != nil)
		for _, s := range f.Seen {
			fmt.Fprintf(&b, " %s=%d", s.Server, s.Verdict)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// HeldBack reports whether the client's own limits kept records from being asked about in time, and nothing else is
// unclear: where servers do not answer, it is for them that others wait.
func (r Report) HeldBack() bool {
	other := func(f Finding) bool { return f.State() == Unclear && !f.heldBack() }
	return slices.ContainsFunc(r.Findings, Finding.heldBack) && !slices.ContainsFunc(r.Findings, other)
}

// Unmet returns the keys of the expectations that are not met.
func (r Report) Unmet() []string {
	return r.keys(func(f Finding) bool { return !f.Met() })
}

// Behind returns the servers that do not serve the expected records, of the findings that are not met, in their order.
func (r Report) Behind() []answer.Server {
	var behind []answer.Server
	known := make(map[answer.Server]bool)
	for _, f := range r.Findings {
		if f.Met() {
			continue
		}
		for _, s := range f.Seen {
			if s.Verdict != Matches && !known[s.Server] {
				behind, known[s.Server] = append(behind, s.Server), true
			}
		}
	}
	return behind
}

// Unreached reports whether nothing came back to any question, or nothing but the failure of the resolvers: the reason lies at
// this machine, its network or its resolvers then, and at none of the domains.
func (r Report) Unreached() bool {
	if _, ok := r.resolversFail(); ok {
		return true
	}
	came := func(o answer.Outcome) bool { return !o.Silent() }
	return !slices.ContainsFunc(r.Findings, func(f Finding) bool {
		if e := asLookupError(f.Err); e != nil {
			return e.Reason != answer.Blocked && came(e.Outcome)
		}
		return slices.ContainsFunc(f.Seen, func(j Judgement) bool { return came(j.Outcome) })
	})
}

// resolversFail returns the cause that all findings share where the resolvers fail, by which name servers are found.
func (r Report) resolversFail() (Cause, bool) {
	for _, f := range r.Findings {
		e, first := asLookupError(f.Err), asLookupError(r.Findings[0].Err)
		if e == nil || e.Reason != answer.NoResolver || e.Detail != first.Detail {
			return Cause{}, false
		}
	}
	if len(r.Findings) == 0 {
		return Cause{}, false
	}
	causes := r.Findings[0].Causes()
	return causes[0], true
}
