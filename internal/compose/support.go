package compose

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// Support holds the facts about a domain that the support of a mail service asks for.
type Support struct {
	Domain  dnsname.Name
	Service string     // its key in `services`; empty: the message names no service
	Records record.Set // of which those of the domain, and of no other service, are named
	Report  string     // of a validation; empty: they were not compared with live DNS
}

// Message returns the message to the support of the service, which then checks and completes the set-up on its side.
func (s Support) Message() string {
	records := s.records()
	if len(records) == 0 {
		return fmt.Sprintf("%s has no mail DNS records%s.", s.Domain, s.forService())
	}
	var b strings.Builder
	b.WriteString(s.opening())
	fmt.Fprintf(&b, "\n\nDomain: %s\n", s.Domain)
	if selectors := s.selectors(records); len(selectors) > 0 {
		label := "selector"
		if len(selectors) > 1 {
			label = "selectors"
		}
		fmt.Fprintf(&b, "DKIM %s: %s\n", label, strings.Join(selectors, ", "))
	}
	for _, key := range records {
		r := s.Records[key]
		fmt.Fprintf(&b, "- %s %s %s\n", r.Owner, r.Type, record.Inline(r.Value))
	}
	if report := strings.TrimSpace(s.Report); report != "" {
		fmt.Fprintf(&b, "\nCompared with live DNS: %s", display.Defuse(display.HideKeys(printable(report))))
	} else {
		b.WriteString("\nThe records have not been compared with live DNS.")
	}
	return b.String()
}

// printable escapes control characters and those that change the direction of text.
func printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || unicode.IsPrint(r) && r != unicode.ReplacementChar {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
}

// forService names the service.
func (s Support) forService() string {
	if s.Service == "" {
		return ""
	}
	if template, err := service.Builtin(s.Service); err == nil {
		return " for " + template.Info().Name
	}
	return " for " + record.Inline(s.Service)
}

// counted reads the first line of a report.
var counted = regexp.MustCompile(`^(\d+) of (\d+) records? match`)

func (s Support) opening() string {
	of := "The mail DNS records of " + s.Domain.String() + s.forService()
	switch m := counted.FindStringSubmatch(strings.TrimSpace(s.Report)); {
	case m == nil:
		return of + " are as follows."
	case m[1] != m[2]:
		return of + " do not all match. Below are the wanted records, and the answers of live DNS."
	}
	return of + " are published. Please " + s.ask() + "."
}

// ask returns the request to the service once the records are live.
func (s Support) ask() string {
	if template, err := service.Builtin(s.Service); err == nil && template.Info().Support != "" {
		return template.Info().Support
	}
	return "validate them on your side and complete the set-up"
}

// records returns the keys of the records that the message names, sorted: those of the service, and those that services
// share. A service that asks for SPF alone has no record of its own.
func (s Support) records() []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(s.Records)) {
		rest, ok := strings.CutPrefix(key, s.Domain.String()+"/")
		source, _, _ := strings.Cut(rest, "/")
		if ok && (s.Service == "" || source == s.Service || source == "spf" || source == "keys") {
			keys = append(keys, key)
		}
	}
	return keys
}

// selectors returns the DKIM selectors of records, sorted.
func (s Support) selectors(keys []string) []string {
	var selectors []string
	for _, key := range keys {
		if selector, _, ok := strings.Cut(s.Records[key].Owner.String(), "._domainkey."); ok {
			selectors = append(selectors, selector)
		}
	}
	slices.Sort(selectors)
	return slices.Compact(selectors)
}
