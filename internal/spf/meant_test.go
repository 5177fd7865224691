package spf

import (
	"errors"
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

// What was meant as SPF and is not is an error that quotes it, and never one of the values that stay.
func TestReadLiveOfBrokenRecords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		txts []string
		says []string
		not  []string
	}{
		{
			name: "split into separate records", txts: []string{"v=spf1", "include:spf.protection.outlook.com", "-all", "MS=ms1"},
			says: []string{"«-all», «include:spf.protection.outlook.com»", "were meant as SPF", "read «v=spf1» alone", "separate TXT records are not joined"},
			not:  []string{"MS="},
		},
		{name: "split into words", txts: []string{"v=spf1", "mx", "a"}, says: []string{"«a», «mx»", "separate TXT records are not joined"}},
		{name: "split without a version", txts: []string{"mx", "-all"}, says: []string{"«-all», «mx»", "as if the domain had no SPF record"}},
		{name: "split in two", txts: []string{"v=spf1 include:a.example", "include:b.example -all"}, says: []string{"«include:b.example -all»", "read «v=spf1 include:a.example» alone"}},
		{name: "a blank is missing", txts: []string{"v=spf1include:spf.example.net?all"}, says: []string{"«v=spf1include:spf.example.net?all»", "as if the domain had no SPF record (RFC 7208 §4.5)", "a blank is missing behind"}},
		{name: "quotes", txts: []string{`"v=spf1 mx -all"`}, says: []string{`«"v=spf1 mx -all"»`, "give what stands between the quotes"}},
		{name: "beside a right one", txts: []string{`"v=spf1 mx -all"`, "v=spf1 a -all"}, says: []string{`«"v=spf1 mx -all"»`, "read «v=spf1 a -all» alone"}},
		{name: "hostile", txts: []string{"v=spf1\x1b[31m"}, says: []string{`«v=spf1\027[31m»`}, not: []string{"\x1b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ReadLive(tt.txts)
			if !errors.Is(err, ErrBrokenRecord) || got.Extra != nil || got.Record != nil {
				t.Fatalf("ReadLive(%q) = %v, %v, want an error that wraps ErrBrokenRecord", tt.txts, got, err)
			}
			for _, part := range tt.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("ReadLive(%q) = %v, want %q in it", tt.txts, err, part)
				}
			}
			for _, part := range tt.not {
				if strings.Contains(err.Error(), part) {
					t.Errorf("ReadLive(%q) = %v, want no %q in it", tt.txts, err, part)
				}
			}
		})
	}
	// Words that SPF has as terms are texts of their own beside a whole record.
	live, err := ReadLive([]string{"v=spf1 mx -all", "a", "MS=ms1", "google-site-verification=x"})
	if err != nil || diff([]string{"MS=ms1", "a", "google-site-verification=x"}, live.Extra) != "" {
		t.Errorf("ReadLive() = %q, %v, want the other values", live.Extra, err)
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
			for _, broken := range []string{`"` + txt + `"`, " " + txt, "\ufeff" + txt, "v=spf1" + strings.TrimLeft(txt[len(version):], " ") + "x"} {
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
