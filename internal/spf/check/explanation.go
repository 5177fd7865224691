package check

import (
	"context"
	"errors"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// explain returns what the domain of the record that decided says about a fail (RFC 7208 §6.2), and "" where it says
// nothing or what it says cannot be used. The error is the end of the context.
func (e *evaluation) explain(ctx context.Context, t *Trace) (string, error) {
	if t.exp == "" {
		return "", nil
	}
	text, err := e.explanation(ctx, t)
	switch {
	case err == nil && isPrintable(text):
		return text, nil
	case err != nil && ctx.Err() != nil && !errors.Is(context.Cause(ctx), errTooLong):
		return "", context.Cause(ctx)
	}
	return "", nil // also where the time for a check ran out: the result stands
}

// explanation fetches the text and expands it.
func (e *evaluation) explanation(ctx context.Context, t *Trace) (string, error) {
	name, ok, err := e.expandName(ctx, t.exp, t.Domain)
	if err != nil || !ok || qname.Malformed(name) != "" {
		return "", err
	}
	texts, err := e.ask(ctx, name, spf.TypeTXT)
	if err != nil || len(texts) != 1 {
		return "", err
	}
	segments, err := spf.ExplanationSegments(texts[0])
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, s := range segments {
		text, _, err := e.expandSegment(ctx, s, t.Domain)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
		if b.Len() > spf.MaxLength {
			return "", nil // macros blew it up
		}
	}
	return b.String(), nil
}

// isPrintable reports whether a text may stand in an SMTP reply (RFC 5321 §4.2): an explanation is ASCII (RFC 7208
// §6.2), and what macros put in must not break the line.
func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
