package dmarc

import (
	"cmp"
	"slices"
)

// Effective is what counts of a record for the domain, for its subdomains, and for subdomains that do not exist.
type Effective struct{ P, SP, NP Policy }

// Effective returns what counts for receivers that go by RFC 9989.
func (r Record) Effective() Effective {
	return Effective{r.Policy(), r.SubdomainPolicy(), r.NonexistentPolicy()}
}

// Effective7489 returns what counts for receivers that go by RFC 7489: they know neither np nor t, so that they apply a
// policy in full that is being tested.
func (r Record) Effective7489() Effective {
	unusable := slices.ContainsFunc(r.Remarks, func(remark Remark) bool {
		return remark.Unusable && (remark.Tag == "p" || remark.Tag == "sp")
	})
	if r.P == "" || unusable {
		return Effective{None, None, None}
	}
	sub := cmp.Or(r.SP, r.P)
	return Effective{r.P, sub, sub}
}

// weaker reports whether a policy asks for less than another.
func (p Policy) weaker(than Policy) bool {
	levels := []Policy{None, Quarantine, Reject}
	return slices.Index(levels, p) < slices.Index(levels, than)
}
