package dkim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// keyLabel is the label below which a domain's keys stand (RFC 6376 §3.6.2.1).
const keyLabel = "_domainkey"

// SelectorError says why a selector is none, and what to write in its place.
type SelectorError struct {
	Selector string // as it was given
	Reason   string
}

func (e *SelectorError) Error() string {
	return fmt.Sprintf("selector %s: %s", show(e.Selector), e.Reason)
}

// Selector names one key of a domain (RFC 6376 §3.1): one or more labels, lower case. Selectors are
// comparable with ==; the zero one is invalid.
type Selector struct{ s string }

// IsValid reports whether s is a selector, as every one but the zero one is.
func (s Selector) IsValid() bool { return s.s != "" }

func (s Selector) String() string { return s.s }

// ParseSelector reads a selector, such as "selector1" or "march.paris". It returns a *SelectorError.
func ParseSelector(s string) (Selector, error) {
	fail := func(format string, args ...any) (Selector, error) {
		return Selector{}, &SelectorError{Selector: s, Reason: fmt.Sprintf(format, args...)}
	}
	labels := strings.Split(s, ".")
	for i, label := range labels {
		if !strings.EqualFold(label, keyLabel) {
			continue
		}
		if i == 0 {
			return fail(`it starts with "_domainkey", which is added: write the text before it`)
		}
		return fail(`it is more than the selector: write %s, the text before "._domainkey"`, show(strings.Join(labels[:i], ".")))
	}
	switch {
	case s == "":
		return fail("it is empty: write the label before \"._domainkey\" in the name that the service asks for")
	case strings.ContainsAny(s, " \t\r\n"):
		trimmed := strings.TrimSpace(s)
		if trimmed == "" || strings.ContainsAny(trimmed, " \t\r\n") {
			return fail("it holds a blank, and names have none")
		}
		if _, err := ParseSelector(trimmed); err != nil {
			return fail("it has blanks around it, and is not a selector without them either")
		}
		return fail("it has blanks around it: write %s", show(trimmed))
	case strings.HasSuffix(s, ".") && len(s) > 1:
		trimmed := strings.TrimRight(s, ".")
		if _, err := ParseSelector(trimmed); err != nil {
			return fail("it ends in a dot, and is not a selector without it either")
		}
		return fail("it ends in a dot, and is not a whole name: write %s", show(trimmed))
	case strings.Contains(s, "*"):
		return fail("it is a wildcard, and a key has one name")
	}
	name, err := dnsname.Parse(s)
	if err != nil {
		return fail("it is not one label or more: %v", err)
	}
	if name == dnsname.Root {
		return fail("it is a dot: write the label before \"._domainkey\"")
	}
	return Selector{name.String()}, nil
}

// IsOwner reports whether a name is that of a selector of some domain: labels of the selector, which may be several, then
// _domainkey (RFC 6376 §3.1, §3.6.2.1).
func IsOwner(name dnsname.Name) bool { return slices.Index(name.Labels(), keyLabel) > 0 }

// Owner returns the name that holds the key: <selector>._domainkey.<domain>. It returns a *SelectorError
// where the selector is the whole name, or makes one that is too long.
func (s Selector) Owner(domain dnsname.Name) (dnsname.Name, error) {
	if !s.IsValid() || !domain.IsValid() {
		return dnsname.Name{}, &SelectorError{Selector: s.s, Reason: "there is no selector or no domain"}
	}
	if rest, found := strings.CutSuffix(s.s, "."+domain.String()); found {
		return dnsname.Name{}, &SelectorError{Selector: s.s, Reason: fmt.Sprintf("it ends in the domain, which is added: write %q", rest)}
	}
	owner, err := dnsname.ParseIn(s.s+"."+keyLabel, domain)
	if err != nil {
		return dnsname.Name{}, &SelectorError{Selector: s.s, Reason: err.Error()}
	}
	return owner, nil
}

// Owner is [ParseSelector] and [Selector.Owner] in one.
func Owner(selector string, domain dnsname.Name) (dnsname.Name, error) {
	s, err := ParseSelector(selector)
	if err != nil {
		return dnsname.Name{}, err
	}
	return s.Owner(domain)
}
