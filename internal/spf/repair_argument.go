package spf

import (
	"regexp"
	"strconv"
	"strings"
)

// repairArgument repairs what stands behind the name of a mechanism or a modifier. Depth bounds how many mistakes may
// stand in one another.
func (b broken) repairArgument(name, arg string, depth int) repair {
	if depth == 0 || name == "all" || arg == "" {
		return repair{}
	}
	for _, find := range []func(broken, string, string, int) repair{
		doubledName, wrongURL, wrongCharacters, wrongAddress, wrongFamily, wrongLength, wrongPort,
	} {
		if r := find(b, name, arg, depth); r.known() {
			return r
		}
	}
	return repair{}
}

// heal writes the term with another argument, which may have a further mistake.
func (b broken) heal(name, arg string, depth int, format string, args ...any) repair {
	if r := repairTo(b.join(name, arg), format, args...); r.known() {
		return r
	}
	return b.repairArgument(name, arg, depth-1).because(format, args...)
}

// doubledName repairs "ip4:ip4:192.0.2.1", and other terms within a term: the inner one counts.
func doubledName(b broken, outer, arg string, depth int) repair {
	inner := takeApart(arg)
	name, ok := termNames[inner.name]
	if !ok || inner.sep != ":" && inner.sep != "=" {
		return repair{}
	}
	if isModifier(outer) && name == string(MechInclude) {
		name = outer // Both lead to a record.
	}
	if inner.qualifier != "" && b.qualifier != "" && inner.qualifier != b.qualifier {
		return repair{}
	}
	if inner.qualifier == "" {
		inner.qualifier = b.qualifier
	}
	return inner.heal(name, inner.arg, depth, "a term has one mechanism or modifier")
}

// wrongURL repairs names that are given as URLs.
func wrongURL(b broken, name, arg string, depth int) repair {
	const why = "SPF takes a name or an address, not a URL"
	host, rest, ok := cutURL(arg)
	if !ok {
		return repair{}
	}
	if isLength(rest) {
		return b.heal(name, host+rest, depth, why)
	}
	return b.heal(name, host, depth, why)
}

// cutURL returns the host of a URL, and its path.
func cutURL(text string) (host, path string, ok bool) {
	scheme, rest, ok := strings.Cut(text, "//")
	if !ok || strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz:") != "" || scheme != "" && !strings.HasSuffix(scheme, ":") {
		return "", "", false
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		rest, path = rest[:i], rest[i:]
	}
	if path == "/" {
		path = ""
	}
	if rest == "" || isTermName(strings.ToLower(strings.TrimSuffix(scheme, ":"))) {
		return "", "", false
	}
	return rest, path, true
}

// isLength reports whether a text is a slash and a prefix length, or two of them.
func isLength(text string) bool {
	return strings.HasPrefix(text, "/") && strings.Trim(text, "/0123456789") == ""
}

// wrongCharacters repairs arguments with separators too many, and backslashes.
func wrongCharacters(b broken, name, arg string, depth int) repair {
	for cut := arg; cut != "" && (cut[0] == ':' || cut[0] == '='); {
		cut = cut[1:]
		if r := b.heal(name, cut, depth, "one separator stands before the argument"); r.known() {
			return r
		}
	}
	if strings.HasPrefix(arg, "/") && name != "a" && name != "mx" {
		return b.heal(name, strings.TrimLeft(arg, "/:"), depth, "a colon alone stands before the argument")
	}
	if i := strings.IndexByte(arg, '\\'); i >= 0 {
		if strings.Trim(arg[i:], `\0123456789`) == "" {
			return b.heal(name, strings.ReplaceAll(arg, `\`, "/"), depth, "a prefix length follows a slash, not a backslash")
		}
		return b.heal(name, escapedSign.ReplaceAllString(arg, "$1"), depth, "a backslash is quoting, and not part of a name or an address")
	}
	if r := misplacedQualifier(b, name, arg, depth); r.known() {
		return r
	}
	if cut := strings.TrimRight(arg, "/:."); cut != arg {
		return b.heal(name, cut, depth, "nothing follows the argument")
	}
	if cut := strings.Trim(arg, "<>()"); cut != arg {
		return b.heal(name, cut, depth, "nothing stands around a name or an address")
	}
	if cut, ok := strings.CutPrefix(arg, "@"); ok {
		return b.heal(name, cut, depth, "a name has no @")
	}
	return repair{}
}

const whyMisplaced = "a qualifier stands before the mechanism, and no name or address starts with one"

// misplacedQualifier repairs arguments that start with the qualifier of the term, as in "include:-spf.example.net".
func misplacedQualifier(b broken, name, arg string, depth int) repair {
	const why = whyMisplaced
	_, bare := CutQualifier(arg)
	qualifier := strings.TrimSuffix(arg, bare)
	switch {
	case qualifier == "" || b.qualifier != "" && b.qualifier != qualifier:
		return repair{}
	case isModifier(name):
		return b.heal(name, bare, depth, "modifiers take no qualifier")
	case b.qualifier == qualifier:
		return b.heal(name, bare, depth, why)
	}
	without := b.heal(name, bare, depth, why)
	b.qualifier = qualifier
	with := b.heal(name, bare, depth, why)
	if qualifier == "+" || len(with.terms) != 1 || len(without.terms) != 1 {
		return without
	}
	q, _ := CutQualifier(arg)
	with.terms[0].purpose, without.terms[0].purpose = "the result "+q.Word(), "the result "+Pass.Word()
	with.terms = append(with.terms, without.terms[0])
	return with
}

// wrongAddress repairs addresses: in another notation, of the other family, with another mechanism.
func wrongAddress(b broken, name, arg string, _ int) repair {
	n, ok := readNetwork(arg)
	if !ok || name == Exp || name == Redirect && b.qualifier != "" {
		return repair{}
	}
	switch {
	case n.why != "":
		return repairTo(n.text(b.qualifier), "%s", n.why)
	case name != "ip4" && name != "ip6":
		return repairTo(n.text(b.qualifier), "%s is an address, not a name", Quote(arg))
	case strings.HasPrefix(n.terms[0], "ip4:"):
		return repairTo(n.text(b.qualifier), "%s is an IPv4 address", Quote(n.addr))
	default:
		return repairTo(n.text(b.qualifier), "%s is an IPv6 address", Quote(n.addr))
	}
}

// wrongFamily repairs names where an address belongs.
func wrongFamily(b broken, name, arg string, depth int) repair {
	if name != "ip4" && name != "ip6" {
		return repair{}
	}
	host, length, sized := strings.Cut(arg, "/")
	if sized { // The length stays with the family.
		length = "/" + strings.TrimLeft(length, "/")
		if name == "ip6" {
			length = "/" + length
		}
	}
	if strings.Trim(host, "0123456789.xX*") == "" || strings.Contains(host, "%") {
		return repair{}
	}
	return b.heal("a", host+length, depth, "%q takes an address, not a name", name)
}

// wrongLength repairs prefix lengths: of names that take none, with leading zeros, as netmasks, of the other family.
func wrongLength(b broken, name, arg string, _ int) repair {
	i := strings.IndexByte(arg, '/')
	if i < 0 || name == "ip4" || name == "ip6" {
		return repair{} // [wrongAddress] reads those
	}
	host, length := arg[:i], arg[i:]
	colon := ":"
	if host == "" {
		colon = ""
	}
	if name != "a" && name != "mx" {
		without := repairTo(b.join(name, host), "%q takes no prefix length", name)
		if name == string(MechInclude) {
			if a := b.qualifier + "a:" + host + length; without.known() && parses(a) {
				without.terms[0].purpose = "the record of another domain"
				without.terms = append(without.terms, option{"the networks of a host", a})
			}
		}
		return without
	}
	before := b.qualifier + name + colon + host
	if bits, ok := maskBits(strings.TrimPrefix(length, "/")); ok {
		return repairTo(before+"/"+strconv.Itoa(bits), "netmasks are written as prefix lengths")
	}
	const why = "the prefix length for IPv4 follows one slash, the one for IPv6 two, and both are numbers without leading zeros"
	plain := leadingZeros.ReplaceAllString(length, "$1$2")
	if r := repairTo(before+plain, why); r.known() {
		return r
	}
	// Two lengths behind one slash each are those of IPv4 and IPv6 where the second is none of IPv4. One length alone
	// that is none of IPv4 may be either's, or a slip.
	first, second, _ := strings.Cut(strings.TrimPrefix(plain, "/"), "/")
	if _, ok := prefixLength(second, 32); !ok && second != "" {
		return repairTo(before+"/"+first+"//"+second, why)
	}
	return repair{}
}

// leadingZeros finds numbers that start with zeros.
var leadingZeros = regexp.MustCompile(`(^|[^0-9])0+([0-9])`)

// wrongPort repairs names with a port.
func wrongPort(b broken, name, arg string, depth int) repair {
	host, port, found := strings.Cut(arg, ":")
	port, length, sized := strings.Cut(port, "/")
	if !found || port == "" || strings.Trim(port, "0123456789") != "" {
		return repair{}
	}
	if sized {
		host += "/" + length
	}
	return b.heal(name, host, depth, "names in SPF take no port")
}
