package resolve_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
)

// TestMain runs more tests at the same time than there are processors, since many wait for answers that do not come, and
// lets more garbage lie about: to collect it takes much of their time otherwise. It fails if anything of the client still
// runs after all tests.
func TestMain(m *testing.M) {
	// What the command line says comes later, and has the last word.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	debug.SetGCPercent(400)
	code := m.Run()
	if left := leftBehind(5 * time.Second); code == 0 && left != "" {
		fmt.Fprintf(os.Stderr, "goroutines left behind:\n%s\n", left)
		code = 1
	}
	os.Exit(code)
}

// leftBehind returns the stacks of goroutines that run code of the client, once there are none or the
// time is over.
func leftBehind(patience time.Duration) string {
	const code = "internal/resolve.(*"
	for end := time.Now().Add(patience); ; runtime.Gosched() {
		buffer := make([]byte, 1<<20)
		stacks := strings.Split(string(buffer[:runtime.Stack(buffer, true)]), "\n\n")
		left := slices.DeleteFunc(stacks, func(s string) bool { return !strings.Contains(s, code) })
		if len(left) == 0 || time.Now().After(end) {
			return strings.Join(left, "\n\n")
		}
	}
}

// newClient returns a client of the hierarchy's recursor and port.
func newClient(t *testing.T, h *dnstest.Hierarchy, changes ...func(*resolve.Config)) *resolve.Client {
	t.Helper()
	config := resolve.Config{
		Resolvers:         []resolve.Resolver{resolve.MustParseResolver(h.ResolverAddr())},
		AuthoritativePort: h.Port(),
		MaxRate:           1000,
	}
	for _, change := range changes {
		change(&config)
	}
	c, err := resolve.New(config)
	if err != nil {
		t.Fatalf("New(%+v): %v", config, err)
	}
	return c
}

func timeout(d time.Duration) func(*resolve.Config) {
	return func(c *resolve.Config) { c.Timeout = d }
}

// about returns a question to all authoritative servers.
func about(name string, typ record.Type) answer.Question {
	return answer.Question{Name: dnsname.MustParse(name), Type: typ, Via: answer.Authorities}
}

func fresh(q answer.Question) answer.Question {
	q.Fresh = true
	return q
}

func ask(t *testing.T, c *resolve.Client, q answer.Question) answer.Set {
	t.Helper()
	answers, err := c.Ask(t.Context(), q)
	if err != nil {
		t.Fatalf("Ask(%s %s): %v", q.Type, q.Name, err)
	}
	return answers
}

// lines shows answers in the way that tests compare them: server, outcome, aliases and values.
func lines(answers answer.Set) []string {
	var list []string
	for _, a := range answers.List {
		text := a.Server.Name.String() + ": " + a.Outcome.String()
		for _, alias := range a.Aliases {
			text += " → " + alias.String()
		}
		for _, v := range a.Values {
			text += " | " + v
		}
		list = append(list, text)
	}
	return list
}

// questions shows what was asked, sorted, each question once.
func questions(h *dnstest.Hierarchy, filters ...dnstest.Filter) []string {
	var list []string
	for _, q := range h.Questions(append(filters, dnstest.Direct)...) {
		list = append(list, q.Type+" "+q.Name)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
