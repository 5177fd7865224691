package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// refusal is a configuration with one mistake, and a part of the error that tells the user what to do.
type refusal struct{ config, says string }

// refused plans configurations that have to fail, and checks what they say.
func refused(t *testing.T, cases map[string]refusal) {
	t.Helper()
	configs := make(map[string]string)
	for name, refusal := range cases {
		configs[name] = refusal.config
	}
	said, _ := faults(t, configs)
	for name, refusal := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := said[name]
			if len(got) == 0 {
				t.Fatalf("the plan has no error, want %q", refusal.says)
			}
			if !says(refusal.says).MatchString(strings.Join(got, "\n")) {
				t.Errorf("the plan fails with\n%s\nwant %q", strings.Join(got, "\n"), refusal.says)
			}
		})
	}
}

// faults plans configurations by their names, each as a module of its own: Terraform starts a few times, not a few times for
// each. What stops at validation is out of the plan, which has the rest. It returns the errors of each, and all that Terraform
// printed.
func faults(t *testing.T, configs map[string]string) (said map[string][]string, printed string) {
	t.Helper()
	names := slices.Sorted(maps.Keys(configs))
	c := newReleasedCLI(t, "")
	for i, name := range names {
		dir := filepath.Join(c.dir, module(i))
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "main.tf"), cliHeader+configs[name])
	}
	var log bytes.Buffer
	c.log = &log
	validation := c.errors(t, names, nil, "validate", "-json")
	plan := c.errors(t, names, validation, "plan", "-json", "-input=false")
	said = make(map[string][]string)
	for i, name := range names {
		said[name] = slices.Concat(validation[module(i)], plan[module(i)])
	}
	return said, log.String()
}

// module names the module of a case.
func module(i int) string { return fmt.Sprintf("case%d", i) }

// errors runs Terraform on the modules that are not done, and returns the errors of each.
func (c cli) errors(t *testing.T, names []string, done map[string][]string, args ...string) map[string][]string {
	t.Helper()
	var root strings.Builder
	for i := range names {
		if done[module(i)] == nil {
			fmt.Fprintf(&root, "module %[1]q {\n  source = \"./%[1]s\"\n}\n", module(i))
		}
	}
	if root.Len() == 0 {
		return nil
	}
	c.configure(t, root.String())
	c.run(t, "get")
	return c.moduleErrors(t, args...)
}

// moduleErrors runs Terraform on modules that module names, and returns the errors of each. The call of one may stand in a
// file of its name.
func (c cli) moduleErrors(t *testing.T, args ...string) map[string][]string {
	t.Helper()
	cmd, _ := c.command(t.Context(), args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	found := make(map[string][]string)
	err := cmd.Run()
	if c.log != nil {
		fmt.Fprintf(c.log, "%s%s", &stdout, &stderr)
	}
	if err == nil {
		return found
	}
	for _, d := range diagnostics(t, stdout.Bytes()) {
		if d.Severity != "error" {
			continue
		}
		// The module stands in the address where the error is about a whole object, and in the file's name where it is about a place.
		of := filepath.Dir(d.Range.Filename)
		if of == "." {
			of = strings.TrimSuffix(d.Range.Filename, ".tf")
		}
		if rest, ok := strings.CutPrefix(d.Address, "module."); ok {
			of, _, _ = strings.Cut(rest, ".")
		}
		if !strings.HasPrefix(of, "case") {
			t.Fatalf("terraform %s: an error of no case: %s: %s", args[0], d.Summary, d.Detail)
		}
		found[of] = append(found[of], d.Summary+"\n"+d.Detail)
	}
	if len(found) == 0 {
		t.Fatalf("terraform %s failed without an error:\n%s%s", args[0], &stdout, &stderr)
	}
	return found
}

// diagnostic is one of Terraform's, in JSON.
type diagnostic struct {
	Severity, Summary, Detail, Address string
	Range                              struct{ Filename string }
	Snippet                            struct{ Context string }
}

// about returns the address of what a diagnostic is about.
func (d diagnostic) about() string {
	if d.Address != "" {
		return d.Address
	}
	// It is about an attribute, whose block is named.
	return strings.NewReplacer("resource ", "", `" "`, ".", `"`, "").Replace(d.Snippet.Context)
}

// diagnostics reads them from the one object of `validate -json` or the lines of `plan -json`.
func diagnostics(t *testing.T, out []byte) []diagnostic {
	t.Helper()
	var all []diagnostic
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var message struct {
			Diagnostics []diagnostic
			Diagnostic  *diagnostic
		}
		if err := decoder.Decode(&message); err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
		all = append(all, message.Diagnostics...)
		if message.Diagnostic != nil {
			all = append(all, *message.Diagnostic)
		}
	}
	return all
}
