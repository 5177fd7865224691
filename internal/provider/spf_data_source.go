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
		MarkdownDescription: "Merges the one SPF record of a domain (RFC 7208 §3.2) from its existing record, the services that send for it, and terms of your own. " +
			"A service that sends from another owner (`host`) gives that owner an SPF record of its own. " +
			"To count lookups, the data source asks the resolvers of the provider block for the included records. If they do not answer, `value` is known all the same.",
		Attributes: attributes,
	}
}

// spfInputs say what the record is made of.
func spfInputs() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"domain": domainAttribute(),
		"existing": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "SPF record that the domain has now, as DNS serves it, without quotes: `v=spf1 include:spf.protection.outlook.com ~all`. " +
				"Its terms come first and keep their order. Optional. Defaults to none.",
		},
		"adopt_live": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to start from the record in live DNS, in place of `existing`, to take it over. The provider reads all authoritative servers over TCP. If they " +
				"disagree, that is an error, since terms could be lost. A silent server is a warning if two others or all others answer. Terms that nothing in the configuration asks for stay, and `adopted` lists them. Optional. Defaults to `false`.",
		},
		"services": servicesAttribute("Their SPF terms are merged in the order of these names. Optional. Defaults to none."),
		"mechanisms": schema.ListAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Further terms of your own, such as `ip4:192.0.2.0/24` or `include:_spf.example.net`, after those of the services. Optional. Defaults to none.",
		},
		"remove": schema.ListAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "Terms that leave the record, such as `include:old.example.net`, compared by mechanism, argument and prefix length. " +
				"A term that a service asks for is an error: remove the service, or its group. An `all` is an error as well: the attribute `all` sets it. A term that matches nothing is a warning. Optional. Defaults to none.",
		},
		"all": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Result for every other sender, at the end of the record. Optional. Defaults to `fail`, as Catglobe recommends. Values:\n  - `fail`: `-all`.\n  - `softfail`: `~all`.\n  - `neutral`: `?all`.\n  - `pass`: `+all`, which also needs `allow_pass_all`.\n" +
				"  - `keep`: the ending of the existing record.\n\n  If `all` is not set or `keep`, a `redirect=` without other terms ends the record. " +
				"With any other value, it becomes an `include:`.",
		},
		"allow_pass_all": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether the record may pass every sender, or half of all addresses or more. Optional. Defaults to `false`: such a record is an error, " +
				"since anyone could send as the domain.",
		},
		"flatten": schema.ListAttribute{
			ElementType: types.StringType,
			Optional:    true,
			MarkdownDescription: "Services or includes to flatten, by name, or `[\"*\"]` for all. The provider writes the addresses that they pass now into other records, " +
				"which the record includes instead: one lookup each. A large source has records of its own, `_spf-<source>`; small sources share `_spf-flat`. A source that cannot be flattened without a change of the result is an error that says why. Optional. Defaults to none. " +
				"**Caution:** the addresses of senders change. Plan often, or do not flatten.",
		},
		"max_size": schema.NumberAttribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("Size of one flattened record in octets, 64 to 4096. Further addresses go into a second record, `_spf-<source>-2` or `_spf-flat-2`, and so on. Optional. Defaults to `%d`, or less for a long name, so that an answer fits a DNS message of 512 octets (RFC 7208 §3.4).",
				tree.DefaultFlatSize),
		},
		"on_permerror": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Reaction to a record that every receiver rejects (permerror): `error` or `warn`. Optional. Defaults to `error`. Receivers reject a record\n" +
				"  - that is past a limit of RFC 7208 §4.6.4 (10 lookups, 2 void lookups for clients of both address families, 10 MX names),\n  - that includes itself, or\n" +
				"  - that includes a name without an SPF record, with several, or with an invalid one (§5.2). Records of this data source count as published.",
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
			MarkdownDescription: "SPF record of the domain itself, whole and unquoted. Null if it needs none: no service asks for SPF there, " +
				"or the domain is in the service's own zone.",
		},
		"records": recordsAttribute("The records by their keys: `<domain>/spf`, and `<domain>/spf/<name>` for each other owner that a service sends from."),
		"flattened_records": recordsAttribute("Records of the flattened sources, by their keys `<domain>/spf/_spf-<source>` and `<domain>/spf/_spf-flat`. They are separate from `records`, so that a plan can publish and " +
			"validate them before it changes the record that includes them."),
		"flattened": schema.MapNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Size of each flattened source, so that a plan shows a sender's change.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"ipv4_addresses": schema.NumberAttribute{Computed: true, MarkdownDescription: "Number of IPv4 addresses that pass."},
				"ipv6_addresses": schema.NumberAttribute{Computed: true, MarkdownDescription: "Number of IPv6 addresses that pass."},
				"cidrs":          schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of networks that cover them, the smallest possible."},
				"records":        schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of records that hold them; `1` for a small source, which shares its record with others."},
			}},
		},
		"adopted": schema.ListAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "Terms of the live record that stay although nothing in the configuration asks for them. Empty without `adopt_live`.",
		},
		"extra_txt": schema.ListAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "Other TXT values of the domain in live DNS, for a resource that holds the whole RRset. Empty without `adopt_live`.",
		},
		"lookup_count": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Number of DNS lookups that a receiver makes for `value` in the worst case, including those of included records. The limit is 10 (RFC 7208 §4.6.4). Null if DNS did not answer.",
		},
		"void_lookup_count": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Number of lookups without an answer, for IPv4 or IPv6 clients, whichever is larger. The limit is 2. If only one address family exceeds it, such as for hosts without AAAA records, that is a warning. Null if DNS did not answer.",
		},
		"lookups": schema.MapAttribute{
			ElementType:         types.Int64Type,
			Computed:            true,
			MarkdownDescription: "Number of lookups of each term of `value` that needs any. Null if DNS did not answer.",
		},
		"answer_size": schema.Int64Attribute{
			Computed: true,
			MarkdownDescription: "Size in octets of the DNS message that answers a question for the domain's TXT records, with `value`: header, question, each TXT value with its " +
				"encoding, and the OPT record of EDNS. A size over 1232 is a warning. Null without `adopt_live`.",
		},
		"tree": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Record and included records as a text tree, with the lookups of each. Null if `value` is null.",
		},
		"warnings": schema.ListAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "Warnings: differences between the merge and its inputs, and faults of included records. The plan shows the same sentences.",
		},
	}
}

// ValidateConfig refuses what is wrong whatever the unknown values turn out to be.
func (*spfDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	records := newConfig(config.parts)
	resp.Diagnostics.Append(config.check(anyDomain(records))...)
}

func (d *spfDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	records := newConfig(config.parts)
	if resp.Diagnostics.Append(config.check(anyDomain(records))...); resp.Diagnostics.HasError() {
		return
	}
	result, err := compose.SPF(ctx, records, d.data.dns())
	if err != nil {
		resp.Diagnostics.Append(errorDiagnostics(err)...)
		return
	}
	resp.Diagnostics.Append(warningDiagnostics(records.Domain, result.Warnings)...)
	results, diags := spfResultValues(ctx, result)
	resp.Diagnostics.Append(diags...)
	state, diags := config.state(ctx, results)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
