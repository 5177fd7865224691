package realdns

import "fmt"

// Knot starts Knot DNS as the primary of zones.
func (l *Lab) Knot(zones ...Zone) *Server {
	l.t.Helper()
	s := l.server("knot")
	names, statements := s.load(zones, "  - domain: %q\n    file: %q\n")
	listen, module, template := s.behind(), "", ""
	if s.limits {
		module = "mod-rrl:\n  - id: limited\n    rate-limit: 200\n    slip: 2\n"
		template = "    global-module: mod-rrl/limited\n"
	}
	config := fmt.Sprintf(`server:
  rundir: %[1]q
  listen: %[2]s@%[3]d
  nsid: knot
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
log:
  - target: stderr
    any: info
database:
  storage: %[1]q
%[4]stemplate:
  - id: default
    zonefile-sync: -1
%[5]szone:
%[6]s`, s.dir, listen.Addr(), listen.Port(), module, template, statements)
	s.run(names, program(l.t, "knotd", "knot"), "-c", s.write("knot.conf", config))
	return s
}
