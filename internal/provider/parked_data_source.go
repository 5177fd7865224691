package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
)

type parkedDataSource struct{}

var _ datasource.DataSourceWithValidateConfig = parkedDataSource{}

func newParkedDataSource() datasource.DataSource { return parkedDataSource{} }

func (parkedDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_parked"
}

func (parkedDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns the records of a domain that neither sends nor receives mail, so that receivers refuse mail that claims to come from it:\n\n- a null MX record (RFC 7505)\n- an SPF record `v=spf1 -all` at the domain, " +
			"at each of `hosts` and at every other name below it (`*`)\n- a DMARC policy of `reject`\n- an empty DKIM key at every selector\n\nIt asks no DNS. " +
			"In [`records`](../functions/records.md), `parked = true` returns the same records. See the guide [Parked domains](../guides/parked.md).",
		Attributes: map[string]schema.Attribute{
			"domain": domainAttribute(),
			"hosts": schema.ListAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Names below the domain that exist, such as `www`: the wildcard does not cover them. Do not list a name that is a CNAME: it can have no other record. Optional. Defaults to none.",
			},
			"reports": schema.ListAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Destinations of aggregate reports on mail that claims to come from the domain: mail addresses or URIs. Optional. Defaults to none.",
			},
			"acknowledge":    acknowledgeAttribute(),
			"ttl":            policyTTLAttribute(),
			"authorisations": recordsAttribute("TXT records that the domains of the report addresses publish, as in [`maildomain_dmarc`](dmarc.md)."),
			"records":        recordsAttribute("The records by their keys: `<domain>/mx`, `<domain>/spf`, `<domain>/spf/*`, `<domain>/spf/<host>`, `<domain>/dmarc` and `<domain>/keys/*`."),
			"warnings":       warningsAttribute("Warnings, such as reports that go to a domain that must authorise them."),
		},
	}
}

func (parkedDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	policyResults(parkedResults).validate(ctx, req, resp)
}

func (parkedDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	policyResults(parkedResults).read(ctx, req, resp)
}

func parkedResults(parts map[string]input) (map[string]attr.Value, compose.Problems, error) {
	c := domainConfig(parts)
	c.Parked = true
	c.Hosts, c.DMARC = parts["hosts"].texts(), &dmarc.Config{AggregateReports: parts["reports"].texts()}
	c.Unknown.Put(nil, unknownOf(parts, "hosts"))
	c.Unknown.Put(compose.Attribute("dmarc").Attribute("aggregate_reports"), parts["reports"].unknowns())
	result, err := compose.Parked(c)
	if err != nil {
		return nil, nil, err
	}
	return map[string]attr.Value{"records": recordsValue(result.Records), "authorisations": recordsValue(result.AuthorisationRecords)}, result.Warnings, nil
}
