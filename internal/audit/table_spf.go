package audit

import "github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"

const rfc7208 = "RFC 7208"

func spfChecks() []Check {
	return []Check{
		{ID: "spf-missing", Severity: Error, Also: []Severity{Warning}, Reference: rfc7208 + " §4.5", Trigger: "no TXT value starts with `v=spf1`", run: eachOwner(checkSPFMissing)},
		{ID: "spf-multiple", Severity: Error, Reference: rfc7208 + " §3.2, §4.5", Trigger: "there are several SPF records", run: eachOwner(checkSPFMultiple)},
		{ID: "spf-near-miss", Severity: Error, Reference: rfc7208 + " §4.5", Trigger: "a TXT value was meant as the SPF record, and receivers ignore it", run: eachOwner(checkSPFNearMiss)},
		{ID: "spf-syntax", Severity: Error, Reference: rfc7208 + " §4.6", Trigger: "the record does not parse", run: eachOwner(checkSPFSyntax)},
		{ID: "spf-split-blank", Severity: Error, Reference: rfc7208 + " §3.3", Trigger: "the record parses with a blank where its strings were cut", run: eachOwner(checkSPFSplitBlank)},
		{ID: "spf-type99", Severity: Note, Also: []Severity{Warning}, Reference: rfc7208 + " §3.1", Trigger: "there is a record of the type SPF", run: checkSPFType99},
		{ID: "spf-sender-id", Severity: Note, Reference: "RFC 4406", Trigger: "there is a Sender ID record", run: eachOwner(checkSPFSenderID)},
		{ID: "spf-pass-all", Severity: Error, Reference: rfc7208 + " §5.1", Trigger: "the record, or one that it includes, ends in `+all`", run: eachRecord(checkSPFPassAll)},
		{ID: "spf-pass-wide", Severity: Error, Also: []Severity{Warning}, Reference: "RFC 9989 §7.1", Trigger: "half of all addresses pass, or as many as a /8 of IPv4 or a /16 of IPv6 has", run: eachRecord(checkSPFPassWide)},
		{ID: "spf-neutral", Severity: Warning, Reference: rfc7208 + " §8.2", Trigger: "the record ends in `?all`", run: eachRecord(checkSPFNeutral)},
		{ID: "spf-no-ending", Severity: Warning, Reference: rfc7208 + " §4.7", Trigger: "the record has neither `all` nor `redirect=`", run: eachRecord(checkSPFNoEnding)},
		{ID: "spf-softfail-note", Severity: Note, Reference: "RFC 9989 §7.1", Trigger: "`~all` is combined with a DMARC policy of none", run: checkSPFSoftfailNote},
		{ID: "spf-fail-note", Severity: Note, Reference: "RFC 9989 §7.1", Trigger: "`-all` is combined with a DMARC policy other than none, in a domain that sends", run: checkSPFFailNote},
		{ID: "spf-dead-terms", Severity: Warning, Reference: rfc7208 + " §5.1", Trigger: "there are terms after `all`", run: eachRecord(checkSPFDeadTerms)},
		{ID: "spf-redirect-dead", Severity: Warning, Reference: rfc7208 + " §6.1", Trigger: "`redirect=` is beside `all`", run: eachRecord(checkSPFRedirectDead)},
		{ID: "spf-repeated", Severity: Note, Reference: rfc7208 + " §4.6.4", Trigger: "a term appears twice, or a record is included twice", run: eachRecord(checkSPFRepeated)},
		{ID: "spf-reserved-network", Severity: Warning, Reference: "RFC 6890", Trigger: "`ip4` or `ip6` names an address that is not public", run: eachRecord(checkSPFReservedNetwork)},
		{ID: "spf-unknown-modifier", Severity: Note, Reference: rfc7208 + " §6", Trigger: "there is a modifier other than `redirect` and `exp`", run: eachRecord(checkSPFUnknownModifier)},
		{ID: "spf-exp-broken", Severity: Note, Reference: rfc7208 + " §6.2", Trigger: "`exp=` leads to no text, to several, or to a broken one", run: eachRecord(checkSPFExpBroken)},
		{ID: "spf-long", Severity: Warning, Reference: rfc7208 + " §3.4", Trigger: "the record has more than 450 octets", run: eachOwner(checkSPFLong)},
		{ID: "txt-answer-large", Severity: Warning, Reference: "RFC 9715, RFC 7208 §3.4", Trigger: "the TXT answer of the domain has more than 1,232 octets", run: checkTXTAnswerLarge},
	}
}

func spfTreeChecks() []Check {
	const correct = "Remove the term, or correct it."
	return []Check{
		{ID: "spf-lookups-exceeded", Severity: Error, Reference: rfc7208 + " §4.6.4", Trigger: "the record costs more than 10 lookups in the worst case", run: limitOf(tree.LimitLookups, func(c tree.Count) int { return c.Lookups })},
		{ID: "spf-lookups-high", Severity: Warning, Reference: rfc7208 + " §4.6.4", Trigger: "the record costs 8 to 10 lookups in the worst case", run: eachRecord(checkSPFLookupsHigh)},
		{ID: "spf-void-exceeded", Severity: Error, Reference: rfc7208 + " §4.6.4", Trigger: "more than 2 lookups find nothing, for IPv4 and for IPv6 clients", run: limitOf(tree.LimitVoid, func(c tree.Count) int { return min(c.Void4, c.Void6) })},
		{ID: "spf-void-one-family", Severity: Warning, Reference: rfc7208 + " §4.6.4", Trigger: "more than 2 lookups find nothing, for clients of one family", run: eachRecord(checkSPFVoidOneFamily)},
		{ID: "spf-mx-names", Severity: Error, Reference: rfc7208 + " §4.6.4", Trigger: "an `mx` finds more than 10 hosts", run: treeFindings(correct, tree.FindingMXNames)},
		{ID: "spf-target-no-spf", Severity: Error, Reference: rfc7208 + " §5.2, §6.1", Trigger: "an include or redirect leads to no SPF record", run: treeFindings(correct, tree.FindingMissing)},
		{ID: "spf-target-broken", Severity: Error, Reference: rfc7208 + " §5.2", Trigger: "an include or redirect leads to several records, or to a broken one", run: treeFindings(correct, tree.FindingSeveral, tree.FindingInvalid)},
		{ID: "spf-loop", Severity: Error, Reference: rfc7208 + " §4.6.4", Trigger: "a record leads back to itself", run: treeFindings(correct, tree.FindingLoop)},
		{ID: "spf-target-unanswered", Severity: Warning, Reference: rfc7208 + " §4.4", Trigger: "DNS does not answer below the record", run: treeFindings("Check again later; if it lasts, tell the operator of that name.", tree.FindingUnanswered), liveOnly: true},
		{ID: "spf-term-void", Severity: Warning, Reference: rfc7208 + " §4.6.4", Trigger: "an `a`, `mx` or `exists` finds nothing", run: treeFindings(correct, tree.FindingVoid, tree.FindingName)},
		{ID: "spf-dangling", Severity: Error, Reference: "takeover of a domain", Trigger: "a term leads to a domain that does not exist, and can be registered", run: eachRecord(checkSPFDangling)},
		{ID: "spf-ptr", Severity: Warning, Reference: rfc7208 + " §5.5", Trigger: "there is a `ptr` or the macro `p`", run: eachRecord(checkSPFPtr)},
		{ID: "spf-client-macro", Severity: Note, Reference: rfc7208 + " §7", Trigger: "the result of a term depends on the client or the sender", run: eachRecord(checkSPFClientMacro)},
	}
}

func spfHostChecks() []Check {
	return []Check{
		{ID: "spf-wildcard", Severity: Note, Reference: "RFC 7208 §3.5, RFC 4592", Trigger: "a wildcard gives every name an SPF record", run: checkSPFWildcard},
		{ID: "spf-helo-missing", Severity: Warning, Reference: rfc7208 + " §2.3, §10.1.3", Trigger: "one of the domain's own mail hosts, or a host of `expect_senders`, has no SPF record", run: checkSPFHELO},
		{ID: "spf-host-open", Severity: Note, Reference: "M3AAWG, protecting parked domains", Trigger: "a host of `hosts` has no `v=spf1 -all`", run: checkSPFHostOpen},
		{ID: "spf-expected-fails", Severity: Error, Reference: rfc7208 + " §4", Trigger: "a sender of `expect_senders` does not pass", run: checkSPFExpected},
		{ID: "spf-stranger-passes", Severity: Error, Reference: rfc7208 + " §4", Trigger: "a sender of `expect_strangers` passes", run: checkSPFStrangers},
		{ID: "spf-flattened-stale", Severity: Warning, Reference: "the flattened source", Trigger: "flattened records differ from what a service of `services` has now", run: checkSPFFlattenedStale},
		{ID: "spf-needless-include", Severity: Note, Reference: rfc7208 + " §2.4", Trigger: "a service is included whose bounces go to a domain of its own", run: checkSPFNeedlessInclude},
	}
}
