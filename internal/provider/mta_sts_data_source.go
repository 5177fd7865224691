package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
)

type mtaSTSDataSource struct{}

var _ datasource.DataSourceWithValidateConfig = mtaSTSDataSource{}

func newMTASTSDataSource() datasource.DataSource { return mtaSTSDataSource{} }

func (mtaSTSDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_mta_sts"
}

func (mtaSTSDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	attributes := mtaSTSAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"domain":   domainAttribute(),
		"services": servicesAttribute("Without `mx`, the policy has the hosts of their MX records. Optional. Defaults to none."),
		"ttl":      policyTTLAttribute(),
		"policy":   text("The policy file, whose lines end in CRLF (RFC 8461 §3.2)."),
		"url":      text("URL of the policy file. Senders fetch it over HTTPS, with a certificate for the host, and without redirects (RFC 8461 §3.3)."),
		"id":       text("The id of the policy. It is derived from the content of the policy: the same policy has the same id, and a new id tells senders to fetch the policy."),
		"records":  recordsAttribute("The records by their keys: `<domain>/mta_sts` announces the policy; `<domain>/mta_sts/host` or `<domain>/mta_sts/addresses/<index>` lead to the web server."),
		"warnings": warningsAttribute("Warnings, such as a policy that senders soon forget."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns the MTA-STS policy of a domain and its records (RFC 8461). The policy names the mail hosts, so that senders deliver to them over TLS alone. It asks no DNS and fetches nothing. " +
			"The guide [MTA-STS](../guides/mta-sts.md) gives the order in which to publish file and records, and to retire a policy. In [`records`](../functions/records.md), the attribute `mta_sts` returns the same records.",
		Attributes: attributes,
	}
}

// mtaSTSNames are the attributes of an MTA-STS policy.
func mtaSTSNames() []string { return []string{"mode", "max_age", "mx", "host", "addresses"} }

// mtaSTSAttributes describes them.
func mtaSTSAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"mode": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Action of senders if a mail host fails the policy. Required. Values:\n  - `testing`: senders deliver the mail, and report it.\n  - `enforce`: senders do not deliver the mail.\n  - `none`: senders act as without a policy; to retire one.",
		},
		"max_age": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: fmt.Sprintf("Seconds for which senders remember the policy, at most %d, a year. Optional. Defaults to `%d`, a week.", mtasts.MaxMaxAge, mtasts.DefaultMaxAge),
		},
		"mx": schema.ListAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "Names of mail hosts, such as `mx.example.net`, or `*.example.net` for each host one label below. " +
				"Optional. Defaults to the hosts of the domain's MX records; for services, to the patterns in their documentation.",
		},
		"host": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Name of the web server that has the policy file; `mta-sts.<domain>` becomes a CNAME to it. Optional. Defaults to no such record.",
		},
		"addresses": schema.ListAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "IP addresses of that web server, in place of `host`. Optional. Defaults to none.",
		},
	}
}

func (mtaSTSDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	policyResults(mtaSTSResults).validate(ctx, req, resp)
}

func (mtaSTSDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	policyResults(mtaSTSResults).read(ctx, req, resp)
}

func mtaSTSResults(parts map[string]input) (map[string]attr.Value, compose.Problems, error) {
	c := domainConfig(parts)
	c.Services, c.MTASTS = readServices(parts["services"]), readMTASTS(parts)
	c.Unknown.Put(nil, unknownOf(parts, "services"))
	c.Unknown.Put(compose.Attribute("mta_sts"), unknownOf(parts, mtaSTSNames()...))
	result, err := compose.MTASTSPolicy(c)
	if err != nil {
		return nil, nil, err
	}
	return map[string]attr.Value{
		"policy": types.StringValue(result.MTASTS.String()), "url": types.StringValue(mtasts.URL(c.Domain)), "id": types.StringValue(result.MTASTS.ID()), "records": recordsValue(result.Records),
	}, result.Warnings, nil
}

// readMTASTS reads an MTA-STS policy.
func readMTASTS(parts map[string]input) *compose.MTASTS {
	m := compose.MTASTS{
		Config:   mtasts.Config{Mode: parts["mode"].filled(), MaxAge: mtasts.DefaultMaxAge, MX: parts["mx"].texts()},
		Existing: parts["existing"].filled(), Host: parts["host"].filled(), Addresses: parts["addresses"].texts(),
	}
	if age := parts["max_age"]; age.known() {
		m.MaxAge = age.whole(0, mtasts.MaxMaxAge)
	}
	return &m
}
