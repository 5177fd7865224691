package dnstest_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// TestChanges makes changes to a zone and looks at what it holds then, apex and server addresses left out.
func TestChanges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		records []string
		change  func(*dnstest.Zone)
		want    []string
		raised  bool
	}{
		{
			"add", nil, func(z *dnstest.Zone) { z.Add("www 60 IN A 192.0.2.1") },
			[]string{"www.example.com. 60 IN A 192.0.2.1"},
			true,
		},
		{
			"add without TTL and class", nil, func(z *dnstest.Zone) { z.Add("www A 192.0.2.1") },
			[]string{"www.example.com. 300 IN A 192.0.2.1"},
			true,
		},
		{
			"add an absolute owner", nil, func(z *dnstest.Zone) { z.Add("WWW.Example.com. A 192.0.2.1") },
			[]string{"WWW.Example.com. 300 IN A 192.0.2.1"},
			true,
		},
		{
			"add several lines", nil, func(z *dnstest.Zone) { z.Add("a 60 A 192.0.2.1\n\t\tb A 192.0.2.2 ; a remark\n") },
			[]string{"a.example.com. 60 IN A 192.0.2.1", "b.example.com. 300 IN A 192.0.2.2"},
			true,
		},
		{
			"add to an RRset",
			[]string{"www A 192.0.2.1"},
			func(z *dnstest.Zone) { z.Add("www A 192.0.2.2") },
			[]string{"www.example.com. 300 IN A 192.0.2.1", "www.example.com. 300 IN A 192.0.2.2"},
			true,
		},
		{
			"add with another TTL",
			[]string{"www A 192.0.2.1"},
			func(z *dnstest.Zone) { z.Add("www 60 A 192.0.2.2") },
			[]string{"www.example.com. 60 IN A 192.0.2.1", "www.example.com. 60 IN A 192.0.2.2"},
			true,
		},
		{
			"add what is there",
			[]string{"www A 192.0.2.1"},
			func(z *dnstest.Zone) { z.Add("www A 192.0.2.1") },
			[]string{"www.example.com. 300 IN A 192.0.2.1"},
			false,
		},
		{
			"set",
			[]string{"www A 192.0.2.1", "www A 192.0.2.2", "www TXT x"},
			func(z *dnstest.Zone) { z.Set("www A 192.0.2.3") },
			[]string{"www.example.com. 300 IN A 192.0.2.3", `www.example.com. 300 IN TXT "x"`},
			true,
		},
		{
			"set what is there",
			[]string{"www A 192.0.2.1"},
			func(z *dnstest.Zone) { z.Set("www A 192.0.2.1") },
			[]string{"www.example.com. 300 IN A 192.0.2.1"},
			false,
		},
		{
			"CNAME displaces",
			[]string{"www A 192.0.2.1", "www TXT x"},
			func(z *dnstest.Zone) { z.Set("www CNAME a.example.net.") },
			[]string{"www.example.com. 300 IN CNAME a.example.net."},
			true,
		},
		{
			"CNAME is displaced",
			[]string{"www CNAME a.example.net."},
			func(z *dnstest.Zone) { z.Set("www TXT x") },
			[]string{`www.example.com. 300 IN TXT "x"`},
			true,
		},
		{
			"set TXT",
			[]string{"a TXT old"},
			func(z *dnstest.Zone) { z.SetTXT("a", "one", `t"wo\`) },
			[]string{`a.example.com. 300 IN TXT "one"`, `a.example.com. 300 IN TXT "t\"wo\\"`},
			true,
		},
		{
			"set RR", nil, func(z *dnstest.Zone) { z.SetRR(dnstest.TXTStrings("a", 60, "x", "y")) },
			[]string{`a.example.com. 60 IN TXT "x" "y"`},
			true,
		},
		{
			"add RR with an absolute owner", nil, func(z *dnstest.Zone) { z.AddRR(dnstest.TXT("a.example.com.", 60, "x")) },
			[]string{`a.example.com. 60 IN TXT "x"`},
			true,
		},
		{
			"remove",
			[]string{"www 60 A 192.0.2.1", "www A 192.0.2.2"},
			func(z *dnstest.Zone) { z.Remove("www A 192.0.2.2") },
			[]string{"www.example.com. 300 IN A 192.0.2.1"},
			true,
		},
		{"remove RR", []string{"www TXT x"}, func(z *dnstest.Zone) { z.RemoveRR(dnstest.TXT("www", 0, "x")) }, nil, true},
		{"remove the last", []string{"www A 192.0.2.1"}, func(z *dnstest.Zone) { z.Remove("www A 192.0.2.1") }, nil, true},
		{
			"delete a type",
			[]string{"www A 192.0.2.1", "www TXT x"},
			func(z *dnstest.Zone) { z.Delete("www", "a") },
			[]string{`www.example.com. 300 IN TXT "x"`},
			true,
		},
		{"delete a name", []string{"www A 192.0.2.1", "www TXT x"}, func(z *dnstest.Zone) { z.Delete("www") }, nil, true},
		{"delete nothing", nil, func(z *dnstest.Zone) { z.Delete("www", "A") }, nil, false},
		{"several at once", []string{"a TXT x"}, func(z *dnstest.Zone) {
			err := z.Update(func(c *dnstest.Changes) { c.Delete("a"); c.Add("a A 192.0.2.1"); c.Add("b A 192.0.2.2") })
			if err != nil {
				panic(err)
			}
		}, []string{"a.example.com. 300 IN A 192.0.2.1", "b.example.com. 300 IN A 192.0.2.2"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			zone := dnstest.New(t).Zone("example.com", dnstest.Records(test.records...))
			before := zone.Serial()
			test.change(zone)
			equal(t, "records", texts(ownRecords(zone.Records())), test.want)
			if raised := zone.Serial() == before+1; raised != test.raised {
				t.Errorf("serial went from %d to %d, want raised %v", before, zone.Serial(), test.raised)
			}
			equal(t, "served", zone.Server("ns1").Serial("example.com"), zone.Serial())
		})
	}
}

// ownRecords leaves out what a zone has by itself.
func ownRecords(records []dns.RR) []dns.RR {
	var own []dns.RR
	for _, rr := range records {
		if owner := rr.Header().Name; owner != "example.com." && owner != "ns1.example.com." {
			own = append(own, rr)
		}
	}
	return own
}

// TestChangesRefused makes changes that fail, beside one that would not, and checks that neither is made.
func TestChangesRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*dnstest.Changes)
		want   string // part of the error
	}{
		{"syntax", func(c *dnstest.Changes) { c.Add("www A 192.0.2") }, `record "www A 192.0.2": `},
		{"remark only", func(c *dnstest.Changes) { c.Add("; www A 192.0.2.1") }, "no record found"},
		{"outside", func(c *dnstest.Changes) { c.Add("www.example.net. A 192.0.2.1") }, "outside the zone example.com"},
		{"class", func(c *dnstest.Changes) { c.Add("www CH TXT x") }, "only class IN"},
		{"long string", func(c *dnstest.Changes) { c.AddRR(dnstest.TXTStrings("a", 60, strings.Repeat("x", 256))) }, "cannot be sent"},
		{"long name", func(c *dnstest.Changes) { c.AddRR(dnstest.TXT(strings.Repeat("x", 64), 60, "")) }, "not a domain name"},
		{
			"CNAME beside others", func(c *dnstest.Changes) { c.Add("www TXT x", "www CNAME a.example.net.") },
			"www.example.com would have a CNAME beside other records",
		},
		{"two CNAMEs", func(c *dnstest.Changes) { c.Add("www CNAME a.example.net.", "www CNAME b.example.net.") }, "CNAME beside"},
		{"remove nothing", func(c *dnstest.Changes) { c.Remove("www A 192.0.2.1") }, "is not in the zone"},
		{"no SOA", func(c *dnstest.Changes) { c.Delete("@", "SOA") }, "no SOA"},
		{"unknown type", func(c *dnstest.Changes) { c.Delete("www", "TEXT") }, `"TEXT" is not a record type`},
		{"delete a bad name", func(c *dnstest.Changes) { c.Delete("a..b") }, "not a domain name"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			zone := dnstest.New(t).Zone("example.com")
			before := zone.String()
			err := zone.Update(func(c *dnstest.Changes) {
				c.Add("good A 192.0.2.1")
				test.change(c)
			})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "zone example.com: ") {
				t.Errorf("error = %v, want one that contains %q and names the zone", err, test.want)
			}
			equal(t, "zone", zone.String(), before)
		})
	}
}

func TestSerialGiven(t *testing.T) {
	t.Parallel()
	zone := dnstest.New(t).Zone("example.com", dnstest.Records("@ 60 SOA ns1 hostmaster 2026010100 1 1 1 1"))
	equal(t, "serial at first", zone.Serial(), uint32(2026010100))
	zone.Set("@ 60 SOA ns1 hostmaster 2026020200 1 1 1 1")
	equal(t, "serial set", zone.Serial(), uint32(2026020200))
	zone.Add("a TXT x")
	equal(t, "serial raised", zone.Serial(), uint32(2026020201))
}

// TestRecordsAreCopies changes what a zone returns and checks that the zone stays as it is.
func TestRecordsAreCopies(t *testing.T) {
	t.Parallel()
	zone := dnstest.New(t).Zone("example.com", dnstest.Records("a TXT x"))
	before := zone.String()
	for _, rr := range append(zone.Records(), zone.Server("ns1").Records("example.com")...) {
		rr.Header().Ttl = 1
		if txt, ok := rr.(*dns.TXT); ok {
			txt.Txt[0] = "changed"
		}
	}
	equal(t, "zone", zone.String(), before)
}

// TestConcurrentChanges changes a zone from many sides while it is asked, and checks that no change is
// lost and that what one Update does is never seen by halves.
func TestConcurrentChanges(t *testing.T) {
	t.Parallel()
	zone := dnstest.New(t).Zone("example.com", dnstest.Servers("ns1", "ns2"))
	const changes = 20
	var wg sync.WaitGroup
	for i := range changes {
		wg.Go(func() {
			err := zone.Update(func(c *dnstest.Changes) {
				c.Add(fmt.Sprintf("both TXT a%d", i), fmt.Sprintf("both TXT b%d", i))
			})
			if err != nil {
				t.Errorf("Update: %v", err)
			}
		})
		wg.Go(func() {
			reply, err := tryExchange(zone.Server("ns2").Addr(), dnstest.TCP, query("both.example.com", "TXT"))
			if err != nil || len(reply.Answer)%2 != 0 {
				t.Errorf("both TXT = %v, %v, want an even number of records", reply, err)
			}
		})
	}
	wg.Wait()
	equal(t, "serial", zone.Serial(), uint32(1+changes))
	for _, s := range zone.Servers() {
		equal(t, "records at "+s.Name(), len(exchange(t, s.Addr(), dnstest.TCP, query("both.example.com", "TXT")).Answer), 2*changes)
	}
}

// FuzzTXT checks that raw octets survive the way into a zone and out of a server.
func FuzzTXT(f *testing.F) {
	for _, seed := range []string{
		"", "v=spf1 -all", `quo"te and back\slash`, "\\065", "tab\tnul\x00high\xff", " ; ", strings.Repeat("x", 255),
		strings.Repeat("\\", 256), strings.Repeat("é", 300),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		value = value[:min(len(value), 60000)] // More does not fit a message.
		m := new(dns.Msg)
		m.Answer = []dns.RR{dnstest.TXT("a.", 60, value)}
		reply := new(dns.Msg)
		if err := reply.Unpack(pack(t, m)); err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, s := range reply.Answer[0].(*dns.TXT).Txt {
			got.WriteString(unescape(s))
		}
		equal(t, "value", got.String(), value)
	})
}

// unescape reads a string as miekg/dns holds it.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			b.WriteByte(s[i])
		case s[i+1] >= '0' && s[i+1] <= '9':
			b.WriteByte((s[i+1]-'0')*100 + (s[i+2]-'0')*10 + s[i+3] - '0')
			i += 3
		default:
			i++
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
