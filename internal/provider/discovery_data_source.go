package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/discover"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
)

// discoveryTimeout bounds what a discovery takes where servers are silent.
const discoveryTimeout = 5 * time.Minute

type discoveryDataSource struct{ asking }

var _ datasource.DataSourceWithConfigure = (*discoveryDataSource)(nil)

func newDiscoveryDataSource() datasource.DataSource { return &discoveryDataSource{} }

type discoveryModel struct {
	Domain     types.String                 `tfsdk:"domain"`
	Selectors  []types.String               `tfsdk:"selectors"`
	Hosts      []types.String               `tfsdk:"hosts"`
	Config     *foundConfigModel            `tfsdk:"config"`
	Services   map[string]foundServiceModel `tfsdk:"services"`
	Keys       map[string]foundKeyModel     `tfsdk:"keys"`
	Existing   types.String                 `tfsdk:"existing"`
	Mechanisms []types.String               `tfsdk:"mechanisms"`
	All        types.String                 `tfsdk:"all"`
	MX         []types.String               `tfsdk:"mx"`
	DMARC      *foundDMARCModel             `tfsdk:"dmarc"`
	MTASTS     *foundMTASTSModel            `tfsdk:"mta_sts"`
	TLSRPT     *foundTLSRPTModel            `tfsdk:"tls_rpt"`
	BIMI       *foundBIMIModel              `tfsdk:"bimi"`
	Extra      map[string]foundExtraModel   `tfsdk:"extra"`
	Policies   map[string]foundPolicyModel  `tfsdk:"policies"`
	Imports    []foundImportModel           `tfsdk:"imports"`
	Unknown    []foundUnknownModel          `tfsdk:"unknown"`
	Unresolved []foundUnresolvedModel       `tfsdk:"unresolved"`
	HCL        types.String                 `tfsdk:"hcl"`
	YAML       types.String                 `tfsdk:"yaml"`
	Markdown   types.String                 `tfsdk:"markdown"`
}

type foundPolicyModel struct {
	FQDN  types.String `tfsdk:"fqdn"`
	Alias types.String `tfsdk:"alias"`
	Value types.String `tfsdk:"value"`
	Says  types.String `tfsdk:"says"`
	Fault types.String `tfsdk:"fault"`
}

type foundImportModel struct {
	Key  types.String `tfsdk:"key"`
	FQDN types.String `tfsdk:"fqdn"`
	Type types.String `tfsdk:"type"`

	Rewritten types.Bool `tfsdk:"rewritten"`
}

type foundUnknownModel struct {
	Kind  types.String `tfsdk:"kind"`
	FQDN  types.String `tfsdk:"fqdn"`
	Type  types.String `tfsdk:"type"`
	Value types.String `tfsdk:"value"`
	Guess types.String `tfsdk:"guess"`
	Why   types.String `tfsdk:"why"`
}

type foundUnresolvedModel struct {
	Subject types.String `tfsdk:"subject"`
	Why     types.String `tfsdk:"why"`
}

func (*discoveryDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_discovery"
}

func (*discoveryDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"domain": domainAttribute(),
		"selectors": schema.ListAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "DKIM selectors to look at beside those of the catalogue: DNS does not list them. Mail from the domain shows them as `s=` in its `DKIM-Signature`. Optional. Defaults to none.",
		},
		"hosts": schema.ListAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Hosts below the domain to look at, relative to it, such as `bounces`: MAIL FROM hosts, return paths, and hosts that services send from. Hosts that services always use are looked at without being named here. Optional. Defaults to none.",
		},
		"config": schema.SingleNestedAttribute{
			Computed: true,
			MarkdownDescription: "Configuration that makes the live records, for the function [`records`](../functions/records.md): `provider::maildomain::records(merge({ domain = \"example.com\" }, data.maildomain_discovery.this.config))`. " +
				"Parts of live records that it would change, such as a DMARC policy with `pct=20`, are not in it: `unresolved` names them.",
			Attributes: foundConfigAttributes(),
		},
		"mx":       textsAttribute("MX records of the domain, such as `10 mx.example.net`, sorted."),
		"hcl":      schema.StringAttribute{Computed: true, MarkdownDescription: "`config` as a block `locals` to paste, formatted as `terraform fmt` does."},
		"yaml":     schema.StringAttribute{Computed: true, MarkdownDescription: "`config` as an entry of a YAML file of domains."},
		"markdown": schema.StringAttribute{Computed: true, MarkdownDescription: "One page about the domain's mail, for its owner."},
		"policies": schema.MapNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Live records of policies: `dmarc`, `mta_sts`, `tls_rpt` and `bimi`, those that are there.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"fqdn":  schema.StringAttribute{Computed: true, MarkdownDescription: "Absolute owner."},
				"alias": schema.StringAttribute{Computed: true, MarkdownDescription: "Target of the owner's CNAME record; null if it has none."},
				"value": schema.StringAttribute{Computed: true, MarkdownDescription: "Value of the record. Octets outside printable ASCII are written as `\\DDD`."},
				"says":  schema.StringAttribute{Computed: true, MarkdownDescription: "Meaning of the record, as a sentence; null if receivers ignore it."},
				"fault": schema.StringAttribute{Computed: true, MarkdownDescription: "Reason why receivers ignore the record; null if they do not."},
			}},
		},
		"imports": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Live record sets that `config` makes, for import blocks: with the key that the record has in the result of `records`.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"key":  schema.StringAttribute{Computed: true, MarkdownDescription: "Key of the record."},
				"fqdn": schema.StringAttribute{Computed: true, MarkdownDescription: "Absolute owner."},
				"type": schema.StringAttribute{Computed: true, MarkdownDescription: "Record type."},
				"rewritten": schema.BoolAttribute{
					Computed:            true,
					MarkdownDescription: "Whether `config` writes the live record in another form with the same meaning, such as `v=DMARC1; p=none` for `v=DMARC1;p=none`: the plan after the import then changes it.",
				},
			}},
		},
		"unknown":    unknownAttribute(),
		"unresolved": unresolvedAttribute(),
	}
	for name, attribute := range foundConfigAttributes() {
		// At the top, mx is all mail hosts, be they of a service, and hosts are those of the query.
		if !slices.Contains([]string{"allow_pass_all", "ttl", "parked", "mx", "hosts"}, name) {
			attributes[name] = attribute
		}
	}
	attributes["mechanisms"] = textsAttribute("SPF terms of the domain that no service asks for, in their order; even if `existing` holds them.")
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the live mail records of a domain and returns the configuration that makes them: built-in services with their variables, DKIM keys, and SPF terms that no service asks for. " +
			"It reads the authoritative servers, all of which must agree. A name that could not be read is a warning and an entry of `unresolved`. Use it once to take over a domain, not in every plan: paste `hcl` or `yaml`, then remove the data source. " +
			fmt.Sprintf("A discovery takes at most %s.", discoveryTimeout),
		Attributes: attributes,
	}
}

func unknownAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Live records that none of the services asks for, in the order of their owners.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"kind": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "`term` of SPF, `key` of DKIM, `host` (CNAME, SRV), `mx`, `text` (another TXT value) or `fault` (a record that receivers refuse).",
			},
			"fqdn":  schema.StringAttribute{Computed: true, MarkdownDescription: "Absolute owner."},
			"type":  schema.StringAttribute{Computed: true, MarkdownDescription: "Record type."},
			"value": schema.StringAttribute{Computed: true, MarkdownDescription: "Value, or the term. Octets outside printable ASCII are written as `\\DDD`."},
			"guess": schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the most likely built-in service; null if none is similar."},
			"why":   schema.StringAttribute{Computed: true, MarkdownDescription: "Reason why it is only a guess."},
		}},
	}
}

func unresolvedAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Open questions, which DNS does not answer: values that make the same records, keys assigned to a service by elimination, names that could not be read.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"subject": schema.StringAttribute{Computed: true, MarkdownDescription: "Part of `config`, or the name."},
			"why":     schema.StringAttribute{Computed: true, MarkdownDescription: "Open question."},
		}},
	}
}

func (d *discoveryDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model discoveryModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	query, diags := model.query()
	resp.Diagnostics.Append(diags...)
	client, err := d.data.client()
	if err != nil {
		resp.Diagnostics.AddError("No DNS client", compose.Sentence(err.Error()))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, discoveryTimeout)
	defer cancel()
	found, err := discover.Discover(bounded, query, client)
	switch {
	case ctx.Err() != nil:
		resp.Diagnostics.AddError("Discovery cancelled", "The discovery was cancelled while it asked DNS.")
		return
	case bounded.Err() != nil:
		resp.Diagnostics.AddError("DNS did not answer", fmt.Sprintf("The questions about %s were not answered within %s. "+
			"Check that this machine can send DNS questions (port 53, UDP and TCP). If many domains have the same name servers, raise `max_rate` in the provider block, or discover fewer of them at once.", query.Domain, discoveryTimeout))
		return
	case err != nil:
		resp.Diagnostics.Append(errorDiagnostics(err)...)
		return
	}
	resp.Diagnostics.Append(unreadWarning(found)...)
	model.set(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// unreadWarning tells which names could not be read.
func unreadWarning(found discover.Result) diag.Diagnostics {
	var diags diag.Diagnostics
	var unread []string
	for _, u := range found.Unresolved {
		if u.Unread {
			unread = append(unread, "- "+u.Subject+": "+u.Why)
		}
	}
	if len(unread) > 0 {
		diags.AddAttributeWarning(path.Root("domain"), fmt.Sprintf("Live records of %s that cannot be read", found.Domain),
			fmt.Sprintf("These names are missing from the result:\n%s\n\nRepair the name servers, or try again.", strings.Join(unread, "\n")))
	}
	return diags
}

// query is what the model asks for.
func (m *discoveryModel) query() (discover.Query, diag.Diagnostics) {
	var diags diag.Diagnostics
	domain, err := parseDomain(m.Domain.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("domain"), "Invalid domain", compose.Sentence(err.Error()))
	}
	q := discover.Query{Domain: domain}
	for i, selector := range m.Selectors {
		parsed, err := dkim.ParseSelector(selector.ValueString())
		if err != nil {
			diags.AddAttributeError(path.Root("selectors").AtListIndex(i), "Invalid DKIM selector", compose.Sentence(err.Error()))
			continue
		}
		q.Selectors = append(q.Selectors, parsed.String())
	}
	for i, host := range m.Hosts {
		relative, err := discover.ParseHost(host.ValueString(), domain)
		if err != nil {
			diags.AddAttributeError(path.Root("hosts").AtListIndex(i), "Invalid host", compose.Sentence(err.Error()))
			continue
		}
		q.Hosts = append(q.Hosts, relative)
	}
	return q, diags
}
