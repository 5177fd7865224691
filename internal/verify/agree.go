package verify

import (
	"errors"
	"fmt"
	"slices"
)

// ErrDisagree is the class of errors about servers that answer differently, or not at all.
var ErrDisagree = errors.New("the servers do not agree")

// Agreed returns the values that every server gives; none where all say that there are none. It returns an
// error that wraps [ErrDisagree] where a server gives others, or no answer that says what there is.
func (a Answers) Agreed() ([]string, error) {
	list := answering(a.List)
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: there is none to ask", ErrDisagree)
	}
	for _, answer := range list {
		switch {
		case !answer.Outcome.Definite():
			text := answer.Outcome.String()
			if answer.Detail != "" {
				text += ": " + answer.Detail
			}
			return nil, fmt.Errorf("%w: %s: %s", ErrDisagree, answer.Server, text)
		case !slices.Equal(answer.Values, list[0].Values):
			return nil, fmt.Errorf("%w: %s answers %s, and %s answers %s", ErrDisagree,
				list[0].Server, describe(list[0]), answer.Server, describe(answer))
		}
	}
	return list[0].Values, nil
}

// describe says what one server answers.
func describe(a Answer) string {
	if a.Outcome != Found {
		return a.Outcome.String()
	}
	return quoteAll(a.Values)
}
