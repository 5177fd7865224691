package record

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A form is one of the ways in which DNS providers' Terraform resources take a TXT value.
type form int

const (
	formRaw     form = iota // the value itself; the provider cuts and escapes
	formEscaped             // the value itself, quote and backslash escaped
	formQuoted              // "a" "b", strings of at most 255 octets
	formLong                // the value itself up to 255 octets, "a" "b" past them
	formRoute53             // a""b: outer quotes are added by the provider
	formOne                 // "ab", one quoted string however long
)

// Style is how one DNS provider's Terraform resource takes a TXT value.
type Style struct {
	Name     string   // the DNS provider in one word
	Aliases  []string // other names for it, the Terraform provider's own among them
	Resource string   // the Terraform resource; empty for the general styles
	Evidence string   // how the form is known: V read in source or documentation, I reported in issues, ? unverified
	Limit    Limit    // the zero Limit where none is known
	form     form
}

// Limit is the longest TXT value that a DNS provider takes. The zero Limit is none.
type Limit struct {
	Octets  int
	Written bool   // counted on the value as it is written, with its quotes and escapes
	Source  string // where the number comes from, with its evidence
}

// Styles returns the known styles in the order of their names, the two general ones first.
func Styles() []Style {
	return []Style{
		{Name: "raw", Evidence: "V", form: formRaw},
		{Name: "quoted", Evidence: "V", form: formQuoted},
		{Name: "akamai", Resource: "akamai_dns_record", Evidence: "I", form: formQuoted},
		{
			Name: "azure", Aliases: []string{"azurerm"}, Resource: "azurerm_dns_txt_record", Evidence: "V", form: formRaw,
			Limit: Limit{Octets: 4096, Source: "schema of the resource (V)"},
		},
		{Name: "cloudflare", Resource: "cloudflare_dns_record", Evidence: "V", form: formQuoted, Limit: cloudflareLimit()},
		{Name: "cloudflare4", Resource: "cloudflare_record", Evidence: "I", form: formLong, Limit: cloudflareLimit()},
		{
			Name: "digitalocean", Resource: "digitalocean_record", Evidence: "V", form: formRaw,
			Limit: Limit{Octets: 512, Source: "what its API was seen to take, documented nowhere (I)"},
		},
		{Name: "dnsimple", Resource: "dnsimple_zone_record", Evidence: "I", form: formQuoted},
		{Name: "gandi", Resource: "gandi_livedns_record", Evidence: "I", form: formQuoted},
		{
			Name: "godaddy", Resource: "godaddy_domain_record", Evidence: "I", form: formRaw,
			Limit: Limit{Octets: 512, Source: "limit of its API (I)"},
		},
		{Name: "google", Resource: "google_dns_record_set", Evidence: "V", form: formQuoted},
		{Name: "hetzner", Aliases: []string{"hcloud"}, Resource: "hcloud_zone_rrset", Evidence: "V", form: formQuoted},
		{Name: "linode", Resource: "linode_domain_record", Evidence: "V", form: formRaw},
		{Name: "ns1", Resource: "ns1_record", Evidence: "V", form: formRaw},
		{Name: "oracle", Aliases: []string{"oci"}, Resource: "oci_dns_rrset", Evidence: "?", form: formQuoted},
		{Name: "ovh", Resource: "ovh_domain_zone_record", Evidence: "I", form: formQuoted},
		{Name: "powerdns", Resource: "powerdns_record", Evidence: "V", form: formQuoted},
		{Name: "rfc2136", Aliases: []string{"dns"}, Resource: "dns_txt_record_set", Evidence: "V", form: formEscaped},
		{
			Name: "route53", Aliases: []string{"aws"}, Resource: "aws_route53_record", Evidence: "V", form: formRoute53,
			Limit: Limit{Octets: 4000, Written: true, Source: "documentation of Route 53 (V)"},
		},
		{Name: "scaleway", Resource: "scaleway_domain_record", Evidence: "?", form: formQuoted},
		{Name: "vultr", Resource: "vultr_dns_record", Evidence: "I", form: formOne},
	}
}

// cloudflareLimit returns the greatest length of a value in a record of 4,096 octets on the wire: 16 strings of 255 octets, each with one
// for its length. The owner name counts as well, and is unknown here.
func cloudflareLimit() Limit {
	return Limit{Octets: 4080, Source: "a record of 4,096 octets, documentation of Cloudflare (V)"}
}

// unestablished returns the DNS providers with an unknown form, with the Terraform resource each has.
func unestablished() map[string]string {
	return map[string]string{"ionos": "ionoscloud_dns_record", "ionoscloud": "ionoscloud_dns_record"}
}

// ErrStyle is the class of errors about a style that is not one of [Styles].
var ErrStyle = errors.New("unknown TXT style")

// EncodeTXT writes a TXT value as the named DNS provider's Terraform resource wants it. It returns an error
// that wraps [ErrStyle], or a *ValueError where that provider cannot take a value of this length.
func EncodeTXT(value, style string) (string, error) {
	s, err := findStyle(style)
	if err != nil {
		return "", err
	}
	if len(value) > MaxTXT {
		return canonicalTXT(value)
	}
	encoded := s.encode(value)
	if length := s.Limit.length(value, encoded); s.Limit.Octets > 0 && length > s.Limit.Octets {
		written := ""
		if s.Limit.Written {
			written = " with its quotes and escapes"
		}
		return "", &ValueError{Type: TXT, Value: value, Reason: fmt.Sprintf(
			"it has %d octets%s, and %s takes at most %d; shorten it (a DKIM key of 2048 bits has about 400), or publish it through another DNS provider",
			length, written, s.Name, s.Limit.Octets)}
	}
	return encoded, nil
}

// length returns the length that the limit is for.
func (l Limit) length(value, encoded string) int {
	if l.Written {
		return len(`"` + encoded + `"`)
	}
	return len(value)
}

func (s Style) encode(value string) string {
	switch {
	case s.form == formQuoted, s.form == formLong && len(value) > MaxString:
		return QuoteTXT(value)
	case s.form == formOne:
		return `"` + escape(value, decimal) + `"`
	case s.form == formEscaped:
		return escape(value, decimal)
	case s.form == formRoute53:
		chunks := Chunks(value)
		for i, chunk := range chunks {
			// Route 53 reads \ooo as octal, unlike zone files.
			chunks[i] = escape(chunk, octal)
		}
		return strings.Join(chunks, `""`)
	default:
		return value
	}
}

func findStyle(name string) (Style, error) {
	styles := Styles()
	i := slices.IndexFunc(styles, func(s Style) bool { return s.Name == name || slices.Contains(s.Aliases, name) })
	if i >= 0 {
		return styles[i], nil
	}
	if resource, ok := unestablished()[name]; ok {
		return Style{}, fmt.Errorf("%w %q: the form in which %s takes TXT values is not known. Try %q and %q with a short value: the right one is the one that the next plan does not change, and a value of more than %d octets needs a look at live DNS",
			ErrStyle, name, resource, "raw", "quoted", MaxString)
	}
	names := make([]string, len(styles))
	for i, s := range styles {
		names[i] = s.Name
	}
	return Style{}, fmt.Errorf("%w %s: known are %s. For another DNS provider, try %q where its documentation shows values without quotes, and %q where it shows them with",
		ErrStyle, DisplayQuoted(name), strings.Join(names, ", "), "raw", "quoted")
}

// Form describes how the style writes a value, for documentation.
func (s Style) Form() string {
	switch s.form {
	case formQuoted:
		return "quoted strings of at most 255 octets, `\"a\" \"b\"`"
	case formLong:
		return "whole, as it is, up to 255 octets; quoted strings `\"a\" \"b\"` past them"
	case formOne:
		return "one quoted string, not cut"
	case formEscaped:
		return "whole, without outer quotes"
	case formRoute53:
		return "strings of at most 255 octets joined by `\"\"`, without outer quotes"
	default:
		return "whole, as it is"
	}
}

// Escapes describes the treatment of quotes, backslashes and octets outside printable ASCII, for documentation.
func (s Style) Escapes() string {
	switch s.form {
	case formRaw:
		return "nothing"
	case formLong:
		return "nothing up to 255 octets; `\\\"`, `\\\\`, decimal `\\ddd` past them"
	case formRoute53:
		return "`\\\"`, `\\\\`, octal `\\ooo`"
	default:
		return "`\\\"`, `\\\\`, decimal `\\ddd`"
	}
}
