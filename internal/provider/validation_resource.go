package provider

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

type validationResource struct{ data *providerData }

var (
	_ resource.ResourceWithConfigure      = (*validationResource)(nil)
	_ resource.ResourceWithImportState    = (*validationResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*validationResource)(nil)
	_ resource.ResourceWithValidateConfig = (*validationResource)(nil)
)

func newValidationResource() resource.Resource { return &validationResource{} }

// What a validation that leaves the option out does. They are applied in code and not as schema
// defaults, so that a new option never plans a change on what exists.
const (
	defaultConsecutive   = 2
	defaultCreateTimeout = 10 * time.Minute
	defaultReadTimeout   = 5 * time.Second
)

// The values of `on_drift`, the default first.
const (
	driftWarn       = "warn"
	driftRevalidate = "revalidate"
	driftIgnore     = "ignore"
)

func (r *validationResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_validation"
}

func (r *validationResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Blocks the apply until live DNS serves the given records, and names the cause if it does not. It writes nothing to DNS. " +
			"It asks every authoritative server of the zone directly. By default, it never asks a resolver about a record that may still be missing, since resolvers remember absence.",
		Attributes: validationAttributes(ctx),
	}
}

func validationAttributes(ctx context.Context) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		// It is no nested attribute: the framework refuses one of which a whole element is known only after apply, as is the
		// element of a data source that is read then.
		"records": schema.MapAttribute{
			ElementType: types.ObjectType{AttrTypes: map[string]attr.Type{
				"fqdn":  types.StringType,
				"type":  types.StringType,
				"value": types.StringType,
			}},
			Required: true,
			MarkdownDescription: fmt.Sprintf("Records that live DNS must serve, such as the `records` of this provider's data sources. `merge()` joins several. Three attributes of each record count:\n"+
				"  - `fqdn`: absolute owner, such as `selector1._domainkey.example.com`.\n"+
				"  - `type`: one of %s.\n"+
				"  - `value`: record data as a person reads it: TXT whole and unquoted, names with or without a final dot, `10 mx.example.net` for MX.\n\n"+
				"  The validation compares SPF, DKIM, DMARC, MTA-STS, TLS reporting and BIMI records by meaning, and names without regard to case. "+
				"It allows other values at the same owner, except for a second SPF, DKIM or DMARC record.", "`"+strings.Join(stringsOf(record.Types()), "`, `")+"`"),
		},
		"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
			Create: true, Update: true, Read: true,
			CreateDescription: fmt.Sprintf("Time to wait for DNS at creation, a positive duration such as `\"10m\"`. Optional. Defaults to `\"%s\"`.", "10m"),
			UpdateDescription: "Time to wait for DNS when an update waits again. Optional. Defaults to `create`.",
			ReadDescription:   fmt.Sprintf("Time that a refresh may take, a positive duration. Optional. Defaults to `\"%s\"`. A refresh that cannot ask in time keeps the state and warns.", defaultReadTimeout),
		}),
	}
	maps.Copy(attributes, validationOptions())
	maps.Copy(attributes, validationResults())
	return attributes
}

// validationOptions say whom to ask and what is enough.
func validationOptions() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"query": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Servers to ask. Optional. Defaults to `authoritative`. Values:\n  - `authoritative`: every authoritative server of the zone.\n" +
				"  - `resolvers`: the resolvers of the provider block.\n  - `both`: the authoritative servers, and the resolvers once these agree.",
			Validators: []validator.String{choice(verify.Queries()...)},
		},
		"require": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("Servers that must serve a record. Optional. Defaults to `all`. Values:\n  - `all`: every server that answers. A server that is silent for %d s while all others match is passed over with a warning.\n"+
				"  - `strict`: every server.\n  - `any`: one server.\n  - a number, such as `2`: that many servers.", int(verify.Patience.Seconds())),
			Validators: []validator.String{requirement()},
		},
		"consecutive": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: fmt.Sprintf("Number of rounds in a row that must match, 1 to 100. Optional. Defaults to `%d`.", defaultConsecutive),
			Validators:          []validator.Number{wholeNumber{1, 100}},
		},
		"follow": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether a DKIM CNAME must lead to a published, valid key. Optional. Defaults to `false`, since Microsoft 365 publishes its keys only after the CNAMEs exist.",
		},
		"settle": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether to wait, once all records match, until caches no longer hold the earlier answers (the largest TTL seen). Optional. Defaults to `false`; `report` names the TTL.",
		},
		"on_drift": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Action of a plan when live DNS no longer matches. Optional. Defaults to `warn`. Values:\n  - `warn`: the plan warns and changes nothing.\n" +
				"  - `revalidate`: the plan has an update that waits again. While that update is pending, Terraform reads data sources that depend on the validation only during the apply, which can replace resources that use them.\n" +
				"  - `ignore`: refreshes ask nothing.",
			Validators: []validator.String{choice(driftWarn, driftRevalidate, driftIgnore)},
		},
		"triggers": schema.MapAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Texts of your own. When one changes, the validation waits again. Optional. Defaults to none.",
		},
	}
}

// validationResults are what a validation found. Their texts are timeless: no times, serials or countdowns.
func validationResults() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Identifier of the validation. It never changes.",
		},
		"valid": schema.BoolAttribute{
			Computed:            true,
			MarkdownDescription: "Whether live DNS matched at the last refresh or wait. A refresh sets it to `false` only if every reachable server serves something else.",
		},
		"observed": schema.MapAttribute{
			ElementType:         types.ListType{ElemType: types.StringType},
			Computed:            true,
			MarkdownDescription: "Values that live DNS serves in place of the records that do not match, by the keys of `records`; empty if all match. Octets outside printable ASCII are written as `\\DDD`.",
		},
		"report": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "One line if all records match, such as `9 of 9 records match at 3 name servers of example.com.` Otherwise the expected and the seen values of each record that does not match, server by server, with the likely cause.",
		},
	}
}

// ImportState refuses: a validation is nothing that exists outside of the state.
func (*validationResource) ImportState(_ context.Context, _ resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.AddError("Validation that cannot be imported", "A validation is a wait that exists only in the state, so there is nothing to import. "+
		"Remove the import and apply the resource block: if live DNS already serves the records, that takes a few seconds and changes nothing.")
}

func (r *validationResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	// It is nil while Terraform validates a configuration.
	r.data, _ = req.ProviderData.(*providerData)
}
