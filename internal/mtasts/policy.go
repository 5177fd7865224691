package mtasts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// Mode says what senders do where a mail host fails the policy (RFC 8461 §5).
type Mode string

// The modes.
const (
	Enforce Mode = "enforce" // they do not deliver there
	Testing Mode = "testing" // they deliver, and report
	None    Mode = "none"    // they take the domain for one without a policy
)

// modes are the modes, the strictest first.
var modes = []Mode{Enforce, Testing, None}

// Bounds of max_age, in seconds (RFC 8461 §3.2), and the default of this product.
const (
	MaxMaxAge     = 31557600 // a year
	DefaultMaxAge = 604800   // a week
)

// Policy is the content of a policy file.
type Policy struct {
	Mode   Mode
	MaxAge int64 // seconds for which senders remember the policy
	// MX are the patterns that mail hosts must match: names, or "*." with what stands behind one label. In the order of
	// the file.
	MX []dnsname.Name
	// Other are fields that RFC 8461 does not define, as written, "name: value" each. Senders ignore them.
	Other []string
	// Remarks are sentences about what senders ignore, and about what cannot be meant.
	Remarks []string
}

// String prints the policy file, with CRLF behind each line (RFC 8461 §3.2). It is the inverse of [ParsePolicy], but for
// remarks. The zero Policy is the empty string.
func (p Policy) String() string {
	if p.Mode == "" {
		return ""
	}
	var b strings.Builder
	line := func(name, value string) { b.WriteString(name + ": " + value + "\r\n") }
	line("version", Version)
	line("mode", string(p.Mode))
	for _, mx := range p.MX {
		line("mx", mx.String())
	}
	line("max_age", strconv.FormatInt(p.MaxAge, 10))
	for _, other := range p.Other {
		b.WriteString(other + "\r\n")
	}
	return b.String()
}

// ID returns the id for the record that announces the policy: it is derived from what the policy says, so that the same
// policy has the same id, in whatever order its mail hosts stand, and another policy another one.
func (p Policy) ID() string {
	p.MX = slices.Clone(p.MX)
	slices.SortFunc(p.MX, dnsname.Name.Compare)
	p.MX = slices.Compact(p.MX)
	sum := sha256.Sum256([]byte(p.String()))
	return hex.EncodeToString(sum[:])[:MaxID]
}

// Record returns the record that announces the policy.
func (p Policy) Record() Record { return Record{ID: p.ID()} }

// Matches reports whether a mail host is one that the policy allows: it is one of the patterns, or has one label in place
// of the asterisk of one (RFC 8461 §4.1).
func (p Policy) Matches(host dnsname.Name) bool {
	return host.IsValid() && slices.ContainsFunc(p.MX, func(pattern dnsname.Name) bool {
		behind, wild := strings.CutPrefix(pattern.String(), "*.")
		if !wild {
			return pattern == host
		}
		return host.Parent().String() == behind && host.Labels()[0] != "*"
	})
}

// checkPattern reads a pattern for mail hosts. The reason says why a text is none, and what to write; it is empty where it
// is one.
func checkPattern(text string) (pattern dnsname.Name, reason string) {
	pattern, reason = readPattern(text)
	if reason == "" {
		return pattern, ""
	}
	if name, ok := meantPattern(text); ok {
		reason += fmt.Sprintf("; write %q", name)
	}
	return dnsname.Name{}, reason
}

// readPattern is checkPattern without what to write.
func readPattern(text string) (pattern dnsname.Name, reason string) {
	name, err := dnsname.Parse(text)
	labels := name.Labels()
	switch stars := strings.Count(text, "*"); {
	case text == "":
		return dnsname.Name{}, "it is empty"
	case stars > 1 || stars == 1 && !strings.HasPrefix(text, "*."):
		return dnsname.Name{}, `an asterisk replaces the leftmost label, as in "*.example.com", and no other (RFC 8461 §4.1)`
	case err != nil || len(labels) == 0:
		return dnsname.Name{}, "it is not the name of a mail host"
	case strings.Contains(text, "_"):
		return dnsname.Name{}, "the name of a mail host holds no underscore (RFC 5321 §4.1.2)"
	case strings.Trim(labels[len(labels)-1], "0123456789") == "":
		return dnsname.Name{}, "it is an address, and mail hosts have names"
	case stars == 1 && len(labels) < 3:
		return dnsname.Name{}, "it would allow every host below a top-level domain"
	case len(labels) < 2:
		return dnsname.Name{}, "it has one label, and a mail host has a whole name"
	}
	return name, ""
}

// meantPattern finds the pattern in what people write for one.
func meantPattern(text string) (dnsname.Name, bool) {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "*") {
		behind := strings.TrimLeft(text, "*.")
		name, err := dnsname.Parse("*." + behind)
		if err != nil || len(name.Labels()) < 3 || strings.Count(name.String(), "*") != 1 {
			return dnsname.Name{}, false
		}
		_, reason := readPattern(name.String())
		return name, reason == ""
	}
	name, ok := dnsname.Meant(text)
	if !ok || name.String() == text {
		return dnsname.Name{}, false
	}
	_, reason := readPattern(name.String())
	return name, reason == ""
}
