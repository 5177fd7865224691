package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// advised returns a text as sentences, with what the options of a record can do about it.
func advised(text string, advice merge.Advice) string {
	text = Sentence(text)
	if option := optionFor(advice); option != "" {
		text += " " + option
	}
	return text
}

// limitAdvice says what brings a record within a limit. Flattening is for the record of the domain itself.
func (b *spfBuilder) limitAdvice(limit *tree.LimitError) string {
	switch {
	case limit.Limit == tree.LimitVoid:
		return "Remove the terms that find nothing, or publish what they name."
	case limit.Limit == tree.LimitMXNames:
		return "Name the networks of the mail servers with ip4 and ip6 in its place."
	case limit.Owner != b.config.Domain:
		return "Remove senders that are no longer used."
	case len(limit.Flatten) == 0:
		return "Remove senders that are no longer used: flattening alone does not bring it within the limit."
	}
	var names []string
	for _, name := range slices.Concat(b.config.Flatten, limit.Flatten) {
		names = append(names, record.DisplayQuoted(name))
	}
	return fmt.Sprintf("Remove senders that are no longer used, or set `flatten = [%s]`, which would bring it to %d.", strings.Join(names, ", "), limit.After)
}

// optionFor says which option an advice is about, in the words of the configuration.
func optionFor(advice merge.Advice) string {
	switch advice.Kind {
	case merge.AdviceAllowPassAll:
		return "Set `allow_pass_all = true` where that is meant."
	case merge.AdviceAll:
		if advice.All == "" {
			return "Set `all` to the ending that is meant."
		}
		if advice.All == merge.AllKeep {
			return "Set `all = \"keep\"` to leave the ending as it is."
		}
		return fmt.Sprintf("Set `all = %q` where that ending is meant.", advice.All)
	case merge.AdviceEnding:
		return fmt.Sprintf("Set `all = %q` where the new ending is meant, or `all = \"keep\"` to leave the ending as it is.", advice.All)
	case merge.AdviceMechanisms:
		return "Write " + quoteTerms([]string{advice.Term}) + " in `mechanisms` where it is meant."
	case merge.AdviceRemove:
		return "Write " + quoteTerms([]string{advice.Term}) + " in `remove`."
	case merge.AdviceKeep:
		return "Take it out of `remove` otherwise."
	case merge.AdviceServices:
		names := make([]string, len(advice.Services))
		for i, name := range advice.Services {
			names[i] = "`services[" + record.DisplayQuoted(name) + "]`"
		}
		return fmt.Sprintf("Take %s out where it no longer sends, or leave the group of its SPF terms out of its `groups` (`spf` in most built-in services); otherwise take the term out of `remove`.",
			strings.Join(names, " and "))
	default:
		return ""
	}
}
