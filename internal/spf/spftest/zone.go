package spftest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// Owner is the name whose record the tests of trees are about.
const Owner = "example.com"

// OwnerName is [Owner] as a name.
var OwnerName = dnsname.MustParse(Owner)

// RandomZone makes records for [Owner] and names below it that include each other at random.
func RandomZone(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // A test repeats it.
	return RandomRecords{Choose: r.IntN, Loops: seed%3 == 0}.Zone()
}

// RandomRecords makes a zone by choices from 0 to n-1.
type RandomRecords struct {
	Choose func(n int) int
	Loops  bool // otherwise, records include later ones alone
	Static bool // what is below the record of the owner lets a fixed set of addresses pass
}

// Zone returns the records as [NewScript] reads them.
func (z RandomRecords) Zone() string {
	const names = 7
	choose := z.Choose
	name := func(i int) string {
		if i == 0 {
			return Owner
		}
		return fmt.Sprintf("n%d.example", i)
	}
	var b strings.Builder
	for i := range names {
		next := func() string {
			if z.Loops || i == names-1 {
				return name(1 + choose(names))
			}
			return name(i + 1 + choose(names-i))
		}
		fmt.Fprintf(&b, "%s TXT v=spf1", name(i))
		for range choose(4) {
			b.WriteString(" " + z.term(i == 0, next))
		}
		switch choose(6) {
		case 0:
			b.WriteString(" redirect=" + next())
		case 1:
		case 2:
			b.WriteString(" ?all " + z.term(i == 0, next)) // and a dead term
		default:
			b.WriteString(" -all")
		}
		b.WriteByte('\n')
		if choose(3) > 0 {
			fmt.Fprintf(&b, "%s A 192.0.2.%d\n", name(i), choose(8))
		}
		if choose(3) > 0 {
			fmt.Fprintf(&b, "%s AAAA 2001:db8::%d\n", name(i), choose(8))
		}
		for j := range choose(3) {
			fmt.Fprintf(&b, "%s MX h%d.example\n", name(i), j)
		}
	}
	for i := range 2 {
		fmt.Fprintf(&b, "h%d.example A 198.51.100.%d\n", i, choose(8))
	}
	return b.String()
}

func (z RandomRecords) term(apex bool, next func() string) string {
	choose := z.Choose
	static := z.Static && !apex
	qualifier := ""
	if choose(12) == 0 && !static {
		qualifier = []string{"-", "~", "?"}[choose(3)]
	}
	host := []string{"", ":" + next(), ":h1.example", ":void.example"}[choose(4)]
	cidr := []string{"", "/28", "//120", "/30//126"}[choose(4)]
	kind := choose(9)
	if kind == 5 && static {
		kind = 6
	}
	switch kind {
	case 0, 1:
		return qualifier + "include:" + next()
	case 2:
		return qualifier + "a" + host + cidr
	case 3:
		return qualifier + "mx" + host + cidr
	case 4:
		return qualifier + fmt.Sprintf("ip6:2001:db8::%d/%d", choose(16), 120+choose(9))
	case 5:
		return qualifier + "exists:" + []string{"void.example", next()}[choose(2)]
	default:
		return qualifier + fmt.Sprintf("ip4:192.0.2.%d/%d", choose(64), 26+choose(7))
	}
}
