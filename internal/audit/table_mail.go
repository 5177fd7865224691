package audit

import (
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
)

func mxChecks() []Check {
	const rfc5321 = "RFC 5321 §5.1"
	return []Check{
		{ID: "mx-missing", Severity: Warning, Reference: rfc5321, Trigger: "there is no MX record, and the domain has an address", run: mxKnown(checkMXMissing)},
		{ID: "mx-nothing", Severity: Warning, Reference: "RFC 7505 §1", Trigger: "there is neither an MX record nor an address, and the domain is not parked", run: mxKnown(checkMXNothing)},
		{ID: "mx-null-mixed", Severity: Error, Reference: "RFC 7505 §3", Trigger: "the null MX is beside others", run: mxKnown(checkMXNullMixed)},
		{ID: "mx-null-preference", Severity: Note, Reference: "RFC 7505 §3", Trigger: "the null MX has a preference other than 0", run: mxKnown(checkMXNullPreference)},
		{ID: "mx-null-but-sends", Severity: Warning, Reference: "RFC 7505 §4.2", Trigger: "the domain has a null MX, and SPF lets somebody send", run: mxKnown(checkMXNullButSends)},
		{ID: "mx-cname", Severity: Warning, Reference: "RFC 2181 §10.3, RFC 5321 §5.1", Trigger: "a mail host is an alias", run: eachMailHost(checkMXCNAME)},
		{ID: "mx-address", Severity: Error, Reference: "RFC 1035 §3.3.9", Trigger: "an MX record names an address", run: mxKnown(checkMXAddress)},
		{ID: "mx-unresolved", Severity: Error, Reference: rfc5321, Trigger: "a mail host has no address", run: eachMailHost(checkMXUnresolved)},
		{ID: "mx-dangling", Severity: Error, Reference: "takeover of a domain", Trigger: "a mail host is in a domain that does not exist, and can be registered", run: eachMailHost(checkMXDangling)},
		{ID: "mx-private", Severity: Error, Reference: "RFC 6890", Trigger: "a mail host has no public address", run: eachMailHost(checkMXPrivate)},
		{ID: "mx-duplicate", Severity: Note, Reference: rfc5321, Trigger: "two MX records name one host", run: mxKnown(checkMXDuplicate)},
		{ID: "mx-verification-left", Severity: Note, Reference: "RFC 6761 §6.4", Trigger: "an MX record ends in `.invalid`", run: mxKnown(checkMXVerificationLeft)},
		{ID: "mx-two-providers", Severity: Warning, Reference: "the catalogue of services", Trigger: "mail goes to the hosts of two mailbox services", run: mxKnown(checkMXTwoProviders)},
		{ID: "mx-no-ipv6", Severity: Note, Reference: rfc5321, Trigger: "no mail host has an IPv6 address", run: mxKnown(checkMXNoIPv6)},
		{ID: "mx-reverse", Severity: Warning, Reference: "RFC 1912 §2.1, rules of Google", Trigger: "an address of one of the domain's own mail hosts has no name, or one that does not lead back", run: eachMailHost(checkMXReverse)},
	}
}

func dkimChecks() []Check {
	const rfc6376, again = "RFC 6376", "Publish the whole key that the service gives you."
	return []Check{
		{ID: "dkim-selector-missing", Severity: Error, Reference: rfc6376 + " §6.1.2", Trigger: "a configured selector has no record", run: eachSelector(checkDKIMSelectorMissing)},
		{ID: "dkim-alias-dead", Severity: Error, Reference: rfc6376 + " §3.6.2", Trigger: "the CNAME of a selector leads to nothing", run: eachSelector(checkDKIMAliasDead)},
		{ID: "dkim-wrong-target", Severity: Error, Reference: "the configuration", Trigger: "the CNAME of a selector is not that of the service", run: eachSelector(checkDKIMWrongTarget), liveOnly: true},
		{ID: "dkim-several", Severity: Error, Reference: rfc6376 + " §3.6.2.2", Trigger: "a selector has other TXT records beside its key", run: eachSelector(checkDKIMSeveral)},
		{ID: "dkim-syntax", Severity: Error, Reference: rfc6376 + " §3.2, §3.6.1", Trigger: "the key record does not parse", run: eachSelector(checkDKIMSyntax)},
		{ID: "dkim-key-broken", Severity: Error, Reference: "RFC 6376 §3.6.1, RFC 8463 §4.2", Trigger: "the key cannot be read", run: keyFindings(again, dkim.KeyMalformed, dkim.KeySize, dkim.KeyTypeUnknown, dkim.KeyPrivate)},
		{ID: "dkim-revoked", Severity: Error, Also: []Severity{Note}, Reference: rfc6376 + " §3.6.1", Trigger: "the key is revoked", run: eachKey(checkDKIMRevoked)},
		{ID: "dkim-weak", Severity: Error, Reference: "RFC 8301 §3.2", Trigger: "an RSA key has fewer than 1,024 bits", run: keyFindings("Make a new key.", dkim.KeyWeak)},
		{ID: "dkim-short", Severity: Warning, Reference: "RFC 8301 §3.2", Trigger: "an RSA key has fewer than 2,048 bits", run: keyFindings("Make a new key.", dkim.KeyShort)},
		{ID: "dkim-long", Severity: Warning, Reference: "RFC 8301 §3.2", Trigger: "an RSA key has more than 4,096 bits", run: keyFindings("Make a new key.", dkim.KeyLong)},
		{ID: "dkim-exponent", Severity: Warning, Reference: "RFC 8301 §3.2", Trigger: "an RSA key has an exponent below 65537, or an even one", run: eachKey(checkDKIMExponent)},
		{ID: "dkim-test-mode", Severity: Warning, Reference: rfc6376 + " §3.6.1", Trigger: "the key is in test mode (t=y)", run: keyFindings("Remove the flag when the tests are done.", dkim.TestMode)},
		{ID: "dkim-no-sha256", Severity: Error, Reference: "RFC 8301 §3.1", Trigger: "the tag h leaves out sha256", run: keyFindings("Leave the tag out.", dkim.HashWeak)},
		{ID: "dkim-not-mail", Severity: Error, Reference: rfc6376 + " §3.6.1", Trigger: "the tag s leaves out mail", run: keyFindings("Leave the tag out.", dkim.NotForMail)},
		{ID: "dkim-pkcs1", Severity: Warning, Reference: rfc6376 + " §3.6.1", Trigger: "an RSA key has the form of PKCS#1", run: keyFindings("Publish it as SubjectPublicKeyInfo, as `dkim_record` writes it.", dkim.KeyPKCS1)},
		{ID: "dkim-quoting", Severity: Error, Reference: rfc6376 + " §3.6.2.2", Trigger: "quotes, backslashes or a blank at a cut are part of the record", run: eachSelector(checkDKIMQuoting)},
		{ID: "dkim-cname-beside", Severity: Error, Reference: "RFC 1034 §3.6.2", Trigger: "a CNAME is beside other records of the selector", run: eachSelector(checkDKIMCNAMEBeside)},
	}
}

func dkimSetChecks() []Check {
	return []Check{
		{ID: "dkim-ed25519-only", Severity: Warning, Reference: "RFC 8463", Trigger: "no RSA key was found, and an Ed25519 key was", run: checkDKIMEd25519Only},
		{ID: "dkim-same-key", Severity: Note, Reference: "RFC 6376 §3.1", Trigger: "two selectors have one key", run: checkDKIMSameKey},
		{ID: "dkim-none", Severity: Warning, Reference: "RFC 8020", Trigger: "nothing exists below `_domainkey`, and the domain sends", run: checkDKIMNone},
		{ID: "dkim-unverifiable-name", Severity: Warning, Reference: "RFC 8020", Trigger: "servers deny `_domainkey`, although selectors exist below it", run: checkDKIMUnverifiableName, liveOnly: true},
		{ID: "dkim-wildcard", Severity: Error, Also: []Severity{Warning, Note}, Reference: "RFC 4592", Trigger: "a wildcard answers for every selector", run: checkDKIMWildcard},
		{ID: "dkim-policy-left", Severity: Note, Reference: "RFC 5617", Trigger: "there is a record of DomainKeys or ADSP", run: checkDKIMPolicyLeft},
		{ID: "dkim-unconfigured", Severity: Note, Reference: "the configuration", Trigger: "there is a key at a selector that the configuration does not name", run: checkDKIMUnconfigured, liveOnly: true},
		{ID: "dkim-rotation-one", Severity: Warning, Reference: "M3AAWG, DKIM key rotation", Trigger: "only one of the two selectors of a service is published", run: checkDKIMRotationOne},
	}
}

const rfc9989 = "RFC 9989"

func dmarcChecks() []Check {
	return []Check{
		{ID: "dmarc-missing", Severity: Error, Reference: rfc9989 + " §4.10.1", Trigger: "neither the domain nor a name above it has a record", run: dmarcKnown(checkDMARCMissing)},
		{ID: "dmarc-multiple", Severity: Error, Reference: rfc9989 + " §4.10", Trigger: "there are several records at one name", run: dmarcKnown(checkDMARCMultiple)},
		{ID: "dmarc-near-miss", Severity: Error, Reference: rfc9989 + " §4.7", Trigger: "a TXT value was meant as the record, and receivers ignore it", run: checkDMARCNearMiss},
		{ID: "dmarc-unrelated", Severity: Note, Reference: rfc9989 + " §4.10", Trigger: "another TXT record is at `_dmarc`", run: checkDMARCUnrelated},
		{ID: "dmarc-wrong-place", Severity: Warning, Reference: rfc9989 + " §4.5", Trigger: "a record is at the domain or at a doubled name", run: checkDMARCWrongPlace},
		{ID: "dmarc-p-missing", Severity: Error, Also: []Severity{Warning}, Reference: rfc9989 + " §4.7, §4.10.1", Trigger: "the record names no policy", run: ofDomain(checkDMARCPMissing)},
		{ID: "dmarc-policy-invalid", Severity: Error, Reference: rfc9989 + " §4.10.1", Trigger: "p, sp or np has a value that it cannot have", run: remarks("Write none, quarantine or reject.", func(m dmarc.Remark) bool {
			return m.Unusable && (m.Tag == "p" || m.Tag == "sp" || m.Tag == "np")
		})},
		{ID: "dmarc-none", Severity: Warning, Reference: rfc9989 + " §3.2.12", Trigger: "the policy that counts is none", run: withPolicy(checkDMARCNone)},
		{ID: "dmarc-subdomains-open", Severity: Warning, Reference: rfc9989 + " §4.7", Trigger: "sp is none, and p is not", run: ofDomain(checkDMARCSubdomainsOpen)},
		{ID: "dmarc-np-weaker", Severity: Warning, Reference: rfc9989 + " §4.7", Trigger: "np is weaker than what counts for subdomains that exist", run: ofDomain(checkDMARCNPWeaker)},
		{ID: "dmarc-np-no-effect", Severity: Note, Reference: "RFC 9989 §3.2.13, RFC 9824", Trigger: "np is set, and the servers never say that a name does not exist", run: ofDomain(checkDMARCNPNoEffect)},
		{ID: "dmarc-testing", Severity: Warning, Reference: rfc9989 + " §4.7", Trigger: "the policy is being tested (t=y)", run: ofDomain(checkDMARCTesting)},
		{ID: "dmarc-testing-void", Severity: Note, Reference: rfc9989 + " §4.7", Trigger: "t=y is set, and all policies are none", run: ofDomain(checkDMARCTestingVoid)},
		{ID: "dmarc-sp-ignored", Severity: Note, Reference: rfc9989 + " §4.7", Trigger: "sp or np is set in a record below the organisational domain", run: ofDomain(checkDMARCSPIgnored)},
		{ID: "dmarc-psd", Severity: Error, Reference: rfc9989 + " §4.10.2", Trigger: "psd=y is set at a domain that sends or receives mail", run: ofDomain(checkDMARCPSD)},
		{ID: "dmarc-psd-ruf", Severity: Error, Reference: rfc9989 + " §10.2", Trigger: "psd=y is set together with ruf", run: ofDomain(checkDMARCPSDRUF)},
		{ID: "dmarc-reject-spf-only", Severity: Error, Reference: rfc9989 + " §7.4, §8", Trigger: "the policy is reject, and no DKIM key was found", run: withPolicy(checkDMARCRejectSPFOnly)},
		{ID: "dmarc-strict-breaks", Severity: Error, Reference: rfc9989 + " §4.4", Trigger: "alignment is strict, and a service bounces to a host below the domain", run: withPolicy(checkDMARCStrictBreaks)},
		{ID: "dmarc-unaligned-service", Severity: Warning, Reference: rfc9989 + " §4.4", Trigger: "mail of a service aligns neither by SPF nor by DKIM", run: withPolicy(checkDMARCUnalignedService)},
		{ID: "dmarc-from-parent", Severity: Note, Reference: rfc9989 + " §4.10.1", Trigger: "the record of a domain above applies", run: withPolicy(checkDMARCFromParent)},
		{ID: "dmarc-alias", Severity: Error, Also: []Severity{Note}, Reference: "RFC 1034 §3.6.2", Trigger: "`_dmarc` is an alias", run: checkDMARCAlias},
		{ID: "dmarc-wildcard", Severity: Warning, Reference: "RFC 4592", Trigger: "a wildcard gives every subdomain a record", run: checkDMARCWildcard},
		{ID: "dmarc-deep", Severity: Warning, Reference: rfc9989 + " §5.1.8", Trigger: "the domain has more than 8 labels, and no record of its own", run: checkDMARCDeep},
	}
}

func dmarcTagChecks() []Check {
	return []Check{
		{ID: "dmarc-tag-removed", Severity: Note, Also: []Severity{Warning}, Reference: rfc9989 + " §9.3", Trigger: "there is a tag that RFC 9989 removed", run: eachTag(checkDMARCTagRemoved)},
		{ID: "dmarc-tag-unknown", Severity: Note, Reference: rfc9989 + " §4.7", Trigger: "there is a tag that DMARC does not have", run: eachTag(checkDMARCTagUnknown)},
		{ID: "dmarc-tag-twice", Severity: Error, Reference: "RFC 6376 §3.2", Trigger: "a tag appears twice", run: eachTag(checkDMARCTagTwice)},
		{ID: "dmarc-value-invalid", Severity: Warning, Reference: rfc9989 + " §4.8", Trigger: "adkim, aspf, fo, t or psd has a value that it cannot have", run: remarks("Correct the value, or leave the tag out.", func(m dmarc.Remark) bool {
			return m.Unusable && m.Tag != "p" && m.Tag != "sp" && m.Tag != "np" && m.Tag != "rua" && m.Tag != "ruf"
		})},
		{ID: "dmarc-fo-without-ruf", Severity: Note, Reference: rfc9989 + " §4.7", Trigger: "fo is set without ruf", run: ofDomain(func(l *look, owner string, r dmarc.Record) {
			if len(r.FO) > 0 && len(r.RUF) == 0 {
				l.find(owner, "fo has no effect without ruf.", "Remove it.")
			}
		})},
	}
}

func dmarcReportChecks() []Check {
	return []Check{
		{ID: "dmarc-no-rua", Severity: Warning, Reference: rfc9989 + " §5.1.3, §8", Trigger: "the record names no address for aggregate reports", run: withPolicy(checkDMARCNoRUA)},
		{ID: "dmarc-uri-invalid", Severity: Error, Also: []Severity{Warning}, Reference: rfc9989 + " §4.8", Trigger: "an address for reports is not valid", run: ofDomain(checkDMARCURIInvalid)},
		{ID: "dmarc-uri-size", Severity: Note, Reference: rfc9989 + " §4.8", Trigger: "an address has a limit on the size of reports", run: eachTag(checkDMARCURISize)},
		{ID: "dmarc-uri-scheme", Severity: Warning, Reference: rfc9989 + " §4.7", Trigger: "an address for reports is not `mailto:`", run: uris(checkDMARCURIScheme)},
		{ID: "dmarc-uri-many", Severity: Note, Reference: rfc9989 + " §4.7", Trigger: "there are more than two addresses for reports", run: uris(checkDMARCURIMany)},
		{ID: "dmarc-report-unauthorised", Severity: Error, Reference: "RFC 9990 §4", Trigger: "a host outside does not authorise the reports", run: withPolicy(checkDMARCReportUnauthorised)},
		{ID: "dmarc-report-override", Severity: Error, Reference: "RFC 9990 §4", Trigger: "the record that authorises reports sends them to another host", run: withPolicy(checkDMARCReportOverride)},
		{ID: "dmarc-report-undeliverable", Severity: Error, Reference: "RFC 7505", Trigger: "the host of an address has a null MX, or neither MX nor address", run: withPolicy(checkDMARCReportUndeliverable)},
		{ID: "dmarc-ruf-external", Severity: Note, Reference: "RFC 9989 §10.2, RFC 9991", Trigger: "failure reports go to another organisation", run: withPolicy(checkDMARCRUFExternal)},
	}
}
