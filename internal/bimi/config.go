package bimi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Config is a record as its owner writes it.
type Config struct {
	Domain      dnsname.Name
	Selector    string // [DefaultSelector] where it is empty
	Logo        string // HTTPS URI of an SVG image
	Certificate string // HTTPS URI of a mark certificate; may be empty
	Avatar      string // brand or personal; may be empty
	Declined    bool   // there is to be no logo
}

// Record returns the record and its owner. Its problems lead to selector, logo, certificate, avatar and declined. It returns
// problem.Problems.
func (c Config) Record() (Record, dnsname.Name, error) {
	var problems problem.Problems
	add := func(attribute, format string, args ...any) {
		problems = append(problems, &problem.Problem{
			Path: problem.Attribute(attribute), Summary: "BIMI record", Detail: problem.Sentence(fmt.Sprintf(format, args...)),
		})
	}
	owner, reason := Owner(c.Selector, c.Domain)
	if reason != "" {
		add("selector", "%s is not a selector: %s", record.ShortQuoted(c.Selector), reason)
	}
	r := Record{Location: c.Logo, Evidence: c.Certificate, Avatar: Avatar(c.Avatar)}
	switch {
	case c.Declined && (c.Logo != "" || c.Certificate != ""):
		add("declined", "a record that declines names neither a logo nor a certificate; leave out `declined`, or the two others")
	case !c.Declined && c.Logo == "":
		add("logo", "it is missing; set `declined = true` for a record that declines a logo")
	}
	if reason := whyNoLogo(c.Logo); c.Logo != "" && reason != "" {
		add("logo", "%s: %s%s", record.ShortQuoted(c.Logo), reason, advice("l", c.Logo, whyNoLogo))
	}
	if reason := whyNoURL(c.Certificate); c.Certificate != "" && reason != "" {
		add("certificate", "%s: %s%s", record.ShortQuoted(c.Certificate), reason, advice("a", c.Certificate, whyNoURL))
	}
	if c.Avatar != "" && !slices.Contains(avatars, r.Avatar) {
		add("avatar", "%s is not one of its values: %s", record.ShortQuoted(c.Avatar), record.OneOf(avatars))
	}
	if err := problems.OrNil(); err != nil {
		return Record{}, dnsname.Name{}, err
	}
	// A semicolon would end the tag.
	r.Location, r.Evidence = strings.ReplaceAll(r.Location, ";", "%3B"), strings.ReplaceAll(r.Evidence, ";", "%3B")
	if len(r.String()) > record.MaxTXT {
		add("logo", "the record has %d octets, and a TXT record holds at most %d", len(r.String()), record.MaxTXT)
	}
	return r, owner, problems.OrNil()
}

// advice says what to write for a URI, where that is accepted.
func advice(tag, text string, why func(string) string) string {
	if meant := mend(tag, text); meant != text && len(meant) <= record.MaxShort && why(meant) == "" {
		return "; write " + record.ShortQuoted(meant)
	}
	return ""
}

// Owner returns the name that the record of a selector stands at. The reason says why the text is no selector.
func Owner(selector string, domain dnsname.Name) (owner dnsname.Name, reason string) {
	selector = cmp.Or(selector, DefaultSelector)
	before, _, found := strings.Cut(strings.ToLower(selector), "."+Label)
	name, err := dnsname.Parse(before)
	isName := err == nil && len(name.Labels()) > 0 && !slices.Contains(name.Labels(), Label) && !slices.Contains(name.Labels(), "*")
	switch {
	case found && isName:
		return dnsname.Name{}, fmt.Sprintf(`it is more than the selector; write %q, the text before "._bimi"`, name)
	case strings.HasSuffix(selector, ".") && isName:
		return dnsname.Name{}, fmt.Sprintf("it ends in a dot; write %q", name)
	case found || !isName:
		return dnsname.Name{}, `it is a label before "._bimi", or several with dots between them, as in "default"`
	}
	owner, err = dnsname.ParseIn(name.String()+"."+Label, domain)
	if err != nil {
		return dnsname.Name{}, "the name of the record is longer than DNS allows (RFC 1035 §2.3.4)"
	}
	return owner, ""
}

// WhyNotShown says why receivers show no logo under a DMARC policy, for the policies that count for the domain and for its
// subdomains; empty where they do.
func WhyNotShown(policy, subdomains string) string {
	switch {
	case policy != "quarantine" && policy != "reject":
		return "receivers show a logo only where the DMARC policy of the domain is quarantine or reject"
	case subdomains == "none":
		return "receivers show no logo where the DMARC policy for subdomains is none"
	}
	return ""
}
