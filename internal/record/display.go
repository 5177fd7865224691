package record

import "github.com/catglobe/terraform-provider-maildomain/internal/dnsname"

// MaxDisplay is the most octets of a foreign text that [Display] shows.
const MaxDisplay = 1024

// Display makes a text that came from DNS, from a template or from a user's key fit to be shown, see [dnsname.Display].
func Display(s string) string { return dnsname.Display(s, MaxDisplay) }

// DisplayQuoted is [Display] with quotes around the text.
func DisplayQuoted(s string) string { return `"` + Display(s) + `"` }

// Defuse takes the commands for CI systems out of a text, see [dnsname.Defuse].
func Defuse(s string) string { return dnsname.Defuse(s) }
