package verify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// sameDMARC compares the policies that receivers take from two records: tags that are left out have their defaults, and tags
// that receivers ignore have no effect (RFC 9989 §4.7).
func sameDMARC(want, got string) bool {
	a, err := dmarc.Parse(want)
	if err != nil {
		return sameTags(want, got)
	}
	b, err := dmarc.Parse(got)
	return err == nil && a.Applies() == b.Applies() && a.Effective() == b.Effective() && a.Effective7489() == b.Effective7489() &&
		a.DKIMAlignment() == b.DKIMAlignment() && a.SPFAlignment() == b.SPFAlignment() &&
		cmp.Or(a.PSD, dmarc.PSDUnknown) == cmp.Or(b.PSD, dmarc.PSDUnknown) && percentage(want) == percentage(got) && !hasUnusable(b) &&
		sameURIs(a.RUA, b.RUA) && sameURIs(a.RUF, b.RUF) && (len(a.RUF) == 0 || equalSets(a.FailureOptions(), b.FailureOptions())) && !repeats(got)
}

// sameAuthorisation compares what receivers take from two records that authorise reports: addresses that are to have them in place of
// those that were asked for (RFC 9990 §4). They heed no other tag there.
func sameAuthorisation(want, got string) bool {
	a, err := dmarc.Parse(want)
	if err != nil {
		return sameTags(want, got)
	}
	b, err := dmarc.Parse(got)
	return err == nil && sameURIs(a.RUA, b.RUA) && sameURIs(a.RUF, b.RUF)
}

// hasUnusable reports whether the value of a tag is none of its own: the default counts, and nobody means that.
func hasUnusable(r dmarc.Record) bool {
	return slices.ContainsFunc(r.Remarks, func(remark dmarc.Remark) bool { return remark.Unusable })
}

// percentage returns the tag pct, which receivers that go by RFC 7489 §6.3 still look at.
func percentage(value string) string {
	for _, tag := range tags(value) {
		if v, ok := strings.CutPrefix(tag, "pct="); ok && v != "100" {
			return v
		}
	}
	return ""
}

// repeats reports whether a tag appears twice, of which receivers may take either.
func repeats(value string) bool {
	seen := make(map[string]bool)
	for _, tag := range tags(value) {
		name, _, _ := strings.Cut(tag, "=")
		if seen[name] {
			return true
		}
		seen[name] = true
	}
	return false
}

// sameURIs compares lists of addresses for reports. Schemes and hosts know no case, local parts and paths do (RFC 3986 §6.2.2.1).
func sameURIs(a, b []string) bool { return equalSets(plainURIs(a), plainURIs(b)) }

func sameURI(a, b string) bool { return sameURIs([]string{a}, []string{b}) }

// plainURIs returns URIs in the form in which equal ones are the same.
func plainURIs(uris []string) []string {
	plain := make([]string, len(uris))
	for i, uri := range uris {
		scheme, rest, _ := strings.Cut(uri, ":")
		scheme = strings.ToLower(scheme)
		if scheme == "mailto" {
			address, query, found := strings.Cut(rest, "?")
			local, host, _ := strings.Cut(address, "@")
			rest = local + "@" + strings.ToLower(host)
			if found {
				rest += "?" + query
			}
		} else if behind, ok := strings.CutPrefix(rest, "//"); ok {
			host, path, found := strings.Cut(behind, "/")
			rest = "//" + strings.ToLower(host)
			if found {
				rest += "/" + path
			}
		}
		plain[i] = scheme + ":" + rest
	}
	return plain
}

// sameSTS compares ids: senders look at nothing else (RFC 8461 §3.1).
func sameSTS(want, got string) bool {
	a, err := mtasts.Parse(want)
	if err != nil {
		return sameTags(want, got)
	}
	b, err := mtasts.Parse(got)
	return err == nil && a.ID == b.ID
}

// sameTLSRPT compares where reports go (RFC 8460 §3).
func sameTLSRPT(want, got string) bool {
	a, err := tlsrpt.Parse(want)
	if err != nil {
		return sameTags(want, got)
	}
	b, err := tlsrpt.Parse(got)
	return err == nil && sameURIs(a.RUA, b.RUA)
}

// sameBIMI compares logo, certificate and wishes.
func sameBIMI(want, got string) bool {
	a, err := bimi.Parse(want)
	if err != nil {
		return sameTags(want, got)
	}
	b, err := bimi.Parse(got)
	return err == nil && sameURI(a.Location, b.Location) && sameURI(a.Evidence, b.Evidence) && cmp.Or(a.Avatar, bimi.Brand) == cmp.Or(b.Avatar, bimi.Brand) &&
		(a.Prefixes == nil) == (b.Prefixes == nil) && equalSets(slices.Clone(a.Prefixes), slices.Clone(b.Prefixes))
}
