package provider

import (
	"math"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// domainAttribute is the `domain` attribute of data sources.
func domainAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Domain that sends mail, such as `example.com`. Unicode names are converted to A-labels.",
	}
}

// ttlAttribute is the `ttl` attribute of data sources.
func ttlAttribute(description string) schema.NumberAttribute {
	return schema.NumberAttribute{Optional: true, MarkdownDescription: description}
}

// readTTL reads a TTL in seconds, 0 where none is set.
func readTTL(in input) uint32 {
	return uint32(in.whole(1, math.MaxInt32)) // RFC 2181 §8 ends TTLs at 31 bits.
}

// stringsOf returns typed texts as strings.
func stringsOf[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return texts
}

// acknowledgeAttribute is the `acknowledge` attribute of data sources that warn.
func acknowledgeAttribute() schema.ListAttribute {
	return schema.ListAttribute{
		ElementType: types.StringType,
		Optional:    true,
		MarkdownDescription: "Codes of warnings to suppress, such as `[\"spf-many-lookups\"]`. Each warning ends with its code; the [guide to warnings](../guides/warnings.md) lists them all. " +
			"Optional. Defaults to none.",
	}
}
