package dnstest

import (
	"fmt"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// Zone is one zone of a hierarchy. A change is made in the zone and then shows at each of its servers
// at once, unless the server lags ([Server.Lag]) or is held ([Server.Hold]). All methods are safe for
// concurrent use.
//
// Everything a hierarchy makes by itself, the SOA, NS and address records, can be changed like any
// other record. Changing the NS records of the zone leaves those of its parent as they are.
type Zone struct {
	origin  string
	h       *Hierarchy
	servers []*Server // fixed once the zone is made
	primary *Server   // takes updates (RFC 2136); nil where none does

	mu   sync.Mutex // orders changes, so that all servers see them in one order
	live *content
}

// Name returns the name of the zone in lower case, without its final dot; "." for the root.
func (z *Zone) Name() string { return displayName(z.origin) }

// Servers returns the servers of the zone in the order in which they were given.
func (z *Zone) Servers() []*Server { return append([]*Server(nil), z.servers...) }

// Server returns the server with the given name, relative to the zone.
func (z *Zone) Server(name string) *Server {
	z.h.t.Helper()
	s, err := z.pick(name)
	if err != nil {
		z.h.must(fmt.Errorf("zone %s: %w", z.Name(), err))
	}
	return s
}

// pick returns the server with a name relative to the zone.
func (z *Zone) pick(name string) (*Server, error) {
	full, err := parseNameIn(name, z.origin)
	if err != nil {
		return nil, err
	}
	for _, s := range z.servers {
		if s.name == displayName(full) {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%s is not one of its servers", displayName(full))
}

// Update makes several changes that show together. If one of them fails, none is made, and the error
// names all that failed. A change that leaves the records as they were does not raise the serial. The
// zone is locked meanwhile: change uses the Changes alone.
func (z *Zone) Update(change func(*Changes)) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	changes := newChanges(z.live)
	change(changes)
	if err := changes.check(); err != nil {
		return fmt.Errorf("zone %s: %w", z.Name(), err)
	}
	if !changes.differsFrom(z.live) {
		return nil
	}
	changes.raiseSerial(z.live.serial())
	z.publish(newContent(z.origin, changes.owners))
	return nil
}

// publish hands new content to the servers. z.mu is held.
func (z *Zone) publish(c *content) {
	z.live = c
	for _, s := range z.servers {
		s.receive(c)
	}
}

// Add is [Changes.Add] alone.
func (z *Zone) Add(records ...string) {
	z.h.t.Helper()
	z.update(func(c *Changes) { c.Add(records...) })
}

// AddRR is [Changes.AddRR] alone.
func (z *Zone) AddRR(records ...dns.RR) {
	z.h.t.Helper()
	z.update(func(c *Changes) { c.AddRR(records...) })
}

// Set is [Changes.Set] alone.
func (z *Zone) Set(records ...string) {
	z.h.t.Helper()
	z.update(func(c *Changes) { c.Set(records...) })
}

// SetRR is [Changes.SetRR] alone.
func (z *Zone) SetRR(records ...dns.RR) {
	z.h.t.Helper()
	z.update(func(c *Changes) { c.SetRR(records...) })
}

// SetTXT is [Changes.SetTXT] alone.
func (z *Zone) SetTXT(owner string, values ...string) {
	z.h.t.Helper()
	z.update(func(c *Changes) { c.SetTXT(owner, values...) })
}

// Remove is [Changes.Remove] alone.
func (z *Zone) Remove(records ...string) {
	z.h.t.Helper()
	z.update(func(c *Changes) { c.Remove(records...) })
}

// RemoveRR is [Changes.RemoveRR] alone.
func (z *Zone) RemoveRR(records ...dns.RR) {
	z.h.t.Helper()
	z.update(func(c *Changes) { c.RemoveRR(records...) })
}

// Delete is [Changes.Delete] alone.
func (z *Zone) Delete(owner string, types ...string) {
	z.h.t.Helper()
	z.update(func(c *Changes) { c.Delete(owner, types...) })
}

// update is for the methods that return no error: it reports a failed change as [Hierarchy] says.
func (z *Zone) update(change func(*Changes)) {
	z.h.t.Helper()
	z.h.must(z.Update(change))
}

// Serial returns the serial of the newest content. Servers that lag still serve an older one:
// see [Server.Serial].
func (z *Zone) Serial() uint32 { return z.content().serial() }

// Records returns a copy of the newest records, the SOA first, then sorted by owner and type.
func (z *Zone) Records() []dns.RR { return z.content().records() }

// String returns the zone as a zone file.
func (z *Zone) String() string {
	var b strings.Builder
	for _, rr := range z.Records() {
		fmt.Fprintln(&b, rr)
	}
	return b.String()
}

func (z *Zone) content() *content {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.live
}

// raiseSerial gives the zone a new serial, unless the changes themselves brought one.
func (c *Changes) raiseSerial(old uint32) {
	rrset := c.owners[c.origin][dns.TypeSOA]
	soa := dns.Copy(rrset[0]).(*dns.SOA)
	if soa.Serial != old {
		return
	}
	soa.Serial++
	c.owners[c.origin][dns.TypeSOA] = []dns.RR{soa}
}
