package record_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

func made(t testing.TB, in, owner string, typ record.Type, ttl uint32, value string) record.Record {
	t.Helper()
	r, err := record.New(dnsname.MustParse(in), dnsname.MustParse(owner), typ, ttl, value)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mailRecords(t testing.TB) record.Set {
	t.Helper()
	return record.Set{
		"b":   made(t, "example.com", "example.com", record.TXT, 3600, "v=spf1 include:_spf.example.net -all"),
		"a":   made(t, "example.com", "example.com", record.TXT, 300, `MS="a|b"`),
		"c":   made(t, "example.com", "example.com", record.MX, 3600, "10 mx.example.net"),
		"d":   made(t, "example.com", "_dmarc.example.com", record.TXT, 3600, "v=DMARC1; p=none"),
		"e":   made(t, "example.com", "s1._domainkey.example.com", record.CNAME, 3600, "s1.dkim.example.net"),
		"e/2": made(t, "example.com", "s1._domainkey.example.com", record.CNAME, 3600, "s1.dkim.example.net"),
		"f":   made(t, "a.example", "a.example", record.MX, 60, "0 ."),
	}
}

func TestZoneFile(t *testing.T) {
	t.Parallel()
	got, err := record.ZoneFile(mailRecords(t))
	want := `a.example.                   60 IN MX    0 .
example.com.               3600 IN MX    10 mx.example.net.
example.com.                300 IN TXT   "MS=\"a|b\""
example.com.                300 IN TXT   "v=spf1 include:_spf.example.net -all"
_dmarc.example.com.        3600 IN TXT   "v=DMARC1; p=none"
s1._domainkey.example.com. 3600 IN CNAME s1.dkim.example.net.
`
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("ZoneFile error = %v, difference (-want +got):\n%s", err, diff)
	}
}

func TestMarkdownTable(t *testing.T) {
	t.Parallel()
	records := mailRecords(t)
	records["odd"] = made(t, "example.com", "x.example.com", record.TXT, 1, "`<img src=x>`\n``[a](b)|\xe2\x80\xae")
	records["void"] = made(t, "example.com", "y.example.com", record.TXT, 1, "")
	got, err := record.MarkdownTable(records)
	want := "| Name | Type | TTL | Value |\n| --- | --- | --- | --- |\n" +
		"| `a.example` | MX | 60 | `0 .` |\n" +
		"| `example.com` | MX | 3600 | `10 mx.example.net` |\n" +
		"| `example.com` | TXT | 300 | `MS=\"a\\|b\"` |\n" +
		"| `example.com` | TXT | 300 | `v=spf1 include:_spf.example.net -all` |\n" +
		"| `_dmarc.example.com` | TXT | 3600 | `v=DMARC1; p=none` |\n" +
		"| `s1._domainkey.example.com` | CNAME | 3600 | `s1.dkim.example.net` |\n" +
		"| `x.example.com` | TXT | 1 | ``` `<img src=x>`\\010``[a](b)\\|\\226\\128\\174 ``` |\n" +
		"| `y.example.com` | TXT | 1 | `  ` |\n"
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("MarkdownTable error = %v, difference (-want +got):\n%s", err, diff)
	}
}

func TestRenderNothing(t *testing.T) {
	t.Parallel()
	if text, err := record.ZoneFile(nil); text != "" || err != nil {
		t.Errorf("ZoneFile(nil) = %q, %v", text, err)
	}
	if text, err := record.MarkdownTable(nil); strings.Count(text, "\n") != 2 || err != nil {
		t.Errorf("MarkdownTable(nil) = %q, %v", text, err)
	}
}

func TestRenderContradiction(t *testing.T) {
	t.Parallel()
	records := record.Set{
		"a": made(t, "example.com", "x.example.com", record.CNAME, 1, "a.example"),
		"b": made(t, "example.com", "x.example.com", record.TXT, 1, "b"),
	}
	if _, err := record.ZoneFile(records); !errors.Is(err, record.ErrCNAMEOwner) {
		t.Errorf("ZoneFile error = %v, want %v", err, record.ErrCNAMEOwner)
	}
	if _, err := record.MarkdownTable(records); !errors.Is(err, record.ErrCNAMEOwner) {
		t.Errorf("MarkdownTable error = %v, want %v", err, record.ErrCNAMEOwner)
	}
}
