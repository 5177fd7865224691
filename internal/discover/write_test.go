package discover_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"gopkg.in/yaml.v3"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/discover"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// plain is a configuration as values of maps, lists and texts.
func plain(c compose.Config) map[string]any {
	all := make(map[string]any)
	texts := func(list []string) []any {
		values := []any{}
		for _, text := range list {
			values = append(values, text)
		}
		return values
	}
	set := func(in map[string]any, name, text string) {
		if text != "" {
			in[name] = text
		}
	}
	set(all, "existing", c.Existing)
	set(all, "all", string(c.All))
	if c.AllowPassAll {
		all["allow_pass_all"] = true
	}
	if c.TTL != 0 {
		all["ttl"] = int(c.TTL)
	}
	if len(c.Mechanisms) > 0 {
		all["mechanisms"] = texts(c.Mechanisms)
	}
	services := make(map[string]any)
	for name, s := range c.Services {
		one := make(map[string]any)
		set(one, "service", s.Service)
		set(one, "host", s.Host)
		if s.Groups != nil {
			one["groups"] = texts(s.Groups)
		}
		variables := make(map[string]any)
		for name, v := range s.Variables {
			variables[name] = v
		}
		if len(variables) > 0 {
			one["variables"] = variables
		}
		services[name] = one
	}
	keys := make(map[string]any)
	for name, k := range c.Keys {
		one := make(map[string]any)
		set(one, "cname", k.CNAME)
		set(one, "record", k.Record)
		keys[name] = one
	}
	if len(c.MX) > 0 {
		all["mx"] = texts(c.MX)
	}
	for name, part := range map[string]map[string]any{"services": services, "keys": keys, "extra": plainExtra(c)} {
		if len(part) > 0 {
			all[name] = part
		}
	}
	if c.DMARC != nil {
		all["dmarc"] = map[string]any{"existing": c.DMARC.Existing}
	}
	if c.MTASTS != nil {
		one := map[string]any{"existing": c.MTASTS.Existing}
		set(one, "host", c.MTASTS.Host)
		if len(c.MTASTS.Addresses) > 0 {
			one["addresses"] = texts(c.MTASTS.Addresses)
		}
		all["mta_sts"] = one
	}
	if c.TLSRPT != nil {
		all["tls_rpt"] = map[string]any{"reports": texts(c.TLSRPT.Reports)}
	}
	if c.BIMI != nil {
		one := make(map[string]any)
		set(one, "logo", c.BIMI.Logo)
		set(one, "certificate", c.BIMI.Certificate)
		set(one, "avatar", c.BIMI.Avatar)
		if c.BIMI.Declined {
			one["declined"] = true
		}
		all["bimi"] = one
	}
	return all
}

func plainExtra(c compose.Config) map[string]any {
	all := make(map[string]any)
	for id, e := range c.Extra {
		one := map[string]any{"name": e.Name, "type": e.Type, "value": e.Value}
		if e.TTL != 0 {
			one["ttl"] = int(e.TTL)
		}
		all[id] = one
	}
	return all
}

// fromCty turns a value of HCL into maps, lists and texts.
func fromCty(v cty.Value) any {
	switch {
	case v.Type() == cty.String:
		return v.AsString()
	case v.Type() == cty.Bool:
		return v.True()
	case v.Type() == cty.Number:
		n, _ := v.AsBigFloat().Int64()
		return int(n)
	case v.Type().IsTupleType():
		list := []any{}
		for _, e := range v.AsValueSlice() {
			list = append(list, fromCty(e))
		}
		return list
	}
	values := make(map[string]any)
	for name, e := range v.AsValueMap() {
		values[name] = fromCty(e)
	}
	return values
}

func writings() map[string]compose.Config {
	return map[string]compose.Config{
		"empty": {Domain: example},
		"all":   {Domain: example, Existing: "v=spf1 exists:%{i}.a.example +all", Options: merge.Options{All: merge.AllPass, AllowPassAll: true}, TTL: 300},
		"services and keys": {
			Domain: example, Options: merge.Options{All: merge.AllFail}, Mechanisms: []string{"ip6:2001:db8::/32", "exists:%{ir}.${a}.example"},
			Services: map[string]compose.Service{
				"mailchimp":    {},
				"microsoft365": {Groups: []string{"spf", "mx"}, Variables: map[string]string{"mx_target": "a.example", "cloud": "x"}},
				"sendgrid_a":   {Service: "sendgrid", Host: "a.b", Groups: []string{}},
			},
			Keys: map[string]compose.Key{"200608": {CNAME: "a.example"}, "a.b": {Record: "v=DKIM1; p=AAAA"}, "yes": {CNAME: "b.example"}},
		},
		"policies and mail hosts": {
			Domain: example, MX: []string{"10 mx.example.net", "20 mx2.example.net"},
			DMARC:  &dmarc.Config{Existing: `v=DMARC1; p=none; x="${y}"`},
			MTASTS: &compose.MTASTS{Existing: "v=STSv1; id=1", Addresses: []string{"192.0.2.1"}},
			TLSRPT: &tlsrpt.Config{Reports: []string{"mailto:a@example.com"}},
			BIMI:   &compose.BIMI{Config: bimi.Config{Logo: "https://example.com/l.svg", Certificate: "https://example.com/c.pem", Avatar: "personal"}},
			Extra:  map[string]compose.Extra{"ms": {Name: "@", Type: "TXT", Value: "MS=ms1"}, "a b": {Name: "www", Type: "CNAME", Value: "a.example", TTL: 60}},
		},
		"no logo": {Domain: example, BIMI: &compose.BIMI{Config: bimi.Config{Declined: true}}, MTASTS: &compose.MTASTS{Existing: "v=STSv1; id=1", Host: "sts.example.net"}},
		"hostile": {
			Domain: example, Existing: "\"${file(\"x\")}%{ for a in b }\\\n\t\u202e\u2028é😀 ##vso[x]y ::error::",
			Keys: map[string]compose.Key{"${x}\"\n": {CNAME: "a: b # c"}, "- a": {CNAME: "@x"}, "null": {Record: "%{if}$${"}},
		},
	}
}

// HCL is formatted, and means the configuration; so does YAML.
func TestWritten(t *testing.T) {
	t.Parallel()
	for name, config := range writings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := discover.Result{Domain: example, Config: config}
			text := r.HCL()
			if diff := cmp.Diff(string(hclwrite.Format([]byte(text))), text); diff != "" {
				t.Errorf("HCL is not formatted (-formatted +written):\n%s", diff)
			}
			file, diags := hclsyntax.ParseConfig([]byte(text), "x.tf", hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatalf("HCL: %v\n%s", diags, text)
			}
			block := file.Body.(*hclsyntax.Body).Blocks[0]
			got, diags := block.Body.Attributes["example_com"].Expr.Value(nil)
			if diags.HasErrors() {
				t.Fatalf("HCL: %v\n%s", diags, text)
			}
			want := plain(config)
			want["domain"] = "example.com"
			if diff := cmp.Diff(any(want), fromCty(got)); diff != "" {
				t.Errorf("HCL means something else (-want +got):\n%s\n%s", diff, text)
			}
			delete(want, "domain")
			var entry map[string]map[string]any
			if err := yaml.Unmarshal([]byte(r.YAML()), &entry); err != nil {
				t.Fatalf("YAML: %v\n%s", err, r.YAML())
			}
			if diff := cmp.Diff(want, entry["example.com"]); diff != "" && len(want) > 0 {
				t.Errorf("YAML means something else (-want +got):\n%s\n%s", diff, r.YAML())
			}
			for _, written := range []string{text, r.YAML()} {
				if strings.ContainsFunc(written, func(c rune) bool { return c != '\n' && (c < ' ' || c > '~') }) || strings.Contains(written, "##vso[") || strings.Contains(written, "::error") {
					t.Errorf("acts where it is shown: %q", written)
				}
			}
		})
	}
}

// The name of the local value is one, whatever the domain is.
func TestWrittenName(t *testing.T) {
	t.Parallel()
	for domain, want := range map[string]string{
		"example.com": "example_com", "163.com": "_163_com", "1e3.example": "_1e3_example", "no": "_no", "for": "_for", "null": "_null",
		"xn--bcher-kva.example": "xn__bcher_kva_example", "_a.example": "_a_example", "1.2": "_1_2",
	} {
		t.Run(domain, func(t *testing.T) {
			t.Parallel()
			r := discover.Result{Domain: dnsname.MustParse(domain), Config: compose.Config{Domain: dnsname.MustParse(domain)}}
			file, diags := hclsyntax.ParseConfig([]byte(r.HCL()), "x.tf", hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatalf("HCL: %v\n%s", diags, r.HCL())
			}
			if file.Body.(*hclsyntax.Body).Blocks[0].Body.Attributes[want] == nil || !hclsyntax.ValidIdentifier(want) {
				t.Errorf("HCL has not the name %s:\n%s", want, r.HCL())
			}
			var entry map[string]map[string]any
			if err := yaml.Unmarshal([]byte(r.YAML()), &entry); err != nil || !slices.Equal(slices.Collect(maps.Keys(entry)), []string{domain}) {
				t.Errorf("YAML: %v\n%s", err, r.YAML())
			}
		})
	}
}
