package resolve

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

func TestCache(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache[string, int](100)
		expect := func(when string, want int, known bool) {
			t.Helper()
			if got, ok := c.get("key"); got != want || ok != known {
				t.Errorf("%s: get = %d, %v, want %d, %v", when, got, ok, want, known)
			}
		}
		expect("empty", 0, false)
		c.put("key", 1, time.Minute)
		time.Sleep(time.Minute - time.Nanosecond)
		expect("before it expires", 1, true)
		time.Sleep(time.Nanosecond)
		expect("as it expires", 0, false)
		c.put("key", 2, time.Minute)
		c.put("key", 3, time.Minute)
		expect("replaced", 3, true)
		c.put("key", 4, 0)
		expect("without a lifetime", 0, false)
		c.put("key", 5, time.Minute)
		c.drop("key")
		expect("dropped", 0, false)
	})
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache[int, int](100)
	for i := range 1000 {
		c.put(i, i, time.Minute)
		if _, ok := c.get(i); !ok || len(c.m) > 100 {
			t.Fatalf("after %d: %d entries, the newest known: %v; want at most 100 with the newest", i, len(c.m), ok)
		}
	}
}

func TestCacheKeepsTheLiving(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCache[int, int](100)
		for i := range 50 {
			c.put(i, i, time.Second)
		}
		time.Sleep(time.Second)
		for i := 50; i < 101; i++ {
			c.put(i, i, time.Minute)
		}
		for i := 50; i < 101; i++ {
			if _, ok := c.get(i); !ok {
				t.Errorf("entry %d is gone, though others had expired", i)
			}
		}
	})
}

func TestZones(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newZones()
		name := dnsname.MustParse("sel._domainkey.example.com")
		com := &zone{apex: dnsname.MustParse("com"), lifetime: time.Minute}
		example := &zone{apex: dnsname.MustParse("example.com"), lifetime: zoneLifetime(0), whole: true}
		s.put(com)
		s.put(example)
		s.hold(name, example)
		if got := s.deepest(name); got != example {
			t.Errorf("deepest(%v) = %v, want example.com", name, got)
		}
		s.put(&zone{apex: example.apex, lifetime: time.Minute})
		if got := s.holder(name); got != example {
			t.Errorf("holder(%v) = %v, want the whole example.com", name, got)
		}
		time.Sleep(minZoneLifetime)
		if got := s.deepest(name); got != com {
			t.Errorf("later, deepest(%v) = %v, want com", name, got)
		}
		s.put(example)
		s.hold(name, example)
		s.forget(example)
		if holder, deepest := s.holder(name), s.deepest(name); holder != nil || deepest != com {
			t.Errorf("once forgotten: holder %v, deepest %v; want none, and com", holder, deepest)
		}
	})
}

func TestZoneLifetime(t *testing.T) {
	t.Parallel()
	for ttl, want := range map[uint32]time.Duration{0: minZoneLifetime, 60: time.Minute, 172800: maxLifetime} {
		if got := zoneLifetime(ttl); got != want {
			t.Errorf("zoneLifetime(%d) = %v, want %v", ttl, got, want)
		}
	}
}

func TestZoneBelow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		apex, name string
		labels     int
		want       string
	}{
		{"com", "a.b.example.com", 1, "example.com"},
		{"com", "a.b.example.com", 2, "b.example.com"},
		{"com", "a.b.example.com", 9, "a.b.example.com"},
		{"com", "example.com", 1, "example.com"},
		{"com", "com", 1, "com"},
		{".", "example.com", 1, "com"},
	}
	for _, tt := range tests {
		z := &zone{apex: dnsname.MustParse(tt.apex)}
		if got := z.below(dnsname.MustParse(tt.name), tt.labels); got.String() != tt.want {
			t.Errorf("below(%s, %d) in %s = %v, want %s", tt.name, tt.labels, tt.apex, got, tt.want)
		}
	}
}
