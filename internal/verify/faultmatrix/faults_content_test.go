package faultmatrix_test

import (
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// contentFaults are those in what the record holds, and in how it is written.
func contentFaults() []fault {
	long := strings.Repeat("0123456789abcdef", 256)
	return []fault{
		{name: "SPF cut in odd chunks", publish: cut(1, 2, 3, 5, 5, 30), ends: harmless()},
		{name: "key cut in odd chunks", subject: dkimKey(), publish: cut(1, 7, 25, 60), ends: harmless()},
		{
			name: "blank at a cut", publish: func(w *world, value string) {
				w.zone.AddRR(dnstest.TXTStrings(w.owner(), 300, value[:20]+" ", value[20:]))
			},
			ends: only(never(`other content: «v=spf1 include:spf\.p rotection`).because("blank-at-chunk-border")),
		},
		{
			name: "escaped bytes", subject: token("say \"hi\\there\" \x00\x7f\xff é; go", "say hi"), ends: harmless(),
		},
		{
			name: "terminal escape sequences", subject: token("fine", "\x1b[2J\x1b]0;title\a\r\nPlan: nothing\u202e to do"),
			ends: harmless().but(wrong, never(`other content: «\\027\[2J\\027\]0;title\\007\\013\\010Plan`)),
		},
		{
			name: "terminal escape sequences beside", around: func(w *world) { w.zone.SetTXT("@", "\x1b[31mred\x1b[0m") },
			ends: harmless().but(missing, never(`no SPF record among the TXT records there; seen «\\027\[31mred`)),
		},
		{
			name: "literal quotes", publish: changed(func(v string) string { return `"` + v + `"` }),
			ends: harmless().but(wrong, never(`no SPF record among`)).but(right, never(`no SPF record among the TXT records there; seen «.*v=spf1`).because("literal-quotes")),
		},
		{
			name: "literal quotes, DKIM key", subject: dkimKey(), publish: changed(func(v string) string { return `"` + v + `"` }),
			ends: only(never(`other content: «`).because("literal-quotes")),
		},
		{
			name: "literal backslashes", subject: dmarc(), publish: changed(func(v string) string { return strings.ReplaceAll(v, ";", `\;`) }),
			ends: harmless().but(wrong, never(`no DMARC record among`)).but(right, never(`no DMARC record among the TXT records there`).because("literal-backslashes")),
		},
		{name: "trailing blank in SPF", publish: changed(func(v string) string { return v + " " }), ends: harmless()},
		{name: "trailing blank in DMARC", subject: dmarc(), publish: changed(func(v string) string { return v + " " }), ends: harmless()},
		{
			name: "trailing blank in a token", subject: token("token=1", "token=2"), publish: changed(func(v string) string { return v + " " }),
			ends: only(never(`other content: «token=1 »`).because("blank-at-chunk-border")),
		},
		{name: "SPF in upper case", publish: changed(strings.ToUpper), ends: harmless()},
		{name: "SPF with more blanks", publish: changed(func(v string) string { return strings.ReplaceAll(v, " ", "   ") }), ends: harmless()},
		{
			name: "SPF in another order", publish: changed(func(string) string {
				return "v=spf1 include:spf.example.net include:spf.protection.outlook.com -all"
			}),
			ends: only(never(`other content: «`)),
		},
		{
			name: "key tags in another order", subject: dkimKey(), publish: changed(func(v string) string {
				version, rest, _ := strings.Cut(v, "; ")
				algorithm, key, _ := strings.Cut(rest, "; ")
				return version + ";" + key + " ; " + algorithm + ";"
			}),
			ends: harmless(),
		},
		{
			name: "key cut off", subject: dkimKey(), publish: changed(func(v string) string { return v[:len(v)-10] }),
			ends: only(never(`other content: «v=DKIM1`).because("value-cut")),
		},
		{
			name: "mixed case", subject: dkimAlias(), publish: func(w *world, value string) {
				w.zone.Set(`CG1._DomainKey.Example.COM. CNAME ` + strings.ToUpper(value) + `.`)
			},
			ends: harmless(),
		},
		{
			name: "TTL 0", publish: func(w *world, value string) { w.zone.AddRR(dnstest.TXT(w.owner(), 0, value)) }, ends: harmless(),
		},
		{
			name: "TTL of 68 years", publish: func(w *world, value string) { w.zone.AddRR(dnstest.TXT(w.owner(), 1<<31-1, value)) }, ends: harmless(),
		},
		{name: "TXT of 4 KiB", subject: token(long, long[:len(long)-1]+"!"), ends: harmless()},
		{
			name: "name in another script", subject: txt("TXT DMARC", "_dmarc.bücher.example", "v=DMARC1; p=reject", "v=DMARC1; p=none"), ends: harmless(),
		},
	}
}

// cut publishes a value in strings of the given lengths, and the rest in one more.
func cut(lengths ...int) func(*world, string) {
	return func(w *world, value string) {
		w.Helper()
		var parts []string
		for _, n := range lengths {
			n = min(n, len(value))
			parts, value = append(parts, value[:n]), value[n:]
		}
		w.zone.AddRR(dnstest.TXTStrings(w.owner(), dnstest.DefaultTTL, append(parts, value)...))
	}
}
