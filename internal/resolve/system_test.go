package resolve

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// writeAt writes a file that was changed so long after the first.
func writeAt(t *testing.T, path, text string, after time.Duration) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_700_000_000, 0).Add(after)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func TestSystemListFollowsItsFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "resolv.conf")
	writeAt(t, path, "nameserver 192.0.2.1\n", 0)
	l, err := newSystemList(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		name    string
		change  func()
		want    string
		changed bool
	}{
		{"nothing", func() {}, "[192.0.2.1]", false},
		{"other resolvers", func() { writeAt(t, path, "nameserver 192.0.2.2\n", time.Second) }, "[192.0.2.2]", true},
		{"of other length, at the same time", func() { writeAt(t, path, "nameserver 192.0.2.2\nnameserver 192.0.2.3\n", time.Second) }, "[192.0.2.2 192.0.2.3]", true},
		{"the same again", func() { writeAt(t, path, "nameserver 192.0.2.2\nnameserver 192.0.2.3\n", 2*time.Second) }, "[192.0.2.2 192.0.2.3]", false},
		{"while it is written", func() { writeAt(t, path, "", 3*time.Second) }, "[192.0.2.2 192.0.2.3]", false},
		{"without it", func() { os.Remove(path) }, "[192.0.2.2 192.0.2.3]", false},
		{"another file in its place", func() {
			writeAt(t, path+".new", "nameserver 192.0.2.4\n", 0)
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
		}, "[192.0.2.4]", true},
	} {
		step.change()
		got, changed := l.current()
		if fmt.Sprint(got) != step.want || changed != step.changed {
			t.Errorf("step %d, %s: current = %v, %v, want %s, %v", i, step.name, got, changed, step.want, step.changed)
		}
	}
}

// A wait that began on one network goes on on another: the resolvers of the system are looked up again, and what was
// found through the others does not count.
func TestClientFollowsTheSystem(t *testing.T) {
	t.Parallel()
	before, now := dnstest.New(t), dnstest.New(t)
	before.Zone("example.com", dnstest.Records(`www TXT before`))
	now.Zone("example.com", dnstest.Records(`www TXT now`))
	path := filepath.Join(t.TempDir(), "resolv.conf")
	writeAt(t, path, "nameserver 127.0.0.1\n", 0)
	c, err := New(Config{Resolvers: []Resolver{PlainResolver(before.Recursor().Addr())}, AuthoritativePort: before.Port(), MaxRate: 1000})
	if err != nil {
		t.Fatal(err)
	}
	c.system = &systemList{path: path, resolvers: c.resolvers}
	ask := func(via answer.Via) answer.Set {
		t.Helper()
		answers, err := c.Ask(t.Context(), answer.Question{Name: dnsname.MustParse("www.example.com"), Type: record.TXT, Via: via})
		if err != nil {
			t.Fatal(err)
		}
		return answers
	}
	c.system.seen, _ = os.Stat(path)
	for _, via := range []answer.Via{answer.Authorities, answer.Resolvers} {
		if got := ask(via).List[0].Values; len(got) != 1 || got[0] != "before" {
			t.Errorf("asked of %s before, got %q", via, got)
		}
	}
	writeAt(t, path, "nameserver 127.0.0.2\n", time.Second)
	// The next round notices, also where it needs no resolver.
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Ask(over, answer.Question{Name: dnsname.MustParse("www.example.com"), Type: record.TXT, Via: answer.Authorities, Fresh: true}); err == nil {
		t.Error("Ask succeeded although its context was over")
	}
	if targets := c.recursors(); len(targets) != 1 || targets[0].addr.String() != "127.0.0.2:53" {
		t.Fatalf("recursors = %v, want that of the file", targets)
	}
	if z := c.zones.deepest(dnsname.MustParse("www.example.com")); z != nil {
		t.Errorf("the zone %v is remembered from before", z.apex)
	}
	// No server of these tests listens at port 53: the resolver is put in by hand.
	c.system.resolvers = []Resolver{PlainResolver(now.Recursor().Addr())}
	c.port = now.Port()
	for _, via := range []answer.Via{answer.Authorities, answer.Resolvers} {
		if got := ask(via).List[0].Values; len(got) != 1 || got[0] != "now" {
			t.Errorf("asked of %s now, got %q", via, got)
		}
	}
}

// Where the system names no resolvers, those of this machine are asked, until it names some.
func TestSystemWithoutResolvers(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"missing": "-", "empty": "", "of comments": "# none\n; none\n", "without a name server": "search example.com\noptions edns0\n", "of nonsense": "nameserver resolver.example\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "resolv.conf")
			if text != "-" {
				writeAt(t, path, text, 0)
			}
			l := systemListOr(path, localResolvers())
			if got, changed := l.current(); fmt.Sprint(got) != "[127.0.0.1 ::1]" || changed {
				t.Errorf("current = %v, %v, want the addresses of this machine", got, changed)
			}
			writeAt(t, path, "nameserver 192.0.2.1\n", time.Second)
			if got, changed := l.current(); fmt.Sprint(got) != "[192.0.2.1]" || !changed {
				t.Errorf("current = %v, %v, want what the file names now", got, changed)
			}
		})
	}
}
