package resolve

import (
	"errors"
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/display"
)

// DNSSEC says what a client makes of signatures. It leaves validation to the resolvers, as a stub does (RFC 4033
// §4.9): their AD bit is the verdict.
type DNSSEC string

// The modes. The zero value is DNSSECOff.
const (
	// DNSSECOff asks for no signatures. Validating resolvers set the AD bit all the same.
	DNSSECOff DNSSEC = "off"
	// DNSSECReport asks resolvers with the DO bit, so that a signed answer comes with what proves it, and tells of
	// each answer whether it is validated ([answer.Answer.Authentic]).
	DNSSECReport DNSSEC = "report"
	// DNSSECRequire asks as DNSSECReport does. An answer of a resolver about a record counts only with the AD bit.
	//
	// It holds for [Client.Ask] with [answer.Resolvers]. Searches for name servers, [Client.Lookup] for the SPF
	// records of others, and authoritative servers, which do not validate, are not held to it.
	DNSSECRequire DNSSEC = "require"
)

// DNSSECModes returns all modes, the default first.
func DNSSECModes() []DNSSEC { return []DNSSEC{DNSSECOff, DNSSECReport, DNSSECRequire} }

// wantsSignatures reports whether resolvers are asked with the DO bit (RFC 3225).
func (d DNSSEC) wantsSignatures() bool { return d == DNSSECReport || d == DNSSECRequire }

// check returns an error where a mode is none, or cannot be had from these resolvers.
func (d DNSSEC) check(resolvers []Resolver) error {
	switch d {
	case "", DNSSECOff, DNSSECReport:
		return nil
	case DNSSECRequire:
	default:
		return fmt.Errorf("unknown DNSSEC mode: %s", display.Unlisted(string(d), DNSSECModes()))
	}
	if len(resolvers) == 0 {
		return errors.New("DNSSEC can be required only of configured resolvers: anybody may run those of the system")
	}
	for _, r := range resolvers {
		if !r.IsTrusted() {
			return fmt.Errorf("DNSSEC cannot be required of the resolver %s: anybody on the way can set the AD bit; "+
				"it must be asked over tls:// or https://, or be on this machine", r)
		}
	}
	return nil
}

// RequiresDNSSEC reports whether answers of resolvers about records count only where they are validated.
func (c *Client) RequiresDNSSEC() bool { return c.dnssec == DNSSECRequire }

// ReportsDNSSEC reports whether it is to be told of answers of resolvers if they are validated, without more depending
// on it.
func (c *Client) ReportsDNSSEC() bool { return c.dnssec == DNSSECReport }

// validated returns the answer of a resolver about a record, or says that it does not count.
func (c *Client) validated(a answer.Answer) answer.Answer {
	if !c.RequiresDNSSEC() || a.Authentic || !a.Outcome.Definite() {
		return a
	}
	a.Outcome, a.Values, a.TTL = answer.Unvalidated, nil, 0
	a.Detail = "the zone is not signed, or the resolver does not validate"
	return a
}
