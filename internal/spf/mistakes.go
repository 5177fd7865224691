package spf

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// notSPF says why a text is no record, and what to write.
func notSPF(text string) error {
	return fmt.Errorf("%w: %s (RFC 7208 §4.5)", ErrNotSPF, whyNotSPF(text))
}

func whyNotSPF(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	bare := strings.TrimLeft(text, " \t\r\n")
	switch {
	case bare == "":
		return `the text is empty, and a record starts with "v=spf1 "`
	case bare != text:
		return `remove what stands before "v=spf1": blanks, tabs or line breaks`
	case isQuotationMark(first):
		return "remove the quotation marks: a TXT value is given whole, its strings joined without a blank between them"
	case hasPrefixFold(text, "spf2.0"):
		return `it is a Sender ID record (RFC 4406), which receivers no longer evaluate; an SPF record starts with "v=spf1 "`
	case hasPrefixFold(text, version):
		return fmt.Sprintf("%q ends at a blank, and here it is followed by %s", version, quote(firstRune(text[len(version):])))
	}
	return fmt.Sprintf(`it starts with %s, and a record starts with "v=spf1 "`, quote(firstWords(text)))
}

// meantAsRecord reports whether a text that is no record looks like an attempt at one.
func meantAsRecord(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	first, _ := utf8.DecodeRuneInString(text)
	return isQuotationMark(first) || slices.ContainsFunc([]string{"v=", "v =", "v:", "spf1", "spf2"},
		func(start string) bool { return hasPrefixFold(text, start) })
}

// unknownMechanism says what to write in place of a term that is neither a directive nor a modifier.
func unknownMechanism(term string) *fault {
	_, rest := cutQualifier(term)
	if _, again := cutQualifier(rest); again != rest {
		return faultf("4.6.1", "a term has one qualifier at most")
	}
	name, arg, _ := strings.Cut(rest, ":")
	qualifier := strings.TrimSuffix(term, rest)
	write := func(right string) *fault {
		return faultf("4.6.1", "there is no such mechanism: write %s", quote(qualifier+right))
	}
	switch folded := strings.ToLower(name); folded {
	case "":
		return faultf("4.6.1", "the name of the mechanism is missing")
	case "ip", "ipv4", "ipv6", "ip4v", "ip6v", "ipaddress", "address":
		return write(ipTerm(arg, folded))
	case "inlcude", "inclue", "incude", "includ", "includes", "includes_", "spf", "host":
		return write("include:" + arg)
	case "prt":
		return write("ptr" + rest[len(name):])
	case "exist":
		return write("exists:" + arg)
	case modRedirect, modExp:
		return faultf("6", "a modifier has an equals sign: write %s", quote(folded+"="+arg))
	}
	if folded := strings.ToLower(rest); strings.HasPrefix(folded, "all") && !isAlphanumeric((folded + ".")[3]) {
		return write("all")
	}
	if isNetwork(rest) {
		return write(ipTerm(rest, ""))
	}
	if p := (&parser{}); !strings.ContainsAny(rest, ":/") {
		if domain, f := p.domainSpec(rest); f == nil {
			return faultf("4.6.1", "there is no such mechanism: for the record of another domain, write %s; for the addresses of a host, %s",
				quote(qualifier+"include:"+domain), quote(qualifier+"a:"+domain))
		}
	}
	return faultf("4.6.1", "there is no mechanism %s: it must be one of all, include, a, mx, ptr, ip4, ip6 and exists", quote(name))
}

// ipTerm returns the term for an address or network, or for a wrong name of ip4 or ip6.
func ipTerm(text, name string) string {
	addr, _, _ := strings.Cut(text, "/")
	if strings.Contains(addr, ":") || strings.Contains(name, "6") {
		return "ip6:" + text
	}
	return "ip4:" + text
}

func isNetwork(text string) bool {
	addr, _, _ := strings.Cut(text, "/")
	_, err := netip.ParseAddr(addr)
	return err == nil
}

// mistakenModifier refuses unknown modifiers that are no modifiers: receivers ignore them in silence
// (RFC 7208 §6).
func mistakenModifier(m Modifier) *fault {
	if m.Name == "v" {
		return faultf("3.2", `a second version: this text holds two records, or a version where only terms belong; a domain has one record, so keep one "v=spf1" at the start, and one "all" at the end`)
	}
	if mechanism, ok := findMechanism(m.Name); ok {
		text := string(mechanism) + ":" + m.Value
		if mechanism == MechAll {
			text = string(mechanism)
		}
		return faultf("6", "with an equals sign it is an unknown modifier, which receivers ignore: write %s", quote(text))
	}
	if m.Name == "ip" || m.Name == "ipv4" || m.Name == "ipv6" {
		return faultf("6", "with an equals sign it is an unknown modifier, which receivers ignore: write %s", quote(ipTerm(m.Value, m.Name)))
	}
	return nil
}

// explain replaces a fault by what is more likely the cause: characters that came with copying, or something
// other than blanks between terms.
func (p *parser) explain(f *fault, term string) *fault {
	for i, r := range term {
		if _, known := lookalike(r); known || r < ' ' || r == 0x7F {
			return characterFault(term[i:])
		}
	}
	if i := strings.IndexAny(term, `"'`); i >= 0 && !p.wire {
		return characterFault(term[i:])
	}
	if i := strings.IndexAny(term, ",;"); i >= 0 && !strings.Contains(term, "%{") {
		return faultf("4.6.1", "%s cannot stand here: terms are separated by blanks", quote(term[i:i+1]))
	}
	return f
}

// characterFault is about the character that starts s.
func characterFault(s string) *fault {
	r, size := utf8.DecodeRuneInString(s)
	advice, known := lookalike(r)
	switch {
	case known:
	case r == '"' || r == '\'':
		advice = "remove quotation marks"
	case r == '\t' || r == '\n' || r == '\r':
		advice = "terms are separated by blanks alone, without tabs and line breaks"
	case r == utf8.RuneError && size == 1:
		return faultf("3.1", "it holds the octet 0x%02X, and records are ASCII", s[0])
	case r >= utf8.RuneSelf:
		advice = `records are ASCII; write names in their A-label form ("xn--…")`
	default:
		advice = "records hold printable ASCII alone"
	}
	return faultf("3.1", "it holds %s (%U): %s", quote(string(r)), r, advice)
}

// lookalike is [record.Lookalike].
func lookalike(r rune) (advice string, known bool) { return record.Lookalike(r) }

func isQuotationMark(r rune) bool { return record.IsQuotationMark(r) }

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func firstRune(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

// firstWords returns enough of the start of a text to recognise it.
func firstWords(s string) string {
	const most = 24
	count := 0
	for i := range s {
		if count == most {
			return s[:i] + "…"
		}
		count++
	}
	return s
}
