package provider_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// examples returns the folders below examples/ that hold a configuration which plans as it stands.
func examples(t *testing.T) []string {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir("../../examples", func(path string, d fs.DirEntry, err error) error {
		if err == nil && path == filepath.FromSlash(dnsProviderExamples) {
			return fs.SkipDir // modules: TestDNSProviderExamples calls them
		}
		if err == nil && filepath.Ext(path) == ".tf" && !slices.Contains(dirs, filepath.Dir(path)) {
			dirs = append(dirs, filepath.Dir(path))
		}
		return err
	})
	if err != nil || len(dirs) == 0 {
		t.Fatalf("examples: %d folders, %v", len(dirs), err)
	}
	return dirs
}

// newExample sets up a copy of an example.
func newExample(t *testing.T, dir string) (c cli, text string) {
	t.Helper()
	c = newCLI(t, "")
	if err := os.Remove(filepath.Join(c.dir, "main.tf")); err != nil {
		t.Fatal(err)
	}
	return c, copyExample(t, dir, c.dir)
}

// copyExample copies an example into a folder, and returns its text. Examples of documentation leave out what every
// configuration has.
func copyExample(t *testing.T, dir, folder string) (text string) {
	t.Helper()
	if err := os.CopyFS(folder, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text += string(data)
	}
	if !strings.Contains(text, "required_providers") {
		write(t, filepath.Join(folder, "required.tf"), cliHeader)
	}
	return text
}

// plannedExample is what one plan of all examples says of one of them.
type plannedExample struct {
	text             string // its configuration
	outputs, creates bool   // whether there are any
	values           string // what is planned, as JSON
}

// planExamples plans examples as modules of one configuration. It returns what is planned by their folders.
func planExamples(t *testing.T, dirs []string) map[string]plannedExample {
	t.Helper()
	c := newReleasedCLI(t, "") // One of them has a provider block.
	planned := make(map[string]plannedExample)
	var root strings.Builder
	for i, dir := range dirs {
		folder := filepath.Join(c.dir, module(i))
		text := copyExample(t, dir, folder)
		planned[dir] = plannedExample{text: text}
		fmt.Fprintf(&root, "module %[1]q {\n  source = \"./%[1]s\"\n}\n", module(i))
		root.WriteString(outputsOf(module(i), text))
	}
	c.configure(t, root.String())
	c.run(t, "get")
	c.run(t, "plan", "-out=plan")
	var plan struct {
		Outputs map[string]struct {
			Actions []string
			After   any
		} `json:"output_changes"`
		Resources []struct {
			Address string
			Change  struct {
				Actions []string
				After   any
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(c.run(t, "show", "-json", "plan")), &plan); err != nil {
		t.Fatal(err)
	}
	for i, dir := range dirs {
		p := planned[dir]
		for name, output := range plan.Outputs {
			if of, _, _ := strings.Cut(name, "__"); of == module(i) {
				p.outputs = p.outputs || slices.Equal(output.Actions, []string{"create"})
				p.values += compact(t, output.After)
			}
		}
		for _, r := range plan.Resources {
			if strings.HasPrefix(r.Address, "module."+module(i)+".") {
				p.creates = p.creates || slices.Equal(r.Change.Actions, []string{"create"})
				p.values += compact(t, r.Change.After)
			}
		}
		planned[dir] = p
	}
	return planned
}

// outputsOf are the outputs of a module as those of the root, by the names of module and output.
func outputsOf(module, text string) string {
	var b strings.Builder
	for _, output := range regexp.MustCompile(`(?m)^output "(\w+)"`).FindAllStringSubmatch(text, -1) {
		fmt.Fprintf(&b, "output \"%s__%[2]s\" {\n  value = module.%[1]s.%[2]s\n}\n", module, output[1])
	}
	return b.String()
}

// Every example plans as it stands. Nothing is asked for a plan that creates. What an example says of a value in a comment is
// what is planned.
func TestExamples(t *testing.T) {
	t.Parallel()
	comments := exampleComments()
	for dir, p := range planExamples(t, examples(t)) {
		name := strings.TrimPrefix(filepath.ToSlash(dir), "../../examples/")
		value, commented := comments[name]
		delete(comments, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(p.text, "\noutput ") && !p.outputs {
				t.Error("terraform plan has no outputs")
			}
			if strings.Contains(p.text, "\nresource ") && !p.creates {
				t.Error("terraform plan creates nothing")
			}
			if commented && !strings.Contains(p.text, "# "+value+"\n") {
				t.Errorf("no comment says %q", value)
			}
			if commented && !strings.Contains(p.values, compact(t, value)) {
				t.Errorf("terraform plans\n%s\nwant the value %q", p.values, value)
			}
		})
	}
	if len(comments) > 0 {
		t.Errorf("there are no examples for the comments %q", comments)
	}
}

// exampleComments are values that examples show in comments, by the example.
func exampleComments() map[string]string {
	return map[string]string{
		"data-sources/maildomain_spf":     "v=spf1 include:spf.protection.outlook.com include:spf.catglobe.example ip4:192.0.2.25 -all",
		"functions/dkim_parse":            "ed25519, 256 bits",
		"functions/dkim_record":           "v=DKIM1; k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=",
		"functions/dmarc_parse":           "reject",
		"functions/mta_sts_parse":         "enforce: mail.example.com, *.example.net",
		"functions/tls_rpt_parse":         "mailto:tls-reports@example.com https://reports.example.net/tls",
		"functions/bimi_parse":            "https://example.com/logo.svg",
		"functions/tlsa_record":           "3 1 1 dfcb14df129bb6ad2fa7f1d445d7ec30b8f1f9b16d87ab53090963973923b57c",
		"functions/records":               "v=spf1 ip4:192.0.2.25 include:spf.protection.outlook.com -all",
		"data-sources/maildomain_records": "v=spf1 ip4:192.0.2.25 include:spf.catglobe.example include:spf.protection.outlook.com -all",
		"functions/relative_name":         "_dmarc.news",
		"functions/spf_merge":             "v=spf1 include:spf.protection.outlook.com include:_spf.example.net -all",
		"data-sources/maildomain_dmarc":   "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com,mailto:example.com@reports.example.net",
		"data-sources/maildomain_parked":  "v=DMARC1; p=reject; sp=reject; np=reject; rua=mailto:dmarc@example.com",
		"data-sources/maildomain_mta_sts": "https://mta-sts.example.com/.well-known/mta-sts.txt",
		"data-sources/maildomain_tls_rpt": "v=TLSRPTv1; rua=mailto:tls-reports@example.com",
		"data-sources/maildomain_bimi":    "v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/logo.pem",
		"catglobe-alone":                  "v=spf1 include:spf.catglobe.example -all",
	}
}

// The two modules in the guide to fleets plan, an instance for each domain.
func TestFleetsGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../templates/guides/fleets.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(guide), "```terraform\n")
	if len(blocks) != 3 {
		t.Fatalf("the guide has %d modules, want 2", len(blocks)-1)
	}
	_, list, _ := strings.Cut(blocks[0], "```yaml\n")
	list, _, _ = strings.Cut(list, "```\n")
	root, _, _ := strings.Cut(blocks[1], "```\n")
	domain, _, _ := strings.Cut(blocks[2], "```\n")
	c := newCLI(t, root)
	if err := os.Mkdir(filepath.Join(c.dir, "domain"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(c.dir, "domain", "main.tf"), domain)
	write(t, filepath.Join(c.dir, "domains.yaml"), list)
	c.run(t, "get")
	out := c.run(t, "plan", "-no-color")
	for _, want := range []string{
		`module.domain["example.com"].terraform_data.dns["example.com/spf"]`, `v=spf1 ip4:192.0.2.25 include:spf.protection.outlook.com -all`,
		`module.domain["example.net"].terraform_data.dns["example.net/mailchimp/k2"]`, "10 to add",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("terraform plan printed:\n%s\nwant %q in it", out, want)
		}
	}
}

// The first configuration in the README plans to the records that the README shows.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "```terraform\n")
	configuration, rest, ended := strings.Cut(rest, "```\n")
	_, rest, shown := strings.Cut(rest, "```\n")
	records, _, closed := strings.Cut(rest, "```\n")
	if !found || !ended || !shown || !closed {
		t.Fatal("the README has no configuration with its records behind it")
	}
	c := newCLI(t, "")
	write(t, filepath.Join(c.dir, "main.tf"), configuration)
	out := c.run(t, "plan", "-no-color")
	lines := strings.Split(strings.TrimSpace(records), "\n")
	if want := fmt.Sprintf("Plan: %d to add", len(lines)+1); !strings.Contains(out, want) {
		t.Errorf("terraform plan printed:\n%s\nwant %q: a resource for each record, and the validation", out, want)
	}
	for _, line := range lines {
		if !strings.Contains(out, fmt.Sprintf("= %q\n", line)) {
			t.Errorf("terraform plan printed:\n%s\nwant the record %s", out, line)
		}
	}
}
