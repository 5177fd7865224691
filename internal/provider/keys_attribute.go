package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

// keyModel is one element of `keys`.
type keyModel struct {
	PublicKey types.String `tfsdk:"public_key"`
	Record    types.String `tfsdk:"record"`
	CNAME     types.String `tfsdk:"cname"`
}

// keysAttribute is the `keys` attribute of data sources.
func keysAttribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
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
	}
}

// composeKeys translates `keys`.
func composeKeys(models map[string]*keyModel) (map[string]compose.Key, diag.Diagnostics) {
	var diags diag.Diagnostics
	keys := make(map[string]compose.Key, len(models))
	for selector, k := range models {
		if k == nil {
			diags.AddAttributeError(path.Root("keys").AtMapKey(selector), "DKIM key without a source",
				"The element is null. Give it one of `public_key`, `record` and `cname`, or leave the element out.")
			continue
		}
		keys[selector] = compose.Key{PublicKey: k.PublicKey.ValueString(), Record: k.Record.ValueString(), CNAME: k.CNAME.ValueString()}
	}
	return keys, diags
}
