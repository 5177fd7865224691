package dnstest

import (
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Cached is what a recursor remembers of one name and type.
type Cached struct {
	Outcome Outcome       // Answered, NoData or NoName
	Name    string        // whose entry it is; for NoName it may be a name above the one asked for
	Records []dns.RR      // the RRset, or the SOA record of a negative answer; TTLs as they are now
	TTL     time.Duration // what is left of it, in whole seconds
}

// entry is one thing in a cache.
type entry struct {
	outcome Outcome
	owner   string   // canonical
	records []dns.RR // the RRset, or the SOA of a negative answer
	stay
}

// stay is how long something stays in the cache. Time counts in whole seconds, as TTLs do.
type stay struct {
	since time.Time
	ttl   uint32 // in seconds
}

// left returns what is left of the stay; 0 when it is over.
func (s stay) left(now time.Time) time.Duration {
	return max(0, time.Duration(s.ttl)*time.Second-now.Sub(s.since).Truncate(time.Second))
}

// cacheKey says what an entry is about. NXDOMAIN is about all types: its type is 0.
type cacheKey struct {
	name   string
	rrtype uint16
}

// cache holds answers for their TTL and negative answers for the time their SOA says (RFC 2308 §5).
type cache struct {
	mu      sync.Mutex
	entries map[cacheKey]entry
	servers map[string]delegation // by origin
}

// delegation is what a recursor knows of the servers of a zone.
type delegation struct {
	origin string
	names  []string // of the servers, canonical, in the order of the NS records
	glue   []dns.RR // addresses that came with it
	stay
}

func newCache() *cache {
	return &cache{entries: map[cacheKey]entry{}, servers: map[string]delegation{}}
}

// flush forgets everything.
func (c *cache) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.entries)
	clear(c.servers)
}

// flushName forgets what is known of one name, the NXDOMAIN of a name above it included.
func (c *cache) flushName(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key := range c.entries {
		if key.name == name || key.rrtype == 0 && dns.IsSubDomain(key.name, name) {
			delete(c.entries, key)
		}
	}
}

// putAnswer remembers an RRset for its TTL.
func (c *cache) putAnswer(rrset []dns.RR, now time.Time) entry {
	first := rrset[0].Header()
	owner := dns.CanonicalName(first.Name)
	ttl := first.Ttl
	for _, rr := range rrset {
		ttl = min(ttl, rr.Header().Ttl)
	}
	e := entry{outcome: Answered, owner: owner, records: copyRecords(rrset), stay: stay{now, ttl}}
	c.put(cacheKey{owner, first.Rrtype}, e)
	return e
}

// putNegative remembers that a name or a type does not exist. Without an SOA it is not remembered
// (RFC 2308 §5).
func (c *cache) putNegative(outcome Outcome, name string, rrtype uint16, soa *dns.SOA, now time.Time) entry {
	e := entry{outcome: outcome, owner: name}
	if soa == nil {
		return e
	}
	e.records = copyRecords([]dns.RR{soa})
	e.stay = stay{now, min(soa.Hdr.Ttl, soa.Minttl)}
	if outcome == NoName {
		rrtype = 0
	}
	c.put(cacheKey{name, rrtype}, e)
	return e
}

func (c *cache) put(key cacheKey, e entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries[key] = e
	if key.rrtype != 0 {
		// The name exists: an older NXDOMAIN for it is overtaken.
		delete(c.entries, cacheKey{name: key.name})
	}
}

// get returns what is known of a name and type, the NXDOMAIN of a name above included (RFC 8020).
func (c *cache) get(name string, rrtype uint16, now time.Time) (entry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[cacheKey{name, rrtype}]; ok && e.left(now) > 0 {
		return e, true
	}
	for _, above := range upTo(name, ".") {
		if e, ok := c.entries[cacheKey{name: above}]; ok && e.left(now) > 0 {
			return e, true
		}
	}
	return entry{}, false
}

// delegate remembers the servers of a zone.
func (c *cache) delegate(d delegation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.servers[d.origin] = d
}

// closest returns the known delegation closest to a name, false where only the root is known.
func (c *cache) closest(name string, now time.Time) (delegation, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, above := range upTo(name, ".") {
		if d, ok := c.servers[above]; ok && d.left(now) > 0 {
			return d, true
		}
	}
	return delegation{}, false
}

// aged returns copies of the records with the TTL that is left, in whole seconds.
func (e entry) aged(now time.Time) []dns.RR {
	records := copyRecords(e.records)
	for _, rr := range records {
		rr.Header().Ttl = uint32(e.left(now) / time.Second)
	}
	return records
}
