// Package dnstest is a scriptable DNS on loopback addresses, for tests and demonstrations.
//
// # Hierarchy
//
// [New] starts a [Hierarchy] for a test and closes it with the test; [Start] starts one for a program.
// A hierarchy has a root, top-level domains and zones. Zones above the one that is asked for are made
// where they are missing, each on a server of its own, with the NS and address records that lead down:
//
//	h := dnstest.New(t)
//	zone := h.Zone("example.com", dnstest.Servers("ns1", "ns2", "ns3"))
//	zone.Add("_dmarc 300 IN TXT \"v=DMARC1; p=none\"")
//
// The authoritative servers share one port ([Hierarchy.Port]), which no other hierarchy on the machine
// has, and differ in their addresses: 127.0.0.2 is the root's, those that follow belong to the servers
// in the order in which they are made.
//
// # Records
//
// [Zone.Add], [Zone.Set], [Zone.Remove] and [Zone.Delete] change records, at any time and from any
// goroutine; [Zone.Update] makes several changes that show together. A change raises the serial and shows
// at all servers at once. [Server.Hold] freezes a server until [Server.Release]; [Server.Lag] makes it
// follow later. TXT data is given raw to [Zone.SetTXT] or [TXT]. With [Primary], a server also takes
// changes as updates (RFC 2136), from whoever sends them.
//
// # Servers that misbehave
//
// A [Fault] stands between the reply that a server prepared and the wire:
//
//	remove := zone.Server("ns2").Inject(dnstest.OnUDP(dnstest.First(2, dnstest.Drop)))
//
// There are ready-made ones, such as [Drop], [RCode], [Truncate], [NoAA], [Lame] and [WrongID], and
// combinators that say when: [When], [OnUDP], [OnTCP], [OnOutcome], [First], [After], [Every], [Cycle].
// What stands between a client and the servers is a fault as well: a [Middlebox] that [Hierarchy.Intercept]
// puts before all of them, an attacker whose reply is [Ahead], an address translator ([WrongPort]).
// [Server.Down] closes sockets altogether. What is wrong in the data is made of records: a parent and a
// child that name different servers, a loop of aliases, glue that leads nowhere.
//
// # Questions
//
// Every question is logged: [Hierarchy.Questions] and [Hierarchy.Count] take filters such as [To],
// [About], [OfType] and [Over]. A test needs no clock to act between two questions: [Hierarchy.Await]
// waits for the n-th, [Server.OnQuestion] runs before its reply is prepared, and a [Gate] holds replies
// back until it is opened.
//
// # Recursor
//
// [Hierarchy.Recursor] starts a caching resolver over the hierarchy, whose cache can be read
// ([Recursor.Cached]) and goes by a clock that a test can set on ([WithClock], [Clock.Advance]). With the
// fault [Bogus], it is one that validates, and finds a zone's signatures broken.
//
// [Recursor.ListenTLS] and [Recursor.ListenHTTPS] let it be asked over DoT and DoH, with certificates of the
// hierarchy's own authority ([Hierarchy.CA]). Recursors and servers are handlers ([Recursor.ServeDNS]) that a test can
// put behind anything else.
package dnstest
