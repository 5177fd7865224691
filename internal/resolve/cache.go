package resolve

import (
	"sync"
	"time"
)

const (
	// maxAnswers bounds the answers of servers that a client remembers.
	maxAnswers = 4096
	// maxAnswerSize is the largest message, in octets, that is remembered; with maxAnswers it bounds the
	// memory that foreign servers can fill.
	maxAnswerSize = 16 << 10
)

// cache remembers values until they expire. It is safe for concurrent use.
type cache[K comparable, V any] struct {
	max int
	mu  sync.Mutex
	m   map[K]cached[V]
}

type cached[V any] struct {
	value   V
	expires time.Time
}

func newCache[K comparable, V any](limit int) *cache[K, V] {
	return &cache[K, V]{max: limit, m: make(map[K]cached[V])}
}

func (c *cache[K, V]) get(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.m[key]
	if !ok || !time.Now().Before(entry.expires) {
		var zero V
		return zero, false
	}
	return entry.value, true
}

// put remembers a value. A lifetime of nothing forgets it.
func (c *cache[K, V]) put(key K, value V, lifetime time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if lifetime <= 0 {
		delete(c.m, key)
		return
	}
	if _, known := c.m[key]; !known && len(c.m) >= c.max {
		c.shrink()
	}
	c.m[key] = cached[V]{value: value, expires: time.Now().Add(lifetime)}
}

func (c *cache[K, V]) drop(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.m, key)
}

// clear forgets everything.
func (c *cache[K, V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.m)
}

// shrink makes room: what has expired goes, and where that is not enough, whatever comes first. What
// is lost is asked again.
func (c *cache[K, V]) shrink() {
	now := time.Now()
	for key, entry := range c.m {
		if !now.Before(entry.expires) {
			delete(c.m, key)
		}
	}
	for key := range c.m {
		if len(c.m) < c.max*3/4 {
			return
		}
		delete(c.m, key)
	}
}
