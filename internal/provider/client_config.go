package provider

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
)

type providerModel struct {
	Resolvers         types.List   `tfsdk:"resolvers"`
	Bootstrap         types.List   `tfsdk:"bootstrap"`
	DNSSEC            types.String `tfsdk:"dnssec"`
	Timeout           types.String `tfsdk:"timeout"`
	Retries           types.Number `tfsdk:"retries"`
	MaxInFlight       types.Number `tfsdk:"max_in_flight"`
	MaxRate           types.Number `tfsdk:"max_rate"`
	AuthoritativePort types.Number `tfsdk:"authoritative_port"`
	PrivateNetworks   types.List   `tfsdk:"private_networks"`
}

// unknown names an attribute without whose value nobody may be asked; empty where all of them are known.
func (m providerModel) unknown() string {
	switch {
	case !wholly(m.Resolvers):
		return "resolvers"
	case !wholly(m.Bootstrap):
		return "bootstrap"
	case !wholly(m.DNSSEC):
		return "dnssec"
	case !wholly(m.PrivateNetworks):
		return "private_networks"
	case !wholly(m.AuthoritativePort):
		return "authoritative_port"
	}
	return ""
}

// client returns the settings of the DNS client, as far as they are known.
func (m providerModel) client(ctx context.Context) (resolve.Config, diag.Diagnostics) {
	config := resolve.Config{
		DNSSEC:            resolve.DNSSEC(m.DNSSEC.ValueString()),
		Timeout:           defaultTimeout,
		Tries:             1 + int(orDefault(m.Retries, defaultRetries)),
		MaxInFlight:       int(orDefault(m.MaxInFlight, defaultMaxInFlight)),
		MaxRate:           int(orDefault(m.MaxRate, defaultMaxRate)),
		AuthoritativePort: uint16(orDefault(m.AuthoritativePort, defaultPort)),
	}
	if timeout, err := time.ParseDuration(m.Timeout.ValueString()); err == nil {
		config.Timeout = timeout
	}
	var diags, more diag.Diagnostics
	config.Bootstrap, diags = elements(ctx, m.Bootstrap, path.Root("bootstrap"), "Invalid bootstrap address", resolve.ParseBootstrap)
	config.PrivateNetworks, more = elements(ctx, m.PrivateNetworks, path.Root("private_networks"), "Invalid private network", resolve.ParseNetwork)
	diags.Append(more...)
	if m.Resolvers.IsNull() {
		config.Resolvers, more = resolversFromEnvironment()
	} else {
		config.Resolvers, more = elements(ctx, m.Resolvers, path.Root("resolvers"), "Invalid resolver address", resolve.ParseResolver)
	}
	diags.Append(more...)
	if !diags.HasError() && wholly(m.Resolvers) {
		diags.Append(m.checkDNSSEC(config)...)
	}
	return config, diags
}

// elements reads the texts of a list; none where it is null or not yet known.
func elements[T any](ctx context.Context, list types.List, at path.Path, summary string, parse func(string) (T, error)) ([]T, diag.Diagnostics) {
	var diags diag.Diagnostics
	if list.IsNull() || !wholly(list) {
		return nil, diags
	}
	var texts []types.String
	diags.Append(list.ElementsAs(ctx, &texts, false)...)
	values := make([]T, 0, len(texts))
	for i, text := range texts {
		value, err := parse(text.ValueString())
		if err != nil {
			diags.AddAttributeError(at.AtListIndex(i), summary, compose.Sentence(err.Error()))
		}
		values = append(values, value)
	}
	return values, diags
}

// checkDNSSEC returns an error where the resolvers cannot be trusted with what `dnssec` wants.
func (m providerModel) checkDNSSEC(config resolve.Config) diag.Diagnostics {
	var diags diag.Diagnostics
	if config.DNSSEC != resolve.DNSSECRequire {
		return diags
	}
	const advice = "Set `resolvers` to validating resolvers over `tls://` or `https://`, or to one that runs on this machine; or leave `dnssec` out."
	if len(config.Resolvers) == 0 {
		diags.AddAttributeError(path.Root("dnssec"), "DNSSEC required of unknown resolvers",
			"`dnssec = \"require\"` relies on the resolvers, and those of the system may belong to anybody. "+advice)
	}
	for i, r := range config.Resolvers {
		if r.IsTrusted() {
			continue
		}
		at, where := path.Root("dnssec"), fmt.Sprintf(" of the environment variable %s", resolversVariable)
		if !m.Resolvers.IsNull() {
			at, where = path.Root("resolvers").AtListIndex(i), ""
		}
		diags.AddAttributeError(at, "DNSSEC required over plain DNS",
			fmt.Sprintf("`dnssec = \"require\"` relies on the resolvers, and anybody on the way can change the answers of the resolver %s%s. %s", r, where, advice))
	}
	return diags
}

// resolversFromEnvironment reads the resolvers of [resolversVariable]; none where it is not set.
func resolversFromEnvironment() ([]resolve.Resolver, diag.Diagnostics) {
	const summary = "Invalid resolver address in the environment"
	var resolvers []resolve.Resolver
	var diags diag.Diagnostics
	value := os.Getenv(resolversVariable)
	for text := range strings.SplitSeq(value, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		resolver, err := resolve.ParseResolver(text)
		if err != nil {
			diags.AddError(summary, fmt.Sprintf("The environment variable %s is used because the provider block has no `resolvers`. %s", resolversVariable, variableFault(text, err)))
			continue
		}
		resolvers = append(resolvers, resolver)
	}
	if value != "" && len(resolvers) == 0 && !diags.HasError() {
		diags.AddError(summary, fmt.Sprintf("The environment variable %s is set, but names no resolver. %s Unset it to use the resolvers of the system.", resolversVariable, howToList))
	}
	return resolvers, diags
}

// howToList says how the variable is written: other than the list of a configuration.
const howToList = "Write resolvers into it, separated by commas, without quotes and brackets, such as `" + resolversVariable + "=192.0.2.53,tls://dns.example@192.0.2.54`."

// variableFault says what is wrong with a part of the variable.
func variableFault(text string, err error) string {
	if strings.ContainsAny(text, "\"'`; \t\r\n") || strings.HasPrefix(text, "[") != strings.Contains(text, "]") {
		return "It has the form of another kind of list. " + howToList
	}
	return compose.Sentence(err.Error())
}

// orDefault returns a number that the schema has checked to be a whole one.
func orDefault(v types.Number, otherwise int64) int64 {
	if v.IsNull() || v.IsUnknown() {
		return otherwise
	}
	n, _ := v.ValueBigFloat().Int64()
	return n
}
