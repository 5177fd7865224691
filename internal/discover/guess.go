package discover

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// guess returns the service that a fact is likeliest of, and says why it is not taken for it.
func (m *matching) guess(f service.Fact) (id, why string) {
	name := target(f.Value)
	for _, s := range m.senders {
		for _, old := range s.info.Replaces {
			if m.isFormer(f, old) {
				return s.id, fmt.Sprintf("It is an older form of a record of %s: %s.", s.info.Name, strings.TrimSuffix(old.Note, "."))
			}
		}
	}
	if f.Type != record.TXT {
		if s, domain := m.nearest(name); domain != "" {
			return s.id, fmt.Sprintf("The name is in %s, which belongs to %s; %s", domain, s.info.Name, m.whyNot(s, f))
		}
		if s, domain := m.neighbour(name); domain != "" {
			return s.id, fmt.Sprintf("The name is similar to %s, which belongs to %s.", domain, s.info.Name)
		}
	}
	if selector, _, ok := strings.Cut(f.Owner.String(), "._domainkey."); ok {
		for _, s := range m.senders {
			if slices.Contains(s.info.Recognise.Selectors, selector) {
				return s.id, fmt.Sprintf("%s uses the selector %s, but other services may use it too; there is no other evidence.", s.info.Name, selector)
			}
		}
	}
	switch kindOf(f) {
	case Text:
		return "", "A service may use it to verify the domain, or the owner put it there; it is not a mail record."
	case Key:
		return "", "No service of the catalogue has such a key."
	default:
		return "", "No service of the catalogue has it."
	}
}

// whyNot says why a service that a fact lies in the domain of is not found by it.
func (m *matching) whyNot(s sender, f service.Fact) string {
	if f.Type == service.SPFTerm && strings.IndexAny(f.Value, "?~-") == 0 {
		return "the term does not have the qualifier pass, which the service asks for."
	}
	for _, r := range s.info.Records {
		if r.Treatment == service.LeftOut || r.Group == "" {
			continue
		}
		if sameType(r.Type, f.Type) {
			return fmt.Sprintf("none of its groups with this record, such as %q, is live as a whole.", r.Group)
		}
	}
	return "the service has no record of this type."
}

// sameType reports whether a record of a template may be the one of a fact.
func sameType(of string, t record.Type) bool {
	return of == string(t) || of == "SPFM" && t == service.SPFTerm
}

// nearest returns the service that is known by the longest domain that a name lies in.
func (m *matching) nearest(name string) (sender, string) {
	var best sender
	longest := ""
	for _, s := range m.senders {
		if domain := s.recognises(name); len(domain) > len(longest) {
			best, longest = s, domain
		}
	}
	return best, longest
}

// neighbour returns the first service that is known by a name in the same domain of two labels.
func (m *matching) neighbour(name string) (sender, string) {
	parsed, err := dnsname.Parse(name)
	if err != nil || len(parsed.Labels()) < 2 {
		return sender{}, ""
	}
	labels := parsed.Labels()
	parent := strings.Join(labels[len(labels)-2:], ".")
	if len(parent) < len("abc.com") {
		return sender{}, "" // It may be where anybody registers, such as co.uk.
	}
	for _, s := range m.senders {
		for _, domain := range s.domains() {
			if domain == parent || strings.HasSuffix(domain, "."+parent) {
				return s, domain
			}
		}
	}
	return sender{}, ""
}

// isFormer reports whether a fact is an older form of a record.
func (m *matching) isFormer(f service.Fact, old service.Replaced) bool {
	if !sameType(old.Type, f.Type) && !(old.Type == "SPF" && f.Type == service.SPFTerm) {
		return false
	}
	owner := m.domain.String()
	if old.Host != "@" {
		owner = old.Host + "." + owner
	}
	return likeText(owner, f.Owner.String()) && !strings.HasPrefix(old.Value, "%") && likeText(old.Value, f.Value)
}

// likeText reports whether a text is a pattern whose variables may hold anything.
func likeText(pattern, text string) bool {
	parts := strings.Split(strings.ToLower(pattern), "%")
	text = strings.ToLower(text)
	for i := 0; i < len(parts); i += 2 {
		at := strings.Index(text, parts[i])
		if at < 0 || i == 0 && at != 0 {
			return false
		}
		text = text[at+len(parts[i]):]
	}
	return text == "" || len(parts) > 1 && parts[len(parts)-1] == ""
}
