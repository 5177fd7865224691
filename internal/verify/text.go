package verify

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// maxBrief is how many octets of a value the sentence of a cause shows; the whole value stands behind "seen".
const maxBrief = 160

// brief shows a value from DNS within a sentence.
func brief(value string) string {
	if len(value) <= maxBrief {
		return "«" + record.Inline(value) + "»"
	}
	return fmt.Sprintf("«%s…» (%d octets)", record.Inline(value[:maxBrief]), len(value))
}

// briefAll shows values from DNS within a sentence.
func briefAll(values []string) string {
	texts := make([]string, 0, maxShown+1)
	for i, v := range values {
		if i == maxShown {
			texts = append(texts, fmt.Sprintf("%d more", len(values)-maxShown))
			break
		}
		texts = append(texts, brief(v))
	}
	return enumerate(texts)
}

// enumerate joins texts as a sentence does.
func enumerate(texts []string) string {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " and " + texts[last]
}

// shown makes a name fit to be shown.
func shown(n dnsname.Name) string { return record.Display(n.String()) }

// shownNames shows names within a sentence.
func shownNames(names []dnsname.Name) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = shown(n)
	}
	return enumerate(texts)
}

// shownAddresses shows addresses within a sentence.
func shownAddresses(addrs []netip.Addr) string {
	texts := make([]string, len(addrs))
	for i, a := range addrs {
		texts[i] = a.String()
	}
	return enumerate(texts)
}

// serverList names servers, sorted and each once.
func serverList(servers []answer.Server) string {
	texts := make([]string, len(servers))
	for i, s := range servers {
		texts[i] = s.String()
	}
	slices.Sort(texts)
	return joinFew(slices.Compact(texts), maxServers, ", ")
}

// plural returns the form of a word that fits a number.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// reasonOf returns the text of a parser's error about a value from DNS. Parsers quote characters that they cannot read; any
// but ASCII and their own signs have no business on a terminal.
func reasonOf(err error) string {
	return strings.Map(func(r rune) rune {
		if r > '~' && !strings.ContainsRune("§…«»", r) || r < ' ' {
			return '?'
		}
		return r
	}, err.Error())
}

// firstOf returns the first text that is not empty, without a full stop.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return strings.TrimSuffix(text, ".")
		}
	}
	return ""
}

// inBrackets puts the first text that is not empty behind a sentence; it returns nothing where there is none.
func inBrackets(texts ...string) string {
	if text := firstOf(texts...); text != "" {
		return " (" + text + ")"
	}
	return ""
}

// withExtended adds the extended errors of an answer (RFC 8914) to a text that does not have them already.
func withExtended(a answer.Answer, text string) string {
	if a.Extended == "" || strings.Contains(text, a.Extended) {
		return text
	}
	return text + " (" + a.Extended + ")"
}

// asLookupError returns the error of a search for servers; nil where the error is another one.
func asLookupError(err error) *answer.LookupError {
	e, _ := errors.AsType[*answer.LookupError](err)
	return e
}
