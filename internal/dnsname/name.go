// Package dnsname has one canonical form for absolute domain names.
//
// A [Name] is lower case, in A-labels (RFC 5890) and without its final dot, so that two names
// are the same name exactly when they compare equal with ==. The zero Name is invalid.
package dnsname

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
)

// Limits of RFC 1035 §2.3.4, in octets. MaxName counts the presentation form without its final
// dot: 255 octets on the wire hold two more, the first length octet and the root.
const (
	MaxLabel = 63
	MaxName  = 253
)

// Errors that [Parse] and its companions wrap in a [*ParseError].
var (
	ErrEmpty       = errors.New("the name is empty")
	ErrEmptyLabel  = errors.New("a label is empty (two dots in a row, or a dot at the start)")
	ErrLabelLength = fmt.Errorf("a label is longer than %d octets (RFC 1035 §2.3.4)", MaxLabel)
	ErrNameLength  = fmt.Errorf("the name is longer than %d octets (RFC 1035 §2.3.4)", MaxName)
	ErrCharacter   = errors.New("a label holds a character that host names cannot have")
	ErrHyphen      = errors.New("a label starts or ends with a hyphen (RFC 1123 §2.1)")
	ErrIDNA        = errors.New("a label is not a valid internationalised name (RFC 5891)")
	ErrOutside     = errors.New("the name lies outside the domain")
)

// ParseError says which name is invalid, which label of it, and why.
type ParseError struct {
	Name  string // as it was given
	Label string // the label at fault; empty where the whole name is
	Err   error  // one of the Err values of this package
}

func (e *ParseError) Error() string {
	// Names are of any length here: a search for keys is left to the last. Where there is one, the label is part of it.
	if e.Label == "" || e.Label == e.Name || display.HideKeys(e.Name) != e.Name {
		return fmt.Sprintf("%s: %v", shown(e.Name), e.Err)
	}
	return fmt.Sprintf("%s, label %s: %v", shown(e.Name), shown(e.Label), e.Err)
}

// shown quotes a text that may come from anywhere.
func shown(s string) string { return `"` + display.Text(s, MaxName) + `"` }

func (e *ParseError) Unwrap() error { return e.Err }

// Name is an absolute domain name in canonical form. Names are comparable with ==.
type Name struct{ s string }

// Root is the DNS root.
var Root = Name{"."}

// profile maps Unicode names to A-labels as browsers and registries look them up. Its own rules for
// ASCII are off: underscores start every second label of mail records.
var profile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.StrictDomainName(false))

// Parse reads an absolute name as people write one: in any case, with or without a final dot, in
// Unicode or A-labels. Labels hold letters, digits, hyphens and underscores; the leftmost may be
// "*". It returns a *ParseError otherwise.
func Parse(s string) (Name, error) { return parse(s, true) }

// ParseForeign is [Parse] for a name that another made up: what looks like an A-label is taken as it is. Mail hosts
// spell a customer's domain with hyphens, so that xn--bcher-kva.example becomes the label xn--bcher-kva-example,
// which no IDNA encodes.
func ParseForeign(s string) (Name, error) { return parse(s, false) }

func parse(s string, validALabels bool) (Name, error) {
	if s == "." {
		return Root, nil
	}
	ascii := strings.TrimSuffix(s, ".")
	if ascii == "" {
		return Name{}, &ParseError{Name: s, Err: ErrEmpty}
	}
	// No name that fits as A-labels is longer than this in UTF-8, and converting takes time that grows
	// with the square of the length.
	if len(ascii) > 4*MaxName {
		return Name{}, &ParseError{Name: s[:MaxName] + "…", Err: ErrNameLength}
	}
	if !isASCII(ascii) {
		if strings.ContainsFunc(ascii, notInNames) {
			return Name{}, &ParseError{Name: s, Err: ErrCharacter}
		}
		mapped, err := profile.ToASCII(ascii)
		if err != nil {
			return Name{}, &ParseError{Name: s, Err: ErrIDNA}
		}
		ascii = strings.TrimSuffix(mapped, ".")
	}
	ascii = strings.ToLower(ascii)
	if len(ascii) > MaxName {
		return Name{}, &ParseError{Name: s, Err: ErrNameLength}
	}
	for i, label := range strings.Split(ascii, ".") {
		if err := checkLabel(label, i == 0, validALabels); err != nil {
			return Name{}, &ParseError{Name: s, Label: label, Err: err}
		}
	}
	return Name{ascii}, nil
}

// MustParse is [Parse] for names that are known to be valid; it panics otherwise.
func MustParse(s string) Name {
	n, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return n
}

// ParseIn reads a name relative to origin, as zone files have them: "@" or nothing is the origin
// itself, "a" is a.origin, and a name with a final dot is absolute and must lie at or below the
// origin.
func ParseIn(s string, origin Name) (Name, error) {
	if s == "" || s == "@" {
		return origin, nil
	}
	full := s
	if !strings.HasSuffix(s, ".") {
		full = s + "." + origin.s
		if origin == Root {
			full = s + "."
		}
	}
	n, err := Parse(full)
	if err != nil {
		if parse, ok := errors.AsType[*ParseError](err); ok {
			parse.Name = s
		}
		return Name{}, err
	}
	if !n.IsIn(origin) {
		return Name{}, &ParseError{Name: s, Err: ErrOutside}
	}
	return n, nil
}

// FromDNS takes a name in presentation form as a DNS library prints it. Unlike [Parse] it accepts
// whatever DNS can carry (RFC 2181 §11), escapes included; only the case and the final dot change.
// It returns the zero Name for an empty string.
func FromDNS(s string) Name {
	if s == "." {
		return Root
	}
	if strings.HasSuffix(s, ".") && !strings.HasSuffix(s, `\.`) {
		s = s[:len(s)-1]
	}
	return Name{strings.ToLower(s)}
}

func checkLabel(label string, first, validALabel bool) error {
	switch {
	case label == "":
		return ErrEmptyLabel
	case len(label) > MaxLabel:
		return ErrLabelLength
	case first && label == "*":
		return nil
	}
	for _, c := range []byte(label) {
		if !isNameByte(c) {
			return ErrCharacter
		}
	}
	if label[0] == '-' || label[len(label)-1] == '-' {
		return ErrHyphen
	}
	if validALabel && strings.HasPrefix(label, "xn--") {
		if _, err := profile.ToUnicode(label); err != nil {
			return ErrIDNA
		}
	}
	return nil
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// notInNames reports whether a character outside ASCII has no place in a name. UTS 46 lets many pass that
// RFC 5892 does not, such as the quotation marks that word processors put around a pasted name. Letters,
// marks and digits pass, the characters that have rules of their own (RFC 5892 appendix A), and the full
// stops that separate labels in East Asian writing.
func notInNames(r rune) bool {
	return r > unicode.MaxASCII && r != utf8.RuneError && !unicode.In(r, unicode.L, unicode.M, unicode.Nd) &&
		!strings.ContainsRune("\u00b7\u0375\u05f3\u05f4\u200c\u200d\u30fb\u3002\uff0e\uff61", r)
}

func isASCII(s string) bool {
	return !slices.ContainsFunc([]byte(s), func(c byte) bool { return c >= 0x80 })
}

// IsValid reports whether n is a name, as every Name but the zero one is.
func (n Name) IsValid() bool { return n.s != "" }

// String returns the name without its final dot; the root is ".".
func (n Name) String() string { return n.s }

// Dotted returns the name with its final dot, as zone files and CNAME targets have it.
func (n Name) Dotted() string {
	if n.s == "" || n == Root {
		return n.s
	}
	return n.s + "."
}

// Labels returns the labels from the left; the root and the zero Name have none.
func (n Name) Labels() []string {
	if n.s == "" || n == Root {
		return nil
	}
	var labels []string
	start := 0
	for i := 0; i < len(n.s); i++ {
		switch n.s[i] {
		case '\\': // An escaped dot does not end a label (RFC 1035 §5.1).
			i++
		case '.':
			labels = append(labels, n.s[start:i])
			start = i + 1
		}
	}
	return append(labels, n.s[start:])
}

// Parent returns the name without its leftmost label. The parent of a top-level domain is the
// root; the root and the zero Name have none, and return the zero Name.
func (n Name) Parent() Name {
	labels := n.Labels()
	switch len(labels) {
	case 0:
		return Name{}
	case 1:
		return Root
	}
	return Name{n.s[len(labels[0])+1:]}
}

// IsIn reports whether n is zone itself or lies below it. It is false where either is invalid.
func (n Name) IsIn(zone Name) bool {
	if !n.IsValid() || !zone.IsValid() {
		return false
	}
	if zone == Root || n == zone {
		return true
	}
	if !strings.HasSuffix(n.s, "."+zone.s) {
		return false
	}
	// What looks like the boundary may be an escaped dot, part of a label.
	own, theirs := n.Labels(), zone.Labels()
	return len(own) > len(theirs) && slices.Equal(own[len(own)-len(theirs):], theirs)
}

// In returns n relative to zone, "@" for the zone itself, and false where n lies outside it.
func (n Name) In(zone Name) (string, bool) {
	switch {
	case !n.IsIn(zone):
		return "", false
	case n == zone:
		return "@", true
	case zone == Root:
		return n.s, true
	}
	return n.s[:len(n.s)-len(zone.s)-1], true
}

// Compare orders names by their text, so that lists of them are stable.
func (n Name) Compare(other Name) int { return cmp.Compare(n.s, other.s) }
