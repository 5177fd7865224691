package spf

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// mostRepaired is the longest term, in octets, that is searched for what it was meant to be: it has room for two names.
const mostRepaired = 600

// A broken term does not parse. It is taken apart without regard to the grammar.
type broken struct {
	qualifier string // as it was written
	bare      string // the term without it
	name      string // the start of bare, in lower case, up to the first colon, equals sign or slash
	sep       string // that character; empty where there is none
	arg       string // what follows it; with a slash, the slash too
}

func takeApart(term string) broken {
	_, bare := CutQualifier(term)
	b := broken{qualifier: strings.TrimSuffix(term, bare), bare: bare, name: bare}
	if i := strings.IndexAny(bare, ":=/"); i >= 0 {
		b.name, b.sep, b.arg = bare[:i], bare[i:i+1], bare[i+1:]
		if b.sep == "/" {
			b.arg = bare[i:]
		}
	}
	b.name = strings.ToLower(b.name)
	return b
}

// A repair says what is wrong with a term, and what it was probably meant to be. The zero repair knows nothing.
type repair struct {
	why   string
	terms []option
}

// An option is one right way to write what was meant.
type option struct {
	purpose string // what it is for, where there are several; empty otherwise
	text    string
}

// repairTo returns the repair that writes a text in place of the term, and the zero repair where that does not parse.
func repairTo(text, format string, args ...any) repair {
	if !parses(text) {
		return repair{}
	}
	return repair{why: fmt.Sprintf(format, args...), terms: []option{{text: text}}}
}

func (r repair) known() bool { return r.why != "" }

// because replaces the reason of a repair by an earlier one, which the same text heals.
func (r repair) because(format string, args ...any) repair {
	if r.known() {
		r.why = fmt.Sprintf(format, args...)
	}
	return r
}

// parses reports whether terms are right where a person writes them.
func parses(terms string) bool {
	if len(terms) > mostRepaired {
		return false
	}
	r, err := (&parser{text: terms, plain: true}).parse(0)
	return err == nil && len(r.Directives)+len(r.Modifiers) > 0
}

// write says what to write in place of the term. A suggestion is quoted whole, however long it is.
func (r repair) write() string {
	var b strings.Builder
	b.WriteString(r.why)
	for i, o := range r.terms {
		b.WriteString([]string{": ", "; "}[min(i, 1)])
		if o.purpose != "" {
			b.WriteString("for " + o.purpose + ", ")
		}
		b.WriteString("write " + strconv.Quote(o.text))
	}
	return b.String()
}

// findRepair returns what a term was probably meant to be. What it suggests keeps the qualifier and the prefix length, and
// parses.
func findRepair(term string) repair {
	if len(term) > mostRepaired {
		return repair{}
	}
	b := takeApart(term)
	for _, find := range []func(broken) repair{
		missingBlank, wrongBlanks, wrongAll, wrongName, wrongSeparator, noMechanism,
	} {
		if r := find(b); r.known() {
			return r.guarded(term)
		}
	}
	if name, ok := termNames[b.name]; ok && b.sep != "" {
		return b.repairArgument(name, b.arg, 2).guarded(term)
	}
	return repair{}
}

// guarded takes the options away with which everyone would pass. Only who wrote "+all" is understood to mean it: "all"
// alone, and a prefix length of 0, may have lost what made them harmless. The reason stays, without something to write.
func (r repair) guarded(term string) repair {
	meant, danger := strings.Contains(strings.ToLower(term), "+all"), ""
	r.terms = slices.DeleteFunc(r.terms, func(o option) bool {
		opens := letsEveryonePass(o.text, meant)
		danger = cmp.Or(danger, opens)
		return opens != ""
	})
	if danger != "" && len(r.terms) == 0 {
		r.why += "; " + danger
	}
	return r
}

// letsEveryonePass says why one of the terms alone lets everyone pass, "+all" aside where that is meant; empty where none
// does.
func letsEveryonePass(terms string, meant bool) string {
	r, err := (&parser{text: terms, plain: true}).parse(0)
	if err != nil {
		return ""
	}
	for _, t := range r.Directives {
		switch {
		case t.Qualifier != Pass:
		case t.Mechanism == MechAll && !meant:
			return `"all" without a qualifier lets everyone pass: give it the one that is meant, "-", "~" or "?"`
		case t.Prefix.IsValid() && t.Prefix.Bits() == 0, t.CIDR.Bits4() == 0, t.CIDR.Bits6() == 0:
			return "a prefix length of 0 lets everyone pass: name the networks that send"
		}
	}
	return ""
}

// termNames are the names of mechanisms and modifiers, and what people write in their place.
var termNames = map[string]string{
	"all": "all", "include": "include", "a": "a", "mx": "mx", "ptr": "ptr", "ip4": "ip4", "ip6": "ip6", "exists": "exists", Redirect: Redirect, Exp: Exp,
	"ip": "ip4", "ipv4": "ip4", "ip4v": "ip4", "ipaddress": "ip4", "address": "ip4", "ipv6": "ip6", "ip6v": "ip6",
	"inlcude": "include", "inculde": "include", "inclue": "include", "inclde": "include", "incude": "include", "includ": "include", "includes": "include", "includes_": "include",
	"include_": "include", "inclued": "include", "spf": "include", "host": "include",
	"prt": "ptr", "exist": "exists", "redirects": Redirect, "redir": Redirect, "rediret": Redirect,
}

// isTermName reports whether a name is right as it is.
func isTermName(name string) bool { return termNames[name] == name }

// isModifier reports whether a name of a term takes an equals sign.
func isModifier(name string) bool { return name == Redirect || name == Exp }

// join returns the text of a term; a modifier has no qualifier, and a dual-cidr-length stands without a colon.
func (b broken) join(name, arg string) string {
	switch {
	case isModifier(name):
		return name + "=" + arg
	case strings.HasPrefix(arg, "/"):
		return b.qualifier + name + arg
	}
	return b.qualifier + name + ":" + arg
}

// missingBlank finds terms that stand behind each other without a blank.
func missingBlank(b broken) repair {
	pieces := splitTerms(b.qualifier + b.bare)
	if len(pieces) < 2 || hasPrefixFold(pieces[len(pieces)-1], Version) {
		return repair{}
	}
	return repairTo(strings.Join(pieces, " "), "a blank is missing before %s", Quote(pieces[1]))
}

// mostStarts is the most places at which terms are looked for that stand without a blank between them.
const mostStarts = 16

// splitTerms returns the terms that a text consists of where it is more than one. The last may be the start of another
// record.
func splitTerms(text string) []string {
	if len(text) > mostRepaired {
		return nil
	}
	first := takeApart(text)
	value := len(text) // where the value of an unknown modifier starts, which may be anything
	if first.sep == "=" && !isModifier(first.name) {
		value -= len(first.arg)
	}
	var starts []int
	for i := 1; i < len(text); i++ {
		if i == value || i > value && isAlpha(text[i]) || !startsTerm(text[i:], 4) {
			continue
		}
		if starts = append(starts, i); len(starts) > mostStarts {
			return nil
		}
	}
	// From the last start to the first, so that each place is looked at once.
	pieces := make(map[int][]string) // of what stands from a start on, if that is right
	for k := len(starts); k > 0; k-- {
		at := starts[k-1]
		if rest := text[at:]; hasPrefixFold(rest, Version) || parses(rest) {
			pieces[at] = []string{rest}
		} else {
			pieces[at] = splitFirst(text, at, starts[k:], pieces)
		}
	}
	return splitFirst(text, 0, starts, pieces)
}

// splitFirst returns the term from a place on to the first of the ends behind which the text is right, and what stands
// there.
func splitFirst(text string, from int, ends []int, pieces map[int][]string) []string {
	for _, end := range ends {
		if more := pieces[end]; more != nil && parses(text[from:end]) {
			return append([]string{text[from:end]}, more...)
		}
	}
	return nil
}

// startsTerm reports whether a text starts like a term that may have lost the blank before it. A bare "a" does not: that
// is rather a letter too many. Depth bounds how many terms without a blank between them are looked through.
func startsTerm(text string, depth int) bool {
	_, bare := CutQualifier(text)
	end := 0
	for end < len(bare) && isAlphanumeric(bare[end]) {
		end++
	}
	qualified := len(bare) < len(text)
	name, next := strings.ToLower(bare[:end]), bare[end:]
	switch {
	case name == "v" && hasPrefixFold(bare, Version):
		return !qualified
	case isTermName(name) && next == "":
		return qualified || name != "a"
	case isTermName(name) && (next[0] == ':' || next[0] == '/' || next[0] == '='):
		return true
	}
	// "all" ends a record, and may be followed by the next one, or by a term that is glued to it as well.
	for _, m := range []string{"all", "mx", "ptr", "a"} {
		if len(bare) > len(m) && hasPrefixFold(bare, m) && qualified && depth > 0 && startsTerm(bare[len(m):], depth-1) {
			return true
		}
	}
	return false
}

// secondVersion reports whether a term has the start of another record glued to it.
func secondVersion(term string) bool {
	pieces := splitTerms(term)
	return len(pieces) > 1 && hasPrefixFold(pieces[len(pieces)-1], Version)
}

// wrongAll repairs `all` with something behind it, which it does not take.
func wrongAll(b broken) repair {
	if q, ok := map[string]Qualifier{"fail": Fail, "hardfail": Fail, "softfail": SoftFail, "neutral": Neutral}[strings.ToLower(b.qualifier+b.bare)]; ok {
		return repairTo(q.String()+"all", "the result for other senders is the qualifier of %q", "all")
	}
	if b.name == "all" && (b.sep == "=" || b.sep == ":" && b.arg != "") {
		if r := repairAllWord(b); r.known() || b.sep == "=" {
			return r
		}
	}
	if b.name == "all" && b.sep != "" && b.qualifier != "" && b.qualifier != "+" {
		return repairTo(b.qualifier+"all", "%q takes no argument", "all")
	}
	if rest, ok := strings.CutPrefix(strings.ToLower(b.bare), "all"); ok && b.qualifier == "" && (rest == "-" || rest == "~" || rest == "?") {
		return repairTo(rest+"all", "the qualifier of %q stands before it", "all") // Without it, everyone would pass.
	}
	if rest, ok := strings.CutPrefix(strings.ToLower(b.bare), "all"); ok && (b.qualifier != "" && b.qualifier != "+" || !strings.Contains(rest, "-")) && strings.Trim(rest, ".,;:/=-_'\"") == "" && rest != "" {
		return repairTo(b.qualifier+"all", "%q takes no argument, and nothing follows it", "all")
	}
	return repair{}
}

// repairAllWord repairs "all=fail" and "all:fail". A result that lets everyone pass is never suggested.
func repairAllWord(b broken) repair {
	arg := strings.ToLower(b.arg)
	for _, q := range []Qualifier{Fail, SoftFail, Neutral} {
		if arg != q.Word() && arg != q.String() && arg != q.String()+"all" {
			continue
		}
		if b.qualifier != "" && b.qualifier != q.String() {
			return repair{}
		}
		return repairTo(q.String()+"all", "the result of %q is its qualifier", "all")
	}
	return repair{}
}

// wrongName repairs terms whose mechanism or modifier is misspelt.
func wrongName(b broken) repair {
	name, ok := termNames[b.name]
	if !ok || isTermName(b.name) || b.sep == "" {
		return repair{}
	}
	if b.sep == "=" && (b.name == "spf" || b.name == "host" || b.name == "address") {
		return repair{} // an unknown modifier, maybe one that is meant
	}
	why := "there is no such mechanism"
	if isModifier(name) {
		why = "there is no such modifier"
	} else if b.sep == "=" {
		why = "with an equals sign it is an unknown modifier, which receivers ignore"
	}
	if r := repairTo(b.join(name, b.arg), "%s", why); r.known() {
		return r
	}
	return b.repairArgument(name, b.arg, 2).because("%s", why)
}

// wrongSeparator repairs terms with an equals sign, a dot or another character in place of the colon, or with a colon in
// place of the equals sign of a modifier.
func wrongSeparator(b broken) repair {
	heal := func(name, arg, why string) repair {
		if r := repairTo(b.join(name, arg), "%s", why); r.known() {
			return r
		}
		return b.repairArgument(name, arg, 2).because("%s", why)
	}
	switch {
	case isModifier(b.name) && b.sep == ":":
		return heal(b.name, b.arg, "a modifier has an equals sign")
	case isModifier(b.name) && b.sep == "=" && b.qualifier != "":
		return heal(b.name, b.arg, "modifiers take no qualifier")
	case isTermName(b.name) && b.sep == "=" && !isModifier(b.name):
		return heal(b.name, b.arg, "with an equals sign it is an unknown modifier, which receivers ignore")
	}
	for _, name := range []string{"include", "ip4", "ip6", "exists", Redirect, Exp, "a", "mx", "ptr"} {
		if len(b.bare) <= len(name)+1 || !hasPrefixFold(b.bare, name) || isTermName(b.name) {
			continue
		}
		arg := b.bare[len(name):]
		why := "a colon stands between a mechanism and its argument"
		if isModifier(name) {
			why = "a modifier has an equals sign"
		}
		// A host may be called "mx.example.com", or "a-1.example.com".
		seps := ".;,-|#"
		if len(name) < 3 || name == "ptr" {
			seps = ";,|#"
		}
		if strings.IndexByte(seps, arg[0]) >= 0 {
			return heal(name, arg[1:], why)
		}
		if arg[0] == '_' && len(seps) > 4 || isDigit(arg[0]) && strings.HasPrefix(name, "ip") {
			return heal(name, arg, why)
		}
	}
	return repair{}
}

// noMechanism repairs addresses and names that stand without a mechanism.
func noMechanism(b broken) repair {
	if termNames[b.name] != "" && b.sep != "" {
		return repair{}
	}
	const why = "there is no such mechanism"
	if n, ok := readNetwork(b.bare); ok {
		return repairTo(n.text(b.qualifier), why)
	}
	host, length := b.bare, ""
	if h, rest, ok := cutURL(b.bare); ok {
		if host, length = h, rest; length != "" && !isLength(length) {
			length = ""
		}
	} else if i := strings.IndexByte(host, '/'); i >= 0 {
		host, length = host[:i], host[i:]
	}
	host = strings.TrimRight(host, ".,;")
	if strings.ContainsAny(host, ":=/") {
		return repair{}
	}
	if n, ok := readNetwork(host + length); ok {
		return repairTo(n.text(b.qualifier), why)
	}
	a := b.qualifier + "a:" + host + length
	if length != "" {
		return repairTo(a, why)
	}
	if include := b.qualifier + "include:" + host; parses(include) && parses(a) {
		return repair{why: why, terms: []option{{"the record of another domain", include}, {"the addresses of a host", a}}}
	}
	return repair{}
}
