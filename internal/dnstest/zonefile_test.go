package dnstest_test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// What this project writes as a zone file, another reader of zone files finds in it.
func TestZoneFileIsRead(t *testing.T) {
	t.Parallel()
	domain := dnsname.MustParse("example.com")
	values := map[string]struct {
		typ   record.Type
		value string
	}{
		"a.example.com.": {record.TXT, strings.Repeat("k=rsa; p=\"\\\x00\xff;(", 40)},
		"b.example.com.": {record.MX, "10 mx.example.net"},
		"c.example.com.": {record.CNAME, "c.example.net"},
		"d.example.com.": {record.TXT, ""},
		"e.example.com.": {record.SRV, "0 1 443 host.example.net"},
		"f.example.com.": {record.TLSA, "3 1 1 abcdef"},
		"g.example.com.": {record.CAA, `0 issue "ca.example.net"`},
	}
	records := make(record.Set)
	for owner, v := range values {
		r, err := record.New(domain, dnsname.MustParse(owner), v.typ, 300, v.value)
		if err != nil {
			t.Fatal(err)
		}
		records[owner] = r
	}
	text, err := record.ZoneFile(records)
	if err != nil {
		t.Fatal(err)
	}
	read := make(map[string]dns.RR)
	parser := dns.NewZoneParser(strings.NewReader(text), "", "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		read[rr.Header().Name] = rr
	}
	if err := parser.Err(); err != nil || len(read) != len(records) {
		t.Fatalf("%d records are read with error %v, want %d from\n%s", len(read), err, len(records), text)
	}
	for owner, v := range values {
		rr := read[owner]
		got := strings.TrimPrefix(rr.String(), rr.Header().String())
		want := records[owner].Quoted()
		if txt, ok := rr.(*dns.TXT); ok {
			var joined strings.Builder
			for _, s := range txt.Txt {
				joined.WriteString(record.Unescape(s))
			}
			got, want = joined.String(), v.value
		}
		if got != want || rr.Header().Ttl != 300 {
			t.Errorf("%s is read as %q with TTL %d, want %q with 300", owner, got, rr.Header().Ttl, want)
		}
	}
}
