package verify

import (
	"errors"
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// askSender is the remedy where the key of a sender cannot be read.
const askSender = "Compare the target with the one that the sender gives; if it is right, the sender has to publish the key, so ask its support."

// keyRules are about SPF records and DKIM keys that receivers cannot use.
var keyRules = []rule{
	{
		code: "flattened-key-differs", meaning: "the DNS provider flattens the CNAME to a key that is not the one at the target", content: true, moot: true,
		find: func(e *evidence) []Cause {
			if !e.sees(flattenedKey) {
				return nil
			}
			if key, _ := targetKey(*e.target); !key.IsValid() {
				return only(fmt.Sprintf("The DNS provider serves a TXT record in place of the CNAME at %s, and %s does not have exactly one valid key that it could be.", shown(e.Owner), record.Display(e.Value)), "")
			}
			return only(fmt.Sprintf("The DNS provider serves a TXT record in place of the CNAME at %s, and its key is not the one at %s.", shown(e.Owner), record.Display(e.Value)), "")
		},
		remedy: "Publish the CNAME itself, or turn its flattening off at the DNS provider.",
	},
	{
		code: "spf-broken", meaning: "the SPF record has an error, which receivers treat as permanent", content: true, moot: true,
		find: func(e *evidence) []Cause {
			return e.eachText(func(_ difference, v string) (Cause, bool) {
				if !spf.IsRecord(v) || dkim.IsOwner(e.Owner) || e.expects() && e.kind.name != spfKind {
					return Cause{}, false
				}
				_, err := spf.ParseWire(v)
				if err == nil {
					return Cause{}, false
				}
				return Cause{Sentence: fmt.Sprintf("The SPF record at %s is invalid, which receivers treat as a permanent error: %s.", shown(e.Owner), reasonOf(err))}, true
			})
		},
		remedy: "Correct the record at the DNS provider.",
	},
	{
		code: "key-revoked", meaning: "the DKIM key is revoked: its `p=` is empty", content: true,
		find: func(e *evidence) []Cause {
			revoked := func(v string) (string, bool) {
				key, err := dkim.Parse(v)
				return "is revoked: its p= is empty (RFC 6376 §3.6.1).", err == nil && key.Revoked()
			}
			return append(e.eachOwnKey(fmt.Sprintf("The DKIM key at %s ", shown(e.Owner)), revoked),
				e.keyBehind(fmt.Sprintf("The key that the CNAME at %s leads to ", shown(e.Owner)), revoked)...)
		},
		remedy: "Publish the key that signs now; if that is the withdrawn one, ask the sender for a new key.",
	},
	{
		code: "key-broken", meaning: "the DKIM key record is truncated, mistyped or otherwise not a usable key", content: true, moot: true,
		find: func(e *evidence) []Cause {
			broken := func(why func(dkim.Record) error) func(v string) (string, bool) {
				return func(v string) (string, bool) {
					reason, broken := keyFault(v, why)
					return fmt.Sprintf("is not a usable DKIM key: %s; seen %s.", reason, brief(v)), broken
				}
			}
			return append(e.eachOwnKey(fmt.Sprintf("The record at %s ", shown(e.Owner)), broken(unreadable)), e.keyBehind("The target of the CNAME ", broken(dkim.Record.Rejected))...)
		},
		remedy: "Publish the whole key as the sender gives it, copied without gaps.",
	},
	{
		code: "key-missing", meaning: "the CNAME is published, and its target has no DKIM key yet", content: true,
		find: keyMissing,
	},
	{
		code: "key-unknown", meaning: "the servers that hold the key at the CNAME's target could not be asked", content: true,
		find: keyUnknown, remedy: askSender,
	},
}

// eachOwnKey holds for the records at a selector. The function returns the fault of a value, and the opening is that of the
// sentence.
func (e *evidence) eachOwnKey(opening string, say func(v string) (string, bool)) []Cause {
	if !dkim.IsOwner(e.Owner) {
		return nil
	}
	return e.eachText(func(_ difference, v string) (Cause, bool) {
		text, ok := say(v)
		return Cause{Sentence: opening + text}, ok
	})
}

// keyBehind is eachOwnKey for the key that a CNAME leads to.
func (e *evidence) keyBehind(opening string, say func(v string) (string, bool)) []Cause {
	a, ok := e.badKey()
	if !ok || a.Outcome != answer.Found || len(a.Values) != 1 {
		return nil
	}
	text, ok := say(a.Values[0])
	if !ok {
		return nil
	}
	return only(opening+text, fmt.Sprintf("Ask the support of the sender to publish the key that it signs with for %s.", shown(DomainOf(e.Owner))))
}

// badKey returns the answer about the key behind the CNAME for which the record does not match, and false where there is
// none.
func (e *evidence) badKey() (answer.Answer, bool) {
	if e.cached || !e.sees(behindAlias) {
		return answer.Answer{}, false
	}
	return e.decisive()
}

// behindIs holds where the key behind the CNAME cannot be read for a failure of its own.
func (e *evidence) behindIs(f failure, say func(*evidence, servers) Cause) []Cause {
	a, ok := e.badKey()
	if !ok || a.Outcome.Definite() || failureOf(e.Via, a) != f {
		return nil
	}
	return []Cause{say(e, servers{answers: []answer.Answer{a}, via: e.Via})}
}

// isKey reports whether a value is a DKIM key that receivers can use.
func isKey(v string) bool {
	return validKey(answer.Answer{Outcome: answer.Found, Values: []string{v}}).IsValid()
}

// unreadable says why a key cannot be read; it returns nil where it can.
func unreadable(key dkim.Record) error {
	_, err := key.PublicKey()
	return err
}

// keyFault says why a value is no key, or one that a function finds fault with, and reports false where it is a right one, or
// was one before it was revoked.
func keyFault(v string, why func(dkim.Record) error) (string, bool) {
	key, err := dkim.Parse(v)
	if err == nil && key.Revoked() {
		return "", false
	}
	if err == nil {
		err = why(key)
	}
	switch {
	case errors.Is(err, dkim.ErrNotDKIM):
		return `it has neither "v=DKIM1" nor a tag "p"`, true
	case err != nil:
		return reasonOf(err), true
	}
	return "", false
}

// severalBehind says that the CNAME leads to more than one record.
func severalBehind(e *evidence) []Cause {
	a, ok := e.badKey()
	if !ok || a.Outcome != answer.Found || len(a.Values) == 1 {
		return nil
	}
	return only(fmt.Sprintf("The CNAME at %s leads to %d TXT records at %s, and with more than one the result is undefined (RFC 6376 §3.6.2.2): %s.", shown(e.Owner), len(a.Values), keyTarget(a), briefAll(a.Values)),
		"Ask the support of the sender to leave only one key there.")
}

// keyTarget names the name that a CNAME leads to.
func keyTarget(a answer.Answer) string {
	if len(a.Aliases) == 0 {
		return "its target"
	}
	return shown(a.Aliases[len(a.Aliases)-1])
}

// keyMissing says that there is no key behind a CNAME. That its target does not exist may be a slip in the CNAME.
func keyMissing(e *evidence) []Cause {
	const publish = "ave the sender publish the key, such as by turning on DKIM signing for the domain; with `follow = false` the validation does not wait for it."
	a, ok := e.badKey()
	switch {
	case !ok || leadsNowhere(a):
		return nil
	case a.Outcome != answer.Found && slices.ContainsFunc(e.behind.answers.List, func(b answer.Answer) bool { return keyVerdict(b) == Matches }):
		return only(fmt.Sprintf("The CNAME at %s stands, and %s does not have its key, which other servers have.", shown(e.Owner), a.Server),
			"Wait until every server of the sender follows a change; where that lasts, it is for the sender's support to mend, as receivers come to any of them.")
	case a.Outcome == answer.NoData:
		return only(fmt.Sprintf("The CNAME at %s is published, and %s has no DKIM key yet.", shown(e.Owner), keyTarget(a)), "H"+publish)
	case a.Outcome == answer.NXDomain:
		return only(fmt.Sprintf("The CNAME at %s is published, and %s has no DKIM key yet: the name does not exist.", shown(e.Owner), keyTarget(a)),
			"Compare the target with the one that the sender gives; if it is right, h"+publish)
	}
	return nil
}

// keyUnknown says which servers did not tell the key of the CNAME's target.
func keyUnknown(e *evidence) []Cause {
	var causes []Cause
	if e.sees(uncompared) {
		causes = only(fmt.Sprintf("The DNS provider flattens the CNAME at %s, and it is not known whether its key is that of %s, since no server answers for it.", shown(e.Owner), record.Display(e.Value)), "")
	}
	if !e.sees(behindAlias) {
		return causes
	}
	a, ok := e.decisive()
	otherwise := []failure{signature, loop}
	switch {
	case e.behind.err != nil:
		causes = append(causes, Cause{Sentence: fmt.Sprintf("The servers that hold the key at the target of %s cannot be asked.", shown(e.Owner))})
	case !ok:
		causes = append(causes, Cause{Sentence: fmt.Sprintf("There is no server to ask for the key at the target of %s.", shown(e.Owner))})
	case !a.Outcome.Definite() && !slices.Contains(otherwise, failureOf(e.Via, a)):
		causes = append(causes, Cause{Sentence: fmt.Sprintf("The key at the target of the CNAME at %s cannot be read at %s: %s.", shown(e.Owner), a.Server, withExtended(a, a.Why()))})
	}
	return causes
}
