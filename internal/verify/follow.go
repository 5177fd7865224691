package verify

import (
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// follow adds what stands behind a DKIM CNAME: the record counts only where it leads to a key.
func follow(f Finding, key reply) Finding {
	if f.count(Matches) == 0 {
		return f
	}
	f.key = key.answers.List
	if key.err != nil {
		text := "the key behind the CNAME: " + record.Display(key.err.Error())
		return withKey(f, Unknown, text, Cause{Code: KeyUnknown, What: fmt.Sprintf("The servers that hold the key behind %s cannot be asked.", shown(f.Owner)), Do: askSender})
	}
	var good int
	var silent string
	var unknown Cause
	for _, a := range f.Required.counting(key.answers.List) {
		switch verdict, text, cause := checkKey(f.Owner, f.Via, a); verdict {
		case Matches:
			good++
			if slices.ContainsFunc(a.Values, inTestMode) {
				f.Notes = arrange(append(f.Notes, testMode(f.Owner)))
			}
		case Mismatch:
			return withKey(f, Mismatch, fmt.Sprintf("%s (%s)", text, a.Server), cause)
		default:
			silent, unknown = fmt.Sprintf("%s (%s)", text, a.Server), cause
		}
	}
	// The key is the sender's, and so are its servers: one that is silent does not matter where others answer.
	if good > 0 && (silent == "" || f.Required.mode != requireStrict) {
		return f
	}
	if silent == "" {
		silent = "the key behind the CNAME: there is no server to ask"
		unknown = Cause{Code: KeyUnknown, What: fmt.Sprintf("There is no server to ask for the key behind %s.", shown(f.Owner)), Do: askSender}
	}
	return withKey(f, Unknown, silent, unknown)
}

const askSender = "Check the target against what the sender hands out; where it is right, the key is for the sender to publish, and for its support to mend."

// withKey lets the verdict on the key stand for every server that serves the CNAME.
func withKey(f Finding, v Verdict, text string, why Cause) Finding {
	f.Seen = slices.Clone(f.Seen)
	for i, s := range f.Seen {
		if s.Verdict == Matches {
			f.Seen[i].Verdict, f.Seen[i].Text = v, text
		}
	}
	f.Causes = append(slices.Clip(f.Causes), why)
	f.Notes = nil
	return f
}

// checkKey says what is wrong with the key that the DKIM CNAME at an owner leads to; Matches where nothing is.
func checkKey(owner dnsname.Name, via answer.Via, a answer.Answer) (Verdict, string, Cause) {
	target := "its target"
	if len(a.Aliases) > 0 {
		target = shown(a.Aliases[len(a.Aliases)-1])
	}
	switch {
	case !a.Outcome.Definite():
		c := serverCause(serverCode(via, a), owner, via, []answer.Answer{a}, false)
		if c.Code != AliasLoop && c.Code != ZoneBogus {
			c = Cause{
				Code: KeyUnknown,
				What: fmt.Sprintf("The key behind the CNAME at %s cannot be read at %s: %s.", shown(owner), a.Server, withExtended(a, withDetail(a))),
				Do:   askSender,
			}
		}
		return Unknown, "the key behind the CNAME: " + withExtended(a, withDetail(a)), c
	case a.Outcome == answer.NXDomain && len(a.Aliases) > 0 && a.Detail != "":
		return Mismatch, "the CNAME leads nowhere: " + withDetail(a), serverCause(AliasDeadEnd, owner, answer.Authorities, []answer.Answer{a}, false)
	case a.Outcome != answer.Found:
		return Mismatch, "the CNAME, and no key behind it: " + withExtended(a, a.Outcome.String()), missingKey(owner, target, a.Outcome)
	case len(a.Values) != 1:
		return Mismatch, fmt.Sprintf("the CNAME leads to %d TXT records, and there must be one key (RFC 6376 §3.6.2.2)", len(a.Values)), Cause{
			Code: SeveralKeys,
			What: fmt.Sprintf("The CNAME at %s leads to %d TXT records at %s, and with several the result is undefined (RFC 6376 §3.6.2.2): %s.", shown(owner), len(a.Values), target, briefAll(a.Values)),
			Do:   "Ask the support of the sender to leave one key there.",
		}
	}
	key, err := dkim.Parse(a.Values[0])
	if err != nil {
		return Mismatch, "the CNAME leads to a record that is not a DKIM key: " + reasonOf(err), behindCNAME(owner, broken("What the CNAME leads to", a.Values[0], err))
	}
	if key.Revoked() {
		return Mismatch, "the CNAME leads to a revoked key (empty p=, RFC 6376 §3.6.1)", behindCNAME(owner, revoked(fmt.Sprintf("The key that the CNAME at %s leads to", shown(owner))))
	}
	if _, err := key.PublicKey(); err != nil {
		return Mismatch, "the CNAME leads to a record without a usable key: " + reasonOf(err), behindCNAME(owner, broken("What the CNAME leads to", a.Values[0], err))
	}
	return Matches, "", Cause{}
}

// missingKey says that there is no key behind a CNAME. That its target does not exist may be a slip in the CNAME.
func missingKey(owner dnsname.Name, target string, o answer.Outcome) Cause {
	c := Cause{
		Code: KeyMissing,
		What: fmt.Sprintf("The CNAME at %s stands, and %s has no DKIM key yet.", shown(owner), target),
		Do:   "Have the sender publish the key, as by turning DKIM signing on for the domain; with `follow = false` the validation does not wait for it.",
	}
	if o == answer.NXDomain {
		c.What = fmt.Sprintf("The CNAME at %s stands, and %s has no DKIM key yet: there is no such name.", shown(owner), target)
		c.Do = "Check the target's spelling against what the sender hands out; where it is right, have the sender publish the key, as by turning DKIM signing on " +
			"for the domain; with `follow = false` the validation does not wait for it."
	}
	return c
}

// behindCNAME says that the sender is the one to mend a key.
func behindCNAME(owner dnsname.Name, c Cause) Cause {
	c.Do = fmt.Sprintf("Ask the support of the sender to publish the key that it signs with for %s.", shown(DomainOf(owner)))
	return c
}
