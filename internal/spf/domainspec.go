package spf

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// domainSpec checks a domain-spec (RFC 7208 §7.1) and returns it in the form of [Term.Domain].
func (p *parser) domainSpec(s string) (string, *fault) {
	if s == "" {
		return "", faultf("7.1", "the name is missing (and no blank may stand before it)")
	}
	if !p.wire && !isASCII(s) && !strings.Contains(s, "%") {
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
			upper = upper || hasUpper(segment.Text)
		}
	}
	if upper {
		s = foldLiterals(s)
	}
	if tail == len(s) {
		return s, p.plausible(s)
	}
	s = strings.TrimSuffix(s, ".")
	if f := domainEnd(s, s[tail:]); f != nil {
		return "", f
	}
	return s, p.plausible(s)
}

// domainEnd checks the text behind the last macro of a domain-spec: it ends in a dot and a top label.
func domainEnd(spec, tail string) *fault {
	dot := strings.LastIndexByte(tail, '.')
	if dot < 0 {
		return faultf("7.1", `%s must end in a dot and a top-level domain, as "mail.example.com" does, or in a macro`, quote(spec))
	}
	top := tail[dot+1:]
	if isTopLabel(top) {
		return nil
	}
	if addr, err := netip.ParseAddr(spec); err == nil {
		return faultf("7.1", "%s is an address, not a name: write %q", quote(spec), "ip4:"+addr.String())
	}
	if name, port, found := strings.Cut(top, ":"); found && strings.Trim(port, "0123456789") == "" {
		return faultf("7.1", "names in SPF take no port: end the name at %s", quote(name))
	}
	return faultf("7.1", "%s ends in %s, which is no top-level domain: that has letters, digits and inner hyphens, and is not all digits", quote(spec), quote(top))
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

// plausible refuses domain-specs that are legal, and that no name in DNS answers to. RFC 7208 §4.3 has a
// receiver go on as if the name did not exist.
func (p *parser) plausible(spec string) *fault {
	if p.wire {
		return nil
	}
	if strings.Contains(spec, "%") {
		if i := strings.IndexAny(spec, `,;"'`); i >= 0 && !strings.Contains(spec[i:], "}") {
			return faultf("7.1", "%s holds %s, which no name has", quote(spec), quote(spec[i:i+1]))
		}
		return nil
	}
	if len(spec) > dnsname.MaxName {
		return faultf("7.1", "%s: %v", quote(spec), dnsname.ErrNameLength)
	}
	start := 0
	for i := 0; i <= len(spec); i++ {
		if i < len(spec) && spec[i] != '.' {
			if c := spec[i]; !isAlphanumeric(c) && c != '-' && c != '_' {
				return faultf("7.1", "%s holds %s, which no name of a host or a record has", quote(spec), quote(string(rune(c))))
			}
			continue
		}
		switch {
		case i == start:
			return faultf("7.1", "%s: %v", quote(spec), dnsname.ErrEmptyLabel)
		case i-start > dnsname.MaxLabel:
			return faultf("7.1", "%s: %v", quote(spec), dnsname.ErrLabelLength)
		}
		start = i + 1
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
		return "", faultf("7.1", "%s: %v", quote(s), parse.Err)
	}
	return "", faultf("7.1", "%v", err)
}

// foldLiterals lower-cases the plain text of a well-formed domain-spec. Macros keep their case, which has a meaning.
func foldLiterals(s string) string {
	b := []byte(s)
	for i := 0; i < len(b); i++ {
		if b[i] != '%' {
			b[i] = lower(b[i])
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

func hasUpper(s string) bool {
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
