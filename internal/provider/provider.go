// Package provider is the Terraform side: schemas, models and diagnostics. What it hands out is made
// in the packages beside it.
package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// resolversVariable is the environment variable that names the resolvers where the configuration does not.
const resolversVariable = "MAILDOMAIN_RESOLVERS"

// What a provider block that leaves the option out gets.
const (
	defaultTimeout     = 2 * time.Second
	defaultRetries     = 1
	defaultMaxInFlight = 64
	defaultMaxRate     = 20
	defaultPort        = 53
)

// New returns the constructor of the provider, as the plugin server wants it.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &mailDomainProvider{version: version} }
}

type mailDomainProvider struct{ version string }

var _ provider.ProviderWithFunctions = (*mailDomainProvider)(nil)

// providerData is what data sources and resources get.
type providerData struct {
	// client makes the one DNS client of this provider when it is first needed: what asks nothing works
	// on machines without DNS.
	client func() (*resolve.Client, error)
}

// dns is the client for what package compose asks. Where there is none, every question fails with the reason.
func (d *providerData) dns() compose.DNS {
	client, err := d.client()
	if err != nil {
		return noDNS{err}
	}
	return client
}

// asking is the part of data sources that ask DNS.
type asking struct{ data *providerData }

// Configure keeps what the provider hands out; that is nil while Terraform validates a configuration.
func (a *asking) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	a.data, _ = req.ProviderData.(*providerData)
}

// noDNS stands for a client that could not be made.
type noDNS struct{ err error }

func (n noDNS) Lookup(context.Context, string, spf.RRType) ([]string, error) { return nil, n.err }

func (n noDNS) PublishedTXT(context.Context, dnsname.Name) ([]string, error) { return nil, n.err }

type providerModel struct {
	Resolvers         types.List   `tfsdk:"resolvers"`
	Timeout           types.String `tfsdk:"timeout"`
	Retries           types.Int64  `tfsdk:"retries"`
	MaxInFlight       types.Int64  `tfsdk:"max_in_flight"`
	MaxRate           types.Int64  `tfsdk:"max_rate"`
	AuthoritativePort types.Int64  `tfsdk:"authoritative_port"`
}

func (p *mailDomainProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "maildomain"
	resp.Version = p.version
}

func (p *mailDomainProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Computes the DNS records of domains that send mail, waits until live DNS serves them, and says what is wrong when it does not.",
		Attributes: map[string]schema.Attribute{
			"resolvers": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Addresses of the recursive resolvers to use: `\"192.0.2.53\"`, `\"192.0.2.53:5353\"`, `\"[2001:db8::53]:53\"`. " +
					"They find the name servers of a domain, and are asked about records only where `query` says so. Left out: those of the environment variable `" +
					resolversVariable + "` (separated by commas), and otherwise the system's.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					listvalidator.ValueStringsAre(resolverAddress()),
				},
			},
			"timeout": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("How long to wait for one answer over UDP, and then again over TCP, as a duration such as `\"2s\"` or `\"500ms\"`. Left out: `\"%s\"`.", defaultTimeout),
				Validators:          []validator.String{positiveDuration()},
			},
			"retries": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("How often a question is sent again within `timeout` before TCP is tried, 0 to 10. Left out: %d.", defaultRetries),
				Validators:          []validator.Int64{int64validator.Between(0, 10)},
			},
			"max_in_flight": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("How many questions may be open at once, 1 to 1024. Left out: %d.", defaultMaxInFlight),
				Validators:          []validator.Int64{int64validator.Between(1, 1024)},
			},
			"max_rate": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: fmt.Sprintf("How many questions per second one server address is asked, 1 to 1000; fewer after timeouts, "+
					"since servers drop floods. Left out: %d.", defaultMaxRate),
				Validators: []validator.Int64{int64validator.Between(1, 1000)},
			},
			"authoritative_port": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("Port on which authoritative servers are asked, 1 to 65535. For labs; left out: %d.", defaultPort),
				Validators:          []validator.Int64{int64validator.Between(1, 65535)},
			},
		},
	}
}

func (p *mailDomainProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config, diags := model.client(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	unknown := !wholly(model.Resolvers)
	data := &providerData{client: sync.OnceValues(func() (*resolve.Client, error) {
		if unknown {
			return nil, errors.New("the provider's `resolvers` are known only after apply")
		}
		return resolve.New(config)
	})}
	resp.DataSourceData = data
	resp.ResourceData = data
}

// client returns the settings of the DNS client.
func (m providerModel) client(ctx context.Context) (resolve.Config, diag.Diagnostics) {
	config := resolve.Config{
		Timeout:           defaultTimeout,
		Tries:             1 + int(orDefault(m.Retries, defaultRetries)),
		MaxInFlight:       int(orDefault(m.MaxInFlight, defaultMaxInFlight)),
		MaxRate:           int(orDefault(m.MaxRate, defaultMaxRate)),
		AuthoritativePort: uint16(orDefault(m.AuthoritativePort, defaultPort)),
	}
	if timeout, err := time.ParseDuration(m.Timeout.ValueString()); err == nil {
		config.Timeout = timeout
	}
	var diags diag.Diagnostics
	if m.Resolvers.IsNull() {
		config.Resolvers, diags = resolversFromEnvironment()
		return config, diags
	}
	if !wholly(m.Resolvers) {
		return config, diags
	}
	var texts []types.String
	diags.Append(m.Resolvers.ElementsAs(ctx, &texts, false)...)
	for i, text := range texts {
		addr, err := resolve.ParseResolver(text.ValueString())
		if err != nil {
			diags.AddAttributeError(path.Root("resolvers").AtListIndex(i), "Invalid resolver address", compose.Sentence(err.Error()))
		}
		config.Resolvers = append(config.Resolvers, addr)
	}
	return config, diags
}

// resolversFromEnvironment reads the addresses of [resolversVariable]; none where it is not set.
func resolversFromEnvironment() ([]resolve.Resolver, diag.Diagnostics) {
	var resolvers []resolve.Resolver
	var diags diag.Diagnostics
	for text := range strings.SplitSeq(os.Getenv(resolversVariable), ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		resolver, err := resolve.ParseResolver(text)
		if err != nil {
			diags.AddError("Invalid resolver address in the environment",
				fmt.Sprintf("The environment variable %s is used because the provider block has no `resolvers`. %s", resolversVariable, compose.Sentence(err.Error())))
			continue
		}
		resolvers = append(resolvers, resolver)
	}
	return resolvers, diags
}

func orDefault(v types.Int64, otherwise int64) int64 {
	if v.IsNull() || v.IsUnknown() {
		return otherwise
	}
	return v.ValueInt64()
}

func (p *mailDomainProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newDKIMDataSource, newSPFDataSource, newSPFCheckDataSource}
}

func (p *mailDomainProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newValidationResource}
}

func (p *mailDomainProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		newRelativeNameFunction,
		newRRsetsFunction,
		newSPFMergeFunction,
		newSPFParseFunction,
		newTXTChunksFunction,
		newTXTEncodeFunction,
	}
}
