package service_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

const grouped = `
	{"type":"SPFM","groupId":"spf","host":"@","spfRules":"include:%spf%"},
	{"type":"CNAME","groupId":"dkim","host":"s1._domainkey","pointsTo":"%target%"},
	{"type":"TXT","groupId":"DKIM2","host":"%key_host%","data":"%key%"},
	{"type":"TXT","groupId":"verify","host":"@","data":"acme=%token%"},
	{"type":"TXT","host":"@","data":"always"}`

func ids(a service.Applied) []string {
	var all []string
	for _, r := range a.Records {
		all = append(all, r.ID)
	}
	for range a.SPF {
		all = append(all, "SPF")
	}
	return all
}

func TestApplyGroupsAndKinds(t *testing.T) {
	t.Parallel()
	const (
		dkim   = "cname-s1._domainkey"
		dkim2  = "txt-%key_host%"
		verify = "txt-@"
		always = "txt-@-2"
	)
	tests := map[string]struct {
		groups    []string
		kinds     service.Kinds
		variables []string // all that may be demanded
		want      []string
	}{
		"all":                 {nil, 0, []string{"spf=a.example", "target=b.example", "key_host=k", "key=p", "token=t"}, []string{dkim, dkim2, verify, always, "SPF"}},
		"one group":           {[]string{"verify"}, 0, []string{"token=t"}, []string{verify, always}},
		"two groups":          {[]string{"verify", "spf"}, 0, []string{"spf=a.example", "token=t"}, []string{verify, always, "SPF"}},
		"no group":            {[]string{}, 0, nil, []string{always}},
		"SPF":                 {nil, service.SPFKind, []string{"spf=a.example"}, []string{"SPF"}},
		"DKIM":                {nil, service.DKIMKind, []string{"target=b.example", "key_host=k", "key=p"}, []string{dkim, dkim2}},
		"other":               {nil, service.OtherKind, []string{"token=t"}, []string{verify, always}},
		"SPF and DKIM":        {nil, service.SPFKind | service.DKIMKind, []string{"spf=a.example", "target=b.example", "key_host=k", "key=p"}, []string{dkim, dkim2, "SPF"}},
		"kinds within groups": {[]string{"dkim", "verify"}, service.DKIMKind, []string{"target=b.example"}, []string{dkim}},
		"nothing of a kind":   {[]string{"verify"}, service.SPFKind, nil, nil},
	}
	parsed := mustParse(t, template(grouped))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := use(tt.variables...)
			u.Groups, u.Kinds = tt.groups, tt.kinds
			got, err := parsed.Apply(u)
			if err != nil {
				t.Fatalf("Apply: %v", err)
			}
			if diff := cmp.Diff(tt.want, ids(got)); diff != "" {
				t.Errorf("Apply ids (-want +got):\n%s", diff)
			}
			var want []string
			for _, v := range tt.variables {
				name, _, _ := strings.Cut(v, "=")
				want = append(want, name+": 1")
			}
			u.Variables = nil
			_, err = parsed.Apply(u)
			if diff := cmp.Diff(want, variableErrors(err)); diff != "" {
				t.Errorf("Apply without variables (-want +got):\n%s", diff)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for kinds, want := range map[service.Kinds]string{
		service.SPFKind: "SPF", service.DKIMKind: "DKIM", service.OtherKind: "other", 0: "SPF+DKIM+other", service.SPFKind | service.OtherKind: "SPF+other",
	} {
		if got := kinds.String(); got != want {
			t.Errorf("Kinds(%d).String() = %q, want %q", kinds, got, want)
		}
	}
	tests := map[string]struct {
		record string
		want   service.Kinds
	}{
		"key label":          {`{"type":"CNAME","host":"a._domainkey.b","pointsTo":"a.example"}`, service.DKIMKind},
		"key label, capital": {`{"type":"TXT","host":"a._DomainKey","data":"x"}`, service.DKIMKind},
		"within a label":     {`{"type":"TXT","host":"a_domainkey","data":"x"}`, service.OtherKind},
		"key text":           {`{"type":"TXT","host":"a","data":"v=DKIM1; p="}`, service.DKIMKind},
		"group":              {`{"type":"TXT","groupId":"acmeDKIM","host":"a","data":"x"}`, service.DKIMKind},
		"group, at the root": {`{"type":"TXT","groupId":"dkim","host":"@","data":"x"}`, service.OtherKind},
		"group, other type":  {`{"type":"MX","groupId":"dkim","host":"a","pointsTo":"a.example","priority":1}`, service.OtherKind},
	}
	for name, tt := range tests {
		got, err := mustParse(t, template(tt.record)).Apply(use())
		if err != nil || got.Records[0].Kind != tt.want {
			t.Errorf("%s: Apply = %q, %v, want the kind %s", name, lines(got), err, tt.want)
		}
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	next := 0
	txt := func(host, own string) string {
		next++
		return fmt.Sprintf(`{"type":"TXT","host":%q,"data":"x%d"%s}`, host, next, own)
	}
	id := func(s string) string { return `,"x-maildomain":{"id":"` + s + `"}` }
	tests := map[string]struct {
		records []string
		want    []string
	}{
		"numbered":           {[]string{txt("a", ""), txt("b", ""), txt("a", ""), txt("a", "")}, []string{"txt-a", "txt-b", "txt-a-2", "txt-a-3"}},
		"as written":         {[]string{txt("A", ""), txt("a", ""), txt("%x%", "")}, []string{"txt-A", "txt-a", "txt-%x%"}},
		"root":               {[]string{txt("@", ""), txt("", "")}, []string{"txt-@", "txt-@-2"}},
		"a number as a host": {[]string{txt("a-2", ""), txt("a", ""), txt("a", "")}, []string{"txt-a-2", "txt-a", "txt-a-3"}},
		"own":                {[]string{txt("a", id("key")), txt("a", "")}, []string{"key", "txt-a"}},
		"own like another's": {[]string{txt("a", ""), txt("a", id("txt-a"))}, []string{"txt-a-2", "txt-a"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parsed := mustParse(t, template(strings.Join(tt.records, ",")))
			u := use()
			if strings.Contains(strings.Join(tt.records, ""), "%x%") {
				u = use("x=value")
			}
			got, err := parsed.Apply(u)
			if err != nil {
				t.Fatalf("Apply: %v", err)
			}
			if diff := cmp.Diff(tt.want, ids(got)); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
		})
	}
}

func TestApplyLeavesOut(t *testing.T) {
	t.Parallel()
	parsed := mustParse(t, template(`
		{"type":"TXT","host":"_dmarc","data":"v=DMARC1; p=none; rua=mailto:%mailbox%\u00e9"},
		{"type":"CNAME","host":"_DMARC.%h%","pointsTo":"%t%"},
		{"type":"TXT","host":"_dmarc.%domain%.","data":"v=spf1 %s%"},
		{"type":"REDIR301","host":"%r%","target":"https://acme.example/%u%"},
		{"type":"REDIR302","host":"@","target":"https://acme.example/"},
		{"type":"APEXCNAME","host":"@","pointsTo":"%web%"},
		{"type":"TXT","groupId":"g","host":"_dmarc","data":"v=DMARC1; p=reject"},
		{"type":"TXT","host":"@","data":"x"}`))
	u := use()
	u.Groups = []string{}
	got, err := parsed.Apply(u)
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	if diff := cmp.Diff([]string{"txt-@ other example.com 3600 TXT x"}, lines(got)); diff != "" {
		t.Errorf("Apply (-want +got):\n%s", diff)
	}
	want := []string{
		`Acme Mail asks for a record at _dmarc, which is left out: only the owner of a domain sets its DMARC policy. Its text was: v=DMARC1; p=none; rua=mailto:%mailbox%\195\169`,
		`Acme Mail asks for a record at _DMARC.%h%, which is left out: only the owner of a domain sets its DMARC policy. Its text was: %t%`,
		`Acme Mail asks for a record at _dmarc.%domain%., which is left out: only the owner of a domain sets its DMARC policy. Its text was: v=spf1 %s%`,
		`Acme Mail asks for REDIR301 at %r%, which is left out: it is a feature of web hosting, not a DNS record.`,
		`Acme Mail asks for REDIR302 at @, which is left out: it is a feature of web hosting, not a DNS record.`,
		`Acme Mail asks for APEXCNAME at @, which is left out: it is a feature of web hosting, not a DNS record.`,
	}
	if diff := cmp.Diff(want, got.Warnings); diff != "" {
		t.Errorf("Apply warnings (-want +got):\n%s", diff)
	}
}

func TestApplyHostRequired(t *testing.T) {
	t.Parallel()
	parsed := mustParse(t, template(`{"type":"CNAME","host":"@","pointsTo":"a.example"}`, `"hostRequired":true`))
	got, err := parsed.Apply(service.Use{Domain: domain, Host: "click"})
	if err != nil || !cmp.Equal(lines(got), []string{"cname-@ other click.example.com 3600 CNAME a.example"}) {
		t.Errorf("Apply = %q, %v, want the CNAME at the host", lines(got), err)
	}
}

// A service that is its own customer needs nothing: no record, and no variable either.
func TestApplyOwnZone(t *testing.T) {
	t.Parallel()
	parsed := mustParse(t, template(grouped, `"x-maildomain":{"zones":["Acme.example."],"groups":[{"id":"spf","default":true}]}`))
	for name, own := range map[string]bool{
		"acme.example": true, "mail.acme.example": true, "notacme.example": false, "example": false, "acme.example.com": false,
	} {
		got, err := parsed.Apply(service.Use{Domain: dnsname.MustParse(name)})
		if own != (err == nil) || own != got.OwnZone {
			t.Errorf("Apply to %s = %+v, %v, want own zone %t", name, got, err, own)
		}
		if want := []string{"Acme Mail operates " + name + " itself: it needs no records."}; own && !cmp.Equal(got.Notes, want) {
			t.Errorf("Apply to %s notes = %q, want %q", name, got.Notes, want)
		}
		if len(got.Records)+len(got.SPF) > 0 {
			t.Errorf("Apply to %s = %q, want nothing", name, lines(got))
		}
	}
	if _, err := parsed.Apply(service.Use{Domain: dnsname.MustParse("acme.example"), Variables: map[string]string{"tokn": "x"}}); err == nil {
		t.Error("Apply in the own zone takes an unknown variable")
	}
}

func TestInfo(t *testing.T) {
	t.Parallel()
	parsed := mustParse(t, template(grouped+`,{"type":"TXT","host":"@","data":"%token% %more% %domain%"},
		{"type":"REDIR301","groupId":"web","host":"@"},{"type":"HTTPS","groupId":"web","host":"@","data":"%x%"}`,
		`"version":"7","description":"for\u001b[2J mail","hostRequired":false,"variableDescription":"see the console"`,
		`"x-maildomain":{
			"documentation":"https://acme.example/dns","checked":"2026-11-23","evidence":"O","never_flatten":true,"zones":["acme.example"],"zones_note":"Acme has done it.",
			"groups":[{"id":"spf","description":"sends","default":true},{"id":"verify","description":"proves"},{"id":"web"}],
			"variables":[{"name":"Target","kind":"domain","description":"the target","where":"in the console","default":"%fqdn_dashed%.%account%.acme.example"},
				{"name":"account","kind":"label","description":"the account"}],
			"notes":[{"text":"Call us."},{"text":"Verify.","groups":["verify"]}]}`))
	hint := `not described by itself; of its variables the template says "see the console"`
	want := service.Info{
		Name: "Acme Mail", Provider: "Acme", ProviderID: "acme.example", ServiceID: "mail", Description: `for\027[2J mail`, Version: "7", Documentation: "https://acme.example/dns",
		Checked: "2026-11-23", Evidence: "O", NeverFlatten: true, Zones: []dnsname.Name{dnsname.MustParse("acme.example")},
		Groups: []service.Group{{ID: "spf", Description: "sends", Default: true}, {ID: "dkim", Default: true}, {ID: "DKIM2", Default: true}, {ID: "verify", Description: "proves"}, {ID: "web"}},
		Variables: []service.Variable{
			{Name: "spf", Description: hint, Groups: []string{"spf"}},
			{Name: "Target", Kind: service.KindDomain, Description: "the target", Where: "in the console", Default: "%fqdn_dashed%.%account%.acme.example", Groups: []string{"dkim"}},
			{Name: "account", Kind: service.KindLabel, Description: "the account", Groups: []string{"dkim"}},
			{Name: "key_host", Description: hint, Groups: []string{"DKIM2"}},
			{Name: "key", Description: hint, Groups: []string{"DKIM2"}},
			{Name: "token", Description: hint, Groups: []string{"verify"}, Always: true},
			{Name: "more", Description: hint, Always: true},
		},
		Records: []service.RecordInfo{
			{ID: "spfm-@", Type: "SPFM", Host: "@", Value: "include:%spf%", Group: "spf", Kind: service.SPFKind, Treatment: service.Merged, Variables: []string{"spf"}},
			{ID: "cname-s1._domainkey", Type: "CNAME", Host: "s1._domainkey", Value: "%target%", Group: "dkim", Kind: service.DKIMKind, Treatment: service.Published, Variables: []string{"Target"}},
			{ID: "txt-%key_host%", Type: "TXT", Host: "%key_host%", Value: "%key%", Group: "DKIM2", Kind: service.DKIMKind, Treatment: service.Published, Variables: []string{"key_host", "key"}},
			{ID: "txt-@", Type: "TXT", Host: "@", Value: "acme=%token%", Group: "verify", Kind: service.OtherKind, Treatment: service.Published, Variables: []string{"token"}},
			{ID: "txt-@-2", Type: "TXT", Host: "@", Value: "always", Kind: service.OtherKind, Treatment: service.Published},
			{ID: "txt-@-3", Type: "TXT", Host: "@", Value: "%token% %more% %domain%", Kind: service.OtherKind, Treatment: service.Published, Variables: []string{"token", "more"}},
			{ID: "redir301-@", Type: "REDIR301", Host: "@", Group: "web", Kind: service.OtherKind, Treatment: service.LeftOut},
			{ID: "https-@", Type: "HTTPS", Host: "@", Group: "web", Kind: service.OtherKind, Treatment: service.Unsupported},
		},
		ZonesNote: "Acme has done it.",
		Notes:     []string{"Call us.", "Verify."},
	}
	got := parsed.Info()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b dnsname.Name) bool { return a == b })); diff != "" {
		t.Errorf("Info (-want +got):\n%s", diff)
	}
	got.Variables[0].Groups[0], got.Zones[0] = "changed", dnsname.Root
	if again := parsed.Info(); again.Variables[0].Groups[0] != "spf" || again.Zones[0] == dnsname.Root {
		t.Error("a change to what Info returned changes the template")
	}
	u := use("spf=spf.acme.example", "account=me", "key_host=k", "key=x", "token=t", "more=m")
	applied, err := parsed.Apply(u)
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	if applied.Records[0].Value != "example-com.me.acme.example" || !applied.SPF[0].NeverFlatten || !cmp.Equal(applied.Notes, []string{"Call us."}) {
		t.Errorf("Apply = %q, notes %q: the default, the mark or the notes are not as the template says", lines(applied), applied.Notes)
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for properties, want := range map[string]string{
		`"serviceName":"Mail\u001b[2J","providerName":"Acme",`: `Mail\027[2J`,
		`"providerName":"Acme",`:                               "Acme",
		`"serviceName":null,`:                                  "the service",
	} {
		if got := mustParse(t, `{`+properties+`"records":[{"type":"TXT","data":"x"}]}`).Name(); got != want {
			t.Errorf("Name with %s = %q, want %q", properties, got, want)
		}
	}
}

func TestApplyConcurrently(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			parsed, err := service.Builtin("catglobe")
			if err != nil {
				t.Errorf("Builtin: %v", err)
				return
			}
			if _, err := parsed.Apply(use("spf_include=a.example", "dkim_selector=s", "dkim_target=b.example")); err != nil {
				t.Errorf("Apply: %v", err)
			}
		})
	}
	wg.Wait()
}
