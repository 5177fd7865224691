package provider

import (
	"math"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// domainAttribute is the `domain` attribute of data sources.
func domainAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Domain that sends mail, such as `example.com`. Unicode names are converted to A-labels.",
		Validators:          []validator.String{domainName()},
	}
}

func domainValue(v types.String) (dnsname.Name, diag.Diagnostics) {
	var diags diag.Diagnostics
	domain, err := parseDomain(v.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("domain"), "Invalid domain name", compose.Sentence(err.Error()))
	}
	return domain, diags
}

// ttlAttribute is the `ttl` attribute of data sources.
func ttlAttribute(description string) schema.Int64Attribute {
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: description,
		// RFC 2181 §8 ends TTLs at 31 bits.
		Validators: []validator.Int64{int64validator.Between(1, math.MaxInt32)},
	}
}

// ttlValue is 0 where no TTL is set.
func ttlValue(v types.Int64) uint32 {
	return uint32(v.ValueInt64())
}

// rejectEmpty refuses an empty text where null is what is meant: it is often a variable that nobody set.
func rejectEmpty(at path.Path, v types.String, advice string) diag.Diagnostics {
	var diags diag.Diagnostics
	if !v.IsNull() && !v.IsUnknown() && v.ValueString() == "" {
		diags.AddAttributeError(at, "Empty value", "The value is an empty text. "+advice)
	}
	return diags
}

// stringsOf returns typed texts as strings.
func stringsOf[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return texts
}
