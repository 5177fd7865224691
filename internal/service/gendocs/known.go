package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// known says what is known of a service beside its records, and what is not.
func known(w io.Writer, e entry) {
	var facts, unknown []string
	if bounces := bouncesTo(e); bounces != "" {
		facts = append(facts, bounces)
	} else {
		unknown = append(unknown, "where its mail bounces to, and so whether SPF at the domain has any effect")
	}
	switch {
	case e.DKIMAligns == nil && e.dkim() == "":
		unknown = append(unknown, "by which records it signs with keys of the domain, if it does")
	case e.DKIMAligns == nil:
		unknown = append(unknown, "whether its signatures align with the domain")
	case *e.DKIMAligns:
		facts = append(facts, "Once its keys are published, it signs as the domain, and DMARC passes.")
	default:
		facts = append(facts, "It signs as a domain of its own, so its keys do not make DMARC pass.")
	}
	switch {
	case len(e.MXPatterns) > 0:
		facts = append(facts, "An MTA-STS policy names its hosts by "+codes(e.MXPatterns)+".")
	case e.takesMail():
		unknown = append(unknown, "by which patterns an MTA-STS policy names its hosts")
	}
	for _, old := range e.Replaces {
		facts = append(facts, fmt.Sprintf("Live DNS may still show an older form: the %s record %s with %s, %s.", old.Type, code(old.Host), code(old.Value), old.Note))
	}
	if len(e.weaker()) > 0 {
		unknown = append(unknown, "whether its documentation has the records "+codes(e.weaker()))
	}
	fmt.Fprint(w, "\n## What is known\n\n")
	for _, fact := range facts {
		fmt.Fprintf(w, "- %s\n", fact)
	}
	if len(unknown) > 0 {
		fmt.Fprintf(w, "- Not known: %s.\n", strings.Join(unknown, "; "))
	}
}

// weaker returns the ids of the records that were not read in documentation of the service.
func (e entry) weaker() []string {
	var all []string
	for _, r := range e.records {
		if r.source.Evidence != "V" {
			all = append(all, r.id)
		}
	}
	return all
}

// bouncesTo says where a service's mail bounces to, or nothing where that is not known.
func bouncesTo(e entry) string {
	switch e.MailFrom {
	case "":
		return ""
	case service.MailFromDomain:
		return "Its mail bounces to the domain itself: receivers look up SPF there."
	case service.MailFromOwn:
		return "Its mail bounces to a domain of its own: SPF at the customer's domain has no effect for it."
	}
	return fmt.Sprintf("Its mail bounces to the host %s of the domain: receivers look up SPF there, and SPF at the domain itself has no effect for it.", code(e.MailFrom))
}

// mailFrom says for a table where the service's mail bounces to.
func (e entry) mailFrom() string {
	switch e.MailFrom {
	case "":
		return "?"
	case service.MailFromDomain, service.MailFromOwn:
		return e.MailFrom
	}
	return code(e.MailFrom)
}

// source says how a record is known, with a link to the page that has it.
func source(s service.Source) string {
	text := s.Evidence + ", " + s.Checked
	if !s.IsDeep() {
		return text
	}
	return fmt.Sprintf("[%s](%s)", text, s.Documentation)
}

// defaultOf says what is used where a variable is not set.
func defaultOf(v service.Variable) string {
	if v.DecidedBy != "" {
		return "by " + code(v.DecidedBy)
	}
	return code(v.Default)
}

// together names the values that decide others, and the variables that are set together.
func together(w io.Writer, e entry) {
	for i, v := range e.Variables {
		if len(v.Values) > 0 {
			fmt.Fprintf(w, "\n%s decides the defaults in the table for these values: %s. For any other value, set those variables too.\n", code(v.Name), codes(v.Values))
		}
		isFirst := true
		for _, other := range e.Variables[:i] {
			isFirst = isFirst && !slices.Contains(v.With, other.Name)
		}
		if len(v.With) > 0 && isFirst {
			fmt.Fprintf(w, "\nThe variables %s must be set together, as the service shows them, or not at all.\n", codes(append([]string{v.Name}, v.With...)))
		}
	}
}
