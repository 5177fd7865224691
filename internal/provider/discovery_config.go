package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/discover"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// foundConfigModel is what the function `records` takes beside the domain.
type foundConfigModel struct {
	Services     map[string]foundServiceModel `tfsdk:"services"`
	Keys         map[string]foundKeyModel     `tfsdk:"keys"`
	Existing     types.String                 `tfsdk:"existing"`
	Mechanisms   []types.String               `tfsdk:"mechanisms"`
	All          types.String                 `tfsdk:"all"`
	AllowPassAll types.Bool                   `tfsdk:"allow_pass_all"`
	TTL          types.Int64                  `tfsdk:"ttl"`
	Parked       types.Bool                   `tfsdk:"parked"`
	Hosts        []types.String               `tfsdk:"hosts"`
	MX           []types.String               `tfsdk:"mx"`
	DMARC        *foundDMARCModel             `tfsdk:"dmarc"`
	MTASTS       *foundMTASTSModel            `tfsdk:"mta_sts"`
	TLSRPT       *foundTLSRPTModel            `tfsdk:"tls_rpt"`
	BIMI         *foundBIMIModel              `tfsdk:"bimi"`
	Extra        map[string]foundExtraModel   `tfsdk:"extra"`
}

type foundServiceModel struct {
	Service   types.String            `tfsdk:"service"`
	Host      types.String            `tfsdk:"host"`
	Groups    []types.String          `tfsdk:"groups"`
	Variables map[string]types.String `tfsdk:"variables"`
}

type foundKeyModel struct {
	Record types.String `tfsdk:"record"`
	CNAME  types.String `tfsdk:"cname"`
}

type foundDMARCModel struct {
	Existing types.String `tfsdk:"existing"`
}

type foundMTASTSModel struct {
	Existing  types.String   `tfsdk:"existing"`
	Host      types.String   `tfsdk:"host"`
	Addresses []types.String `tfsdk:"addresses"`
}

type foundTLSRPTModel struct {
	Reports []types.String `tfsdk:"reports"`
}

type foundBIMIModel struct {
	Logo        types.String `tfsdk:"logo"`
	Certificate types.String `tfsdk:"certificate"`
	Avatar      types.String `tfsdk:"avatar"`
	Declined    types.Bool   `tfsdk:"declined"`
}

type foundExtraModel struct {
	Name  types.String `tfsdk:"name"`
	Type  types.String `tfsdk:"type"`
	Value types.String `tfsdk:"value"`
	TTL   types.Int64  `tfsdk:"ttl"`
}

// foundConfigAttributes are the attributes that `records` takes.
func foundConfigAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"services": schema.MapNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Services found, by the id of the built-in service. For a service of a host, the host follows the id.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"service":   schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the built-in service; null if the key is the id."},
				"host":      schema.StringAttribute{Computed: true, MarkdownDescription: "Host that the service sends from; null for the domain itself."},
				"groups":    textsAttribute("Groups of records that are live; null if they are the default groups."),
				"variables": schema.MapAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "Variables of the template."},
			}},
		},
		"keys": schema.MapNestedAttribute{
			Computed:            true,
			MarkdownDescription: "DKIM keys that belong to none of the services, by selector.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"record": schema.StringAttribute{Computed: true, MarkdownDescription: "Value of the key's TXT record; null for a CNAME."},
				"cname":  schema.StringAttribute{Computed: true, MarkdownDescription: "Target of the selector's CNAME record; null for a TXT record."},
			}},
		},
		"existing":       schema.StringAttribute{Computed: true, MarkdownDescription: "Live SPF record, if services and terms alone would give another one, such as another order; null otherwise."},
		"mechanisms":     textsAttribute("SPF terms of the domain that no service asks for; empty if `existing` has them."),
		"all":            schema.StringAttribute{Computed: true, MarkdownDescription: "Ending of the SPF record; null if there is no record."},
		"allow_pass_all": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the record ends in `+all`; null otherwise."},
		"ttl":            schema.Int64Attribute{Computed: true, MarkdownDescription: "TTL in seconds of most live records; null if the TTLs of the services' templates fit as well."},
	}
	attributes["parked"] = schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether all records of a parked domain are live, and no other mail records; null otherwise."}
	attributes["hosts"] = textsAttribute("Hosts of the query that a parked domain names; null otherwise.")
	maps.Copy(attributes, foundPolicyAttributes())
	return attributes
}

// foundPolicyAttributes are those of policies, mail hosts and other records.
func foundPolicyAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"mx": textsAttribute("MX records of the domain, unless all belong to one service; null otherwise."),
		"dmarc": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "DMARC policy; null if the domain has none, or if `_dmarc` is an alias: `extra` then has the alias.",
			Attributes:          map[string]schema.Attribute{"existing": schema.StringAttribute{Computed: true, MarkdownDescription: "Live record."}},
		},
		"mta_sts": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "MTA-STS record; null if there is none. The policy itself is not in DNS, so the record stays unchanged.",
			Attributes: map[string]schema.Attribute{
				"existing":  schema.StringAttribute{Computed: true, MarkdownDescription: "Live record."},
				"host":      schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the web server that `mta-sts.<domain>` is an alias of; null if it is not an alias."},
				"addresses": textsAttribute("IP addresses of `mta-sts.<domain>`; null if it has none of its own."),
			},
		},
		"tls_rpt": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Destination of TLS reports; null if there is no TLS reporting record.",
			Attributes:          map[string]schema.Attribute{"reports": textsAttribute("URIs.")},
		},
		"bimi": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Logo of the domain, by the selector `default`; null if there is no BIMI record.",
			Attributes: map[string]schema.Attribute{
				"logo":        schema.StringAttribute{Computed: true, MarkdownDescription: "URI of the logo; null if the record declines one."},
				"certificate": schema.StringAttribute{Computed: true, MarkdownDescription: "URI of the certificate; null if there is none."},
				"avatar":      schema.StringAttribute{Computed: true, MarkdownDescription: "Preference for receivers that also have a picture of the sender; null if the record has none."},
				"declined":    schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the record declines a logo; null otherwise."},
			},
		},
		"extra": schema.MapNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Other live records that no service asks for, such as verification tokens. A DNS resource that holds whole record sets needs them.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name":  schema.StringAttribute{Computed: true, MarkdownDescription: "Owner relative to the domain."},
				"type":  schema.StringAttribute{Computed: true, MarkdownDescription: "Record type."},
				"value": schema.StringAttribute{Computed: true, MarkdownDescription: "Value."},
				"ttl":   schema.Int64Attribute{Computed: true, MarkdownDescription: "TTL in seconds; null if it is that of the other records."},
			}},
		},
	}
}

// set puts what was found into the model.
func (m *discoveryModel) set(found discover.Result) {
	c := found.Config
	m.Config = &foundConfigModel{
		Services: make(map[string]foundServiceModel), Keys: make(map[string]foundKeyModel),
		Existing: stringOrNull(c.Existing), Mechanisms: rawTexts(c.Mechanisms), All: stringOrNull(string(c.All)), AllowPassAll: types.BoolNull(), TTL: types.Int64Null(),
	}
	if c.TTL != 0 {
		m.Config.TTL = types.Int64Value(int64(c.TTL))
	}
	if c.AllowPassAll {
		m.Config.AllowPassAll = types.BoolValue(true)
	}
	if c.Parked {
		m.Config.Parked = types.BoolValue(true)
	}
	if c.Hosts != nil {
		m.Config.Hosts = rawTexts(c.Hosts)
	}
	for key, s := range c.Services {
		one := foundServiceModel{Service: stringOrNull(s.Service), Host: stringOrNull(s.Host), Variables: make(map[string]types.String)}
		if s.Groups != nil {
			one.Groups = rawTexts(s.Groups)
		}
		for name, value := range s.Variables {
			one.Variables[name] = types.StringValue(value)
		}
		m.Config.Services[key] = one
	}
	for selector, k := range c.Keys {
		m.Config.Keys[selector] = foundKeyModel{Record: stringOrNull(k.Record), CNAME: stringOrNull(k.CNAME)}
	}
	m.Config.setPolicies(c)
	m.DMARC, m.MTASTS, m.TLSRPT, m.BIMI, m.Extra = m.Config.DMARC, m.Config.MTASTS, m.Config.TLSRPT, m.Config.BIMI, m.Config.Extra
	m.Services, m.Keys, m.Existing, m.All = m.Config.Services, m.Config.Keys, m.Config.Existing, stringOrNull(string(found.All))
	m.Mechanisms, m.MX = rawTexts(found.Mechanisms), rawTexts(found.MX)
	m.HCL, m.YAML, m.Markdown = types.StringValue(found.HCL()), types.StringValue(found.YAML()), types.StringValue(found.Markdown())
	m.setLists(found)
}

// setPolicies puts policies, mail hosts and other records into the model.
func (m *foundConfigModel) setPolicies(c compose.Config) {
	if c.MX != nil {
		m.MX = rawTexts(c.MX)
	}
	if c.DMARC != nil {
		m.DMARC = &foundDMARCModel{types.StringValue(c.DMARC.Existing)}
	}
	if p := c.MTASTS; p != nil {
		m.MTASTS = &foundMTASTSModel{Existing: types.StringValue(p.Existing), Host: stringOrNull(p.Host)}
		if p.Addresses != nil {
			m.MTASTS.Addresses = rawTexts(p.Addresses)
		}
	}
	if c.TLSRPT != nil {
		m.TLSRPT = &foundTLSRPTModel{rawTexts(c.TLSRPT.Reports)}
	}
	if p := c.BIMI; p != nil {
		m.BIMI = &foundBIMIModel{stringOrNull(p.Logo), stringOrNull(p.Certificate), stringOrNull(p.Avatar), types.BoolNull()}
		if p.Declined {
			m.BIMI.Declined = types.BoolValue(true)
		}
	}
	m.Extra = make(map[string]foundExtraModel)
	for id, e := range c.Extra {
		one := foundExtraModel{types.StringValue(e.Name), types.StringValue(e.Type), types.StringValue(e.Value), types.Int64Null()}
		if e.TTL != 0 {
			one.TTL = types.Int64Value(int64(e.TTL))
		}
		m.Extra[id] = one
	}
}

func (m *discoveryModel) setLists(found discover.Result) {
	m.Policies, m.Imports = make(map[string]foundPolicyModel), []foundImportModel{}
	m.Unknown, m.Unresolved = []foundUnknownModel{}, []foundUnresolvedModel{}
	for _, p := range found.Policies {
		m.Policies[p.Name] = foundPolicyModel{
			FQDN: types.StringValue(p.Owner.String()), Alias: stringOrNull(record.Display(p.Alias)), Value: types.StringValue(record.Display(p.Value)),
			Says: stringOrNull(record.Display(p.Says)), Fault: stringOrNull(record.Display(p.Fault)),
		}
	}
	for _, i := range found.Imports {
		m.Imports = append(m.Imports, foundImportModel{
			Key: types.StringValue(i.Key), FQDN: types.StringValue(i.Owner.String()), Type: types.StringValue(string(i.Type)),
			Rewritten: types.BoolValue(i.Rewritten),
		})
	}
	for _, u := range found.Unknown {
		m.Unknown = append(m.Unknown, foundUnknownModel{
			Kind: types.StringValue(string(u.Kind)), FQDN: types.StringValue(record.Display(u.Owner.String())), Type: types.StringValue(string(u.Type)),
			Value: types.StringValue(record.Display(u.Value)), Guess: stringOrNull(u.Guess), Why: types.StringValue(record.Display(u.Why)),
		})
	}
	for _, u := range found.Unresolved {
		m.Unresolved = append(m.Unresolved, foundUnresolvedModel{
			Subject: types.StringValue(record.Display(u.Subject)), Why: types.StringValue(record.Display(u.Why)),
		})
	}
}

// rawTexts are texts as they are, an empty list where there are none.
func rawTexts(list []string) []types.String {
	values := make([]types.String, len(list))
	for i, text := range list {
		values[i] = types.StringValue(text)
	}
	return values
}
