package record

import (
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
)

// MaxDisplay is the most octets of a foreign text that [Display] shows.
const MaxDisplay = 1024

// Display makes a text that came from DNS, from a template or from a user's key fit to be shown, see [display.Text].
func Display(s string) string { return display.Text(s, MaxDisplay) }

// DisplayQuoted is [Display] with quotes around the text. Quotes within it are escaped.
func DisplayQuoted(s string) string { return `"` + strings.ReplaceAll(Display(s), `"`, `\"`) + `"` }

// MaxShort is the most octets of a foreign text that [ShortQuoted] shows.
const MaxShort = 200

// ShortQuoted is [DisplayQuoted] for a text in the middle of a sentence, cut after MaxShort.
func ShortQuoted(s string) string {
	if len(s) > MaxShort {
		return `"` + strings.ReplaceAll(Display(s[:MaxShort]), `"`, `\"`) + `…"`
	}
	return DisplayQuoted(s)
}

// OneOf lists the values of an option in a sentence, see [display.OneOf].
func OneOf[T ~string](values []T) string { return display.OneOf(values) }

// Unlisted returns the error about a value that an option does not have, see [display.Unlisted].
func Unlisted[T ~string](value string, values []T) string { return display.Unlisted(value, values) }

// Defuse takes the commands for CI systems out of a text, see [display.Defuse].
func Defuse(s string) string { return display.Defuse(s) }
