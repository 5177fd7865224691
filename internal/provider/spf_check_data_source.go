package provider

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/check"
)

type spfCheckDataSource struct{ asking }

var _ datasource.DataSourceWithConfigure = (*spfCheckDataSource)(nil)

func newSPFCheckDataSource() datasource.DataSource { return &spfCheckDataSource{} }

type spfCheckModel struct {
	IP              types.String `tfsdk:"ip"`
	Sender          types.String `tfsdk:"sender"`
	HELO            types.String `tfsdk:"helo"`
	Domain          types.String `tfsdk:"domain"`
	Result          types.String `tfsdk:"result"`
	Explanation     types.String `tfsdk:"explanation"`
	Matched         types.String `tfsdk:"matched"`
	LookupCount     types.Int64  `tfsdk:"lookup_count"`
	VoidLookupCount types.Int64  `tfsdk:"void_lookup_count"`
	Trace           types.String `tfsdk:"trace"`
}

func (*spfCheckDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_spf_check"
}

func (*spfCheckDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Evaluates live SPF for one sender, as a mail receiver does (`check_host`, RFC 7208 §4). It asks the resolvers of the provider block. " +
			"Made for `check` blocks and tests of a set-up.",
		Attributes: map[string]schema.Attribute{
			"ip": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "IPv4 or IPv6 address of the server that sends.",
				Validators:          []validator.String{ipAddress()},
			},
			"sender": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Envelope sender (MAIL FROM): an address, a bare domain, or empty for a bounce, whose sender is `postmaster` at `helo` (RFC 7208 §2.4). " +
					"Optional. Defaults to an empty text.",
			},
			"helo": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name that the server gives in HELO or EHLO. Optional. Defaults to `unknown`.",
			},
			"domain": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Domain whose record is evaluated. Optional. Defaults to that of the sender, and otherwise `helo`. A malformed domain gives `none` (RFC 7208 §4.3).",
			},
			"result": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "`none`, `neutral`, `pass`, `fail`, `softfail`, `temperror` or `permerror` (RFC 7208 §2.6).",
			},
			"explanation": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Explanation that the domain gives for a `fail` (`exp=`, RFC 7208 §6.2); null if it gives none. The operator of that domain wrote the text. " +
					"The time (`%{t}`) is 0 in it, so that plans do not differ.",
			},
			"matched": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Term that matched, with its record and the includes that led there; null if none matched.",
			},
			"lookup_count": schema.Int64Attribute{
				Computed:            true,
				MarkdownDescription: "Number of evaluated terms that need DNS. The limit is 10 (RFC 7208 §4.6.4). Evaluation ends at the first match, so the number can be less than the record's worst case.",
			},
			"void_lookup_count": schema.Int64Attribute{
				Computed:            true,
				MarkdownDescription: "Number of lookups without an answer. The limit is 2 (RFC 7208 §4.6.4).",
			},
			"trace": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The evaluation, record by record and term by term, as a tree.",
			},
		},
	}
}

func (d *spfCheckDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model spfCheckModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, err := d.data.client()
	if err != nil {
		resp.Diagnostics.AddError("No DNS client", compose.Sentence(err.Error()))
		return
	}
	ip, _ := netip.ParseAddr(model.IP.ValueString()) // The schema has checked it.
	got, err := check.Checker{Resolver: client}.Check(ctx, check.Query{
		IP: ip, Sender: model.Sender.ValueString(), HELO: model.HELO.ValueString(), Domain: model.Domain.ValueString(),
		Time: time.Unix(0, 0), // An explanation with the time in it would differ from plan to plan.
	})
	if err != nil {
		resp.Diagnostics.AddError("SPF check failed", compose.Sentence(err.Error()))
		return
	}
	model.set(got)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// set puts the outcome of a check into the model.
func (m *spfCheckModel) set(got check.Outcome) {
	m.Result = types.StringValue(string(got.Result))
	m.Explanation = stringOrNull(got.Explanation)
	m.Matched = stringOrNull(got.Matched)
	m.LookupCount = types.Int64Value(int64(got.Lookups))
	m.VoidLookupCount = types.Int64Value(int64(got.Voids))
	m.Trace = types.StringValue(got.String())
}

func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

func ipAddress() validator.String {
	return stringCheck{
		summary:     "Invalid IP address",
		description: "an IPv4 or IPv6 address",
		valid: func(s string) error {
			if _, err := netip.ParseAddr(s); err != nil {
				return fmt.Errorf("%s must be an IPv4 or IPv6 address such as \"192.0.2.1\" or \"2001:db8::1\", without a prefix length", record.DisplayQuoted(s))
			}
			return nil
		},
	}
}
