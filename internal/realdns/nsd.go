package realdns

import "fmt"

// NSD starts NSD as the primary of zones.
func (l *Lab) NSD(zones ...Zone) *Server {
	l.t.Helper()
	s := l.server("nsd")
	// Its limit of responses is for clients that others make it answer.
	config := fmt.Sprintf(`server:
  ip-address: %s
  port: %d
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: %q
  database: ""
  pidfile: ""
  xfrdfile: %q
  zonelistfile: %q
  xfrdir: %[3]q
  nsid: "ascii_nsd"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
`, s.addr.Addr(), s.addr.Port(), s.dir, s.path("xfrd.state"), s.path("zone.list"))
	var names []string
	for _, z := range zones {
		config += fmt.Sprintf("zone:\n  name: %q\n  zonefile: %q\n", z.Name, s.put(z))
		names = append(names, z.Name)
	}
	s.run(names, program(l.t, "nsd", "nsd"), "-d", "-c", s.write("nsd.conf", config))
	return s
}
