package service

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

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
	index   int
	object  object
	err     error
	remarks []string // what is wrong and can be put right, for the person who applies
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) refuse(field, format string, args ...any) {
	r.fail(&TemplateError{Record: r.index, Field: field, Reason: fmt.Sprintf(format, args...)})
}

func (r *reader) remark(field, format string, args ...any) {
	r.remarks = append(r.remarks, fmt.Sprintf("records[%d], %q: ", r.index, field)+fmt.Sprintf(format, args...))
}

// text returns a field, empty where it is missing. No field of a record holds what cannot be seen.
func (r *reader) text(field string) string {
	s, err := r.object.text(r.index, field)
	if err != nil {
		r.fail(err)
	}
	if at, hidden := unprintable(s); hidden {
		r.refuse(field, "octet %d is a control character, or another that cannot be seen", at)
	}
	return s
}

// unprintable returns the octet, counted from 1, of the first character that is not one to be seen: control
// characters, marks that turn text around, blanks other than the plain one, and what is no UTF-8.
func unprintable(s string) (octet int, found bool) {
	i := strings.IndexFunc(s, func(c rune) bool { return c == utf8.RuneError || !unicode.IsPrint(c) })
	return i + 1, i >= 0
}

func (r *reader) required(field string) string {
	s := r.text(field)
	if s == "" {
		r.refuse(field, "it is missing or empty, and this type of record needs it%s", r.object.misspelt(field))
	}
	return s
}

// host returns the owner as written. SRV has it as "name" and the other types as "host"; templates that swap the two
// mean the same.
func (r *reader) host(typ string) expr {
	fields := []string{"host", "name"}
	if typ == "SRV" {
		slices.Reverse(fields)
	}
	for _, field := range fields {
		if raw, has := r.object[field]; has && string(raw) != "null" {
			return r.hostExpr(field)
		}
	}
	return nil
}

func (r *reader) hostExpr(field string) expr {
	host := parseExpr(r.text(field))
	if last := len(host) - 1; last >= 0 && host[last].variable == "domain" {
		r.remark(field, "%s has no dot at its end, so the domain is appended again", show(host.String()))
	}
	return host
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

// uint16 reads a field that is a number or, as a whole, a variable.
func (r *reader) uint16(field string) expr {
	s := r.required(field)
	if s == "" {
		return nil
	}
	e := parseExpr(s)
	if e.whole() {
		return e
	}
	if n, err := strconv.ParseUint(s, 10, 64); err != nil || n > maxUint16 {
		r.refuse(field, "%s must be a whole number from 0 to %d, or one variable", show(s), maxUint16)
	}
	return e
}

// ttl reads the TTL, which may be missing, and is asked for as a best effort: a value that cannot be is no reason to
// refuse the record (Domain Connect, "Template Record", TTL).
func (r *reader) ttl() expr {
	s := r.text("ttl")
	if s == "" {
		return nil
	}
	e := parseExpr(s)
	if e.whole() {
		return e
	}
	n, err := strconv.ParseUint(s, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && n > maxTTL:
		r.remark("ttl", "%s is larger than a TTL can be (RFC 2181 §8), and counts as %d", show(s), maxTTL)
		return parseExpr(strconv.Itoa(maxTTL))
	case err != nil:
		r.remark("ttl", "%s is not a number of seconds, and counts as %d", show(s), DefaultTTL)
		return nil
	}
	return e
}

// srv reads the fields of an SRV record, whose owner is _service._protocol.name (RFC 2782).
func (r *reader) srv(e *entry) {
	e.service = parseExpr(underscored(r.required("service")))
	e.protocol = parseExpr(underscored(r.required("protocol")))
	e.value, e.valueField = r.one("target", "pointsTo")
	e.priority, e.weight, e.port = r.uint16("priority"), r.uint16("weight"), r.uint16("port")
}

func underscored(label string) string {
	if strings.HasPrefix(label, "_") {
		return label
	}
	return "_" + label
}

// txt reads the data of a TXT record. It is in presentation form (RFC 1035 §5.1), where the quotes of a
// single string may be left out.
func (r *reader) txt() string {
	data := r.required("data")
	if strings.HasPrefix(data, `"`) {
		joined, ok := record.Strings(data)
		if !ok {
			r.refuse("data", `it starts with a quote, and is not a list of quoted strings`)
		}
		data = joined
	} else {
		data = record.Unescape(data)
	}
	if at, hidden := unprintable(data); hidden {
		r.refuse("data", "octet %d is a control character, or another that cannot be seen", at)
	}
	return data
}

// isSPFText reports whether a TXT record is an SPF record, whatever its variables hold.
func isSPFText(data string) bool {
	text := strings.TrimLeft(data, " ")
	return hasPrefixFold(text, spfVersion) && (len(text) == len(spfVersion) || text[len(spfVersion)] == ' ')
}

const spfVersion = "v=spf1"

// spf cuts SPF rules, with or without the version before them, into the terms before the first `all`: the merged record
// has its own. A variable stands for a whole term or within a term's argument, never in its name: its value would
// change what the term does.
func (r *reader) spf(field, rules string) []expr {
	var terms []expr
	live, dead := true, 0
	// Blanks alone separate terms (RFC 7208 §4.6.1); other white space would be part of one.
	for i, word := range strings.FieldsFunc(rules, func(c rune) bool { return c == ' ' }) {
		if i == 0 && strings.EqualFold(word, spfVersion) {
			continue
		}
		term := parseSPFExpr(word)
		whole := term.whole()
		if len(term.variables()) > 0 && !whole && !strings.ContainsAny(literalStart(term), ":=/") {
			r.refuse(field, "in %s, a variable is in the name of an SPF term", show(word))
		}
		switch {
		case !live:
			dead++
		case isAll(word):
			live = false
		default:
			terms = append(terms, term)
		}
	}
	if dead > 0 {
		r.remark(field, "SPF terms after an \"all\" are dropped (%d of them): receivers never reach them (RFC 7208 §5.1)", dead)
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
