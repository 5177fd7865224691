package spf

import "strings"

// IsRecord reports whether a TXT value is an SPF record at all: its version section is "v=spf1" in any case,
// and ends at a blank or at the end (RFC 7208 §4.5).
func IsRecord(txt string) bool {
	return len(txt) >= len(Version) && strings.EqualFold(txt[:len(Version)], Version) &&
		(len(txt) == len(Version) || txt[len(Version)] == ' ')
}

// Parse reads a record that a person wrote or publishes. Beyond the grammar of RFC 7208 it refuses what is
// legal but surely a mistake: modifiers with a mechanism's name ("include=…"), a second record in the same
// text, names that DNS cannot hold or that no host has (RFC 1123 §2.1; underscores stay). Names without macros may be written in Unicode, unlike in DNS, and become
// A-labels.
//
// It returns an error that wraps [ErrNotSPF] where the version is missing, and a *SyntaxError otherwise.
func Parse(txt string) (Record, error) {
	if !IsRecord(txt) {
		return Record{}, notSPF(txt)
	}
	return (&parser{text: txt}).parse(len(Version))
}

// ParseTerms is [Parse] for terms without the version, "include:a.example ip4:192.0.2.0/24". An empty text has
// no terms.
func ParseTerms(terms string) (Record, error) {
	return (&parser{text: terms}).parse(0)
}

// ParseEither reads a record with [Parse] or terms with [ParseTerms], and reports whether the text was, or was
// meant to be, a whole record.
func ParseEither(text string) (r Record, whole bool, err error) {
	if IsRecord(text) || meantAsRecord(text) {
		r, err = Parse(text)
		return r, true, err
	}
	r, err = ParseTerms(text)
	return r, false, err
}

// ParseWire reads a record as a receiver does that got it from DNS: by the letter of RFC 7208, so that whatever
// is legal there is read, and nothing else. Its errors are those of [Parse].
func ParseWire(txt string) (Record, error) {
	if !IsRecord(txt) {
		return Record{}, notSPF(txt)
	}
	return (&parser{text: txt, wire: true}).parse(len(Version))
}

// A parser reads one text.
type parser struct {
	text   string
	wire   bool // by the letter of RFC 7208; otherwise, mistakes that are legal are refused too
	plain  bool // errors do not say what was meant
	record Record
}

// parse reads the terms that stand from start on. A syntax error anywhere spoils the record (RFC 7208 §4.6).
func (p *parser) parse(start int) (Record, error) {
	if len(p.text) > MaxLength {
		return Record{}, faultf("3.4", "the record has %d octets, and DNS carries at most %d", len(p.text), MaxLength).at("", 0)
	}
	// One allocation for the records that occur, and no large one for a text of nothing but blanks.
	if blanks := strings.Count(p.text, " "); blanks > 0 || start == 0 && p.text != "" {
		p.record.Directives = make([]Directive, 0, min(blanks+1, 64))
	}
	for offset := start; offset < len(p.text); {
		if p.text[offset] == ' ' {
			offset++
			continue
		}
		end := len(p.text)
		if i := strings.IndexByte(p.text[offset:], ' '); i >= 0 {
			end = offset + i
		}
		term := p.text[offset:end]
		if f := p.term(term); f != nil {
			if !p.plain {
				f = p.explain(f, term)
			}
			return Record{}, f.at(term, offset)
		}
		offset = end
	}
	if len(p.record.Directives) == 0 {
		p.record.Directives = nil
	}
	return p.record, nil
}

// term reads a directive or a modifier and appends it to the record.
func (p *parser) term(term string) *fault {
	name := 0 // its end, at the first colon, slash or equals sign
	for name < len(term) && term[name] != ':' && term[name] != '/' && term[name] != '=' {
		name++
	}
	// A modifier is told by the equals sign behind its name (§4.6.1): in "exists:%{l}=x.example", a colon comes first.
	if name < len(term) && term[name] == '=' {
		m, f := p.modifier(term[:name], term[name+1:])
		if f != nil {
			return f
		}
		p.record.Modifiers = append(p.record.Modifiers, m)
		return nil
	}
	t, f := p.directive(term[:name], term[name:])
	if f != nil {
		return f
	}
	// Around macros, a name may hold nearly anything.
	if !p.wire && !p.plain && strings.Contains(term, "%{") && strings.Contains(term, "=") && splitTerms(term) != nil {
		return faultf("4.6.1", "two terms have a blank between them")
	}
	p.record.Directives = append(p.record.Directives, t)
	return nil
}

// modifier reads a modifier (RFC 7208 §6).
func (p *parser) modifier(name, value string) (Modifier, *fault) {
	if f := modifierName(name); f != nil {
		return Modifier{}, f
	}
	m := Modifier{Name: strings.ToLower(name), Value: value}
	if m.Name == Redirect || m.Name == Exp {
		if _, twice := p.record.Modifier(m.Name); twice {
			return Modifier{}, faultf("6", "a record may have %q only once: remove one of them", m.Name+"=")
		}
		var f *fault
		m.Value, f = p.domainSpec(value)
		return m, f
	}
	if !p.wire {
		if f := p.mistakenModifier(m); f != nil {
			return Modifier{}, f
		}
	}
	// Nothing expands the macros of an unknown modifier, so that the letters of explanations do no harm.
	unknown := macroString{letters: explanationLetters}
	for rest := value; rest != ""; {
		segment, f := unknown.next(rest)
		if f != nil {
			return Modifier{}, f
		}
		rest = rest[len(segment.Text):]
	}
	return m, nil
}

func modifierName(name string) *fault {
	if name == "" {
		return faultf("6", `a modifier has a name before the equals sign, as in "redirect=_spf.example.com"`)
	}
	if _, rest := CutQualifier(name); rest != name && isModifierName(rest) {
		return faultf("4.6.1", "modifiers take no qualifier")
	}
	if !isModifierName(name) {
		return faultf("4.6.1", "%s is not the name of a modifier: one starts with a letter, followed by letters, digits, hyphens, underscores and dots", Quote(name))
	}
	return nil
}

func isModifierName(s string) bool {
	for i := range len(s) {
		if !isAlpha(s[i]) && (i == 0 || !isDigit(s[i]) && s[i] != '-' && s[i] != '_' && s[i] != '.') {
			return false
		}
	}
	return s != ""
}
