package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// leftRules are about another content, or none, where no other rule tells why.
var leftRules = []rule{
	{
		code: "value-differs", meaning: "the record has another value", content: true, moot: true,
		find: valueDiffers, remedy: "Change the record to the expected value at the DNS provider.",
	},
	{
		code: "not-published", meaning: "the servers of the zone do not have the record", content: true, aside: true,
		find: notPublished,
	},
}

// noteRules are about records that match.
var noteRules = []rule{
	{
		code: "key-in-test-mode", meaning: "the DKIM key is in test mode (`t=y`), so receivers treat mail as if it were not signed", note: true,
		find: keyInTestMode, remedy: "Have the flag removed when the tests are done.",
	},
	{
		code: "key-flattened", note: true,
		meaning: "the DNS provider flattens the DKIM CNAME, and serves the key of its target, which counts as a match",
		find: func(e *evidence) []Cause {
			if !e.sees(flattened) {
				return nil
			}
			return only(fmt.Sprintf("The DNS provider flattens the CNAME at %s: it serves the key of %s as a TXT record, which makes no difference to receivers.", shown(e.Owner), record.Display(e.Value)), "")
		},
		remedy: "Turn the flattening off for this name where you can, since a copy of the key may be out of date after the sender changes it.",
	},
	{
		code: "name-server-is-alias", note: true,
		meaning: "the name of a name server is an alias, which RFC 2181 §10.3 forbids: some resolvers cannot ask it",
		find: func(e *evidence) []Cause {
			if !e.expects() || len(e.set.AliasedServers) == 0 {
				return nil
			}
			return only(aliasedServers(e.set.AliasedServers), "")
		},
		remedy: aliasRemedy,
	},
}

// valueDiffers says how a record differs from the expected one.
func valueDiffers(e *evidence) []Cause {
	causes := e.eachAnswer(func(d difference) (Cause, bool) {
		if d.fault != besideNullMX || d.aliased {
			return Cause{}, false
		}
		null, _ := nullMXOf(d.Values)
		return Cause{
			Sentence: fmt.Sprintf("%s has a null MX, %s, which says that it receives no mail.", shown(e.Owner), brief(null)),
			Remedy:   "Replace the null MX with the expected record at the DNS provider.",
		}, !d.earlier
	})
	if !e.expects() {
		return nil
	}
	causes = append(causes, e.eachValue(func(d difference, v string) (Cause, bool) {
		c, ok := e.sayValue(v)
		if d.earlier {
			c.Sentence = ""
		}
		return c, ok
	})...)
	return append(causes, e.eachAnswer(func(d difference) (Cause, bool) {
		if len(d.values) == 0 || d.earlier || !slices.Contains([]record.Type{record.A, record.AAAA, record.CAA, record.SRV, record.TLSA}, e.Type) {
			return Cause{}, false
		}
		n := len(d.Values)
		return Cause{
			Sentence: fmt.Sprintf("The %s %s at %s %s %s, and %s is expected.", e.Type, plural(n, "record", "records"), shown(e.Owner), plural(n, "is", "are"), briefAll(d.Values), brief(e.Value)),
			Remedy:   "Change the record to the expected value at the DNS provider, or add it, if the others should stay.",
		}, true
	})...)
}

// sayValue compares one value with the expected one. It returns false for a value that has nothing to do with it.
func (e *evidence) sayValue(v string) (Cause, bool) {
	switch {
	case otherPreference(e, v):
		preference, _, _ := strings.Cut(v, " ")
		wanted, _, _ := strings.Cut(e.Value, " ")
		return Cause{
			Sentence: fmt.Sprintf("The MX record at %s is %s, and %s is expected: its preference is %s in place of %s.",
				shown(e.Owner), brief(v), brief(e.Value), record.Display(preference), record.Display(wanted)),
			Remedy: "Change the preference at the DNS provider, or expect the one that is live.",
		}, true
	case e.Type != record.TXT:
		return Cause{}, false
	case dkim.IsOwner(e.Owner):
		return otherKey(e, v), true
	case e.kind.is != nil && e.kind.is(v):
		return Cause{Sentence: otherContent(e, v)}, true
	}
	return Cause{}, false
}

// otherKey says that a usable key is not the expected one.
func otherKey(e *evidence, v string) Cause {
	want, _ := dkim.Parse(e.Value) // An invalid record has no key that is the same.
	if got, _ := dkim.Parse(v); want.SameKey(got) {
		differs := "its tags k, h or s differ"
		if got.PKCS1() != want.PKCS1() {
			differs = fmt.Sprintf("its form is %s in place of %s (not every receiver reads PKCS#1)", keyForm(got), keyForm(want))
		}
		return Cause{
			Sentence: fmt.Sprintf("The DKIM key at %s is the expected one, and %s: %s.", shown(e.Owner), differs, brief(v)),
			Remedy:   "Replace the record with the expected one at the DNS provider.",
		}
	}
	return Cause{
		Sentence: fmt.Sprintf("The DKIM key at %s is not the expected one: %s.", shown(e.Owner), brief(v)),
		Remedy:   "Replace it with the expected key at the DNS provider, or, if the old one is still in use, give the new key its own selector.",
	}
}

// keyForm names the form of an RSA key.
func keyForm(r dkim.Record) string {
	if r.PKCS1() {
		return "PKCS#1"
	}
	return "SubjectPublicKeyInfo"
}

// otherContent names the parts that a record of the expected kind lacks, and those that it has in addition.
func otherContent(e *evidence, v string) string {
	k, want, got := e.kind, e.kind.parts(e.Value), e.kind.parts(v)
	missing, extra := without(want, got), without(got, want)
	switch {
	case len(missing) > 0 && len(extra) > 0:
		return fmt.Sprintf("The %s at %s lacks %s, and has %s in addition.", k.name, shown(e.Owner), briefAll(missing), briefAll(extra))
	case len(missing) > 0:
		return fmt.Sprintf("The %s at %s lacks %s.", k.name, shown(e.Owner), briefAll(missing))
	case len(extra) > 0:
		return fmt.Sprintf("The %s at %s has %s in addition.", k.name, shown(e.Owner), briefAll(extra))
	}
	return fmt.Sprintf("The %s at %s has the expected terms in another order: %s.", k.name, shown(e.Owner), brief(v))
}

// notPublished says that the record is missing, where no other rule has said why.
func notPublished(e *evidence) []Cause {
	if e.explained {
		return nil
	}
	if !e.expects() {
		return noKey(e)
	}
	causes := e.eachAnswer(func(d difference) (Cause, bool) {
		c := Cause{
			Remedy: "Publish the record at the DNS provider that serves the zone, and check that it went into this zone and under this name; " +
				"if it was published just now, the servers do not have it yet.",
		}
		switch d.Outcome {
		case answer.NXDomain:
			c.Sentence = fmt.Sprintf("The name %s does not exist.", shown(e.Owner))
		case answer.NoData:
			c.Sentence = fmt.Sprintf("The name %s exists, and has no %s record.", shown(e.Owner), e.Type)
		default:
			c.Sentence = fmt.Sprintf("None of the %s records at %s is the expected one.", e.Type, shown(e.Owner))
		}
		return c, !d.earlier
	})
	return causes
}

// noKey says that nothing stands where a DKIM key is looked for. Any other name may well be without records; and a selector
// without a CNAME may have its key as a TXT record.
func noKey(e *evidence) []Cause {
	absent := func(d difference) bool {
		return d.Outcome == answer.NXDomain || d.Outcome == answer.NoData && e.Type == record.TXT
	}
	if !dkim.IsOwner(e.Owner) || e.Type != record.TXT && e.Type != record.CNAME || !slices.ContainsFunc(e.differing, absent) {
		return nil
	}
	return only(fmt.Sprintf("There is no DKIM key at %s.", shown(e.Owner)),
		"Compare the selector with the one that the sender gives, and check whether the record is at a name without `_domainkey`, "+
			"or with the zone appended twice.")
}

// keyInTestMode says that a key that is served, or that a CNAME leads to, is in test mode.
func keyInTestMode(e *evidence) []Cause {
	var values []string
	for _, j := range e.Seen {
		served := j.Answer
		if j.fault == flattened {
			served, _ = e.ownKey(j)
		}
		if (j.Verdict == Matches || !e.expects()) && dkim.IsOwner(e.Owner) {
			values = append(values, served.Values...)
		}
	}
	if e.behind != nil && slices.ContainsFunc(e.Seen, hasAlias) {
		for _, a := range e.behind.answers.List {
			if keyVerdict(a) == Matches {
				values = append(values, a.Values...)
			}
		}
	}
	for _, v := range values {
		if key, err := dkim.Parse(v); err == nil && key.Testing() && (e.expects() || isKey(v)) {
			return only(fmt.Sprintf("The DKIM key at %s is in test mode (t=y): receivers treat mail signed with it as if it were not signed (RFC 6376 §3.6.1).", shown(e.Owner)), "")
		}
	}
	return nil
}

// aliasRemedy is the remedy where the name of a name server is an alias.
const aliasRemedy = "Give the name server address records (A, AAAA) in place of the CNAME, or name its target in the NS records of the zone and of its parent."

// aliasedServers says that the names of name servers are aliases.
func aliasedServers(names []dnsname.Name) string {
	n := len(names)
	return fmt.Sprintf("The name %s %s %s (CNAME), which RFC 2181 §10.3 forbids: some resolvers cannot ask %s.",
		plural(n, "server", "servers"), shownNames(names[:min(n, maxShown)]), plural(n, "is an alias", "are aliases"), plural(n, "it", "them"))
}
