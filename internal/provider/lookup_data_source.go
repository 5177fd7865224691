package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// lookupTimeout bounds what a lookup takes where servers are silent.
const lookupTimeout = 30 * time.Second

type lookupDataSource struct{ asking }

var _ datasource.DataSourceWithConfigure = (*lookupDataSource)(nil)

func newLookupDataSource() datasource.DataSource { return &lookupDataSource{} }

type lookupModel struct {
	Name    types.String        `tfsdk:"name"`
	Type    types.String        `tfsdk:"type"`
	Query   types.String        `tfsdk:"query"`
	Zone    types.String        `tfsdk:"zone"`
	Agree   types.Bool          `tfsdk:"agree"`
	Values  []types.String      `tfsdk:"values"`
	Servers []lookupServerModel `tfsdk:"servers"`
	Causes  []causeModel        `tfsdk:"causes"`
	Report  types.String        `tfsdk:"report"`
}

// lookupServerModel is what one server answers.
type lookupServerModel struct {
	Server         types.String   `tfsdk:"server"`
	Outcome        types.String   `tfsdk:"outcome"`
	Values         []types.String `tfsdk:"values"`
	Aliases        []types.String `tfsdk:"aliases"`
	TTL            types.Int64    `tfsdk:"ttl"`
	Authoritative  types.Bool     `tfsdk:"authoritative"`
	Authentic      types.Bool     `tfsdk:"authenticated"`
	ExtendedErrors types.String   `tfsdk:"extended_errors"`
	NSID           types.String   `tfsdk:"nsid"`
	Detail         types.String   `tfsdk:"detail"`
}

// causeModel is a likely reason for what was seen.
type causeModel struct {
	Code   types.String `tfsdk:"code"`
	Cause  types.String `tfsdk:"cause"`
	Advice types.String `tfsdk:"advice"`
}

func (*lookupDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_lookup"
}

func (*lookupDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Asks live DNS one question and returns the answer of each server, with the likely causes of a fault. Made for `check` blocks. " +
			fmt.Sprintf("A server that fails is an outcome, not an error. The lookup takes at most %s.", lookupTimeout),
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Absolute name to ask about, such as `_dmarc.example.com`.",
				Validators:          []validator.String{ownerName()},
			},
			"type": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Record type: `TXT`, `CNAME`, `MX`, `SRV`, `A`, `AAAA`, `NS`, `TLSA` or `CAA`.",
				Validators:          []validator.String{recordTypeName()},
			},
			"query": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Servers to ask. Optional. Defaults to `authoritative`. Values:\n  - `authoritative`: every server of the zone that holds the name.\n  - `resolvers`: the resolvers of the provider block. " +
					"**Caution:** resolvers remember for minutes to hours that a name is absent (RFC 2308). Do not ask them about a record that is not published yet.",
				Validators: []validator.String{choice(answer.Authorities, answer.Resolvers)},
			},
			"zone": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Zone that holds the name, or the target of its last alias. Null for `resolvers`, and if no name servers were found.",
			},
			"agree": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: "Whether every server gave the same answer.",
			},
			"values": schema.ListAttribute{
				ElementType: types.StringType,
				Computed:    true,
				MarkdownDescription: "Values that all servers agree on, sorted; empty if the servers differ or have none. TXT is joined and unquoted, names have no final dot. " +
					fmt.Sprintf("Octets outside printable ASCII are written as `\\DDD`, and values are cut at %d octets.", record.MaxDisplay),
			},
			"servers": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "Answer of each server address, in the order of name and address.",
				NestedObject:        schema.NestedAttributeObject{Attributes: lookupServerAttributes()},
			},
			"causes": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "Likely causes of a fault, as far as the answers alone show them; empty if there are none. The guide *Diagnosis* lists the codes.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"code":   schema.StringAttribute{Computed: true, MarkdownDescription: "Code of the cause."},
					"cause":  schema.StringAttribute{Computed: true, MarkdownDescription: "Cause in one sentence."},
					"advice": schema.StringAttribute{Computed: true, MarkdownDescription: "Remedy in one sentence."},
				}},
			},
			"report": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Answers and causes as text, for the `error_message` of a check.",
			},
		},
	}
}

func lookupServerAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"server": schema.StringAttribute{Computed: true, MarkdownDescription: "Name and address of the server, or the address of the resolver."},
		"outcome": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "One of `" + strings.Join(answer.OutcomeCodes(), "`, `") + "`. Only `found`, `no_data` (the name has no such record) and `nxdomain` (the name does not exist) " +
				"describe the record. A server that fails does not say that a record is absent.",
		},
		"values":          schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "Values in the server's answer, sorted."},
		"aliases":         schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "Targets of the CNAME and DNAME records that led to the values."},
		"ttl":             schema.Int64Attribute{Computed: true, MarkdownDescription: "TTL of the values in seconds, or of their absence (RFC 2308 §5); null for `resolvers`, whose TTL is a countdown."},
		"authoritative":   schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the answer has the AA bit."},
		"authenticated":   schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the answer has the AD bit: the resolver validated it by DNSSEC."},
		"extended_errors": schema.StringAttribute{Computed: true, MarkdownDescription: "Extended errors (RFC 8914) of the answer; null if it has none."},
		"nsid":            schema.StringAttribute{Computed: true, MarkdownDescription: "Identifier that the server sends (NSID, RFC 5001); null if it sends none."},
		"detail":          schema.StringAttribute{Computed: true, MarkdownDescription: "Details of a failure; null if there is none."},
	}
}

func (d *lookupDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model lookupModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	question, diags := model.question()
	resp.Diagnostics.Append(diags...)
	client, err := d.data.client()
	if err != nil {
		resp.Diagnostics.AddError("No DNS client", compose.Sentence(err.Error()))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	got, err := verify.LookUp(bounded, client, client, question)
	switch {
	case ctx.Err() != nil:
		resp.Diagnostics.AddError("Lookup cancelled", "The lookup was cancelled while it asked DNS.")
		return
	case errors.Is(err, answer.ErrHeldBack):
		resp.Diagnostics.AddError("DNS could not be asked in time", fmt.Sprintf("The limits of this provider (`max_rate`, `max_in_flight`) held the question for %s %s back for %s. "+
			"Raise these, or look up less in one run.", question.Name, question.Type, lookupTimeout))
		return
	case err != nil:
		advice := "Check that this machine can send DNS questions (port 53, UDP and TCP), or ask resolvers with query = \"resolvers\"."
		if question.Via == answer.Resolvers {
			advice = "Check that the resolvers of the provider block answer, or those of " + resolversVariable + " or of the system where it names none."
		}
		resp.Diagnostics.AddError("DNS did not answer", fmt.Sprintf("The question for %s %s was not answered within %s. %s", question.Name, question.Type, lookupTimeout, advice))
		return
	}
	model.set(got)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// question is what the model asks for.
func (m *lookupModel) question() (answer.Question, diag.Diagnostics) {
	var diags diag.Diagnostics
	name, err := dnsname.Parse(m.Name.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("name"), "Invalid owner name", compose.Sentence(err.Error()))
	}
	typ, err := record.ParseType(m.Type.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("type"), "Unknown record type", compose.Sentence(err.Error()))
	}
	via := answer.Via(m.Query.ValueString())
	if via == "" {
		via = answer.Authorities
	}
	return answer.Question{Name: name, Type: typ, Via: via, Fresh: true}, diags
}

// set puts what was found into the model.
func (m *lookupModel) set(got verify.Lookup) {
	m.Zone = types.StringNull()
	if got.Zone.IsValid() {
		m.Zone = types.StringValue(record.Display(got.Zone.String()))
	}
	m.Agree = types.BoolValue(got.Agree)
	m.Values = displayed(got.Values)
	m.Servers = make([]lookupServerModel, len(got.Answers))
	for i, a := range got.Answers {
		m.Servers[i] = newLookupServerModel(a, got.Via)
	}
	m.Causes = make([]causeModel, len(got.Causes))
	for i, c := range got.Causes {
		m.Causes[i] = causeModel{Code: types.StringValue(c.Code), Cause: types.StringValue(c.Sentence), Advice: types.StringValue(c.Remedy)}
	}
	m.Report = types.StringValue(got.Text())
}

func newLookupServerModel(a answer.Answer, via answer.Via) lookupServerModel {
	aliases := make([]string, len(a.Aliases))
	for i, alias := range a.Aliases {
		aliases[i] = alias.String()
	}
	ttl := types.Int64Null()
	if via == answer.Authorities && a.Outcome.Definite() {
		ttl = types.Int64Value(int64(a.TTL))
	}
	return lookupServerModel{
		Server:         types.StringValue(a.Server.String()),
		Outcome:        types.StringValue(a.Outcome.Code()),
		Values:         displayed(a.Values),
		Aliases:        displayed(aliases),
		TTL:            ttl,
		Authoritative:  types.BoolValue(a.Authoritative),
		Authentic:      types.BoolValue(a.Authentic),
		ExtendedErrors: stringOrNull(a.Extended),
		NSID:           stringOrNull(a.NSID),
		Detail:         stringOrNull(a.Detail),
	}
}

// displayed makes texts from DNS fit to be shown. It never returns nil, which would be a null list.
func displayed(values []string) []types.String {
	shown := make([]types.String, len(values))
	for i, v := range values {
		shown[i] = types.StringValue(record.Display(v))
	}
	return shown
}
