package record_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

var domain = dnsname.MustParse("example.com")

func TestCanonical(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		typ      record.Type
		in, want string
		reason   string // a part of the error; empty where there is none
	}{
		"TXT stays":               {record.TXT, `v=spf1  A "q" \ -all`, `v=spf1  A "q" \ -all`, ""},
		"TXT at the limit":        {record.TXT, strings.Repeat("a", record.MaxTXT), strings.Repeat("a", record.MaxTXT), ""},
		"TXT past the limit":      {record.TXT, strings.Repeat("a", record.MaxTXT+1), "", "octets"},
		"CNAME":                   {record.CNAME, "Target.Example.NET.", "target.example.net", ""},
		"CNAME with underscore":   {record.CNAME, "s1._domainkey.example.net", "s1._domainkey.example.net", ""},
		"CNAME to two":            {record.CNAME, "a b", "", "target.example.net"},
		"CNAME to nothing":        {record.CNAME, "", "", "target.example.net"},
		"CNAME with a bad name":   {record.CNAME, "a..b", "", "label is empty"},
		"CNAME to an address":     {record.CNAME, "192.0.2.1", "", "not an address"},
		"MX to an address":        {record.MX, "10 192.0.2.1", "", "not an address"},
		"MX":                      {record.MX, " 010  MX.Example.net. ", "10 mx.example.net", ""},
		"null MX":                 {record.MX, "0 .", "0 .", ""},
		"MX without a preference": {record.MX, "mx.example.net", "", "10 mx.example.net"},
		"MX past 16 bits":         {record.MX, "65536 mx.example.net", "", "from 0 to 65535"},
		"MX below nought":         {record.MX, "-1 mx.example.net", "", "from 0 to 65535"},
		"MX, comma":               {record.MX, "20, mx.example.net", "", `write "20 mx.example.net"`},
		"MX, turned round":        {record.MX, "mx.example.net 20", "", `write "20 mx.example.net"`},
		"MX of a zone file":       {record.MX, "@ 3600 IN MX 20 mx.example.net.", "", `write "20 mx.example.net"`},
		"MX with a URL":           {record.MX, "20 http://mx.example.net", "", `write "20 mx.example.net"`},
		"SRV with a URL":          {record.SRV, "0 1 443 https://host.example.net", "", `write "0 1 443 host.example.net"`},
		"SRV of three":            {record.SRV, "0 443 host.example.net", "", `0 1 443 host.example.net`},
		"SRV":                     {record.SRV, "0 1 443 Host.example.net.", "0 1 443 host.example.net", ""},
		"SRV short":               {record.SRV, "0 443 host.example.net", "", "0 1 443"},
		"A":                       {record.A, "192.0.2.1", "192.0.2.1", ""},
		"A of IPv6":               {record.A, "2001:db8::1", "", "192.0.2.1"},
		"AAAA":                    {record.AAAA, "2001:DB8:0::1", "2001:db8::1", ""},
		"AAAA of IPv4":            {record.AAAA, "192.0.2.1", "", "2001:db8::1"},
		"AAAA with a zone":        {record.AAAA, "fe80::1%eth0", "", "2001:db8::1"},
		"NS":                      {record.NS, "NS1.example.net.", "ns1.example.net", ""},
		"TLSA":                    {record.TLSA, "3 1 1 ABCD ef01", "3 1 1 abcdef01", ""},
		"TLSA odd digits":         {record.TLSA, "3 1 1 abc", "", "hexadecimal"},
		"TLSA not a number":       {record.TLSA, "3 x 1 abcd", "", "hexadecimal"},
		"CAA":                     {record.CAA, `0 issue "ca.example.net"`, `0 issue "ca.example.net"`, ""},
		"CAA without quotes":      {record.CAA, "0 issue ca.example.net", `0 issue "ca.example.net"`, ""},
		"CAA in capitals":         {record.CAA, ` 000  ISSUE  "CA.example.net"`, `0 issue "CA.example.net"`, ""},
		"CAA, nobody":             {record.CAA, "0 issue ;", `0 issue ";"`, ""},
		"CAA, nothing":            {record.CAA, `0 issuewild ""`, `0 issuewild ""`, ""},
		"CAA, parameters":         {record.CAA, `128 issue "ca.example.net; accounturi=https://ca.example.net/1; validationmethods=dns-01"`, `128 issue "ca.example.net; accounturi=https://ca.example.net/1; validationmethods=dns-01"`, ""},
		"CAA, escaped":            {record.CAA, `0 tbs "a\"\092b"`, `0 tbs "a\"\\b"`, ""},
		"CAA, iodef":              {record.CAA, `0 iodef mailto:a@example.com`, `0 iodef "mailto:a@example.com"`, ""},
		"CAA short":               {record.CAA, "0 issue", "", "issue"},
		"CAA, open bracket":       {record.CAA, `0 issue "x" (`, "", "one string in quotes"},
		"CAA, bracket":            {record.CAA, `0 issue (x`, "", "in quotes"},
		"CAA, two strings":        {record.CAA, `0 issue "a" "b"`, "", "one string in quotes"},
		"CAA, open quote":         {record.CAA, `0 issue "x`, "", "one string in quotes"},
		"CAA, quote inside":       {record.CAA, `0 issue a"b`, "", "in quotes"},
		"CAA, second record":      {record.CAA, "0 issue \"x\"\n@ IN A 192.0.2.1", "", "one string in quotes"},
		"CAA, line break":         {record.CAA, "0 issue a\nb", "", "printable ASCII"},
		"CAA, flags":              {record.CAA, `256 issue "a.example"`, "", "0 to 255"},
		"CAA, flags missing":      {record.CAA, `issue "a.example"`, "", "must look like"},
		"CAA, tag":                {record.CAA, `0 is-sue "a.example"`, "", "letters and digits"},
		"CAA, no authority":       {record.CAA, `0 issue "https://a.example"`, "", "domain name of an authority"},
		"CAA, parameter":          {record.CAA, `0 issue "a.example; x"`, "", "name=value"},
		"CAA, iodef of no URL":    {record.CAA, `0 iodef "a@example.com"`, "", "mailto:"},
		"CAA, long":               {record.CAA, `0 tbs "` + strings.Repeat("a", 256) + `"`, "", "256 octets"},
		"CNAME from a URL":        {record.CNAME, "https://u:secret@a.example.net/x?secret", "", `write "a.example.net"`},
		"no such type":            {record.Type("HINFO"), "a b", "", "HINFO"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := record.Canonical(tt.typ, tt.in)
			if (err != nil) != (tt.reason != "") || err != nil && !strings.Contains(err.Error(), tt.reason) {
				t.Fatalf("Canonical(%s, %.40q) error = %v, want one that says %q", tt.typ, tt.in, err, tt.reason)
			}
			if got != tt.want {
				t.Errorf("Canonical(%s, %.40q) = %.40q, want %.40q", tt.typ, tt.in, got, tt.want)
			}
			if err != nil {
				return
			}
			if again, err := record.Canonical(tt.typ, got); err != nil || again != got {
				t.Errorf("Canonical(%s, %.40q) = %.40q, %v: not stable", tt.typ, got, again, err)
			}
		})
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	r, err := record.New(domain, dnsname.MustParse("s1._domainkey.example.com"), record.CNAME, 300, "T.example.net.")
	if err != nil {
		t.Fatal(err)
	}
	if r.Name() != "s1._domainkey" || r.Value != "t.example.net" || r.Quoted() != "t.example.net." {
		t.Errorf("New = %+v with name %q and quoted %q", r, r.Name(), r.Quoted())
	}
	if _, err := record.New(domain, dnsname.MustParse("example.org"), record.A, 300, "192.0.2.1"); !errors.Is(err, dnsname.ErrOutside) {
		t.Errorf("New outside the domain: error = %v, want %v", err, dnsname.ErrOutside)
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		typ   record.Type
		value string
		want  record.Parts
	}{
		"MX":      {record.MX, "10 mx.example.net", record.Parts{Priority: 10, Weight: -1, Port: -1, Target: dnsname.MustParse("mx.example.net")}},
		"null MX": {record.MX, "0 .", record.Parts{Priority: 0, Weight: -1, Port: -1, Target: dnsname.Root}},
		"SRV":     {record.SRV, "0 1 443 h.example", record.Parts{Priority: 0, Weight: 1, Port: 443, Target: dnsname.MustParse("h.example")}},
		"CNAME":   {record.CNAME, "h.example", record.Parts{Priority: -1, Weight: -1, Port: -1, Target: dnsname.MustParse("h.example")}},
		"TXT":     {record.TXT, "10 mx.example.net", record.Parts{Priority: -1, Weight: -1, Port: -1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := (record.Record{Type: tt.typ, Value: tt.value}).Parts(); got != tt.want {
				t.Errorf("Parts(%s %q) = %+v, want %+v", tt.typ, tt.value, got, tt.want)
			}
		})
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		typ         record.Type
		value, want string
	}{
		"MX":      {record.MX, "10 mx.example.net", "10 mx.example.net."},
		"null MX": {record.MX, "0 .", "0 ."},
		"A":       {record.A, "192.0.2.1", "192.0.2.1"},
		"TXT":     {record.TXT, `a "b" \c ` + "\x00ü", `"a \"b\" \\c \000\195\188"`},
		"empty":   {record.TXT, "", `""`},
		"long":    {record.TXT, strings.Repeat("a", 256), `"` + strings.Repeat("a", 255) + `" "a"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := (record.Record{Type: tt.typ, Value: tt.value}).Quoted(); got != tt.want {
				t.Errorf("Quoted(%s %q) = %q, want %q", tt.typ, tt.value, got, tt.want)
			}
		})
	}
}

func TestParseType(t *testing.T) {
	t.Parallel()
	for _, typ := range record.Types() {
		if got, err := record.ParseType(strings.ToLower(string(typ))); err != nil || got != typ {
			t.Errorf("ParseType(%q) = %v, %v", strings.ToLower(string(typ)), got, err)
		}
	}
	if _, err := record.ParseType("SPF"); !errors.Is(err, record.ErrType) {
		t.Errorf(`ParseType("SPF") error = %v, want %v`, err, record.ErrType)
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	if got := record.Key(domain, "spf", ""); got != "example.com/spf" {
		t.Errorf("Key = %q", got)
	}
	if got := record.Key(domain, "microsoft365", "mx"); got != "example.com/microsoft365/mx" {
		t.Errorf("Key = %q", got)
	}
}

func keyAt(selector, value string) record.Record {
	return record.Record{Domain: domain, Owner: dnsname.MustParse(selector + "._domainkey.example.com"), Type: record.TXT, TTL: 60, Value: value}
}

func TestRRsets(t *testing.T) {
	t.Parallel()
	other := dnsname.MustParse("s1._domainkey.example.com")
	txt := func(ttl uint32, value string) record.Record {
		return record.Record{Domain: domain, Owner: domain, Type: record.TXT, TTL: ttl, Value: value}
	}
	cname := func(owner dnsname.Name, target string) record.Record {
		return record.Record{Domain: domain, Owner: owner, Type: record.CNAME, TTL: 60, Value: target}
	}
	tests := map[string]struct {
		in   record.Set
		want map[string]record.RRset
		err  error
	}{
		"none": {in: record.Set{}, want: map[string]record.RRset{}},
		"one owner and type": {
			in: record.Set{"a": txt(3600, "z"), "b": txt(300, "y"), "c": txt(7200, "z")},
			want: map[string]record.RRset{"example.com/TXT": {
				Domain: domain, Owner: domain, Type: record.TXT, TTL: 300, Values: []string{"y", "z"},
			}},
		},
		"the same CNAME twice": {
			in: record.Set{"a": cname(other, "t.example.net"), "b": cname(other, "t.example.net")},
			want: map[string]record.RRset{"s1._domainkey.example.com/CNAME": {
				Domain: domain, Owner: other, Type: record.CNAME, TTL: 60, Values: []string{"t.example.net"},
			}},
		},
		"two SPF records":           {in: record.Set{"a": txt(60, "v=spf1 a -all"), "b": txt(60, "V=SPF1")}, err: record.ErrTwoSPF},
		"two DMARC records":         {in: record.Set{"a": txt(60, "v=DMARC1; p=none"), "b": txt(60, "v=DMARC1;p=none")}, err: record.ErrTwoDMARC},
		"two MTA-STS records":       {in: record.Set{"a": txt(60, "v=STSv1; id=1"), "b": txt(60, "v=STSv1; id=2")}, err: record.ErrTwoSTS},
		"two TLS reporting records": {in: record.Set{"a": txt(60, "v=TLSRPTv1; rua=mailto:a@b.example"), "b": txt(60, "v=TLSRPTv1;rua=mailto:c@b.example")}, err: record.ErrTwoTLSRPT},
		"two keys at one selector":  {in: record.Set{"a": keyAt("s1", "v=DKIM1; p=MIIB"), "b": keyAt("s1", "k=rsa; p=MIIC")}, err: record.ErrTwoKeys},
		"keys at two selectors": {in: record.Set{"a": keyAt("s1", "p=MIIB"), "b": keyAt("s2", "p=MIIC")}, want: map[string]record.RRset{
			"s1._domainkey.example.com/TXT": {Domain: domain, Owner: keyAt("s1", "").Owner, Type: record.TXT, TTL: 60, Values: []string{"p=MIIB"}},
			"s2._domainkey.example.com/TXT": {Domain: domain, Owner: keyAt("s2", "").Owner, Type: record.TXT, TTL: 60, Values: []string{"p=MIIC"}},
		}},
		"what looks like two keys elsewhere": {in: record.Set{"a": txt(60, "p=1"), "b": txt(60, "p=2")}, want: map[string]record.RRset{
			"example.com/TXT": {Domain: domain, Owner: domain, Type: record.TXT, TTL: 60, Values: []string{"p=1", "p=2"}},
		}},
		"one DMARC record under two keys": {in: record.Set{"a": txt(60, "v=DMARC1; p=none"), "b": txt(60, "v=DMARC1; p=none")}, want: map[string]record.RRset{
			"example.com/TXT": {Domain: domain, Owner: domain, Type: record.TXT, TTL: 60, Values: []string{"v=DMARC1; p=none"}},
		}},
		"what is no SPF record": {
			in: record.Set{"a": txt(60, "v=spf1 a -all"), "b": txt(60, "v=spf10 a"), "c": txt(60, "v=spf1 a -all")},
			want: map[string]record.RRset{"example.com/TXT": {
				Domain: domain, Owner: domain, Type: record.TXT, TTL: 60, Values: []string{"v=spf1 a -all", "v=spf10 a"},
			}},
		},
		"two CNAMEs":           {in: record.Set{"a": cname(other, "t.example.net"), "b": cname(other, "u.example.net")}, err: record.ErrTwoCNAME},
		"a CNAME beside TXT":   {in: record.Set{"a": cname(domain, "t.example.net"), "b": txt(60, "x")}, err: record.ErrCNAMEOwner},
		"TXT beside a CNAME":   {in: record.Set{"a": txt(60, "x"), "b": cname(domain, "t.example.net")}, err: record.ErrCNAMEOwner},
		"CNAME behind two TXT": {in: record.Set{"a": txt(60, "x"), "b": txt(60, "y"), "c": cname(domain, "t.example.net")}, err: record.ErrCNAMEOwner},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := record.RRsets(tt.in)
			if !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
				t.Fatalf("RRsets error = %v, want %v", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.Comparer(func(a, b dnsname.Name) bool { return a == b })); tt.err == nil && diff != "" {
				t.Errorf("RRsets: -want +got\n%s", diff)
			}
		})
	}
}

// All that cannot stand together is told at once, in the order of the keys.
func TestRRsetsAllErrors(t *testing.T) {
	t.Parallel()
	set := record.Set{}
	for key, value := range map[string]string{"a": "v=spf1 a -all", "b": "v=spf1 mx -all", "c": "v=spf1 ?all"} {
		set[key] = record.Record{Domain: domain, Owner: domain, Type: record.TXT, Value: value}
	}
	set["d"] = record.Record{Domain: domain, Owner: domain, Type: record.CNAME, Value: "a.example"}
	_, err := record.RRsets(set)
	if err == nil {
		t.Fatal("RRsets takes what no zone can hold")
	}
	want := []string{
		`two SPF records with one owner: "a" and "b" both are at example.com, and with two of them, SPF always fails (RFC 7208 §4.5); merge the two`,
		`two SPF records with one owner: "a" and "c" both are at example.com, and with two of them, SPF always fails (RFC 7208 §4.5); merge the two`,
		`a CNAME beside other records of its owner: "a" and "d" both are at example.com; RFC 1034 §3.6.2 allows a CNAME alone`,
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("RRsets error (-want +got):\n%s", diff)
	}
}

func TestRRsetQuoted(t *testing.T) {
	t.Parallel()
	set := record.RRset{Domain: domain, Owner: domain, Type: record.MX, Values: []string{"10 a.example", "20 b.example"}}
	if diff := cmp.Diff([]string{"10 a.example.", "20 b.example."}, set.Quoted()); diff != "" {
		t.Errorf("Quoted: -want +got\n%s", diff)
	}
	if set.Name() != "@" || set.Key() != "example.com/MX" {
		t.Errorf("Name = %q, Key = %q", set.Name(), set.Key())
	}
}
