package compose

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// asking is a service whose template has these records, and may publish anything.
func asking(records ...string) Service {
	return Service{Template: `{"serviceName":"Acme","records":[` + strings.Join(records, ",") + `]}`, Allow: []string{"*"}}
}

func a(host, address string) string {
	return fmt.Sprintf(`{"type":"A","groupId":"web","host":%q,"pointsTo":%q}`, host, address)
}

func cname(host, target string) string {
	return fmt.Sprintf(`{"type":"CNAME","groupId":"web","host":%q,"pointsTo":%q}`, host, target)
}

func mx(host, target string) string {
	return fmt.Sprintf(`{"type":"MX","groupId":"mx","host":%q,"pointsTo":%q,"priority":10}`, host, target)
}

func srv(target string) string {
	return fmt.Sprintf(`{"type":"SRV","name":"@","service":"_imaps","protocol":"_tcp","target":%q,"priority":0,"weight":0,"port":993}`, target)
}

// ns delegates sub.
func ns(target string) string {
	return fmt.Sprintf(`{"type":"NS","groupId":"zone","host":"sub","pointsTo":%q}`, target)
}

func txt(host, data, mode, prefix string) string {
	return fmt.Sprintf(`{"type":"TXT","host":%q,"data":%q,"txtConflictMatchingMode":%q,"txtConflictMatchingPrefix":%q}`, host, data, mode, prefix)
}

func spfm(host, rules string) string {
	return fmt.Sprintf(`{"type":"SPFM","groupId":"spf","host":%q,"spfRules":%q}`, host, rules)
}

const aaaa = `{"type":"AAAA","host":"www","pointsTo":"2001:db8::1"}`

func TestConflicts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		a, b Service
		want []string // the rules that are broken, in order; "shared" for one record of two services
	}{
		"nothing in common":              {asking(cname("x", "a.example"), mx("@", "mx.a.example")), asking(cname("y", "b.example"), txt("@", "b", "", "")), nil},
		"CNAME to two targets":           {asking(cname("x", "a.example")), asking(cname("X", "b.example")), []string{ruleCNAME}},
		"CNAME to one target":            {asking(cname("x", "a.example")), asking(cname("x", "A.example.")), []string{"shared"}},
		"CNAME beside TXT":               {asking(cname("x", "a.example")), asking(txt("x", "b", "", "")), []string{ruleCNAME}},
		"CNAME beside SPF":               {asking(cname("send", "a.example")), asking(spfm("send", "mx")), []string{ruleCNAME}},
		"CNAME beside several":           {asking(cname("x", "a.example")), asking(txt("x", "b", "", ""), txt("x", "c", "", ""), a("x", "192.0.2.1")), []string{ruleCNAME}},
		"CNAME below another":            {asking(cname("x", "a.example")), asking(cname("y.x", "b.example")), nil},
		"NS at one name":                 {asking(ns("ns.a.example")), asking(ns("ns.b.example")), []string{ruleNS}},
		"NS beside TXT":                  {asking(ns("ns.a.example")), asking(txt("sub", "b", "", "")), []string{ruleNS}},
		"NS above a name":                {asking(txt("deep.x.sub", "a", "", "")), asking(ns("ns.b.example")), []string{ruleNS}},
		"NS above SPF":                   {asking(ns("ns.a.example")), asking(spfm("x.sub", "mx")), []string{ruleNS}},
		"NS beside a name like it":       {asking(ns("ns.a.example")), asking(txt("notsub", "b", "", ""), txt("@", "b", "", "")), nil},
		"NS alike":                       {asking(ns("ns.a.example")), asking(ns("ns.a.example")), []string{"shared"}},
		"NS and CNAME":                   {asking(ns("ns.a.example")), asking(cname("sub", "b.example")), []string{ruleCNAME}},
		"MX of two providers":            {asking(mx("@", "mx1.a.example"), mx("@", "mx2.a.example")), asking(mx("@", "mx.b.example")), []string{ruleMX}},
		"MX of two names":                {asking(mx("@", "mx.a.example")), asking(mx("send", "mx.b.example")), nil},
		"MX alike":                       {asking(mx("@", "mx.a.example")), asking(mx("@", "mx.a.example")), []string{"shared"}},
		"SRV of two providers":           {asking(srv("a.example")), asking(srv("b.example")), []string{ruleSRV}},
		"A beside A":                     {asking(a("www", "192.0.2.1")), asking(a("www", "192.0.2.2")), []string{ruleA}},
		"A beside AAAA":                  {asking(a("www", "192.0.2.1")), asking(aaaa), []string{ruleA}},
		"A beside MX":                    {asking(a("www", "192.0.2.1")), asking(mx("www", "mx.b.example")), nil},
		"TXT, None":                      {asking(txt("@", "a=1", "None", "")), asking(txt("@", "b=1", "", "")), nil},
		"TXT, All":                       {asking(txt("@", "a=1", "All", "")), asking(txt("@", "b=1", "", "")), []string{ruleTXT}},
		"TXT, All, of the other":         {asking(txt("@", "a=1", "None", "")), asking(txt("@", "b=1", "all", "")), []string{ruleTXT}},
		"TXT, All, another name":         {asking(txt("x", "a=1", "All", "")), asking(txt("@", "b=1", "", "")), nil},
		"TXT, All, alike":                {asking(txt("@", "a=1", "All", "")), asking(txt("@", "a=1", "All", "")), []string{"shared"}},
		"TXT, All, beside SPF":           {asking(txt("@", "a=1", "All", "")), asking(spfm("@", "mx")), nil},
		"TXT, Prefix":                    {asking(txt("@", "v=X1; a", "Prefix", "v=X1")), asking(txt("@", "v=X1; b", "", "")), []string{ruleTXT}},
		"TXT, Prefix, of the other":      {asking(txt("@", "v=X1; a", "", "")), asking(txt("@", "v=X1; b", "Prefix", "v=X1")), []string{ruleTXT}},
		"TXT, Prefix, another":           {asking(txt("@", "v=X1; a", "Prefix", "v=X1")), asking(txt("@", "v=Y1; b", "", "")), nil},
		"TXT, Prefix, in another case":   {asking(txt("@", "v=X1; a", "Prefix", "v=X1")), asking(txt("@", "V=x1; b", "", "")), nil},
		"SPF of both":                    {asking(spfm("@", "mx")), asking(spfm("@", "mx include:b.example")), nil},
		"DKIM keys, TXT":                 {asking(txt("s1._domainkey", "k=rsa; p=A", "", "")), asking(txt("s1._domainkey", "k=rsa; p=B", "", "")), []string{ruleKey}},
		"DKIM keys, TXT and CNAME":       {asking(txt("s1._domainkey", "k=rsa; p=A", "", "")), asking(cname("s1._domainkey", "b.example")), []string{ruleKey}},
		"DKIM keys, dotted selector":     {asking(txt("s1.mg._domainkey", "k=rsa; p=A", "", "")), asking(txt("s1.mg._domainkey", "k=rsa; p=B", "", "")), []string{ruleKey}},
		"TXT that are no keys":           {asking(txt("_domainkey", "o=~", "", "")), asking(txt("_domainkey", "o=-", "", "")), nil},
		"DKIM keys of two selectors":     {asking(txt("s1._domainkey", "k=rsa; p=A", "", "")), asking(txt("s2._domainkey", "k=rsa; p=A", "", "")), nil},
		"DKIM keys below hosts":          {asking(txt("s1._domainkey.a", "k=rsa; p=A", "", "")), asking(txt("s1._domainkey.b", "k=rsa; p=B", "", "")), nil},
		"essential or not":               {asking(`{"type":"CNAME","essential":"OnApply","host":"x","pointsTo":"a.example"}`), asking(cname("x", "b.example")), []string{ruleCNAME}},
		"several rules at several names": {asking(cname("x", "a.example"), mx("@", "mx.a.example")), asking(mx("@", "mx.b.example"), cname("x", "b.example")), []string{ruleMX, ruleCNAME}},
		"one template, CNAME":            {asking(cname("x", "a.example"), txt("x", "a", "", "")), asking(txt("@", "b", "", "")), []string{ruleCNAME}},
		"one template, key":              {asking(txt("s._domainkey", "p=A", "", ""), txt("s._domainkey", "p=B", "", "")), asking(txt("@", "b", "", "")), []string{ruleKey}},
		"one template, MX, A and TXT":    {asking(mx("@", "mx1.a.example"), mx("@", "mx2.a.example"), a("www", "192.0.2.1"), aaaa, srv("a.example"), srv("b.example"), txt("@", "a", "All", ""), txt("@", "b", "All", "")), asking(txt("x", "b", "", "")), nil},
		"one template, delegation":       {asking(ns("ns1.sub.example.com"), ns("ns2.sub.example.com"), a("ns1.sub", "192.0.2.1"), a("ns2.sub", "192.0.2.2")), asking(txt("x", "b", "", "")), nil},
		"one template, below delegation": {asking(ns("ns.a.example"), txt("x.sub", "a", "", "")), asking(txt("x", "b", "", "")), []string{ruleNS}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			warnings, problems := find(t, map[string]Service{"a": tt.a, "b": tt.b})
			var got []string
			for _, p := range problems {
				if !errors.Is(p, ErrConflict) || !strings.HasSuffix(p.Detail, ".") || !strings.Contains(p.Detail, `services["`) {
					t.Errorf("problem %v is no conflict with a sentence that names the services", p)
				}
				for _, rule := range []string{ruleKey, ruleCNAME, ruleNS, ruleMX, ruleSRV, ruleA, ruleTXT} {
					if strings.Contains(p.Detail, ": "+rule+". ") {
						got = append(got, rule)
					}
				}
			}
			for range warnings {
				got = append(got, "shared")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s\n%v", diff, problems)
			}
		})
	}
}

// find applies services and returns their conflicts.
func find(t *testing.T, services map[string]Service) (warnings, problems Problems) {
	t.Helper()
	b := newBuilder(Config{Domain: dnsname.MustParse("example.com"), Services: services}, service.Kinds(0))
	if len(b.problems) > 0 {
		t.Fatalf("newBuilder: %v", b.problems)
	}
	return conflicts(b.services)
}

// Whoever reads of a conflict learns which services, which records, and how to choose.
func TestConflictTexts(t *testing.T) {
	t.Parallel()
	template := asking(mx("@", "mx.a.example"), spfm("send", "mx"), txt("@", "a", "All", "")).Template
	tests := map[string]struct {
		services map[string]Service
		want     []string
	}{
		"built-in mailboxes": {
			map[string]Service{
				"google_workspace": {Groups: []string{"spf", "mx"}},
				"mail":             {Service: "microsoft365", Groups: []string{"mx"}, Variables: map[string]string{"mx_target": "example-com.mail.protection.outlook.com"}},
			},
			[]string{`services: Conflicting records of services: services["google_workspace"] wants «example.com MX 1 smtp.google.com», ` +
				`and services["mail"] wants «example.com MX 0 example-com.mail.protection.outlook.com», which cannot stand beside each other: ` +
				`the mail of a name is delivered to one service. Keep one of them: set services["google_workspace"].groups to ["spf"] (without "mx"), ` +
				"or services[\"mail\"].groups to [] (without \"mx\"); or apply one of the services to another name by `host`."},
		},
		"records in no group": {
			map[string]Service{"a": asking(srv("a.example")), "b": asking(srv("b.example"))},
			[]string{`services: Conflicting records of services: services["a"] wants «_imaps._tcp.example.com SRV 0 0 993 a.example», ` +
				`and services["b"] wants «_imaps._tcp.example.com SRV 0 0 993 b.example», which cannot stand beside each other: ` +
				"a service of a name is offered by one provider. Remove services[\"a\"] or services[\"b\"], or apply one of them to another name by `host`: " +
				"neither record is in a group that could be left out."},
		},
		"SPF terms": {
			map[string]Service{"a": {Template: template, Allow: []string{"*"}}, "b": asking(cname("send", "b.example"))},
			[]string{`services: Conflicting records of services: services["a"] wants «send.example.com TXT (SPF)», ` +
				`and services["b"] wants «send.example.com CNAME b.example», which cannot stand beside each other: ` +
				`a CNAME stands alone at its name (RFC 1034 §3.6.2). Keep one of them: set services["a"].groups to ["mx"] (without "spf"), ` +
				"or services[\"b\"].groups to [] (without \"web\"); or apply one of the services to another name by `host`."},
		},
		"one service": {
			map[string]Service{"a": asking(cname("x", "a.example"), mx("x", "a.example"))},
			[]string{`services: Conflicting records of one service: services["a"] wants both «x.example.com CNAME a.example» and «x.example.com MX 10 a.example», ` +
				`which cannot stand beside each other: a CNAME stands alone at its name (RFC 1034 §3.6.2). ` +
				`Keep one of them: set services["a"].groups to ["mx"] (without "web"), or services["a"].groups to ["web"] (without "mx").`},
		},
		"one service, no groups": {
			map[string]Service{"a": asking(txt("s._domainkey", "p=A", "", ""), txt("s._domainkey", "p=B", "", ""))},
			[]string{`services: Conflicting records of one service: services["a"] wants both «s._domainkey.example.com TXT p=A» and «s._domainkey.example.com TXT p=B», ` +
				`which cannot stand beside each other: a DKIM selector has one record (RFC 6376 §3.6.2.2). ` +
				`Neither is in a group of the template that could be left out: give it other variables, or take one of the records out of a copy of the template.`},
		},
		"one record of two": {
			map[string]Service{"a": asking(cname("x", "c.example")), "b": asking(cname("x", "c.example"))},
			[]string{`services: One record under two keys: services["a"] and services["b"] both ask for «x.example.com CNAME c.example». ` +
				`That is one record in DNS, and stands under the keys "example.com/a/cname-x" and "example.com/b/cname-x". ` +
				"Where each key becomes a DNS resource, the two collide: make the resources from `rrsets`, which has it once, or leave the record out of one of the services."},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			warnings, problems := find(t, tt.services)
			var got []string
			for _, p := range append(warnings, problems...) {
				got = append(got, p.Error())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
		})
	}
}

// Text of a template that is shown must not repaint a terminal.
func TestConflictTextsAreShown(t *testing.T) {
	t.Parallel()
	_, problems := find(t, map[string]Service{
		"a": asking(txt("@", "é", "All", ""), `{"type":"TXT","groupId":"é","host":"@","data":"x"}`), "b": asking(`{"type":"TXT","groupId":"é","host":"@","data":"y"}`),
	})
	if len(problems) != 1 || strings.ContainsAny(problems[0].Detail, "é") || !strings.Contains(problems[0].Detail, `\195\169`) {
		t.Errorf("conflicts = %v, want one with escapes", problems)
	}
}

// Each record and service is looked at, in a time that does not run away.
func BenchmarkConflicts(b *testing.B) {
	var records []string
	for i := range 250 {
		records = append(records, txt("@", fmt.Sprintf("v=%d", i), "Prefix", "x"), cname(fmt.Sprintf("h%d", i), "a.example"))
	}
	services := make(map[string]Service)
	for _, key := range []string{"a", "b", "c", "d"} {
		services[key] = asking(records...)
	}
	all := newBuilder(Config{Domain: dnsname.MustParse("example.com"), Services: services}, 0).services
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := conflicts(all); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}
