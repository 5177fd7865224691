package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/fetch"
)

func (*auditDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := auditInputs()
	maps.Copy(attributes, auditOutputs())
	resp.Schema = schema.Schema{
		MarkdownDescription: fmt.Sprintf("Audits the mail of a domain: SPF, DKIM, DMARC, MX, MTA-STS, TLS reporting, DANE, BIMI and the name servers. It checks live DNS and, with `records`, DNS as it will be. "+
			"The guide *Audit* lists the checks. The audit asks DNS for at most %s. A check without an answer is `not_checked`, and never counts as passed.", audit.Patience),
		Attributes: attributes,
	}
}

func auditInputs() map[string]schema.Attribute {
	texts := func(description string) schema.ListAttribute {
		return schema.ListAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"domain":   domainAttribute(),
		"services": servicesAttribute("The audit compares them with the live records. Optional. Defaults to none: the audit recognises services and misses none."),
		"records": schema.MapAttribute{
			ElementType: recordType(), Optional: true,
			MarkdownDescription: "Planned records, such as those of the function `records`. The audit ignores those of other domains. It makes each check twice, for live DNS and for DNS with these records: " +
				"a finding of the planned records alone begins with `As configured`. A record that is not live is a finding (`service-record-missing`). Optional. Defaults to none: the audit checks live DNS alone.",
		},
		"selectors":        texts("Further DKIM selectors to check. The audit always checks those of `services`, of `records` and of recognised services. Optional. Defaults to none."),
		"hosts":            texts("Hosts that send no mail, such as `www.example.com`. Each should have `v=spf1 -all`. Optional. Defaults to none."),
		"expect_senders":   sendersAttribute("Senders that must pass SPF, by a name of your choice. Optional. Defaults to none."),
		"expect_strangers": sendersAttribute("Senders that must not pass SPF, by a name of your choice. Optional. Defaults to none."),
		"parked":           schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether the domain sends and receives no mail. Optional. Defaults to `false`."},
		"ignore": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Reasons to ignore checks, by the id of the check. A check without findings is a warning. Optional. Defaults to none: every finding counts.",
		},
		"fetch": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: fmt.Sprintf("Whether to fetch the MTA-STS policy and the logo and mark certificate of BIMI over HTTPS, from port 443 of public addresses, without redirects, at most %d octets in %s each. Optional. Defaults to `false`: these checks are `not_checked`.", fetch.MaxBody, fetch.Timeout),
		},
		"fail_on": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Findings that are errors of the plan. Within a `check` block, errors are warnings. Optional. Defaults to `error`. Values:\n" +
				"  - `error`: errors.\n  - `warning`: errors and warnings.\n  - `never`: none.",
		},
	}
}

// computedObjects is a list of objects that is computed.
func computedObjects(object types.ObjectType, description string, descriptions map[string]string) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{Computed: true, MarkdownDescription: description, NestedObject: schema.NestedAttributeObject{Attributes: computedParts(object, descriptions)}}
}

func computedParts(object types.ObjectType, descriptions map[string]string) map[string]schema.Attribute {
	parts := make(map[string]schema.Attribute)
	for name, typ := range object.AttrTypes {
		parts[name] = computedPart(typ, descriptions[name])
	}
	return parts
}

func computedPart(typ attr.Type, description string) schema.Attribute {
	switch typ := typ.(type) {
	case types.ListType:
		return schema.ListAttribute{ElementType: typ.ElemType, Computed: true, MarkdownDescription: description}
	default:
		switch typ {
		case types.Int64Type:
			return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
		case types.BoolType:
			return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
		}
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
}

func auditOutputs() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"findings": computedObjects(findingType(), "Findings, sorted by severity, check and subject.", map[string]string{
			"id": "Check.", "severity": "`error`, `warning` or `note`.", "subject": "Name, service or sender that the finding is about.", "detail": "Description.",
			"remedy": "Remedy.", "reference": "Section of the standard, or page of the vendor, that has the rule.",
		}),
		"not_checked": computedObjects(gapType(), "Checks that were not made in full, sorted.", map[string]string{"id": "The check.", "why": "Reason."}),
		"passed":      textsAttribute("Checks that were made and found nothing, sorted."),
		"counts": schema.SingleNestedAttribute{Computed: true, MarkdownDescription: "Number of findings.", Attributes: computedParts(countsType(), map[string]string{
			"error": "Number of errors.", "warning": "Number of warnings.", "note": "Number of notes.",
		})},
		"senders": computedObjects(senderType(), "Services that live records show, and those of `services`, sorted.", map[string]string{
			"service": "Id of the built-in service, or the key in `services`.", "name": "Name of the service.", "configured": "Whether `services` has it.",
			"evidence": "Records that show it.", "spf_aligned": "Whether its mail passes DMARC by SPF, as far as records tell.", "dkim_aligned": "Whether its mail passes DMARC by DKIM, as far as records tell.",
		}),
		"policy": schema.SingleNestedAttribute{Computed: true, MarkdownDescription: "The DMARC record that applies to the domain (RFC 9989 §4.10).", Attributes: computedParts(policyType(), map[string]string{
			"step":   "Step that found the record:\n  - `domain`: at the domain itself.\n  - `organisational_domain`: at the organisational domain above it.\n  - `public_suffix`: at the public suffix.\n  - `none`: no record applies.",
			"domain": "Domain whose record applies; null if none does.", "tag": "Tag that counts for the domain: `p`, `sp` or `np`; null if no record applies.",
			"policy": "Policy that counts for the domain: `none`, `quarantine` or `reject`; null if no record applies.", "record": "The record as published; null if none applies.",
			"organisational_domain": "Organisational domain, as the walk up the tree finds it.",
		})},
		"markdown": schema.StringAttribute{Computed: true, MarkdownDescription: "The whole audit as Markdown, for a comment on a pull request: the findings, SPF as a Mermaid diagram and as text, what DMARC does, and who sends. It is timeless."},
	}
}
