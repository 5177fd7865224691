package service

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"unicode"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// A place is where in a record a variable stands, which decides what its value may hold: nothing that would
// change how the record reads.
type place int

const (
	inOwner    place = iota // a part of the owner's name
	endOfOwner              // the end of an absolute name of an owner
	allOwner                // the whole of "host" or "name"
	inTarget                // a part of a name or an address that the record leads to
	inTerm                  // a part of an SPF term, or one term of several
	inAddress               // the argument of ip4 and ip6
	inText                  // a part of the text of a TXT record, or of other data
	allTarget               // the whole of "pointsTo" or "target"
	allText                 // the whole text of a TXT record
	allData                 // the whole data of another type
	allTerms                // all rules of an SPF record
	allNumber               // a number
)

// value returns what a variable stands for at a spot, and nothing where that is unknown.
func (s *scope) value(name string, sp spot) (string, error) {
	if v, ok := s.builtin(name); ok {
		return v, nil
	}
	if s.isUnknown(name) {
		return "", nil
	}
	v := s.valueOf(name)
	if v == "" {
		var err error
		if v, err = s.fallback(name); err != nil {
			return "", err
		}
	}
	if standsForAValue(v) {
		return "", s.variableError(name, Invalid, "it is a placeholder, which stands for the value that the service gives you")
	}
	described, _ := s.variables.find(name)
	right, err := s.checked(v, described.Kind, sp)
	if err != nil {
		return "", s.variableError(name, Invalid, s.advise(name, v, described.Kind, err).Error())
	}
	return right, nil
}

// inMarks matches a text in the marks that examples have around what is to be filled in.
var inMarks = regexp.MustCompile(`^(?:<[^<>]+>|\[[^\[\]]+\]|\{+[^{}]+\}+|\$\{[^{}]+\})$`)

// standsForAValue reports whether a text is what an example has in place of a value, such as "…", "..." and "<selector>".
func standsForAValue(v string) bool {
	v = strings.TrimSpace(v)
	dots := strings.Contains(v, "…") || strings.Contains(v, "...")
	return dots && strings.Trim(v, ".…") == "" || inMarks.MatchString(v)
}

// checkKind holds a value against what our own template says of it, and brings it to its canonical form.
func (s *scope) checkKind(v string, kind VariableKind) (string, error) {
	if kind == "" {
		return v, nil
	}
	if err := plain(v); err != nil {
		return "", err
	}
	switch kind {
	case KindDomain:
		return checkDomain(v)
	case KindSelector:
		selector, err := dkim.ParseSelector(v)
		if err != nil {
			return "", err
		}
		return selector.String(), nil
	case KindHost:
		name, err := dnsname.Parse(v)
		if err != nil {
			return "", err
		}
		return name.String(), s.checkRelative(name.String())
	case KindLabel:
		if label, _, more := strings.Cut(v, "."); more {
			return "", fmt.Errorf("it must be one label: write %s", show(label))
		}
		return v, nameRunes(v)
	case KindToken:
		return v, everyRune(v, func(c rune) bool { return c > ' ' && c < 0x7f }, "printable ASCII without blanks")
	case KindDKIM:
		key, _, err := dkim.ParsePasted(v)
		if err != nil {
			return "", err
		}
		return key.String(), nil
	}
	return v, nil
}

// checkDomain reads an absolute name. People paste the whole term or record that it stands in.
func checkDomain(v string) (string, error) {
	if strings.ContainsAny(v, ":/@ ") {
		return "", errors.New("it must be a domain name alone")
	}
	name, err := dnsname.ParseForeign(v)
	switch {
	case err != nil:
		return "", err
	case name == dnsname.Root || strings.HasPrefix(name.String(), "*"):
		return "", errors.New("it must be the name of one host or domain")
	case len(name.Labels()) == 1:
		return "", errors.New("it has one label, and must be a whole name")
	}
	if once, doubled := name.Doubled(); doubled {
		return "", fmt.Errorf("it ends in the same name twice: write %s", show(once.String()))
	}
	return name.String(), nil
}

// checkRelative refuses a name that is the domain or ends in it, which would be appended once more.
func (s *scope) checkRelative(v string) error {
	lower := strings.ToLower(v)
	for _, zone := range []string{s.fqdn.String(), s.domain.String()} {
		if lower == zone {
			return fmt.Errorf("it is relative to %s, which is appended: write a host below the domain", zone)
		}
		if relative, found := strings.CutSuffix(lower, "."+zone); found {
			return fmt.Errorf("it is relative to %s, which is appended: write %s", zone, show(relative))
		}
	}
	return nil
}

// checkOwner holds a whole host against the ways in which one is written: "@" for the root, a relative name, or an
// absolute one with its final dot.
func (s *scope) checkOwner(v string) error {
	if v == "@" {
		return nil
	}
	if absolute, ok := strings.CutSuffix(v, "."); ok {
		return nameRunes(absolute)
	}
	if err := nameRunes(v); err != nil {
		return err
	}
	return s.checkRelative(v)
}

// checkPlace holds a value against the place it stands at.
func (s *scope) checkPlace(v string, at place) (string, error) {
	if err := plain(v); err != nil {
		return "", err
	}
	switch at {
	case inOwner:
		if err := nameRunes(v); err != nil {
			return "", err
		}
		return v, s.checkRelative(v)
	case allOwner:
		return v, s.checkOwner(v)
	case inTarget, endOfOwner:
		return v, nameRunes(v)
	case inTerm:
		if err := nameRunes(v); err != nil {
			return "", err
		}
		return toASCII(v)
	case inAddress:
		return v, checkAddress(v)
	case inText:
		return v, everyRune(v, isTokenRune, "letters, digits and - _ . + / = : @")
	case allText:
		return checkText(v)
	case allTarget:
		return v, everyRune(v, func(c rune) bool { return c != ' ' && c != '"' && c != '\\' }, "a name or an address")
	case allNumber:
		return v, everyRune(v, func(c rune) bool { return c >= '0' && c <= '9' }, "digits")
	}
	return v, nil
}

// plain refuses what no value holds: what cannot be seen, and blanks at its ends.
func plain(v string) error {
	if strings.TrimSpace(v) != v {
		return errors.New("it has blanks or a line break around it; trimspace() drops them")
	}
	if at, hidden := unprintable(v); hidden {
		return fmt.Errorf("octet %d is a line break, another control or invisible character, or no UTF-8", at)
	}
	return nil
}

// nameRunes refuses what names do not hold. Letters of other scripts are converted with the whole name.
func nameRunes(v string) error {
	if v == "" || v[0] == '.' || v[len(v)-1] == '.' || strings.Contains(v, "..") {
		return errors.New("it has a dot at its start or end, or two in a row")
	}
	return everyRune(v, func(c rune) bool {
		return c == '-' || c == '_' || c == '.' || c < 0x80 && isAlphanumeric(byte(c)) ||
			c >= 0x80 && (unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c))
	}, "letters, digits, hyphens, underscores and dots")
}

func isTokenRune(c rune) bool {
	return c < 0x80 && (isAlphanumeric(byte(c)) || strings.ContainsRune("-_.+/=:@", c))
}

func everyRune(v string, ok func(rune) bool, what string) error {
	for i, c := range v {
		if !ok(c) {
			return fmt.Errorf("octet %d, %q, must not be there; it may hold %s", i+1, c, what)
		}
	}
	return nil
}

func toASCII(v string) (string, error) {
	if strings.IndexFunc(v, func(c rune) bool { return c >= 0x80 }) < 0 {
		return v, nil
	}
	name, err := dnsname.Parse(v)
	if err != nil {
		return "", err
	}
	return name.String(), nil
}

// checkAddress reads an address or a prefix.
func checkAddress(v string) error {
	if _, err := netip.ParsePrefix(v); err == nil {
		return nil
	}
	if addr, err := netip.ParseAddr(v); err == nil && addr.Zone() == "" {
		return nil
	}
	return errors.New("it must be an IP address, such as 192.0.2.1, or a prefix, such as 192.0.2.0/24")
}

// checkText reads the text of a TXT record. Quotes of a zone file are taken off.
func checkText(v string) (string, error) {
	if strings.HasPrefix(v, `"`) {
		joined, ok := record.Strings(v)
		if !ok {
			return "", errors.New("it starts with a quote; leave the quotes of the zone file out")
		}
		v = joined
		if err := plain(v); err != nil {
			return "", err
		}
	}
	switch {
	case len(v) > record.MaxTXT:
		return "", fmt.Errorf("it has %d octets, and a TXT record holds at most %d", len(v), record.MaxTXT)
	case spf.IsRecord(v):
		// A second record at one owner is what breaks SPF (RFC 7208 §3.2).
		return "", errors.New("it is an SPF record, which must be merged into the one of the domain: give its terms as `mechanisms`")
	}
	return v, nil
}
