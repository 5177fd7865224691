package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

type dmarcAuthorisationDataSource struct{}

var _ datasource.DataSourceWithValidateConfig = dmarcAuthorisationDataSource{}

func newDMARCAuthorisationDataSource() datasource.DataSource { return dmarcAuthorisationDataSource{} }

func (dmarcAuthorisationDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_dmarc_authorisation"
}

func (dmarcAuthorisationDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns the records that let a domain receive the DMARC reports of other domains. Receivers send reports outside the organisational domain only if the destination authorises them (RFC 9990 §4). " +
			"The operator of the report mailbox publishes these records. The data source asks no DNS. For the reported domain, [`maildomain_dmarc`](dmarc.md) lists the same records as `authorisations`.",
		Attributes: map[string]schema.Attribute{
			"report_domain": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Domain of the addresses that receive the reports: `reports.example.net` for `dmarc@reports.example.net`.",
			},
			"domains": schema.ListAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Domains whose reports are received. Optional. Set either this or `any`.",
			},
			"any": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether to receive the reports of every domain, by one wildcard record. **Caution:** anybody can then have reports sent there. Optional. Defaults to `false`.",
			},
			"ttl": policyTTLAttribute(),
			"records": recordsAttribute("The records by their keys, `<zone>/dmarc_authorisation/<report_domain>/<domain>`, with `*` for every domain. The zone is the organisational domain of `report_domain`; " +
				"if another zone serves it, `relative_name` returns the names for that zone."),
			"warnings": warningsAttribute("Warnings, such as a domain that needs no authorisation."),
		},
	}
}

func (dmarcAuthorisationDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	policyResults(authorisationResults).validate(ctx, req, resp)
}

func (dmarcAuthorisationDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	policyResults(authorisationResults).read(ctx, req, resp)
}

func authorisationResults(parts map[string]input) (map[string]attr.Value, compose.Problems, error) {
	of := compose.Authorisations{Host: readDomain(parts["report_domain"]), Any: parts["any"].boolean(), TTL: readTTL(parts["ttl"])}
	texts := parts["domains"].texts()
	of.Domains = make([]dnsname.Name, len(texts))
	for i, text := range texts {
		if parts["domains"].unknowns().At(i).Any() {
			continue
		}
		domain, err := parseDomain(text)
		if err != nil {
			in := parts["domains"]
			in.at(in.path.At(i), nil).failAs("Invalid domain name", "%v", err)
		}
		of.Domains[i] = domain
	}
	switch one := parts["domains"]; {
	case one.unknown() || parts["any"].unknown():
	case of.Any && len(texts) > 0:
		one.failAs("DMARC authorisation", "both `domains` and `any` are set; leave one of them out")
	case !of.Any && len(texts) == 0 && (one.absent() || texts != nil):
		one.failAs("DMARC authorisation", "it names no domain; write the domains whose reports are received, or `any = true` for those of every domain")
	}
	records, warnings, err := compose.Authorise(of)
	if err != nil {
		return nil, nil, err
	}
	return map[string]attr.Value{"records": recordsValue(records)}, warnings, nil
}
