package merge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// All is how a merged record ends: what becomes of mail from senders that it does not name.
type All string

// The endings. The zero All means AllFail.
const (
	AllFail     All = "fail"     // -all
	AllSoftFail All = "softfail" // ~all
	AllNeutral  All = "neutral"  // ?all
	AllPass     All = "pass"     // +all; needs [Merge.AllowPassAll]

	// AllKeep takes the ending of the existing record. Where there is no existing record, or its ending is
	// its redirect= and cannot stay, it falls back to AllFail.
	AllKeep All = "keep"
)

// AllValues lists the endings in the order that documentation names them.
func AllValues() []All { return []All{AllFail, AllSoftFail, AllNeutral, AllPass, AllKeep} }

// ParseAll reads an ending. It returns an error that wraps [ErrAll].
func ParseAll(s string) (All, error) { return ParseAllOf(s, AllValues()) }

// ParseAllOf is [ParseAll] for a caller that takes some of the endings alone.
func ParseAllOf(s string, values []All) (All, error) {
	all := All(s)
	if !slices.Contains(values, all) {
		text := record.Unlisted(s, values)
		if meant := meantAll(s); meant != "" && !strings.Contains(text, ": write ") {
			text += fmt.Sprintf(": write %q", meant)
		}
		return "", fmt.Errorf("%w: %s", ErrAll, text)
	}
	return all, nil
}

// meantAll returns the ending that is meant by another word for it, or by the term itself. What lets everyone pass is
// never guessed.
func meantAll(s string) All {
	switch strings.TrimSuffix(strings.Join(strings.Fields(strings.ToLower(s)), ""), "all") {
	case "-", "hardfail", "hard", "hard-fail", "hard_fail", "reject", "deny", "strict":
		return AllFail
	case "~", "soft", "softfail", "soft-fail", "soft_fail":
		return AllSoftFail
	case "?", "neutral":
		return AllNeutral
	}
	return ""
}

// qualifier returns the qualifier of an ending other than AllKeep.
func (a All) qualifier() spf.Qualifier {
	switch a {
	case AllSoftFail:
		return spf.SoftFail
	case AllNeutral:
		return spf.Neutral
	case AllPass:
		return spf.Pass
	default:
		return spf.Fail
	}
}
