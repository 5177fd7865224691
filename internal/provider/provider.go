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
		MarkdownDescription: "Computes the DNS records of domains that send mail, waits until live DNS serves them, and says what is wrong when it does not. " +
			"Each configuration of the provider (`alias`) has a DNS client of its own: `max_rate` and `max_in_flight` hold for each of them, and not for all together.",
		Attributes: map[string]schema.Attribute{
			"resolvers": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Recursive resolvers to use: `\"192.0.2.53\"`, `\"192.0.2.53:5353\"` or `\"[2001:db8::53]:53\"`, asked over UDP, and over TCP where that does not do; " +
					"`\"tcp://192.0.2.53\"`, over TCP alone; `\"tls://dns.example@192.0.2.53\"`, over TLS (DoT, port 853), with a certificate for the name, or for the address where none stands before it; " +
					"`\"https://dns.example/dns-query\"`, over HTTPS (DoH), without proxies and redirects; a path other than `/dns-query`, by which services may know their customers, is never shown. Certificates are checked against the authorities that the system trusts; on Linux, " +
					"the environment variable `SSL_CERT_FILE` names a file with others. " +
					"They find the name servers of a domain, and are asked about records only where `query` says so. Optional. Defaults to those of the environment variable `" +
					resolversVariable + "` (in the same forms, separated by commas), and otherwise the system's; where `/etc/resolv.conf` names none, those at 127.0.0.1 and ::1.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					noNulls{},
					listvalidator.ValueStringsAre(resolverAddress()),
				},
			},
			"bootstrap": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "IP addresses at which the hosts of `https://` resolvers are reached, such as `\"192.0.2.53\"`, tried in this order. The certificate is checked against the host all the same. " +
					"Resolvers of the other forms, and URLs with an address, need none. Optional. Without it, the system looks the hosts up, by the resolvers that it has.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					noNulls{},
					listvalidator.ValueStringsAre(bootstrapAddress()),
				},
			},
			"dnssec": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "What is made of DNSSEC. Validating is left to the resolvers, whose AD bit tells that an answer is signed and right. `off`: no signatures are asked for; a zone that validating resolvers refuse is a warning of a validation all the same. `report`: resolvers are asked with the DO bit, " +
					"and the `report` of a validation whose `query` asks the resolvers says of each record which of them validated it. `require`: asked so too, and an answer of a resolver about a record counts only with the AD bit; " +
					"authoritative servers do not validate, so that a validation with `query = \"authoritative\"` asks the resolvers as well, once the authorities agree. It needs `resolvers` (or `" + resolversVariable + "`), each over `tls://` or `https://` or on a loopback address, since anybody on the way could set the bit otherwise. " +
					"Searches for name servers, and what SPF records of others include, are not held to it. Optional. Defaults to `off`.",
				Validators: []validator.String{choice(resolve.DNSSECModes()...)},
			},
			"timeout": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("How long to wait for one answer over UDP, and then again over TCP, as a duration such as `\"2s\"` or `\"500ms\"`. Optional. Defaults to `\"%s\"`.", defaultTimeout),
				Validators:          []validator.String{positiveDuration()},
			},
			"retries": schema.NumberAttribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("How often a question is sent again within `timeout` before TCP is tried, 0 to 10. Optional. Defaults to `%d`.", defaultRetries),
				Validators:          []validator.Number{wholeNumber{0, 10}},
			},
			"max_in_flight": schema.NumberAttribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("How many questions may be open at once, 1 to 1024. Each `alias` of the provider counts for itself. Optional. Defaults to `%d`.", defaultMaxInFlight),
				Validators:          []validator.Number{wholeNumber{1, 1024}},
			},
			"max_rate": schema.NumberAttribute{
				Optional: true,
				MarkdownDescription: fmt.Sprintf("How many questions per second one server address is asked, 1 to 1000, and five times as many at once. "+
					"It is asked less often after timeouts, and over TCP where it limits its responses (response-rate limiting). An authoritative server that has not answered about a zone of its own yet is asked at most %d times a second. "+
					"Each `alias` of the provider counts for itself. Optional. Defaults to `%d`.", resolve.TrialRate, defaultMaxRate),
				Validators: []validator.Number{wholeNumber{1, 1000}},
			},
			"private_networks": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Networks such as `\"10.0.0.0/8\"` and `\"fd00::/8\"` in which authoritative servers may be asked, for private zones and for the inner view of a domain (split horizon). " +
					"The addresses of a zone's servers come from DNS, so that whoever writes there could point questions at machines inside: addresses that IANA's special-purpose registries (RFC 6890) do not " +
					"have as globally reachable are asked only in these networks. Link-local addresses and those of metadata services, such as `169.254.169.254` and `fd00:ec2::254`, have to be named by a network of their own. " +
					"The addresses of `resolvers` need not be named. Optional. Defaults to none.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					listvalidator.ValueStringsAre(privateNetwork()),
				},
			},
			"authoritative_port": schema.NumberAttribute{
				Optional: true,
				MarkdownDescription: fmt.Sprintf("Port on which authoritative servers are asked, 1 to 65535. For labs: with another port than %d, and all `resolvers` on loopback addresses, "+
					"servers on loopback addresses are asked as well, as if `private_networks` named them. Optional. Defaults to `%[1]d`.", defaultPort),
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
