package dnstest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Server is an authoritative server. It serves each of its zones from a copy of its own, which follows
// the zone at once unless the server lags or is held.
type Server struct {
	*endpoint

	mu     sync.Mutex
	copies map[string]*zoneCopy // by origin
	zones  map[string]*Zone
	lag    time.Duration
	held   bool
}

// zoneCopy is one server's copy of a zone.
type zoneCopy struct {
	serving *content
	coming  []arrival // newer contents, the oldest first
}

// arrival is content that shows from a moment on.
type arrival struct {
	due     time.Time
	content *content
}

func newServer(h *Hierarchy, name string) *Server {
	s := &Server{copies: map[string]*zoneCopy{}, zones: map[string]*Zone{}}
	s.endpoint = &endpoint{name: displayName(name), h: h, respond: s.prepare}
	return s
}

// Lag makes every later change show at this server only after d, by the clock of the hierarchy. Until
// then it serves its old copy with the old serial. 0 ends the lag for changes to come.
func (s *Server) Lag(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lag = d
}

// Hold freezes what the server serves until [Server.Release].
func (s *Server) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.copies {
		c.settle(s.h.now())
	}
	s.held = true
}

// Release ends [Server.Hold]. All changes show at once, even those that would still lag.
func (s *Server) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = false
	for _, c := range s.copies {
		if n := len(c.coming); n > 0 {
			c.serving, c.coming = c.coming[n-1].content, nil
		}
	}
}

// Serial returns the serial of the zone that the server serves now; 0 where it does not serve the zone.
func (s *Server) Serial(zone string) uint32 {
	if c := s.serves(dns.CanonicalName(zone)); c != nil {
		return c.serial()
	}
	return 0
}

// Records returns a copy of the records of the zone that the server serves now.
func (s *Server) Records(zone string) []dns.RR {
	if c := s.serves(dns.CanonicalName(zone)); c != nil {
		return c.records()
	}
	return nil
}

// host makes the server serve a zone.
func (s *Server) host(z *Zone, c *content) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zones[z.origin] = z
	s.copies[z.origin] = &zoneCopy{serving: c}
}

// receive takes newer content of a zone.
func (s *Server) receive(c *content) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.h.now()
	held := s.copies[c.origin]
	held.coming = append(held.coming, arrival{due: now.Add(s.lag), content: c})
	if !s.held {
		held.settle(now)
	}
}

// settle brings the copy to what is due. A change never shows before an older one.
func (c *zoneCopy) settle(now time.Time) {
	for len(c.coming) > 0 && !c.coming[0].due.After(now) {
		c.serving, c.coming = c.coming[0].content, c.coming[1:]
	}
}

// serves returns the content of a zone that the server serves now, nil where it does not serve it.
func (s *Server) serves(origin string) *content {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.copies[origin]
	if c == nil {
		return nil
	}
	if !s.held {
		c.settle(s.h.now())
	}
	return c.serving
}

// closest returns the content that answers for a name: that of the zone closest to it, or of its parent
// for the DS records at the top of a zone (RFC 4035 §3.1.4.1).
func (s *Server) closest(name string, qtype uint16) *content {
	var top *content
	for _, origin := range upTo(name, ".") {
		c := s.serves(origin)
		switch {
		case c == nil:
		case qtype == dns.TypeDS && origin == name && name != ".":
			top = c
		default:
			return c
		}
	}
	return top
}

// prepare makes the reply of an authoritative server.
func (s *Server) prepare(_ context.Context, x *Exchange) {
	q := x.Request.Question[0]
	name := dns.CanonicalName(q.Name)
	if x.Request.Opcode == dns.OpcodeUpdate {
		x.Outcome = Updated
		x.Reply = emptyReply(x.Request, s.update(x.Request))
		return
	}
	x.Outcome = NotServed
	x.Reply = emptyReply(x.Request, x.Outcome.rcode())
	c := s.closest(name, q.Qtype)
	// Zones are not transferred, and there is nothing in other classes.
	if c == nil || q.Qclass != dns.ClassINET || q.Qtype == dns.TypeAXFR || q.Qtype == dns.TypeIXFR {
		return
	}
	f := c.lookup(q.Name, q.Qtype)
	x.Outcome = f.outcome
	x.Reply.Rcode = f.outcome.rcode()
	x.Reply.Authoritative = f.authoritative
	x.Reply.Answer, x.Reply.Ns, x.Reply.Extra = f.answer, f.authority, f.additional
}

// zoneNames lists what the server serves.
func (s *Server) zoneNames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for origin := range s.zones {
		names = append(names, displayName(origin))
	}
	slices.Sort(names)
	return names
}
