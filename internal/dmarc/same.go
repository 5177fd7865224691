package dmarc

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Same reports whether receivers make the same of two records, those that go by RFC 9989 and those that go by RFC 7489.
// The tags rf and ri, unknown tags and what cannot be used count for neither.
func Same(a, b string) bool {
	x, xErr := Parse(a)
	y, yErr := Parse(b)
	if xErr != nil || yErr != nil {
		return a == b
	}
	return x.Applies() == y.Applies() && x.Effective() == y.Effective() && x.Effective7489() == y.Effective7489() && percentageOf(a) == percentageOf(b) &&
		x.DKIMAlignment() == y.DKIMAlignment() && x.SPFAlignment() == y.SPFAlignment() && cmp.Or(x.PSD, PSDUnknown) == cmp.Or(y.PSD, PSDUnknown) &&
		slices.Equal(x.RUA, y.RUA) && slices.Equal(x.RUF, y.RUF) && slices.Equal(slices.Sorted(slices.Values(x.FailureOptions())), slices.Sorted(slices.Values(y.FailureOptions())))
}

// pct returns the value of the first tag pct of a record; empty where it has none.
func pct(txt string) string {
	for tag := range strings.SplitSeq(txt, ";") {
		if name, v, found := strings.Cut(tag, "="); found && trim(name) == "pct" {
			return trim(v)
		}
	}
	return ""
}

// percentageOf returns of how many in a hundred messages receivers that go by RFC 7489 hold the policy against (§6.3).
func percentageOf(txt string) uint64 {
	value := pct(txt)
	n, err := strconv.ParseUint(value, 10, 8)
	if err != nil || n > 100 {
		return 100
	}
	return n
}
