// Package dmarc reads and prints DMARC policy records (RFC 9989 §4.7).
//
// A record is never half broken: what a receiver cannot use of it, it leaves out and goes by the default
// (RFC 9989 §4.7). [Parse] does the same, and says in [Record.Remarks] what was left out and what has become
// obsolete. Only a text that is no DMARC record at all is an error.
package dmarc

import (
	"cmp"
	"errors"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Version is the value of the tag v, the only one there is. It is case-sensitive (RFC 9989 §4.8).
const Version = "DMARC1"

// ErrNotDMARC is the class of errors of [Parse]: receivers do not take the text for a DMARC record.
var ErrNotDMARC = errors.New("not a DMARC record")

// Policy is what the domain's owner asks receivers to do with mail that fails.
type Policy string

// The policies. The empty Policy is that of a tag that is missing or unusable.
const (
	None       Policy = "none"
	Quarantine Policy = "quarantine"
	Reject     Policy = "reject"
)

// Alignment is how close a domain that was authenticated must be to that of the author.
type Alignment string

// The alignments. Relaxed is the default.
const (
	Relaxed Alignment = "r" // the organisational domain is the same
	Strict  Alignment = "s" // the domain is the same
)

// PSD says whether the domain is a public suffix.
type PSD string

// The values of PSD. PSDUnknown is the default: receivers find out by a walk up the tree (RFC 9989 §4.10).
const (
	PSDYes     PSD = "y"
	PSDNo      PSD = "n"
	PSDUnknown PSD = "u"
)

// Record is a DMARC policy record. Empty fields are those of tags that are missing or unusable; the methods give
// what counts then.
type Record struct {
	P, SP, NP   Policy // for the domain, its subdomains, and subdomains that do not exist
	PSD         PSD
	Test        bool // receivers are asked to apply each policy one level lower (t=y)
	ADKIM, ASPF Alignment
	RUA, RUF    []string // URIs for aggregate and for failure reports
	FO          []string // when failure reports are wanted: 0 or 1, and d, s; in the order of the record
	// Remarks are what was left out, in the order of the record, and what is obsolete.
	Remarks []Remark
}

// Remark is about one tag of a record.
type Remark struct {
	Tag string
	// Unusable says that the tag is one of DMARC's and its value none of its own: the default counts.
	Unusable bool
	Dropped  bool   // the tag, or its value, is left out
	Text     string // a sentence for people, with its full stop; it has passed record.Display
}

// IsRecord reports whether a TXT value is a DMARC record: the version is its first tag.
func IsRecord(txt string) bool { return record.IsDMARC(txt) }

// Applies reports whether receivers apply a policy at all. A record without a policy, or whose p, sp or np is unusable,
// counts as p=none where it has a usable rua, and as no record without one (RFC 9989 §4.10.1).
func (r Record) Applies() bool { return !r.noPolicy() || len(r.RUA) > 0 }

// noPolicy reports whether the record says nothing that counts as a policy, whatever p, sp and np hold.
func (r Record) noPolicy() bool {
	if r.P == "" {
		return true
	}
	for _, remark := range r.Remarks {
		if remark.Unusable && (remark.Tag == "p" || remark.Tag == "sp" || remark.Tag == "np") {
			return true
		}
	}
	return false
}

// Policy returns the policy that counts for the domain: None where the record names none, and one level below the one
// that it names where it is a test (RFC 9989 §4.7).
func (r Record) Policy() Policy { return r.counts(r.P) }

// SubdomainPolicy returns the policy that counts for subdomains that exist: that of the domain where sp is missing.
func (r Record) SubdomainPolicy() Policy { return r.counts(cmp.Or(r.SP, r.P)) }

// NonexistentPolicy returns the policy that counts for subdomains that do not exist: that of those that do
// where np is missing.
func (r Record) NonexistentPolicy() Policy { return r.counts(cmp.Or(r.NP, r.SP, r.P)) }

// counts returns what counts of a policy that the record names.
func (r Record) counts(named Policy) Policy {
	if r.noPolicy() {
		return None
	}
	if r.Test {
		return named.lower()
	}
	return named
}

// lower returns the policy one level below: what a test asks for.
func (p Policy) lower() Policy {
	if p == Reject {
		return Quarantine
	}
	return None
}

// FailureOptions returns what counts of the tag fo: "0" alone, reports on mail that fails SPF and DKIM both, where it is
// missing or unusable (RFC 9989 §4.7).
func (r Record) FailureOptions() []string {
	if len(r.FO) == 0 {
		return []string{"0"}
	}
	return r.FO
}

// DKIMAlignment and SPFAlignment return what counts.
func (r Record) DKIMAlignment() Alignment { return cmp.Or(r.ADKIM, Relaxed) }

// SPFAlignment returns what counts for SPF.
func (r Record) SPFAlignment() Alignment { return cmp.Or(r.ASPF, Relaxed) }

// String prints what is usable of the record: v, p, sp, np, psd, t, adkim, aspf, rua, ruf, fo. Parsing it again
// gives the same fields; only remarks, and with them what an unusable policy means, are gone.
func (r Record) String() string {
	tags := []string{"v=" + Version}
	add := func(name, value string) {
		if value != "" {
			tags = append(tags, name+"="+value)
		}
	}
	add("p", string(r.P))
	add("sp", string(r.SP))
	add("np", string(r.NP))
	add("psd", string(r.PSD))
	if r.Test {
		add("t", "y")
	}
	add("adkim", string(r.ADKIM))
	add("aspf", string(r.ASPF))
	add("rua", strings.Join(r.RUA, ","))
	add("ruf", strings.Join(r.RUF, ","))
	add("fo", strings.Join(r.FO, ":"))
	return strings.Join(tags, "; ")
}

// trim takes off what the grammar calls WSP.
func trim(s string) string { return strings.Trim(s, " \t") }
