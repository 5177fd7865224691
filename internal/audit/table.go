package audit

import (
	"cmp"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// Check is one row of the table of checks. Documentation, tests and severities come from that table.
type Check struct {
	ID        string // frozen once released
	Severity  Severity
	Also      []Severity // that some of its findings have
	Reference string     // where the rule stands
	Trigger   string     // the condition of a finding, without a full stop

	run      func(l *look)
	liveOnly bool // it says nothing about records that are still to be published
}

// Checks returns the table of checks, sorted by id.
func Checks() []Check {
	all := slices.Concat(spfChecks(), spfTreeChecks(), spfHostChecks(), mxChecks(), dkimChecks(), dkimSetChecks(), dmarcChecks(), dmarcTagChecks(), dmarcReportChecks(),
		mtastsChecks(), tlsrptChecks(), tlsaChecks(), bimiChecks(), zoneChecks(), dnssecChecks(), ruleChecks())
	slices.SortFunc(all, func(a, b Check) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// IDs returns the ids of all checks, sorted.
func IDs() []string {
	checks := Checks()
	ids := make([]string, len(checks))
	for i, c := range checks {
		ids[i] = c.ID
	}
	return ids
}

func mtastsChecks() []Check {
	const rfc = "RFC 8461"
	f := stsFamily
	return []Check{
		{ID: "mtasts-missing", Severity: Note, Reference: rfc + " §3.1", Trigger: "the domain receives mail, and has no MTA-STS record", run: f.missing("There is no MTA-STS record: an attacker on the way can keep senders from using TLS.", "Publish a policy, at first in the mode `testing`, and its record.")},
		{ID: "mtasts-multiple", Severity: Error, Reference: rfc + " §3.1", Trigger: "there are several MTA-STS records", run: f.multiple()},
		{ID: "mtasts-wrong-place", Severity: Warning, Reference: rfc + " §3.1", Trigger: "an MTA-STS record is at the domain or at a doubled name", run: f.wrongPlace()},
		{ID: "mtasts-record-syntax", Severity: Error, Reference: rfc + " §3.1", Trigger: "the MTA-STS record does not parse", run: f.syntax(false, "Write `v=STSv1; id=` and 1 to 32 letters and digits.")},
		{ID: "mtasts-host", Severity: Error, Reference: rfc + " §3.3", Trigger: "there is a record, and `" + mtasts.Host + "` below the domain has no address", run: f.known(checkMTASTSHost)},
		{ID: "mtasts-no-tlsrpt", Severity: Warning, Reference: "RFC 8460", Trigger: "the policy is enforced, and there is no TLS reporting record", run: parsedPolicy(checkMTASTSNoTLSRPT)},
		{ID: "mtasts-fetch", Severity: Error, Reference: rfc + " §3.3", Trigger: "the policy cannot be fetched", run: ofWeb(checkMTASTSFetch)},
		{ID: "mtasts-content-type", Severity: Note, Reference: rfc + " §3.2", Trigger: "the policy is not `text/plain`", run: ofPolicy(checkMTASTSContentType)},
		{ID: "mtasts-policy-syntax", Severity: Error, Reference: rfc + " §3.2", Trigger: "the policy does not parse", run: ofPolicy(checkMTASTSPolicySyntax)},
		{ID: "mtasts-mode", Severity: Note, Reference: rfc + " §5", Trigger: "the mode is `testing` or `none`", run: parsedPolicy(checkMTASTSMode)},
		{ID: "mtasts-max-age-low", Severity: Warning, Reference: rfc + " §3.2", Trigger: "an enforced policy is remembered for less than a day", run: parsedPolicy(checkMTASTSMaxAge)},
		{ID: "mtasts-mx-uncovered", Severity: Error, Also: []Severity{Warning}, Reference: rfc + " §4.1", Trigger: "a mail host matches no pattern of the policy", run: parsedPolicy(checkMTASTSUncovered)},
		{ID: "mtasts-mx-extra", Severity: Note, Reference: rfc + " §4.1", Trigger: "a pattern of the policy matches no mail host", run: parsedPolicy(checkMTASTSExtra)},
		{ID: "mtasts-id-stale", Severity: Error, Reference: rfc + " §3.1", Trigger: "the policy changed, and the id did not", run: parsedPolicy(checkMTASTSStale)},
		{ID: "mtasts-orphan", Severity: Note, Reference: rfc + " §3.1", Trigger: "a policy is served, and there is no record", run: parsedPolicy(checkMTASTSOrphan)},
		{ID: "mtasts-cert-expiry", Severity: Warning, Reference: rfc + " §3.3", Trigger: "the certificate expires within 14 days", run: ofPolicy(checkMTASTSCertificate)},
	}
}

func tlsrptChecks() []Check {
	const section = "RFC 8460 §3"
	f := tlsrptFamily
	return []Check{
		{ID: "tlsrpt-missing", Severity: Note, Reference: section, Trigger: "the domain receives mail, and has no TLS reporting record", run: f.missing("There is no TLS reporting record: nobody learns that senders cannot use TLS.", "Publish `v=TLSRPTv1; rua=mailto:` and an address that receives reports.")},
		{ID: "tlsrpt-multiple", Severity: Error, Reference: section, Trigger: "there are several TLS reporting records", run: f.multiple()},
		{ID: "tlsrpt-wrong-place", Severity: Warning, Reference: section, Trigger: "a TLS reporting record is at the domain or at `_tls`", run: f.wrongPlace()},
		{ID: "tlsrpt-syntax", Severity: Error, Reference: section, Trigger: "the TLS reporting record does not parse", run: f.syntax(false, "Write `v=TLSRPTv1; rua=mailto:` and an address at `"+tlsrpt.Label+"`.")},
		{ID: "tlsrpt-uri", Severity: Error, Reference: section, Trigger: "an address of the TLS reporting record cannot receive reports", run: f.syntax(true, "Name `mailto:` or `https:` addresses.")},
		{ID: "tlsrpt-undeliverable", Severity: Error, Reference: "RFC 7505", Trigger: "the host of an address has a null MX, or neither MX nor address", run: checkTLSRPTUndeliverable},
	}
}

func tlsaChecks() []Check {
	return []Check{
		{ID: "tlsa-insecure", Severity: Warning, Reference: "RFC 7672 §2.2", Trigger: "a mail host has TLSA records, and the domain is not signed", run: eachTLSA(checkTLSAInsecure)},
		{ID: "tlsa-bogus", Severity: Error, Reference: "RFC 7672 §2.1.2", Trigger: "a server fails when it is asked for TLSA records", run: checkTLSABogus},
		{ID: "tlsa-unusable", Severity: Error, Reference: "RFC 7672 §3.1", Trigger: "mail servers do not use a TLSA record", run: eachTLSA(checkTLSAUnusable)},
		{ID: "tlsa-partial", Severity: Warning, Reference: "RFC 7672 §2.2", Trigger: "some mail hosts have TLSA records, and some have none", run: checkTLSAPartial},
		{ID: "tlsa-no-rollover", Severity: Note, Reference: "RFC 7671 §8.1", Trigger: "a mail host has only one TLSA record", run: eachTLSA(checkTLSANoRollover)},
	}
}

func bimiChecks() []Check {
	const draft = "draft-brand-indicators-for-message-identification"
	f := bimiFamily
	return []Check{
		{ID: "bimi-syntax", Severity: Error, Reference: draft + " §4", Trigger: "the BIMI record does not parse", run: f.syntax(false, "Write `v=BIMI1; l=https:` and the address of the logo.")},
		{ID: "bimi-multiple", Severity: Error, Reference: draft + " §4", Trigger: "there are several BIMI records", run: f.multiple()},
		{ID: "bimi-wrong-place", Severity: Warning, Reference: draft + " §4", Trigger: "a BIMI record is at the domain or at `" + bimi.Label + "`", run: f.wrongPlace()},
		{ID: "bimi-dmarc", Severity: Error, Reference: draft + " §7", Trigger: "the record names a logo, and the DMARC policy is too weak for it to be shown", run: f.known(checkBIMIDMARC)},
		{ID: "bimi-fetch", Severity: Error, Reference: draft + " §4", Trigger: "the logo cannot be fetched", run: ofLogo(checkBIMIFetch)},
		{ID: "bimi-svg", Severity: Error, Reference: "SVG Tiny PS", Trigger: "the logo is not an image in SVG", run: ofLogo(checkBIMISVG)},
		{ID: "bimi-size", Severity: Warning, Reference: "SVG Tiny PS", Trigger: "the logo has more than 32 KB", run: ofLogo(checkBIMISize)},
		{ID: "bimi-profile", Severity: Warning, Reference: "SVG Tiny PS", Trigger: "the logo does not follow the profile `tiny-ps`, or has no title", run: readLogo(checkBIMIProfile)},
		{ID: "bimi-active", Severity: Error, Reference: "SVG Tiny PS", Trigger: "the logo holds scripts or references", run: readLogo(checkBIMIActive)},
		{ID: "bimi-certificate", Severity: Error, Also: []Severity{Warning, Note}, Reference: "VMC guidelines", Trigger: "the mark certificate is missing or broken, expires soon, or is for another logo", run: ofWeb(checkBIMICertificate)},
	}
}

func zoneChecks() []Check {
	return []Check{
		{ID: "dns-no-delegation", Severity: Error, Reference: "RFC 1912 §2.8", Trigger: "the parent zone does not delegate the domain to servers that exist", run: checkDNSNoDelegation, liveOnly: true},
		{ID: "dns-lame", Severity: Error, Reference: "RFC 1912 §2.8", Trigger: "a listed server does not serve the domain", run: checkDNSLame, liveOnly: true},
		{ID: "dns-unreachable", Severity: Error, Reference: "RFC 1912 §2.8", Trigger: "name servers do not answer", run: checkDNSUnreachable, liveOnly: true},
		{ID: "dns-servers-disagree", Severity: Error, Reference: "RFC 1034 §4.3", Trigger: "name servers have different records for a mail name", run: checkDNSServersDisagree, liveOnly: true},
		{ID: "dns-parent-child-ns", Severity: Warning, Reference: "RFC 1034 §4.2.2", Trigger: "the parent zone and the zone itself name different servers", run: surveyed(checkDNSParentChild), liveOnly: true},
		{ID: "dns-single-server", Severity: Warning, Reference: "RFC 2182", Trigger: "the zone has one name server, or one address of name servers", run: surveyed(checkDNSSingleServer), liveOnly: true},
		{ID: "dns-ns-alias", Severity: Warning, Reference: "RFC 2181 §10.3", Trigger: "the name of a name server is an alias", run: checkDNSNSAlias, liveOnly: true},
		{ID: "dns-no-tcp", Severity: Warning, Reference: "RFC 9210", Trigger: "a name server does not answer over TCP", run: checkDNSNoTCP, liveOnly: true},
		{ID: "dns-no-edns", Severity: Warning, Reference: "RFC 6891", Trigger: "a name server does not know EDNS", run: checkDNSNoEDNS, liveOnly: true},
		{ID: "dns-case", Severity: Warning, Reference: "RFC 1035 §2.3.3", Trigger: "a name server tells names apart by case", run: checkDNSCase, liveOnly: true},
		{ID: "dns-private-ns", Severity: Error, Reference: "RFC 6890", Trigger: "a name server has an address that is not public", run: checkDNSPrivateNS, liveOnly: true},
		{ID: "dns-cname-with-data", Severity: Error, Reference: "RFC 1034 §3.6.2", Trigger: "a CNAME is beside other records of the domain", run: checkCNAMEWithData},
		{ID: "dns-wildcard-txt", Severity: Note, Reference: "RFC 4592", Trigger: "a wildcard gives every name a TXT record", run: checkDNSWildcardTXT},
		{ID: "dns-ttl-low", Severity: Note, Reference: "RFC 1035 §3.2.1", Trigger: "the TTL of mail records is under 300 s", run: ttls(checkTTLLow)},
		{ID: "dns-ttl-high", Severity: Note, Reference: "RFC 1035 §3.2.1", Trigger: "the TTL of mail records is over 86,400 s", run: ttls(checkTTLHigh)},
	}
}

func dnssecChecks() []Check {
	return []Check{
		{ID: "dnssec-unsigned", Severity: Note, Reference: "RFC 9364", Trigger: "the zone is not signed", run: surveyed(checkDNSSECUnsigned), liveOnly: true},
		{ID: "dnssec-bogus", Severity: Error, Reference: "RFC 4035", Trigger: "resolvers that validate refuse the zone", run: surveyed(checkDNSSECBogus), liveOnly: true},
		{ID: "dnssec-expiry", Severity: Warning, Reference: "RFC 6781 §4.4.2", Trigger: "a signature of a mail name expires within 7 days and a quarter of its lifetime", run: signed(checkDNSSECExpiry), liveOnly: true},
		{ID: "dnssec-algorithm", Severity: Warning, Reference: "RFC 8624, RFC 9276", Trigger: "the zone is signed with an outdated algorithm, or has NSEC3 iterations", run: signed(checkDNSSECAlgorithm), liveOnly: true},
	}
}

func ruleChecks() []Check {
	return []Check{
		{ID: "service-record-missing", Severity: Error, Reference: "the configuration", Trigger: "a record of `records` or of `services` is not live", run: checkServiceRecordMissing, liveOnly: true},
		{ID: "sender-unconfigured", Severity: Note, Reference: "the catalogue of services", Trigger: "live records show a service that `services` does not have", run: checkSenderUnconfigured, liveOnly: true},
		{ID: "rules-google-yahoo-microsoft", Severity: Warning, Reference: "sender rules of 2024 and 2025", Trigger: "services send for the domain, DMARC applies, and SPF or DKIM is missing", run: checkBulkRules},
		{ID: "parked-incomplete", Severity: Error, Reference: "M3AAWG, protecting parked domains", Trigger: "the domain is parked, and null MX, `-all` or `p=reject` is missing", run: checkParked},
	}
}
