package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// servicesAttribute is the `services` attribute of data sources.
func servicesAttribute(what string) schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "Mail senders of the domain, by a name of your choice. The name is the id of a built-in service (`microsoft365`), unless `service` or " +
			"`template` is set. " + what,
		NestedObject: schema.NestedAttributeObject{Attributes: serviceAttributes("Id of a built-in service. Optional. Defaults to the key in the map.")},
	}
}

// serviceAttributes are the attributes of one service, with the description of `service`.
func serviceAttributes(id string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"service": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: id,
		},
		"template": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Text of a [Domain Connect](https://www.domainconnect.org/) template, as from `file(\"acme.com.mail.json\")`, for a service that is not built in. " +
				"Optional. Without it, a built-in service is used.",
		},
		"variables": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "Values that the service gives you, by the names in its template. Case does not matter. Only the variables of the applied groups are required. " +
				"Optional. Defaults to none.",
		},
		"groups": schema.ListAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Groups of the template's records to apply. Optional. Defaults to the groups for sending in built-in services, and to all in others.",
		},
		"host": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Host below the domain that the service sends from, such as `news`. Optional. Defaults to the domain itself.",
		},
		"allow": schema.ListAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "Owners (`_acme-challenge`, `@` for the domain) or record types (`CAA`) that the template may publish beyond what sending mail needs; `[\"*\"]` allows all. " +
				"Optional. Defaults to none, since a template is not trusted. Without a grant, the provider refuses:\n  - MX records of the domain or the host, unless `groups` names their group\n  - names of web sites (`www`), MTA-STS, TLS reporting and BIMI, and proofs of control (`_<hex>`)\n" +
				"  - addresses, NS, CAA, TLSA and wildcards\n\n  The records in the applied groups of built-in services need no grant. `_dmarc` keeps the DMARC policy of the template, which is dropped otherwise.",
		},
	}
}
