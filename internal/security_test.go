package internal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/pemkey"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
	"github.com/catglobe/terraform-provider-maildomain/internal/taglist"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

var (
	// named is a package in SECURITY.md, or a test of the package named last.
	named = regexp.MustCompile("`(internal(?:/[a-z]+)*)`|\\b(?:Test|Fuzz)[A-Z]\\w*")
	// boundRow is a row of a table of bounds: what is bounded, the number, and the tests.
	boundRow = regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]+) \| ([^|]*) \|$`)
)

func security(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// testsOf returns the source of the tests of a package.
func testsOf(t *testing.T, path string) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", path, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.Bytes()
}

// A bound that no test holds is a wish: each test that SECURITY.md names exists, in the package that it names.
func TestSecurityNamesTestsThatExist(t *testing.T) {
	t.Parallel()
	tests := make(map[string][]byte)
	path, count := "", 0
	for _, m := range named.FindAllStringSubmatch(security(t), -1) {
		if m[1] != "" {
			path = m[1]
			if tests[path] == nil {
				tests[path] = testsOf(t, path)
			}
			continue
		}
		count++
		if !bytes.Contains(tests[path], []byte("\nfunc "+m[0]+"(")) {
			t.Errorf("%s is not a test of %q", m[0], path)
		}
	}
	if count < 40 {
		t.Errorf("SECURITY.md names %d tests, want at least 40", count)
	}
}

// Each row of the bounds names a test, and has the number that the code has.
func TestSecurityHasTheBoundsOfTheCode(t *testing.T) {
	t.Parallel()
	bounds := map[string]int{
		"exchanges with servers for one question, through all that it leads to":          resolve.MaxExchanges,
		"names of name servers looked up for one question":                               resolve.MaxFollowed,
		"different questions of these":                                                   resolve.MaxSearches,
		"answers that one question makes the client keep":                                resolve.MaxOctets,
		"addresses of a name server":                                                     resolve.MaxAddresses,
		"messages a second to one address, unless set":                                   resolve.DefaultMaxRate,
		"messages a second to one address that has not answered about a zone of its own": resolve.TrialRate,
		"questions to read what an SPF record includes":                                  tree.MaxWalkQuestions,
		"records below each other":                                                       tree.MaxWalkDepth,
		"octets of records":                                                              tree.MaxWalkOctets,
		"lines of a tree":                                                                tree.MaxTreeLines,
		"findings about a tree":                                                          tree.MaxFindings,
		"service template":                                                               service.MaxSize,
		"records of a template":                                                          service.MaxRecords,
		"variables of a template":                                                        service.MaxVariables,
		"services of a domain":                                                           compose.MaxServices,
		"key in PEM":                                                                     dkim.MaxPEM,
		"certificate or key in PEM, of a TLSA record":                                    pemkey.Max,
		"MTA-STS policy":                                                                 mtasts.MaxPolicy,

		"remarks on an MTA-STS record or policy, a TLS reporting or a BIMI record": taglist.MaxRemarks,
		"remarks on a DMARC record, with at most 5 about the whole":                dmarc.MaxRemarks,

		"text about one record":                                   verify.MaxRecordText,
		"a report, the records in an error, a message to support": verify.MaxText,
		"text from DNS in an error":                               record.MaxDisplay,
		"owners that a diagnosis asks further questions about":    verify.MaxDiagnosed,
	}
	_, text, found := strings.Cut(security(t), "\n## Bounds\n")
	if !found {
		t.Fatal("SECURITY.md has no bounds")
	}
	text, _, _ = strings.Cut(text, "\n## ")
	for _, m := range boundRow.FindAllStringSubmatch(text, -1) {
		what, number, held := m[1], m[2], m[3]
		if what == "what" || what == "---" {
			continue
		}
		if !strings.Contains(held, "Test") {
			t.Errorf("no test holds the bound of %q", what)
		}
		want, known := bounds[what]
		if got, _, _ := strings.Cut(strings.ReplaceAll(number, ",", ""), " "); known && got != strconv.Itoa(want) {
			t.Errorf("%s: %s, want %d", what, number, want)
		}
		delete(bounds, what)
	}
	for what := range bounds {
		t.Errorf("SECURITY.md has no bound of %q", what)
	}
}
