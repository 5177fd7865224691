package service

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a template. Public ones have a few kilobytes and some tens of records; what is larger by far is
// refused before it is decoded.
const (
	MaxSize    = 1 << 20 // octets
	MaxRecords = 1000
	MaxDepth   = 16 // brackets within brackets
)

// object is a JSON object whose values are still text.
type object map[string]json.RawMessage

// decode reads the JSON of a template. It puts up with what public templates have: a byte order mark, and tabs
// in strings.
func decode(data []byte) (object, error) {
	fail := func(format string, args ...any) (object, error) {
		return nil, &TemplateError{Record: -1, Reason: fmt.Sprintf(format, args...)}
	}
	if len(data) > MaxSize {
		return fail("it has %d octets, and at most %d are read", len(data), MaxSize)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return fail("it is empty; give the text of the file, as file(\"…\") reads it")
	case isUTF16(data):
		return fail("it is UTF-16, and JSON is UTF-8 (RFC 8259 §8.1); save the file as UTF-8")
	}
	if !utf8.Valid(data) {
		return fail("it is not UTF-8")
	}
	data, depth := clean(data)
	if depth > MaxDepth {
		return fail("its brackets are nested %d deep, and templates need fewer than %d", depth, MaxDepth)
	}
	var o object
	if err := json.Unmarshal(data, &o); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			line, column := position(data, syntax.Offset)
			return fail("it is not JSON: %v, in line %d, column %d%s", err, line, column, hint(data, syntax.Offset))
		}
		return fail("it is not a JSON object")
	}
	if o == nil {
		return fail("it is not a JSON object")
	}
	if name := repeatedName(data); name != "" {
		return fail("one of its objects has the name %s twice, and JSON readers do not agree on which one counts (RFC 8259 §4); remove one", show(name))
	}
	return o, nil
}

// repeatedName returns a name that appears twice in one object of valid JSON, empty where there is none. It keeps no
// more than the names of the objects that are open.
func repeatedName(data []byte) string {
	var levels [MaxDepth + 1]objectNames
	depth, list := 0, [MaxDepth + 1]bool{}
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{', '[':
			depth++
			list[depth], levels[depth].isValue = data[i] == '[', false
			levels[depth].reset()
		case '}', ']':
			depth--
		case ',':
			levels[depth].isValue = list[depth]
		case ':':
			levels[depth].isValue = true
		case '"':
			end := i + closing(data[i:])
			if depth > 0 && !list[depth] && !levels[depth].isValue && levels[depth].add(data[i:end+1]) {
				return string(bytes.Trim(data[i:end+1], `"`))
			}
			i = end
		}
	}
	return ""
}

// closing returns the index of the quote that ends the string which valid JSON starts with.
func closing(data []byte) int {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(data) - 1
}

// objectNames are the names of one object so far.
type objectNames struct {
	isValue bool // a value follows, rather than a name
	few     [][]byte
	many    map[string]bool
}

func (o *objectNames) reset() { o.few, o.many = o.few[:0], nil }

// add adds a name in its quotes, and reports whether it was there already.
func (o *objectNames) add(name []byte) (again bool) {
	if bytes.IndexByte(name, '\\') >= 0 { // However a name is escaped, it is the same.
		var plain string
		if json.Unmarshal(name, &plain) == nil {
			name = []byte(`"` + plain + `"`)
		}
	}
	const few = 32
	if o.many == nil && len(o.few) < few {
		again = slices.ContainsFunc(o.few, func(other []byte) bool { return bytes.Equal(other, name) })
		o.few = append(o.few, name)
		return again
	}
	if o.many == nil {
		o.many = make(map[string]bool)
		for _, other := range o.few {
			o.many[string(other)] = true
		}
	}
	again = o.many[string(name)]
	o.many[string(name)] = true
	return again
}

// isUTF16 reports whether a text is UTF-16: it starts with that byte order mark, or one of its first two octets is NUL,
// as the ones of any JSON in UTF-16 are.
func isUTF16(data []byte) bool {
	return bytes.HasPrefix(data, []byte{0xfe, 0xff}) || bytes.HasPrefix(data, []byte{0xff, 0xfe}) ||
		len(data) > 1 && (data[0] == 0 || data[1] == 0)
}

// hint says what people mean by what JSON does not have, or nothing.
func hint(data []byte, offset int64) string {
	at := max(0, min(int(offset), len(data))-1)
	before := bytes.TrimRight(data[:at], " \t\r\n")
	switch c := data[at]; {
	case c == '/' || c == '#':
		return "; JSON has no comments, take them out"
	case (c == ']' || c == '}') && bytes.HasSuffix(before, []byte(",")):
		return "; take out the comma before it"
	case c == '\'':
		return "; strings stand in double quotes"
	}
	return ""
}

// clean returns the JSON with blanks for the tabs within its strings, where JSON allows none, and the depth of
// its brackets.
func clean(data []byte) (cleaned []byte, depth int) {
	cleaned = bytes.Clone(data)
	level, inString := 0, false
	for i := 0; i < len(cleaned); i++ {
		switch c := cleaned[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString && c == '\t':
			cleaned[i] = ' '
		case inString:
		case c == '{' || c == '[':
			level++
			depth = max(depth, level)
		case c == '}' || c == ']':
			level--
		}
	}
	return cleaned, depth
}

// position returns line and column of an offset, both counted from 1.
func position(data []byte, offset int64) (line, column int) {
	before := data[:min(int(offset), len(data))]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n') - 1
}

// text returns a field as text: strings, and numbers and truth values as they are written, since templates
// have either. It is empty where the field is missing or null.
func (o object) text(record int, field string) (string, error) {
	raw := bytes.TrimSpace(o[field])
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	switch raw[0] {
	case '{', '[':
		return "", &TemplateError{Record: record, Field: field, Reason: "it must be a string or a number"}
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return "", &TemplateError{Record: record, Field: field, Reason: "it is not a string: " + err.Error()}
		}
		// A tab is one whether the file holds it as it is or escaped.
		return strings.ReplaceAll(strings.Trim(s, " \t\r\n"), "\t", " "), nil
	}
	return string(raw), nil
}

// misspelt tells of a field that differs from a missing one by case alone: keys of JSON are the same only if their
// case is.
func (o object) misspelt(field string) string {
	for _, other := range slices.Sorted(maps.Keys(o)) {
		if other != field && strings.EqualFold(other, field) {
			return fmt.Sprintf("; there is %s, which the format spells %q", show(other), field)
		}
	}
	return ""
}

// flag returns a field that is true or false, as JSON or as text.
func (o object) flag(field string) (bool, error) {
	s, err := o.text(-1, field)
	if err != nil {
		return false, err
	}
	switch strings.ToLower(s) {
	case "true", "1":
		return true, nil
	case "false", "0", "":
		return false, nil
	}
	return false, &TemplateError{Record: -1, Field: field, Reason: "it must be true or false"}
}

// critical refuses an object that demands, by its list "crit", to be understood in a field that it has and this
// package does not know (Domain Connect, "Template Property Extensibility").
func (o object) critical(record int, known func(string) bool) error {
	raw, ok := o["crit"]
	if !ok {
		return nil
	}
	var fields []string
	if err := json.Unmarshal(raw, &fields); err != nil {
		return &TemplateError{Record: record, Field: "crit", Reason: "it must be a list of names"}
	}
	for _, field := range fields {
		if _, has := o[field]; has && !known(field) {
			return &TemplateError{Record: record, Field: "crit", Reason: fmt.Sprintf(
				"it demands that %s be understood, which is not", quoted([]string{field}, ""))}
		}
	}
	return nil
}
