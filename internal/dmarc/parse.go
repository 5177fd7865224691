package dmarc

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Parse reads a record as receivers do. It returns [ErrNotDMARC], and no other error: what cannot be used is
// left out, and remarked upon.
func Parse(txt string) (Record, error) {
	if !IsRecord(txt) {
		return Record{}, ErrNotDMARC
	}
	p := parser{seen: map[string]bool{"v": true}}
	_, rest, _ := strings.Cut(txt, ";")
	for tag := range strings.SplitSeq(rest, ";") {
		if tag = trim(tag); tag != "" {
			p.tag(tag)
		}
	}
	p.conclude()
	return p.r, nil
}

type parser struct {
	r    Record
	seen map[string]bool
}

func (p *parser) tag(text string) {
	name, value, found := strings.Cut(text, "=")
	name, value = trim(name), trim(value)
	switch {
	case !found:
		p.ignore(name, "it has no value; write "+quoted(name)+"=…, with a semicolon before it")
		return
	case p.seen[name]:
		p.ignore(name, "it stands there twice; the first one counts here, and other readers may take neither")
		return
	}
	p.seen[name] = true
	read, known := map[string]func(string){
		"p":     func(v string) { oneOf(p, name, v, &p.r.P, None, Quarantine, Reject) },
		"sp":    func(v string) { oneOf(p, name, v, &p.r.SP, None, Quarantine, Reject) },
		"np":    func(v string) { oneOf(p, name, v, &p.r.NP, None, Quarantine, Reject) },
		"psd":   func(v string) { oneOf(p, name, v, &p.r.PSD, PSDYes, PSDNo, PSDUnknown) },
		"t":     p.test,
		"adkim": func(v string) { oneOf(p, name, v, &p.r.ADKIM, Relaxed, Strict) },
		"aspf":  func(v string) { oneOf(p, name, v, &p.r.ASPF, Relaxed, Strict) },
		"rua":   func(v string) { p.r.RUA = p.uris(name, v) },
		"ruf":   func(v string) { p.r.RUF = p.uris(name, v) },
		"fo":    p.options,
	}[name]
	if !known {
		p.unknown(name)
		return
	}
	read(value)
}

// oneOf reads a value from a list, in any case (RFC 5234 §2.3).
func oneOf[T ~string](p *parser, tag, value string, into *T, allowed ...T) {
	v := T(strings.ToLower(value))
	if slices.Contains(allowed, v) {
		*into = v
		return
	}
	p.unusable(tag, fmt.Sprintf("%s is none of its values, which are %s", quoted(value), list(allowed)))
}

func (p *parser) test(value string) {
	switch strings.ToLower(value) {
	case "y":
		p.r.Test = true
		p.remark("t", "asks receivers not to apply the policy yet (t=y); reports are sent all the same")
	case "n":
	default:
		p.unusable("t", fmt.Sprintf("%s is none of its values, which are y, n", quoted(value)))
	}
}

func (p *parser) options(value string) {
	var options []string
	for option := range strings.SplitSeq(value, ":") {
		option = strings.ToLower(trim(option))
		if !slices.Contains([]string{"0", "1", "d", "s"}, option) {
			p.unusable("fo", fmt.Sprintf("%s is none of its values, which are 0, 1, d, s and d:s", quoted(option)))
			return
		}
		if !slices.Contains(options, option) {
			options = append(options, option)
		}
	}
	if len(options) > 1 && (slices.Contains(options, "0") || slices.Contains(options, "1")) {
		p.remark("fo", "joins 0 or 1 to other options, which RFC 9989 §4.8 no longer knows; write one of 0, 1, d, s and d:s")
	}
	p.r.FO = options
}

// sizeLimit is the obsolete limit behind a URI, as in "!10m".
var sizeLimit = regexp.MustCompile(`![0-9]+[kmgt]?$`)

// uris reads a list of URIs, and leaves out those that no report can be sent to.
func (p *parser) uris(tag, value string) []string {
	var uris []string
	for text := range strings.SplitSeq(value, ",") {
		uri := trim(text)
		if limit := sizeLimit.FindString(strings.ToLower(uri)); limit != "" {
			uri = uri[:len(uri)-len(limit)]
			p.remark(tag, fmt.Sprintf("limits the size of reports by %s, which RFC 9989 has removed", quoted(limit)))
		}
		if reason := badURI(uri); reason != "" {
			p.unusable(tag, fmt.Sprintf("%s is no address for reports: %s", quoted(uri), reason))
			continue
		}
		uris = append(uris, uri)
	}
	return uris
}

// badURI says why no report can be sent to a URI; empty where one can.
func badURI(text string) string {
	uri, err := url.Parse(text)
	switch {
	case err != nil || strings.ContainsAny(text, " !"):
		return "it is not written as a URI (RFC 3986), where blanks, commas and exclamation marks are percent-encoded"
	case uri.Scheme == "" && strings.Contains(text, "@"):
		return "write mailto: before it"
	case uri.Scheme == "":
		return "it has no scheme, such as mailto:"
	case uri.Scheme == "mailto" && !isAddress(uri.Opaque):
		return "behind mailto: there must be one mail address"
	}
	return ""
}

func isAddress(text string) bool {
	local, domain, found := strings.Cut(text, "@")
	return found && local != "" && domain != "" && !strings.Contains(domain, "@")
}

// removed are the tags of RFC 7489 that RFC 9989 has removed.
var removed = map[string]string{
	"pct": "to try a policy out, set t=y",
	"rf":  "there is one format of failure reports",
	"ri":  "aggregate reports come daily",
}

func (p *parser) unknown(name string) {
	lower := strings.ToLower(name)
	switch advice, obsolete := removed[name]; {
	case obsolete:
		p.ignore(name, "RFC 9989 has removed it: "+advice)
	case lower != name && slices.Contains(names, lower):
		p.ignore(name, "names of tags are in lower case: write "+lower)
	default:
		p.ignore(name, "DMARC knows no such tag; check the spelling")
	}
}

// names are the tags of RFC 9989 §4.7.
var names = []string{"adkim", "aspf", "fo", "np", "p", "psd", "rua", "ruf", "sp", "t", "v"}

// conclude remarks on what shows in the whole record alone.
func (p *parser) conclude() {
	switch {
	case !p.r.Applies():
		p.remark("p", "is no policy, as p, sp or np is unusable and there is no usable rua: receivers take the domain for one without DMARC (RFC 9989 §4.10.1)")
	case p.r.brokenPolicy():
		p.remark("p", "counts as p=none, whatever p, sp and np say, as one of them is unusable (RFC 9989 §4.10.1)")
	case p.r.P == "":
		p.remark("p", "names no policy, which counts as p=none; receivers that go by RFC 7489 ignore the record")
	}
	if len(p.r.FO) > 0 && len(p.r.RUF) == 0 {
		p.remark("fo", "has fo without ruf, where it means nothing (RFC 9989 §4.7)")
	}
}

// ignore remarks on a tag that is left out, whatever its value.
func (p *parser) ignore(tag, reason string) {
	p.r.Remarks = append(p.r.Remarks, Remark{Tag: shown(tag), Text: fmt.Sprintf("The tag %s is ignored: %s.", quoted(tag), reason)})
}

// unusable remarks on a tag whose value is left out.
func (p *parser) unusable(tag, reason string) {
	p.r.Remarks = append(p.r.Remarks, Remark{Tag: tag, Unusable: true, Text: fmt.Sprintf("The tag %s is ignored: %s.", quoted(tag), reason)})
}

func (p *parser) remark(tag, text string) {
	p.r.Remarks = append(p.r.Remarks, Remark{Tag: tag, Text: "The record " + text + "."})
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
