package service

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// fill expands a field whose variables stand at a place. Where one of them is unknown, the text is of no use,
// but the others have been checked.
func (s *scope) fill(e *entry, name string, field expr, at place) (string, error) {
	var wrong []error
	part := 0
	text, err := field.expand(func(variable string) (string, error) {
		for field[part].variable != variable {
			part++
		}
		value, err := s.value(variable, s.spotOf(field, part, at))
		part++
		if err != nil {
			wrong = append(wrong, err)
		}
		return value, nil
	})
	if len(wrong) > 0 {
		return "", errors.Join(wrong...)
	}
	if err == nil {
		err = filled(text)
	}
	return text, s.blame(e, name, field, err)
}

// blame makes an error about the content of a field one about the variable in it, or about the template where
// no variable is. Errors that know already what they are about stay as they are.
func (s *scope) blame(e *entry, name string, field expr, err error) error {
	if err == nil {
		return nil
	}
	var variable *VariableError
	var broken *TemplateError
	if errors.As(err, &variable) || errors.As(err, &broken) {
		return err
	}
	for _, v := range field.variables() {
		if !isBuiltin(v) {
			return s.variableError(v, Invalid, fmt.Sprintf("with it, %q of the template's record %s would not be valid: %v",
				name, show(e.id), err))
		}
	}
	return &TemplateError{Record: e.index, Field: name, Reason: err.Error()}
}

// owner returns the name that a record belongs to, once it is permitted there; the zero Name where that is unknown.
func (s *scope) owner(e *entry) (dnsname.Name, error) {
	name, err := s.ownerName(e)
	switch {
	case err != nil:
		return dnsname.Name{}, err
	case !name.IsValid() && len(s.allow) > 0:
		return name, nil // What is allowed may be this owner.
	}
	return name, s.permit(e, name)
}

func (s *scope) ownerName(e *entry) (dnsname.Name, error) {
	field := s.withoutEmptyHost(e.host)
	if s.endsInFQDN(field) {
		// Earlier editions of the specification had a final dot in %fqdn%; nobody wants the domain twice.
		field = append(slices.Clone(field), segment{text: "."})
	}
	host, err := s.fill(e, "host", field, hostPlace(field))
	if err != nil || s.unknownOwner(e) {
		return dnsname.Name{}, err
	}
	origin := s.fqdn
	if strings.HasSuffix(host, ".") {
		origin = s.domain
	}
	name, err := dnsname.ParseIn(host, origin)
	if err == nil && e.typ == "SRV" {
		name, err = s.serviceOwner(e, name)
	}
	if err == nil && strings.HasPrefix(name.String(), "_dmarc.") && e.typ != "SRV" && !s.keeps(e) {
		err = errors.New("only the owner of a domain sets its DMARC policy")
	}
	return name, s.blame(e, "host", e.host, err)
}

// endsInFQDN reports whether a host is written as %fqdn%, or as something with %fqdn% at its end.
func (s *scope) endsInFQDN(host expr) bool {
	last := len(host) - 1
	return last >= 0 && host[last].variable == "fqdn" && (last == 0 || strings.HasSuffix(host[last-1].text, "."))
}

// serviceOwner puts service and protocol before the name of an SRV record (RFC 2782).
func (s *scope) serviceOwner(e *entry, name dnsname.Name) (dnsname.Name, error) {
	service, err := s.fill(e, "service", e.service, inOwner)
	if err != nil {
		return dnsname.Name{}, err
	}
	protocol, err := s.fill(e, "protocol", e.protocol, inOwner)
	if err != nil {
		return dnsname.Name{}, err
	}
	return dnsname.ParseIn(oneUnderscore(service)+"."+oneUnderscore(protocol), name)
}

// oneUnderscore takes off the underscore of a value that has it already.
func oneUnderscore(label string) string { return "_" + strings.TrimLeft(label, "_") }

// withoutEmptyHost takes %host% out of a name where no host is, together with one of the dots beside it: what is left
// would be no name.
func (s *scope) withoutEmptyHost(name expr) expr {
	if s.host != "" || !slices.ContainsFunc(name, func(part segment) bool { return part.variable == "host" }) {
		return name
	}
	var left expr
	for i, part := range name {
		if part.variable == "host" {
			if last := len(left) - 1; (i == len(name)-1 || !strings.HasPrefix(name[i+1].text, ".")) && last >= 0 && left[last].variable == "" {
				left[last].text = strings.TrimSuffix(left[last].text, ".")
			}
			continue
		}
		if i > 0 && name[i-1].variable == "host" && part.variable == "" {
			part.text = strings.TrimPrefix(part.text, ".")
		}
		left = append(left, part)
	}
	return left
}

// endsAbsolute reports whether a host ends in a variable and a final dot, so that the variable holds the end of an
// absolute name.
func endsAbsolute(host expr) bool {
	last := len(host) - 1
	return last > 0 && host[last].text == "." && host[last-1].variable != "" && !isBuiltin(host[last-1].variable)
}

// record makes the DNS record of an entry. What is known of it is checked, whatever else is unknown.
func (s *scope) record(e *entry) (Record, error) {
	made := Record{ID: e.id, Kind: e.kind, Group: e.group, TXT: e.txt, Unknown: s.unknownParts(e)}
	owner, err := s.owner(e)
	ttl, badTTL := s.number(e, "ttl", e.ttl, maxTTL, DefaultTTL)
	value, badValue := s.content(e)
	if err := errors.Join(err, badTTL, badValue); err != nil {
		return Record{}, err
	}
	if made.Unknown.Attribute(ValuePart).Any() {
		made.Record = record.Record{Domain: s.domain, Owner: owner, Type: record.Type(e.typ), TTL: uint32(ttl)}
		return made, nil
	}
	within := owner
	if made.Unknown.Attribute(OwnerPart).Any() {
		within = s.domain
	}
	made.Record, err = record.New(s.domain, within, record.Type(e.typ), uint32(ttl), value)
	made.Owner = owner
	// The text of a template may name a host of one label; where it leads to itself or to a wildcard, nobody meant that.
	at := made.Parts().Target
	if target := made.CheckTarget(); err == nil && target != nil && (ownVariables(e.value) || at == owner || strings.HasPrefix(at.String(), "*.")) {
		err = target
	}
	if err == nil && e.typ == "TXT" && spf.IsRecord(value) {
		// A second record at one owner is what breaks SPF (RFC 7208 §3.2).
		err = errors.New("it would be an SPF record beside the one of the domain")
	}
	if err != nil && !ownVariables(e.value) && ownVariables(e.host) {
		return made, s.blame(e, "host", e.host, err)
	}
	return made, s.blame(e, e.valueField, e.value, err)
}

// ownVariables reports whether a field has variables that users set.
func ownVariables(field expr) bool {
	return slices.ContainsFunc(field, func(part segment) bool { return part.variable != "" && !isBuiltin(part.variable) })
}

// content returns the value of a record as zone files have it, without quotes around TXT.
func (s *scope) content(e *entry) (string, error) {
	at, all, field := inTarget, allTarget, e.value
	switch e.typ {
	case "TXT":
		at, all = inText, allText
	case "TLSA", "CAA":
		all = allData
	default:
		field = s.withoutEmptyHost(field)
	}
	if field.whole() {
		at = all
	}
	value, err := s.fill(e, e.valueField, field, at)
	if err != nil {
		_, others := s.withNumbers(e, "")
		return "", errors.Join(err, others)
	}
	if len(field) == 1 && field[0].text == "@" {
		value = s.fqdn.String()
	}
	return s.withNumbers(e, value)
}

// withNumbers puts the numbers of MX and SRV before a value.
func (s *scope) withNumbers(e *entry, value string) (string, error) {
	if e.priority == nil {
		return value, nil
	}
	var text []byte
	var errs []error
	for _, n := range [...]struct {
		name  string
		field expr
	}{{"priority", e.priority}, {"weight", e.weight}, {"port", e.port}} {
		if n.field == nil {
			continue
		}
		number, err := s.number(e, n.name, n.field, maxUint16, 0)
		if err != nil {
			errs = append(errs, err)
		}
		text = append(strconv.AppendUint(text, number, 10), ' ')
	}
	return string(append(text, value...)), errors.Join(errs...)
}

// number returns the number of a field; where it is unknown, the one that stands for a missing number.
func (s *scope) number(e *entry, name string, field expr, limit, missing uint64) (uint64, error) {
	if len(field) == 0 {
		return missing, nil
	}
	text, err := s.fill(e, name, field, allNumber)
	if err != nil || s.unknownIn(field) {
		return missing, err
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > limit {
		return 0, s.blame(e, name, field, fmt.Errorf("it must be a whole number from 0 to %d", limit))
	}
	return n, nil
}
