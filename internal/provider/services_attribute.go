package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// servicesAttribute is the `services` attribute of data sources.
func servicesAttribute(what string) schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "Mail senders of the domain, by a name of your choice: the key names a built-in service (`microsoft365`) unless `service` or " +
			"`template` does. " + what,
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
			MarkdownDescription: "What the service hands out to you, by the names that its template gives, in any case. Only the variables of records that are asked for are demanded. " +
				"Optional. Defaults to none.",
		},
		"groups": schema.ListAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Groups of the template's records to apply. Optional. Defaults to those for sending in built-in services, all in others.",
		},
		"host": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Host below the domain that the service sends from, such as `news`. Optional. Defaults to the domain itself.",
		},
		"allow": schema.ListAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "Owners (`_acme-challenge`, `@` for the domain) or record types (`CAA`) that the template may publish beyond what sending mail needs; `[\"*\"]` allows all. " +
				"Optional. Defaults to none, since a template is not trusted: MX records of the domain or the host (unless `groups` names their group), names of web sites (`www`), of MTA-STS, TLS reporting and BIMI, proofs of control (`_<hex>`), " +
				"addresses, NS, CAA, TLSA and wildcards are refused. What the built-in services ask for in the groups that are applied needs no grant. `_dmarc` keeps the policy that the template has, which is left out otherwise.",
		},
	}
}
