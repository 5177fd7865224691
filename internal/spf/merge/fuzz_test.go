package merge

import (
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// menu has what the inputs of [FuzzMerge] are made of: terms that meet each other in every rule.
func menu() []string {
	return []string{
		"a", "-a", "a:example.com", "?a:%{d}", "a/24", "mx", "~mx", "ptr", "include:a.example", "-include:a.example", "include:b.example",
		"exists:%{l}.example.com", "exists:%{L}.example.com", "redirect=a.example", "redirect=b.example", "redirect=%{d2}", "exp=a.example", "exp=b.example", "x=y", "x=z",
		"ip4:10.0.0.0/7", "ip4:10.0.0.0/8", "ip4:10.1.0.0/16", "ip4:10.1.2.0/24", "ip4:10.1.2.3", "-ip4:10.1.2.3", "-ip4:10.1.0.0/16", "?ip4:10.0.0.0/7",
		"ip6:2001:db8::/32", "ip6:2001:db8:1::/48", "~ip6:2001:db8:1::1", "-all", "~all", "?all", "+all",
	}
}

func FuzzMerge(f *testing.F) {
	f.Add([]byte{0x00, 0, 1, 1, 9, 2, 13, 3, 21})
	f.Add([]byte{0x0A, 0, 13, 1, 8, 3, 5, 4, 8})
	// An include that its own list refuses before its redirect, and a network that its own list refuses.
	f.Add([]byte("\x00\x00\xdd\xd1\aK\xbcS\xb1\x00\x01\xd1\aK\t"))
	f.Add([]byte("=\x17\x03\xa5_??\xfa\xf7\xe7=\x03\x179\xe0\"\xe6"))
	f.Add([]byte{0x33, 0, 22, 0, 3, 3, 25, 3, 20, 2, 24, 3, 30})
	// A redirect of a service and the owner, which the owner refuses.
	f.Add([]byte{0x10, 1, 13, 3, 9, 3, 13})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 || len(data) > 60 {
			return
		}
		terms, options := menu(), data[0]
		texts := make([]string, 6) // existing, two services, two mechanisms, remove
		for data = data[1:]; len(data) >= 2; data = data[2:] {
			text := &texts[int(data[0])%len(texts)]
			*text += " " + terms[int(data[1])%len(terms)]
		}
		var records [6]spf.Record
		for i, text := range texts {
			var err error
			if records[i], err = spf.ParseTerms(text); err != nil {
				return // two redirects or explanations in one record
			}
		}
		m := Merge{
			Owner:      dnsname.MustParse("example.com"),
			Services:   []Input{{Source: Source{Kind: Service, Name: "b"}, Record: records[1]}, {Source: Source{Kind: Service, Name: "a"}, Record: records[2]}},
			Mechanisms: []Input{{Source: Source{Kind: Mechanisms}, Record: records[3]}, {Source: Source{Kind: Mechanisms, Index: 1}, Record: records[4]}},
			Remove:     []Input{{Source: Source{Kind: Remove}, Record: records[5]}},
			Options:    Options{All: AllValues()[int(options&7)%len(AllValues())], AllowPassAll: options&8 != 0},
		}
		if options&16 == 0 {
			m.Existing = &records[0]
		}
		checkIdempotent(t, m)
	})
}

// checkIdempotent merges, and merges again with the result as the existing record.
func checkIdempotent(t *testing.T, m Merge) {
	t.Helper()
	got, err := m.Do()
	if err != nil {
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("Do() = %v, want a *Error", err)
		}
		return
	}
	spftest.CheckRoundTrip(t, "the merged record", got.Record, spf.Parse)
	for name, again := range map[string]Merge{
		"the same inputs": m,
		"all its inputs":  {Owner: m.Owner, Existing: &got.Record, Services: m.Services, Mechanisms: m.Mechanisms, Remove: m.Remove, Options: m.Options},
		"no other inputs": {Owner: m.Owner, Existing: &got.Record, Options: m.Options},
	} {
		second, err := again.Do()
		if err != nil || second.Record.String() != got.Record.String() {
			t.Errorf("Do() again with %s = %q, %v, want %q", name, second.Record, err, got.Record)
		}
	}
}

// FuzzMergeAddresses holds the merge against the plain meaning of its inputs: an address gets the verdict that the
// inputs, one behind the other, give it, unless that is neutral or softfail and a service lets the address pass. Where
// all of them are pass terms, it passes exactly if it passes one.
func FuzzMergeAddresses(f *testing.F) {
	f.Add([]byte{1, 0x00, 8, 10, 0x01, 16, 10, 0x02, 1, 10})
	f.Add([]byte{0, 0x0C, 3, 0x80, 0x03, 2, 0x80, 0x0F, 1, 0xC0, 0x03, 0, 0})
	f.Add([]byte("********\xb7\x18\x18\x18\xb0\xb0\xb0\xb0\xb0\x9c\xb0"))
	f.Add([]byte{2, 0x10, 3, 0x20, 0x11, 2, 0x20, 0x1B, 4, 0x21, 0x13, 1, 0x20})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 300 {
			return
		}
		lists := termLists(data)
		m := Merge{Existing: &spf.Record{Directives: lists[0]}, Options: Options{AllowPassAll: true}}
		for i, name := range []string{"a", "b"} {
			m.Services = append(m.Services, Input{Source: Source{Kind: Service, Name: name}, Record: spf.Record{Directives: lists[i+1]}})
		}
		m.Mechanisms = []Input{{Source: Source{Kind: Mechanisms}, Record: spf.Record{Directives: lists[3]}}}
		got, err := m.Do()
		if err != nil {
			if !errors.Is(err, ErrQualifierConflict) {
				t.Errorf("Do() = %v", err)
			}
			return
		}
		joined := slices.Concat(lists[:]...)
		for _, addr := range spftest.Probes(joined) {
			want, wantMatch := spftest.Verdict(joined, addr)
			if _, asked := spftest.Verdict(slices.Concat(lists[1], lists[2]), addr); asked && want != spf.Fail {
				want = spf.Pass
			}
			q, match := spftest.Verdict(got.Record.Directives, addr)
			if q != want || match != wantMatch {
				t.Errorf("%v: %q gives %q (%v), and its inputs %q give %q (%v)", addr, got.Record, q, match, joinTerms(joined), want, wantMatch)
			}
		}
		checkIdempotent(t, m)
	})
}

// termLists makes four lists of networks, the existing record, two services and mechanisms, of three octets for
// each term: list, qualifier and family; length; address. A first octet that is odd makes all of them pass, as the
// services' terms do anyway.
func termLists(data []byte) (lists [4][]spf.Directive) {
	lengths := []int{0, 1, 2, 3, 4, 5, 6, 8, 9, 12, 16, 24, 31, 32, 48, 64, 127, 128}
	if len(data) == 0 {
		return lists
	}
	passOnly := data[0]&1 != 0
	for data = data[1:]; len(data) >= 3; data = data[3:] {
		t := spf.Directive{Mechanism: spf.MechIP4}
		if list := data[0] & 3; !passOnly && (list == 0 || list == 3) {
			t.Qualifier = []spf.Qualifier{spf.Pass, spf.Neutral, spf.SoftFail, spf.Fail}[data[0]>>2&3]
		}
		addr := netip.AddrFrom4([4]byte{data[2], data[2] & 3})
		if data[0]&0x10 != 0 {
			t.Mechanism, addr = spf.MechIP6, netip.AddrFrom16([16]byte{data[2], data[2] & 3})
		}
		bits := min(lengths[int(data[1])%len(lengths)], addr.BitLen())
		t.Prefix = netip.PrefixFrom(addr, bits).Masked()
		lists[data[0]&3] = append(lists[data[0]&3], t)
	}
	return lists
}
