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

// newDNSProviderExample sets up an example with a stand-in for its DNS provider.
func newDNSProviderExample(t *testing.T, name string) (c cli, text string) {
	t.Helper()
	c, text = newExample(t, filepath.Join(dnsProviderExamples, name))
	var values strings.Builder
	variables := dnsProviderVariables()
	for _, variable := range slices.Sorted(maps.Keys(variables)) {
		if strings.Contains(text, fmt.Sprintf("variable %q", variable)) {
			fmt.Fprintf(&values, "%s = %s\n", variable, variables[variable])
		}
	}
	write(t, filepath.Join(c.dir, "terraform.tfvars"), values.String())
	path := filepath.Join("testdata", "schemas", name+".json")
	if _, err := os.Stat(path); err != nil {
		return c, text // records alone
	}
	schema, err := readProviderSchema(path)
	if err != nil {
		t.Fatal(err)
	}
	c.providers[schema.Provider] = func() tfprotov6.ProviderServer { return standIn{resources: schema.Resources} }
	return c, text
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
			Resources []struct {
				Address   string
				DependsOn []string `json:"depends_on"`
			}
		} `json:"root_module"`
	}
}

type plannedResource struct {
	Address, Type string
	Values        map[string]any
}

// render writes what each resource of the DNS provider gets, and the outputs that are known.
func (p planned) render(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	resources := slices.SortedFunc(slices.Values(p.Values.Root.Resources), func(a, b plannedResource) int {
		return strings.Compare(a.Address, b.Address)
	})
	for _, r := range resources {
		if strings.HasPrefix(r.Type, "maildomain_") {
			continue
		}
		fmt.Fprintln(&b, r.Address)
		for _, name := range slices.Sorted(maps.Keys(r.Values)) {
			if r.Values[name] != nil {
				fmt.Fprintf(&b, "  %s = %s\n", name, compact(t, r.Values[name]))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Values.Outputs)) {
		if text, ok := p.Values.Outputs[name].Value.(string); ok {
			fmt.Fprintf(&b, "output %s\n%s", name, text)
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

// The modules for DNS providers plan with the schema of the real provider, give each of its resources what it wants,
// and validate only once all of them are made. What they give is stable: applied, it plans nothing more.
func TestDNSProviderExamples(t *testing.T) {
	t.Parallel()
	folders, err := os.ReadDir(dnsProviderExamples)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		name := folder.Name()
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := newDNSProviderExample(t, name)
			p := c.planned(t)
			compareGolden(t, filepath.Join("testdata", "dnsproviders", name+".golden"), p.render(t))

			var resources, waits []string
			for _, r := range p.Configuration.Root.Resources {
				if r.Address == "maildomain_validation.mail" {
					waits = r.DependsOn
				} else {
					resources = append(resources, r.Address)
				}
			}
			slices.Sort(waits)
			slices.Sort(resources)
			if diff := cmp.Diff(resources, waits); diff != "" {
				t.Errorf("the validation does not wait for all resources: -resources +depends_on\n%s", diff)
			}
			if len(resources) == 0 {
				return
			}
			var targets []string
			for _, address := range resources {
				targets = append(targets, "-target="+address)
			}
			c.apply(t, targets...)
			c.plan(t, 0, targets...)
		})
	}
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
	commented := regexp.MustCompile(`(?s)\n(# import \{\n.*?\n# \}\n)`)
	for _, name := range dnsProviders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, text := newDNSProviderExample(t, name)
			block := commented.FindStringSubmatch(text)
			if block == nil {
				t.Fatal("the module shows no import block")
			}
			write(t, filepath.Join(c.dir, "import.tf"), regexp.MustCompile(`(?m)^# `).ReplaceAllString(block[1], ""))
			if out := c.plan(t, 2); !strings.Contains(out, "Plan: 1 to import,") {
				t.Errorf("terraform plan imports nothing:\n%s", out)
			}
		})
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
		text := c.copyExample(t, name, name)
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

// copyExample copies an example into a folder, and returns its text.
func (c cli) copyExample(t *testing.T, name, folder string) string {
	t.Helper()
	from := filepath.Join(dnsProviderExamples, name)
	if err := os.CopyFS(filepath.Join(c.dir, folder), os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(from, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
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
			write(t, filepath.Join(c.dir, call+".tf"), moduleCall(call, call, c.copyExample(t, example, call), values))
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
