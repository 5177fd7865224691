package spf

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
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
func (a All) qualifier() Qualifier {
	switch a {
	case AllSoftFail:
		return SoftFail
	case AllNeutral:
		return Neutral
	case AllPass:
		return Pass
	default:
		return Fail
	}
}

// allText returns `all` as texts show it, "+all" with its sign.
func allText(q Qualifier) string {
	if q == Pass {
		return "+all"
	}
	return Term{Qualifier: q, Mechanism: MechAll}.String()
}

// ending returns the qualifier of the `all` that ends the record, which has no redirect= any more.
func (w *merging) ending() (Qualifier, error) {
	all := w.All
	if all == AllKeep {
		return w.keptEnding(), nil
	}
	q := all.qualifier()
	if q == Pass && !w.AllowPassAll {
		return 0, &MergeError{
			Term: allText(Pass), Err: ErrPassAll, Advice: Advice{Kind: AdviceAllowPassAll},
			Detail: `the ending "pass" lets every host on the internet send as the domain; choose another, such as "fail"`,
		}
	}
	// An ending that is asked for is meant.
	if all == "" && w.Existing != nil && w.existing.redirect == "" && q.strictness() > w.existing.all.strictness() {
		w.warnAdvised(WarnEnding, Advice{Kind: AdviceEnding, All: AllFail}, w.existingSource, "",
			`The existing record %s; the new one ends in %q (%s), as Catglobe recommends. Make sure that every sender of the domain is in it.`,
			w.existing.describe(), allText(q), q.Word())
	}
	return q, nil
}

// keptEnding returns the ending for AllKeep.
func (w *merging) keptEnding() Qualifier {
	switch {
	case w.Existing == nil:
		w.warnAdvised(WarnEnding, Advice{Kind: AdviceAll}, Source{}, "", `There is no existing record whose ending could be kept; the record ends in "-all".`)
		return Fail
	case w.existing.redirect != "":
		w.warnAdvised(WarnEnding, Advice{Kind: AdviceAll}, w.existingSource, modRedirect+"="+w.existing.redirect,
			`The ending of the existing record lies behind its redirect=, and cannot be kept; the record ends in "-all".`)
		return Fail
	case !w.existing.ends:
		w.warnAdvised(WarnEnding, Advice{Kind: AdviceAll, All: AllFail}, w.existingSource, "", `The existing record has no "all", which means neutral (RFC 7208 §4.7); the new one says so with "?all".`)
		return Neutral
	}
	return w.existing.all
}

// An existingEnding is what becomes, by the existing record, of mail from senders that it does not name.
type existingEnding struct {
	ends     bool      // it has an `all`
	all      Qualifier // of its `all`; Neutral without one (RFC 7208 §4.7)
	redirect string    // the target of its redirect=, where that is alive
}

func (e existingEnding) describe() string {
	if !e.ends {
		return `has no "all", which means neutral (RFC 7208 §4.7)`
	}
	return fmt.Sprintf("ends in %q (%s)", allText(e.all), e.all.Word())
}
