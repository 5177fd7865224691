package tree

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/check"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// walkTree reads the tree of a record.
func walkTree(t testing.TB, r spf.Resolver, root string) *Tree {
	t.Helper()
	tree, err := Walk(t.Context(), r, spftest.MustParse(t, root), spftest.OwnerName)
	if err != nil {
		t.Fatalf("Walk(%q) = %v", root, err)
	}
	return tree
}

func TestWalkQuestions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, dns, root string
		want            []spftest.Question // sorted
	}{
		{name: "nothing to ask", root: "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ptr -all"},
		{
			name: "each term",
			dns:  "example.com MX mail.example.com\nexample.com MX MAIL2.example.com.",
			root: "v=spf1 a mx a:host.example exists:e.example include:i.example redirect=r.example",
			want: []spftest.Question{
				"e.example A", "example.com A", "example.com AAAA", "example.com MX", "host.example A", "host.example AAAA", "i.example TXT",
				"mail.example.com A", "mail.example.com AAAA", "mail2.example.com A", "mail2.example.com AAAA", "r.example TXT",
			},
		},
		{
			name: "a diamond",
			dns:  "a.example TXT v=spf1 include:c.example a:c.example -all\nb.example TXT v=spf1 include:c.example a:c.example -all\nc.example TXT v=spf1 a -all",
			root: "v=spf1 include:a.example include:b.example include:a.example -all",
			want: []spftest.Question{"a.example TXT", "b.example TXT", "c.example A", "c.example AAAA", "c.example TXT"},
		},
		{
			name: "dead terms",
			dns:  "a.example TXT v=spf1 -all include:dead.example redirect=dead.example",
			root: "v=spf1 include:a.example -all a mx include:dead.example redirect=dead.example",
			want: []spftest.Question{"a.example TXT"},
		},
		{
			name: "the owner's record is the one that was given",
			dns:  "a.example TXT v=spf1 include:example.com -all\nexample.com TXT v=spf1 include:old.example -all",
			root: "v=spf1 include:a.example -all",
			want: []spftest.Question{"a.example TXT"},
		},
		{
			name: "macros",
			dns:  "_spf.example.com TXT v=spf1 a:x.%{d2} a:%{h} -all",
			root: "v=spf1 include:_spf.%{d} include:%{ir}.example exists:%{i}.%{d} a:%{d}%%.example -all",
			want: []spftest.Question{"_spf.example.com TXT", "example.com%.example A", "example.com%.example AAAA", "x.example.com A", "x.example.com AAAA"},
		},
		{
			name: "names that DNS cannot hold",
			dns:  "a.example TXT v=spf1 include:x..example a:" + strings.Repeat("x", 64) + ".example include:%{d1} mx:.example -all",
			root: "v=spf1 include:a.example -all",
			want: []spftest.Question{"a.example TXT"},
		},
		{
			name: "the null MX, and too many mail servers",
			dns:  "null.example MX .\n" + repeat(11, "many.example MX mx%d.many.example\n"),
			root: "v=spf1 mx:null.example mx:many.example -all",
			want: []spftest.Question{"many.example MX", "null.example MX"},
		},
		{
			name: "what receivers cannot use is not followed",
			dns: "several.example TXT v=spf1 include:x.example\nseveral.example TXT v=spf1 -all\n" +
				"invalid.example TXT v=spf1 include:y.example nonsense\nnone.example TXT v=spf10 include:z.example\nfails.example TXT !",
			root: "v=spf1 include:several.example include:invalid.example include:none.example include:fails.example include:void.example -all",
			want: []spftest.Question{"fails.example TXT", "invalid.example TXT", "none.example TXT", "several.example TXT", "void.example TXT"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dns := spftest.NewScript(t, tt.dns)
			walkTree(t, dns, tt.root)
			if d := spftest.Diff(tt.want, dns.SortedAsked()); d != "" {
				t.Errorf("Walk() asked (-want +got):\n%s", d)
			}
		})
	}
}

// repeat writes a format n times, with the numbers from 0.
func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// slowDNS answers after a time, and notes how many questions wait.
type slowDNS struct {
	*spftest.Script

	delay           func() time.Duration
	waiting, atOnce atomic.Int64
}

func (d *slowDNS) Lookup(ctx context.Context, name string, t spf.RRType) ([]string, error) {
	if n := d.waiting.Add(1); n > d.atOnce.Load() {
		d.atOnce.Store(n)
	}
	defer d.waiting.Add(-1)
	select {
	case <-time.After(d.delay()):
		return d.Script.Lookup(ctx, name, t)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestWalkRoundTrips counts in round trips how long a walk takes.
func TestWalkRoundTrips(t *testing.T) {
	t.Parallel()
	const roundTrip = 25 * time.Millisecond
	tests := []struct {
		name, dns, root string
		want            time.Duration
	}{
		{"ten flat includes", repeat(10, "i%d.example TXT v=spf1 ip4:192.0.2.1 -all\n"), "v=spf1" + repeat(10, " include:i%d.example"), roundTrip},
		{"ten includes of hosts", repeat(10, "i%d.example TXT v=spf1 a -all\n"), "v=spf1" + repeat(10, " include:i%d.example"), 2 * roundTrip},
		{"a diamond", "a.example TXT v=spf1 include:c.example\nb.example TXT v=spf1 include:c.example\nc.example TXT v=spf1 -all", "v=spf1 include:a.example include:b.example", 2 * roundTrip},
		{"ten mx of a host each", repeat(10, "m%[1]d.example MX x%[1]d.example\n"), "v=spf1" + repeat(10, " mx:m%d.example"), 2 * roundTrip},
		{"more questions than wait at a time", "", "v=spf1" + repeat(MaxWalkInFlight+1, " include:i%d.example"), 2 * roundTrip},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				dns := &slowDNS{Script: spftest.NewScript(t, tt.dns), delay: func() time.Duration { return roundTrip }}
				start := time.Now()
				walkTree(t, dns, tt.root)
				if got := time.Since(start); got != tt.want {
					t.Errorf("Walk() took %v, want %v", got, tt.want)
				}
				if n := dns.atOnce.Load(); n > MaxWalkInFlight {
					t.Errorf("%d questions waited at a time", n)
				}
			})
		})
	}
}

// TestWalkOfManyHosts reads ten mx of ten hosts each, all that RFC 7208 §4.6.4 allows: a question for each mx, and two for
// each host. The bubble fails where a goroutine is left behind.
func TestWalkOfManyHosts(t *testing.T) {
	t.Parallel()
	var script strings.Builder
	for mx := range 10 {
		for host := range 10 {
			fmt.Fprintf(&script, "m%d.example MX x%d-%d.example\n", mx, mx, host)
			fmt.Fprintf(&script, "x%d-%d.example A 192.0.2.%d\nx%d-%d.example AAAA 2001:db8::%d\n", mx, host, host, mx, host, host)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		dns := &slowDNS{Script: spftest.NewScript(t, script.String()), delay: func() time.Duration { return time.Millisecond }}
		tree := walkTree(t, dns, "v=spf1"+repeat(10, " mx:m%d.example")+" -all")
		if got, want := len(dns.Asked), 10+2*100; got != want {
			t.Errorf("Walk() asked %d questions, want %d", got, want)
		}
		if n := dns.atOnce.Load(); n > MaxWalkInFlight {
			t.Errorf("%d questions waited at a time, want at most %d", n, MaxWalkInFlight)
		}
		cost, err := tree.Cost(Flattening{})
		if err != nil || cost.Lookups != 10 || cost.MXNames != 10 || cost.Void() != 0 {
			t.Errorf("Cost() = %+v, %v; want 10 lookups, 10 hosts at most, none void", cost.Count, err)
		}
	})
}

func TestTreeRoot(t *testing.T) {
	t.Parallel()
	root := spftest.MustParse(t, "v=spf1 mx include:a.example ?all")
	if got := walkTree(t, spftest.NewScript(t, ""), root.String()).Root(); spftest.Diff(root, got) != "" {
		t.Errorf("Root() = %v, want %v", got, root)
	}
}

func TestWalkCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		dns := &slowDNS{Script: spftest.NewScript(t, ""), delay: func() time.Duration { return time.Hour }}
		start := time.Now()
		tree, err := Walk(ctx, dns, spftest.MustParse(t, "v=spf1"+repeat(100, " include:i%d.example")), spftest.OwnerName)
		if tree != nil || !errors.Is(err, cause) {
			t.Errorf("Walk() = %v, %v, want %v", tree, err, cause)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("Walk() took %v", took)
		}
		if dns.waiting.Load() != 0 {
			t.Error("a question still waits")
		}
	})
}

// TestWalkBounds meets DNS that would keep a walk going.
func TestWalkBounds(t *testing.T) {
	t.Parallel()
	thousand := "v=spf1" + repeat(1000, " include:i%d.example")
	large := "v=spf1 " + strings.Repeat("ip4:192.0.2.1 ", 4400)
	tests := []struct {
		name, dns, root string
		asked, lookups  int
	}{
		{"1,000 includes", repeat(1000, "i%d.example TXT v=spf1 -all\n"), thousand, MaxWalkQuestions, 1000},
		{"1,000 includes of 1,000 includes", repeat(1000, "i%d.example TXT "+thousand+"\n"), thousand, MaxWalkQuestions, 1000 + MaxWalkOctets/len(thousand)*(spf.MaxLookups+1)},
		{"a chain", repeat(50, "i%d.example TXT v=spf1 include:%[1]d.i.example\n") + chain(50), "v=spf1 include:n0.example", MaxWalkDepth, MaxWalkDepth + 1},
		{"a fan of chains", chain(50), "v=spf1 include:n0.example include:n5.example", MaxWalkDepth + 5, 16 + 11},
		{"records of 60 KiB", repeat(10, "i%d.example TXT "+large+"include:n%[1]d.example -all\n"), "v=spf1" + repeat(10, " include:i%d.example"), 14, 14},
		{"hosts of mail servers", repeat(1000, "i%[1]d.example MX m%[1]d.example\n"), "v=spf1" + repeat(1000, " mx:i%d.example"), MaxWalkQuestions, 1000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dns := spftest.NewScript(t, tt.dns)
			tree := walkTree(t, dns, tt.root)
			if len(dns.Asked) != tt.asked {
				t.Errorf("Walk() asked %d questions, want %d", len(dns.Asked), tt.asked)
			}
			if got := tree.cost(); got.Lookups != tt.lookups || !got.LookupsAtLeast && !got.VoidAtLeast {
				t.Errorf("%d lookups, at least: %v, want %d, at least", got.Lookups, got.LookupsAtLeast, tt.lookups)
			}
			checkShown(t, tree)
			again := walkTree(t, spftest.NewScript(t, tt.dns), tt.root)
			if tree.String() != again.String() {
				t.Errorf("the second walk gives another tree:\n%s\n%s", tree, again)
			}
		})
	}
}

// chain is records that include each other one after the other.
func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "n%d.example TXT v=spf1 include:n%d.example -all\n", i, i+1)
	}
	return b.String()
}

// checkShown holds what is true of all texts of trees.
func checkShown(t testing.TB, tree *Tree) {
	t.Helper()
	text := tree.String()
	if n := strings.Count(text, "\n") + 1; n > MaxTreeLines {
		t.Errorf("the tree has %d lines", n)
	}
	for line := range strings.Lines(text) {
		if len(line) > 500 {
			t.Errorf("the tree has the line %q", line)
		}
	}
	findings := tree.Findings()
	if len(findings) > MaxFindings {
		t.Errorf("there are %d findings", len(findings))
	}
	texts := []string{text}
	for _, f := range findings {
		texts = append(append(texts, f.Text), f.Path...)
		if f.Text == "" || f.Kind.brief() == "" || !strings.HasSuffix(f.Text, ".") {
			t.Errorf("%s of %q says %q", f.Kind, f.Path, f.Text)
		}
	}
	for _, s := range texts {
		for _, r := range s {
			if !strconv.IsPrint(r) && r != '\n' {
				t.Errorf("%q may not be shown: it holds %U", s, r)
			}
		}
	}
}

// TestWalkOrder has the answers come in any order.
func TestWalkOrder(t *testing.T) {
	t.Parallel()
	dns := chain(20) + repeat(200, "i%d.example TXT v=spf1 a mx include:n%[1]d.example include:j%[1]d.example -all\n")
	root := "v=spf1" + repeat(200, " include:i%d.example")
	want := walkTree(t, spftest.NewScript(t, dns), root)
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			script := spftest.NewScript(t, dns)
			got := walkTree(t, &slowDNS{Script: script, delay: func() time.Duration {
				return time.Duration(rand.New(rand.NewPCG(seed, uint64(time.Now().UnixNano()))).IntN(1000)) * time.Millisecond
			}}, root)
			if got.String() != want.String() || spftest.Diff(got.Findings(), want.Findings()) != "" {
				t.Errorf("seed %d: the tree is\n%s\nwant\n%s", seed, got, want)
			}
		})
	}
}

func TestTreeLoops(t *testing.T) {
	t.Parallel()
	for length := 1; length <= MaxWalkDepth; length++ {
		var dns strings.Builder
		for i := range length {
			fmt.Fprintf(&dns, "n%d.example TXT v=spf1 include:n%d.example -all\n", i, (i+1)%length)
		}
		script := spftest.NewScript(t, dns.String())
		tree := walkTree(t, script, "v=spf1 include:ok.example include:n0.example a -all")
		if want := length + 3; len(script.Asked) != want {
			t.Errorf("a loop of %d: %d questions, want %d", length, len(script.Asked), want)
		}
		_, err := tree.Cost(Flattening{})
		var loop *LoopError
		if !errors.As(err, &loop) || loop.Term != "include:n0.example" || len(loop.Names) != length {
			t.Errorf("a loop of %d: Cost() = %v", length, err)
		}
		found := slices.IndexFunc(tree.Findings(), func(f Finding) bool { return f.Kind == FindingLoop })
		if found < 0 || len(tree.Findings()[found].Path) != length+1 {
			t.Errorf("a loop of %d: Findings() = %+v", length, tree.Findings())
		}
		checkShown(t, tree)
	}
}

func TestTreeLoopOfOwner(t *testing.T) {
	t.Parallel()
	tree := walkTree(t, spftest.NewScript(t, "a.example TXT v=spf1 redirect=EXAMPLE.com"), "v=spf1 include:a.example ip4:192.0.2.1 -all")
	want := "example.com  v=spf1 … -all  a loop: endless lookups\n" +
		"└─ include:a.example        endless\n" +
		"   └─ redirect=example.com  endless  ← leads back to itself"
	if got := tree.String(); got != want {
		t.Errorf("String() =\n%s\nwant\n%s", got, want)
	}
}

// TestLoopError shows that a loop is called one, and not by its count.
func TestLoopError(t *testing.T) {
	t.Parallel()
	const round = ": receivers follow the loop until they stop with an error (permerror) after 10 lookups (RFC 7208 §4.6.4); take "
	tests := []struct{ name, dns, root, want string }{
		{"itself", "", "include:example.com -all", `the record of example.com includes itself` + round + `"include:example.com" out of the record of example.com`},
		{"itself by a macro", "", "a:h.example ?include:%{d} -all", `the record of example.com includes itself` + round + `"?include:%{d}" out`},
		{"itself by a redirect", "", "redirect=EXAMPLE.com.", `the record of example.com includes itself` + round + `"redirect=example.com" out`},
		{"a circle", "a.example TXT v=spf1 include:b.example\nb.example TXT v=spf1 redirect=example.com", "mx include:a.example -all", `the record of example.com includes itself, by way of a.example, b.example` + round + `"include:a.example" out`},
		{
			"a circle below", "a.example TXT v=spf1 include:b.example\nb.example TXT v=spf1 include:c.example\nc.example TXT v=spf1 mx include:b.example", "include:a.example -all",
			`the record of b.example includes itself, by way of c.example` + round + `"include:a.example" out of the record of example.com`,
		},
		{"many lookups beside it", "", strings.Repeat("a:h.example ", 20) + "include:example.com -all", `the record of example.com includes itself`},
		{"void lookups beside it", "", "a:v1.example a:v2.example a:v3.example include:example.com -all", `the record of example.com includes itself`},
		{"the second loop is not the first", "a.example TXT v=spf1 include:a.example", "include:ok.example include:a.example include:example.com", `the record of a.example includes itself`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dns := spftest.NewScript(t, "ok.example TXT v=spf1 -all\n"+tt.dns)
			tree := walkTree(t, dns, tt.root)
			_, err := tree.Cost(Flattening{})
			if _, ok := errors.AsType[*LoopError](err); !ok || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("Cost(%q) = %v, want %s", tt.root, err, tt.want)
			}
			if !strings.Contains(tree.String(), "a loop: endless lookups") {
				t.Errorf("String() = %s, want it to call the loop one", tree)
			}
			named, _, _ := strings.Cut(tt.want, ":")
			dns.Add(spftest.Owner, spf.TypeTXT, "v=spf1 "+tt.root)
			checked, err := check.Checker{Resolver: dns, MaxVoids: 2}.Check(t.Context(), check.Query{IP: netip.MustParseAddr("192.0.2.1"), Domain: spftest.Owner})
			if err != nil || checked.Result != check.PermError || strings.HasSuffix(tt.name, "beside it") {
				return // The count may be met before the loop is closed.
			}
			if tt.name != "the second loop is not the first" && !strings.Contains(checked.Problem, named) {
				t.Errorf("Check(%q) = %s: %s, want %q", tt.root, checked.Result, checked.Problem, named)
			}
		})
	}
}

func TestLeadsToItself(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a include:example.com -all": "include:example.com", "~include:Example.COM. -all": "~include:example.com", "redirect=%{d}": "redirect=%{d}",
		"include:%{o}": "include:%{o}", "-include:%{O2} mx": "-include:%{O2}", "redirect=%{o}": "redirect=%{o}", "include:%{o1r}.com": "include:%{o1r}.com",
		"include:%{o}.example.net": "", "include:%{h}": "", "a:%{o} exists:%{o}": "", "include:%%{o}.example.net": "",
		"-all include:example.com": "", "all redirect=example.com": "", "a:example.com include:a.example.com include:%{d2}.example": "",
	} {
		if got, ok := LeadsToItself(spftest.MustParse(t, in), dnsname.MustParse(spftest.Owner)); got != want || ok != (want != "") {
			t.Errorf("LeadsToItself(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
	if got, ok := LeadsToItself(spftest.MustParse(t, "include:%{d}"), dnsname.Name{}); !ok {
		t.Errorf("LeadsToItself() of an unknown owner = %q, want include:%%{d}", got)
	}
}
