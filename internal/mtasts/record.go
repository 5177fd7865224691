// Package mtasts reads and prints the two parts of MTA-STS (RFC 8461): the TXT record at _mta-sts, and the policy file that
// senders fetch over HTTPS when the record's id changes.
package mtasts

import (
	"errors"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/taglist"
)

// Version is the version of records and of policies, the only one there is.
const Version = "STSv1"

// Label stands before the domain in the owner of the record, and Host before that of the policy's URL (RFC 8461 §3.1, §3.3).
const (
	Label = "_mta-sts"
	Host  = "mta-sts"
)

// MaxID is how many characters an id has at most (RFC 8461 §3.1).
const MaxID = 32

// ErrNotSTS is the class of errors of [Parse] about a text that senders do not take for an MTA-STS record.
var ErrNotSTS = errors.New("not an MTA-STS record")

// format is what the record shares with others.
var format = taglist.Format{
	Name: "an MTA-STS record", Version: Version, Owner: Label, Section: "RFC 8461 §3.1", Example: "v=STSv1; id=20260401",
	Names: []string{"v", "id"}, Tags: record.NewTagNames([]string{"v", "id"}), Err: ErrNotSTS,
	Mend: func(_, id string) string { return alphanumerics(id) },
}

// Record is the TXT record at _mta-sts.
type Record struct {
	ID string // 1 to 32 letters and digits; another one tells senders to fetch the policy anew
	// Other are tags that RFC 8461 does not define, as written: "a=1; b=2". Senders ignore them.
	Other string
	// Remarks are sentences about what senders ignore.
	Remarks []string
}

// IsRecord reports whether senders take a TXT value for an MTA-STS record, be it a broken one.
func IsRecord(txt string) bool { return format.IsRecord(txt) }

// Parse reads a record, strictly: senders take a domain whose record is broken for one without MTA-STS (RFC 8461 §3.1). It
// returns an error that wraps [ErrNotSTS], or a *taglist.SyntaxError.
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
	for _, t := range tags {
		switch {
		case t.Name == "id" && r.ID != "":
			r.Remarks = taglist.Remark(r.Remarks, `The tag "id" appears twice; senders take the first one (RFC 8461 §3.2).`)
		case t.Name == "id":
			if reason := whyNoID(t.Value); reason != "" {
				return Record{}, format.Fail(t, "%s", reason)
			}
			r.ID = t.Value
		case t.Name == "v":
			return Record{}, format.Fail(t, "the version appears twice; two records may have been joined into one")
		case t.Value == "" || strings.ContainsAny(t.Value, " \t="):
			return Record{}, format.Fail(t, "its value is empty, or holds a blank or an equals sign, which no tag may (RFC 8461 §3.1)")
		default:
			other = append(other, t.Name+"="+t.Value)
			r.Remarks = taglist.Remark(r.Remarks, "The tag %s is not one of MTA-STS: senders ignore it.", record.ShortQuoted(t.Name))
		}
	}
	if r.ID == "" {
		return Record{}, format.Fail(taglist.Tag{Name: "id", Offset: len(txt)}, "it is missing; it is required, since it tells senders when to fetch the policy")
	}
	r.Other = strings.Join(other, "; ")
	return r, nil
}

// whyNoID says why a text is no id; empty where it is one.
func whyNoID(id string) string {
	const rule = "an id is 1 to 32 letters and digits (RFC 8461 §3.1)"
	switch {
	case id == "":
		return rule + ", and this one is empty"
	case alphanumerics(id) != id:
		return rule
	case len(id) > MaxID:
		return rule + ", and this one is longer"
	}
	return ""
}

// alphanumerics returns the letters and digits of a text.
func alphanumerics(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, text)
}

// String prints the record. It is the inverse of [Parse], but for remarks. A record without an id is the empty string.
func (r Record) String() string {
	if r.ID == "" {
		return ""
	}
	text := "v=" + Version + "; id=" + r.ID
	if r.Other != "" {
		text += "; " + r.Other
	}
	return text
}

// Owner returns the name that the record stands at, and reports false where that is too long.
func Owner(domain dnsname.Name) (dnsname.Name, bool) {
	owner, err := dnsname.ParseIn(Label, domain)
	return owner, err == nil
}

// URL returns where senders fetch the policy of a domain (RFC 8461 §3.3).
func URL(domain dnsname.Name) string {
	return "https://" + Host + "." + domain.String() + "/.well-known/mta-sts.txt"
}
