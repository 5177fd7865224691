package provider_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

var update = flag.Bool("update", false, "write testdata/dnsproviders anew")

const dnsProviderExamples = "../../examples/dns-providers"

// dnsProviderVariables returns what the examples are called with: a domain with an SPF record and a token at its top,
// services with a key of 2048 bits, CNAME, MX and SRV records, and the zone at each DNS provider.
func dnsProviderVariables() map[string]string {
	return map[string]string{
		"domain":   `"example.com"`,
		"existing": `"v=spf1 include:_spf.example.net ~all"`,
		"services": `{
  google_workspace = {
    groups    = ["spf", "dkim", "mx_aspmx"]
    variables = { dkim_record = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmo80hfdErfQGSx6xE5QrrpzSy4NxofmEmy20iDOECgFM4YwxVSKkYy+NKYM/ptqjWZnGYo23IcINdmastFUzj16DXu5Sdmd2x3tIaVO0J/F2/iwyP0WZFDcqWvPTb9zlQsZuOeQsIxYABbazo+GRdqjrTL/N7sPjGfgX0NGbvetAEiK7t/UtX+oL2cAh4eqFj9BnD7xgaADAN8+ahUYN6lImj/Qi6rD7YkKxMVobKrpjcO7tvVzqGQ3GaI+QVhO+hvDIrYwctL8/ci2wjlLwj24lN8cyVW5h0fhhdj88K/3Aodoocrz0wgKG7n3nAnq07ta5YT8cEnMp53KACkxsTwIDAQAB" }
  }
  microsoft365 = {
    groups = ["dkim"]
    variables = {
      selector1_target = "selector1-example-com._domainkey.example.onmicrosoft.com"
      selector2_target = "selector2-example-com._domainkey.example.onmicrosoft.com"
    }
  }
  submission = {
    template = <<-EOT
      {
        "providerId": "example.net", "providerName": "Example", "serviceId": "submission", "serviceName": "Submission",
        "version": 1,
        "records": [{
          "type": "SRV", "service": "_submission", "protocol": "_tcp", "name": "@",
          "priority": 0, "weight": 1, "port": 587, "target": "smtp.example.net", "ttl": 3600
        }]
      }
    EOT
  }
}`,
		"others": `{ token = { name = "@", type = "TXT", value = "MS=ms12345678" } }`,

		"zone":                `"example.com"`,
		"zone_id":             `"Z0123456789ABCDEFGHIJ"`,
		"managed_zone":        `"example-com"`,
		"resource_group_name": `"dns"`,
	}
}

// standIns has Terraform take stand-ins for all providers that have a schema in testdata.
func (c cli) standIns(t *testing.T) {
	t.Helper()
	resources := make(map[string]map[string]*tfprotov6.Schema) // by the provider
	for _, folder := range []string{"testdata/schemas", "testdata/schemas/services"} {
		files, err := filepath.Glob(folder + "/*.json")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d schemas, %v", folder, len(files), err)
		}
		for _, file := range files {
			schema, err := readProviderSchema(file)
			if err != nil {
				t.Fatal(err)
			}
			if resources[schema.Provider] == nil {
				resources[schema.Provider] = make(map[string]*tfprotov6.Schema)
			}
			maps.Copy(resources[schema.Provider], schema.Resources)
		}
	}
	for provider, resources := range resources {
		c.providers[provider] = func() tfprotov6.ProviderServer { return standIn{resources: resources} }
	}
}

// planned is the part of a plan's JSON that the tests look at.
type planned struct {
	Values struct {
		Outputs map[string]struct{ Value any }
		Root    struct {
			Resources []plannedResource
			Modules   []struct {
				Address   string
				Resources []plannedResource
			} `json:"child_modules"`
		} `json:"root_module"`
	} `json:"planned_values"`
	Configuration struct {
		Root struct {
			Calls map[string]struct {
				Module struct{ Resources []configuredResource }
			} `json:"module_calls"`
		} `json:"root_module"`
	}
}

type configuredResource struct {
	Address   string
	DependsOn []string `json:"depends_on"`
}

type plannedResource struct {
	Address, Type string
	Values        map[string]any
}

// render writes what each resource of the DNS provider gets in a module, and the outputs that are known, which the root module
// has by the names of module and output.
func (p planned) render(t *testing.T, module string) string {
	t.Helper()
	var b strings.Builder
	for _, m := range p.Values.Root.Modules {
		if m.Address != "module."+module {
			continue
		}
		resources := slices.SortedFunc(slices.Values(m.Resources), func(a, b plannedResource) int { return strings.Compare(a.Address, b.Address) })
		for _, r := range resources {
			if strings.HasPrefix(r.Type, "maildomain_") {
				continue
			}
			fmt.Fprintln(&b, strings.TrimPrefix(r.Address, m.Address+"."))
			for _, name := range slices.Sorted(maps.Keys(r.Values)) {
				if r.Values[name] != nil {
					fmt.Fprintf(&b, "  %s = %s\n", name, compact(t, r.Values[name]))
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Values.Outputs)) {
		text, isText := p.Values.Outputs[name].Value.(string)
		if of, output, _ := strings.Cut(name, "__"); isText && of == module {
			fmt.Fprintf(&b, "output %s\n%s", output, text)
		}
	}
	return b.String()
}

func compact(t *testing.T, value any) string {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

func (c cli) planned(t *testing.T) planned {
	t.Helper()
	c.run(t, "plan", "-out=plan")
	var p planned
	if err := json.Unmarshal([]byte(c.run(t, "show", "-json", "plan")), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// dnsProviderCalls sets up a configuration that calls the examples of the names as modules, with stand-ins for all DNS
// providers, and returns the texts of the examples.
func dnsProviderCalls(t *testing.T, names []string) (cli, map[string]string) {
	t.Helper()
	c := newCLI(t, "")
	c.standIns(t)
	texts := make(map[string]string)
	var root strings.Builder
	for _, name := range names {
		texts[name] = copyExample(t, filepath.Join(dnsProviderExamples, name), filepath.Join(c.dir, name))
		root.WriteString(moduleCall(name, name, texts[name], dnsProviderVariables()))
		root.WriteString(outputsOf(name, texts[name]))
	}
	c.configure(t, root.String())
	c.run(t, "get")
	return c, texts
}

// The modules for DNS providers plan with the schema of the real provider, give each of its resources what it wants,
// and validate only once all of them are made. What they give is stable: applied, it plans nothing more.
func TestDNSProviderExamples(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	folders, err := os.ReadDir(dnsProviderExamples)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(folders))
	for i, folder := range folders {
		names[i] = folder.Name()
	}
	c, _ := dnsProviderCalls(t, names)
	p := c.planned(t)
	var targets []string
	for _, name := range names {
		resources, waits := p.waits(name)
		for _, address := range resources {
			targets = append(targets, "-target=module."+name+"."+address)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compareGolden(t, filepath.Join("testdata", "dnsproviders", name+".golden"), p.render(t, name))
			if diff := cmp.Diff(resources, waits); diff != "" {
				t.Errorf("the validation does not wait for all resources: -resources +depends_on\n%s", diff)
			}
		})
	}
	if len(targets) == 0 {
		t.Fatal("the plan does not tell of the resources of the modules")
	}
	c.apply(t, targets...)
	c.plan(t, 0, targets...)
}

// waits returns the resources of the DNS provider in a module, and those that the validation waits for.
func (p planned) waits(module string) (resources, waits []string) {
	for _, r := range p.Configuration.Root.Calls[module].Module.Resources {
		if r.Address == "maildomain_validation.mail" {
			waits = r.DependsOn
		} else {
			resources = append(resources, r.Address)
		}
	}
	slices.Sort(waits)
	slices.Sort(resources)
	return resources, waits
}

// compareGolden compares a text with that of a file.
func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		write(t, path, got)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got (write it anew with -update)\n%s", path, diff)
	}
}

// The import block at the head of each module imports into one of its resources.
func TestDNSProviderExampleImports(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	names := dnsProviders(t)
	c, texts := dnsProviderCalls(t, names)
	commented, to := regexp.MustCompile(`(?s)\n(# import \{\n.*?\n# \}\n)`), regexp.MustCompile(`\bto = (\S+)\n`)
	var imports strings.Builder
	targets := make(map[string]string)
	for _, name := range names {
		block := commented.FindStringSubmatch(texts[name])
		if block == nil {
			t.Fatalf("%s: the module shows no import block", name)
		}
		target := to.FindStringSubmatch(block[1])
		if target == nil {
			t.Fatalf("%s: the import block has no `to`", name)
		}
		targets[name] = "module." + name + "." + target[1]
		imports.WriteString(to.ReplaceAllLiteralString(regexp.MustCompile(`(?m)^# `).ReplaceAllString(block[1], ""), "to = "+targets[name]+"\n"))
	}
	write(t, filepath.Join(c.dir, "import.tf"), imports.String())
	out := c.plan(t, 2)
	if want := fmt.Sprintf("Plan: %d to import,", len(names)); !strings.Contains(out, want) {
		t.Errorf("terraform plan printed:\n%s\nwant %q", out, want)
	}
	for name, target := range targets {
		if !strings.Contains(out, "# "+target+" will be ") {
			t.Errorf("%s: terraform plan printed:\n%s\nwant what it does with %s", name, out, target)
		}
	}
}

// dnsProviderModules calls each example twice as a module for a domain below the zone's top: with a key, and with tokens of
// Amazon SES, that another resource hands out in the same apply. It returns what is planned by the name of the call.
func dnsProviderModules(t *testing.T) map[string][]plannedResource {
	t.Helper()
	c := newCLI(t, "")
	c.standIns(t)
	var root strings.Builder
	root.WriteString(`
resource "terraform_data" "key" {
  input = "v=DKIM1; k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI="
}

resource "terraform_data" "token" {
  count = 3
  input = "token${count.index}"
}
`)
	values := dnsProviderVariables()
	delete(values, "existing")
	delete(values, "others")
	values["domain"] = `"news.example.com"`
	for _, name := range dnsProviders(t) {
		text := copyExample(t, filepath.Join(dnsProviderExamples, name), filepath.Join(c.dir, name))
		values["services"] = "{ google_workspace = { variables = { dkim_record = terraform_data.key.output } } }"
		root.WriteString(moduleCall(name+"_key", name, text, values))
		values["services"] = `{
    amazon_ses = {
      groups = ["dkim"]
      variables = {
        region       = "eu-west-1"
        dkim_token_1 = terraform_data.token[0].output
        dkim_token_2 = terraform_data.token[1].output
        dkim_token_3 = terraform_data.token[2].output
      }
    }
  }`
		root.WriteString(moduleCall(name+"_tokens", name, text, values))
	}
	c.configure(t, root.String())
	c.run(t, "get")
	all := make(map[string][]plannedResource)
	for _, m := range c.planned(t).Values.Root.Modules {
		all[strings.TrimPrefix(m.Address, "module.")] = m.Resources
	}
	return all
}

// moduleCall calls the module of a folder with those of the values that it has variables for.
func moduleCall(call, folder, text string, values map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "module %q {\n  source = \"./%s\"\n", call, folder)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if strings.Contains(text, fmt.Sprintf("variable %q", name)) {
			fmt.Fprintf(&b, "  %s = %s\n", name, values[name])
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// Called as a module for a domain below the zone's top, each example plans every resource while values are not known yet: a
// key under the owner that the DNS provider wants; and where tokens stand in owners, a resource for each of the three
// CNAMEs, with the record's key.
func TestDNSProviderExampleModules(t *testing.T) {
	t.Parallel()
	owners := map[string]string{ // of the domain
		"azure": "news", "digitalocean": "news", "hetzner": "news", "ovh": "news", "rfc2136": "news",
		"cloudflare": "news.example.com", "route53": "news.example.com",
		"google": "news.example.com.", "powerdns": "news.example.com.",
	}
	modules := dnsProviderModules(t)
	for _, name := range dnsProviders(t) {
		t.Run("a key/"+name, func(t *testing.T) {
			t.Parallel()
			got := make(map[string]bool)
			for _, r := range modules[name+"_key"] {
				for _, attribute := range []string{"name", "subdomain"} {
					if text, ok := r.Values[attribute].(string); ok {
						got[text] = true
					}
				}
			}
			owner := owners[name]
			want := map[string]bool{owner: true, "google._domainkey." + owner: true}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("owners: -want +got\n%s", diff)
			}
		})
		t.Run("tokens/"+name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range modules[name+"_tokens"] {
				if !strings.HasPrefix(r.Type, "maildomain_") {
					_, index, _ := strings.Cut(strings.TrimPrefix(r.Address, "module."), "[")
					got = append(got, "["+index)
				}
			}
			slices.Sort(got)
			want := []string{
				`["news.example.com/amazon_ses/dkim1"]`, `["news.example.com/amazon_ses/dkim2"]`, `["news.example.com/amazon_ses/dkim3"]`,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("keys: -want +got\n%s", diff)
			}
		})
	}
}

// What a module for RRsets would lose or break is an error of the plan.
func TestDNSProviderExampleRefusals(t *testing.T) {
	t.Parallel()
	const address = `{ web = { allow = ["web"], template = <<-EOT
  {
    "providerId": "example.net", "providerName": "Example", "serviceId": "web", "serviceName": "Web", "version": 1,
    "records": [{ "type": "A", "host": "web", "pointsTo": "192.0.2.1", "ttl": 3600, "x-maildomain": { "id": "web" } }]
  }
EOT
} }
`
	every := []string{"azure", "google", "hetzner", "powerdns", "rfc2136", "route53"}
	tests := map[string]struct {
		examples              []string
		variable, value, want string
	}{
		"a second SPF record": {every, "others", `{ spf = { name = "@", type = "TXT", value = "V=SPF1 -all" } }`, `receivers reject both`},
		"a CNAME of others":   {every, "others", `{ www = { name = "www", type = "CNAME", value = "example.net" } }`, `a CNAME\s+stands alone`},
		"a type of others":    {[]string{"azure", "rfc2136"}, "others", `{ www = { name = "www", type = "A", value = "192.0.2.1" } }`, `TXT, MX and\s+SRV`},
		"a type of services":  {[]string{"azure", "rfc2136"}, "services", address, `example.com/web/web\s+\(A\)`},
	}
	c := newCLI(t, "")
	c.standIns(t)
	calls := make(map[string]string) // by case and example
	for name, test := range tests {
		for _, example := range test.examples {
			call := module(len(calls))
			calls[name+"/"+example] = call
			values := dnsProviderVariables()
			values[test.variable] = test.value
			write(t, filepath.Join(c.dir, call+".tf"), moduleCall(call, call, copyExample(t, filepath.Join(dnsProviderExamples, example), filepath.Join(c.dir, call)), values))
		}
	}
	c.run(t, "get")
	refused := c.moduleErrors(t, "validate", "-json")
	for call := range refused { // The plan has the rest.
		if err := os.Remove(filepath.Join(c.dir, call+".tf")); err != nil {
			t.Fatal(err)
		}
	}
	maps.Copy(refused, c.moduleErrors(t, "plan", "-json", "-input=false"))
	for name, test := range tests {
		for _, example := range test.examples {
			t.Run(name+"/"+example, func(t *testing.T) {
				t.Parallel()
				got := strings.Join(refused[calls[name+"/"+example]], "\n")
				if !regexp.MustCompile("(?i)" + test.want).MatchString(got) {
					t.Errorf("terraform plan says not %q:\n%s", test.want, got)
				}
			})
		}
	}
}

// dnsProviders names the examples that have a DNS provider, by the schemas of these.
func dnsProviders(t *testing.T) []string {
	t.Helper()
	schemas, err := filepath.Glob("testdata/schemas/*.json")
	if err != nil || len(schemas) == 0 {
		t.Fatalf("schemas: %d, %v", len(schemas), err)
	}
	for i, schema := range schemas {
		schemas[i] = strings.TrimSuffix(filepath.Base(schema), ".json")
	}
	return schemas
}
