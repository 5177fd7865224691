package provider

import "github.com/hashicorp/terraform-plugin-framework/datasource/schema"

// keysAttribute is the `keys` attribute of data sources.
func keysAttribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "Keys of your own, or handed out by a sender's support, by selector (`sel1`, without `._domainkey`). Several may stand side by side. " +
			"Exactly one of `public_key`, `record` and `cname` is set for each. Optional. Defaults to none.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"public_key": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Public key in PEM, RSA from 1024 bits on (`PUBLIC KEY` or `RSA PUBLIC KEY`) or Ed25519. It becomes a TXT record whose `p=` is the SubjectPublicKeyInfo " +
					"(RFC 6376) or the 32 octets of the key (RFC 8463). A private key is refused. Optional.",
			},
			"record": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "TXT value as support hands it out, such as `k=rsa; p=MIIB…`, with or without `v=DKIM1`. Optional.",
			},
			"cname": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name at the sender that holds the key; the record becomes a CNAME to it. Optional.",
			},
			"state": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Where in its life the key is: `published` (receivers are to know it before anything is signed with it), `active` (it signs) or `revoked` (it is withdrawn: its record has an empty `p=`, and the key itself may be left out). " +
					"The guide [Rotating DKIM keys](../guides/key-rotation.md) walks through them. Optional. Defaults to `active`.",
			},
		}},
	}
}
