package audit

import (
	"crypto/rsa"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// eachSelector runs a check for each DKIM selector that was looked at.
func eachSelector(f func(l *look, s selector)) func(*look) {
	return func(l *look) {
		for _, s := range l.selectors {
			if l.needs(s.fact) {
				f(l, s)
			}
		}
	}
}

// eachKey runs a check for each selector with one key record that parses.
func eachKey(f func(l *look, s selector)) func(*look) {
	return eachSelector(func(l *look, s selector) {
		if s.key.IsValid() {
			f(l, s)
		}
	})
}

// exists reports whether there is anything at the selector.
func (s selector) exists() bool { return len(s.fact.Values()) > 0 || len(s.aliases()) > 0 }

// aliases returns the names that the selector's CNAME leads through.
func (s selector) aliases() []dnsname.Name {
	if names := s.fact.Aliases(); len(names) > 0 {
		return names
	}
	if values := s.alias.Values(); len(values) > 0 {
		return []dnsname.Name{dnsname.FromDNS(values[0])}
	}
	return nil
}

func checkDKIMSelectorMissing(l *look, s selector) {
	if s.given && !s.exists() {
		l.find(s.owner.String(), "A configured selector has no DKIM key: mail that is signed with it fails DKIM.", "Publish the record that the service gives you.")
	}
}

func checkDKIMAliasDead(l *look, s selector) {
	if len(s.fact.Values()) == 0 && len(s.aliases()) > 0 && !l.wrongTarget(s) {
		l.find(s.owner.String(), fmt.Sprintf("The CNAME of the selector leads to %s, which has no key.", shown(s.aliases()[len(s.aliases())-1])), "Compare the target with the one that the service gives you, and turn DKIM on there.")
	}
}

func (*view) wrongTarget(s selector) bool {
	return s.target.IsValid() && len(s.aliases()) > 0 && s.aliases()[0] != s.target
}

func checkDKIMWrongTarget(l *look, s selector) {
	if l.wrongTarget(s) {
		l.find(s.owner.String(), fmt.Sprintf("The CNAME of the selector leads to %s, and the service signs with the key at %s.", shown(s.aliases()[0]), shown(s.target)), "Correct the target.")
	}
}

func checkDKIMSeveral(l *look, s selector) {
	if n := len(s.fact.Values()); n > 1 && len(s.keys()) > 0 {
		l.find(s.owner.String(), fmt.Sprintf("There are %d TXT records at one selector: it is undefined which one receivers use.", n), "Keep one, and give every key its own selector.")
	}
}

// misquoted reports whether quotes or escapes of a zone file have become part of the record, or a blank has come into
// its key where it was cut into strings.
func (s selector) misquoted() bool {
	keys := s.keys()
	if len(keys) != 1 {
		return false
	}
	text := keys[0]
	if s.keyErr == nil && !strings.ContainsAny(text, `"\`) {
		_, p, _ := strings.Cut(text, "p=")
		p, _, _ = strings.Cut(p, ";")
		return strings.ContainsAny(strings.TrimSpace(p), " \t")
	}
	if _, err := dkim.Parse(unquoted(text)); err == nil && unquoted(text) != text {
		return true
	}
	plain := record.Unescape(text)
	_, err := dkim.Parse(plain)
	return err == nil && plain != text
}

func checkDKIMQuoting(l *look, s selector) {
	if s.misquoted() {
		l.find(s.owner.String(), "Quotes, backslashes, or a blank at a cut between strings, are part of the key record: "+brief(s.keys()[0])+".",
			"Give the DNS provider the value as `txt_encode` writes it for that provider.")
	}
}

func checkDKIMSyntax(l *look, s selector) {
	if len(s.keys()) == 1 && s.keyErr != nil && !s.misquoted() {
		l.find(s.owner.String(), sentence(s.keyErr), "Publish the record exactly as the service gives it.")
	}
	if len(s.keys()) == 0 && len(s.fact.Values()) > 0 && s.given {
		l.find(s.owner.String(), "The TXT record at the selector is not a key record: "+brief(s.fact.Values()[0])+".", "Publish the record exactly as the service gives it.")
	}
}

// keyFindings returns a check for the findings of some codes on a key record.
func keyFindings(remedy string, codes ...dkim.Code) func(*look) {
	return eachKey(func(l *look, s selector) {
		if s.misquoted() {
			return
		}
		for _, f := range s.key.Check() {
			if slices.Contains(codes, f.Code) {
				l.find(s.owner.String(), record.InlineShown(f.Text), remedy)
			}
		}
	})
}

func checkDKIMRevoked(l *look, s selector) {
	switch {
	case !s.key.Revoked():
	case len(s.services) > 0:
		l.grade(Error, s.owner.String(), fmt.Sprintf("The key is revoked (p is empty), and the service %s signs with it.", showAll(s.services)), "Publish the key that the service gives you.")
	default:
		l.grade(Note, s.owner.String(), "The key is revoked (p is empty): mail that was signed with it no longer passes.", "Nothing needs to be done; you may remove the record once that mail is delivered.")
	}
}

func checkDKIMExponent(l *look, s selector) {
	public, err := s.key.PublicKey()
	if key, ok := public.(*rsa.PublicKey); ok && err == nil && (key.E < 65537 || key.E%2 == 0) {
		l.find(s.owner.String(), fmt.Sprintf("The RSA key has the exponent %d; some verifiers refuse exponents below 65537.", key.E), "Make a new key.")
	}
}

func checkDKIMEd25519Only(l *look) {
	var owner string
	for _, s := range l.selectors {
		if !l.needs(s.fact) || s.key.IsValid() && !s.key.Revoked() && s.key.KeyType() == dkim.RSA {
			return
		}
		if s.key.IsValid() && s.key.KeyType() == dkim.Ed25519 {
			owner = s.owner.String()
		}
	}
	if owner != "" {
		l.find(owner, "The only DKIM key that was found is an Ed25519 key, which few receivers verify.", "Sign with an RSA key as well.")
	}
}

func checkDKIMSameKey(l *look) {
	for i, s := range l.selectors {
		for _, other := range l.selectors[:i] {
			if s.key.IsValid() && other.key.IsValid() && s.key.SameKey(other.key) {
				l.find(s.owner.String(), fmt.Sprintf("The selector has the same key as %s, so a change from one to the other has no effect.", shown(other.owner)), "Make a key for each selector.")
			}
		}
	}
}

func checkDKIMCNAMEBeside(l *look, s selector) {
	if len(s.fact.Aliases()) == 0 && len(s.fact.Values()) > 0 && l.needs(s.alias) && len(s.alias.Values()) > 0 {
		l.find(s.owner.String(), "The selector has a CNAME and a TXT record, which exclude each other.", "Remove one of them.")
	}
}

func checkDKIMNone(l *look) {
	if f := l.fact(l.below("_domainkey"), record.TXT); l.needs(f) && f.Missing() && !l.anySelector() && !l.passesNobody() {
		l.find(l.config.Domain.String(), "The domain publishes no DKIM key at all: nothing exists below `_domainkey`.", "Turn DKIM on in each service that sends for the domain, and publish its records.")
	}
}

// anySelector reports whether there is a selector with anything.
func (v *view) anySelector() bool { return slices.ContainsFunc(v.selectors, selector.exists) }

func checkDKIMUnverifiableName(l *look) {
	if f := l.fact(l.below("_domainkey"), record.TXT); f.Missing() && l.anySelector() {
		l.find("_domainkey."+l.config.Domain.String(), "The servers say that the name does not exist, although selectors below it do: resolvers that believe them find no key.", "Tell the operator of the name servers.")
	}
}

func checkDKIMWildcard(l *look) {
	f := l.fact(l.below(probeLabel+"._domainkey"), record.TXT)
	if !l.needs(f) || len(f.Values()) == 0 {
		return
	}
	severity, what := Warning, "a text that is not a key"
	if key, err := dkim.Parse(f.Values()[0]); err == nil {
		if severity, what = Error, "a key, so anyone who has the private key can sign with any selector"; key.Revoked() {
			severity, what = Note, "a revoked key, as for a parked domain"
		}
	}
	if severity == Note && l.config.Parked {
		return
	}
	l.grade(severity, "*._domainkey."+l.config.Domain.String(), fmt.Sprintf("A wildcard gives every selector %s.", what), "Remove it, unless the domain is parked and the key is revoked.")
}

func checkDKIMPolicyLeft(l *look) {
	for _, labels := range []string{"_domainkey", "_adsp._domainkey"} {
		for _, text := range l.texts(l.below(labels)) {
			if isPolicy(text) {
				l.find(l.below(labels).String(), "The record is of DomainKeys or ADSP, which receivers no longer read: "+brief(text)+".", "Remove it.")
			}
		}
	}
}

// isPolicy reports whether a text is a policy of DomainKeys (RFC 4870) or of ADSP (RFC 5617).
func isPolicy(text string) bool {
	for tag := range strings.SplitSeq(strings.ToLower(text), ";") {
		name, _, _ := strings.Cut(strings.TrimSpace(tag), "=")
		if name = strings.TrimSpace(name); name == "o" || name == "dkim" {
			return true
		}
	}
	return false
}

func checkDKIMUnconfigured(l *look) {
	if len(l.config.Services) == 0 && len(l.config.Records) == 0 {
		return
	}
	for _, s := range l.selectors {
		if !s.given && len(s.keys()) > 0 {
			l.find(s.owner.String(), "There is a DKIM key at a selector that the configuration does not name.", "Add the service that signs with it, or remove the record.")
		}
	}
}

func checkDKIMRotationOne(l *look) {
	for _, f := range l.found {
		var there, missing []string
		for _, name := range f.info.Recognise.Selectors {
			i := slices.IndexFunc(l.selectors, func(s selector) bool { return s.name == name })
			switch {
			case i < 0 || !l.needs(l.selectors[i].fact):
				return
			case l.selectors[i].exists():
				there = append(there, name)
			case !l.selectors[i].given:
				missing = append(missing, name)
			}
		}
		if len(f.info.Recognise.Selectors) == 2 && len(there) == 1 && len(missing) == 1 {
			l.find(l.config.Domain.String(), fmt.Sprintf("%s alternates between two selectors, and only %s is published: DKIM fails after its next change of keys.", f.info.Name, show(there[0])),
				fmt.Sprintf("Publish %s too.", show(missing[0])))
		}
	}
}
