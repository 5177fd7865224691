package provider

import "github.com/hashicorp/terraform-plugin-framework/datasource/schema"

// keysAttribute is the `keys` attribute of data sources.
func keysAttribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "DKIM keys of your own, or from a sender's support, by selector (`sel1`, without `._domainkey`). A domain may have several. " +
			"Set exactly one of `public_key`, `record` and `cname` for each. Optional. Defaults to none.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"public_key": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Public key in PEM, RSA of at least 1024 bits (`PUBLIC KEY` or `RSA PUBLIC KEY`) or Ed25519. It becomes a TXT record whose `p=` is the SubjectPublicKeyInfo " +
					"(RFC 6376) or the 32 octets of the key (RFC 8463). A private key is an error. Optional.",
			},
			"record": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "TXT value from the sender's support, such as `k=rsa; p=MIIB…`, with or without `v=DKIM1`. Optional.",
			},
			"cname": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name at the sender that holds the key; the record becomes a CNAME to it. Optional.",
			},
			"state": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "State of the key. Optional. Defaults to `active`. The guide [Rotating DKIM keys](../guides/key-rotation.md) walks through the values:\n  - `published`: receivers can find the key, but no message is signed with it yet.\n" +
					"  - `active`: messages are signed with the key.\n  - `revoked`: the key is withdrawn. Its record has an empty `p=`; the key itself is not needed.",
			},
		}},
	}
}
