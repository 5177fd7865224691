package tree

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

func TestTreeString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, dns, root, want string
	}{
		{"no lookups", "", "v=spf1 ip4:192.0.2.1 -all", `
example.com  v=spf1 … -all  0 of 10 lookups, 0 of 2 void`},
		{"nothing but an ending", "", "v=spf1 ?all", `
example.com  v=spf1 ?all  0 of 10 lookups, 0 of 2 void`},
		{
			"the budget",
			"spf.protection.outlook.com TXT v=spf1 ip4:192.0.2.0/24 -all\n_spf.acme.example TXT v=spf1 include:a._spf.acme.example include:b._spf.acme.example -all\n" +
				"a._spf.acme.example TXT v=spf1 a mx:acme.example ~all\na._spf.acme.example A 192.0.2.1\nacme.example MX mx.acme.example\nmx.acme.example A 192.0.2.2\nb._spf.acme.example TXT v=spf1 a:gone.acme.example\n",
			"v=spf1 include:spf.protection.outlook.com include:_spf.acme.example -all", `
example.com  v=spf1 … -all             7 of 10 lookups, 3 of 2 void for IPv6
├─ include:spf.protection.outlook.com   1
└─ include:_spf.acme.example            6  ← most of the budget
   ├─ include:a._spf.acme.example       3
   │  ├─ a                              1
   │  └─ mx:acme.example                1
   └─ include:b._spf.acme.example       2
      └─ a:gone.acme.example            1  ← finds nothing`,
		},
		{
			"findings",
			"two.example TXT v=spf1\ntwo.example TXT v=spf1\nbad.example TXT v=spf1 x\nfails.example TXT !\nmany.example MX a.example\n" + strings.Repeat("many.example MX b.example\n", 10),
			"v=spf1 +include:void.example ~include:two.example include:bad.example include:fails.example include:%{i}.example mx:many.example ptr redirect=void.example", `
example.com  v=spf1 … redirect=void.example  at least 8 of 10 lookups, at least 2 of 2 void
├─ include:void.example                       1  ← no SPF record
├─ ~include:two.example                       1  ← several SPF records
├─ include:bad.example                        1  ← invalid record
├─ include:fails.example                      at least 1  ← no answer from DNS
├─ include:%{i}.example                       at least 1  ← depends on the client or the sender
├─ mx:many.example                            1  ← more than 10 mail servers
├─ ptr                                        1
└─ redirect=void.example                      1  ← no SPF record`,
		},
		{"long terms stand out", "", "v=spf1 a:" + strings.Repeat(strings.Repeat("x", 50)+".", 3) + "example a -all", `
example.com  v=spf1 … -all  2 of 10 lookups, 2 of 2 void
├─ a:` + strings.Repeat("x", 50) + "." + strings.Repeat("x", 47) + `… (162 octets in all)   1  ← finds nothing
└─ a                         1  ← finds nothing`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tree := walkTree(t, spftest.NewScript(t, tt.dns), tt.root)
			if got, want := tree.String(), strings.TrimPrefix(tt.want, "\n"); got != want {
				t.Errorf("String() =\n%s\nwant\n%s", got, want)
			}
			checkShown(t, tree)
		})
	}
}

func TestTreeStringIsBounded(t *testing.T) {
	t.Parallel()
	tree := walkTree(t, spftest.NewScript(t, powers(9)), "v=spf1 include:n0.example a -all")
	lines := strings.Split(tree.String(), "\n")
	if len(lines) != MaxTreeLines || lines[MaxTreeLines-1] != "… and more" {
		t.Errorf("%d lines, the last is %q", len(lines), lines[len(lines)-1])
	}
	// As many lines as there may be are cut already: there may be more to come.
	for _, n := range []int{MaxTreeLines - 2, MaxTreeLines - 1, MaxTreeLines} {
		lines := strings.Split(walkTree(t, spftest.NewScript(t, ""), "v=spf1"+strings.Repeat(" ptr", n)).String(), "\n")
		if want := min(n+1, MaxTreeLines); len(lines) != want || (lines[len(lines)-1] == "… and more") != (n >= MaxTreeLines-1) {
			t.Errorf("%d terms make %d lines, the last is %q", n, len(lines), lines[len(lines)-1])
		}
	}
}

// FuzzWalk has DNS say anything.
func FuzzWalk(f *testing.F) {
	f.Add("v=spf1 include:n1.example -all", "v=spf1 a mx include:example.com -all", "mx.example", []byte{1, 2, 3})
	f.Add("v=spf1 a:%{d}.%{i} redirect=n2.example", "v=spf1 \x00\xff", "", []byte{7})
	f.Add("v=spf1 mx/0 exists:n1.example exp=x", strings.Repeat("v=spf1 ", 9000), "\\.\u202e", []byte{})
	f.Fuzz(func(t *testing.T, root, one, two string, choices []byte) {
		record, err := spf.ParseWire(root)
		if err != nil {
			return
		}
		dns := &spftest.Script{Records: map[spftest.Question][]string{}, Failing: map[spftest.Question]bool{}}
		values := []string{one, two, "192.0.2.1", "2001:db8::1", "mx.example", "v=spf1 include:" + two, "v=spf1 a:" + two + " ?all"}
		names := []string{spftest.Owner, "n1.example", "n2.example", "mx.example", two}
		types := []spf.RRType{spf.TypeTXT, spf.TypeA, spf.TypeAAAA, spf.TypeMX}
		for i, c := range choices {
			q := spftest.Ask(names[int(c)%len(names)], types[int(c>>3)%len(types)])
			dns.Records[q] = append(dns.Records[q], values[i%len(values)])
		}
		tree, err := Walk(t.Context(), dns, record, spftest.OwnerName)
		if err != nil {
			t.Fatal(err)
		}
		checkShown(t, tree)
		if _, err := tree.Cost(Flattening{}); err != nil && err.Error() == "" {
			t.Error("an error without a text")
		}
		if bits4, bits6 := tree.Shares(); min(bits4, bits6) < 0 {
			t.Errorf("the shares are %d and %d", bits4, bits6)
		}
		if flat, err := tree.Flatten(Flattening{Names: []string{EverySource}}); err == nil {
			checkShown(t, flat.Tree)
		}
	})
}

// TestTreeHostile draws trees of random octets.
func TestTreeHostile(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 6))
		octets := make([]byte, 200)
		for i := range octets {
			octets[i] = byte(r.IntN(256))
		}
		dns := &spftest.Script{Records: map[spftest.Question][]string{
			spftest.Ask("a.example", spf.TypeTXT): {"v=spf1 " + string(octets)},
			spftest.Ask("b.example", spf.TypeTXT): {"v=spf1 x=" + string(octets[:20]) + " a:" + string(octets[:9]) + ".example"},
			spftest.Ask("c.example", spf.TypeMX):  {string(octets), "\x1b[31m.", ""},
			spftest.Ask("c.example", spf.TypeA):   {string(octets)},
		}}
		checkShown(t, walkTree(t, dns, "v=spf1 include:a.example include:b.example mx:c.example a:c.example -all"))
	}
}
