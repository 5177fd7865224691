package internal_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
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

// boundsOfTheCode has, for each row of the bounds, what the numbers in it are in the code: an expression of the constants
// of a package, or "in the test" and what the test that the row names has in its source.
var boundsOfTheCode = map[string][]string{
	"exchanges with servers for one question, through all that it leads to": {"internal/resolve MaxExchanges"},
	"different questions of these":                                          {"internal/resolve MaxSearches"},
	"how deep the search for one name server's address leads to another's":  {"internal/resolve maxDepth + 1"},
	"answers that one question makes the client keep":                       {"internal/resolve MaxOctets"},
	"goroutines for one question, and memory with the servers of the test":  {"internal/resolve 5 * MaxFollowed", "internal/resolve mostOctets"},
	"goroutines of a round, whatever the number of its records":             {"internal/resolve MaxBeside"},
	"questions of a round that are worked on at once; the others wait as data": {
		"internal/resolve maxTurns", "internal/resolve maxTurns / part",
	},
	"exchanges of a question that waits for a second turn":                                     {"internal/resolve MaxExchanges"},
	"resident memory of the provider, with 1,000 records in 250 zones":                         nil, // A benchmark measures it.
	"name servers of a zone":                                                                   {"internal/resolve maxHosts"},
	"names of name servers looked up for one question":                                         {"internal/resolve MaxFollowed"},
	"addresses of a name server":                                                               {"internal/resolve MaxAddresses"},
	"steps of CNAME and DNAME":                                                                 {"internal/resolve maxAliases"},
	"messages to one address that does not answer, over UDP and TCP, in a wait of 10 min":      {"internal/resolve MaxToSilent"},
	"messages a second to one address that has not answered about a zone of its own":           {"internal/resolve TrialRate"},
	"messages a second to one address, unless set":                                             {"internal/resolve DefaultMaxRate"},
	"time of 100 domains in order beside 400 dead ones, at the defaults":                       {"in the test 10 * time.Second"},
	"time of 100 domains in order beside one hostile one; they take 500 ms at most without it": {"in the test 600 * time.Millisecond"},
	"time of 999 records in order beside a hostile one; they take 2.2 s at most without it, with servers 20 ms away": {
		"in the test 2640 * time.Millisecond",
	},
	"addresses whose behaviour is remembered":              {"internal/resolve maxPeers"},
	"body of an answer over `https://`, without redirects": {"internal/resolve dns.MaxMsgSize"},
	"header of an answer over `https://`":                  {"internal/resolve maxHTTPHeader"},
	"certificates of a TLS handshake":                      nil, // The TLS of Go's library bounds it.
	"time for a question over `tls://` or `https://`, with a handshake or an answer that never ends or comes octet by octet": {},
	"memory allocated for such a question, with that of the server of the test, and goroutines of the client": {
		"internal/resolve secureOctets", "internal/resolve secureGoroutines",
	},

	"questions to read what an SPF record includes": {"internal/spf/tree MaxWalkQuestions"},
	"records below each other":                      {"internal/spf/tree MaxWalkDepth"},
	"octets of records":                             {"internal/spf/tree MaxWalkOctets"},
	"lines of a tree":                               {"internal/spf/tree MaxTreeLines"},
	"findings about a tree":                         {"internal/spf/tree MaxFindings"},
	"lookups of one check":                          {"internal/spf MaxLookups"},
	"questions of one check, the addresses of mail servers and of the client's names counted": {"in the test 1 + 10*11 + 11 + 1"},
	"time of one check": {"internal/spf/check checkTimeout"},

	"mail hosts of a domain that are looked at":                                                      {"internal/audit MaxMailHosts"},
	"hosts that reports of one kind go to, and that are looked at":                                   {"internal/audit MaxReportHosts"},
	"findings of one check, with one that tells of the others":                                       {"internal/audit MaxFindings"},
	"time to wait for DNS":                                                                           {"internal/audit Patience"},
	"file that is fetched with `fetch = true`, from port 443 of a public address, without redirects": {"internal/fetch MaxBody"},
	"time of one fetch": {"internal/fetch Timeout"},

	"service template":                                 {"internal/service MaxSize"},
	"records of a template":                            {"internal/service MaxRecords"},
	"variables of a template":                          {"internal/service MaxVariables"},
	"field of a template with its variables filled in": {"internal/service maxField"},
	"services of a domain":                             {"internal/compose MaxServices"},
	"key in PEM":                                       {"internal/pemkey Max"},
	"certificate or key in PEM, of a TLSA record":      {"internal/pemkey Max"},
	"MTA-STS policy":                                   {"internal/mtasts MaxPolicy"},
	"remarks on an MTA-STS record or policy, a TLS reporting or a BIMI record": {"internal/taglist MaxRemarks"},
	"remarks on a DMARC record, with at most 5 about the whole":                {"internal/dmarc MaxRemarks"},
	"work to group records at one name":                                        {},

	"text about one record":                                   {"internal/verify MaxRecordText"},
	"a report, the records in an error, a message to support": {"internal/verify MaxText"},
	"text from DNS in an error":                               {"internal/record MaxDisplay"},
	"owners that a diagnosis asks further questions about":    {"internal/verify MaxDiagnosed"},
}

// quantity is a number and what it counts.
var quantity = regexp.MustCompile(`([0-9][0-9,]*(?:\.[0-9]+)?)(?: (ms|s|MiB)\b)?`)

// quantities returns the numbers in a text, times as nanoseconds and sizes as octets.
func quantities(t *testing.T, text string) []int64 {
	t.Helper()
	units := map[string]float64{"": 1, "ms": 1e6, "s": 1e9, "MiB": 1 << 20}
	var all []int64
	for _, m := range quantity.FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseFloat(strings.ReplaceAll(m[1], ",", ""), 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, int64(n*units[m[2]]))
	}
	return all
}

// Each row of the bounds names a test, and its numbers are those of the code or of that test. A row that is not known here
// is an error: nobody would notice if its number grew old.
func TestSecurityHasTheBoundsOfTheCode(t *testing.T) {
	t.Parallel()
	_, text, found := strings.Cut(security(t), "\n## Bounds\n")
	if !found {
		t.Fatal("SECURITY.md has no bounds")
	}
	text, _, _ = strings.Cut(text, "\n## ")
	seen, packages := make(map[string]bool), make(map[string]constants)
	for _, m := range boundRow.FindAllStringSubmatch(text, -1) {
		what, number, held := m[1], m[2], m[3]
		if what == "what" || what == "---" {
			continue
		}
		seen[what] = true
		if !strings.Contains(held, "Test") {
			t.Errorf("no test holds the bound of %q", what)
		}
		wants, known := boundsOfTheCode[what]
		if !known {
			t.Errorf("SECURITY.md bounds %q, and boundsOfTheCode does not say where its number is in the code", what)
		}
		if wants == nil {
			continue
		}
		got := quantities(t, number)
		if len(got) != len(wants) {
			t.Errorf("%s: %s has %d numbers, and %q is what they are in the code", what, number, len(got), wants)
			continue
		}
		for i, want := range wants {
			n, err := inTheCode(want, held, packages)
			if err != nil {
				t.Errorf("%s: %v", what, err)
			} else if got[i] != n {
				t.Errorf("%s: %s, want %d (%s)", what, number, n, want)
			}
		}
	}
	for what := range boundsOfTheCode {
		if !seen[what] {
			t.Errorf("SECURITY.md has no bound of %q", what)
		}
	}
}

// The numbers of what a zone can make the provider send to others are those of the code too.
func TestSecurityTellsTheAmplification(t *testing.T) {
	t.Parallel()
	_, text, found := strings.Cut(security(t), "\n**Amplification.** ")
	if !found {
		t.Fatal("SECURITY.md tells nothing of the amplification")
	}
	text, _, _ = strings.Cut(text, "\n\n")
	text = strings.Join(strings.Fields(text), " ")
	resolve, err := constantsOf("internal/resolve")
	if err != nil {
		t.Fatal(err)
	}
	for sentence, expressions := range map[string][]string{
		"at most %d exchanges out of one question":                  {"MaxExchanges"},
		"it gets %d messages out of a wait of 10 minutes":           {"MaxToSilent"},
		"it gets %d questions a second, and a burst of %d:":         {"TrialRate", "burst * TrialRate"},
		"`max_rate`: %d questions a second by default, and a burst": {"DefaultMaxRate"},
		"by default, and a burst of %d.":                            {"burst * DefaultMaxRate"},
	} {
		var numbers []any
		for _, e := range expressions {
			n, err := resolve.eval(e)
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, n)
		}
		if want := fmt.Sprintf(sentence, numbers...); !strings.Contains(strings.ReplaceAll(text, ",5", "5"), want) {
			t.Errorf("SECURITY.md does not say %q of the amplification", want)
		}
	}
}

// inTheCode computes a number of boundsOfTheCode. The row names the tests that hold it. The packages are those that were read.
func inTheCode(want, held string, packages map[string]constants) (int64, error) {
	expression, in := strings.CutPrefix(want, "in the test ")
	if !in {
		dir, expression, _ := strings.Cut(want, " ")
		if packages[dir] == nil {
			var err error
			if packages[dir], err = constantsOf(dir); err != nil {
				return 0, err
			}
		}
		return packages[dir].eval(expression)
	}
	dir := ""
	for _, m := range named.FindAllStringSubmatch(held, -1) {
		if m[1] != "" {
			dir = m[1]
			continue
		}
		if source, err := sourceOf(dir, m[0]); err != nil {
			return 0, err
		} else if strings.Contains(source, expression) {
			return constants{}.eval(expression)
		}
	}
	return 0, fmt.Errorf("no test of %s has %q in its source", held, expression)
}

// sourceOf returns the source of a test.
func sourceOf(dir, name string) (string, error) {
	files, err := filepath.Glob(filepath.Join("..", dir, "*_test.go"))
	if err != nil {
		return "", err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if _, rest, found := strings.Cut(string(text), "\nfunc "+name+"("); found {
			source, _, _ := strings.Cut(rest, "\n}\n")
			return source, nil
		}
	}
	return "", fmt.Errorf("%s has no %s", dir, name)
}
