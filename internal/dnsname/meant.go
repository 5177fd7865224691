package dnsname

import (
	"net/netip"
	"regexp"
	"strings"
)

// termStart is what stands before the name in an SPF term, and in other texts with a name behind a keyword.
var termStart = regexp.MustCompile(`^[-+~?]?[A-Za-z][A-Za-z0-9_]*[:=]`)

// Meant finds the name in what people paste where a name belongs: a URL, a mail address, an SPF term or record, a name
// with a port, a path or quotes, the line of a zone file that leads to it. It reports false where there is no name of
// two labels or more, or no telling which of several is meant.
func Meant(s string) (Name, bool) {
	if len(s) > 4*MaxName {
		return Name{}, false
	}
	var found Name
	for word := range strings.FieldsSeq(s) {
		if strings.EqualFold(word, "CNAME") || strings.EqualFold(word, "MX") {
			found = Name{} // What stands before it is the owner.
			continue
		}
		name, ok := meantWord(word)
		switch {
		case !ok || name == found:
		case found.IsValid():
			return Name{}, false
		default:
			found = name
		}
	}
	return found, found.IsValid()
}

func meantWord(word string) (Name, bool) {
	word = strings.Trim(word, `"'<>()[]{},;`)
	if _, behind, isURL := strings.Cut(word, "://"); isURL {
		word = behind
	} else {
		word = word[len(termStart.FindString(word)):]
	}
	word, _, _ = cutAny(word, "/?#")
	word = word[strings.LastIndexByte(word, '@')+1:]
	if host, port, found := strings.Cut(word, ":"); found && strings.Trim(port, "0123456789") == "" {
		word = host
	}
	if _, err := netip.ParseAddr(word); err == nil {
		return Name{}, false
	}
	name, err := ParseForeign(word)
	if err != nil || len(name.Labels()) < 2 || strings.HasPrefix(name.s, "*") {
		return Name{}, false
	}
	labels := name.Labels()
	return name, strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

func cutAny(s, chars string) (before, after string, found bool) {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// Doubled returns a name that ends in the same two labels or more twice over, as "x.example.com.example.com" does,
// with one of the two left out, and false for any other.
func (n Name) Doubled() (once Name, doubled bool) {
	labels := n.Labels()
	for size := len(labels) / 2; size >= 2; size-- {
		tail := strings.Join(labels[len(labels)-size:], ".")
		before := strings.Join(labels[:len(labels)-size], ".")
		if before != tail && !strings.HasSuffix(before, "."+tail) {
			continue
		}
		once = Name{before}
		if again, more := once.Doubled(); more {
			return again, true
		}
		return once, true
	}
	return Name{}, false
}
