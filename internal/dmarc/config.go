package dmarc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/reporturi"
)

// Config is a policy as the owner of a domain writes it. What is left out comes from Existing, and where that does not have
// it either, the default of RFC 9989 §4.7 counts.
type Config struct {
	Domain dnsname.Name
	// Existing is a record to take over.
	Existing string
	// Policy, SubdomainPolicy and NonexistentPolicy are none, quarantine or reject. Policy is required where Existing has none.
	Policy, SubdomainPolicy, NonexistentPolicy string
	Testing                                    *bool
	DKIMAlignment, SPFAlignment                string   // relaxed or strict
	AggregateReports, FailureReports           []string // addresses or URIs; nil is left out, and an empty list is none
	FailureOptions                             []string // 0 or 1, and d, s; nil is left out
	PSD                                        string   // y, n or u
}

// Built is what [Config.Build] makes of a policy.
type Built struct {
	// Record prints as what is published. It has no remarks, and no tag whose value is the default.
	Record Record
	// Authorisations are the records that others publish for the reports to reach them.
	Authorisations []Authorisation
	Warnings       problem.Problems
}

// Build returns the record of a policy, written so that receivers that go by RFC 7489 understand it. Its problems and
// warnings lead to policy, subdomain_policy, nonexistent_subdomain_policy, testing, dkim_alignment, spf_alignment,
// aggregate_reports, failure_reports, failure_options, psd and existing. It returns problem.Problems.
func (c Config) Build() (Built, error) {
	b := builder{config: c, organisational: OrganisationalDomain(c.Domain)}
	b.takeOver()
	b.policies()
	b.others()
	b.built.Record.RUA = b.reports("aggregate_reports", c.AggregateReports, b.built.Record.RUA)
	b.built.Record.RUF = b.reports("failure_reports", c.FailureReports, b.built.Record.RUF)
	b.options()
	if b.built.Record.PSD == PSDNo {
		b.organisational = c.Domain
	}
	b.leaveOutDefaults()
	if len(b.problems) == 0 {
		b.examine()
		b.authorise("aggregate_reports", b.built.Record.RUA)
		b.authorise("failure_reports", b.built.Record.RUF)
	}
	if err := b.problems.OrNil(); err != nil {
		return Built{}, err
	}
	return b.built, nil
}

type builder struct {
	config         Config
	built          Built
	organisational dnsname.Name
	existing       Record // as it was read
	unread         bool   // there is an existing record, and it cannot be read
	problems       problem.Problems
}

func (b *builder) problem(path problem.Path, format string, args ...any) {
	b.problems = append(b.problems, &problem.Problem{Path: path, Summary: "DMARC policy", Detail: problem.Sentence(fmt.Sprintf(format, args...))})
}

// warn adds a warning; its code says how it is acknowledged.
func (b *builder) warn(path problem.Path, code, format string, args ...any) {
	b.built.Warnings = append(b.built.Warnings, &problem.Problem{
		Path: path, Summary: "DMARC policy", Detail: problem.Sentence(fmt.Sprintf(format, args...)), Code: code,
	})
}

// takeOver takes what is usable of the existing record, and tells of what is not taken.
func (b *builder) takeOver() {
	if b.config.Existing == "" {
		return
	}
	path := problem.Attribute("existing")
	r, err := Parse(strings.Trim(b.config.Existing, " \t"))
	if err != nil {
		b.problem(path, "%v", err)
		b.unread = true
		return
	}
	b.existing = r
	for _, remark := range r.Remarks {
		switch {
		case remark.Tag == "pct":
			b.percentage(path)
		case remark.Unusable && r.P != "" && (remark.Tag == "sp" || remark.Tag == "np"):
			b.voids(path, remark)
		case remark.Dropped || remark.Tag == "rua" || remark.Tag == "ruf" && r.PSD != PSDYes:
			b.warn(path, "", "%s", remark.Text)
		}
	}
	r.Remarks = nil
	b.built.Record = r
}

// voids tells of a tag that has kept receivers from applying the policy of the existing record.
func (b *builder) voids(path problem.Path, remark Remark) {
	counts := "counts as p=none"
	if !b.existing.Applies() {
		counts = "counts as no policy"
	}
	b.warn(path, "", "%s; the record %s because of it (RFC 9989 §4.10.1), and the new one does without it, so that %q is applied from now on",
		strings.TrimSuffix(remark.Text, "."), counts, cmp.Or(b.config.Policy, string(b.existing.P)))
}

// whyNoPolicy says why the existing record, if there is one, has no policy to take over.
func (b *builder) whyNoPolicy() string {
	for _, remark := range b.existing.Remarks {
		if remark.Tag == "p" && remark.Unusable {
			return ". Of `existing`: " + strings.TrimSuffix(remark.Text, ".")
		}
	}
	return ""
}

// percentage tells what became of the tag pct. Zero asked for what t=y asks for (RFC 9989 §9.3), and is taken over as that.
func (b *builder) percentage(path problem.Path) {
	value := pct(b.config.Existing)
	switch {
	case strings.Trim(value, "0") == "" && value != "" && b.config.Testing == nil:
		yes := true
		b.config.Testing = &yes
		b.warn(path, "", "RFC 9989 has removed the tag pct, and pct=0 becomes `testing = true`, which has the same meaning (§9.3); write that, or `testing = false` to have the policy count in full")
	case strings.Trim(value, "0") == "" && value != "":
		b.warn(path, "", "RFC 9989 has removed the tag pct; pct=0 meant the same as `testing = true` (§9.3), and `testing` decides")
	case value == "100":
		b.warn(path, "", "RFC 9989 has removed the tag pct, and pct=100 means nothing: leave it out")
	default:
		b.warn(path, "", "RFC 9989 has removed the tag pct: the policy now counts for all mail, and not for %s in a hundred messages (§9.3); to lower it by one level, set `testing = true`", quoted(value))
	}
}

// policies reads the three policies.
func (b *builder) policies() {
	r := &b.built.Record
	b.policy("policy", b.config.Policy, &r.P)
	b.policy("subdomain_policy", b.config.SubdomainPolicy, &r.SP)
	b.policy("nonexistent_subdomain_policy", b.config.NonexistentPolicy, &r.NP)
	if r.P == "" && b.config.Policy == "" && !b.unread {
		b.problem(problem.Attribute("policy"), "it is missing: write %q to receive reports alone, %q to send mail that fails to the spam folder, or %q to refuse it%s", None, Quarantine, Reject, b.whyNoPolicy())
	}
	if b.config.Testing != nil {
		r.Test = *b.config.Testing
	}
}

func (b *builder) policy(attribute, text string, into *Policy) {
	if text != "" {
		choose(b, attribute, text, into, []string{"none", "quarantine", "reject"}, []Policy{None, Quarantine, Reject})
	}
}

// others reads the alignments and psd.
func (b *builder) others() {
	r := &b.built.Record
	words, alignments := []string{"relaxed", "strict"}, []Alignment{Relaxed, Strict}
	if b.config.DKIMAlignment != "" {
		choose(b, "dkim_alignment", b.config.DKIMAlignment, &r.ADKIM, words, alignments)
	}
	if b.config.SPFAlignment != "" {
		choose(b, "spf_alignment", b.config.SPFAlignment, &r.ASPF, words, alignments)
	}
	if b.config.PSD != "" {
		choose(b, "psd", b.config.PSD, &r.PSD, []string{"y", "n", "u"}, []PSD{PSDYes, PSDNo, PSDUnknown})
	}
}

// choose reads an attribute that is one of some words; the values are what stands in the record for each.
func choose[T ~string](b *builder, attribute, text string, into *T, words []string, values []T) {
	if i := slices.Index(words, text); i >= 0 {
		*into = values[i]
		return
	}
	reason := fmt.Sprintf("%s is not one of its values: %s", quoted(text), record.OneOf(words))
	letters := make([]string, len(values))
	for i, value := range values {
		letters[i] = string(value)
	}
	meant := meantValue(text, words)
	if i := slices.Index(letters, meantValue(text, letters)); meant == "" && i >= 0 {
		meant = words[i]
	}
	if meant != "" {
		reason += "; write " + quoted(meant)
	}
	b.problem(problem.Attribute(attribute), "%s", reason)
}

// reports writes a list of addresses as URIs; where the list is left out, those of the existing record stay.
func (b *builder) reports(attribute string, list, existing []string) []string {
	if list == nil {
		return existing
	}
	var uris []string
	for i, text := range list {
		path := problem.Attribute(attribute).At(i)
		uri, reason := reporturi.Write(text, reporturi.DMARC)
		switch {
		case reason != "":
			b.problem(path, "%s is not an address for reports: %s", quoted(text), reason)
		case slices.ContainsFunc(uris, func(other string) bool { return strings.EqualFold(uri, other) }):
			b.problem(path, "%s appears twice: remove one of the two", quoted(text))
		default:
			uris = append(uris, uri)
		}
	}
	return uris
}

// options reads the failure options.
func (b *builder) options() {
	if b.config.FailureOptions == nil {
		return
	}
	path, wrong := problem.Attribute("failure_options"), false
	for i, option := range b.config.FailureOptions {
		if slices.Contains([]string{"0", "1", "d", "s"}, option) {
			continue
		}
		reason := fmt.Sprintf("%s is not one of its values, which are 0 or 1, and d and s", quoted(option))
		switch meant := meantOptions(option); {
		case strings.Contains(meant, ":"):
			reason += "; make each one an element of the list"
		case meant != "":
			reason += "; write " + quoted(meant)
		}
		b.problem(path.At(i), "%s", reason)
		wrong = true
	}
	b.built.Record.FO = nil
	if len(b.config.FailureOptions) == 0 || wrong {
		return
	}
	options, reason := readOptions(strings.Join(b.config.FailureOptions, ":"))
	if reason != "" {
		b.problem(path, "%s: remove one of the two", reason)
	}
	b.built.Record.FO = options
}

// leaveOutDefaults takes tags out that say what counts without them.
func (b *builder) leaveOutDefaults() {
	r := &b.built.Record
	if r.PSD == PSDUnknown {
		r.PSD = ""
	}
	if r.ADKIM == Relaxed {
		r.ADKIM = ""
	}
	if r.ASPF == Relaxed {
		r.ASPF = ""
	}
	if len(r.FO) == 1 && r.FO[0] == "0" {
		r.FO = nil
	}
}

// uriPath leads to an address of a list, or to the existing record where it comes from there.
func (b *builder) uriPath(attribute string, index int) problem.Path {
	if attribute == "aggregate_reports" && b.config.AggregateReports == nil || attribute == "failure_reports" && b.config.FailureReports == nil {
		return problem.Attribute("existing")
	}
	return problem.Attribute(attribute).At(index)
}
