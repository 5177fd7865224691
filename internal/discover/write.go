package discover

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// A value is what a configuration is written of: a text, a number or a truth value as it stands, a list of texts, or a
// list of fields.
type value struct {
	text   string
	list   []string
	fields []field
	kind   valueKind
}

type valueKind int

const (
	isText valueKind = iota
	isBare
	isList
	isMap
)

type field struct {
	name string
	value
}

// fields returns the fields of the configuration that are not empty, in the usual order.
func fields(c compose.Config) []field {
	all := []field{{"domain", value{text: c.Domain.String()}}}
	if c.Existing != "" {
		all = append(all, field{"existing", value{text: c.Existing}})
	}
	if c.All != "" {
		all = append(all, field{"all", value{text: string(c.All)}})
	}
	if c.AllowPassAll {
		all = append(all, field{"allow_pass_all", value{kind: isBare, text: "true"}})
	}
	if c.TTL != 0 {
		all = append(all, field{"ttl", value{kind: isBare, text: fmt.Sprint(c.TTL)}})
	}
	if c.Parked {
		all = append(all, field{"parked", value{kind: isBare, text: "true"}})
	}
	if len(c.Hosts) > 0 {
		all = append(all, field{"hosts", value{kind: isList, list: c.Hosts}})
	}
	if len(c.Mechanisms) > 0 {
		all = append(all, field{"mechanisms", value{kind: isList, list: c.Mechanisms}})
	}
	if len(c.MX) > 0 {
		all = append(all, field{"mx", value{kind: isList, list: c.MX}})
	}
	for _, f := range []field{
		{"services", mapOf(c.Services, serviceFields)},
		{"keys", mapOf(c.Keys, keyFields)},
		{"dmarc", one(c.DMARC, dmarcFields)},
		{"mta_sts", one(c.MTASTS, mtaSTSFields)},
		{"tls_rpt", one(c.TLSRPT, tlsRPTFields)},
		{"bimi", one(c.BIMI, bimiFields)},
		{"extra", mapOf(c.Extra, extraFields)},
	} {
		if len(f.fields) > 0 {
			all = append(all, f)
		}
	}
	return all
}

// mapOf writes a map by its sorted keys.
func mapOf[T any](parts map[string]T, write func(T) []field) value {
	var all []field
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		all = append(all, field{name, value{kind: isMap, fields: write(parts[name])}})
	}
	return value{kind: isMap, fields: all}
}

// one writes a part that there may be.
func one[T any](part *T, write func(T) []field) value {
	if part == nil {
		return value{kind: isMap}
	}
	return value{kind: isMap, fields: write(*part)}
}

// textFields returns those fields that are not empty.
func textFields(all ...field) []field {
	return slices.DeleteFunc(all, func(f field) bool { return f.kind == isText && f.text == "" || f.kind == isList && len(f.list) == 0 })
}

// A discovery takes policies over as they are. Their other attributes are never set.

func dmarcFields(d dmarc.Config) []field {
	return textFields(field{"existing", value{text: d.Existing}})
}

func mtaSTSFields(m compose.MTASTS) []field {
	return textFields(field{"existing", value{text: m.Existing}}, field{"host", value{text: m.Host}}, field{"addresses", value{kind: isList, list: m.Addresses}})
}

func tlsRPTFields(r tlsrpt.Config) []field {
	return textFields(field{"reports", value{kind: isList, list: r.Reports}})
}

func bimiFields(l compose.BIMI) []field {
	all := textFields(field{"logo", value{text: l.Logo}}, field{"certificate", value{text: l.Certificate}}, field{"avatar", value{text: l.Avatar}})
	if l.Declined {
		all = append(all, field{"declined", value{kind: isBare, text: "true"}})
	}
	return all
}

func extraFields(e compose.Extra) []field {
	all := []field{{"name", value{text: e.Name}}, {"type", value{text: e.Type}}, {"value", value{text: e.Value}}}
	if e.TTL != 0 {
		all = append(all, field{"ttl", value{kind: isBare, text: fmt.Sprint(e.TTL)}})
	}
	return all
}

func serviceFields(s compose.Service) []field {
	var all []field
	for _, f := range []field{{"service", value{text: s.Service}}, {"host", value{text: s.Host}}} {
		if f.text != "" {
			all = append(all, f)
		}
	}
	if s.Groups != nil {
		all = append(all, field{"groups", value{kind: isList, list: s.Groups}})
	}
	var variables []field
	for _, name := range slices.Sorted(maps.Keys(s.Variables)) {
		variables = append(variables, field{name, value{text: s.Variables[name]}})
	}
	if len(variables) > 0 {
		all = append(all, field{"variables", value{kind: isMap, fields: variables}})
	}
	return all
}

func keyFields(k compose.Key) []field {
	if k.CNAME != "" {
		return []field{{"cname", value{text: k.CNAME}}}
	}
	return []field{{"record", value{text: k.Record}}}
}

// HCL writes the configuration as a block `locals` that formatting leaves as it is.
func (r Result) HCL() string {
	var b strings.Builder
	b.WriteString("locals {\n")
	writeHCL(&b, "  ", []field{{localName(r.Domain.String()), value{kind: isMap, fields: fields(r.Config)}}})
	b.WriteString("}\n")
	return b.String()
}

// localName makes an identifier of a name.
func localName(name string) string {
	name = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' {
			return c
		}
		return '_'
	}, name)
	if !isPlain(name) {
		return "_" + name
	}
	return name
}

// writeHCL writes attributes: those of one line first, with their signs in one column, and each of the others behind a
// blank line.
func writeHCL(b *strings.Builder, indent string, all []field) {
	width := 0
	for _, f := range all {
		if f.oneLine() {
			width = max(width, len(hclName(f.name)))
		}
	}
	first := true
	for _, f := range all {
		if f.oneLine() {
			fmt.Fprintf(b, "%s%-*s = %s\n", indent, width, hclName(f.name), f.hcl())
			first = false
		}
	}
	for _, f := range all {
		if f.oneLine() {
			continue
		}
		if !first {
			b.WriteByte('\n')
		}
		first = false
		fmt.Fprintf(b, "%s%s = {\n", indent, hclName(f.name))
		writeHCL(b, indent+"  ", f.fields)
		b.WriteString(indent + "}\n")
	}
}

func (v value) oneLine() bool { return v.kind != isMap || len(v.fields) == 0 }

// hcl writes a value of one line.
func (v value) hcl() string {
	switch v.kind {
	case isBare:
		return v.text
	case isList:
		quoted := make([]string, len(v.list))
		for i, text := range v.list {
			quoted[i] = hclText(text)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	case isMap:
		return "{}"
	default:
		return hclText(v.text)
	}
}

// identifier matches the names that HCL takes without quotes.
var identifier = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// yamlName matches the keys that YAML reads as texts without quotes, domains among them.
var yamlName = regexp.MustCompile(`^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$`)

// reserved are identifiers that a reader of YAML 1.1, or of HCL, takes for something else.
var reserved = []string{"null", "true", "false", "yes", "no", "on", "off", "y", "n", "for", "if", "in"}

func isPlain(name string) bool {
	return identifier.MatchString(name) && !slices.Contains(reserved, name)
}

func hclName(name string) string {
	if isPlain(name) {
		return name
	}
	return hclText(name)
}

// hclText writes a quoted template in which nothing is one.
func hclText(text string) string {
	quoted := jsonText(text)
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(quoted)
}

// jsonText writes a text in quotes, as JSON, YAML and HCL read it: in printable ASCII, and without commands for CI systems.
func jsonText(text string) string {
	command := record.Defuse(text) != text
	var b strings.Builder
	b.WriteByte('"')
	before := rune(0)
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case command && (c == ':' || c == '#') && c == before, c < ' ', c > '~' && c <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, c)
		case c > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, c)
		default:
			b.WriteRune(c)
		}
		before = c
	}
	b.WriteByte('"')
	return b.String()
}

// YAML writes the configuration as the entry of a fleet's file: a map of domains.
func (r Result) YAML() string {
	var b strings.Builder
	writeYAML(&b, "", []field{{r.Domain.String(), value{kind: isMap, fields: fields(r.Config)[1:]}}})
	return b.String()
}

func writeYAML(b *strings.Builder, indent string, all []field) {
	for _, f := range all {
		name := f.name
		if !yamlName.MatchString(name) || slices.Contains(reserved, name) {
			name = jsonText(name)
		}
		switch {
		case f.kind == isMap && len(f.fields) > 0:
			fmt.Fprintf(b, "%s%s:\n", indent, name)
			writeYAML(b, indent+"  ", f.fields)
		case f.kind == isList && len(f.list) > 0:
			fmt.Fprintf(b, "%s%s:\n", indent, name)
			for _, text := range f.list {
				fmt.Fprintf(b, "%s  - %s\n", indent, jsonText(text))
			}
		case f.kind == isList:
			fmt.Fprintf(b, "%s%s: []\n", indent, name)
		case f.kind == isMap:
			fmt.Fprintf(b, "%s%s: {}\n", indent, name)
		case f.kind == isBare:
			fmt.Fprintf(b, "%s%s: %s\n", indent, name, f.text)
		default:
			fmt.Fprintf(b, "%s%s: %s\n", indent, name, jsonText(f.text))
		}
	}
}
