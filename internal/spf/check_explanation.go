package spf

import (
	"context"
	"errors"
	"strings"
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
	return "", nil // also where the time for a check ran out: the verdict stands
}

// explanation fetches the text and expands it.
func (e *evaluation) explanation(ctx context.Context, t *Trace) (string, error) {
	name, ok, err := e.expandName(ctx, t.exp, t.Domain)
	if err != nil || !ok || malformed(name) != "" {
		return "", err
	}
	texts, err := e.ask(ctx, name, TypeTXT)
	if err != nil || len(texts) != 1 {
		return "", err
	}
	segments, err := ExplanationSegments(texts[0])
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
		if b.Len() > MaxLength {
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
