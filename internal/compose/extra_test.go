package compose_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

func TestExtra(t *testing.T) {
	t.Parallel()
	got, err := compose.Records(compose.Config{
		Domain: domain, TTL: 600, Options: merge.Options{All: merge.AllFail},
		Extra: map[string]compose.Extra{
			"google": {Name: "@", Type: "TXT", Value: "google-site-verification=abc"},
			"mx1":    {Name: "@", Type: "MX", Value: "10 mail.example.com"},
			"mx2":    {Name: "@", Type: "MX", Value: "20 mail2.example.com"},
			"mail":   {Name: "Mail", Type: "A", Value: "192.0.2.25", TTL: 60},
			"imaps":  {Name: "_imaps._tcp", Type: "SRV", Value: "0 1 993 mail.example.com."},
			"later":  {Name: "x", Type: "TXT"},
		},
		Unknown: unknown("extra[later].value"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"example.com/spf":          "example.com TXT v=spf1 -all",
		"example.com/extra/google": "example.com TXT google-site-verification=abc",
		"example.com/extra/mx1":    "example.com MX 10 mail.example.com",
		"example.com/extra/mx2":    "example.com MX 20 mail2.example.com",
		"example.com/extra/mail":   "mail.example.com A 192.0.2.25",
		"example.com/extra/imaps":  "_imaps._tcp.example.com SRV 0 1 993 mail.example.com",
		"example.com/extra/later":  "x.example.com TXT ",
	}
	if diff := cmp.Diff(want, values(got.Records)); diff != "" {
		t.Errorf("Records: -want +got\n%s", diff)
	}
	if ttl := [2]uint32{got.Records["example.com/extra/mail"].TTL, got.Records["example.com/extra/mx1"].TTL}; ttl != [2]uint32{60, 600} {
		t.Errorf("TTLs = %v, want that of the record, and that of the configuration", ttl)
	}
	if keys := got.Unknown.Keys(); len(keys) != 1 || !got.Unknown.Key("example.com/extra/later").Attribute("value").Whole() || len(got.Warnings) > 0 {
		t.Errorf("Unknown = %v, Warnings = %v, want one unknown value", got.Unknown, got.Warnings)
	}
}

func TestExtraProblems(t *testing.T) {
	t.Parallel()
	services := map[string]compose.Service{"s": {Template: acme}}
	tests := map[string]struct {
		id    string
		extra compose.Extra
		path  string
		says  string
	}{
		"SPF":                    {"x", compose.Extra{Name: "@", Type: "TXT", Value: "v=spf1 -all"}, `extra["x"].value`, "give it as `existing`"},
		"a DKIM key":             {"x", compose.Extra{Name: "s1._domainkey", Type: "TXT", Value: "k=rsa; p=MIIB"}, `extra["x"].value`, "one of the `keys`"},
		"an alias of a DKIM key": {"x", compose.Extra{Name: "s1._domainkey", Type: "CNAME", Value: "k.acme.example"}, `extra["x"].value`, "one of the `keys`"},
		"DMARC":                  {"x", compose.Extra{Name: "_dmarc", Type: "TXT", Value: "v=DMARC1; p=none"}, `extra["x"].value`, "give it as `dmarc`"},
		"MTA-STS":                {"x", compose.Extra{Name: "_mta-sts", Type: "TXT", Value: "v=STSv1; id=1"}, `extra["x"].value`, "give it as `mta_sts`"},
		"TLS reporting":          {"x", compose.Extra{Name: "_smtp._tls", Type: "TXT", Value: "v=TLSRPTv1; rua=mailto:a@example.com"}, `extra["x"].value`, "give it as `tls_rpt`"},
		"BIMI":                   {"x", compose.Extra{Name: "default._bimi", Type: "TXT", Value: "v=BIMI1; l="}, `extra["x"].value`, "give it as `bimi`"},
		"reports of others":      {"x", compose.Extra{Name: "example.org._report._dmarc", Type: "TXT", Value: "v=DMARC1;"}, "", ""},
		"an unknown type":        {"x", compose.Extra{Name: "@", Type: "SPF", Value: "x"}, `extra["x"].type`, "it must be TXT"},
		"an empty name":          {"x", compose.Extra{Type: "TXT", Value: "x"}, `extra["x"].name`, `write "@"`},
		"the domain twice":       {"x", compose.Extra{Name: "mail.example.com", Type: "A", Value: "192.0.2.1"}, `extra["x"].name`, `write "mail"`},
		"a name with blanks":     {"x", compose.Extra{Name: "a b", Type: "A", Value: "192.0.2.1"}, `extra["x"].name`, "cannot have"},
		"no address":             {"x", compose.Extra{Name: "mail", Type: "A", Value: "mail.example.com"}, `extra["x"].value`, "192.0.2.1"},
		"CNAME at the domain":    {"x", compose.Extra{Name: "@", Type: "CNAME", Value: "a.acme.example"}, `extra["x"].type`, "RFC 1034"},
		"an alias of itself":     {"x", compose.Extra{Name: "a", Type: "CNAME", Value: "a.example.com"}, `extra["x"].value`, "lead to itself"},
		"a slash in the name":    {"a/b", compose.Extra{Name: "a", Type: "TXT", Value: "x"}, `extra["a/b"]`, "no slash"},
		"a DKIM key of a host":   {"x", compose.Extra{Name: "s1._domainkey.news", Type: "CNAME", Value: "k.acme.example"}, "", ""},
		"SPF in quotes":          {"x", compose.Extra{Name: "@", Type: "TXT", Value: `"v=spf1 " "mx -all"`}, `extra["x"].value`, "give it as `existing`"},
		"DMARC in quotes":        {"x", compose.Extra{Name: "_dmarc", Type: "TXT", Value: `"v=DMARC1; p=none"`}, `extra["x"].value`, "give it as `dmarc`"},
		"a final dot":            {"x", compose.Extra{Name: "mail.", Type: "A", Value: "192.0.2.1"}, `extra["x"].name`, `write "mail"`},
		"a whole name":           {"x", compose.Extra{Name: "Mail.Example.com.", Type: "A", Value: "192.0.2.1"}, `extra["x"].name`, `write "mail"`},
		"the domain's own name":  {"x", compose.Extra{Name: "example.com.", Type: "A", Value: "192.0.2.1"}, `extra["x"].name`, `write "@"`},
		"a name like the domain": {"x", compose.Extra{Name: "notexample.com", Type: "A", Value: "192.0.2.1"}, "", ""},
		"a TLSA record":          {"x", compose.Extra{Name: "_25._tcp.mail", Type: "TLSA", Value: "3 1 1 " + strings.Repeat("aB", 32)}, "", ""},
		"a short digest":         {"x", compose.Extra{Name: "_25._tcp.mail", Type: "TLSA", Value: "3 1 1 " + strings.Repeat("ab", 31)}, `extra["x"].value`, "31 octets"},
		"a digest of another":    {"x", compose.Extra{Name: "_443._tcp.www", Type: "TLSA", Value: "3 1 2 " + strings.Repeat("ab", 32)}, `extra["x"].value`, "32 octets"},
		"a usage of the web":     {"x", compose.Extra{Name: "_25._tcp.mail", Type: "TLSA", Value: "1 1 1 " + strings.Repeat("ab", 32)}, `extra["x"].value`, "RFC 7672"},
		"a usage at a web host":  {"x", compose.Extra{Name: "_443._tcp.www", Type: "TLSA", Value: "1 1 1 " + strings.Repeat("ab", 32)}, "", ""},
		"an unknown usage":       {"x", compose.Extra{Name: "_443._tcp.www", Type: "TLSA", Value: "4 1 1 " + strings.Repeat("ab", 32)}, `extra["x"].value`, "usage 4"},
		"an unknown matching":    {"x", compose.Extra{Name: "_443._tcp.www", Type: "TLSA", Value: "3 1 3 " + strings.Repeat("ab", 32)}, `extra["x"].value`, "matching type 3"},
		"a name of a service":    {"x", compose.Extra{Name: "acme._domainkey.x", Type: "A", Value: "192.0.2.1"}, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := compose.Records(compose.Config{Domain: domain, Services: services, Extra: map[string]compose.Extra{tt.id: tt.extra}})
			problems, _ := errors.AsType[compose.Problems](err)
			if tt.path == "" {
				if err != nil {
					t.Errorf("Records: %v", err)
				}
				return
			}
			if len(problems) != 1 || problems[0].Path.String() != tt.path || !strings.Contains(problems[0].Detail, tt.says) {
				t.Errorf("problems = %v, want one at %s that says %q", problems, tt.path, tt.says)
			}
		})
	}
}

// An extra record and one of a service, or two extra records, do not stand beside each other where no zone holds both.
func TestExtraConflicts(t *testing.T) {
	t.Parallel()
	web := map[string]compose.Service{"s": {Template: strings.ReplaceAll(acme, "acme._domainkey", "bounce")}}
	for name, extra := range map[string]map[string]compose.Extra{
		"with a service": {"x": {Name: "bounce", Type: "TXT", Value: "x"}},
		"of one's own":   {"x": {Name: "a", Type: "CNAME", Value: "a.acme.example"}, "y": {Name: "a", Type: "TXT", Value: "y"}},
		"one twice":      {"x": {Name: "a", Type: "TXT", Value: "y"}, "y": {Name: "A", Type: "txt", Value: "y"}},
		"host twice":     {"x": {Name: "a", Type: "AAAA", Value: "2001:db8::1"}, "y": {Name: "a", Type: "AAAA", Value: "2001:DB8:0::1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := compose.Records(compose.Config{Domain: domain, Services: web, Extra: extra})
			problems, _ := errors.AsType[compose.Problems](err)
			if len(problems) != 1 || problems[0].Path.String() != "extra" || !errors.Is(err, compose.ErrConflict) || !strings.Contains(problems[0].Detail, "out of `extra`") {
				t.Errorf("problems = %v, want one conflict on extra that says what to take out", problems)
			}
		})
	}
}

// Verification tokens stand beside those of services, and beside the records of a parked domain.
func TestExtraBesideOthers(t *testing.T) {
	t.Parallel()
	token := map[string]compose.Extra{"token": {Name: "@", Type: "TXT", Value: "google-site-verification=x"}}
	proof := templated(`{"type": "TXT", "host": "@", "data": "MS=ms1", "ttl": 60}`)
	proof.Allow = []string{"*"}
	for name, c := range map[string]compose.Config{
		"a service": {Services: map[string]compose.Service{"s": proof}, Options: merge.Options{All: merge.AllFail}},
		"parked":    {Parked: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.Domain = domain
			without, err := compose.Records(c)
			if err != nil {
				t.Fatal(err)
			}
			c.Extra = token
			got, err := compose.Records(c)
			if err != nil || got.Records["example.com/extra/token"].Value != token["token"].Value || len(got.Records) != len(without.Records)+1 {
				t.Errorf("Records = %v, %v, want the token beside %v", values(got.Records), err, values(without.Records))
			}
		})
	}
	mail := map[string]compose.Extra{"mail": {Name: "@", Type: "MX", Value: "10 mx.example.net"}}
	if _, err := compose.Records(compose.Config{Domain: domain, Parked: true, Extra: mail}); !errors.Is(err, compose.ErrConflict) {
		t.Errorf("Records of a parked domain with an MX record: %v, want %v", err, compose.ErrConflict)
	}
}

// A TXT record that looks like a mail record and is not read as one is told of, wherever it stands.
func TestExtraThatNobodyReads(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ name, value, says string }{
		"a token in quotes":           {"@", `"google-site-verification=x"`, "without them"},
		"strings":                     {"@", `"MS=" "ms1"`, `"MS=ms1"`},
		"quotes within":               {"@", `{"a":"b"}`, ""},
		"a token":                     {"@", "google-site-verification=x", ""},
		"DMARC at the domain":         {"@", "v=DMARC1; p=none; rua=mailto:a@example.com", "look for one at _dmarc"},
		"DMARC at a host":             {"mail", "v=DMARC1; p=none", "look for one at _dmarc"},
		"DMARC below its name":        {"sub._dmarc", "v=DMARC1; p=none", "look for one at _dmarc"},
		"DMARC of a host":             {"_dmarc.sub", "v=DMARC1; p=none", ""},
		"DMARC of a host, misspelt":   {"_dmarc.sub", "v=DMARC1; p=rejct", "neither a usable policy"},
		"DMARC of a host, unread":     {"_dmarc.sub", "v=DMARC1 p=none", "semicolon"},
		"an authorisation":            {"example.net._report._dmarc", "v=DMARC1;", ""},
		"an authorisation of all":     {"*._report._dmarc", "v=DMARC1;", ""},
		"MTA-STS at the domain":       {"@", "v=STSv1; id=1", "look for one at _mta-sts"},
		"MTA-STS at its host":         {"mta-sts", "v=STSv1; id=1", "look for one at _mta-sts"},
		"MTA-STS of a host":           {"_mta-sts.sub", "v=STSv1; id=1", ""},
		"MTA-STS of a host, broken":   {"_mta-sts.sub", "v=STSv1; id=2026-01-01", "letters and digits"},
		"TLS reporting at the domain": {"@", "v=TLSRPTv1; rua=mailto:a@example.com", "look for one at _smtp._tls"},
		"TLS reporting halfway":       {"_tls", "v=TLSRPTv1; rua=mailto:a@example.com", "look for one at _smtp._tls"},
		"TLS reporting of a host":     {"_smtp._tls.sub", "v=TLSRPTv1; rua=mailto:a@example.com", ""},
		"BIMI at the domain":          {"@", "v=BIMI1; l=https://example.com/l.svg", "look for one at <selector>._bimi"},
		"BIMI without a selector":     {"_bimi", "v=BIMI1; l=https://example.com/l.svg", "look for one at <selector>._bimi"},
		"BIMI of a host":              {"default._bimi.sub", "v=BIMI1; l=https://example.com/l.svg", ""},
		"BIMI of a host, broken":      {"default._bimi.sub", "v=BIMI1; l=http://example.com/l.svg", "https"},
		"a key at the domain":         {"@", "v=DKIM1; p=", "look for one at <selector>._domainkey"},
		"a key without a selector":    {"_domainkey", "v=DKIM1; p=", "look for one at <selector>._domainkey"},
		"a key of a host":             {"s1._domainkey.sub", ed25519Key, ""},
		"a key of a host, cut":        {"s1._domainkey.sub", "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0B", "truncated"},
		"a revoked key of a host":     {"s1._domainkey.sub", "v=DKIM1; p=", ""},
		"a note of a host":            {"s1._domainkey.sub", "hello", "DKIM key record"},
		"a policy of old":             {"_domainkey", "o=~", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := compose.Records(compose.Config{Domain: domain, Extra: map[string]compose.Extra{"x": {Name: tt.name, Type: "TXT", Value: tt.value}}})
			if err != nil {
				t.Fatal(err)
			}
			says := ""
			for _, w := range got.Warnings {
				if w.Code == "extra-unread" && w.Path.String() == `extra["x"].value` {
					says += w.Detail
				}
			}
			if (says != "") != (tt.says != "") || !strings.Contains(says, tt.says) {
				t.Errorf("warning = %q, want one that says %q", says, tt.says)
			}
		})
	}
}

// Aliases that lead in a circle have no answer, and a mail host has addresses of its own.
func TestAliases(t *testing.T) {
	t.Parallel()
	alias := func(name, target string) compose.Extra {
		return compose.Extra{Name: name, Type: "CNAME", Value: target}
	}
	for name, tt := range map[string]struct {
		config   compose.Config
		path     string // of the error; empty: none
		warnings int    // about mail hosts
	}{
		"a circle of two":         {compose.Config{Extra: map[string]compose.Extra{"a": alias("w", "v.example.com"), "b": alias("v", "W.example.com.")}}, "extra", 0},
		"a circle of three":       {compose.Config{Extra: map[string]compose.Extra{"a": alias("w", "v.example.com"), "b": alias("v", "u.example.com"), "c": alias("u", "w.example.com")}}, "extra", 0},
		"a way into a circle":     {compose.Config{Extra: map[string]compose.Extra{"a": alias("a", "v.example.com"), "b": alias("v", "u.example.com"), "c": alias("u", "v.example.com")}}, "extra", 0},
		"a chain":                 {compose.Config{Extra: map[string]compose.Extra{"a": alias("w", "v.example.com"), "b": alias("v", "u.example.com"), "c": alias("u", "x.example.net")}}, "", 0},
		"two ways to one":         {compose.Config{Extra: map[string]compose.Extra{"a": alias("w", "v.example.com"), "b": alias("u", "v.example.com"), "c": alias("v", "x.example.net")}}, "", 0},
		"keys in a circle":        {compose.Config{Keys: map[string]compose.Key{"s1": {CNAME: "s2._domainkey.example.com"}, "s2": {CNAME: "s1._domainkey.example.com"}}}, "keys", 0},
		"one is known later":      {compose.Config{Keys: map[string]compose.Key{"s1": {CNAME: "s2._domainkey.example.com"}, "s2": {}}, Unknown: unknown("keys[s2].cname")}, "", 0},
		"a key that leads to one": {compose.Config{Keys: map[string]compose.Key{"s1": {CNAME: "s2._domainkey.example.com"}, "s2": {Record: ed25519Key}}}, "", 0},
		"an MX to an alias":       {compose.Config{MX: []string{"10 Mail.example.com.", "20 mx.example.com"}, Extra: map[string]compose.Extra{"a": alias("mail", "x.example.net")}}, "", 1},
		"an extra MX to an alias": {compose.Config{Extra: map[string]compose.Extra{"a": alias("mail", "x.example.net"), "m": {Name: "sub", Type: "MX", Value: "10 mail.example.com"}}}, "", 1},
		"an MX to an address":     {compose.Config{MX: []string{"10 mail.example.com"}, Extra: map[string]compose.Extra{"a": {Name: "mail", Type: "A", Value: "192.0.2.1"}}}, "", 0},
		"no mail":                 {compose.Config{MX: []string{"0 ."}, Extra: map[string]compose.Extra{"a": alias("mail", "x.example.net")}}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Domain = domain
			got, err := compose.Records(tt.config)
			problems, _ := errors.AsType[compose.Problems](err)
			if tt.path == "" && err != nil || tt.path != "" && (len(problems) != 1 || problems[0].Path.String() != tt.path || !strings.Contains(problems[0].Detail, "circle")) {
				t.Errorf("Records error = %v, want one at %q", err, tt.path)
			}
			warnings := 0
			for _, w := range got.Warnings {
				if w.Code == "mx-alias" {
					warnings++
				}
			}
			if warnings != tt.warnings {
				t.Errorf("warnings = %v, want %d about mail hosts", got.Warnings, tt.warnings)
			}
		})
	}
}

// Records of services are looked at as those of the owner are.
func TestServiceRecordsThatNobodyReads(t *testing.T) {
	t.Parallel()
	apply := func(records string) (compose.Result, error) {
		s := templated(records)
		s.Allow = []string{"*"}
		return compose.Records(compose.Config{Domain: domain, Services: map[string]compose.Service{"s": s}, Options: merge.Options{All: merge.AllFail}})
	}
	got, err := apply(`{"type": "TXT", "host": "@", "data": "v=DMARC1; p=none", "ttl": 60}, {"type": "TXT", "host": "@", "data": "MS=ms1", "ttl": 60}`)
	if err != nil || len(got.Warnings) != 1 || got.Warnings[0].Code != "extra-unread" || got.Warnings[0].Path.String() != `services["s"]` {
		t.Errorf("warnings = %v, %v, want one about the policy at the domain", got.Warnings, err)
	}
	_, err = apply(`{"type": "TLSA", "host": "_25._tcp.mail", "data": "3 1 1 abcd", "ttl": 60}`)
	problems, _ := errors.AsType[compose.Problems](err)
	if len(problems) != 1 || !strings.Contains(problems[0].Detail, "2 octets") || problems[0].Path.String() != `services["s"]` {
		t.Errorf("problems = %v, want one about the digest", problems)
	}
}
