package compose

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

// advised returns a text as sentences, with the option of the configuration that changes the result.
func advised(text string, advice merge.Advice) string {
	text = Sentence(text)
	if option := optionFor(advice); option != "" {
		text += " " + option
	}
	return text
}

// flattenAdvice returns the remedy for a source that cannot be flattened.
func flattenAdvice(err *tree.FlattenError) string {
	switch {
	case errors.Is(err, tree.ErrUnread):
		return ""
	case errors.Is(err, tree.ErrUnknownSource):
		return "Correct the name in `flatten`, or take it out."
	case errors.Is(err, tree.ErrFlatSize) && err.Source == "":
		return "Set `max_size` to the octets of a flattened record, or flatten fewer sources."
	case errors.Is(err, tree.ErrFlatSize):
		return "Raise `max_size`, or leave the source out of `flatten`."
	}
	return "Leave it out of `flatten`: list the sources that are to be flattened there, in place of `*`."
}

// limitAdvice returns the remedies for a record past a limit. For lookups, the removal of senders comes first, since it
// costs no upkeep, and flattening last, since its addresses age. Flattening is for the record of the domain itself.
func (b *builder) limitAdvice(limit *tree.LimitError) string {
	switch limit.Limit {
	case tree.LimitVoid:
		return "Remove the terms that find nothing, or publish the records that they name."
	case tree.LimitMXNames:
		return "Name the networks of the mail servers with ip4 and ip6 in its place."
	}
	var advice []string
	if names := b.bounceElsewhere(limit.Owner); len(names) > 0 {
		advice = append(advice, fmt.Sprintf("Leave the SPF terms of %s out of the record, with `groups`: their mail bounces to another name, and receivers look up SPF there, not at %s.",
			strings.Join(names, " and "), limit.Owner))
	}
	if len(b.services) > 0 && limit.Owner == b.config.Domain {
		advice = append(advice, fmt.Sprintf("Move a sender to a host of its own, such as news.%s: with that host in its entry of `services`, its terms stand in the record of the host, and it must send and bounce from there.", limit.Owner))
	}
	advice = append(advice, "Remove senders that are no longer used.")
	switch {
	case limit.Owner != b.config.Domain:
	case len(limit.Flatten) == 0:
		advice = append(advice, "Flattening alone does not bring the record within the limit.")
	default:
		var names []string
		for _, name := range slices.Concat(b.config.Flatten, limit.Flatten) {
			names = append(names, record.DisplayQuoted(name))
		}
		advice = append(advice, fmt.Sprintf("Or set `flatten = [%s]`, which would bring it to %d.", strings.Join(names, ", "), limit.After))
	}
	return strings.Join(advice, " ")
}

// bounceElsewhere returns the services with terms in the record of owner whose mail bounces to another name. Their terms
// have no effect there.
func (b *builder) bounceElsewhere(owner dnsname.Name) []string {
	var names []string
	for _, s := range b.services {
		if from := s.Facts.MailFrom; from == "" || from == service.MailFromDomain {
			continue
		}
		if slices.ContainsFunc(s.SPF, func(part service.SPF) bool { return part.Owner == owner && owner == b.config.Domain }) {
			names = append(names, s.name())
		}
	}
	return names
}

// optionFor returns an advice in the words of the configuration.
func optionFor(advice merge.Advice) string {
	switch advice.Kind {
	case merge.AdviceAllowPassAll:
		return "Set `allow_pass_all = true` if that is intended."
	case merge.AdviceAll:
		if advice.All == "" {
			return "Set `all` to the ending that is meant."
		}
		if advice.All == merge.AllKeep {
			return "Set `all = \"keep\"` to leave the ending as it is."
		}
		return fmt.Sprintf("Set `all = %q` if that ending is intended.", advice.All)
	case merge.AdviceEnding:
		return fmt.Sprintf("Set `all = %q` if the new ending is intended, or `all = \"keep\"` to leave the ending as it is.", advice.All)
	case merge.AdviceMechanisms:
		return "Write " + quoteTerms([]string{advice.Term}) + " in `mechanisms` if it is intended."
	case merge.AdviceRemove:
		return "Write " + quoteTerms([]string{advice.Term}) + " in `remove`."
	case merge.AdviceKeep:
		return "Take it out of `remove` otherwise."
	case merge.AdviceServices:
		names := make([]string, len(advice.Services))
		for i, name := range advice.Services {
			names[i] = "`services[" + record.DisplayQuoted(name) + "]`"
		}
		return fmt.Sprintf("Take %s out if it no longer sends, or leave the group of its SPF terms out of its `groups` (`spf` in most built-in services); otherwise take the term out of `remove`.",
			strings.Join(names, " and "))
	default:
		return ""
	}
}
