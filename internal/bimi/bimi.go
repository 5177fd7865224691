// Package bimi reads and prints BIMI assertion records, which say where a domain's logo is (Internet-Draft
// draft-brand-indicators-for-message-identification, by the AuthIndicators Working Group).
package bimi

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/taglist"
)

// Version is the version of records, the only one there is.
const Version = "BIMI1"

// Label stands between the selector and the domain in the owner of a record, DefaultSelector before it where a message
// names no other.
const (
	Label           = "_bimi"
	DefaultSelector = "default"
)

// ErrNotBIMI is the class of errors of [Parse] about a text that receivers do not take for a BIMI record.
var ErrNotBIMI = errors.New("not a BIMI record")

const section = "BIMI draft §4.3"

var tagNames = []string{"v", "l", "a", "avp", "lps"}

// format is what the record shares with others.
var format = taglist.Format{
	Name: "a BIMI record", Version: Version, Owner: "<selector>._bimi", Section: section, Example: "v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/logo.pem",
	Names: tagNames, Tags: record.NewTagNames(tagNames, "l", "a", "lps"), Blanks: true, Err: ErrNotBIMI, Mend: mend,
}

// Avatar is what a receiver shows that has a picture of the sender as well as the logo.
type Avatar string

// The preferences. Brand is the default.
const (
	Brand    Avatar = "brand"    // the logo
	Personal Avatar = "personal" // the picture
)

var avatars = []Avatar{Brand, Personal}

// Record is a BIMI assertion record.
type Record struct {
	Location string // HTTPS URI of the logo, in SVG; empty in a record that declines
	Evidence string // HTTPS URI of the mark certificate, in PEM; empty where there is none
	Avatar   Avatar // empty where the record says nothing
	// Prefixes are those of the local parts that have a logo of their own (lps). An empty list that is not nil says that
	// every local part may have one.
	Prefixes []string
	// Other are tags that the draft does not define, as written: "x=1; y=2". Receivers ignore them.
	Other string
	// Remarks are sentences about what receivers ignore.
	Remarks []string
}

// IsRecord reports whether receivers take a TXT value for a BIMI record, be it a broken one.
func IsRecord(txt string) bool { return format.IsRecord(txt) }

// Declined reports whether the record says that there is to be no logo.
func (r Record) Declined() bool { return r.Location == "" }

// Parse reads a record, strictly: receivers show no logo where it is broken. It returns an error that wraps [ErrNotBIMI], or
// a *taglist.SyntaxError.
func Parse(txt string) (Record, error) {
	r, err := parse(txt)
	return r, format.Advise(txt, err, func(txt string) error {
		_, err := parse(txt)
		return err
	})
}

func parse(txt string) (Record, error) {
	tags, err := format.Read(txt)
	if err != nil {
		return Record{}, err
	}
	var r Record
	var other []string
	seen := map[string]bool{"v": true}
	for _, t := range tags {
		if seen[t.Name] {
			// The syntax is that of RFC 6376 §3.2, where no name appears twice.
			return Record{}, format.Fail(t, "it appears twice; two records may have been joined into one")
		}
		seen[t.Name] = true
		known, err := r.set(t)
		if err != nil {
			return Record{}, err
		}
		if !known {
			other = append(other, t.Name+"="+t.Value)
			r.Remarks = taglist.Remark(r.Remarks, "The tag %s is not one of BIMI: receivers ignore it.", record.ShortQuoted(t.Name))
		}
	}
	switch {
	case !seen["l"]:
		return Record{}, format.Fail(taglist.Tag{Name: "l", Offset: len(txt)}, "it is missing; it is required: it names the logo, or is empty in a record that declines one (%s)", section)
	case r.Location == "" && r.Evidence != "":
		return Record{}, format.Fail(taglist.Tag{Name: "l"}, "it names no logo, and the tag a names a certificate for one: receivers show none (%s)", section)
	}
	r.Other = strings.Join(other, "; ")
	return r, nil
}

// set stores one tag, and reports false for a name that the draft does not define.
func (r *Record) set(t taglist.Tag) (known bool, err error) {
	switch t.Name {
	case "l":
		if reason := whyNoLogo(t.Value); t.Value != "" && reason != "" {
			return true, format.Fail(t, "%s", reason)
		}
		r.Location = t.Value
	case "a":
		if reason := whyNoURL(t.Value); t.Value != "" && reason != "" {
			return true, format.Fail(t, "%s", reason)
		}
		r.Evidence = t.Value
	case "avp":
		if avatar := Avatar(strings.ToLower(t.Value)); slices.Contains(avatars, avatar) {
			r.Avatar = avatar
		} else {
			r.Remarks = taglist.Remark(r.Remarks, "The tag \"avp\" is ignored: %s is not one of its values: %s; the default, %s, counts.",
				record.ShortQuoted(t.Value), record.OneOf(avatars), Brand)
		}
	case "lps":
		return true, r.prefixes(t)
	default:
		return false, nil
	}
	return true, nil
}

// prefixes reads the tag lps.
func (r *Record) prefixes(t taglist.Tag) error {
	r.Prefixes = []string{}
	if t.Value == "" {
		return nil
	}
	for text := range strings.SplitSeq(t.Value, ",") {
		prefix := strings.ToLower(strings.Trim(text, " \t"))
		if prefix == "" || len(prefix) > dnsname.MaxLabel || strings.Trim(prefix, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return format.Fail(t, "%s is not a prefix of a local part, which has 1 to %d letters, digits and hyphens", record.ShortQuoted(prefix), dnsname.MaxLabel)
		}
		r.Prefixes = append(r.Prefixes, prefix)
	}
	return nil
}

// whyNoLogo says why a text is no URI of a logo; empty where it is one.
func whyNoLogo(text string) string {
	if reason := whyNoURL(text); reason != "" {
		return reason
	}
	// A logo of another format is an error for good.
	if u, err := url.Parse(text); err == nil && !isSVG(u.Path) {
		return "a logo is an image in SVG, whose name ends in .svg or .svgz"
	}
	return ""
}

func isSVG(path string) bool {
	path = strings.ToLower(path)
	return strings.HasSuffix(path, ".svg") || strings.HasSuffix(path, ".svgz") || strings.HasSuffix(path, ".svg.gz")
}

// whyNoURL says why receivers fetch nothing from a URI; empty where they do.
func whyNoURL(text string) string {
	u, err := url.Parse(text)
	switch {
	case strings.ContainsAny(text, " \t,") && strings.Count(text, "://") > 1:
		return "it holds several URIs, and may hold one"
	case err != nil || strings.ContainsAny(text, " \t,<>\"`|^{}\\"):
		return "it is not written as a URI (RFC 3986), where blanks and commas are percent-encoded"
	case u.Scheme != "https":
		return `it must begin with "https://": receivers fetch it over HTTPS alone`
	case strings.ContainsFunc(text, func(c rune) bool { return c > '~' }):
		return "a URI is ASCII (RFC 3986): a domain is written in A-labels (\"xn--…\"), and other characters are percent-encoded"
	case u.User != nil:
		return "it holds a user, which receivers do not send"
	}
	name, err := dnsname.Parse(u.Hostname())
	if err != nil || len(name.Labels()) < 2 || u.Opaque != "" {
		return "it names no host with a whole name"
	}
	return ""
}

// mend writes a value as it was probably meant.
func mend(name, value string) string {
	switch name {
	case "l", "a":
		value = strings.TrimRight(strings.Trim(value, " \t<>'"), ".")
		scheme, rest, found := strings.Cut(value, "://")
		switch {
		case found && strings.EqualFold(scheme, "http"):
			value = "https://" + rest
		case !found && strings.Contains(value, "/") && strings.Contains(value, "."):
			value = "https://" + strings.TrimLeft(value, "/")
		}
		if strings.Count(value, "://") == 1 {
			value = strings.ReplaceAll(value, ",", "%2C")
		}
		return asciiURL(value)
	case "lps":
		return strings.ReplaceAll(value, "@", "")
	}
	return value
}

// asciiURL writes the host of a URL outside ASCII in A-labels, and its other characters percent-encoded; any other text
// stays as it is.
func asciiURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || !strings.ContainsFunc(text, func(c rune) bool { return c > '~' }) {
		return text
	}
	if name, err := dnsname.Parse(u.Hostname()); err == nil && u.Port() == "" {
		u.Host = name.String()
	}
	return u.String()
}

// String prints the record: v, l, a, avp, lps, and unknown tags. It is the inverse of [Parse], but for remarks.
func (r Record) String() string {
	tags := []string{"v=" + Version, "l=" + r.Location}
	if r.Evidence != "" || r.Declined() {
		tags = append(tags, "a="+r.Evidence)
	}
	if r.Avatar != "" {
		tags = append(tags, "avp="+string(r.Avatar))
	}
	if r.Prefixes != nil {
		tags = append(tags, "lps="+strings.Join(r.Prefixes, ","))
	}
	if r.Other != "" {
		tags = append(tags, r.Other)
	}
	text := strings.Join(tags, "; ")
	if strings.HasSuffix(text, "=") {
		text += ";" // As the draft has a record that declines.
	}
	return text
}
