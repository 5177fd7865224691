package provider

import (
	"errors"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// failing describes the findings that are not met. Where all of them failed for the same resolver, that is said once.
func failing(report verify.Report) string {
	if detail := resolverFault(report); detail != "" {
		return compose.Sentence(detail)
	}
	return report.Failing()
}

// resolverFault says how the resolvers fail, where that is what hinders all findings; otherwise it is empty.
func resolverFault(report verify.Report) string {
	detail := ""
	for _, f := range report.Findings {
		lookup, ok := errors.AsType[*answer.LookupError](f.Err)
		if !ok || lookup.Reason != answer.NoResolver || detail != "" && detail != lookup.Detail {
			return ""
		}
		detail = lookup.Detail
	}
	return detail
}

// reachAdvice says what to do where nothing is known about the records.
func reachAdvice(report verify.Report) string {
	const (
		resolvers = "Check that the resolvers of the provider block answer, or those of " + resolversVariable + " or of the system where it names none."
		explained = "Do what stands above under `to do`, and apply again."
		network   = "Check that this machine can send DNS questions to the Internet (port 53, UDP and TCP), and that the resolvers of the provider block answer. " +
			"Where only resolvers can be reached, as on some CI runners, name these in `resolvers` and set query = \"resolvers\"."
		servers = "Questions do leave this machine, as some were answered: mend what is named above, or ask the operator of those servers."
	)
	switch {
	case resolverFault(report) != "":
		return resolvers
	case slices.ContainsFunc(report.Findings, isExplained):
		return explained
	case !slices.ContainsFunc(report.Findings, func(f verify.Finding) bool { return f.Via != answer.Resolvers }):
		return resolvers
	case !slices.ContainsFunc(report.Findings, answered):
		return network
	}
	return servers
}

// isExplained reports whether it is known why nothing came of a finding: advice that guesses has no place beside that.
func isExplained(f verify.Finding) bool {
	explains := func(t answer.Trouble) bool { return t != 0 && t != answer.Unheeded }
	if lookup, ok := errors.AsType[*answer.LookupError](f.Err); ok {
		return explains(lookup.Trouble) || lookup.Reason != answer.Failure && lookup.Reason != answer.Blocked && lookup.Reason != answer.NoResolver
	}
	return slices.ContainsFunc(f.Seen, func(s verify.Judgement) bool { return explains(s.Trouble) })
}

// answered reports whether anything came back to the questions about a record, be it a failure.
func answered(f verify.Finding) bool {
	came := func(o answer.Outcome) bool { return o != answer.Timeout && o != answer.Unreachable }
	if lookup, ok := errors.AsType[*answer.LookupError](f.Err); ok {
		return lookup.Reason != answer.Blocked && came(lookup.Outcome)
	}
	return slices.ContainsFunc(f.Seen, func(s verify.Judgement) bool { return came(s.Outcome) })
}

// publishAdvice says what to do about records that do not match.
func publishAdvice(report verify.Report) string {
	var servers, resolvers, undelegated bool
	for _, f := range report.Findings {
		lookup, ok := errors.AsType[*answer.LookupError](f.Err)
		switch {
		case f.Met():
		case ok && lookup.Reason == answer.NotDelegated:
			undelegated = true
		case f.Via == answer.Resolvers:
			resolvers = true
		case len(f.Seen) > 0:
			servers = true
		}
	}
	switch {
	case servers:
		return "Check that the records are published at the DNS provider as expected, in the zone that the name servers named above serve."
	case resolvers:
		return "Check that the records are published at the DNS provider as expected; what resolvers remember passes with its TTL."
	case undelegated:
		return "Register the domain, or have it delegated: before that, no record of it can be seen."
	}
	return "Mend what is named above."
}

// does agrees with a number of records.
func does(n int) string {
	if n == 1 {
		return "does"
	}
	return "do"
}
