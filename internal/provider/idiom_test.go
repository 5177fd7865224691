package provider_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// descriptions returns the texts of the schemas by the place where each one is: of the provider, resources, data sources
// and their attributes, and of functions and their parameters.
func descriptions(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for where, a := range documentedAttributes(t) {
		all[where] = a.Description
	}
	p := newPlugin(t)
	blocks := map[string]*tfprotov6.Schema{"provider": p.schemas.Provider}
	maps.Copy(blocks, p.schemas.DataSourceSchemas)
	for name, s := range p.schemas.ResourceSchemas {
		blocks["resource "+name] = s
	}
	for name, s := range blocks {
		all[name] = s.Block.Description
	}
	for name, f := range p.functions {
		all["function "+name] = f.Description
		parameters := f.Parameters
		if f.VariadicParameter != nil {
			parameters = append(slices.Clone(parameters), f.VariadicParameter)
		}
		for _, parameter := range parameters {
			all["function "+name+"."+parameter.Name] = parameter.Description
		}
	}
	return all
}

// documentedAttributes returns the attributes of all schemas by their places.
func documentedAttributes(t *testing.T) map[string]*tfprotov6.SchemaAttribute {
	t.Helper()
	all := make(map[string]*tfprotov6.SchemaAttribute)
	var walk func(at string, attributes []*tfprotov6.SchemaAttribute)
	walk = func(at string, attributes []*tfprotov6.SchemaAttribute) {
		for _, a := range attributes {
			all[at+"."+a.Name] = a
			if a.NestedType != nil {
				walk(at+"."+a.Name, a.NestedType.Attributes)
			}
		}
	}
	schemas := newPlugin(t).schemas
	walk("provider", schemas.Provider.Block.Attributes)
	for name, s := range schemas.DataSourceSchemas {
		walk(name, s.Block.Attributes)
	}
	for name, s := range schemas.ResourceSchemas {
		walk("resource "+name, s.Block.Attributes)
	}
	return all
}

// The description of every optional attribute says so, and what happens without it, in the words of the field.
func TestDescriptionsOfOptionalAttributes(t *testing.T) {
	t.Parallel()
	attributes := documentedAttributes(t)
	if len(attributes) < 100 {
		t.Fatalf("there are %d attributes: the test does not see them", len(attributes))
	}
	for name, a := range attributes {
		text := a.Description
		if !a.Optional || strings.HasSuffix(name, ".timeouts") || strings.Contains(text, "Required") {
			continue
		}
		if !strings.Contains(text, "Optional.") {
			t.Errorf("%s does not say that it is optional: %s", name, text)
		}
		if !strings.Contains(text, "Defaults to ") && !strings.Contains(text, "Optional. Without it, ") && !oneOf[name[strings.LastIndex(name, ".")+1:]] {
			t.Errorf("%s does not say what happens without it: %s", name, text)
		}
	}
}

// oneOf are optional attributes of which one is set: the description of the object says so.
var oneOf = map[string]bool{"public_key": true, "record": true, "cname": true, "domains": true}

// banned are phrases that no text for users has, each with what to write in its place.
var banned = map[string]string{
	`Left out:`:                       "Optional. Defaults to …",
	`(?i)what is made of`:             "Use of …",
	`\bmade of its\b|\bmade of the\b`: "contains …, is derived from …",
	`(?i)\basked (?:is|are|was|were) (?:the|all|every)\b`: "Servers asked: …",
	`Asked (?:is|are|was|were)\b`:                         "Servers asked: …",
	`(?i)whoever (?:looks after|runs)`:                    "the operator of …",
	`\blooks? after\b`:                                    "operates",
	`(?i)that is no\b`:                                    "is not a …",
	`(?i)\bin vain\b`:                                     "until the time is over",
	`(?i)of no account`:                                   "does not matter",
	`(?i)whom to ask`:                                     "Servers to ask",
	`(?i)from which \w+ on\b`:                             "the lowest …",
	`(?i)what is the case`:                                "Description, Cause",
	`(?i)what to look at\b`:                               "Warnings",
	`(?i)that there is to be no\b`:                        "declines …",
	`(?i)hands? out (?:to you|in)\b`:                      "gives you, sets",
	`(?i)is told in a\b`:                                  "is a …",
	`(?i)as it stands in\b`:                               "as … serves it",
	`(?i)\bmakes? nothing of\b`:                           "ignores",
	`(?i)\bhow (?:many|often|long) (?:it|a|the)? ?\w+ (?:is|are) to\b`: "Number of …, Time …",
	`(?:\b(?:it|that|which|content|octets|target|text)|%s) (?:is|are) no (?:address|certificate|IPv[46]|mail host|number|part of|prefix|public key|selector|tag|top-level)\b`: "is not a …",
	`\bis none of its\b|\bnone of the %d values\b`: "is not one of …",
	`\b(?:has|have) not(?:[:;,.]|$)`:               "does not have",
	`\bis no more\b`:                               "no longer exists",
	`\bstands there twice\b`:                       "appears twice",
	`\bone may stand\b`:                            "may have only one",
	`\b(?:missing|one is missing) behind\b|\bbehind (?:octet|the version)\b`: "after",
	`\bround and round\b`:                                      "in a loop",
	`\bout otherwise\b`:                                        "or leave it out",
	`\bwas told to stop\b`:                                     "was cancelled",
	`\bnot to be had\b`:                                        "cannot be fetched",
	`\bnow here, now there\b|\bnow these, now those\b`:         "sometimes … and sometimes …",
	`(?i)\bwhoever (?:is on the way|registers|sends|writes)\b`: "an attacker, anyone who …",
	`\bthe value of before\b|\bwhat was before\b`:              "an earlier value",
	`\bzone above (?:does|names|sends)\b`:                      "parent zone",
	`(?i)\bwhere one is enough\b|\bwhere once is enough\b`:     "and once is enough",
	`\bbut for characters\b`:                                   "except for",
}

// No text for users has the phrases that plain English has other words for.
func TestPlainEnglish(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it reads texts, alone, and this is a short run")
	}
	texts := descriptions(t)
	for _, p := range pages(t) {
		if !strings.HasPrefix(p.path, "docs/") { // These are generated from the others.
			texts[p.path] = p.prose()
		}
	}
	for _, dir := range append(examples(t), dnsProviderFolders(t)...) {
		files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts[file] = string(text)
		}
	}
	maps.Copy(texts, literals(t))
	for phrase, instead := range banned {
		pattern := regexp.MustCompile(phrase)
		for where, text := range texts {
			for _, found := range pattern.FindAllStringIndex(text, -1) {
				t.Errorf("%s says %q; write plain English, such as %q", where, around80(text, found), instead)
			}
		}
	}
	if len(texts) < 300 {
		t.Errorf("there are %d texts: the test does not see them", len(texts))
	}
}

// literals returns the texts in the sources, diagnostics among them, by their places.
func literals(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if text, err := strconv.Unquote(literal.Value); err == nil {
					all[set.Position(literal.Pos()).String()] = text
				}
			}
			return true
		})
		return nil
	})
	if err != nil || len(all) < 1000 {
		t.Fatalf("texts in the sources: %d, %v", len(all), err)
	}
	return all
}

// dnsProviderFolders returns the folders of the modules for DNS providers.
func dnsProviderFolders(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob(dnsProviderExamples + "/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("modules: %d, %v", len(folders), err)
	}
	return folders
}

// around80 returns what stands around a place in a text.
func around80(text string, at []int) string {
	return strings.ToValidUTF8(text[max(0, at[0]-40):min(len(text), at[1]+40)], "")
}

// A description of a schema begins with a noun or a verb, and does not ask a question.
func TestDescriptionsBeginWithTheThing(t *testing.T) {
	t.Parallel()
	question := regexp.MustCompile(`^(?:What|Whom|Why|Where|How|From which|In which)\b`)
	for where, text := range descriptions(t) {
		if text == "" && !strings.HasSuffix(where, ".timeouts") {
			t.Errorf("%s has no description", where)
		}
		if found := question.FindString(text); found != "" {
			t.Errorf("%s begins with %q: %s", where, found, fmt.Sprintf("%.80s", text))
		}
	}
}
