package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
)

type dmarcDataSource struct{}

var _ datasource.DataSourceWithValidateConfig = dmarcDataSource{}

func newDMARCDataSource() datasource.DataSource { return dmarcDataSource{} }

func (dmarcDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_dmarc"
}

func (dmarcDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := dmarcAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"domain":      domainAttribute(),
		"ttl":         policyTTLAttribute(),
		"acknowledge": acknowledgeAttribute(),
		"value": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The record, such as `v=DMARC1; p=reject; rua=mailto:reports@example.com`. Tags whose value is the default are left out.",
		},
		"records": recordsAttribute("The record by its key, `<domain>/dmarc`."),
		"authorisations": recordsAttribute("The TXT records that the domains of the report addresses publish, if they are other domains: receivers send reports outside the organisational domain only to a host that authorises them (RFC 9990 §4). " +
			"They belong to the zone that their keys begin with, `<zone>/dmarc_authorisation/<host>/<domain>`, and are not among `records`."),
		"effective": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Policy that receivers apply.",
			Attributes: map[string]schema.Attribute{
				"rfc9989": effectiveAttribute("For receivers that follow RFC 9989."),
				"rfc7489": effectiveAttribute("For receivers that follow RFC 7489, which know neither `nonexistent_subdomain_policy` nor `testing`."),
			},
		},
		"warnings": warningsAttribute("Warnings, such as reports that nobody receives."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns the DMARC record of a domain (RFC 9989), in a form that receivers that follow RFC 7489 also understand. It asks no DNS. " +
			"The guide [From none to reject](../guides/dmarc.md) gives the order in which to tighten a policy. In [`records`](../functions/records.md), the attribute `dmarc` returns the same record.",
		Attributes: attributes,
	}
}

// dmarcNames are the attributes of a DMARC policy.
func dmarcNames() []string {
	return []string{
		"policy", "subdomain_policy", "nonexistent_subdomain_policy", "testing", "dkim_alignment", "spf_alignment", "aggregate_reports", "failure_reports", "failure_options",
		"psd", "existing",
	}
}

// dmarcAttributes describes them.
func dmarcAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	list := func(description string) schema.ListAttribute {
		return schema.ListAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"policy":                       text("Policy for mail that fails. Required, unless `existing` has one. Values:\n  - `none`: receivers deliver the mail, and report it.\n  - `quarantine`: receivers put the mail aside.\n  - `reject`: receivers refuse the mail."),
		"subdomain_policy":             text("Policy for subdomains that exist. Receivers use it only in the record of the organisational domain. Optional. Defaults to `policy`."),
		"nonexistent_subdomain_policy": text("Policy for subdomains that do not exist. Receivers that follow RFC 7489 do not know it. Optional. Defaults to `subdomain_policy`."),
		"testing": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether receivers are asked to apply each policy one level lower: `reject` as `quarantine`, and `quarantine` as `none`, for the domain and for both kinds of subdomains. " +
				"**Caution:** receivers that follow RFC 7489 do not know it, and apply the policy in full. Optional. Defaults to `false`.",
		},
		"dkim_alignment": text("Required match between the domain of the DKIM signature and that of the author: `relaxed` (the same organisational domain) or `strict` (the same domain). Optional. Defaults to `relaxed`."),
		"spf_alignment":  text("Required match between the domain that SPF passes for and that of the author: `relaxed` or `strict`. Optional. Defaults to `relaxed`."),
		"aggregate_reports": list("Destinations of daily reports: mail addresses, or URIs such as `mailto:reports@example.com`. An address becomes a URI, in which `,` and `!` are encoded. " +
			"Optional. Defaults to those of `existing`, and otherwise none, with a warning."),
		"failure_reports": list("Destinations of reports on single messages, in the same forms. Few receivers send them. Optional. Defaults to those of `existing`, and otherwise none."),
		"failure_options": list("Conditions for failure reports. Optional. Defaults to `[\"0\"]`. Values:\n  - `0`: SPF and DKIM both fail.\n  - `1`: one of them fails.\n  - `d`: a DKIM signature is wrong.\n  - `s`: SPF fails."),
		"psd":             text("Whether the domain is a public suffix, below which others have domains: `y`, `n` (it is an organisational domain) or `u` (receivers find out). Optional. Defaults to `u`."),
		"existing": text("DMARC record that the domain has, as DNS serves it. Its tags stay, except for those that an attribute sets. The tags `pct`, `rf` and `ri`, which RFC 9989 has removed, are dropped with a warning. " +
			"`pct=0` becomes `testing = true`, which has the same meaning. Optional. Defaults to none."),
	}
}

// effectiveAttribute describes what counts of a policy.
func effectiveAttribute(description string) schema.SingleNestedAttribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return schema.SingleNestedAttribute{
		Computed:            true,
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"policy":                       text("For the domain."),
			"subdomain_policy":             text("For subdomains that exist."),
			"nonexistent_subdomain_policy": text("For subdomains that do not exist."),
		},
	}
}

func (dmarcDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	policyResults(dmarcResults).validate(ctx, req, resp)
}

func (dmarcDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	policyResults(dmarcResults).read(ctx, req, resp)
}

func dmarcResults(parts map[string]input) (map[string]attr.Value, compose.Problems, error) {
	c := domainConfig(parts)
	c.DMARC = readDMARC(parts)
	c.Unknown.Put(compose.Attribute("dmarc"), unknownOf(parts, dmarcNames()...))
	result, err := compose.DMARCPolicy(c)
	if err != nil {
		return nil, nil, err
	}
	return map[string]attr.Value{
		"value": types.StringValue(result.Record.String()), "records": recordsValue(result.Records), "authorisations": recordsValue(result.AuthorisationRecords),
		"effective": effectiveValue(result.Record),
	}, result.Warnings, nil
}

// readDMARC reads a DMARC policy.
func readDMARC(parts map[string]input) *dmarc.Config {
	text := func(name string) string { return parts[name].filled() }
	c := dmarc.Config{
		Existing: text("existing"), Policy: text("policy"), SubdomainPolicy: text("subdomain_policy"), NonexistentPolicy: text("nonexistent_subdomain_policy"),
		DKIMAlignment: text("dkim_alignment"), SPFAlignment: text("spf_alignment"), PSD: text("psd"),
		AggregateReports: parts["aggregate_reports"].texts(), FailureReports: parts["failure_reports"].texts(), FailureOptions: parts["failure_options"].texts(),
	}
	if testing := parts["testing"]; testing.known() {
		c.Testing = new(testing.boolean())
	}
	return &c
}

// effectiveValue is what receivers apply of a record.
func effectiveValue(r dmarc.Record) types.Object {
	policies := types.ObjectType{AttrTypes: map[string]attr.Type{
		"policy": types.StringType, "subdomain_policy": types.StringType, "nonexistent_subdomain_policy": types.StringType,
	}}
	of := func(e dmarc.Effective) attr.Value {
		return types.ObjectValueMust(policies.AttrTypes, map[string]attr.Value{
			"policy": types.StringValue(string(e.P)), "subdomain_policy": types.StringValue(string(e.SP)), "nonexistent_subdomain_policy": types.StringValue(string(e.NP)),
		})
	}
	return types.ObjectValueMust(map[string]attr.Type{"rfc9989": policies, "rfc7489": policies}, map[string]attr.Value{
		"rfc9989": of(r.Effective()), "rfc7489": of(r.Effective7489()),
	})
}
