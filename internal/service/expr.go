package service

import (
	"fmt"
	"iter"
	"strings"
)

// maxField is the longest content of a field once its variables are filled in, in octets: no record holds
// more. Without a limit, a template of one field with a variable many times over would fill the memory.
const maxField = 1 << 16

// expr is the text of a field, cut into literal text and variables.
type expr []segment

// segment is a variable, or literal text where the variable is empty.
type segment struct {
	text     string // as written, "%name%" for variables
	variable string // lower case
}

// parseExpr finds the variables of a text. Whatever else holds a percent sign stays literal, the SPF macros
// %{…} first of all, which "%{ir}.%{v}" would otherwise turn into a variable named "{ir}.".
func parseExpr(s string) expr { return parse(s, false) }

// parseSPFExpr is parseExpr for SPF terms, where "%_" and "%-" are macros (RFC 7208 §7.1).
func parseSPFExpr(s string) expr { return parse(s, true) }

func parse(s string, macros bool) expr {
	var e expr
	literal := 0
	for i := 0; i < len(s); {
		if s[i] != '%' {
			i++
			continue
		}
		if strings.HasPrefix(s[i:], "%{") {
			if end := strings.IndexByte(s[i:], '}'); end >= 0 {
				i += end + 1
				continue
			}
		}
		if strings.HasPrefix(s[i:], "%%") {
			i += 2 // The macro for a percent sign.
			continue
		}
		name := variableName(s[i+1:], macros)
		if name == "" {
			i++
			continue
		}
		if literal < i {
			e = append(e, segment{text: s[literal:i]})
		}
		end := i + len(name) + 2
		e = append(e, segment{text: s[i:end], variable: strings.ToLower(name)})
		i, literal = end, end
	}
	if literal < len(s) {
		e = append(e, segment{text: s[literal:]})
	}
	return e
}

// variableName returns the name that s starts with, if a percent sign follows it, and nothing otherwise. Names are
// letters, digits, hyphens and underscores; the two last are no starts where macros are.
func variableName(s string, macros bool) string {
	for i := range len(s) {
		switch c := s[i]; {
		case isAlphanumeric(c), (c == '_' || c == '-') && (i > 0 || !macros):
		case i > 0 && c == '%':
			return s[:i]
		default:
			return ""
		}
	}
	return ""
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// String returns the text as written.
func (e expr) String() string {
	if len(e) == 1 {
		return e[0].text
	}
	var b strings.Builder
	for _, s := range e {
		b.WriteString(s.text)
	}
	return b.String()
}

// whole reports whether a variable is all of the text.
func (e expr) whole() bool { return len(e) == 1 && e[0].variable != "" }

// variables returns the variables in their order, each once.
func (e expr) variables() []string {
	var names []string
	seen := make(map[string]bool)
	for _, s := range e {
		if s.variable != "" && !seen[s.variable] {
			seen[s.variable] = true
			names = append(names, s.variable)
		}
	}
	return names
}

// spellings yields the variables in their order, each once for each way in which it is written.
func (e expr) spellings() iter.Seq2[string, string] {
	return func(yield func(name, spelling string) bool) {
		seen := make(map[string]bool)
		for _, s := range e {
			if s.variable == "" || seen[s.text] {
				continue
			}
			seen[s.text] = true
			if !yield(s.variable, strings.Trim(s.text, "%")) {
				return
			}
		}
	}
}

// expand fills in the variables. What a value holds is never looked at again.
func (e expr) expand(value func(variable string) (string, error)) (string, error) {
	switch {
	case len(e) == 1 && e[0].variable == "" && len(e[0].text) <= maxField:
		return e[0].text, nil
	case e.whole():
		if v, err := value(e[0].variable); err != nil || len(v) <= maxField {
			return v, err
		}
	}
	var b strings.Builder
	for _, s := range e {
		text := s.text
		if s.variable != "" {
			v, err := value(s.variable)
			if err != nil {
				return "", err
			}
			text = v
		}
		if b.Len()+len(text) > maxField {
			return "", fmt.Errorf("it is longer than %d octets", maxField)
		}
		b.WriteString(text)
	}
	return b.String(), nil
}
