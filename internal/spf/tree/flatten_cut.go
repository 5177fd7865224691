package tree

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// cuts returns before which terms, networks in the order of their addresses, a list is cut so that the terms of each
// part, with a blank before each, have no more than room octets together. There are as few parts as there can be.
//
// Where there is a choice, the cut is made between networks that have the shortest common prefix, IPv4 and IPv6
// first, and not where a part is full: so a network that comes or goes elsewhere leaves the cut where it is, and no
// address moves to another record. There are no ties: of networks in order, one place alone has the shortest.
func cuts(terms []spf.Directive, room int) []int {
	sizes := make([]int, len(terms))
	for i, t := range terms {
		sizes[i] = 1 + len(t.String())
	}
	latest := fromEnd(sizes, room)
	var made []int
	for start := 0; len(made) < len(latest); {
		// What is left must fit the parts that are left, and the part its room.
		earliest := max(latest[len(latest)-1-len(made)], start+1)
		best, weakest := 0, 0
		used := 0
		for end := start; end < len(terms) && used <= room; end++ {
			if end >= earliest {
				if b := bond(terms[end-1].Prefix, terms[end].Prefix); best == 0 || b < weakest {
					best, weakest = end, b
				}
			}
			used += sizes[end]
		}
		made = append(made, best)
		start = best
	}
	return made
}

// fromEnd fills parts from the end, each as far as it goes, and returns where they start, the last one first and
// without the first: so the number of parts is the least, and with that number no cut comes earlier.
func fromEnd(sizes []int, room int) []int {
	var starts []int
	used := 0
	for i, size := range slices.Backward(sizes) {
		if used > 0 && used+size > room {
			starts = append(starts, i+1)
			used = 0
		}
		used += size
	}
	return starts
}

// bond is how closely two networks belong together: 0 for those of different families, otherwise one more than the
// bits that their addresses have in common.
func bond(a, b netip.Prefix) int {
	if a.Addr().Is4() != b.Addr().Is4() {
		return 0
	}
	common := commonBits(a.Addr(), b.Addr())
	if a.Addr().Is4() {
		common -= 96
	}
	return 1 + common
}

// commonBits returns the number of leading bits that two addresses have in common, as 16 octets.
func commonBits(a, b netip.Addr) int {
	x, y := a.As16(), b.As16()
	if high := binary.BigEndian.Uint64(x[:8]) ^ binary.BigEndian.Uint64(y[:8]); high != 0 {
		return bits.LeadingZeros64(high)
	}
	return 64 + bits.LeadingZeros64(binary.BigEndian.Uint64(x[8:])^binary.BigEndian.Uint64(y[8:]))
}
