package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

// The kinds of warnings beside those of the merge of SPF terms.
const (
	warnAdopted     = "spf-adopted"
	warnSilent      = "adopt-silent-servers"
	warnLargeAnswer = "txt-answer-size"
	warnManyLookups = "spf-many-lookups"
	warnFamily      = "spf-family-limit"
	warnPermError   = "spf-permerror"
	warnBelow       = "spf-below"
	warnUncounted   = "spf-uncounted"
	warnNoSPF       = "spf-none"
	warnPasted      = "dkim-pasted"
	warnKey         = "dkim-key"
	warnKeyTwice    = "dkim-key-twice"
	warnEd25519     = "dkim-ed25519-only"
	warnShared      = "record-shared"
	warnOwnZone     = "service-own-zone"
	warnLeftOut     = "service-left-out"
	warnNoKey       = "dkim-none-active"
	warnNoDKIM      = "dmarc-no-dkim"
	warnAlignment   = "dmarc-alignment"
	warnNotShown    = "bimi-not-shown"
	warnUnreported  = "mta-sts-unreported"
	warnUncovered   = "mta-sts-mx"
	warnUnread      = "extra-unread"
	warnMXAlias     = "mx-alias"
)

// WarningKind is a kind of warning that a configuration can acknowledge.
type WarningKind struct {
	Code   string // as `acknowledge` takes it
	Cause  string
	Remedy string // other than to acknowledge it
}

// WarningKinds returns all kinds of warnings about the records of a domain, sorted by their codes.
func WarningKinds() []WarningKind {
	kinds := []WarningKind{
		{merge.WarnEnding, "the SPF record ends otherwise than the existing one, or than terms that were given", "an explicit `all`, and terms without an `all`"},
		{merge.WarnRedirect, "a `redirect=` is left out, or becomes an `include:`", "the record without the `redirect=`, in `existing`"},
		{merge.WarnDeadTerm, "an SPF term that no receiver reaches is left out", "the record without the term, in `existing`"},
		{merge.WarnQualifiers, "SPF terms differ in their qualifiers alone, or one refuses senders of another", "the record without the term that gives way, in `existing`"},
		{merge.WarnModifier, "a modifier of a service's SPF terms is left out", "`mechanisms` with the modifier if it is wanted"},
		{merge.WarnRemove, "`remove` changes nothing", "`remove` without the term"},
		{merge.WarnLength, "the SPF record is long", "fewer senders"},
		{merge.WarnWide, "a large part of all addresses passes", "terms that name the networks that send"},
		{merge.WarnFormerOwner, "a live SPF term has the name of a record that flattening makes", "`remove` with the term"},
		{warnAdopted, "live SPF terms that nothing asks for stay", "the terms in `mechanisms` or in `remove`"},
		{warnSilent, "name servers say nothing of the live record that is taken over, or not over TCP", "servers that answer, or `existing` in place of `adopt_live`"},
		{warnLargeAnswer, "the TXT answer of the domain is large", "fewer TXT records"},
		{warnManyLookups, "the SPF record takes nearly as many lookups as receivers make", "`flatten`, or fewer senders"},
		{warnFamily, "clients of one address family meet too many SPF lookups without an answer", "addresses in place of the terms"},
		{warnPermError, "receivers reject the SPF record; `maildomain_spf` warns of it if `on_permerror` is `\"warn\"`", "the correction that the text names"},
		{warnBelow, "an SPF term leads to nothing, or to a name that DNS cannot hold", "the term left out, or the records that it names published"},
		{warnUncounted, "DNS did not answer, and SPF lookups are not counted", "DNS that answers"},
		{warnNoSPF, "services send for the domain, and it gets no SPF record", "`existing`, `mechanisms` or `all`"},
		{warnPasted, "a DKIM key record was copied with the text around it", "the record alone"},
		{warnKey, "a DKIM key is weak or unusual", "another key"},
		{warnKeyTwice, "one DKIM key has several selectors", "one selector for each key"},
		{warnEd25519, "all DKIM keys are Ed25519 keys", "an RSA key as well"},
		{warnShared, "two services ask for one record", "`rrsets`, or the record left out of one service by its `groups`"},
		{warnOwnZone, "a service needs nothing, since the domain is its own", "the service left out"},
		{warnNoKey, "no DKIM key is in use", "`state` of the key that signs"},
		{warnNoDKIM, "the DMARC policy is reject, and there is no DKIM key", "a DKIM key, or a weaker policy"},
		{warnAlignment, "a service does not keep the strict alignment that the DMARC policy asks for", "relaxed alignment"},
		{"dmarc-external-reports", "DMARC reports go to another organisation's domain, which authorises them", "an address of the domain's own"},
		{"dmarc-many-addresses", "DMARC reports go to more addresses than receivers must send them to", "two addresses"},
		{"dmarc-mailing-lists", "the DMARC policy is reject, which loses mail to mailing lists", "a policy of quarantine"},
		{"dmarc-no-aggregate-reports", "nobody receives aggregate reports", "`aggregate_reports`"},
		{"dmarc-testing", "`testing` lowers each policy by one level", "`testing` left out"},
		{"dmarc-web-reports", "DMARC reports go to a web address, which receivers need not use", "a mail address"},
		{"dmarc-weaker-subdomains", "subdomains have a weaker DMARC policy than the domain", "no policy of their own"},
		{warnNotShown, "receivers show no logo under the DMARC policy", "a policy of quarantine or reject"},
		{warnUnreported, "the MTA-STS policy is enforced, and nobody receives TLS reports", "`tls_rpt`"},
		{warnUncovered, "the MTA-STS policy does not name a mail host of the MX records", "`mx` of the policy with the host, or left out"},
		{warnUnread, "a TXT record of `extra` or of a service looks like a mail record, and nobody reads it as one", "the value without quotes, at the name that receivers look at"},
		{warnMXAlias, "a mail host of an MX record is a CNAME record of the configuration", "the host that the CNAME leads to"},
		{warnLeftOut, "a part of a service's template is left out", "`allow`, or the part left out by `groups`"},
	}
	slices.SortFunc(kinds, func(a, b WarningKind) int { return strings.Compare(a.Code, b.Code) })
	return kinds
}

// checkAcknowledged returns the problems with codes in `acknowledge` that no kind of warning has.
func (c Config) checkAcknowledged() Problems {
	var problems Problems
	var codes []string
	for _, kind := range WarningKinds() {
		codes = append(codes, kind.Code)
	}
	for i, code := range c.Acknowledge {
		if !slices.Contains(codes, code) && !c.Unknown.Attribute("acknowledge").At(i).Any() {
			problems = append(problems, &Problem{
				Path: Attribute("acknowledge").At(i), Summary: "Unknown kind of warning", Detail: Sentence("there is no such kind of warning: " + display.Unlisted(code, codes)),
			})
		}
	}
	return problems
}

// open returns the warnings that are not acknowledged. Their texts name the code.
func (c Config) open(warnings Problems) Problems {
	var left Problems
	for _, w := range warnings {
		switch {
		case c.Unknown.Attribute("acknowledge").Any():
			left = append(left, w)
		case w.Code == "":
			left = append(left, w)
		case !slices.Contains(c.Acknowledge, w.Code):
			told := *w
			told.Detail += fmt.Sprintf(" To go on without this warning, set `acknowledge = [%q]`.", w.Code)
			left = append(left, &told)
		}
	}
	return left
}
