package merge

import (
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// ending returns the qualifier of the `all` that ends the record, which has no redirect= any more.
func (w *merging) ending() (spf.Qualifier, error) {
	all := w.All
	if all == AllKeep {
		return w.keptEnding(), nil
	}
	q := all.qualifier()
	if q == spf.Pass && !w.AllowPassAll {
		return 0, &Error{
			Term: spf.AllText(spf.Pass), Err: ErrPassAll, Advice: Advice{Kind: AdviceAllowPassAll},
			Detail: `the ending "pass" lets every host on the internet send as the domain; choose another, such as "fail"`,
		}
	}
	// An ending that is asked for is meant.
	if all == "" && w.Existing != nil && w.existing.redirect == "" && q.Strictness() > w.existing.all.Strictness() {
		w.warnAdvised(WarnEnding, Advice{Kind: AdviceEnding, All: AllFail}, w.existingSource, "",
			`The existing record %s; the new one ends in %q (%s), as Catglobe recommends. Make sure that it has every sender of the domain.`,
			w.existing.describe(), spf.AllText(q), q.Word())
	}
	return q, nil
}

// keptEnding returns the ending for AllKeep.
func (w *merging) keptEnding() spf.Qualifier {
	switch {
	case w.Existing == nil:
		w.warnAdvised(WarnEnding, Advice{Kind: AdviceAll}, Source{}, "", `No existing record has an ending to keep; the record ends in "-all".`)
		return spf.Fail
	case w.existing.redirect != "":
		w.warnAdvised(WarnEnding, Advice{Kind: AdviceAll}, w.existingSource, spf.Redirect+"="+w.existing.redirect,
			`The ending of the existing record comes from its redirect=, and cannot be kept; the record ends in "-all".`)
		return spf.Fail
	case !w.existing.ends:
		w.warnAdvised(WarnEnding, Advice{Kind: AdviceAll, All: AllFail}, w.existingSource, "", `The existing record has no "all", which means neutral (RFC 7208 §4.7); the new one says so with "?all".`)
		return spf.Neutral
	}
	return w.existing.all
}

// An existingEnding is what becomes, by the existing record, of mail from senders that it does not name.
type existingEnding struct {
	ends     bool          // it has an `all`
	all      spf.Qualifier // of its `all`; Neutral without one (RFC 7208 §4.7)
	redirect string        // the target of its redirect=, where that is alive
}

func (e existingEnding) describe() string {
	if !e.ends {
		return `has no "all", which means neutral (RFC 7208 §4.7)`
	}
	return fmt.Sprintf("ends in %q (%s)", spf.AllText(e.all), e.all.Word())
}
