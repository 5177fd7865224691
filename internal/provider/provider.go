// Package provider is the Terraform side: schemas, models and diagnostics. What it hands out is made
// in the packages beside it.
package provider

import (
	"context"
	"crypto/x509"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
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
	defaultMaxInFlight = resolve.DefaultMaxInFlight
	defaultMaxRate     = resolve.DefaultMaxRate
	defaultPort        = 53
)

// New returns the constructor of the provider, as the plugin server wants it.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &mailDomainProvider{version: version} }
}

type mailDomainProvider struct {
	version string
	roots   *x509.CertPool // whose certificates resolvers have; nil for those that the system trusts
}

var _ provider.ProviderWithFunctions = (*mailDomainProvider)(nil)

// providerData is what data sources and resources get.
type providerData struct {
	roots *x509.CertPool // whose certificates hosts have; nil for those that the system trusts
	lab   bool           // name servers may have addresses that are not public
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

func (p *mailDomainProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "maildomain"
	resp.Version = p.version
}

func (p *mailDomainProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Computes the DNS records of domains that send mail, waits until live DNS serves them, and names the cause if it does not. " +
			"Each configuration of the provider (`alias`) has a DNS client of its own, with limits (`max_rate`, `max_in_flight`) of its own.",
		Attributes: map[string]schema.Attribute{
			"resolvers": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Recursive resolvers to use, each in one of these forms:\n" +
					"  - `\"192.0.2.53\"`, `\"192.0.2.53:5353\"` or `\"[2001:db8::53]:53\"`: over UDP, and over TCP if UDP fails.\n" +
					"  - `\"tcp://192.0.2.53\"`: over TCP alone.\n" +
					"  - `\"tls://dns.example@192.0.2.53\"`: over TLS (DoT, port 853). The certificate must be for the name, or for the address if no name is given.\n" +
					"  - `\"https://dns.example/dns-query\"`: over HTTPS (DoH), without proxies and redirects. A path other than `/dns-query` is never shown, since services may identify their customers by it.\n\n" +
					"  The provider checks certificates against the authorities that the system trusts. On Linux, the environment variable `SSL_CERT_FILE` names a file with others. " +
					"Resolvers find the name servers of a domain. They are asked about records only if `query` says so. Optional. Defaults to the environment variable `" +
					resolversVariable + "` (the same forms, separated by commas), and otherwise to the system's resolvers; if `/etc/resolv.conf` names none, to 127.0.0.1 and ::1.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					noNulls{},
					listvalidator.ValueStringsAre(resolverAddress()),
				},
			},
			"bootstrap": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "IP addresses of the hosts of `https://` resolvers, such as `\"192.0.2.53\"`, tried in this order. The certificate must still be for the host. " +
					"Resolvers of the other forms, and URLs with an address, need no bootstrap address. Optional. Defaults to the addresses that the system's resolvers return.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					noNulls{},
					listvalidator.ValueStringsAre(bootstrapAddress()),
				},
			},
			"dnssec": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Use of DNSSEC. The resolvers validate; their AD bit says that an answer is signed and right. Optional. Defaults to `off`. Values:\n" +
					"  - `off`: the provider asks for no signatures. A zone that validating resolvers refuse is still a warning of a validation.\n" +
					"  - `report`: the provider asks resolvers with the DO bit. The `report` of a validation whose `query` asks the resolvers lists the resolvers that validated each record.\n" +
					"  - `require`: an answer of a resolver about a record counts only with the AD bit. Authoritative servers do not validate, so a validation with `query = \"authoritative\"` also asks the resolvers, once the authorities agree. " +
					"This value needs `resolvers` (or `" + resolversVariable + "`), each over `tls://` or `https://` or on a loopback address, since anybody on the way could set the bit otherwise. " +
					"It does not apply to the search for name servers, nor to the SPF records of others.",
				Validators: []validator.String{choice(resolve.DNSSECModes()...)},
			},
			"timeout": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("Time to wait for one answer over UDP, and then again over TCP, as a duration such as `\"2s\"` or `\"500ms\"`. Optional. Defaults to `\"%s\"`.", defaultTimeout),
				Validators:          []validator.String{positiveDuration()},
			},
			"retries": schema.NumberAttribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("Number of times that a question is sent again within `timeout` before TCP is tried, 0 to 10. Optional. Defaults to `%d`.", defaultRetries),
				Validators:          []validator.Number{wholeNumber{0, 10}},
			},
			"max_in_flight": schema.NumberAttribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("Number of questions that may be open at once, 1 to 1024. Each `alias` of the provider has a limit of its own. Optional. Defaults to `%d`.", defaultMaxInFlight),
				Validators:          []validator.Number{wholeNumber{1, 1024}},
			},
			"max_rate": schema.NumberAttribute{
				Optional: true,
				MarkdownDescription: fmt.Sprintf("Number of questions per second to one server address, 1 to 1000, and five times as many at once. "+
					"The provider asks less often after timeouts, and over TCP if the server limits its responses (response-rate limiting). An authoritative server that has not answered about its own zone yet gets at most %d questions a second. "+
					"Each `alias` of the provider has a limit of its own. Optional. Defaults to `%d`.", resolve.TrialRate, defaultMaxRate),
				Validators: []validator.Number{wholeNumber{1, 1000}},
			},
			"private_networks": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Networks of authoritative servers with private addresses, such as `\"10.0.0.0/8\"` and `\"fd00::/8\"`, for private zones and for the inner view of a domain (split horizon). " +
					"The addresses of a zone's servers come from DNS, so anyone who writes there could point questions at machines inside your network. The provider asks addresses that are not globally reachable " +
					"(IANA's special-purpose registries, RFC 6890) only in these networks. A link-local address or that of a metadata service, such as `169.254.169.254` and `fd00:ec2::254`, needs a network of its own. " +
					"The addresses of `resolvers` need no entry. Optional. Defaults to none.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					listvalidator.ValueStringsAre(privateNetwork()),
				},
			},
			"authoritative_port": schema.NumberAttribute{
				Optional: true,
				MarkdownDescription: fmt.Sprintf("Port of authoritative servers, 1 to 65535. For labs: if the port is not %d and all `resolvers` have loopback addresses, "+
					"the provider also asks servers on loopback addresses, as if `private_networks` named them. Optional. Defaults to `%[1]d`.", defaultPort),
				Validators: []validator.Number{wholeNumber{1, 65535}},
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
	config.RootCAs = p.roots
	unknown := model.unknown()
	data := &providerData{roots: p.roots, lab: config.AuthoritativePort != defaultPort || len(config.PrivateNetworks) > 0, client: sync.OnceValues(func() (*resolve.Client, error) {
		if unknown != "" {
			return nil, fmt.Errorf("the provider's `%s` is known only after apply", unknown)
		}
		return resolve.New(config)
	})}
	resp.DataSourceData = data
	resp.ResourceData = data
}

func (p *mailDomainProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newAuditDataSource,
		newBIMIDataSource,
		newDKIMDataSource,
		newDMARCAuthorisationDataSource,
		newDMARCDataSource,
		newDiscoveryDataSource,
		newLookupDataSource,
		newMTASTSDataSource,
		newParkedDataSource,
		newRecordsDataSource,
		newServiceDataSource,
		newServicesDataSource,
		newSPFDataSource,
		newSPFCheckDataSource,
		newTLSRPTDataSource,
	}
}

func (p *mailDomainProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newValidationResource}
}

func (p *mailDomainProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		newBIMIParseFunction,
		newDKIMParseFunction,
		newDKIMRecordFunction,
		newDMARCParseFunction,
		newMarkdownTableFunction,
		newMTASTSParseFunction,
		newMTASTSPolicyFunction,
		newRecordsFunction,
		newRecordsWarningsFunction,
		newRelativeNameFunction,
		newSupportMessageFunction,
		newRRsetsFunction,
		newSPFMergeFunction,
		newSPFParseFunction,
		newTLSARecordFunction,
		newTLSRPTParseFunction,
		newTXTChunksFunction,
		newTXTEncodeFunction,
		newZoneFileFunction,
	}
}
