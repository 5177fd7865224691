// Package realdns runs DNS servers of other makers on loopback, for tests: BIND, Knot DNS, NSD and PowerDNS
// as authorities, Unbound and BIND as validating recursors. They show that what dnstest plays is what servers do.
//
// # Lab
//
// [New] starts a [Lab]. Its root and top-level domains are those of a [dnstest.Hierarchy]; below them, real
// servers have zones of their own. All authorities share the port of the hierarchy, and each server has an
// address of its own, from 127.0.1.1 on:
//
//	lab := realdns.New(t)
//	bind := lab.BIND(realdns.Zone{Name: "example.com", Records: `@ TXT "v=spf1 -all"`})
//	lab.Delegate("example.com", bind.Server)
//	unbound := lab.Unbound()
//
// A server has its configuration, its data and its sockets in a temporary directory of the test, runs in the
// foreground as the user of the test, and ends with the test. A method that starts one returns once it answers.
// What the server prints is in its [Log], and in that of the test where this fails.
//
// # What has to be installed
//
// The servers come from Debian's packages bind9, bind9-utils, bind9-dnsutils, knot, nsd, pdns-server,
// pdns-backend-bind and unbound. Where one is missing, the test that wants it is skipped, and says so; it fails
// where [Variable] is "require".
package realdns
