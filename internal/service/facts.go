package service

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Where the bounces of a service's mail go, which decides the name at which receivers look up SPF (RFC 7208 §2.4).
// Other values of [Facts.MailFrom] are hosts below the domain.
const (
	MailFromDomain = "domain" // to the domain itself: its SPF record counts
	MailFromOwn    = "own"    // to a domain of the service's: SPF at the customer's does nothing
)

// Facts are what is known of a service beside its records.
type Facts struct {
	MailFrom   string // [MailFromDomain], [MailFromOwn], a host below the domain, or empty: not known
	DKIMAligns *bool  // whether it signs with the customer's domain, so that DMARC passes (RFC 9989 §4.4.1); nil: not known
	MXPatterns []string
	Recognise  Recognise
	Replaces   []Replaced
}

// Recognise says by what the service is known in the live records of a domain.
type Recognise struct {
	Includes  []string `json:"includes"`  // domains that names which SPF records include lie in, or are
	CNAMEs    []string `json:"cnames"`    // domains that targets of CNAMEs lie in, or are
	MX        []string `json:"mx"`        // domains that MX hosts lie in, or are
	Selectors []string `json:"selectors"` // DKIM selectors that are fixed
}

// Replaced is an older form of a record, which live DNS may still show.
type Replaced struct {
	Type  string `json:"type"` // SPF for terms
	Host  string `json:"host"`
	Value string `json:"value"`
	Note  string `json:"note"` // since when, or what took its place
}

// Source says how a record is known.
type Source struct {
	Documentation string `json:"documentation"` // the page that has the record
	Evidence      string `json:"evidence"`      // V, I, O or ?
	Checked       string `json:"checked"`       // date, as in 2026-11-23
}

// evidences are the marks of how a fact is known.
var evidences = []string{"V", "I", "O", "?"}

// isPattern matches what the field "mx" of an MTA-STS policy may hold (RFC 8461 §3.2).
var isPattern = regexp.MustCompile(`^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)+$`)

// check returns what is wrong with the facts.
func (f *Facts) check() error {
	lists := map[string][]string{
		"mx_patterns": f.MXPatterns, "recognise.includes": f.Recognise.Includes, "recognise.cnames": f.Recognise.CNAMEs, "recognise.mx": f.Recognise.MX,
	}
	for field, names := range lists {
		for _, name := range names {
			if !isPattern.MatchString(name) || field != "mx_patterns" && strings.HasPrefix(name, "*") {
				return extraError(field, fmt.Sprintf("%s is not a name in lower case", show(name)))
			}
		}
	}
	if host := f.MailFrom; host != "" && nameRunes(strings.ReplaceAll(host, "%", "")) != nil {
		return extraError("mail_from", fmt.Sprintf(`%s is neither "domain", "own" nor a host below the domain`, show(host)))
	}
	for _, r := range f.Replaces {
		if r.Type == "" || r.Host == "" || r.Value == "" {
			return extraError("replaces", "an older form lacks its type, host or value")
		}
	}
	return nil
}

// check returns what is wrong with a source; a record without one has the evidence of its template.
func (s Source) check() error {
	if s == (Source{}) {
		return nil
	}
	if !slices.Contains(evidences, s.Evidence) {
		return fmt.Errorf("the evidence must be one of %q", evidences)
	}
	if _, err := time.Parse(time.DateOnly, s.Checked); err != nil {
		return fmt.Errorf("checked must be a date, such as 2026-11-23, and is %s", show(s.Checked))
	}
	if s.Documentation != "" && !isHTTPS(s.Documentation) {
		return fmt.Errorf("the documentation must be an https URL, and is %s", show(s.Documentation))
	}
	return nil
}

// IsDeep reports whether the documentation is a page about something, not the front page of a site or of its help.
func (s Source) IsDeep() bool {
	u, err := url.Parse(s.Documentation)
	if err != nil || !isHTTPS(s.Documentation) {
		return false
	}
	isAbout := func(segment string) bool { return segment != "" && !isFront.MatchString(segment) }
	return u.Fragment != "" || slices.ContainsFunc(strings.Split(u.Path, "/"), isAbout)
}

// isFront matches the parts of the path of a front page: the names of sections, and languages.
var isFront = regexp.MustCompile(`^(help|docs|support|hc|kb|faq|guides|[a-z]{2}(-[A-Za-z]{2})?)$`)

func isHTTPS(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != ""
}

// display makes the texts fit to be shown.
func (s Source) display() Source {
	return Source{Documentation: record.Display(s.Documentation), Evidence: record.Display(s.Evidence), Checked: record.Display(s.Checked)}
}
