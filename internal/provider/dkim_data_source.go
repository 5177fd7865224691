package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

type dkimDataSource struct{}

var _ datasource.DataSource = dkimDataSource{}

func newDKIMDataSource() datasource.DataSource { return dkimDataSource{} }

type dkimModel struct {
	Domain   types.String             `tfsdk:"domain"`
	Services map[string]*serviceModel `tfsdk:"services"`
	Keys     map[string]*keyModel     `tfsdk:"keys"`
	TTL      types.Int64              `tfsdk:"ttl"`
	Records  types.Map                `tfsdk:"records"`
	Warnings types.List               `tfsdk:"warnings"`
}

type keyModel struct {
	PublicKey types.String `tfsdk:"public_key"`
	Record    types.String `tfsdk:"record"`
	CNAME     types.String `tfsdk:"cname"`
}

func (dkimDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_dkim"
}

func (dkimDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes the DKIM records of a domain (RFC 6376 §3.6.1): the CNAMEs that its services ask for, and keys of your own by their selectors. It asks no DNS.",
		Attributes: map[string]schema.Attribute{
			"domain":   domainAttribute(),
			"services": servicesAttribute("Their DKIM records are taken, and no others. Left out: none."),
			"keys": schema.MapNestedAttribute{
				Optional: true,
				MarkdownDescription: "Keys of your own, or handed out by a sender's support, by selector (`sel1`, without `._domainkey`). Several may stand side by side. " +
					"Exactly one attribute of each is set. Left out: none.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"public_key": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: "Public key in PEM, RSA from 1024 bits on (`PUBLIC KEY` or `RSA PUBLIC KEY`) or Ed25519. It becomes a TXT record whose `p=` is the SubjectPublicKeyInfo " +
							"(RFC 6376) or the 32 octets of the key (RFC 8463). A private key is refused. Left out: one of the others is set.",
					},
					"record": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "TXT value as support hands it out, such as `k=rsa; p=MIIB…`, with or without `v=DKIM1`. Left out: one of the others is set.",
					},
					"cname": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Name at the sender that holds the key; the record becomes a CNAME to it. Left out: one of the others is set.",
					},
				}},
			},
			"ttl": ttlAttribute(fmt.Sprintf("TTL of the records in seconds. Left out: what a service's template says, and otherwise %d.", compose.DefaultTTL)),
			"records": recordsAttribute("The records by their keys: `<domain>/<service>/<id>` for those of a service, with the id that its template gives the record, " +
				"and `<domain>/keys/<selector>`."),
			"warnings": schema.ListAttribute{
				ElementType:         types.StringType,
				Computed:            true,
				MarkdownDescription: "What to look at, such as keys under 2048 bits. The same sentences are warnings of the plan.",
			},
		},
	}
}

func (dkimDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model dkimModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config, diags := model.config(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	result, err := compose.DKIM(config)
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics(err)...)
		return
	}
	resp.Diagnostics.Append(warningDiagnostics(result.Warnings)...)
	model.Warnings = warningsValue(result.Warnings)
	model.Records, diags = recordsValue(ctx, result.Records)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// config translates the configuration of the data source.
func (m dkimModel) config(ctx context.Context) (compose.DKIMConfig, diag.Diagnostics) {
	domain, diags := domainValue(m.Domain)
	services, more := composeServices(ctx, m.Services)
	diags.Append(more...)
	keys := make(map[string]compose.Key, len(m.Keys))
	for selector, k := range m.Keys {
		if k == nil {
			diags.AddAttributeError(path.Root("keys").AtMapKey(selector), "DKIM key without a source",
				"The element is null. Give it one of `public_key`, `record` and `cname`, or leave the element out.")
			continue
		}
		keys[selector] = compose.Key{PublicKey: k.PublicKey.ValueString(), Record: k.Record.ValueString(), CNAME: k.CNAME.ValueString()}
	}
	return compose.DKIMConfig{Domain: domain, Services: services, Keys: keys, TTL: ttlValue(m.TTL)}, diags
}
