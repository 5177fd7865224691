package spf

import (
	"errors"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// domainSpec checks a domain-spec (RFC 7208 §7.1) and returns it in the form of [Directive.Domain].
func (p *parser) domainSpec(s string) (string, *fault) {
	if s == "" {
		return "", faultf("7.1", "the name is missing (and a blank must not precede it)")
	}
	if !p.wire && !qname.IsASCII(s) && !strings.Contains(s, "%") {
		var f *fault
		if s, f = toASCII(s); f != nil {
			return "", f
		}
	}
	macros := macroString{letters: domainLetters}
	tail, upper := 0, false // where the text behind the last macro starts; whether there is something to fold
	for offset := 0; offset < len(s); {
		segment, f := macros.next(s[offset:])
		if f != nil {
			return "", f
		}
		offset += len(segment.Text)
		if segment.Text[0] == '%' {
			tail = offset
		} else {
			upper = upper || qname.HasUpper(segment.Text)
		}
	}
	if upper {
		s = foldLiterals(s)
	}
	if tail == len(s) {
		return s, p.plausible(s)
	}
	s = strings.TrimSuffix(s, ".")
	if f := p.domainEnd(s, s[tail:]); f != nil {
		return "", f
	}
	return s, p.plausible(s)
}

// domainEnd checks the text behind the last macro of a domain-spec: it ends in a dot and a top label.
func (p *parser) domainEnd(spec, tail string) *fault {
	dot := strings.LastIndexByte(tail, '.')
	if dot < 0 {
		return faultf("7.1", `%s must end in a dot and a top-level domain, as "mail.example.com" does, or in a macro`, Quote(spec))
	}
	top := tail[dot+1:]
	switch {
	case isTopLabel(top) && !p.wire && gluedTopLabel(top):
		return faultf("7.1", "%s ends in %s, and no top-level domain has a hyphen but those that start with %q", Quote(spec), Quote(top), aLabelPrefix)
	case isTopLabel(top):
		return nil
	}
	return faultf("7.1", "%s ends in %s, which is not a top-level domain: one has letters, digits and inner hyphens, and is not all digits", Quote(spec), Quote(top))
}

// isTopLabel reports whether s is a toplabel (RFC 7208 §7.1).
func isTopLabel(s string) bool {
	if s == "" || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	numeric := true
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && s[i] != '-' {
			return false
		}
		numeric = numeric && isDigit(s[i])
	}
	return !numeric
}

// aLabelPrefix starts the labels that stand for Unicode (RFC 5890 §2.3.1).
const aLabelPrefix = "xn--"

// gluedTopLabel reports whether a toplabel is none that exists: those that do have a hyphen only as A-labels. The most
// likely cause is a term that follows without a blank.
func gluedTopLabel(top string) bool {
	if !hasPrefixFold(top, aLabelPrefix) {
		return strings.Contains(top, "-")
	}
	last := strings.LastIndexByte(top, '-')
	m, ok := findMechanism(top[last+1:])
	return ok && last >= len(aLabelPrefix) && (m == MechAll || m == MechA || m == MechMX || m == MechPTR)
}

// plausible refuses domain-specs that are legal, and that no name in DNS answers to. RFC 7208 §4.3 has a
// receiver go on as if the name did not exist.
func (p *parser) plausible(spec string) *fault {
	if p.wire {
		return nil
	}
	if strings.Contains(spec, "%") {
		return plausibleMacros(spec)
	}
	if len(spec) > dnsname.MaxName {
		return faultf("7.1", "%s: %v", Quote(spec), dnsname.ErrNameLength)
	}
	start := 0
	for i := 0; i <= len(spec); i++ {
		if i < len(spec) && spec[i] != '.' {
			if c := spec[i]; !isAlphanumeric(c) && c != '-' && c != '_' {
				return faultf("7.1", "%s holds %s, which no name of a host or a record has", Quote(spec), Quote(string(rune(c))))
			}
			continue
		}
		switch {
		case i == start:
			return faultf("7.1", "%s: %v", Quote(spec), dnsname.ErrEmptyLabel)
		case i-start > dnsname.MaxLabel:
			return faultf("7.1", "%s: %v", Quote(spec), dnsname.ErrLabelLength)
		case spec[start] == '-' || spec[i-1] == '-':
			return faultf("7.1", "%s: %v", Quote(spec), dnsname.ErrHyphen)
		}
		start = i + 1
	}
	return nil
}

// plausibleMacros refuses what no name has in the text around the macros of a domain-spec.
func plausibleMacros(spec string) *fault {
	macros := macroString{letters: domainLetters}
	for offset := 0; offset < len(spec); {
		segment, f := macros.next(spec[offset:])
		if f != nil {
			return f
		}
		offset += len(segment.Text)
		never := ":"
		if offset == len(spec) {
			never = `:/,;?~+"'`
		}
		if segment.Text[0] == '%' {
			continue
		}
		if i := strings.IndexAny(segment.Text, never); i >= 0 {
			return faultf("7.1", "%s holds %s, which no name has", Quote(spec), Quote(segment.Text[i:i+1]))
		}
		if _, bare := CutQualifier(segment.Text); offset == len(segment.Text) && bare != segment.Text {
			return faultf("7.1", "%s starts with %s, which no name does", Quote(spec), Quote(segment.Text[:1]))
		}
		if strings.Contains(segment.Text, ".-") || strings.Contains(segment.Text, "-.") {
			return faultf("7.1", "%s: %v", Quote(spec), dnsname.ErrHyphen)
		}
	}
	return nil
}

// toASCII turns a name with Unicode labels into A-labels.
func toASCII(s string) (string, *fault) {
	// Quotation marks would make a valid A-label as UTS #46 maps names, and
	// invisible characters would go away in silence.
	for i, r := range s {
		if _, known := lookalike(r); known {
			return "", characterFault(s[i:])
		}
	}
	name, err := dnsname.Parse(s)
	if err == nil {
		return name.String(), nil
	}
	if parse, ok := errors.AsType[*dnsname.ParseError](err); ok {
		return "", faultf("7.1", "%s: %v", Quote(s), parse.Err)
	}
	return "", faultf("7.1", "%v", err)
}

// foldLiterals lower-cases the plain text of a well-formed domain-spec. Macros keep their case, which has a meaning.
func foldLiterals(s string) string {
	b := []byte(s)
	for i := 0; i < len(b); i++ {
		if b[i] != '%' {
			b[i] = qname.Lower(b[i])
			continue
		}
		if b[i+1] != '{' {
			i++ // the second character of %%, %_ or %-
			continue
		}
		i += strings.IndexByte(s[i:], '}')
	}
	return string(b)
}
