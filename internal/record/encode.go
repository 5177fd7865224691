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
	formRoute53             // a""b: outer quotes are added by the provider
	formOne                 // "ab", one quoted string however long
)

// Style is how one DNS provider's Terraform resource takes a TXT value.
type Style struct {
	Name     string   // the provider in one word
	Aliases  []string // other names for it, the Terraform provider's own among them
	Max      int      // the longest value it takes, in octets; 0 where no limit is known
	Evidence string   // how the form is known: V read in source or documentation, I reported in issues, ? unverified
	form     form
}

// Styles returns the known styles in the order of their names, the two general ones first.
func Styles() []Style {
	return []Style{
		{Name: "raw", Evidence: "V", form: formRaw},
		{Name: "quoted", Evidence: "V", form: formQuoted},
		{Name: "akamai", Evidence: "I", form: formQuoted},
		{Name: "azure", Aliases: []string{"azurerm"}, Max: 4096, Evidence: "V", form: formRaw},
		{Name: "cloudflare", Evidence: "V", form: formQuoted},
		{Name: "digitalocean", Max: 512, Evidence: "V", form: formRaw},
		{Name: "dnsimple", Evidence: "I", form: formQuoted},
		{Name: "gandi", Evidence: "I", form: formQuoted},
		{Name: "godaddy", Max: 512, Evidence: "I", form: formRaw},
		{Name: "google", Evidence: "V", form: formQuoted},
		{Name: "hetzner", Aliases: []string{"hcloud"}, Evidence: "V", form: formQuoted},
		{Name: "linode", Evidence: "V", form: formRaw},
		{Name: "ns1", Evidence: "V", form: formRaw},
		{Name: "oracle", Aliases: []string{"oci"}, Evidence: "?", form: formQuoted},
		{Name: "ovh", Evidence: "I", form: formQuoted},
		{Name: "powerdns", Evidence: "V", form: formQuoted},
		{Name: "rfc2136", Aliases: []string{"dns"}, Evidence: "V", form: formEscaped},
		{Name: "route53", Aliases: []string{"aws"}, Evidence: "V", form: formRoute53},
		{Name: "scaleway", Evidence: "?", form: formQuoted},
		{Name: "vultr", Evidence: "I", form: formOne},
	}
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
	limit := MaxTXT
	if s.Max > 0 {
		limit = s.Max
	}
	if len(value) > limit {
		return "", &ValueError{Type: TXT, Value: value, Reason: fmt.Sprintf(
			"it has %d octets, and %s takes at most %d; shorten it (a DKIM key of 2048 bits has about 400), or publish it through another DNS provider",
			len(value), s.Name, limit)}
	}
	switch s.form {
	case formQuoted:
		return QuoteTXT(value), nil
	case formOne:
		return `"` + escape(value, decimal) + `"`, nil
	case formEscaped:
		return escape(value, decimal), nil
	case formRoute53:
		chunks := Chunks(value)
		for i, chunk := range chunks {
			// Route 53 reads \ooo as octal, unlike zone files.
			chunks[i] = escape(chunk, octal)
		}
		return strings.Join(chunks, `""`), nil
	default:
		return value, nil
	}
}

func findStyle(name string) (Style, error) {
	styles := Styles()
	i := slices.IndexFunc(styles, func(s Style) bool { return s.Name == name || slices.Contains(s.Aliases, name) })
	if i >= 0 {
		return styles[i], nil
	}
	names := make([]string, len(styles))
	for i, s := range styles {
		names[i] = s.Name
	}
	return Style{}, fmt.Errorf("%w %q: known are %s. For another DNS provider, try %q where its documentation shows values without quotes, and %q where it shows them with",
		ErrStyle, name, strings.Join(names, ", "), "raw", "quoted")
}

// Form describes how the style writes a value, for documentation.
func (s Style) Form() string {
	switch s.form {
	case formQuoted:
		return "quoted strings of at most 255 octets, `\"a\" \"b\"`"
	case formOne:
		return "one quoted string, not cut"
	case formEscaped:
		return "whole, with quotes and backslashes escaped"
	case formRoute53:
		return "strings of at most 255 octets joined by `\"\"`, without outer quotes"
	default:
		return "whole, as it is"
	}
}
