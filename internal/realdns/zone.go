package realdns

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
)

// Zone is a zone that a server reads from a file.
type Zone struct {
	Name    string // without its final dot
	Records string // lines of a zone file, names relative to the zone, beside the SOA and NS records and the addresses of the servers
	// NegativeTTL is the SOA minimum in seconds (RFC 2308 §4); 0 for 60.
	NegativeTTL int
	// Hosts are the names of its servers, without their final dots, where these lie in other zones; otherwise it has ns1.
	Hosts []string

	secondary netip.Addr // of ns2, where it is valid
	signed    string     // the file of a signed zone
}

const (
	defaultNegativeTTL = 60
	// soaTTL is larger than any negative TTL here, so that the SOA minimum is what counts (RFC 2308 §5).
	soaTTL = 3600
)

// file returns the zone as a file for the server at an address.
func (z Zone) file(addr netip.Addr) string {
	if z.signed != "" {
		return z.signed
	}
	negative := z.NegativeTTL
	if negative == 0 {
		negative = defaultNegativeTTL
	}
	var b strings.Builder
	fmt.Fprintf(&b, "$ORIGIN %s.\n$TTL 300\n", z.Name)
	// A secondary left alone does not ask for changes before an hour is over.
	fmt.Fprintf(&b, "@ %d IN SOA ns1 hostmaster 1 3600 3600 604800 %d\n", soaTTL, negative)
	for _, host := range z.Hosts {
		fmt.Fprintf(&b, "@ IN NS %s.\n", host)
	}
	if len(z.Hosts) == 0 {
		fmt.Fprintf(&b, "@ IN NS ns1\nns1 IN A %s\n", addr)
	}
	if z.secondary.IsValid() {
		fmt.Fprintf(&b, "@ IN NS ns2\nns2 IN A %s\n", z.secondary)
	}
	b.WriteString(z.Records + "\n")
	return b.String()
}

// put writes the file of a zone into the directory of the server, and returns its path.
func (s *Server) put(z Zone) string {
	s.t.Helper()
	return s.write(z.Name+".zone", z.file(s.addr.Addr()))
}

// load writes the files of zones. It returns the names of the zones, and what a configuration says about them: the
// format has the name and the path of each, both quoted.
func (s *Server) load(zones []Zone, format string) (names []string, statements string) {
	s.t.Helper()
	var b strings.Builder
	for _, z := range zones {
		names = append(names, z.Name)
		fmt.Fprintf(&b, format, z.Name, s.put(z))
	}
	return names, b.String()
}

// path returns the path of a file in the directory of the server.
func (s *Server) path(name string) string { return filepath.Join(s.dir, name) }
