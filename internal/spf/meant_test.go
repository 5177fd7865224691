package spf

import (
	"strings"
	"testing"
)

func TestMeantAsSPF(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		// What receivers take for SPF is not broken.
		"v=spf1":                 false,
		"V=SPF1 mx -all":         false,
		"v=spf1 ip4:300.1.1.1":   false,
		"v=spf1 include:a\u00a0": false,

		"v=spf1include:spf.example.net?all":     true,
		`"v=spf1 include:spf.example.net -all"`: true,
		`'v=spf1 -all'`:                         true,
		`\"v=spf1 -all\"`:                       true,
		" v=spf1 -all":                          true,
		"\tv=spf1 -all":                         true,
		"v:spf1 include:a.example -all":         true,
		"v:spf1":                                true,
		"spf1 include:a.example":                true,
		"SPF1":                                  true,
		"spf1 mx":                               true,
		"spf1-all":                              true,
		"“v=spf1 mx -all”":                      true,
		"\ufeffv=spf1 mx -all":                  true,
		"\u200bv=spf1":                          true,
		"v=spf 1 mx -all":                       true,
		"v = spf1 mx":                           true,
		"v =spf1":                               true,
		"v=spf2.0 mx":                           true,
		"v=spf10":                               true,
		"v=spf":                                 true,
		"v=spf1.":                               true,
		"v=spf1;include:a.example":              true,
		"v=spf1,mx":                             true,
		"v=spf1\tmx":                            true,
		"v=spf1\u00a0mx":                        true,
		"v=spf-1 mx":                            true,
		"v=spfv1 mx":                            true,
		"v==spf1 mx":                            true,
		"=spf1 mx":                              true,
		"vspf1 mx":                              true,
		"version=spf1 mx":                       true,
		"v=sfp1 mx":                             true,
		"v=spf1\xff":                            true,
		"ｖ=ｓｐｆ１ mx":                             true,
		`example.com. 3600 IN TXT "v=spf1 mx -all"`: true,
		"SPF: v=spf1 mx -all":                       true,
		"spf2.0 mx -all":                            true,
		"include:spf.protection.outlook.com":        true,
		"-all":                                      true,
		"–all":                                      true,
		"~all":                                      true,
		"ip4:192.0.2.0/24 ip6:2001:db8::/32":        true,
		"a:mail.example.com":                        true,
		"mx/24":                                     true,
		"redirect=_spf.example.net":                 true,
		"google-site-verification=x v=spf1 mx -all": true,
		"include:a.example include:b.example-all":   true,
		"include=a.example":                         true,
		"inlcude:a.example -all":                    true,
		"":                                          false,
		"a":                                         false,
		"mx":                                        false,
		"all":                                       false,
		"spf2.0/pra include:a.example -all":         false,
		`"spf2.0/mfrom,pra mx -all"`:                false,
		"google-site-verification=rXOxyZounnZasA8Z7oaD3": false,
		"google-site-verification=spf1":                  false,
		"MS=ms12345678":                                  false,
		"MS=ms-all":                                      false,
		"v=DMARC1; p=none; rua=mailto:a@example.com":     false,
		"v=DKIM1; k=rsa; p=MIIB":                         false,
		"v=verifydomain MS=1234":                         false,
		"v=STSv1; id=1":                                  false,
		"v=BIMI1; l=https://example.com/a.svg; a=":       false,
		"v=TLSRPTv1; rua=mailto:a@example.com":           false,
		"v=mCPS1":                                        false,
		"spf-verification=abc":                           false,
		"spf1-verification=abc":                          false,
		"spfkey=12":                                      false,
		"redirect=https://example.com/":                  false,
		"apple-domain=abc":                               false,
		"a:1":                                            false,
		"dnslink=/ip4/192.0.2.1":                         false,
		"contact: a@example.com":                         false,
		"_globalsign-domain-verification=-all":           false,
		"all rights reserved":                            false,
		"a domain of Example Ltd.":                       false,
	}
	for txt, want := range tests {
		t.Run(txt, func(t *testing.T) {
			t.Parallel()
			if got := MeantAsSPF(txt); got != want {
				t.Errorf("MeantAsSPF(%q) = %v, want %v", txt, got, want)
			}
		})
	}
}

func FuzzMeantAsSPF(f *testing.F) {
	for _, seed := range []string{"v=spf1 -all", " v=spf1", "MS=ms1", "“v=spf1”", "include:a.example", "\xff\ufeff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, txt string) {
		if IsRecord(txt) && MeantAsSPF(txt) {
			t.Errorf("MeantAsSPF(%q) = true for an SPF record", txt)
		}
		if _, err := Parse(txt); err == nil {
			for _, broken := range []string{`"` + txt + `"`, " " + txt, "\ufeff" + txt, "v=spf1" + strings.TrimLeft(txt[len(Version):], " ") + "x"} {
				if !IsRecord(broken) && !MeantAsSPF(broken) {
					t.Errorf("MeantAsSPF(%q) = false for a record that is broken", broken)
				}
			}
			return
		}
		token := "google-site-verification=" + strings.Map(func(r rune) rune {
			if r > ' ' && r < 0x7F && !strings.ContainsRune(`;,()"'`+"`\\", r) {
				return r
			}
			return -1
		}, txt)
		if !strings.Contains(strings.ToLower(token), "v=spf1") && MeantAsSPF(token) {
			t.Errorf("MeantAsSPF(%q) = true for a verification token", token)
		}
	})
}
