package service

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// unsupported is the error for a record whose type this project does not publish. Nothing grants it.
func (s *scope) unsupported(e *entry) error {
	return &RefusedError{Service: s.Name(), ID: e.id, Type: e.typ, Owner: e.owner(), Group: e.group, Why: fmt.Sprintf(
		"records of the type %s cannot be published, only those of %s", e.typ, supportedTypes())}
}

func supportedTypes() string {
	types := make([]string, 0, len(record.Types()))
	for _, t := range record.Types() {
		types = append(types, string(t))
	}
	return strings.Join(types, ", ")
}

// permit returns a *RefusedError for a record that mail does not need and that could take over more than mail:
// a template may come from anywhere.
func (s *scope) permit(e *entry, owner dnsname.Name) error {
	why := s.risk(e, owner)
	if why == "" || s.allowed(e, owner) {
		return nil
	}
	if !owner.IsValid() { // What a variable will make of it is not known yet.
		return &RefusedError{Service: s.Name(), ID: e.id, Type: e.typ, Owner: e.owner(), Group: e.group, Why: why, Allow: []string{e.typ}}
	}
	name, _ := owner.In(s.domain)
	return &RefusedError{Service: s.Name(), ID: e.id, Type: e.typ, Owner: owner.String(), Group: e.group, Why: why, Allow: []string{e.typ, name}}
}

// risk says what a record could do that is no business of mail, or nothing.
func (s *scope) risk(e *entry, owner dnsname.Name) string {
	name := owner.String()
	switch {
	case e.typ == "NS":
		return "it hands a part of the domain over to other name servers"
	case e.typ == "CAA":
		return "it decides who may issue certificates for the domain"
	case hasLabel(name, "_acme-challenge"):
		return "it lets others get certificates for the domain"
	case strings.HasPrefix(name, "*."):
		return "it answers for every name that has no records of its own"
	case owner == s.domain && (e.typ == "A" || e.typ == "AAAA"):
		return "it moves the domain's web site"
	case owner == s.domain && e.typ == "CNAME":
		return "a CNAME stands alone, and would push out every other record of the domain (RFC 1034 §3.6.2)"
	case owner == s.fqdn && e.typ == "CNAME" && !s.hostRequired:
		return "a CNAME stands alone, and would push out every other record of the host (RFC 1034 §3.6.2); only templates that require a host may have one there"
	}
	return ""
}

// hasLabel reports whether a name has a label.
func hasLabel(name, label string) bool {
	for l := range strings.SplitSeq(name, ".") {
		if l == label {
			return true
		}
	}
	return false
}

// allowed reports whether the user grants a record by its type or its owner.
func (s *scope) allowed(e *entry, owner dnsname.Name) bool {
	return slices.ContainsFunc(s.allow, func(grant string) bool {
		if grant == "*" || strings.EqualFold(grant, e.typ) {
			return true
		}
		name, err := dnsname.ParseIn(grant, s.domain)
		return err == nil && grant != "" && name == owner
	})
}
