package realdns

import (
	"fmt"
	"os"
	"strings"
)

// BINDRecursor starts BIND as a recursor that validates below the trust anchors, and asks from the root of the lab
// down.
func (l *Lab) BINDRecursor(anchors ...Anchor) *Named {
	l.t.Helper()
	n := l.newNamed("recursor")
	var trusted strings.Builder
	for _, a := range anchors {
		fmt.Fprintf(&trusted, "trust-anchors { %q static-key %s; };\n", a.Zone, a.quoted())
	}
	// What is looked up ahead of time would come at odd moments.
	n.start("recursion yes;\n\tdnssec-validation yes;\n\tprefetch 0;", trusted.String(), ".")
	return n
}

// Cache returns what a recursor remembers, as `rndc dumpdb -cache` writes it.
func (n *Named) Cache() string {
	n.t.Helper()
	path := n.path("named_dump.db")
	// The order returns before the dump is written: its last line tells the end.
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		n.t.Fatal(err)
	}
	n.Control("dumpdb", "-cache")
	var dump string
	n.poll("the dump of the cache ends", func() bool {
		text, err := os.ReadFile(path)
		dump = string(text)
		return err == nil && strings.HasSuffix(strings.TrimSpace(dump), "; Dump complete")
	})
	return dump
}
