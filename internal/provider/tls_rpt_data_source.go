package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

type tlsRPTDataSource struct{}

var _ datasource.DataSourceWithValidateConfig = tlsRPTDataSource{}

func newTLSRPTDataSource() datasource.DataSource { return tlsRPTDataSource{} }

func (tlsRPTDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_tls_rpt"
}

func (tlsRPTDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := tlsRPTAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"domain":   domainAttribute(),
		"ttl":      policyTTLAttribute(),
		"value":    schema.StringAttribute{Computed: true, MarkdownDescription: "Record, such as `v=TLSRPTv1; rua=mailto:tls-reports@example.com`."},
		"records":  recordsAttribute("Record by its key, `<domain>/tls_rpt`."),
		"warnings": warningsAttribute("Warnings about the record."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns the TLS reporting record of a domain (RFC 8460). It names the destination of reports on mail that senders could not deliver over TLS as [MTA-STS](../guides/mta-sts.md) and DANE demand. It asks no DNS. " +
			"In [`records`](../functions/records.md), the attribute `tls_rpt` makes the same record.",
		Attributes: attributes,
	}
}

// tlsRPTNames are the attributes of a TLS reporting record.
func tlsRPTNames() []string { return []string{"reports"} }

// tlsRPTAttributes describes them.
func tlsRPTAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"reports": schema.ListAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Destinations of the reports: mail addresses, or URIs with `mailto:` or `https:`. An address becomes a URI. Required.",
		},
	}
}

func (tlsRPTDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	policyResults(tlsRPTResults).validate(ctx, req, resp)
}

func (tlsRPTDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	policyResults(tlsRPTResults).read(ctx, req, resp)
}

func tlsRPTResults(parts map[string]input) (map[string]attr.Value, compose.Problems, error) {
	c := domainConfig(parts)
	c.TLSRPT = readTLSRPT(parts)
	c.Unknown.Put(compose.Attribute("tls_rpt"), unknownOf(parts, tlsRPTNames()...))
	result, r, err := compose.TLSRPTRecord(c)
	if err != nil {
		return nil, nil, err
	}
	return map[string]attr.Value{"value": types.StringValue(r.String()), "records": recordsValue(result.Records)}, result.Warnings, nil
}

// readTLSRPT reads where reports on TLS go.
func readTLSRPT(parts map[string]input) *tlsrpt.Config {
	return &tlsrpt.Config{Reports: parts["reports"].texts()}
}
