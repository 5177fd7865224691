package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// extraAttribute is the `extra` attribute of data sources.
func extraAttribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "Records of your own by a name of your choice, such as verification tokens and addresses of mail hosts. " +
			"SPF records, DKIM keys and policies are errors: set them by `existing`, `keys`, `dmarc` and the other policies. Optional. Defaults to none.",
		// The framework takes an attribute for missing that is required and unknown with its whole object; the reader demands it.
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name":  schema.StringAttribute{Optional: true, MarkdownDescription: "Required. Owner relative to the domain: `@` for the domain itself, `mail`, `_imaps._tcp`."},
			"type":  schema.StringAttribute{Optional: true, MarkdownDescription: fmt.Sprintf("Required. Record type, one of `%s`.", strings.Join(stringsOf(record.Types()), "`, `"))},
			"value": schema.StringAttribute{Optional: true, MarkdownDescription: "Required. Record data as a person reads it: TXT whole and unquoted, names without a final dot, `10 mx.example.net` for MX."},
			"ttl":   ttlAttribute("TTL in seconds. Optional. Defaults to `ttl` of the data source."),
		}},
	}
}
