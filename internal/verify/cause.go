package verify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Cause is a likely reason why live DNS does not serve the expected record, or a note about one that matches.
type Cause struct {
	Code     string // names the cause for programs; the guide "Diagnosis" lists the codes
	Sentence string // one sentence about the state of DNS; timeless, as it goes into state
	Remedy   string // one sentence about what to do; timeless too
	Now      string // one sentence that holds at this moment only, as countdowns and serials do; for diagnostics alone, may be empty
}

// rule is the one place of a cause: the condition under which it is likely, its sentence and its remedy.
type rule struct {
	code    string
	meaning string // one line for the guide, without a full stop
	// find returns a cause without a code for each time the condition holds, with its sentence, and with its remedy unless
	// that is the rule's.
	find   func(e *evidence) []Cause
	remedy string

	note    bool // about a record that matches, and no reason why one does not
	content bool // about the record as it is published
	moot    bool // about a content that nobody meant for this name where a wildcard record answers in its place
	aside   bool // no reason for which a record is missing at the servers that answer
	cached  bool // holds too where the name servers serve the record, and resolvers alone do not
}

// rules lists every cause, those first that explain most: they are looked for, and reported, in this order.
var rules = slices.Concat(lookupRules, serverRules, nameRules, valueRules, targetRules, keyRules, cacheRules, zoneRules, leftRules, noteRules)

// applies reports whether the rule has a say about the evidence.
func (r rule) applies(e *evidence) bool {
	switch {
	case e.cached:
		return r.cached || r.note
	case r.content && e.unsteadyAlone, r.moot && e.wildcard:
		return false
	}
	return true
}

// causes returns the causes whose conditions hold, in the order of the rules, each once: the notes, or all others. Where
// nothing is expected, it returns both. Of two with the same sentence, the one stays that knows more of the moment.
func (e *evidence) causes(notes bool) []Cause {
	var causes []Cause
	for _, r := range rules {
		if e.expects() && r.note != notes || !r.applies(e) {
			continue
		}
		found := r.find(e)
		for i := range found {
			found[i].Code, found[i].Remedy = r.code, cmp.Or(found[i].Remedy, r.remedy)
		}
		slices.SortStableFunc(found, func(a, b Cause) int {
			return cmp.Or(strings.Compare(a.Sentence, b.Sentence), cmp.Compare(len(b.Now), len(a.Now)))
		})
		found = slices.CompactFunc(found, func(a, b Cause) bool { return a.Sentence == b.Sentence })
		e.explained = e.explained || len(found) > 0 && !r.aside
		causes = append(causes, found...)
	}
	return causes
}

// Causes returns the likely reasons why servers do not serve the record, those first that explain most. There are none where
// the finding is met, except for servers that are passed over.
func (f Finding) Causes() []Cause {
	if f.Met() && len(f.PassedOver) == 0 {
		return nil
	}
	return newEvidence(f).causes(false)
}

// Notes returns notes about a record that matches, such as a key in test mode.
func (f Finding) Notes() []Cause {
	if !f.notable() {
		return nil
	}
	return newEvidence(f).causes(true)
}

// notable reports whether there may be notes: to look for them takes time that most findings need not cost.
func (f Finding) notable() bool {
	if slices.ContainsFunc(f.Seen, func(j Judgement) bool { return j.fault == behindAlias }) {
		return false
	}
	return len(f.set.AliasedServers) > 0 || dkim.IsOwner(f.Owner)
}

// evidence is all that is known about one finding: its answers and the replies to further questions. Where its record has no
// value, nothing is expected.
type evidence struct {
	Finding
	kind          kind
	judged        []Finding    // whose answers count: the finding, and the authorities' where they were asked to explain it
	differing     []difference // answers that do not hold the record
	cached        bool         // the authorities serve the record, and only resolvers do not have it
	wildcard      bool         // a wildcard record answers for the name
	unsteadyAlone bool         // every server that lacks the record had it in other rounds
	explained     bool         // a rule has said why the record is missing
}

// difference is an answer without the expected record, and those of its values that no rule has explained yet.
type difference struct {
	answer.Answer
	fault      fault
	aliased    bool // an alias leads away from the name, where no alias is expected
	earlier    bool // other servers serve the record, so that another content may be an earlier one
	redirected bool // a DNAME record above the name leads away from it
	values     []string
	told       int // how many causes speak of the answer
}

// newEvidence returns the evidence about a finding.
func newEvidence(f Finding) *evidence {
	e := &evidence{Finding: f, kind: kindOf(f.Expectation), judged: []Finding{f}, cached: f.cached()}
	if f.asked && !e.cached {
		e.judged = append(e.judged, *f.authorities)
	}
	for _, j := range e.judged {
		redirected := len(j.set.Redirects) > 0 || f.asked && len(f.authorities.set.Redirects) > 0
		e.differing = append(e.differing, j.differences(redirected)...)
	}
	if f.probes != nil && !e.cached {
		e.wildcard = e.fromWildcard()
	}
	if len(f.unsteady) > 0 {
		steady := func(j Judgement) bool { return j.Verdict == Mismatch && !slices.Contains(f.unsteady, j.Server) }
		e.unsteadyAlone = !slices.ContainsFunc(f.Seen, steady)
	}
	return e
}

// expects reports whether a record is expected.
func (f Finding) expects() bool { return f.Value != "" }

// has reports whether an answer holds the expected record or, where none is expected, a record that makes sense there.
func (f Finding) has(a answer.Answer) bool {
	if !f.expects() {
		return holds(f.Expectation, a)
	}
	return f.matches(a)
}

// published returns the judgements of the authorities.
func (e *evidence) published() Finding {
	if e.authorities == nil {
		return e.Finding
	}
	return *e.authorities
}

// differences returns the different answers without the expected record, each once and no more than a sentence lists; where
// nothing is expected, those that may have something wrong about them.
func (f Finding) differences(redirected bool) []difference {
	earlier := f.partlyServed()
	var list []difference
	var told []answer.Answer
	for _, j := range f.Seen {
		same := func(a answer.Answer) bool {
			return (a.Outcome == j.Outcome || !f.expects()) && slices.Equal(a.Values, j.Values) && slices.Equal(a.Aliases, j.Aliases)
		}
		counts := j.Verdict == Mismatch || !f.expects() && j.Outcome.Definite()
		if !counts || slices.ContainsFunc(told, same) || len(told) == maxShown {
			continue
		}
		told = append(told, j.Answer)
		if j.fault == behindAlias {
			continue // The record itself is right.
		}
		d := difference{Answer: j.Answer, fault: j.fault, earlier: earlier, redirected: redirected}
		d.aliased = len(j.Aliases) > 0 && f.Type != record.CNAME && (f.expects() || j.Outcome != answer.Found)
		if !d.aliased && (j.fault == different || j.fault == foreign || !f.expects() && f.Type == record.TXT) {
			d.values = slices.Clone(j.Values)
		}
		list = append(list, d)
	}
	return list
}

// partlyServed reports whether some authoritative servers serve the record and others something else.
func (f Finding) partlyServed() bool {
	return f.Via == answer.Authorities && f.count(Matches) > 0 && f.count(Mismatch) > 0
}

// eachAnswer returns a cause for each answer that the function holds for. Rules behind have no say about that answer, even
// where the cause has no sentence.
func (e *evidence) eachAnswer(say func(d difference) (Cause, bool)) []Cause {
	var causes []Cause
	for i := range e.differing {
		d := &e.differing[i]
		if d.told > 0 {
			continue
		}
		if c, ok := say(*d); ok {
			d.told, d.values = 1, nil
			if c.Sentence != "" {
				causes = append(causes, c)
			}
		}
	}
	return causes
}

// eachValue returns a cause for each value that the function holds for. Rules behind have no say about that value, even where
// the cause has no sentence. Where nothing is expected, one cause for each answer is enough.
func (e *evidence) eachValue(say func(d difference, v string) (Cause, bool)) []Cause {
	var causes []Cause
	for i := range e.differing {
		d, first := &e.differing[i], true
		d.values = slices.DeleteFunc(d.values, func(v string) bool {
			if d.told == maxShown {
				return false // What else stands there says the same, or does not matter.
			}
			c, ok := say(*d, v)
			if ok && (first || e.expects()) {
				first = false
				d.told++
				if c.Sentence != "" {
					causes = append(causes, c)
				}
			}
			return ok
		})
	}
	return causes
}

// only returns a list of one cause.
func only(sentence, remedy string) []Cause { return []Cause{{Sentence: sentence, Remedy: remedy}} }
