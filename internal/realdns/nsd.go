package realdns

import "fmt"

// NSD starts NSD as the primary of zones.
func (l *Lab) NSD(zones ...Zone) *Server {
	l.t.Helper()
	s := l.server("nsd")
	names, statements := s.load(zones, "zone:\n  name: %q\n  zonefile: %q\n")
	// Its limit of responses is for clients that others make it answer.
	config := fmt.Sprintf(`server:
  ip-address: %[1]s
  port: %[2]d
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: %[3]q
  database: ""
  pidfile: ""
  xfrdfile: %[4]q
  zonelistfile: %[5]q
  xfrdir: %[3]q
  nsid: "ascii_nsd"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
%[6]s`, s.addr.Addr(), s.addr.Port(), s.dir, s.path("xfrd.state"), s.path("zone.list"), statements)
	s.run(names, program(l.t, "nsd", "nsd"), "-d", "-c", s.write("nsd.conf", config))
	return s
}
