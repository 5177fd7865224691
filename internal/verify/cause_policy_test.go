package verify_test

import (
	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// policyCases are what people do wrong with the policies of a domain.
func policyCases() map[string]causeCase {
	at := func(owner string, list ...answer.Answer) world { return world{owner + " TXT": list} }
	sts := verify.Expectation{Key: "example.com/mta_sts", Owner: name("_mta-sts.example.com"), Type: record.TXT, Value: "v=STSv1; id=1"}
	below := verify.Expectation{Key: "example.com/dmarc", Owner: name("_dmarc.news.example.com"), Type: record.TXT, Value: "v=DMARC1; p=none"}
	return map[string]causeCase{
		"policy at the domain": {
			expected: policy, dns: at("example.com", found(1, "v=spf1 -all", policy.Value)).answer, want: codes("policy-at-another-name"),
			says: []string{"The DMARC record is at example.com, and receivers look for it only at _dmarc.example.com: «" + policy.Value + "»"},
		},
		"another policy at the domain":  {expected: policy, dns: at("example.com", found(1, "v=DMARC1; p=none")).answer, want: codes("policy-at-another-name")},
		"policy without its underscore": {expected: policy, dns: at("dmarc.example.com", found(1, policy.Value)).answer, want: codes("policy-at-another-name"), says: []string{"is at dmarc.example.com"}},
		"policy at a subdomain":         {expected: below, dns: at("news.example.com", found(1, "v=DMARC1; p=none")).answer, want: codes("policy-at-another-name")},
		"MTA-STS at the domain":         {expected: sts, dns: at("example.com", found(1, "v=STSv1; id=1")).answer, want: codes("policy-at-another-name"), says: []string{"The MTA-STS record is at example.com"}},
		"other records at the domain":   {expected: policy, dns: at("example.com", found(1, "v=spf1 -all", "v=STSv1; id=1")).answer, want: codes("not-published")},
		"policy with the zone twice":    {expected: policy, dns: at("_dmarc.example.com.example.com", found(1, policy.Value)).answer, want: codes("zone-appended-twice")},
		"two policies":                  {expected: policy, dns: at("_dmarc.example.com", found(1, policy.Value, "v=DMARC1; p=none")).answer, want: codes("several-records"), says: []string{"2 DMARC records and may have only one"}},
		"a CNAME to a host of policies": {expected: policy, dns: at("_dmarc.example.com", behindAlias(found(1, "v=DMARC1; p=none"), "example.com.dmarc.example.net")).answer, want: codes("policy-hosted-elsewhere"), says: []string{"_dmarc.example.com is a CNAME of example.com.dmarc.example.net, whose operator sets the policy: «v=DMARC1; p=none»."}},
		"a CNAME to something else":     {expected: policy, dns: at("_dmarc.example.com", behindAlias(found(1, "hello"), "a.example.net")).answer, want: codes("cname-in-place-of-record")},
		"a CNAME to nothing":            {expected: policy, dns: at("_dmarc.example.com", behindAlias(fails(1, answer.NXDomain), "a.example.net")).answer, want: codes("cname-in-place-of-record")},
		"version in lower case":         {expected: policy, dns: at("_dmarc.example.com", found(1, "v=dmarc1; p=reject")).answer, want: codes("record-unrecognised"), says: []string{`it must begin with "v=DMARC1", in exactly these letters`}},
		"a mark before the version":     {expected: policy, dns: at("_dmarc.example.com", found(1, "\ufeffv=DMARC1; p=reject")).answer, want: codes("record-unrecognised"), says: []string{"it holds the character U+FEFF"}},
		"no semicolon behind DMARC1":    {expected: policy, dns: at("_dmarc.example.com", found(1, "v=DMARC1 p=reject; rua=mailto:a@example.com")).answer, want: codes("record-unrecognised"), says: []string{"one is missing"}},
		"MTA-STS without semicolon":     {expected: sts, dns: at("_mta-sts.example.com", found(1, "v=STSv1 id=1")).answer, want: codes("record-unrecognised")},
		"SPF behind a blank":            {expected: spfRecord, dns: answers(found(1, " v=spf1 mx -all", "v=other")), want: codes("record-unrecognised"), says: []string{"remove the text before"}},
		"SPF with a comma":              {expected: spfRecord, dns: answers(found(1, "v=spf1,mx,-all")), want: codes("record-unrecognised")},
		"a record of another kind":      {expected: policy, dns: at("_dmarc.example.com", found(1, "v=STSv1 id=1")).answer, want: codes("not-published")},
		"a CNAME to the policy, one server of the target fails": {
			expected: policy, dns: at("_dmarc.example.com", behindAlias(found(1, policy.Value), "a.example.net"), behindAlias(fails(2, answer.ServFail), "a.example.net")).answer, want: codes("servers-failing"),
			says: []string{"ns2.example.com (192.0.2.2) answers with a failure"},
		},
		"a CNAME to a server that does not know the question": {
			expected: policy, dns: at("_dmarc.example.com", detailed(behindAlias(fails(1, answer.Malformed), "a.example.net"), "unexpected response code NOTIMP")).answer, want: codes("alias-dead-end"),
		},
		"CNAMEs to the policy and elsewhere": {
			expected: policy, dns: at("_dmarc.example.com", behindAlias(found(1, policy.Value), "a.example.net"), behindAlias(fails(1, answer.NXDomain), "b.example.net")).answer, want: codes("servers-behind"),
			says: []string{"The name servers that have _dmarc.example.com do not agree on the alias (CNAME or DNAME) there: some lead to a.example.net and some lead to b.example.net."},
		},
		"a CNAME to the policy, and none": {
			expected: policy, dns: at("_dmarc.example.com", behindAlias(found(3, policy.Value), "a.example.net"), fails(2, answer.NXDomain)).answer, want: codes("servers-behind"),
			says: []string{"some have none and some lead to a.example.net."},
		},
		"the policy, and a CNAME elsewhere": {
			expected: policy, dns: at("_dmarc.example.com", found(1, policy.Value), behindAlias(found(3, "v=DMARC1; p=none"), "a.example.net")).answer, want: codes("servers-behind"),
		},
		"CNAMEs that part at their end": {
			expected: policy, dns: at("_dmarc.example.com", behindAlias(found(1, policy.Value), "a.example.net", "b.example.net"), behindAlias(found(2, "v=DMARC1; p=none"), "a.example.net", "c.example.net")).answer, want: codes("servers-behind"),
			says: []string{"The name servers that have a.example.net do not agree on the alias (CNAME or DNAME) there: some lead to b.example.net and some lead to c.example.net."},
		},
		"a CNAME to the expected policy": {expected: policy, dns: at("_dmarc.example.com", behindAlias(found(1, policy.Value), "a.example.net")).answer},
	}
}
