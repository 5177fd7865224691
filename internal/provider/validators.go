package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/display"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// stringCheck is a validator of strings that is a function. Null and unknown values pass.
type stringCheck struct {
	summary     string // of the diagnostic
	description string // what a valid value is
	valid       func(string) error
}

var _ validator.String = stringCheck{}

func (c stringCheck) Description(context.Context) string         { return c.description }
func (c stringCheck) MarkdownDescription(context.Context) string { return c.description }

func (c stringCheck) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := c.valid(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, c.summary, compose.Sentence(err.Error()))
	}
}

// parseDomain reads the domain of a data source.
func parseDomain(s string) (dnsname.Name, error) {
	domain, err := dnsname.Parse(s)
	switch {
	case err != nil:
		return dnsname.Name{}, fmt.Errorf("%w; write the domain alone, such as \"example.com\"", err)
	case domain == dnsname.Root:
		return dnsname.Name{}, fmt.Errorf("%q is the DNS root; write the domain that sends mail, such as \"example.com\"", s)
	case domain.Labels()[0] == "*":
		return dnsname.Name{}, fmt.Errorf("%q is a wildcard; write the domain that sends mail, such as \"example.com\"", s)
	case isIPv4(domain):
		return dnsname.Name{}, fmt.Errorf("%q is an IP address; write the domain that sends mail, such as \"example.com\"", s)
	}
	if behind, found := behindRecordLabel(domain); found {
		return dnsname.Name{}, fmt.Errorf("%q is the name of a record of a domain; write the domain, such as %q", s, behind)
	}
	return domain, nil
}

// isIPv4 reports whether a name reads as an address: no top-level domain is a number.
func isIPv4(name dnsname.Name) bool {
	_, err := netip.ParseAddr(name.String())
	return err == nil
}

// behindRecordLabel returns the domain that a record such as _dmarc.example.com is of, and false for the name of a domain.
func behindRecordLabel(name dnsname.Name) (domain string, found bool) {
	labels := name.Labels()
	for i, label := range labels {
		if slices.Contains([]string{"_dmarc", "_domainkey", "_mta-sts", "_tls", "_bimi"}, label) {
			domain, found = strings.Join(labels[i+1:], "."), true
		}
	}
	return cmp.Or(domain, "example.com"), found
}

// ownerName accepts the name of a record.
func ownerName() validator.String {
	return stringCheck{
		summary:     "Invalid owner name",
		description: "the absolute name of a record, such as `selector1._domainkey.example.com`",
		valid: func(s string) error {
			_, err := dnsname.Parse(s)
			return err
		},
	}
}

// privateNetwork accepts a network whose addresses may be asked although they are not public.
func privateNetwork() validator.String {
	return stringCheck{
		summary:     "Invalid private network",
		description: "a network in CIDR notation such as `10.0.0.0/8`",
		valid: func(s string) error {
			_, err := resolve.ParseNetwork(s)
			return err
		},
	}
}

// choice accepts the values of an option that has a few.
func choice[T ~string](values ...T) validator.String {
	return stringCheck{
		summary:     "Unknown value of an option",
		description: "one of " + display.OneOf(values),
		valid: func(s string) error {
			if !slices.Contains(values, T(s)) {
				return errors.New(display.Unlisted(s, values))
			}
			return nil
		},
	}
}

func recordTypeName() validator.String {
	return stringCheck{
		summary:     "Unknown record type",
		description: record.OneOf(record.Types()),
		valid: func(s string) error {
			_, err := record.ParseType(s)
			return err
		},
	}
}

func positiveDuration() validator.String {
	return stringCheck{
		summary:     "Invalid duration",
		description: "a positive duration such as `10m`, `90s` or `1h30m`",
		valid:       checkPositiveDuration,
	}
}

func checkPositiveDuration(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return fmt.Errorf("%s must be a positive duration such as \"10m\", \"90s\" or \"1h30m\" (units: h, m, s, ms)", record.DisplayQuoted(s))
	}
	return nil
}

func resolverAddress() validator.String {
	return stringCheck{
		summary:     "Invalid resolver address",
		description: "an IP address, with or without a port, `tcp://address`, `tls://name@address` or `https://host/dns-query`",
		valid: func(s string) error {
			_, err := resolve.ParseResolver(s)
			return err
		},
	}
}

func bootstrapAddress() validator.String {
	return stringCheck{
		summary:     "Invalid bootstrap address",
		description: "an IP address without a port",
		valid: func(s string) error {
			_, err := resolve.ParseBootstrap(s)
			return err
		},
	}
}

func requirement() validator.String {
	return stringCheck{
		summary:     "Invalid requirement",
		description: "`all`, `strict`, `any` or a number of servers",
		valid: func(s string) error {
			if s == "" {
				return errors.New("it is an empty text; write `all`, `strict`, `any` or a number of servers, or leave it out, which means `all`")
			}
			_, err := verify.ParseRequire(s)
			return err
		},
	}
}

// wholeNumber accepts the whole numbers from least to most. Attributes that hold them are numbers in the schema, since
// the framework itself refuses others with a text about the provider's code.
type wholeNumber struct{ least, most int64 }

var _ validator.Number = wholeNumber{}

func (w wholeNumber) Description(context.Context) string {
	return fmt.Sprintf("a whole number from %d to %d", w.least, w.most)
}

func (w wholeNumber) MarkdownDescription(ctx context.Context) string { return w.Description(ctx) }

func (w wholeNumber) ValidateNumber(_ context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	in := newInput(nil, req.ConfigValue)
	in.whole(w.least, w.most)
	for _, p := range inputSentences(in.notes.problems) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid number", p.Detail)
	}
}

// noNulls refuses lists with elements that are null.
type noNulls struct{}

var _ validator.List = noNulls{}

func (noNulls) Description(context.Context) string { return "a list without elements that are null" }

func (n noNulls) MarkdownDescription(ctx context.Context) string { return n.Description(ctx) }

func (noNulls) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	in := newInput(nil, req.ConfigValue)
	in.texts()
	for _, p := range inputSentences(in.notes.problems) {
		at := req.Path.AtListIndex(p.Path[0].Index)
		resp.Diagnostics.AddAttributeError(at, p.Summary, fmt.Sprintf("%s: %s", at, p.Detail))
	}
}
