package answer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// ErrDisagree is the class of errors about servers that answer differently, or not at all.
var ErrDisagree = errors.New("the servers do not agree")

// Agreed returns the values that every server gives; none where all say that there are none. It returns an
// error that wraps [ErrDisagree] where a server gives others, or no answer that says what there is.
func (a Set) Agreed() ([]string, error) {
	list := Answering(a.List)
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: there is none to ask", ErrDisagree)
	}
	for _, other := range list {
		switch {
		case !other.Outcome.Definite():
			text := other.Outcome.String()
			if other.Detail != "" {
				text += ": " + other.Detail
			}
			return nil, fmt.Errorf("%w: %s: %s", ErrDisagree, other.Server, text)
		case !slices.Equal(other.Values, list[0].Values):
			return nil, fmt.Errorf("%w: %s answers %s, and %s answers %s", ErrDisagree,
				list[0].Server, describe(list[0]), other.Server, describe(other))
		}
	}
	return list[0].Values, nil
}

// ErrTooFew is the class of errors about servers of which too few answer.
var ErrTooFew = errors.New("too few name servers answer")

// Settled returns the values that every server gives that is heard, and what the silent ones are: at least two servers, or
// all there are, have to be heard. It returns an error that wraps [ErrDisagree] or [ErrTooFew] otherwise.
func (a Set) Settled() (values []string, silent []Answer, err error) {
	heard := a
	heard.List = nil
	names := make(map[dnsname.Name]bool)
	for _, other := range Answering(a.List) {
		if other.Outcome.Silent() {
			silent = append(silent, other)
			continue
		}
		heard.List = append(heard.List, other)
		names[other.Server.Name] = true
	}
	if len(silent) > 0 && len(names) < enough {
		who := "none answers"
		if len(heard.List) > 0 {
			who = "only " + heard.List[0].Server.String() + " answers"
		}
		var texts []string
		for _, a := range silent[:min(len(silent), maxSilent)] {
			texts = append(texts, a.Server.String()+": "+a.Why())
		}
		if more := len(silent) - maxSilent; more > 0 {
			texts = append(texts, fmt.Sprintf("and %d more", more))
		}
		return nil, silent, fmt.Errorf("%w (%s): %s", ErrTooFew, who, strings.Join(texts, "; "))
	}
	values, err = heard.Agreed()
	return values, silent, err
}

const (
	enough    = 2 // servers, where not all are heard
	maxSilent = 3 // that an error names
)

// Why describes the outcome of an answer that is no definite one, with its detail.
func (a Answer) Why() string {
	if a.Detail == "" {
		return a.Outcome.String()
	}
	return a.Outcome.String() + ": " + a.Detail
}

// describe returns the answer of one server as text.
func describe(a Answer) string {
	if a.Outcome != Found {
		return a.Outcome.String()
	}
	return record.InlineAll(a.Values)
}

// Answering leaves out the addresses of a server that stay silent where another of its addresses answers:
// a machine without IPv6 reaches a server by IPv4 alone, and that is the server's word. An address that fails or
// refuses is not left out, since that is its word too.
func Answering(list []Answer) []Answer {
	reached := make(map[dnsname.Name]bool)
	for _, a := range list {
		if a.Server.Name.IsValid() && !a.Outcome.Silent() {
			reached[a.Server.Name] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(a Answer) bool {
		return a.Outcome.Silent() && reached[a.Server.Name]
	})
}
