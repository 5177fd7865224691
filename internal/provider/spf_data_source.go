package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

type spfDataSource struct{ asking }

var (
	_ datasource.DataSourceWithConfigure      = (*spfDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*spfDataSource)(nil)
)

func newSPFDataSource() datasource.DataSource { return &spfDataSource{} }

func (*spfDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_spf"
}

func (*spfDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := spfInputs()
	maps.Copy(attributes, spfResults())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Merges the one SPF record of a domain (RFC 7208 §3.2) from the record that it has, the services that send for it, and terms of your own. " +
			"Services that send from another owner (`host`) give that owner an SPF record of its own, merged by itself. " +
			"The resolvers of the provider block are asked what the record includes, to count its lookups; where they do not answer, `value` stands all the same.",
		Attributes: attributes,
	}
}

// spfInputs say what the record is made of.
func spfInputs() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"domain": domainAttribute(),
		"existing": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "The SPF record that the domain has now, as it stands in DNS, without quotes: `v=spf1 include:spf.protection.outlook.com ~all`. " +
				"Its terms come first and keep their order. Optional. Defaults to none.",
		},
		"adopt_live": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to start from the record that live DNS has, in place of `existing`, to take it over. It is read from all authoritative servers over TCP; where they " +
				"do not agree, that is an error, since terms could be lost; one that is silent is a warning, where two others or all others answer. What nothing in the configuration asks for stays, and is listed in `adopted`. Optional. Defaults to `false`.",
		},
		"services": servicesAttribute("Their SPF terms are merged in the order of these names. Optional. Defaults to none."),
		"mechanisms": schema.ListAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Further terms of your own, such as `ip4:192.0.2.0/24` or `include:_spf.example.net`, behind those of the services. Optional. Defaults to none.",
		},
		"remove": schema.ListAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "Terms that leave the record, such as `include:old.example.net`, compared by mechanism, argument and prefix length. " +
				"A term that a service asks for is an error: the service, or its group, is what goes. So is an `all`, which `all` sets. A term that matches nothing is a warning. Optional. Defaults to none.",
		},
		"all": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What the record says of every other sender: `fail` (`-all`), `softfail` (`~all`), `neutral` (`?all`), `pass` (`+all`, which also needs `allow_pass_all`), " +
				"or `keep`, which takes over what the existing record ends in. Optional. Defaults to `fail`, as Catglobe recommends. A `redirect=` that stands alone ends the record where this is left out or `keep`; " +
				"beside any other ending it becomes an `include:`.",
		},
		"allow_pass_all": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether the record may pass every sender, or half of all addresses and more. Optional. Defaults to `false`; such a record is an error, " +
				"since with it anyone can send as the domain.",
		},
		"flatten": schema.ListAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "What to flatten: names of services or of includes, or `[\"*\"]` for all. The addresses that they pass now are written into records of their own, `_spf-<source>`, " +
				"which the record includes instead: one lookup each. A source that cannot be flattened without changing what passes is an error that says why. Optional. Defaults to none. " +
				"Addresses of senders change: plan often, or leave this out.",
		},
		"max_size": schema.NumberAttribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("Octets of one flattened record, 64 to 4096; more addresses go into `_spf-<source>-2` and so on. Optional. Defaults to `%d`, or less at a long name, so that an answer fits a DNS message of 512 octets (RFC 7208 §3.4).",
				tree.DefaultFlatSize),
		},
		"on_permerror": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What a record is that every receiver rejects (permerror): an `error` or a `warn`ing. That is one past a limit of RFC 7208 §4.6.4 (10 lookups, 2 void lookups for clients of both " +
				"families of addresses, 10 MX names), one that includes itself, and one that includes a name without an SPF record, with several, or with an invalid one (§5.2); records that this data source " +
				"makes itself are taken as published. Optional. Defaults to `error`.",
		},
		"ttl":         ttlAttribute(fmt.Sprintf("TTL of the records in seconds. Optional. Defaults to `%d`.", compose.DefaultTTL)),
		"acknowledge": acknowledgeAttribute(),
	}
}

// spfResults are what is computed.
func spfResults() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"value": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "The SPF record of the domain itself, whole and unquoted. Null where it needs none: no service asks for SPF there, " +
				"or the domain lies in the service's own zone.",
		},
		"records": recordsAttribute("The records by their keys: `<domain>/spf`, and `<domain>/spf/<name>` for each other owner that a service sends from."),
		"flattened_records": recordsAttribute("The records that flattening makes, by their keys `<domain>/spf/_spf-<source>`. They are apart from `records`, so that a plan can publish and " +
			"validate them before it changes the record that includes them."),
		"flattened": schema.MapNestedAttribute{
			Computed:            true,
			MarkdownDescription: "What was flattened, by source, so that a plan shows what a sender changed.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"ipv4_addresses": schema.NumberAttribute{Computed: true, MarkdownDescription: "How many IPv4 addresses pass."},
				"ipv6_addresses": schema.NumberAttribute{Computed: true, MarkdownDescription: "How many IPv6 addresses pass."},
				"cidrs":          schema.Int64Attribute{Computed: true, MarkdownDescription: "How many networks they are written as, the fewest there can be."},
				"records":        schema.Int64Attribute{Computed: true, MarkdownDescription: "How many records hold them."},
			}},
		},
		"adopted": schema.ListAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "Terms of the live record that nothing in the configuration asks for, and that stay; with `adopt_live`, otherwise empty.",
		},
		"extra_txt": schema.ListAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "The other TXT values that live DNS has at the domain, so that a resource that is a whole RRset loses none; with `adopt_live`, otherwise empty.",
		},
		"lookup_count": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Lookups that evaluating `value` takes in the worst case, everything it includes among them; the limit is 10 (RFC 7208 §4.6.4). Null where DNS did not answer.",
		},
		"void_lookup_count": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Lookups without an answer, for IPv4 or IPv6 clients, whichever has more; the limit is 2, and past it for one of them alone, as where hosts have no AAAA records, a warning. Null where DNS did not answer.",
		},
		"lookups": schema.MapAttribute{
			ElementType:         types.Int64Type,
			Computed:            true,
			MarkdownDescription: "Lookups of each term of `value` that needs any. Null where DNS did not answer.",
		},
		"answer_size": schema.Int64Attribute{
			Computed: true,
			MarkdownDescription: "Octets of the whole DNS message that answers a question for the domain's TXT records, with `value` in it: header, question with the name, each TXT value with the octets that " +
				"DNS puts around it, and the OPT record of EDNS. Past 1232 a warning. Known with `adopt_live`, otherwise null.",
		},
		"tree": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The record and what it includes, with the lookups of each, as a text tree. Null where `value` is.",
		},
		"warnings": schema.ListAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "What to look at: how the merge differs from what was given, and what is wrong with what it includes. The same sentences are warnings of the plan.",
		},
	}
}

// ValidateConfig refuses what is wrong whatever the unknown values turn out to be.
func (*spfDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	request := newRequest(config.parts)
	resp.Diagnostics.Append(config.check(request.anyDomain())...)
}

func (d *spfDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	request := newRequest(config.parts)
	if resp.Diagnostics.Append(config.check(request.anyDomain())...); resp.Diagnostics.HasError() {
		return
	}
	result, err := compose.SPF(ctx, request.config, d.data.dns())
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics(err)...)
		return
	}
	resp.Diagnostics.Append(warningDiagnostics(request.config.Domain, result.Warnings)...)
	results, diags := spfResultValues(ctx, result)
	resp.Diagnostics.Append(diags...)
	state, diags := config.state(ctx, results)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
