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
		"another policy at the domain":   {expected: policy, dns: at("example.com", found(1, "v=DMARC1; p=none")).answer, want: codes("policy-at-another-name")},
		"policy without its underscore":  {expected: policy, dns: at("dmarc.example.com", found(1, policy.Value)).answer, want: codes("policy-at-another-name"), says: []string{"is at dmarc.example.com"}},
		"policy at a subdomain":          {expected: below, dns: at("news.example.com", found(1, "v=DMARC1; p=none")).answer, want: codes("policy-at-another-name")},
		"MTA-STS at the domain":          {expected: sts, dns: at("example.com", found(1, "v=STSv1; id=1")).answer, want: codes("policy-at-another-name"), says: []string{"The MTA-STS record is at example.com"}},
		"other records at the domain":    {expected: policy, dns: at("example.com", found(1, "v=spf1 -all", "v=STSv1; id=1")).answer, want: codes("not-published")},
		"policy with the zone twice":     {expected: policy, dns: at("_dmarc.example.com.example.com", found(1, policy.Value)).answer, want: codes("zone-appended-twice")},
		"two policies":                   {expected: policy, dns: at("_dmarc.example.com", found(1, policy.Value, "v=DMARC1; p=none")).answer, want: codes("several-records"), says: []string{"2 DMARC records and may have only one"}},
		"a CNAME to a host of policies":  {expected: policy, dns: at("_dmarc.example.com", behindAlias(found(1, "v=DMARC1; p=none"), "example.com.dmarc.example.net")).answer, want: codes("policy-hosted-elsewhere"), says: []string{"_dmarc.example.com is a CNAME of example.com.dmarc.example.net, whose operator sets the policy: «v=DMARC1; p=none»."}},
		"a CNAME to something else":      {expected: policy, dns: at("_dmarc.example.com", behindAlias(found(1, "hello"), "a.example.net")).answer, want: codes("cname-in-place-of-record")},
		"a CNAME to nothing":             {expected: policy, dns: at("_dmarc.example.com", behindAlias(fails(1, answer.NXDomain), "a.example.net")).answer, want: codes("cname-in-place-of-record")},
		"a CNAME to the expected policy": {expected: policy, dns: at("_dmarc.example.com", behindAlias(found(1, policy.Value), "a.example.net")).answer},
	}
}
