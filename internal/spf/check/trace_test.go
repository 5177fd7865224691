package check

import (
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

func TestCheckString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		checkCase
		want string
	}{
		{"a fail behind includes", checkCase{dns: `
			example.com        TXT v=spf1 a ip4:198.51.100.1 ip4:198.51.100.2 ip6:2001:db8::/32 include:_spf.acme.example exists:%{ir}.list.example -all x=y
			example.com        A   192.0.2.77
			_spf.acme.example  TXT v=spf1 mx:acme.example include:a.acme.example ~all
			acme.example       MX  mail.acme.example
			mail.acme.example  A   198.51.100.3
			a.acme.example     TXT v=spf1 ip4:198.51.100.0/24`}, `
example.com  v=spf1 …                                  fail, 5 of 10 lookups, 1 of 2 void
├─ a                                                   no match: none of the addresses
├─ ip4:198.51.100.1 … (3 networks)                     no match
├─ include:_spf.acme.example                           no match: softfail
│  ├─ mx:acme.example                                  no match: none of the addresses
│  ├─ include:a.acme.example                           no match: neutral
│  │  ├─ ip4:198.51.100.0/24                           no match
│  │  └─ (no term matches)                             neutral
│  └─ ~all                                             match: softfail
├─ exists:%{ir}.list.example → 1.2.0.192.list.example  no match: no such record
└─ -all                                                match: fail`},
		{"a pass behind a redirect", checkCase{dns: `
			example.com    TXT v=spf1 redirect=%{d}.acme.example
			example.com.acme.example TXT v=spf1 include:b.example -all
			b.example      TXT v=spf1 ip4:192.0.2.0/24`}, `
example.com  v=spf1 …                                     pass, 2 of 10 lookups, 0 of 2 void
└─ redirect=%{d}.acme.example → example.com.acme.example  pass
   └─ include:b.example                                   match: pass
      └─ ip4:192.0.2.0/24                                 match: pass`},
		{"a default behind a redirect", checkCase{dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1"}, `
example.com  v=spf1 …    neutral, 1 of 10 lookups, 0 of 2 void
└─ redirect=a.example    neutral
   └─ (no term matches)  neutral`},
		{"no record", checkCase{}, `
example.com  none, 0 of 10 lookups, 0 of 2 void
└─ example.com has no SPF record`},
		{"no domain", checkCase{sender: "<>", helo: "."}, `
(no domain)  none, 0 of 10 lookups, 0 of 2 void
└─ there is no domain to check: neither the sender nor HELO names one`},
		{"an include without a record", checkCase{dns: "example.com TXT v=spf1 mx include:a.example -all\nexample.com MX b.example\nb.example A 192.0.2.2"}, `
example.com  v=spf1 …  permerror, 2 of 10 lookups, 1 of 2 void
├─ mx                  no match: none of the addresses
└─ include:a.example   permerror: no record
   └─ a.example has no SPF record`},
		{"a lookup that fails in an include", checkCase{dns: "example.com TXT v=spf1 include:a.example -all\na.example TXT v=spf1 ?ptr ~a:b.example ?all\nb.example A !"}, `
example.com  v=spf1 …  temperror, 3 of 10 lookups, 1 of 2 void
└─ include:a.example   temperror
   ├─ ?ptr             no match: no such record
   └─ ~a:b.example     temperror
      └─ DNS could not be asked for the A records of b.example: server failure (RFC 7208 §4.4)`},
		{"too many lookups", checkCase{dns: "example.com TXT v=spf1 redirect=a.example\na.example TXT v=spf1 " + numbered(10, "a:b.example ") + "\nb.example A 192.0.2.2"}, `
example.com  v=spf1 …  permerror, 10 of 10 lookups, 0 of 2 void
└─ redirect=a.example  permerror
` + strings.Repeat("   ├─ a:b.example      no match: none of the addresses\n", 9) + `   └─ a:b.example      permerror
      └─ a:b.example of a.example would be one lookup more than the 10 that are allowed (RFC 7208 §4.6.4)`},
		{"two records", checkCase{dns: "example.com TXT v=spf1\nexample.com TXT v=spf1"}, `
example.com  permerror, 0 of 10 lookups, 0 of 2 void
└─ example.com has 2 SPF records, where a domain has one (RFC 7208 §4.5)`},
		{"names to be escaped", checkCase{helo: "\x1b[31m\\b", dns: "example.com TXT v=spf1 ptr:%{h}.example ?exists:\\.%{h} -all\n\\.\x1b[31m\\b A 127.0.0.2"}, `
example.com  v=spf1 …                      neutral, 2 of 10 lookups, 1 of 2 void
├─ ptr:%{h}.example → \027[31m\\b.example  no match: no such record
└─ ?exists:\\.%{h} → \\.\027[31m\\b        match: neutral`},
		{"a long term", checkCase{dns: "example.com TXT v=spf1 ?exists:" + strings.Repeat("%{d}", 200) + " a\nexample.com A 192.0.2.1"}, `
example.com  v=spf1 …  pass, 2 of 10 lookups, 1 of 2 void
├─ ?exists:` + strings.Repeat("%{d}", 23) + "… (808 octets in all) → " + strings.Repeat("comexample.", 9) + `c… (245 octets in all)  no match: no such record
└─ a                   match: pass`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dns := spftest.NewScript(t, tt.dns)
			got, err := Checker{Resolver: dns}.Check(t.Context(), tt.query(t))
			if err != nil {
				t.Fatalf("Check() = %v", err)
			}
			if text, want := got.String(), strings.TrimPrefix(tt.want, "\n"); text != want {
				t.Errorf("String() =\n%s\nwant\n%s", text, want)
			}
			checkSound(t, got, dns)
		})
	}
	if text := (Outcome{}).String(); text != "" {
		t.Errorf("the zero Check is %q, want nothing", text)
	}
}
