package verify

import (
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Verdict says whether one server serves an expected record.
type Verdict int

// The verdicts. The zero Verdict is Unknown.
const (
	Unknown  Verdict = iota // the server did not say
	Matches                 // the server serves the record
	Mismatch                // the server serves something else, or nothing
)

// Judgement is an answer with its verdict on an expected record.
type Judgement struct {
	answer.Answer
	Verdict Verdict
	fault   fault
}

// fault is the kind of difference between an answer and the expected record.
type fault int

// The faults. The zero fault is none.
const (
	failed       fault = iota + 1 // the answer says nothing about the record
	absent                        // there is no record of the type
	several                       // there are several records of a kind of which there may be one
	besideNullMX                  // a null MX stands there, which excludes all others
	foreign                       // there are records of the type, and none of the kind
	different                     // there are records of the kind with other contents
	flattened                     // the key of the CNAME's target stands in its place, which counts as a match
	flattenedKey                  // another key than that of the CNAME's target stands in its place
	uncompared                    // a key stands in place of the CNAME, and that of the target could not be asked for
	behindAlias                   // the CNAME is the expected one, and the key that it leads to is not usable
)

// judge compares an answer with an expected record of the kind.
func judge(e Expectation, k kind, a answer.Answer) Judgement {
	j := Judgement{Answer: a, Verdict: Mismatch}
	switch {
	case !a.Outcome.Definite():
		j.Verdict, j.fault = Unknown, failed
		return j
	case a.Outcome != answer.Found:
		j.fault = absent
		return j
	}
	values := k.among(a.Values)
	switch {
	case k.single() && len(values) > 1:
		j.fault = several
	case e.Type == record.MX && !k.single() && slices.ContainsFunc(values, isNullMX):
		j.fault = besideNullMX
	case slices.ContainsFunc(values, func(v string) bool { return k.same(e.Value, v) }):
		j.Verdict = Matches
	case len(values) == 0:
		j.fault = foreign
	default:
		j.fault = different
	}
	return j
}

// matches reports whether an answer holds the expected record.
func (e Expectation) matches(a answer.Answer) bool { return judge(e, kindOf(e), a).Verdict == Matches }

// seen describes an answer to be shown beside the expected record; it is empty where the answer is the record itself.
func (f Finding) seen(j Judgement) string {
	k := kindOf(f.Expectation)
	var text string
	switch j.fault {
	case failed:
		text = j.Why()
	case absent:
		text = j.Outcome.String()
	case several:
		values := k.among(j.Values)
		text = fmt.Sprintf("%d %ss, and only one is allowed: %s; seen %s", len(values), k.name, k.why, record.InlineAll(values))
	case besideNullMX:
		text = "a null MX, which must be the only MX record (RFC 7505 §3): " + record.InlineAll(k.among(j.Values))
	case foreign:
		text = fmt.Sprintf("no %s among the %s records there; seen %s", k.name, f.Type, record.InlineAll(j.Values))
	case different:
		text = "other content: " + record.InlineAll(k.among(j.Values))
	case flattened:
		return "no CNAME, but the key of its target"
	case flattenedKey:
		served, _ := f.ownKey(j)
		return fmt.Sprintf("no CNAME, but a TXT record whose key is not that of the target: «%s»", record.Display(served.Values[0]))
	case uncompared:
		return "no CNAME, but a TXT record with a key; no server can be asked for the key of the target"
	case behindAlias:
		return f.seenKey()
	default:
		return ""
	}
	return withExtended(j.Answer, text)
}
