package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Fact holds the answers of the authoritative servers to one question.
type Fact struct {
	Name dnsname.Name
	Type record.Type
	Set  answer.Set
	Err  error // there was no server to ask; Set is empty then
}

// definite returns the first answer, in the order of the servers, that says what there is. Whether the others say the
// same is a check of its own.
func (f Fact) definite() (answer.Answer, bool) {
	for _, a := range f.Set.List {
		if a.Outcome.Definite() {
			return a, true
		}
	}
	return answer.Answer{}, false
}

// undelegated reports whether the zone above says that there is no such domain.
func (f Fact) undelegated() bool {
	lookup, ok := lookupError(f.Err)
	return ok && lookup.Reason == answer.NotDelegated
}

// deadEnd reports whether an alias leads nowhere: its answer is none, or a circle.
func (f Fact) deadEnd() bool {
	return slices.ContainsFunc(f.Set.List, func(a answer.Answer) bool { return len(a.Aliases) > 0 && a.Outcome == answer.Malformed })
}

// Known reports whether the records are known.
func (f Fact) Known() bool {
	_, ok := f.definite()
	return ok || f.undelegated() || f.deadEnd()
}

// Values returns the values that there are.
func (f Fact) Values() []string {
	a, _ := f.definite()
	return a.Values
}

// Absent reports whether it is known that there is nothing.
func (f Fact) Absent() bool { return f.Known() && len(f.Values()) == 0 }

// Missing reports whether the name is known not to exist, nor any name below it (RFC 8020).
func (f Fact) Missing() bool {
	a, ok := f.definite()
	return f.undelegated() || ok && a.Outcome == answer.NXDomain
}

// Aliases returns the names that aliases lead through.
func (f Fact) Aliases() []dnsname.Name {
	for _, a := range f.Set.List {
		if len(a.Aliases) > 0 {
			return a.Aliases
		}
	}
	return nil
}

// unknown returns the reason why the records are not known.
func (f Fact) unknown() string {
	question := fmt.Sprintf("%s %s", f.Type, show(f.Name.String()))
	if f.Err != nil {
		return fmt.Sprintf("DNS did not answer %s: %s.", question, show(strings.TrimSuffix(f.Err.Error(), ".")))
	}
	var outcomes []string
	for _, a := range f.Set.List {
		outcomes = append(outcomes, fmt.Sprintf("%s: %s", show(a.Server.String()), a.Outcome))
	}
	slices.Sort(outcomes)
	if outcomes = slices.Compact(outcomes); len(outcomes) > 3 {
		outcomes = append(outcomes[:3], "…")
	}
	if len(outcomes) == 0 {
		return "DNS was not asked for " + question + "."
	}
	return fmt.Sprintf("DNS did not answer %s (%s).", question, strings.Join(outcomes, "; "))
}

// show makes a text from outside fit to be shown where Markdown is read.
func show(text string) string { return record.Inline(text) }

// shown is [show] for names.
func shown(names ...dnsname.Name) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = n.String()
	}
	return showAll(texts)
}

// maxShown is how many texts a list shows.
const maxShown = 5

// showAll lists texts from outside.
func showAll(texts []string) string {
	shown := make([]string, 0, maxShown+1)
	for i, text := range texts {
		if i == maxShown {
			shown = append(shown, fmt.Sprintf("and %d more", len(texts)-maxShown))
			break
		}
		shown = append(shown, show(text))
	}
	return strings.Join(shown, ", ")
}

// brief shows the beginning of a text from outside.
func brief(text string) string {
	const most = 100
	if len(text) > most {
		return show(text[:most]) + "…"
	}
	return show(text)
}
