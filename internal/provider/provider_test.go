package provider_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/provider"
)

// TestMain runs the tests with each CLI that TF_BINARIES names. It says what is missing where there is none: the test
// library would download one in silence.
func TestMain(m *testing.M) {
	// Tests wait for the CLI, and that for DNS: more of them than there are processors leave none of these idle.
	// What the command line says comes later, and has the last word.
	if err := flag.Set("test.parallel", strconv.Itoa(3*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	flag.Parse()
	paths, err := binaries()
	if err == nil && len(paths) > 1 && !testing.Short() {
		os.Exit(runEach(paths))
	}
	if err == nil {
		err = use(paths[0])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	debug.SetGCPercent(400) // As for the CLI: a fifth of the work was to collect garbage.
	os.Exit(run(m))
}

// run sees to it that nothing leaves the machine: configurations that name no resolvers ask some on loopback.
func run(m *testing.M) int {
	h, err := dnstest.Start(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer h.Close()
	senders(h)
	os.Setenv("MAILDOMAIN_RESOLVERS", h.ResolverAddr())
	os.Setenv("CHECKPOINT_DISABLE", "1")
	// The CLI is started a thousand times and ends soon: a third of its work was to collect garbage.
	if os.Getenv("GOGC") == "" {
		os.Setenv("GOGC", "off")
		os.Setenv("GOMEMLIMIT", "512MiB")
	}
	builds, err := os.MkdirTemp("", "maildomain-provider-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(builds)
	binary = sync.OnceValues(func() (string, error) { return builds, build(builds) })
	return m.Run()
}

// senders adds the SPF records of the mail senders that configurations include.
func senders(h *dnstest.Hierarchy) {
	h.Zone("outlook.com").SetTXT("spf.protection", "v=spf1 ip4:198.51.100.0/25 ip6:2001:db8:100::/48 -all")
	h.Zone("catglobe.example").SetTXT("spf", "v=spf1 ip4:203.0.113.0/26 -all")
	h.Zone("acme.example").SetTXT("_spf", "v=spf1 ip4:203.0.113.64/26 -all")
	h.Zone("example.net").SetTXT("_spf", "v=spf1 ip4:203.0.113.128/26 ?all")
	h.Zone("b.example").SetTXT("@", "v=spf1 ip4:203.0.113.192/26 -all")
}

// isAcceptance leaves a test out of a short run, which `make test` makes under the race detector before it runs all: the
// tests that run the Terraform CLI take the time.
func isAcceptance(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it runs the Terraform CLI, and this is a short run")
	}
}

// isLong leaves a test out of a short run that measures how long something takes, or computes much.
func isLong(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("the race detector makes it several times as long, and this is a short run")
	}
}

// test runs steps with the real CLI.
func test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	acceptance(t, provider.New("test"), steps...)
}

// fails is a step whose plan fails with an error that matches.
func fails(config, match string) resource.TestStep {
	return resource.TestStep{Config: config, PlanOnly: true, ExpectError: says(match)}
}

// says matches a text that Terraform has wrapped. Every blank of it may be a line end with its frame.
func says(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, w := range words {
		words[i] = regexp.QuoteMeta(w)
	}
	return regexp.MustCompile(strings.Join(words, `[\s│]+`))
}

// output checks one output.
func output(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownOutputValue(name, want)
}

// lab is a DNS hierarchy on loopback, with a provider block that asks it.
type lab struct {
	*dnstest.Hierarchy
	zone  *dnstest.Zone // example.com, on ns1, ns2 and ns3
	block string
}

// newLab returns a lab for a test that runs the CLI.
func newLab(t *testing.T, options ...dnstest.Option) lab {
	t.Helper()
	isAcceptance(t)
	return newShortLab(t, options...)
}

// newShortLab is newLab for a test that is not left out of a short run.
func newShortLab(t *testing.T, options ...dnstest.Option) lab {
	t.Helper()
	h := dnstest.New(t, options...)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "ns3"))
	senders(h)
	return lab{Hierarchy: h, zone: zone, block: fmt.Sprintf(`
provider "maildomain" {
  resolvers          = [%q]
  authoritative_port = %d
  timeout            = "5s"
}
`, h.ResolverAddr(), h.Port())}
}

// patient returns the lab with a provider that asks for hundreds of answers in the time that it has.
func (l lab) patient() lab {
	l.block = strings.Replace(l.block, "timeout ", "max_rate = 1000\n  timeout ", 1)
	return l
}

// timeout returns the lab with a provider that waits that long for an answer: where servers are silent, a test has no
// time for as long as a busy machine may need.
func (l lab) timeout(d string) lab {
	l.block = strings.Replace(l.block, `"5s"`, strconv.Quote(d), 1)
	return l
}

// config puts the provider block before the rest.
func (l lab) config(rest string) string { return l.block + rest }
