package verify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Each cause has one rule, which is the only place in the package that knows its code.
func TestRulesAreTheOnePlace(t *testing.T) {
	t.Parallel()
	places := make(map[string][]string) // of string literals
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			inspect(t, name, places)
		}
	}
	isCode := regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`)
	known := make(map[string]bool)
	for _, r := range rules {
		if known[r.code] {
			t.Errorf("%s has two rules", r.code)
		}
		known[r.code] = true
		if !isCode.MatchString(r.code) {
			t.Errorf("%q is no code in words with hyphens", r.code)
		}
		if r.find == nil {
			t.Errorf("%s has no condition", r.code)
		}
		if r.meaning == "" || strings.HasSuffix(r.meaning, ".") || strings.ContainsRune(r.meaning, '\n') {
			t.Errorf("%s: the meaning %q is not one line without a full stop", r.code, r.meaning)
		}
		if at := places[r.code]; len(at) != 1 || !strings.HasPrefix(at[0], "rules_") {
			t.Errorf("%s stands in %q, want it in one file of rules", r.code, at)
		}
		if r.remedy != "" && (!strings.HasSuffix(r.remedy, ".") || strings.HasSuffix(r.remedy, "..")) {
			t.Errorf("%s: the remedy %q is no sentence", r.code, r.remedy)
		}
		if r.note && (r.content || r.moot || r.aside) {
			t.Errorf("%s is a note about a record that matches, and counts as a reason why one does not", r.code)
		}
		if r.moot && !r.content {
			t.Errorf("%s is about content that nobody meant for the name, and not about content", r.code)
		}
	}
}

// inspect adds the string literals of a file to those of other files, and reports causes that get a code outside of the one
// place for it.
func inspect(t *testing.T, name string, places map[string][]string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				places[text] = append(places[text], name)
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
				t.Errorf("%s makes a cause with a code, which is for the list of rules to give", name)
			}
		case *ast.SelectorExpr:
			if n.Sel.Name == "Code" && name != "cause.go" {
				t.Errorf("%s looks at the code of a cause, want a condition of a rule", name)
			}
		}
		return true
	})
}
