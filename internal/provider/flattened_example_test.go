package provider_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// The example of flattening publishes the flattened records, sees them live, and only then changes the domain's own
// record; what that no longer includes goes last.
func TestFlattenedExampleChangesTheDomainLast(t *testing.T) {
	t.Parallel()
	h := dnstest.New(t)
	senders(h)
	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2"), dnstest.Primary("ns1"))
	publisher := filepath.Join(t.TempDir(), "publish")
	// The demo is a module of its own.
	build := exec.Command("go", "build", "-o", publisher, ".")
	build.Dir = "../demo"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var changes updates
	zone.Server("ns1").Inject(changes.note)
	c, text := newExample(t, "../../examples/flattened-spf")
	c.env = []string{"MAILDOMAIN_DEMO_PRIMARY=" + zone.Server("ns1").Addr().String()}
	write(t, filepath.Join(c.dir, "lab.tf"), fmt.Sprintf("provider \"maildomain\" {\n  resolvers          = [%q]\n  authoritative_port = %d\n}\n", h.ResolverAddr(), h.Port()))
	write(t, filepath.Join(c.dir, "lab.auto.tfvars"), fmt.Sprintf("publish_command = %q\n", publisher+" publish"))
	// The records of the example hold for an hour, which is not waited for here.
	short := strings.Replace(text, "= var.flatten\n", "= var.flatten\n  ttl = 1\n", 1)
	if short == text {
		t.Fatal("the example has no place for a TTL")
	}
	write(t, filepath.Join(c.dir, "main.tf"), short)
	if err := os.Remove(filepath.Join(c.dir, "dns.tf")); err != nil {
		t.Fatal(err) // Its text is in main.tf now.
	}

	c.run(t, "apply", "-auto-approve", "-no-color")
	first := changes.take()
	if len(first) != 2 || first[0] == "example.com." || first[1] != "example.com." {
		t.Fatalf("updates of %q, want the flattened record before the domain's", first)
	}
	c.run(t, "apply", "-auto-approve", "-no-color", "-var=flatten=[]")
	if second := changes.take(); !slices.Equal(second, []string{"example.com.", first[0]}) {
		t.Errorf("updates of %q, want the domain's record before %s goes", second, first[0])
	}
	for _, rr := range zone.Records() {
		if rr.Header().Name == first[0] {
			t.Errorf("%s is still published", first[0])
		}
	}
}

// updates remembers the owners that updates changed, in their order.
type updates struct {
	mu     sync.Mutex
	owners []string
}

func (u *updates) note(_ context.Context, x *dnstest.Exchange) {
	if !x.Question.Update {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.owners = append(u.owners, x.Request.Ns[0].Header().Name)
}

// take returns the owners so far, and forgets them.
func (u *updates) take() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	owners := u.owners
	u.owners = nil
	return owners
}
