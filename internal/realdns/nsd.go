package realdns

import "fmt"

// NSD starts NSD as the primary of zones.
func (l *Lab) NSD(zones ...Zone) *Server {
	l.t.Helper()
	s := l.server("nsd")
	names, statements := s.load(zones, "zone:\n  name: %q\n  zonefile: %q\n")
	// Without being told, it limits its responses.
	listen, limit := s.behind(), 0
	if s.limits {
		limit = 200
	}
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
  rrl-ratelimit: %[6]d
remote-control:
  control-enable: no
%[7]s`, listen.Addr(), listen.Port(), s.dir, s.path("xfrd.state"), s.path("zone.list"), limit, statements)
	s.run(names, program(l.t, "nsd", "nsd"), "-d", "-c", s.write("nsd.conf", config))
	return s
}
