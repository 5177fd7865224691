package spf

import (
	"fmt"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// At returns the term as it must be written at another name to mean what it means at owner: a bare a, mx or
// ptr and the macro d stand for the record's owner (RFC 7208 §4.8, §7.2), and are spelled out. It returns a
// *SyntaxError where the owner cannot be written in a domain-spec, as a top-level domain cannot.
func (t Directive) At(owner dnsname.Name) (Directive, error) {
	switch t.Mechanism {
	case MechA, MechMX, MechPTR:
		if t.Domain == "" {
			t.Domain = "%{d}"
		}
	case MechInclude, MechExists:
	default:
		return t, nil
	}
	domain, err := spellOut(t.Domain, owner)
	if err != nil {
		return Directive{}, err
	}
	t.Domain = domain
	return t, nil
}

// spellOut replaces the macro d of a domain-spec by the name that it stands for.
func spellOut(domainSpec string, owner dnsname.Name) (string, error) {
	if !strings.Contains(domainSpec, "%{") {
		return domainSpec, nil
	}
	segments, err := Segments(domainSpec)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, s := range segments {
		if s.Letter == 'd' {
			b.WriteString(s.Transform(owner.String()))
			continue
		}
		b.WriteString(s.Text)
	}
	spelled := b.String()
	if spelled == domainSpec {
		return domainSpec, nil
	}
	spelled, f := (&parser{}).domainSpec(spelled)
	if f != nil {
		f.reason = fmt.Sprintf("at %s it means %s: %s", Quote(owner.String()), Quote(b.String()), f.reason)
		return "", f.at(domainSpec, 0)
	}
	return spelled, nil
}
