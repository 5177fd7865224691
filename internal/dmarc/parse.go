package dmarc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/reporturi"
)

// MaxRemarks is how many remarks a [Record] has at most; a last one tells of the others.
const MaxRemarks = 50

// Parse reads a record as receivers do. It returns an error that wraps [ErrNotDMARC], and no other: what cannot be used
// is left out, and remarked upon. A text that no TXT record can hold is no record.
func Parse(txt string) (Record, error) {
	if len(txt) > record.MaxTXT {
		return Record{}, fmt.Errorf("%w: it has %d octets, and a TXT record holds at most %d", ErrNotDMARC, len(txt), record.MaxTXT)
	}
	if !IsRecord(txt) {
		return Record{}, notDMARC(txt)
	}
	p := parser{seen: map[string]bool{"v": true}, have: make(map[string]bool)}
	_, rest, _ := strings.Cut(txt, ";")
	for tag := range strings.SplitSeq(rest, ";") {
		if tag = trim(tag); tag != "" {
			p.tags = append(p.tags, tag)
			if name, _, found := strings.Cut(tag, "="); found {
				p.have[trim(name)] = true
			}
		}
	}
	for at, tag := range p.tags {
		p.tag(tag, at)
	}
	p.conclude()
	return p.r, nil
}

type parser struct {
	r    Record
	tags []string        // behind the version, as written
	have map[string]bool // the names of tags, wherever they stand
	seen map[string]bool // those that were read
	left int             // tags and parts of them that were left out
	more int             // remarks past MaxRemarks
}

// tag reads the tag that stands at a place among the tags.
func (p *parser) tag(text string, at int) {
	name, value, found := strings.Cut(text, "=")
	name, value = trim(name), trim(value)
	nameless := !found || strings.HasPrefix(strings.ToLower(name), "mailto:")
	switch {
	case nameless && len(p.r.Remarks) >= MaxRemarks: // What to write is said of those alone that are shown.
		p.ignore(name, "")
		return
	case nameless:
		p.ignore(name, p.noValue(text, at))
		return
	case p.seen[name]:
		p.ignore(name, "it appears twice; the first one counts here, and other readers may take neither")
		return
	}
	p.seen[name] = true
	if slices.Contains(names, name) {
		if reason := mistake(value); reason != "" {
			p.unusable(name, reason)
			return
		}
	}
	p.read(name, value)
}

// read takes the value of a tag.
func (p *parser) read(name, value string) {
	switch name {
	case "p":
		oneOf(p, name, value, &p.r.P, None, Quarantine, Reject)
	case "sp":
		oneOf(p, name, value, &p.r.SP, None, Quarantine, Reject)
	case "np":
		oneOf(p, name, value, &p.r.NP, None, Quarantine, Reject)
	case "psd":
		oneOf(p, name, value, &p.r.PSD, PSDYes, PSDNo, PSDUnknown)
	case "t":
		var test string
		oneOf(p, name, value, &test, "y", "n")
		p.r.Test = test == "y"
	case "adkim":
		oneOf(p, name, value, &p.r.ADKIM, Relaxed, Strict)
	case "aspf":
		oneOf(p, name, value, &p.r.ASPF, Relaxed, Strict)
	case "rua":
		p.r.RUA = p.uris(name, value)
	case "ruf":
		p.r.RUF = p.uris(name, value)
	case "fo":
		p.options(value)
	default:
		p.unknown(name, value)
	}
}

// oneOf reads a value from a list, in any case (RFC 5234 §2.3).
func oneOf[T ~string](p *parser, tag, value string, into *T, allowed ...T) {
	v := T(strings.ToLower(value))
	if slices.Contains(allowed, v) {
		*into = v
		return
	}
	reason := fmt.Sprintf("%s is not one of its values: %s", quoted(value), list(allowed))
	words := strings.Split(list(allowed), ", ")
	if meant := meantValue(value, words); meant != "" {
		reason += fmt.Sprintf("; write %s=%s", tag, meant)
	}
	p.unusable(tag, reason)
}

// options reads the tag fo: 0 or 1, and d and s, each once and in any order (RFC 9989 §4.7).
func (p *parser) options(value string) {
	options, reason := readOptions(value)
	if reason == "" {
		p.r.FO = options
		return
	}
	reason += "; the default, fo=0, counts"
	if meant := meantOptions(value); meant != "" {
		reason += "; write fo=" + meant
	}
	p.unusable("fo", reason)
}

func readOptions(value string) (options []string, reason string) {
	for option := range strings.SplitSeq(value, ":") {
		option = strings.ToLower(trim(option))
		if !slices.Contains([]string{"0", "1", "d", "s"}, option) {
			return nil, fmt.Sprintf("%s is not one of its values, which are 0 or 1, and d and s, with colons between them", quoted(option))
		}
		if slices.Contains(options, option) {
			return nil, fmt.Sprintf("%s appears twice", quoted(option))
		}
		options = append(options, option)
	}
	if slices.Contains(options, "0") && slices.Contains(options, "1") {
		return nil, "0 and 1 exclude each other"
	}
	return options, ""
}

// uris reads a list of URIs, and leaves out those that no report can be sent to.
func (p *parser) uris(tag, value string) []string {
	var uris []string
	if value == "" {
		p.unusable(tag, "it holds no address; leave the tag out if you want no reports")
		return nil
	}
	for text := range strings.SplitSeq(value, ",") {
		uri := trim(text)
		if limit := reporturi.Limit(uri); limit != "" {
			uri = uri[:len(uri)-len(limit)]
			p.remark(tag, fmt.Sprintf("limits the size of reports by %s, which RFC 9989 has removed", quoted(strings.ToLower(limit))))
		}
		if reason := reporturi.Why(uri, reporturi.DMARC); reason != "" {
			p.unusable(tag, fmt.Sprintf("%s is not an address for reports: %s", quoted(uri), reason))
			continue
		}
		if slices.ContainsFunc(uris, func(other string) bool { return strings.EqualFold(uri, other) }) {
			p.remark(tag, fmt.Sprintf("names %s twice in %s, and once is enough", quoted(uri), tag))
			continue
		}
		uris = append(uris, uri)
	}
	return uris
}

// removed are the tags of RFC 7489 that RFC 9989 has removed.
var removed = map[string]string{
	"rf": "there is one format of failure reports; leave it out",
	"ri": "aggregate reports come daily; leave it out",
}

func (p *parser) unknown(name, value string) {
	lower := strings.ToLower(name)
	switch {
	case len(p.r.Remarks) >= MaxRemarks:
		p.ignore(name, "")
	case isRemoved(name):
		p.ignore(name, removedAdvice(name, value))
	case lower != name && slices.Contains(names, lower):
		p.ignore(name, "names of tags are in lower case: write "+lower)
	default:
		p.ignore(name, p.badName(name, value))
	}
}

// isRemoved reports whether a tag is one that RFC 9989 has removed.
func isRemoved(name string) bool { return name == "pct" || removed[name] != "" }

// removedAdvice says what became of such a tag.
func removedAdvice(name, value string) string {
	advice := removed[name]
	if name == "pct" {
		advice = percentage(value)
	}
	return "RFC 9989 has removed it: " + advice
}

// percentage says what became of the tag pct, by its value (RFC 9989 §9.3).
func percentage(value string) string {
	switch n, err := strconv.ParseUint(value, 10, 8); {
	case err == nil && n == 0:
		return "it asked for what t=y asks for now; set t=y instead"
	case err == nil && n < 100:
		return "the policy counts for all mail, not for a part of it; leave it out, or set t=y to lower the policy by one level"
	}
	return "leave it out"
}

// names are the tags of RFC 9989 §4.7.
var names = []string{"adkim", "aspf", "fo", "np", "p", "psd", "rua", "ruf", "sp", "t", "v"}

// conclude remarks on what shows in the whole record alone.
func (p *parser) conclude() {
	switch {
	case p.r.P == "" && !p.unusableTag("p") && !p.r.Applies():
		p.remark("p", "names no policy and has no usable rua: receivers treat the domain as one without DMARC (RFC 9989 §4.10.1); "+
			"it is complete only as an authorisation of reports, at a name with the label _report (RFC 9990 §4)")
	case !p.r.Applies():
		p.remark("p", "has no usable policy and no usable rua, as p, sp or np is unusable: receivers treat the domain as one without DMARC (RFC 9989 §4.10.1)")
	case p.r.P == "" && !p.unusableTag("p"):
		p.remark("p", "names no policy, which counts as p=none, whatever sp and np say (RFC 9989 §4.10.1); receivers that follow RFC 7489 ignore the record")
	case p.r.noPolicy():
		p.remark("p", "counts as p=none, whatever p, sp and np say, as one of them is unusable (RFC 9989 §4.10.1)")
	case p.r.Test && p.r.lowered():
		p.remark("t", fmt.Sprintf("asks receivers to apply each policy one level lower (t=y): %s; reports are sent all the same", p.r.lowerings()))
	case p.r.Test:
		p.remark("t", "is a test (t=y), which changes nothing where the policy is none (RFC 9989 §4.7); remove the tag")
	}
	if len(p.r.FO) > 0 && len(p.r.RUF) == 0 {
		p.remark("fo", "has fo without ruf, where it means nothing (RFC 9989 §4.7)")
	}
	if p.r.PSD == PSDYes && len(p.r.RUF) > 0 {
		p.remark("ruf", "has psd=y with ruf, which exclude each other: failure reports would hold mail of the domains below a public suffix (RFC 9989 §10.2); remove ruf, or, if the domain is not a public suffix, psd")
	}
	if p.more > 0 {
		p.r.Remarks = append(p.r.Remarks, Remark{Text: fmt.Sprintf("The record has %d more warnings.", p.more)})
	}
}

// lowered reports whether there is a policy that a test lowers.
func (r Record) lowered() bool {
	return slices.ContainsFunc([]Policy{r.P, r.SP, r.NP}, func(p Policy) bool { return p != "" && p != None })
}

// lowerings says what a test makes of each policy that the record names, but none.
func (r Record) lowerings() string {
	var changes []string
	for _, of := range []struct {
		named Policy
		whom  string
	}{{r.P, "the domain"}, {r.SP, "its subdomains"}, {r.NP, "subdomains that do not exist"}} {
		if of.named != "" && of.named != None {
			changes = append(changes, fmt.Sprintf("%s in place of %s for %s", of.named.lower(), of.named, of.whom))
		}
	}
	return strings.Join(changes, ", ")
}

// unusableTag reports whether a tag is there, and its value cannot be used.
func (p *parser) unusableTag(tag string) bool {
	return slices.ContainsFunc(p.r.Remarks, func(r Remark) bool { return r.Unusable && r.Tag == tag })
}

// ignore remarks on a tag that is left out, whatever its value.
func (p *parser) ignore(tag, reason string) {
	p.left++
	p.add(Remark{Tag: shown(tag), Dropped: true, Text: fmt.Sprintf("The tag %s is ignored: %s.", quoted(tag), reason)})
}

// unusable remarks on a tag whose value is left out.
func (p *parser) unusable(tag, reason string) {
	p.left++
	p.add(Remark{Tag: tag, Unusable: true, Dropped: true, Text: fmt.Sprintf("The tag %s is ignored: %s.", quoted(tag), reason)})
}

func (p *parser) remark(tag, text string) {
	p.add(Remark{Tag: tag, Text: "The record " + text + "."})
}

// add adds a remark, past MaxRemarks only to their count; those on a tag that is known always stay, as they say what
// the record means.
func (p *parser) add(r Remark) {
	if len(p.r.Remarks) >= MaxRemarks && (!r.Unusable || p.unusableTag(r.Tag)) {
		p.more++
		return
	}
	p.r.Remarks = append(p.r.Remarks, r)
}

// maxShown is how many octets of a foreign text a remark shows.
const maxShown = 100

func shown(s string) string {
	if len(s) > maxShown {
		return record.Display(s[:maxShown]) + "…"
	}
	return record.Display(s)
}

func quoted(s string) string { return `"` + shown(s) + `"` }

func list[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return strings.Join(texts, ", ")
}
