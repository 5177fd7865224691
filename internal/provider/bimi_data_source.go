package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

type bimiDataSource struct{}

var _ datasource.DataSourceWithValidateConfig = bimiDataSource{}

func newBIMIDataSource() datasource.DataSource { return bimiDataSource{} }

func (bimiDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_bimi"
}

func (bimiDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := bimiAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"domain": domainAttribute(),
		"dmarc": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "DMARC record of the domain, such as the `value` of [`maildomain_dmarc`](dmarc.md). The data source warns if receivers show no logo under its policy. Optional. Defaults to none, without this check.",
		},
		"ttl":         policyTTLAttribute(),
		"acknowledge": acknowledgeAttribute(),
		"value":       schema.StringAttribute{Computed: true, MarkdownDescription: "Record, such as `v=BIMI1; l=https://example.com/logo.svg`."},
		"records":     recordsAttribute("Record by its key, `<domain>/bimi`."),
		"warnings":    warningsAttribute("Warnings, such as a DMARC policy under which receivers show no logo."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns the BIMI record of a domain, which names the logo that receivers show beside its mail, or declines one. It asks no DNS and fetches nothing. " +
			"In [`records`](../functions/records.md), the attribute `bimi` returns the same record.",
		Attributes: attributes,
	}
}

// bimiNames are the attributes of a logo.
func bimiNames() []string { return []string{"selector", "logo", "certificate", "avatar", "declined"} }

// bimiAttributes describes them.
func bimiAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"selector":    text("Selector, the part of the record's name before `._bimi`. A message selects another one in its header `BIMI-Selector`. Optional. Defaults to `default`."),
		"logo":        text("HTTPS URI of the logo, an SVG image. Required, unless `declined` is set."),
		"certificate": text("HTTPS URI of the mark certificate, in PEM, which many receivers want. Optional. Defaults to none."),
		"avatar":      text("Preference for receivers that also have a picture of the sender: `brand` (the logo) or `personal` (the picture). Optional. Defaults to none, which means `brand`."),
		"declined": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether the record declines a logo. Optional. Defaults to `false`.",
		},
	}
}

func (bimiDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	policyResults(bimiResults).validate(ctx, req, resp)
}

func (bimiDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	policyResults(bimiResults).read(ctx, req, resp)
}

func bimiResults(parts map[string]input) (map[string]attr.Value, compose.Problems, error) {
	c := domainConfig(parts)
	c.BIMI = readBIMI(parts)
	c.BIMI.DMARC = parts["dmarc"].filled()
	c.Unknown.Put(compose.Attribute("bimi"), unknownOf(parts, append(bimiNames(), "dmarc")...))
	result, r, err := compose.BIMIRecord(c)
	if err != nil {
		return nil, nil, err
	}
	return map[string]attr.Value{"value": types.StringValue(r.String()), "records": recordsValue(result.Records)}, result.Warnings, nil
}

// readBIMI reads a logo.
func readBIMI(parts map[string]input) *compose.BIMI {
	return &compose.BIMI{Config: bimi.Config{
		Selector: parts["selector"].filled(), Logo: parts["logo"].filled(), Certificate: parts["certificate"].filled(), Avatar: parts["avatar"].filled(),
		Declined: parts["declined"].boolean(),
	}}
}
