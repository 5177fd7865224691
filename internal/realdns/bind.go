package realdns

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/netip"
	"os/exec"
	"strings"
)

// The Debian packages that hold the parts of BIND.
const (
	bindPackage      = "bind9"          // named
	bindUtilsPackage = "bind9-utils"    // rndc, dnssec-keygen, dnssec-signzone
	bindToolsPackage = "bind9-dnsutils" // nsupdate
)

// keyName is the name of the TSIG key (RFC 8945) that a BIND server takes updates and orders with.
const keyName = "tester"

// Named is BIND's server.
type Named struct {
	*Server
	control netip.AddrPort // where it takes orders
	key     string         // the path of a file with its key
	secret  string         // of the key, in base64
	hints   string         // the path of a file that says where the root of the lab is
}

// newNamed prepares a server that does not run.
func (l *Lab) newNamed(name string) *Named {
	n := &Named{Server: l.server(name), control: l.addr()}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // It never fails.
	n.secret = base64.StdEncoding.EncodeToString(secret)
	n.key = n.write("tester.key", fmt.Sprintf("key %q { algorithm hmac-sha256; secret %q; };\n", keyName, n.secret))
	root := l.Zone(".").Servers()[0]
	n.hints = n.write("root.hints", fmt.Sprintf(". 3600 IN NS %[1]s.\n%[1]s. 3600 IN A %s\n", root.Name(), root.Addr().Addr()))
	return n
}

// start starts the server with options and statements, and returns once it answers about the names.
func (n *Named) start(options, statements string, names ...string) {
	n.t.Helper()
	inner := netip.AddrPortFrom(loopback, freePort(n.t))
	n.passed = relay(n.t, n.addr, inner)
	if n.limits {
		options += "\n\trate-limit { responses-per-second 10; };"
	}
	// The port is that of the servers it asks, and the hints are those of the lab: whatever it looks for, nothing
	// leaves the machine.
	config := fmt.Sprintf(`include %q;
controls { inet %s port %d allow { any; } keys { %q; }; };
options {
	directory %q;
	pid-file none;
	session-keyfile none;
	port %d;
	listen-on port %d { %s; };
	server-id %q;
	querylog yes;
	notify no;
	empty-zones-enable no;
	allow-transfer { any; };
	%s
};
zone "." { type hint; file %q; };
%s`, n.key, n.control.Addr(), n.control.Port(), keyName, n.dir, n.addr.Port(), inner.Port(), inner.Addr(), n.log.name, options, n.hints, statements)
	n.run(names, program(n.t, "named", bindPackage), "-g", "-4", "-n", "1", "-c", n.write("named.conf", config))
}

// authority are the options of a server that looks for nothing elsewhere.
const authority = "recursion no;\n\tdnssec-validation no;"

// BIND starts BIND as the primary of zones, which takes updates signed with its key.
func (l *Lab) BIND(zones ...Zone) *Named {
	l.t.Helper()
	n := l.newNamed("bind")
	n.startPrimary(zones...)
	return n
}

// BINDPair starts BIND as the primary and as the secondary of a zone. Nobody tells the secondary of changes: it
// follows when it is ordered to ([Named.Control] with "refresh" and the zone).
func (l *Lab) BINDPair(z Zone) (primary, secondary *Named) {
	l.t.Helper()
	primary, secondary = l.newNamed("primary"), l.newNamed("secondary")
	z.secondary = secondary.addr.Addr()
	primary.startPrimary(z)
	secondary.start(authority, fmt.Sprintf("zone %q { type secondary; file %q; primaries { %s port %d; }; };\n",
		z.Name, secondary.path(z.Name+".zone"), primary.addr.Addr(), primary.addr.Port()), z.Name)
	return primary, secondary
}

func (n *Named) startPrimary(zones ...Zone) {
	n.t.Helper()
	names, statements := n.load(zones, "zone %q { type primary; file %q; allow-update { key "+keyName+"; }; };\n")
	n.start(authority, statements, names...)
}

// Key returns the name and the secret, in base64, of the key that updates are signed with, by HMAC-SHA256.
func (n *Named) Key() (name, secret string) { return keyName, n.secret }

// Control gives an order by rndc, and returns what that prints.
func (n *Named) Control(order ...string) string {
	n.t.Helper()
	args := append([]string{"-s", n.control.Addr().String(), "-p", fmt.Sprint(n.control.Port()), "-k", n.key}, order...)
	out, err := exec.Command(program(n.t, "rndc", bindUtilsPackage), args...).CombinedOutput()
	if err != nil {
		n.t.Fatalf("rndc %s: %v\n%s", strings.Join(order, " "), err, out)
	}
	return string(out)
}

// Replace puts other content in the place of a zone.
func (n *Named) Replace(z Zone) {
	n.t.Helper()
	n.Control("freeze", z.Name)
	n.put(z)
	n.Control("thaw", z.Name)
}

// UpdateCommand returns a shell command that changes a zone by nsupdate, signed with the server's key. The
// changes are lines such as "add www.example.com 300 A 192.0.2.1".
func (n *Named) UpdateCommand(zone string, changes ...string) string {
	n.t.Helper()
	lines := []string{fmt.Sprintf("server %s %d", n.addr.Addr(), n.addr.Port()), "zone " + zone}
	for _, change := range changes {
		lines = append(lines, "update "+change)
	}
	return fmt.Sprintf("%s -k '%s' <<'END'\n%s\nsend\nEND", program(n.t, "nsupdate", bindToolsPackage), n.key, strings.Join(lines, "\n"))
}

// Update changes a zone as the command of [Named.UpdateCommand] does.
func (n *Named) Update(zone string, changes ...string) {
	n.t.Helper()
	if out, err := exec.Command("/bin/sh", "-c", n.UpdateCommand(zone, changes...)).CombinedOutput(); err != nil {
		n.t.Fatalf("nsupdate: %v\n%s", err, out)
	}
}
