package realdns

import "fmt"

// PowerDNS starts PowerDNS' authoritative server, with its backend for zone files, as the primary of zones.
func (l *Lab) PowerDNS(zones ...Zone) *Server {
	l.t.Helper()
	s := l.server("pdns")
	path := program(l.t, "pdns_server", "pdns-server")
	names, statements := s.load(zones, "zone %q { type master; file %q; };\n")
	// Without the suffix it would ask the Internet whether its version is safe.
	s.write("pdns.conf", fmt.Sprintf(`launch=bind
bind-config=%s
local-address=%s
local-port=%d
socket-dir=%s
server-id=pdns
security-poll-suffix=
daemon=no
guardian=no
disable-syslog=yes
receiver-threads=1
distributor-threads=1
loglevel=5
`, s.write("zones.conf", statements), s.addr.Addr(), s.addr.Port(), s.dir))
	s.run(names, path, "--config-dir="+s.dir)
	return s
}
