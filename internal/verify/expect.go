package verify

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// Expectation is one record that live DNS has to serve.
type Expectation struct {
	Key   string // the user's name for it
	Owner dnsname.Name
	Type  record.Type
	Value string // in the form of record.Canonical
}

// ContradictionError names two records that no DNS can serve together, and why.
type ContradictionError struct {
	First, Second string // keys
	Reason        string
}

// Error names the records and the reason.
func (e *ContradictionError) Error() string {
	return fmt.Sprintf("%s and %s exclude each other: %s", record.DisplayQuoted(e.First), record.DisplayQuoted(e.Second), e.Reason)
}

// CheckExpectations returns a *ContradictionError where two expectations cannot both be met, however long one
// waits. Expectations come in the order of their keys.
func CheckExpectations(expected []Expectation) error {
	type seen struct {
		key string
		e   Expectation
	}
	cnames, others, policies, mails := map[dnsname.Name]seen{}, map[dnsname.Name]seen{}, map[string]seen{}, map[dnsname.Name]seen{}
	for _, e := range expected {
		this := seen{e.Key, e}
		if e.Type == record.CNAME {
			if first, ok := cnames[e.Owner]; ok && first.e.Value != e.Value {
				return &ContradictionError{first.key, e.Key, fmt.Sprintf("%s can have only one CNAME (RFC 2181 §10.1)", e.Owner)}
			}
			cnames[e.Owner] = this
		} else {
			others[e.Owner] = this
		}
		if e.Type == record.MX {
			if first, ok := mails[e.Owner]; ok && isNullMX(first.e.Value) != isNullMX(e.Value) {
				return &ContradictionError{first.key, e.Key, fmt.Sprintf("the null MX at %s must be the only MX record (RFC 7505 §3)", e.Owner)}
			}
			mails[e.Owner] = this
		}
		if kind := kindOf(e); kind.single() {
			id := e.Owner.String() + "/" + kind.name
			if first, ok := policies[id]; ok && !kind.same(first.e.Value, e.Value) {
				return &ContradictionError{first.key, e.Key, fmt.Sprintf("%s can have only one %s; merge the two", e.Owner, kind.name)}
			}
			policies[id] = this
		}
	}
	for owner, cname := range cnames {
		if other, ok := others[owner]; ok {
			return &ContradictionError{cname.key, other.key, fmt.Sprintf("a CNAME at %s excludes other records (RFC 1034 §3.6.2)", owner)}
		}
	}
	return nil
}

// Query says whom to ask.
type Query string

// QueryBoth asks the resolvers only after the authorities agree, so that the resolvers have no
// reason to remember that a record is absent.
const (
	QueryAuthoritative Query = "authoritative"
	QueryResolvers     Query = "resolvers"
	QueryBoth          Query = "both"
)

// Queries lists the values of Query, the default first.
func Queries() []Query { return []Query{QueryAuthoritative, QueryResolvers, QueryBoth} }

// stages returns whom to ask, one after the other.
func (q Query) stages() []answer.Via {
	switch q {
	case QueryResolvers:
		return []answer.Via{answer.Resolvers}
	case QueryBoth:
		return []answer.Via{answer.Authorities, answer.Resolvers}
	default:
		return []answer.Via{answer.Authorities}
	}
}

// Require is the number of servers that must serve a record, or one of the words for it. The zero Require is "all".
type Require int

// The words for a number of servers.
const (
	requireAll    Require = 0 // every server that answers
	requireStrict Require = -1
	requireAny    Require = -2
)

// ParseRequire reads "all", "strict", "any" or a number of servers from 1 on; empty is "all".
func ParseRequire(s string) (Require, error) {
	switch s {
	case "", "all":
		return requireAll, nil
	case "strict":
		return requireStrict, nil
	case "any":
		return requireAny, nil
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return requireAll, fmt.Errorf(`%s must be "all", "strict", "any" or a number of servers, such as "2"`, record.DisplayQuoted(s))
	}
	return Require(n), nil
}

// String is the inverse of [ParseRequire].
func (r Require) String() string {
	switch r {
	case requireAll:
		return "all"
	case requireStrict:
		return "strict"
	case requireAny:
		return "any"
	}
	return strconv.Itoa(int(r))
}

// Options select the servers to ask and the number that is enough. The zero Options ask the authorities and want one round
// in which all servers that answer match.
type Options struct {
	Query       Query
	Require     Require
	Consecutive int           // rounds in a row that must match; 0 counts as 1
	Follow      bool          // a DKIM CNAME must lead to a valid key
	Settle      bool          // wait until caches have forgotten earlier answers
	Timeout     time.Duration // how long to wait in all; 0 is no limit of its own
}

// isSPF reports whether an expectation is the SPF record of its owner.
func isSPF(e Expectation) bool { return e.Type == record.TXT && spf.IsRecord(e.Value) }

// DomainOf returns the mail domain of an owner as far as its name tells: the name behind its last label that starts with an
// underscore.
func DomainOf(owner dnsname.Name) dnsname.Name {
	domain, labels, below := owner, owner.Labels(), 0
	for i, label := range labels[:max(0, len(labels)-1)] {
		if strings.HasPrefix(label, "_") {
			below = i + 1
		}
	}
	for range below {
		domain = domain.Parent()
	}
	return domain
}
