package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Cause is a likely reason why live DNS does not serve what is expected, or a note about what does match.
type Cause struct {
	Code CauseCode
	What string // one sentence that says what is the case; timeless, as it goes into state
	Do   string // one sentence that says what to do about it; timeless too
	Now  string // what holds at this moment only, as countdowns and serials do; for diagnostics alone, may be empty
}

// CauseCode names a kind of cause. The documentation lists them.
type CauseCode string

// The causes, those first that explain most: a report names them in this order.
const (
	// What keeps servers from being asked, or from answering.
	NameNotDelegated  CauseCode = "name-not-delegated"
	ServersNoAddress  CauseCode = "servers-without-address"
	ViewsSplit        CauseCode = "split-horizon"
	ServersPrivate    CauseCode = "servers-private"
	PortBlocked       CauseCode = "port-blocked"
	LookupFailed      CauseCode = "lookup-failed"
	LookupCostly      CauseCode = "lookup-too-costly"
	DelegationSplit   CauseCode = "delegation-disagrees"
	ZoneBogus         CauseCode = "dnssec-bogus"
	AnswerUnvalidated CauseCode = "dnssec-unvalidated"
	AliasLoop         CauseCode = "alias-loop"
	AliasDeadEnd      CauseCode = "alias-dead-end"
	ServersLame       CauseCode = "servers-lame"
	ServersSilent     CauseCode = "servers-silent"
	ServersFailing    CauseCode = "servers-failing"
	TooFewServers     CauseCode = "too-few-servers"

	// What people do wrong, and what DNS providers make of it.
	ZoneAppendedTwice   CauseCode = "zone-appended-twice"
	KeyElsewhere        CauseCode = "key-at-another-name"
	PolicyElsewhere     CauseCode = "policy-at-another-name"
	PolicyHosted        CauseCode = "policy-hosted-elsewhere"
	SeveralSPF          CauseCode = "several-spf"
	SeveralKeys         CauseCode = "several-keys"
	SeveralRecords      CauseCode = "several-records"
	LiteralBackslashes  CauseCode = "literal-backslashes"
	LiteralQuotes       CauseCode = "literal-quotes"
	BlankMisplaced      CauseCode = "blank-at-chunk-border"
	ValueCut            CauseCode = "value-cut"
	TargetRelative      CauseCode = "target-relative"
	TargetDiffers       CauseCode = "target-differs"
	AliasForRecord      CauseCode = "cname-in-place-of-record"
	TextForAlias        CauseCode = "txt-in-place-of-cname"
	AliasFlattened      CauseCode = "cname-flattened"
	FlattenedKeyDiffers CauseCode = "flattened-key-differs"
	SPFBroken           CauseCode = "spf-broken"
	KeyRevoked          CauseCode = "key-revoked"
	KeyBroken           CauseCode = "key-broken"
	KeyMissing          CauseCode = "key-missing"
	KeyUnknown          CauseCode = "key-unknown"

	// What passes by itself, or lies in the zone, and what is left.
	ValueCached     CauseCode = "value-cached"
	AbsenceCached   CauseCode = "absence-cached"
	ViewElsewhere   CauseCode = "resolver-view"
	AnswerOutlived  CauseCode = "answer-outlived"
	AnswersChange   CauseCode = "answers-change"
	GlueStale       CauseCode = "glue-stale"
	ServersBehind   CauseCode = "servers-behind"
	ParentElsewhere CauseCode = "parent-delegates-elsewhere"
	WildcardAnswers CauseCode = "wildcard-answers"
	ValueDiffers    CauseCode = "value-differs"
	NotPublished    CauseCode = "not-published"

	// Notes about records that match.
	KeyInTestMode CauseCode = "key-in-test-mode"
	KeyFlattened  CauseCode = "key-flattened"
	ServerIsAlias CauseCode = "name-server-is-alias"
)

// CauseInfo documents a cause.
type CauseInfo struct {
	Code    CauseCode
	Meaning string // one line, without a full stop
	Note    bool   // it is worth knowing about a record that matches, and no reason why one does not
}

// Causes lists every cause, in the order in which reports name them.
func Causes() []CauseInfo {
	return []CauseInfo{
		{NameNotDelegated, "the domain is not registered, or its parent zone does not delegate it", false},
		{ServersNoAddress, "the name servers of the zone have no address", false},
		{ViewsSplit, "private addresses stand among the name servers of a public zone", false},
		{ServersPrivate, "the name servers of the zone have private addresses that `private_networks` does not name", false},
		{PortBlocked, "resolvers answer, and no authoritative server can be reached from this machine", false},
		{LookupFailed, "the name servers of the zone could not be found", false},
		{LookupCostly, "to find the name servers of the zone takes more questions than one record may cost", false},
		{DelegationSplit, "the servers of a zone do not agree on who serves the zone below it", false},
		{ZoneBogus, "the zone's DNSSEC signatures do not hold, so that validating resolvers refuse it", false},
		{AnswerUnvalidated, "an answer came without DNSSEC validation, where only validated ones count", false},
		{AliasLoop, "aliases lead in a circle", false},
		{AliasDeadEnd, "an alias leads to a name that cannot be looked up", false},
		{ServersLame, "servers that the zone is delegated to do not serve it", false},
		{ServersSilent, "servers do not answer", false},
		{ServersFailing, "servers answer with a failure", false},
		{TooFewServers, "`require` asks for more servers than there are", false},
		{ZoneAppendedTwice, "the DNS provider appended the zone to a name that had it already", false},
		{KeyElsewhere, "the DKIM record stands under another name than `<selector>._domainkey.<domain>`", false},
		{PolicyElsewhere, "the DMARC, MTA-STS, TLS reporting or BIMI record stands at the domain itself, or at a name without its underscores", false},
		{PolicyHosted, "a CNAME hands the policy of the domain to a service, which serves another one", false},
		{SeveralSPF, "the name has several SPF records, where there may be one", false},
		{SeveralKeys, "the selector has several TXT records, where there may be one DKIM key", false},
		{SeveralRecords, "the name has several records of a kind of which there may be one", false},
		{LiteralBackslashes, "backslashes that were meant as escapes are part of the value", false},
		{LiteralQuotes, "quotes that were meant as delimiters are part of the value", false},
		{BlankMisplaced, "a blank is missing from the value, or one too many, as where a long TXT was cut into strings", false},
		{ValueCut, "only the beginning of the value is published", false},
		{TargetRelative, "the zone was appended to the target, which was taken for a relative name", false},
		{TargetDiffers, "the record leads to another target", false},
		{AliasForRecord, "a CNAME stands where another record belongs", false},
		{TextForAlias, "a TXT record stands where a CNAME belongs", false},
		{AliasFlattened, "the DNS provider flattens or proxies the CNAME, and serves other data in its place", false},
		{FlattenedKeyDiffers, "the DNS provider flattens the CNAME, and its key is not the one at the target", false},
		{SPFBroken, "the SPF record has an error in it, which receivers take for a permanent one", false},
		{KeyRevoked, "the DKIM key is revoked: its `p=` is empty", false},
		{KeyBroken, "the DKIM key record is truncated, mistyped or otherwise no usable key", false},
		{KeyMissing, "the CNAME stands, and its target has no DKIM key yet", false},
		{KeyUnknown, "the servers that hold the key behind the CNAME could not be asked", false},
		{ValueCached, "a resolver still has the value of before in its cache", false},
		{AbsenceCached, "a resolver still has in its cache that there was no such record", false},
		{ViewElsewhere, "a resolver has another zone of the same name than the name servers, as in a private view", false},
		{AnswerOutlived, "a resolver gives what was before past its time to live", false},
		{AnswersChange, "the record matches in some rounds, and not in others", false},
		{GlueStale, "the zone above sends along other addresses for name servers (glue) than the zone has", false},
		{ServersBehind, "some servers serve another version of the zone than others", false},
		{ParentElsewhere, "the parent zone delegates to other name servers than the zone itself lists", false},
		{WildcardAnswers, "a wildcard record answers in the name's place", false},
		{ValueDiffers, "the record has another content", false},
		{NotPublished, "the servers of the zone do not have the record", false},
		{KeyInTestMode, "the DKIM key is in test mode (`t=y`), in which receivers treat mail as if it were not signed", true},
		{KeyFlattened, "the DNS provider flattens the DKIM CNAME, and serves the key of its target, which counts as a match", true},
		{ServerIsAlias, "the name of a name server is an alias, which RFC 2181 §10.3 forbids: some resolvers cannot ask it", true},
	}
}

// arrange puts causes into the order of [Causes], each once. Of two that say the same, the one that knows more of
// the moment stays. That a record is not published goes without saying where something says why: that other servers
// are silent or behind does not.
func arrange(causes []Cause) []Cause {
	if len(causes) == 0 {
		return nil
	}
	rank := make(map[CauseCode]int)
	for i, info := range Causes() {
		rank[info.Code] = i
	}
	sorted := slices.Clone(causes)
	slices.SortStableFunc(sorted, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(rank[a.Code], rank[b.Code]), strings.Compare(a.What, b.What), cmp.Compare(len(b.Now), len(a.Now)))
	})
	sorted = slices.CompactFunc(sorted, func(a, b Cause) bool { return a.Code == b.Code && a.What == b.What })
	aside := []CauseCode{NotPublished, AnswerUnvalidated, ServersLame, ServersSilent, ServersFailing, TooFewServers, ServersBehind}
	if slices.ContainsFunc(sorted, func(c Cause) bool { return !slices.Contains(aside, c.Code) }) {
		sorted = slices.DeleteFunc(sorted, func(c Cause) bool { return c.Code == NotPublished })
	}
	return sorted
}

// maxBrief is how many octets of a value the sentence of a cause shows: the whole of it is among what was seen.
const maxBrief = 160

// brief shows a value from DNS within a sentence.
func brief(value string) string {
	if len(value) <= maxBrief {
		return "«" + record.Inline(value) + "»"
	}
	return fmt.Sprintf("«%s…» (%d octets)", record.Inline(value[:maxBrief]), len(value))
}

func briefAll(values []string) string {
	texts := make([]string, 0, maxShown+1)
	for i, v := range values {
		if i == maxShown {
			texts = append(texts, fmt.Sprintf("%d more", len(values)-maxShown))
			break
		}
		texts = append(texts, brief(v))
	}
	return enumerate(texts)
}

// enumerate joins texts as a sentence does.
func enumerate(texts []string) string {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " and " + texts[last]
}

// shown makes a name fit to be shown.
func shown(n dnsname.Name) string { return record.Display(n.String()) }

func shownNames(names []dnsname.Name) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = shown(n)
	}
	return enumerate(texts)
}

// reasonOf returns the text of a parser's error about a value from DNS. Parsers quote what they cannot read; what is
// left beyond their own signs and ASCII has no business on a terminal.
func reasonOf(err error) string {
	return strings.Map(func(r rune) rune {
		if r > '~' && !strings.ContainsRune("§…«»", r) || r < ' ' {
			return '?'
		}
		return r
	}, err.Error())
}
