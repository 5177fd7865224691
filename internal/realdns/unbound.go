package realdns

import (
	"fmt"
	"strings"
)

// Unbound starts Unbound as a recursor that validates below the trust anchors. It asks the servers of all zones
// that the lab has at this moment directly, since it follows referrals to port 53 alone.
func (l *Lab) Unbound(anchors ...Anchor) *Server {
	l.t.Helper()
	s := l.server("unbound")
	var config strings.Builder
	fmt.Fprintf(&config, `server:
  directory: %q
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  log-queries: yes
  verbosity: 1
  interface: %s@%d
  num-threads: 1
  do-ip6: no
  do-not-query-localhost: no
  module-config: "validator iterator"
  ede: yes
  root-hints: ""
`, s.dir, s.addr.Addr(), s.addr.Port())
	for _, a := range anchors {
		fmt.Fprintf(&config, "  trust-anchor: \"%s. DNSKEY %s\"\n", a.Zone, a.Key)
	}
	config.WriteString("remote-control:\n  control-enable: no\n")
	for _, d := range l.delegations() {
		fmt.Fprintf(&config, "stub-zone:\n  name: \"%s.\"\n", d.zone)
		for _, addr := range d.servers {
			fmt.Fprintf(&config, "  stub-addr: %s@%d\n", addr.Addr(), addr.Port())
		}
	}
	s.run([]string{"."}, program(l.t, "unbound", "unbound"), "-d", "-c", s.write("unbound.conf", config.String()))
	return s
}
