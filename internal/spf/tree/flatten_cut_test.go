package tree

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// randomNetworks returns networks none of which covers or completes another one, in order.
func randomNetworks(r *rand.Rand, n int) []spf.Directive {
	var terms []spf.Directive
	for len(terms) < n {
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(r.IntN(4) * 60), byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(128) * 2)}), 32)
		if r.IntN(3) == 0 {
			p = netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, byte(r.IntN(256)), byte(r.IntN(256)), 15: byte(r.IntN(128) * 2)}), 128)
		}
		t := spf.Directive{Mechanism: spf.MechIP4, Prefix: p}
		if p.Addr().Is6() {
			t.Mechanism = spf.MechIP6
		}
		if !slices.Contains(terms, t) {
			terms = append(terms, t)
		}
	}
	sortNetworks(terms)
	return terms
}

func sortNetworks(terms []spf.Directive) {
	slices.SortFunc(terms, func(a, b spf.Directive) int { return a.Prefix.Addr().Compare(b.Prefix.Addr()) })
}

// TestCuts holds the parts against those of a plain cut where each part is full.
func TestCuts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 2))
		terms, room := randomNetworks(r, r.IntN(80)), 50+r.IntN(400)
		full, used := 0, 0
		for _, term := range terms {
			size := 1 + len(term.String())
			if used+size > room {
				full++
				used = 0
			}
			used += size
		}
		got := cuts(terms, room)
		if len(got) != full {
			t.Errorf("seed %d: %d cuts, want %d", seed, len(got), full)
		}
		start := 0
		for _, end := range append(slices.Clone(got), len(terms)) {
			if len(spf.Record{Directives: terms[start:end]}.TermsString())+1 > room || end <= start && len(terms) > 0 {
				t.Errorf("seed %d: the part from %d to %d does not fit %d octets", seed, start, end, room)
			}
			start = end
		}
	}
}

func TestCutsPlaces(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, terms string
		room        int
		want        []int
	}{
		{"nothing", "", 50, nil},
		{"it fits", "ip4:192.0.2.1 ip4:192.0.2.3", 28, nil},
		{"it does not", "ip4:192.0.2.1 ip4:192.0.2.3", 27, []int{1}},
		{"between families", "ip4:192.0.2.1 ip6:2001:db8::1 ip6:2001:db8::3 ip6:2001:db8::5", 50, []int{1}},
		{"between networks that have least in common", "ip4:10.0.0.1 ip4:10.0.0.3 ip4:192.0.2.1 ip4:192.0.2.3", 42, []int{2}},
		{"not where the rest would not fit", "ip4:10.0.0.1 ip4:192.0.2.1 ip4:192.0.2.3 ip4:192.0.2.5", 30, []int{2}},
		{"not where the part would not fit", "ip4:10.0.0.1 ip4:10.0.0.3 ip4:10.0.0.5 ip4:192.0.2.1", 30, []int{2}},
		{"three parts", "ip4:10.0.0.1 ip4:10.0.0.3 ip4:10.9.0.1 ip6:2001:db8::1 ip6:2001:db8::3", 38, []int{2, 3}},
	}
	for _, tt := range tests {
		if got := cuts(spftest.MustParse(t, tt.terms).Directives, tt.room); !slices.Equal(got, tt.want) {
			t.Errorf("%s: cuts(%q, %d) = %v, want %v", tt.name, tt.terms, tt.room, got, tt.want)
		}
	}
}

// TestCutsStay adds a network between others: with two parts, none moves as long as it fits.
func TestCutsStay(t *testing.T) {
	t.Parallel()
	stayed, full := 0, 0
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 3))
		terms, room := randomNetworks(r, 20+r.IntN(10)), 380
		before := cuts(terms, room)
		added := terms[1+r.IntN(len(terms)-1)]
		added.Prefix = netip.PrefixFrom(added.Prefix.Addr().Prev().Prev(), added.Prefix.Bits())
		if len(before) != 1 || slices.Contains(terms, added) {
			continue
		}
		more := append(slices.Clone(terms), added)
		sortNetworks(more)
		after := cuts(more, room)
		// The old cut, among more networks.
		at := slices.Index(more, terms[before[0]])
		if added == more[at-1] && bond(terms[before[0]-1].Prefix, added.Prefix) < bond(added.Prefix, terms[before[0]].Prefix) {
			at--
		}
		if len(spf.Record{Directives: more[:at]}.TermsString())+1 > room || len(spf.Record{Directives: more[at:]}.TermsString())+1 > room {
			full++
			continue
		}
		if stayed++; len(after) != 1 || after[0] != at {
			t.Errorf("seed %d: the cut moves from %v to %v", seed, terms[before[0]], more[after[0]])
		}
	}
	if stayed < 100 || full == 0 {
		t.Errorf("%d cuts stayed, %d parts were full", stayed, full)
	}
}

func TestBond(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{
		{"192.0.2.0/24", "2001:db8::/32", 0},
		{"10.0.0.0/8", "192.0.2.0/24", 1},
		{"192.0.2.0/32", "192.0.2.1/32", 32},
		{"192.0.2.0/25", "192.0.2.128/25", 25},
		{"2001:db8::/48", "2001:db8:1::/48", 48},
		{"2001:db8::1/128", "2001:db8::2/128", 127},
	}
	for _, tt := range tests {
		if got := bond(netip.MustParsePrefix(tt.a), netip.MustParsePrefix(tt.b)); got != tt.want {
			t.Errorf("bond(%s, %s) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

// FuzzCuts has networks of any size and number.
func FuzzCuts(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 200, 100, 50}, uint16(80))
	f.Fuzz(func(t *testing.T, data []byte, room uint16) {
		var terms []spf.Directive
		for i, c := range data {
			term := spf.Directive{Mechanism: spf.MechIP4, Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{c, byte(i)}), 16)}
			if c > 127 {
				term = spf.Directive{Mechanism: spf.MechIP6, Prefix: netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 1, c, byte(i)}), 32+int(c)%96).Masked()}
			}
			terms = append(terms, term)
		}
		sortNetworks(terms)
		start := 0
		for _, end := range append(cuts(terms, int(room)+64), len(terms)) {
			if len(spf.Record{Directives: terms[start:end]}.TermsString())+1 > int(room)+64 {
				t.Errorf("the part from %d to %d does not fit %d octets", start, end, room)
			}
			if end <= start && len(terms) > 0 {
				t.Errorf("the part from %d to %d is empty", start, end)
			}
			start = end
		}
	})
}

// TestFlattenLongNames shows that a record at a long name is cut so that its answer still fits, the name counted.
func TestFlattenLongNames(t *testing.T) {
	t.Parallel()
	long := dnsname.MustParse(strings.Repeat("a-rather-long-label-of-a-name.", 5) + "example.com")
	dns := spftest.NewScript(t, "s.example TXT v=spf1"+repeat(120, " ip4:192.0.%d.1")+" -all")
	for _, at := range []dnsname.Name{long, dnsname.MustParse("example.com")} {
		tree, err := Walk(t.Context(), dns, spftest.MustParse(t, "include:s.example -all"), at)
		if err != nil {
			t.Fatal(err)
		}
		flat, err := tree.Flatten(Flattening{Names: []string{EverySource}})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range flat.Records {
			if size := spf.AnswerSize(r.Owner, []string{r.Record.String()}) - 11; size > 512 {
				t.Errorf("the answer of %s has %d octets, want no more than 512", r.Owner, size)
			}
		}
	}
}
