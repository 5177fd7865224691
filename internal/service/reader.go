package service

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// The largest numbers in records.
const (
	maxUint16 = 1<<16 - 1
	maxTTL    = 1<<31 - 1 // RFC 2181 §8
)

// reader takes the fields out of one record. It keeps the first error, so that callers read field after field
// and look once.
type reader struct {
	index  int
	object object
	err    error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) refuse(field, format string, args ...any) {
	r.fail(&TemplateError{Record: r.index, Field: field, Reason: fmt.Sprintf(format, args...)})
}

// text returns a field, empty where it is missing. No field of a record holds control characters.
func (r *reader) text(field string) string {
	s, err := r.object.text(r.index, field)
	if err != nil {
		r.fail(err)
	}
	if i := strings.IndexFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f }); i >= 0 {
		r.refuse(field, "octet %d is a control character", i+1)
	}
	return s
}

func (r *reader) required(field string) string {
	s := r.text(field)
	if s == "" {
		r.refuse(field, "it is missing or empty, and this type of record needs it")
	}
	return s
}

// one returns the first of some fields that the record has, and its name.
func (r *reader) one(fields ...string) (expr, string) {
	for _, field := range fields {
		if s := r.text(field); s != "" {
			return parseExpr(s), field
		}
	}
	return parseExpr(r.required(fields[0])), fields[0]
}

// number reads a field that is a number or, as a whole, a variable.
func (r *reader) number(field string, required bool, limit uint64) expr {
	s := r.text(field)
	if required {
		s = r.required(field)
	}
	if s == "" {
		return nil
	}
	e := parseExpr(s)
	if e.whole() {
		return e
	}
	if n, err := strconv.ParseUint(s, 10, 64); err != nil || n > limit {
		r.refuse(field, "%s must be a whole number from 0 to %d, or one variable", show(s), limit)
	}
	return e
}

// srv reads the fields of an SRV record, whose owner is _service._protocol.name (RFC 2782).
func (r *reader) srv(e *entry) {
	if name := r.text("name"); name != "" {
		e.host = parseExpr(name)
	}
	e.service = parseExpr(underscored(r.required("service")))
	e.protocol = parseExpr(underscored(r.required("protocol")))
	e.value, e.valueField = r.one("target", "pointsTo")
	e.priority = r.number("priority", true, maxUint16)
	e.weight = r.number("weight", true, maxUint16)
	e.port = r.number("port", true, maxUint16)
}

func underscored(label string) string {
	if strings.HasPrefix(label, "_") {
		return label
	}
	return "_" + label
}

// txt reads the data of a TXT record. It is in presentation form (RFC 1035 §5.1), where the quotes of a
// single string may be left out.
func (r *reader) txt() expr {
	data := r.required("data")
	if strings.HasPrefix(data, `"`) {
		joined, ok := unquote(data)
		if !ok {
			r.refuse("data", `it starts with a quote, and is not a list of quoted strings`)
		}
		data = joined
	} else {
		data = record.Unescape(data)
	}
	if i := strings.IndexFunc(data, func(c rune) bool { return c < ' ' || c == 0x7f }); i >= 0 {
		r.refuse("data", "octet %d is a control character", i+1)
	}
	return parseExpr(data)
}

// unquote reads quoted strings with blanks between them and joins them.
func unquote(s string) (joined string, ok bool) {
	var b strings.Builder
	for s != "" {
		if s[0] != '"' {
			return "", false
		}
		end := 1
		for end < len(s) && s[end] != '"' {
			if s[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(s) {
			return "", false
		}
		b.WriteString(record.Unescape(s[1:end]))
		s = strings.TrimLeft(s[end+1:], " \t")
	}
	return b.String(), true
}

// isSPFText reports whether a TXT record is an SPF record, whatever its variables hold.
func isSPFText(data expr) bool {
	text := strings.TrimLeft(data.String(), " ")
	return hasPrefixFold(text, spfVersion) && (len(text) == len(spfVersion) || text[len(spfVersion)] == ' ')
}

const spfVersion = "v=spf1"

// spf cuts SPF rules, with or without the version before them, into terms. A variable stands for a whole
// term or within a term's argument, never in its name: its value would change what the term does.
func (r *reader) spf(rules string) []expr {
	var terms []expr
	// Blanks alone separate terms (RFC 7208 §4.6.1); other white space would be part of one.
	for i, word := range strings.FieldsFunc(rules, func(c rune) bool { return c == ' ' }) {
		if i == 0 && strings.EqualFold(word, spfVersion) {
			continue
		}
		term := parseExpr(word)
		whole := term.whole()
		if len(term.variables()) > 0 && !whole && !strings.ContainsAny(literalStart(term), ":=/") {
			r.refuse("spfRules", "in %s, a variable stands in the name of an SPF term", show(word))
		}
		terms = append(terms, term)
	}
	return terms
}

// literalStart returns the text before the first variable.
func literalStart(e expr) string {
	if len(e) == 0 || e[0].variable != "" {
		return ""
	}
	return e[0].text
}
