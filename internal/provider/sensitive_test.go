package provider_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// sensitiveCalls are the functions, each with a value that is %v.
var sensitiveCalls = map[string]string{
	"dkim_parse":       `dkim_parse(%v.dkim)`,
	"dkim_record":      `dkim_record(%v.key)`,
	"dmarc_parse":      `dmarc_parse(%v.dmarc)`,
	"markdown_table":   `markdown_table({ a = { name = "a", fqdn = "a.example.com", type = "TXT", ttl = 300, value = %v.text } })`,
	"records":          `records({ domain = "example.com", existing = %v.spf, services = { mailchimp = {} } })`,
	"records_warnings": `records_warnings({ domain = "example.com", existing = %v.spf, all = "keep" })`,
	"relative_name":    `relative_name("_dmarc.${%v.domain}", "example.com")`,
	"rrsets":           `rrsets({ a = { name = "a", fqdn = "a.example.com", type = "TXT", ttl = 300, value = %v.text } })`,
	"spf_merge":        `spf_merge([%v.spf, "include:_spf.acme.example"], "fail")`,
	"spf_parse":        `spf_parse(%v.spf)`,
	"txt_chunks":       `txt_chunks(%v.text)`,
	"txt_encode":       `txt_encode(%v.text, "route53")`,
	"zone_file":        `zone_file({ a = { name = "a", fqdn = "a.example.com", type = "TXT", ttl = 300, value = %v.text } })`,
}

// sensitiveBlocks are the data sources and the resource, each with a value that is %v, and the attribute that holds it.
var sensitiveBlocks = map[string]struct{ kind, block, attribute string }{
	"dkim":       {"data", `domain = "example.com", keys = { s1 = { public_key = %v.key } }`, "keys"},
	"lookup":     {"data", `name = %v.domain, type = "TXT"`, "name"},
	"records":    {"data", `domain = "example.com", existing = %v.spf, services = { mailchimp = {} }`, "existing"},
	"service":    {"data", `domain = %v.domain, service = "google_workspace", groups = ["spf"]`, "domain"},
	"spf":        {"data", `domain = "example.com", existing = %v.spf`, "existing"},
	"spf_check":  {"data", `ip = "198.51.100.1", sender = "news@${%v.domain}"`, "sender"},
	"validation": {"resource", `records = { spf = { fqdn = %v.domain, type = "TXT", value = %v.spf } }`, "records"},
}

// Values that Terraform marks as sensitive come out as those that it does not, and the marks hide what holds them: the
// result of a function, and of a data source or the resource the attribute alone, since its provider never sees the mark.
func TestSensitiveValues(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	var b strings.Builder
	b.WriteString(l.block + `
locals {
  plain = {
    domain = "example.com"
    text   = "some text"
    spf    = "` + spfA + `"
    dmarc  = "v=DMARC1; p=reject; rua=mailto:a@example.com"
    dkim   = "v=DKIM1; k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI="
    key    = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAU/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=\n-----END PUBLIC KEY-----\n"
  }
  marked = { for name, value in local.plain : name => sensitive(value) }
}
`)
	for _, of := range []string{"plain", "marked"} {
		for _, name := range slices.Sorted(maps.Keys(sensitiveCalls)) {
			b.WriteString("output \"" + of + "_" + name + "\" {\n  value = provider::maildomain::" + strings.ReplaceAll(sensitiveCalls[name], "%v", "local."+of))
			if of == "marked" {
				b.WriteString("\n  sensitive = true")
			}
			b.WriteString("\n}\n")
		}
		for _, name := range slices.Sorted(maps.Keys(sensitiveBlocks)) {
			s := sensitiveBlocks[name]
			block := topLevelLines(strings.ReplaceAll(s.block, "%v", "local."+of))
			b.WriteString(s.kind + " \"maildomain_" + name + "\" \"" + of + "\" {\n  " + block + "\n}\n")
		}
	}
	c := newCLI(t, b.String())
	c.apply(t)
	var state struct {
		Values struct {
			Outputs map[string]struct {
				Sensitive bool
				Value     any
			}
			Root struct {
				Resources []struct {
					Type, Name string
					Values     map[string]any
					Sensitive  map[string]any `json:"sensitive_values"`
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(c.run(t, "show", "-json")), &state); err != nil {
		t.Fatal(err)
	}
	for name := range sensitiveCalls {
		plain, marked := state.Values.Outputs["plain_"+name], state.Values.Outputs["marked_"+name]
		if plain.Value == nil || !reflect.DeepEqual(plain.Value, marked.Value) || plain.Sensitive || !marked.Sensitive {
			t.Errorf("%s: %v of a plain value, %v of a sensitive one", name, plain, marked)
		}
	}
	values, hidden := make(map[string]map[string]any), make(map[string]map[string]any)
	for _, r := range state.Values.Root.Resources {
		for _, changing := range []string{"id", "report", "support_message", "duration"} {
			delete(r.Values, changing) // It has the time, or is another for each.
		}
		values[r.Name+" "+r.Type], hidden[r.Name+" "+r.Type] = r.Values, r.Sensitive
	}
	for name, s := range sensitiveBlocks {
		plain, marked := values["plain maildomain_"+name], values["marked maildomain_"+name]
		if plain == nil || !reflect.DeepEqual(plain, marked) {
			t.Errorf("%s: %v of a plain value, %v of a sensitive one", name, plain, marked)
		}
		if got := marks(hidden["plain maildomain_"+name]); len(got) != 0 {
			t.Errorf("%s: %q are hidden without need", name, got)
		}
		if got := marks(hidden["marked maildomain_"+name]); len(got) != 1 || got[0] != s.attribute {
			t.Errorf("%s: %q are hidden, want %q alone", name, got, s.attribute)
		}
	}
	c.plan(t, 0)
}

// topLevelLines puts the attributes of a block, which commas separate outside of braces and brackets, on lines.
func topLevelLines(block string) string {
	var b strings.Builder
	depth := 0
	for _, r := range block {
		switch r {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 0 {
				b.WriteString("\n ")
				continue
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}

// marks returns the attributes in which something is hidden.
func marks(sensitive map[string]any) []string {
	var names []string
	for name, v := range sensitive {
		if hides(v) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// hides reports whether a value of "sensitive_values" hides anything.
func hides(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case map[string]any:
		return len(marks(v)) > 0
	case []any:
		return slices.ContainsFunc(v, hides)
	}
	return false
}
