package provider_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// newExample sets up a copy of an example. Examples of documentation leave out what every configuration has.
func newExample(t *testing.T, dir string) (c cli, text string) {
	t.Helper()
	c = newCLI(t, "")
	header := filepath.Join(c.dir, "main.tf")
	required, err := os.ReadFile(header)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(header); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(c.dir, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(c.dir, "*.tf"))
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
		write(t, filepath.Join(c.dir, "required.tf"), string(required))
	}
	return c, text
}

// Every example plans as it stands. Nothing is asked for a plan that creates. What an example says of a value in a comment is
// what the plan shows.
func TestExamples(t *testing.T) {
	t.Parallel()
	comments := exampleComments()
	dirs := examples(t)
	for _, dir := range dirs {
		name := strings.TrimPrefix(filepath.ToSlash(dir), "../../examples/")
		value, commented := comments[name]
		delete(comments, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, text := newExample(t, dir)
			out := c.run(t, "plan", "-no-color")
			if strings.Contains(text, "\noutput ") && !strings.Contains(out, "Changes to Outputs:") {
				t.Errorf("terraform plan shows no outputs:\n%s", out)
			}
			if strings.Contains(text, "\nresource ") && !strings.Contains(out, "to add, 0 to change, 0 to destroy") {
				t.Errorf("terraform plan creates nothing:\n%s", out)
			}
			if commented && !strings.Contains(text, "# "+value+"\n") {
				t.Errorf("no comment says %q", value)
			}
			if commented && !strings.Contains(out, `= "`+value+`"`) {
				t.Errorf("terraform plan printed:\n%s\nwant the value %q", out, value)
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
