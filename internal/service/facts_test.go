package service_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// demanding are services that bounce to a host, and whose own check asks for the include at the domain all the same.
var demanding = []string{"mailersend"}

// Where bounces go decides the default groups: an include at a name to which nothing bounces only spends lookups.
func TestDefaultGroupsFollowMailFrom(t *testing.T) {
	t.Parallel()
	for _, id := range service.Builtins() {
		info := builtin(t, id).Info()
		asked, byDefault := false, false
		for _, r := range info.Records {
			if r.Kind == service.SPFKind && r.Host == "@" {
				asked = true
				byDefault = byDefault || isDefault(info, r.Group)
			}
		}
		switch {
		case info.MailFrom == service.MailFromDomain && asked && !byDefault:
			t.Errorf("%s bounces to the domain, and no group that is applied by default lets it pass SPF there", id)
		case info.MailFrom == service.MailFromOwn && byDefault:
			t.Errorf("%s bounces to a domain of its own, and its SPF at the domain is applied by default", id)
		case bouncesToHost(info):
			if byDefault != slices.Contains(demanding, id) {
				t.Errorf("%s bounces to %s; its SPF at the domain is applied by default: %t", id, info.MailFrom, byDefault)
			}
			if !slices.ContainsFunc(info.Records, func(r service.RecordInfo) bool { return r.Host == info.MailFrom && isDefault(info, r.Group) }) {
				t.Errorf("%s bounces to %s, where it has no record by default", id, info.MailFrom)
			}
		}
	}
}

func bouncesToHost(info service.Info) bool {
	return info.MailFrom != "" && info.MailFrom != service.MailFromDomain && info.MailFrom != service.MailFromOwn
}

func isDefault(info service.Info, group string) bool {
	i := slices.IndexFunc(info.Groups, func(g service.Group) bool { return g.ID == group })
	return i < 0 || info.Groups[i].Default
}

// A service is known as well as the least known of what it asks for by default. Whoever says that a fact was read in
// official documentation says on which page.
func TestCatalogueEvidence(t *testing.T) {
	t.Parallel()
	marks := []string{"V", "I", "O", "?"}
	for _, id := range service.Builtins() {
		info := builtin(t, id).Info()
		weakest := 0
		for _, r := range info.Records {
			if _, err := time.Parse(time.DateOnly, r.Checked); err != nil || !slices.Contains(marks, r.Evidence) {
				t.Errorf("%s: record %s has the evidence %q of %q", id, r.ID, r.Evidence, r.Checked)
			}
			if (r.Evidence == "V" || info.Evidence == "V") && !r.IsDeep() {
				t.Errorf("%s: record %s has the page %q, want one about the record", id, r.ID, r.Documentation)
			}
			if isDefault(info, r.Group) {
				weakest = max(weakest, slices.Index(marks, r.Evidence))
			}
		}
		if info.Evidence != marks[weakest] {
			t.Errorf("%s: evidence %q, and its records by default have %q", id, info.Evidence, marks[weakest])
		}
	}
}

// A name by which a service is recognised in live DNS leads to that service alone.
func TestCatalogueRecognises(t *testing.T) {
	t.Parallel()
	names := make(map[string]string) // kind and name → id
	for _, id := range service.Builtins() {
		info := builtin(t, id).Info()
		for kind, list := range map[string][]string{"include": info.Recognise.Includes, "cname": info.Recognise.CNAMEs, "mx": info.Recognise.MX} {
			for _, name := range list {
				if other, taken := names[kind+" "+name]; taken {
					t.Errorf("%s and %s are both recognised by the %s %s", id, other, kind, name)
				}
				names[kind+" "+name] = id
			}
		}
		aligns := slices.ContainsFunc(info.Records, func(r service.RecordInfo) bool { return r.Kind == service.DKIMKind })
		if (info.DKIMAligns != nil) != aligns {
			t.Errorf("%s has DKIM keys: %t, and says whether they align: %t", id, aligns, info.DKIMAligns != nil)
		}
	}
}

// The MX hosts that are known match what an MTA-STS policy would name.
func TestCatalogueMXPatterns(t *testing.T) {
	t.Parallel()
	for _, id := range service.Builtins() {
		info := builtin(t, id).Info()
		for _, r := range info.Records {
			if r.Type != "MX" || r.Host != "@" || strings.Contains(r.Value, "%") || len(info.MXPatterns) == 0 {
				continue
			}
			if !slices.ContainsFunc(info.MXPatterns, func(p string) bool { return matches(p, r.Value) }) {
				t.Errorf("%s: %s matches none of %q", id, r.Value, info.MXPatterns)
			}
		}
	}
}

// Hosts that a service hands out match too: a wildcard stands for one label.
func TestCatalogueMXPatternsOfVariables(t *testing.T) {
	t.Parallel()
	for host, id := range map[string]string{
		"example-com.mail.protection.outlook.com":        "microsoft365",
		"example.mail.protection.office365.us":           "microsoft365",
		"example-com.mail.protection.partner.outlook.cn": "microsoft365",
		"mx0a-00123456.pphosted.com":                     "proofpoint",
		"eu-smtp-inbound-1.mimecast.com":                 "mimecast",
		"mx2.zohocloud.ca":                               "zoho",
		"mx3.zoho.com.au":                                "zoho",
		"acme.in.tmes.trendmicro.eu":                     "trend_micro_email_security",
		"mx-01-us-east-2.prod.hydra.sophos.com":          "sophos_email",
		"w0123456.kasserver.com":                         "all_inkl",
		"mx1-eu1.ppe-hosted.com":                         "proofpoint_essentials",
		"inbound-smtp.eu-west-1.amazonaws.com":           "amazon_workmail",
		"alt4.aspmx.l.google.com":                        "google_workspace",
		"monday.mxrouting.net":                           "mxroute",
	} {
		patterns := builtin(t, id).Info().MXPatterns
		if !slices.ContainsFunc(patterns, func(p string) bool { return matches(p, host) }) {
			t.Errorf("%s: %s matches none of %q", id, host, patterns)
		}
	}
}

// matches reports whether a host matches a pattern of an MTA-STS policy (RFC 8461 §4.1).
func matches(pattern, host string) bool {
	if parent, ok := strings.CutPrefix(pattern, "*."); ok {
		_, rest, _ := strings.Cut(host, ".")
		return rest == parent
	}
	return pattern == host
}

func TestParseFacts(t *testing.T) {
	t.Parallel()
	parsed := mustParse(t, template(grouped+`,{"type":"MX","host":"@","pointsTo":"mx.acme.example","priority":1,"groupId":"mx","x-maildomain":
			{"id":"mx","documentation":"https://acme.example/dns/mx","evidence":"V","checked":"2026-11-27"}}`,
		`"x-maildomain":{"mail_from":"own","dkim_aligns":true,"mx_patterns":["*.acme.example"],"recognise":{"includes":["spf.acme.example"],"selectors":["s1"]},
			"replaces":[{"type":"SPF","host":"@","value":"include:old.acme.example","note":"until 2023"}]}`))
	yes := true
	want := service.Facts{
		MailFrom: "own", DKIMAligns: &yes, MXPatterns: []string{"*.acme.example"},
		Recognise: service.Recognise{Includes: []string{"spf.acme.example"}, Selectors: []string{"s1"}},
		Replaces:  []service.Replaced{{Type: "SPF", Host: "@", Value: "include:old.acme.example", Note: "until 2023"}},
	}
	info := parsed.Info()
	if diff := cmp.Diff(want, info.Facts); diff != "" {
		t.Errorf("Facts (-want +got):\n%s", diff)
	}
	source := service.Source{Documentation: "https://acme.example/dns/mx", Evidence: "V", Checked: "2026-11-27"}
	if got := info.Records[len(info.Records)-1].Source; got != source {
		t.Errorf("Source = %+v, want %+v", got, source)
	}
}

func TestParseFactsInvalid(t *testing.T) {
	t.Parallel()
	const vars = `"variables":[{"name":"target"},{"name":"key","default":"k"}],`
	tests := map[string]struct{ extra, want string }{
		"mail from":                       {`"mail_from":"a b"`, "mail_from"},
		"pattern":                         {`"mx_patterns":["mx.*.example"]`, "mx_patterns"},
		"pattern in upper case":           {`"mx_patterns":["MX.acme.example"]`, "mx_patterns"},
		"wildcard that is recognised":     {`"recognise":{"includes":["*.acme.example"]}`, "recognise.includes"},
		"term that is recognised":         {`"recognise":{"includes":["include:acme.example"]}`, "recognise.includes"},
		"older form without a value":      {`"replaces":[{"type":"SPF","host":"@"}]`, "replaces"},
		"regions of no variable":          {`"regions":{"variable":"area","rows":[{"names":["eu"],"values":{"target":"a"}}]}`, "area"},
		"regions that decide nothing":     {vars + `"regions":{"variable":"key","rows":[{"names":["k"],"values":{}}]}`, "decides nothing"},
		"regions without rows":            {vars + `"regions":{"variable":"key","rows":[]}`, "0 values"},
		"region that appears twice":       {vars + `"regions":{"variable":"key","rows":[{"names":["k","k"],"values":{"target":"a"}}]}`, "twice"},
		"region in upper case":            {vars + `"regions":{"variable":"key","rows":[{"names":["K"],"values":{"target":"a"}}]}`, "lower case"},
		"default in no row":               {vars + `"regions":{"variable":"key","rows":[{"names":["eu"],"values":{"target":"a"}}]}`, "no row"},
		"region that decides a default":   {`"variables":[{"name":"target"},{"name":"key","default":"k"}],"regions":{"variable":"target","rows":[{"names":["eu"],"values":{"key":"a"}}]}`, `decides "key"`},
		"region that decides itself":      {vars + `"regions":{"variable":"key","rows":[{"names":["k"],"values":{"key":"a"}}]}`, `decides "key"`},
		"region's default with another":   {`"variables":[{"name":"target"},{"name":"key"},{"name":"key_host"}],"regions":{"variable":"key","rows":[{"names":["k"],"values":{"target":"%key_host%"}}]}`, `may hold "key" alone`},
		"together with none":              {vars + `"together":[{"variables":["target","token"]}]`, `"token"`},
		"together alone":                  {vars + `"together":[{"variables":["target"]}]`, "alone"},
		"misspelt fact":                   {`"mailfrom":"own"`, "unknown field"},
		"misspelt fact within recognised": {`"recognise":{"include":[]}`, "unknown field"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := service.Parse([]byte(template(grouped, `"x-maildomain":{`+tt.extra+`}`)))
			var broken *service.TemplateError
			if !errors.As(err, &broken) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Parse error = %v, want one with %q", err, tt.want)
			}
		})
	}
	for name, source := range map[string]string{
		"evidence": `"evidence":"X","checked":"2026-11-27"`, "date": `"evidence":"V","checked":"yesterday"`, "no date": `"evidence":"V"`,
		"URL": `"evidence":"V","checked":"2026-11-27","documentation":"http://acme.example/dns"`,
	} {
		_, err := service.Parse([]byte(template(fmt.Sprintf(`{"type":"TXT","host":"@","data":"a","x-maildomain":{"id":"a",%s}}`, source))))
		var broken *service.TemplateError
		if !errors.As(err, &broken) || broken.Record != 0 {
			t.Errorf("Parse of a record's source, %s: error %v, want one about the record", name, err)
		}
	}
}

func TestSourceIsDeep(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]bool{
		"https://acme.example/docs/dns-records": true, "https://acme.example/en/faq#spf": true, "https://acme.example/hc/en-us/articles/1": true,
		"https://acme.example": false, "https://acme.example/": false, "https://acme.example/hc/en-gb": false, "https://acme.example/help/": false,
		"https://acme.example/support": false, "http://acme.example/docs/dns-records": false, "": false,
	} {
		if got := (service.Source{Documentation: page}).IsDeep(); got != want {
			t.Errorf("IsDeep of %q = %t, want %t", page, got, want)
		}
	}
}

// What nothing published confirms is said once, however many records it is.
func TestUnconfirmedIsNotedOnce(t *testing.T) {
	t.Parallel()
	unsure := `,"x-maildomain":{"id":"%s","evidence":"?","checked":"2026-11-27"}}`
	records := `{"type":"TXT","host":"a","data":"x"` + fmt.Sprintf(unsure, "a") + `,{"type":"TXT","host":"a","data":"y"` + fmt.Sprintf(unsure, "b") +
		`,{"type":"TXT","host":"b","data":"x"` + fmt.Sprintf(unsure, "c") + `,{"type":"TXT","host":"c","data":"x"}`
	want := []string{"No published source confirms the records of Acme Mail at a, b: compare them with those that the service itself shows."}
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"some records": {template(records), want},
		"none":         {template(`{"type":"TXT","host":"c","data":"x"}`), nil},
		"the service": {
			template(`{"type":"TXT","host":"a","data":"x"}`, `"x-maildomain":{"evidence":"?"}`),
			[]string{"No published source confirms the records of Acme Mail at a: compare them with those that the service itself shows."},
		},
	} {
		got, err := mustParse(t, tt.text).Apply(service.Use{Domain: domain})
		if diff := cmp.Diff(tt.want, got.Notes); err != nil || diff != "" {
			t.Errorf("%s: %v, notes (-want +got):\n%s", name, err, diff)
		}
	}
}
