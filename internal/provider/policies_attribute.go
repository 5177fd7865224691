package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

// policyAttributes are the attributes that hold the policies of the domain.
func policyAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"dmarc": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "The DMARC policy of the domain, with the attributes of [`maildomain_dmarc`](dmarc.md). The record of a service at `_dmarc` gives way to it. " +
				"Optional. Defaults to no DMARC record.",
			Attributes: dmarcAttributes(),
		},
		"parked": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether nobody sends or receives mail with the domain. The records then say so: see [`maildomain_parked`](parked.md). Only `hosts`, `ttl` and the reports of `dmarc` can stand beside it. " +
				"Optional. Defaults to `false`.",
		},
		"hosts": schema.ListAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Names below a parked domain that exist, such as `www`: the wildcard does not cover them. Optional. Defaults to none.",
		},
		"mx": schema.ListAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "MX records of the domain, such as `10 mx.example.net`, unless a service adds them by its `groups`. `[\"0 .\"]` declares that the domain receives no mail (RFC 7505). " +
				"The key of each record contains its index. Optional. Defaults to those of services.",
		},
		"mta_sts": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "MTA-STS policy of the domain, with the attributes of [`maildomain_mta_sts`](mta_sts.md), which also makes the policy file. Optional. Defaults to no MTA-STS record.",
			Attributes:          keptMTASTSAttributes(),
		},
		"tls_rpt": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Destination of TLS reports, with the attributes of [`maildomain_tls_rpt`](tls_rpt.md). Optional. Defaults to no TLS reporting record.",
			Attributes:          tlsRPTAttributes(),
		},
		"bimi": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Logo of the domain, with the attributes of [`maildomain_bimi`](bimi.md). Optional. Defaults to no BIMI record.",
			Attributes:          bimiAttributes(),
		},
	}
}

// keptMTASTSAttributes describes the attributes of an MTA-STS policy, of which the configuration may have the record alone.
func keptMTASTSAttributes() map[string]schema.Attribute {
	attributes := mtaSTSAttributes()
	attributes["mode"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: strings.TrimSuffix(attributes["mode"].GetMarkdownDescription(), ".") + ", unless `existing` is set.",
	}
	attributes["existing"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "The MTA-STS record that the domain has, such as `v=STSv1; id=20260401`, if the policy file is published elsewhere: it stays unchanged, and takes the place of `mode`, `max_age` and `mx`. " +
			"With `mode`, the `id` follows the policy. Optional. Defaults to a record for the policy of the other attributes.",
	}
	return attributes
}

// readPolicies reads the policies.
func readPolicies(c *compose.Config, parts map[string]input) {
	if policy, ok := policyParts(parts["dmarc"], dmarcNames()...); ok {
		c.DMARC = readDMARC(policy)
	}
	if policy, ok := policyParts(parts["mta_sts"], append(mtaSTSNames(), "existing")...); ok {
		c.MTASTS = readMTASTS(policy)
	}
	if policy, ok := policyParts(parts["tls_rpt"], tlsRPTNames()...); ok {
		c.TLSRPT = readTLSRPT(policy)
	}
	if policy, ok := policyParts(parts["bimi"], bimiNames()...); ok {
		c.BIMI = readBIMI(policy)
	}
	c.Parked, c.MX, c.Hosts = parts["parked"].boolean(), parts["mx"].texts(), parts["hosts"].texts()
}

// policyParts returns the attributes of a policy that is an attribute itself. It returns false where there is none to look
// at.
func policyParts(in input, names ...string) (map[string]input, bool) {
	if !in.known() {
		return nil, false
	}
	if !in.isObject() {
		in.fields() // It says what is wrong.
		return nil, false
	}
	faults := in.faults()
	parts := in.attributes(names...)
	if in.faults() > faults { // What is misspelt may be any of those that are missing.
		for _, name := range names {
			if parts[name].absent() {
				in.notes.unknown.Add(parts[name].path)
			}
		}
	}
	return parts, true
}
