package discover

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// Markdown writes one page for the owner of the domain.
func (r Result) Markdown() string {
	p := page{}
	p.line("# Mail of %s", code(r.Domain.String()))
	p.line("")
	p.line("%s", r.verdict())
	p.services(r)
	p.own(r)
	p.policies(r)
	p.unknown(r)
	if len(r.Unresolved) > 0 {
		p.heading("Open questions")
		for _, u := range r.Unresolved {
			p.line("- %s: %s", code(u.Subject), prose(u.Why))
		}
	}
	return p.String()
}

// verdict says in one line how much is known.
func (r Result) verdict() string {
	services := counted(len(r.Config.Services), "service")
	if len(r.Unknown) == 0 && len(r.Unresolved) == 0 {
		return fmt.Sprintf("%s of the catalogue explain all mail records that were read.", capital(services))
	}
	return fmt.Sprintf("%s of the catalogue found; %s that no service asks for; %s.",
		capital(services), counted(len(r.Unknown), "record or term"), counted(len(r.Unresolved), "open question"))
}

func counted(n int, what string) string {
	switch n {
	case 0:
		return "no " + strings.ReplaceAll(what, " or ", "s or ") + "s"
	case 1:
		return "one " + what
	default:
		return fmt.Sprintf("%d %ss", n, strings.ReplaceAll(what, " or ", "s or "))
	}
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// page is a text that grows.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *page) heading(text string) { p.line("\n## %s\n", text) }

func (p *page) services(r Result) {
	if len(r.Config.Services) == 0 {
		return
	}
	p.heading("Services")
	p.line("| service | records | values |\n| --- | --- | --- |")
	for _, key := range slices.Sorted(maps.Keys(r.Config.Services)) {
		s := r.Config.Services[key]
		id := key
		if s.Service != "" {
			id = s.Service
		}
		name, groups := prose(id), slices.Clone(s.Groups)
		if template, err := service.Builtin(id); err == nil {
			info := template.Info()
			name = prose(info.Name)
			for _, g := range info.Groups {
				if s.Groups == nil && g.Default {
					groups = append(groups, g.ID)
				}
			}
		}
		if s.Host != "" {
			name += " at " + code(s.Host)
		}
		var values []string
		for _, variable := range slices.Sorted(maps.Keys(s.Variables)) {
			values = append(values, code(variable)+" "+code(s.Variables[variable]))
		}
		for i, group := range groups {
			groups[i] = prose(group)
		}
		p.line("| %s | %s | %s |", name, strings.Join(groups, ", "), strings.Join(values, "<br>"))
	}
}

// own writes the owner's own records: SPF, mail hosts, keys.
func (p *page) own(r Result) {
	p.heading("Records of the domain")
	if r.Config.Parked {
		p.line("- The domain is parked: it neither sends nor receives mail, nor does any name below it.")
	}
	if r.SPF == "" {
		p.line("- SPF: none that receivers accept.")
	} else {
		p.line("- SPF: %s", code(r.SPF))
	}
	for _, term := range r.Mechanisms {
		p.line("  - no service asks for %s", code(term))
	}
	if r.Config.Existing != "" && len(r.Config.Services) > 0 {
		p.line("  - The configuration keeps the live record as `existing`, since services and terms alone would make it in another order.")
	}
	if len(r.MX) == 0 {
		p.line("- Mail hosts: none.")
	} else {
		p.line("- Mail hosts: %s", codes(r.MX))
	}
	if len(r.Config.Keys) > 0 {
		p.line("- DKIM keys of no service: %s", codes(slices.Sorted(maps.Keys(r.Config.Keys))))
	}
}

func (p *page) policies(r Result) {
	p.heading("Policies")
	seen := make(map[string]bool)
	for _, policy := range r.Policies {
		seen[policy.Name] = true
		text := policy.Says
		if policy.Fault != "" {
			text = "Receivers ignore the record: " + prose(policy.Fault)
		}
		p.line("- %s: %s", titles[policy.Name], text)
	}
	for _, name := range slices.Sorted(maps.Keys(titles)) {
		if !seen[name] {
			p.line("- %s: none.", titles[name])
		}
	}
}

// titles are the common names of the policies.
var titles = map[string]string{"dmarc": "DMARC", "mta_sts": "MTA-STS", "tls_rpt": "TLS-RPT", "bimi": "BIMI"}

func (p *page) unknown(r Result) {
	if len(r.Unknown) == 0 {
		return
	}
	p.heading("Records that no service asks for")
	p.line("| name | type | value | nearest service | why |\n| --- | --- | --- | --- | --- |")
	for _, u := range r.Unknown {
		p.line("| %s | %s | %s | %s | %s |", code(u.Owner.String()), u.Type, code(u.Value), u.Guess, prose(u.Why))
	}
}

// maxCode is the most octets of a value that a page shows.
const maxCode = 160

// code writes a text from outside as code, which nothing in it ends.
func code(text string) string {
	if len(text) > maxCode {
		text = text[:maxCode] + "..."
	}
	return record.Defuse(record.Cell(text))
}

func codes(texts []string) string {
	written := make([]string, len(texts))
	for i, text := range texts {
		written[i] = code(text)
	}
	return strings.Join(written, ", ")
}

// prose writes a sentence that may hold text from outside.
func prose(text string) string {
	if record.Display(text) != text || strings.ContainsAny(text, "|*[]<>`#@&$~!\\") || strings.Contains(text, "://") || strings.Contains(text, "www.") {
		return record.Defuse(record.Cell(text[:min(len(text), record.MaxDisplay)]))
	}
	return text
}
