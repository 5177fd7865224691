package provider_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// A documented configuration is a block of a page, or several that the page marks as files of one configuration: the
// first line of such a block is a comment with the name of its file. Another main.tf begins another configuration.
type documented struct {
	page  page
	line  int
	files map[string]string
}

func (d documented) String() string { return fmt.Sprintf("%s:%d", d.page.path, d.line) }

var (
	// fileMark is the first line of a block that is a file beside others.
	fileMark = regexp.MustCompile(`^# ((?:[\w-]+/)*[\w-]+\.(?:tf|yaml|hcl|tftest\.hcl|tfcomponent\.hcl))\n`)
	// copied is a module that the reader copies from the examples.
	copied = regexp.MustCompile(`source\s*=\s*"\./([\w/-]+)"\s*# a copy of (examples/[\w/-]+)`)
	// blank is a value that the reader fills in.
	blank = regexp.MustCompile(`"…"`)
)

// configurations returns the configurations of all pages. What a template and the page made of it both show is there once.
func configurations(t *testing.T) (all []documented, blocks int) {
	t.Helper()
	seen := make(map[string]bool)
	for _, p := range pages(t) {
		var files *documented // of which more may follow
		for _, b := range p.blocks() {
			file := "" // of a configuration with several
			if mark := fileMark.FindStringSubmatch(b.text); len(mark) > 1 {
				file = mark[1]
			}
			isTerraform := b.language == "terraform" || b.language == "hcl" || b.language == "tf"
			if isTerraform {
				blocks++
			}
			switch {
			case file != "" && (files == nil || files.files[file] != ""):
				files = &documented{p, b.line, map[string]string{file: b.text}}
				all = append(all, *files)
			case file != "":
				files.files[file] = b.text
			case isTerraform:
				all = append(all, documented{p, b.line, map[string]string{"main.tf": b.text}})
			}
		}
	}
	return slices.DeleteFunc(all, func(d documented) bool {
		key := d.page.name() + fmt.Sprint(d.files)
		was := seen[key]
		seen[key] = true
		return was
	}), blocks
}

// around names what the blocks of a page take from the configuration around them, beside what other blocks of the page
// declare. It is unknown in the test.
var around = map[string][]string{
	"guides/audit":         {"local.services"},
	"guides/ci":            {"local.records", "terraform_data.dns"},
	"guides/private-zones": {"local.records", "local.inside_records"},
	"guides/key-rotation":  {"local.keys", "local.old", "local.new"},
	"guides/validation":    {"local.records", "terraform_data.dns"},
}

// Each configuration of the documentation is valid for the real CLI, with this provider and with the resources of others
// as their schemas are. All are modules of one configuration, so that one run validates them.
func TestDocumentedConfigurations(t *testing.T) {
	t.Parallel()
	c := newCLI(t, "")
	c.standIns(t)
	all, blocks := configurations(t)
	if len(all) < 200 {
		t.Fatalf("there are %d configurations: the test does not see them", len(all))
	}
	root, validated := cliHeader+given, 0
	for i, d := range all {
		if d.imports() || !d.terraform() {
			continue // TestDocumentedImports, TestDocumentedForeignFiles
		}
		name := fmt.Sprintf("documented%d", i)
		variables, err := d.write(filepath.Join(c.dir, name), all)
		if err != nil {
			t.Errorf("%s: %v", d, err)
			continue
		}
		root += fmt.Sprintf("module %q {\n  source = \"./%s\"\n", name, name)
		for _, variable := range variables {
			root += fmt.Sprintf("  %s = var.given\n", variable)
		}
		root += "}\n"
		validated++
	}
	write(t, filepath.Join(c.dir, "main.tf"), root)
	c.run(t, "get")
	t.Logf("%d blocks, %d different configurations, %d of them here", blocks, len(all), validated)
	c.validate(t, func(d diagnostic) string {
		folder, file, _ := strings.Cut(filepath.ToSlash(d.Range.Filename), "/")
		var number int
		if _, err := fmt.Sscanf(folder, "documented%d", &number); err != nil {
			return d.Range.Filename
		}
		return fmt.Sprintf("%s, %s", all[number], file)
	})
}

// terraform reports whether the configuration is one of Terraform's own language.
func (d documented) terraform() bool { return d.files["main.tf"] != "" }

// imports reports whether the configuration has an import block, which stands in a root module alone.
func (d documented) imports() bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(d.files)), func(text string) bool {
		return strings.Contains("\n"+text, "\nimport {")
	})
}

// given is the variable that stands for all that is not known of a configuration.
const given = "variable \"given\" {\n  type = any\n}\n"

// The configurations with import blocks are valid as well.
func TestDocumentedImports(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	all, _ := configurations(t)
	importing := slices.DeleteFunc(slices.Clone(all), func(d documented) bool { return !d.imports() })
	if len(importing) == 0 {
		t.Fatal("there is no such configuration: the test does not see it")
	}
	for _, d := range importing {
		t.Run(strings.ReplaceAll(d.page.name(), "/", "-"), func(t *testing.T) {
			t.Parallel()
			c := newCLI(t, "")
			c.standIns(t)
			if _, err := d.write(c.dir, all); err != nil {
				t.Fatalf("%s: %v", d, err)
			}
			c.run(t, "get")
			c.validate(t, func(found diagnostic) string { return fmt.Sprintf("%s, %s", d, found.Range.Filename) })
		})
	}
}

// Files for other tools, which the CLI does not read, can be parsed. That is all that is known of them here.
func TestDocumentedForeignFiles(t *testing.T) {
	t.Parallel()
	all, _ := configurations(t)
	count := 0
	for _, d := range all {
		for name, text := range d.files {
			if filepath.Ext(name) == ".hcl" && !strings.HasSuffix(name, ".tftest.hcl") {
				count++
				if _, diagnostics := hclsyntax.ParseConfig([]byte(text), name, hcl.InitialPos); diagnostics.HasErrors() {
					t.Errorf("%s: %v", d, diagnostics)
				}
			}
		}
	}
	if count == 0 {
		t.Error("there is no such file: the test does not see it")
	}
}

// The tests that the documentation shows pass, and ask no DNS: the CLI runs them.
func TestDocumentedTests(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	all, _ := configurations(t)
	count := 0
	for _, d := range all {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(d.files)), func(name string) bool { return strings.HasSuffix(name, ".tftest.hcl") }) {
			continue
		}
		count++
		t.Run(strings.ReplaceAll(d.page.name(), "/", "-"), func(t *testing.T) {
			t.Parallel()
			c := newCLI(t, "")
			if _, err := d.write(c.dir, all); err != nil {
				t.Fatalf("%s: %v", d, err)
			}
			if out := c.run(t, "test", "-no-color"); !strings.Contains(out, "Success!") {
				t.Errorf("%s: terraform test printed:\n%s", d, out)
			}
		})
	}
	if count == 0 {
		t.Error("there is no such test: the test does not see it")
	}
}

// write writes the configuration as a module, and what it takes from around it. It returns the variables to set.
func (d documented) write(folder string, all []documented) ([]string, error) {
	declared, referred := newNames(), make(map[string]bool)
	files := maps.Clone(d.files)
	for name, text := range files {
		if !strings.HasSuffix(name, ".tf") {
			continue
		}
		text, err := completed(blank.ReplaceAllString(text, "var.given"))
		if err != nil {
			return nil, err
		}
		files[name] = text
		if path.Dir(name) != "." {
			continue // a module of its own, which declares all that it needs
		}
		if err := declared.read(text, referred); err != nil {
			return nil, err
		}
		if !strings.Contains(text, "required_providers") && name == "main.tf" {
			files["required.tf"] = cliHeader
		}
		for _, module := range copied.FindAllStringSubmatch(text, -1) {
			if err := os.CopyFS(filepath.Join(folder, module[1]), os.DirFS(filepath.Join(repository, module[2]))); err != nil {
				return nil, err
			}
		}
	}
	variables := slices.Sorted(maps.Keys(declared.required))
	resources, err := d.given(referred, declared, all)
	if err != nil {
		return nil, err
	}
	if resources != "" {
		files["given.tf"] = given + resources
		variables = append(variables, "given")
	}
	for name, text := range files {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return variables, nil
}

// completed returns a configuration. Attributes alone are an excerpt of what the function records is called with.
func completed(text string) (string, error) {
	file, diagnostics := hclsyntax.ParseConfig([]byte(text), "block", hcl.InitialPos)
	if diagnostics.HasErrors() {
		return "", diagnostics
	}
	body, _ := file.Body.(*hclsyntax.Body)
	if len(body.Attributes) == 0 {
		return text, nil
	}
	if len(body.Blocks) > 0 {
		return "", errors.New("attributes stand beside blocks")
	}
	return "locals {\n  excerpt = provider::maildomain::records({\n  domain = \"example.com\"\n" + text + "})\n}\n", nil
}

// given declares what the configuration refers to and does not declare: unknown values, or resources without values.
func (d documented) given(referred map[string]bool, declared names, all []documented) (string, error) {
	elsewhere := newNames()
	for _, other := range all {
		if other.page.path == d.page.path {
			for name, text := range other.files {
				if text, err := completed(text); err == nil && path.Dir(name) == "." && strings.HasSuffix(name, ".tf") {
					_ = elsewhere.read(text, make(map[string]bool)) // Its own turn tells what is wrong with it.
				}
			}
		}
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(referred)) {
		if declared.all[name] {
			continue
		}
		if name != "var.given" && !elsewhere.all[name] && !slices.Contains(around[d.page.name()], name) {
			return "", fmt.Errorf("it refers to %s, which no block of the page declares", name)
		}
		switch parts := strings.Split(name, "."); {
		case name == "var.given":
			b.WriteString("# given\n")
		case parts[0] == "local":
			fmt.Fprintf(&b, "locals {\n  %s = var.given\n}\n", parts[1])
		case parts[0] == "maildomain_validation":
			fmt.Fprintf(&b, "resource %q %q {\n  records = var.given\n}\n", parts[0], parts[1])
		case parts[0] == "terraform_data":
			fmt.Fprintf(&b, "resource %q %q {}\n", parts[0], parts[1])
		default:
			return "", fmt.Errorf("it refers to %s, which the block does not declare", name)
		}
	}
	return b.String(), nil
}

// names is what a configuration declares, as expressions refer to it, and those of its variables that have to be set.
type names struct{ all, required map[string]bool }

func newNames() names { return names{make(map[string]bool), make(map[string]bool)} }

// read adds what a file declares, and to referred what its expressions refer to.
func (n names) read(text string, referred map[string]bool) error {
	file, diagnostics := hclsyntax.ParseConfig([]byte(text), "block", hcl.InitialPos)
	if diagnostics.HasErrors() {
		return diagnostics
	}
	body, _ := file.Body.(*hclsyntax.Body)
	for _, block := range body.Blocks {
		switch block.Type {
		case "variable":
			n.all["var."+block.Labels[0]] = true
			n.required[block.Labels[0]] = block.Body.Attributes["default"] == nil
		case "locals":
			for name := range block.Body.Attributes {
				n.all["local."+name] = true
			}
		case "resource":
			n.all[strings.Join(block.Labels, ".")] = true
		case "data", "module":
			n.all[block.Type+"."+strings.Join(block.Labels, ".")] = true
		case "check":
			for _, inner := range block.Body.Blocks {
				if inner.Type == "data" {
					n.all["data."+strings.Join(inner.Labels, ".")] = true
				}
			}
		}
	}
	maps.DeleteFunc(n.required, func(_ string, required bool) bool { return !required })
	references(body, referred)
	return nil
}

// references adds what the expressions of a body refer to.
func references(body *hclsyntax.Body, to map[string]bool) {
	for name, attribute := range body.Attributes {
		if slices.Contains([]string{"type", "provider", "providers", "ignore_changes", "to"}, name) {
			continue // These name types and addresses.
		}
		for _, traversal := range attribute.Expr.Variables() {
			steps := []string{traversal.RootName()}
			for _, step := range traversal[1:] {
				if step, ok := step.(hcl.TraverseAttr); ok {
					steps = append(steps, step.Name)
				}
			}
			length := 2
			if steps[0] == "data" {
				length = 3
			}
			if !slices.Contains([]string{"each", "count", "self", "path", "terraform"}, steps[0]) && len(steps) >= length {
				to[strings.Join(steps[:length], ".")] = true
			}
		}
	}
	for _, block := range body.Blocks {
		if block.Type != "terraform" {
			references(block.Body, to)
		}
	}
}

// validate fails the test for each error of terraform validate, which it says the place of.
func (c cli) validate(t *testing.T, place func(diagnostic) string) {
	t.Helper()
	cmd, _ := c.command(t.Context(), "validate", "-json")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	failed := cmd.Run()
	found := 0
	for _, d := range diagnostics(t, stdout.Bytes()) {
		if d.Severity == "error" {
			found++
			t.Errorf("%s: %s: %s", place(d), d.Summary, d.Detail)
		}
	}
	if failed != nil && found == 0 {
		t.Fatalf("terraform validate: %v\n%s%s", failed, &stdout, &stderr)
	}
}
