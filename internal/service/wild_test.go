package service_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// The shapes in which templates are found in public, each in a template of our own. What a shape breaks is in
// TestWildRefused.
func TestWildShapes(t *testing.T) {
	t.Parallel()
	const plain = `{"type":"TXT","host":"a","data":"x","ttl":600}`
	one := []string{"txt-a other a.example.com 600 TXT x"}
	tests := map[string]struct {
		text     string
		use      service.Use
		want     []string
		warnings []string
	}{
		"properties of the web flow": {
			text: template(plain, `"version":"2","logoUrl":"","description":null,"variableDescription":"","syncBlock":"false","shared":0,"sharedProviderName":true,
				"sharedServiceName":"TRUE","syncPubKeyDomain":null,"syncRedirectDomain":"a.example, b.example","warnPhishing":"true","multiInstance":1,
				"hostRequired":"","vnd.acme.more":{"a":[]},"$schema":"./template.schema","_comment":"x"`),
			want: one,
		},
		"byte order mark and CRLF": {text: "\ufeff" + strings.ReplaceAll(template(plain), ",", ",\r\n\t") + "\r\n\r\n", want: one},
		"numbers as strings, with blanks": {
			text: template(`{"type":"MX","host":"@","pointsTo":"mx.acme.example","priority":" 0 ","ttl":" 600 "}`), use: service.Use{Allow: []string{"@"}},
			want: []string{"mx-@ other example.com 600 MX 0 mx.acme.example"},
		},
		"strings as numbers": {
			text: template(`{"type":"TXT","host":123,"data":456,"groupId":7,"ttl":600}`), use: service.Use{Domain: domain, Groups: []string{"7"}},
			want: []string{"txt-123 other 123.example.com 600 TXT 456"},
		},
		"truth values as text":                {text: template(`{"type":"TXT","host":"flag","data":true}`), want: []string{"txt-flag other flag.example.com 3600 TXT true"}},
		"null and empty fields":               {text: template(`{"type":"TXT","groupId":"","essential":null,"host":"a","data":"x","ttl":600,"priority":"","weight":null,"txtConflictMatchingMode":"","txtConflictMatchingPrefix":null}`), want: one},
		"fields of other types":               {text: template(`{"type":"TXT","host":"a","data":"x","ttl":600,"pointsTo":["x"],"priority":{},"spfRules":7,"service":[],"vnd.acme.tag":1}`), want: one},
		"essential":                           {text: template(`{"type":"TXT","essential":"OnApply","host":"a","data":"x","ttl":600}`), want: one},
		"tabs within strings":                 {text: template("{\"type\":\"TXT\",\"host\":\"a\",\"data\":\"x\ty\\tz\",\"ttl\":600}"), want: []string{"txt-a other a.example.com 600 TXT x y z"}},
		"types in lower case":                 {text: template(`{"type":"Cname","host":"a","pointsTo":"b.example"},{"type":"spfm","host":"@","spfRules":"mx"}`), want: []string{"cname-a other a.example.com 3600 CNAME b.example", "SPF example.com: mx"}},
		"TTL of SPF rules, which have none":   {text: template(`{"type":"SPFM","host":"@","spfRules":"mx","ttl":"auto"}`), want: []string{"SPF example.com: mx"}},
		"TTL that is no number":               {text: template(`{"type":"TXT","host":"a","data":"x","ttl":"auto"}`), want: []string{"txt-a other a.example.com 3600 TXT x"}, warnings: []string{`The template of Acme Mail, records[0], "ttl": "auto" is not a number of seconds, and counts as 3600.`}},
		"TTL below zero":                      {text: template(`{"type":"TXT","host":"a","data":"x","ttl":-1}`), want: []string{"txt-a other a.example.com 3600 TXT x"}, warnings: []string{`The template of Acme Mail, records[0], "ttl": "-1" is not a number of seconds, and counts as 3600.`}},
		"TTL past the largest":                {text: template(`{"type":"TXT","host":"a","data":"x","ttl":99999999999999999999}`), want: []string{"txt-a other a.example.com 2147483647 TXT x"}, warnings: []string{`The template of Acme Mail, records[0], "ttl": "99999999999999999999" is larger than a TTL can be (RFC 2181 §8), and counts as 2147483647.`}},
		"TTL as a variable":                   {text: template(`{"type":"TXT","host":"a","data":"x","ttl":"%ttl%"}`), use: use("TTL=600"), want: one},
		"matching mode of no meaning":         {text: template(`{"type":"TXT","host":"a","data":"x","ttl":600,"txtConflictMatchingMode":"Exact"}`), want: one, warnings: []string{`The template of Acme Mail, records[0], "txtConflictMatchingMode": "Exact" is not one of "None", "All" and "Prefix", and is read as "None".`}},
		"matching mode without its prefix":    {text: template(`{"type":"TXT","host":"a","data":"x","ttl":600,"txtConflictMatchingMode":"Prefix"}`), want: one, warnings: []string{`The template of Acme Mail, records[0], "txtConflictMatchingPrefix": the mode "Prefix" has no prefix, and is read as "None".`}},
		"one record twice":                    {text: template(plain + "," + plain + `,{"type":"txt","host":"a","data":"\"x\"","ttl":"600"}`), want: one},
		"one record in two groups":            {text: template(plain + `,{"groupId":"g","type":"TXT","host":"a","data":"x","ttl":600}`), want: append(one, "txt-a-2 other a.example.com 600 TXT x")},
		"name for host":                       {text: template(`{"type":"TXT","name":"a","data":"x","ttl":600}`), want: one},
		"host with a blank around it":         {text: template(`{"type":"TXT","host":" a ","data":" x ","ttl":600}`), want: one},
		"host with underscores":               {text: template(`{"type":"TXT","host":"_acme_verify.a_b","data":"x"}`), want: []string{"txt-_acme_verify.a_b other _acme_verify.a_b.example.com 3600 TXT x"}},
		"host with the domain, absolute":      {text: template(`{"type":"TXT","host":"a.%domain%.","data":"x","ttl":600}`), want: []string{"txt-a.%domain%. other a.example.com 600 TXT x"}},
		"host with the domain, without a dot": {text: template(`{"type":"TXT","host":"a.%domain%","data":"x"}`), want: []string{"txt-a.%domain% other a.example.com.example.com 3600 TXT x"}, warnings: []string{`The template of Acme Mail, records[0], "host": "a.%domain%" has no dot at its end, so the domain is appended again.`}},
		"host with fqdn":                      {text: template(`{"type":"TXT","host":"a.%fqdn%","data":"x"}`), use: service.Use{Domain: domain, Host: "eu"}, want: []string{"txt-a.%fqdn% other a.eu.example.com 3600 TXT x"}},
		"host and domain, at a host":          {text: template(`{"type":"TXT","host":"a.%host%.%domain%.","data":"x"}`), use: service.Use{Domain: domain, Host: "eu"}, want: []string{"txt-a.%host%.%domain%. other a.eu.example.com 3600 TXT x"}},
		"host and domain, at the domain":      {text: template(`{"type":"TXT","host":"a.%host%.%domain%.","data":"x","ttl":600}`), want: []string{"txt-a.%host%.%domain%. other a.example.com 600 TXT x"}},
		"host at the end, at the domain":      {text: template(`{"type":"TXT","host":"a.%host%","data":"x","ttl":600}`), want: []string{"txt-a.%host% other a.example.com 600 TXT x"}},
		"host alone, at the domain":           {text: template(`{"type":"TXT","host":"%host%","data":"x"}`), want: []string{"txt-%host% other example.com 3600 TXT x"}},
		"host in a target, at the domain":     {text: template(`{"type":"CNAME","host":"a","pointsTo":"%host%.%domain%.acme.example"}`), want: []string{"cname-a other a.example.com 3600 CNAME example.com.acme.example"}},
		"whole host, the root":                {text: template(`{"type":"TXT","host":"%h%","data":"x"}`), use: use("h=@"), want: []string{"txt-%h% other example.com 3600 TXT x"}},
		"whole host, relative":                {text: template(`{"type":"CNAME","groupId":"dkim","host":"%h%","pointsTo":"%t%"}`), use: use("h=s1._domainkey", "t=b.example"), want: []string{"cname-%h% DKIM s1._domainkey.example.com 3600 CNAME b.example"}},
		"whole host, absolute":                {text: template(`{"type":"TXT","host":"%h%","data":"x"}`), use: use("h=a.Example.com."), want: []string{"txt-%h% other a.example.com 3600 TXT x"}},
		"absolute host, as a whole":           {text: template(`{"type":"TXT","host":"%name%.","data":"x"}`), use: use("name=a.example.com"), want: []string{"txt-%name%. other a.example.com 3600 TXT x"}},
		"final dots":                          {text: template(`{"type":"MX","host":"@","pointsTo":"mx.acme.example.","priority":10},{"type":"CNAME","host":"a","pointsTo":"%t%."}`), use: service.Use{Variables: map[string]string{"t": "b.example"}, Allow: []string{"MX"}}, want: []string{"mx-@ other example.com 3600 MX 10 mx.acme.example", "cname-a other a.example.com 3600 CNAME b.example"}},
		"variables in the middle":             {text: template(`{"type":"CNAME","host":"s1._domainkey","pointsTo":"s1.%id%-%region%.dkim.acme.example"}`), use: use("ID=u1", "Region=eu"), want: []string{"cname-s1._domainkey DKIM s1._domainkey.example.com 3600 CNAME s1.u1-eu.dkim.acme.example"}},
		"wildcard":                            {text: template(`{"type":"CNAME","host":"*","pointsTo":"b.example"}`), use: service.Use{Domain: domain, Allow: []string{"*"}}, want: []string{"cname-* other *.example.com 3600 CNAME b.example"}},
		"CAA":                                 {text: template(`{"type":"CAA","host":"@","data":"0 issue \"ca.example\""}`), use: service.Use{Domain: domain, Allow: []string{"CAA"}}, want: []string{`caa-@ other example.com 3600 CAA 0 issue "ca.example"`}},
		"SRV, names without underscores":      {text: template(`{"type":"SRV","name":"@","service":"Imaps","protocol":"TCP","target":"imap.acme.example.","priority":"0","weight":"0","port":"993"}`), want: []string{"srv-_Imaps._TCP other _imaps._tcp.example.com 3600 SRV 0 0 993 imap.acme.example"}},
		"SRV, names as variables":             {text: template(`{"type":"SRV","name":"","host":"ignored","service":"%s%","protocol":"%p%","target":"%t%","priority":0,"weight":0,"port":"%n%"}`), use: use("s=_imaps", "p=tcp", "t=imap.acme.example", "n=993"), want: []string{"srv-_%s%._%p% other _imaps._tcp.example.com 3600 SRV 0 0 993 imap.acme.example"}},
		"SPF rules several times":             {text: template(`{"type":"SPFM","host":"@","spfRules":"include:a.example"},{"type":"SPFM","host":"","spfRules":"v=spf1 include:b.example  mx ~all"},{"type":"SPFM","host":"send","spfRules":"include:c.example -all"}`), want: []string{"SPF example.com: include:a.example include:b.example mx", "SPF send.example.com: include:c.example"}},
		"SPF rules as one variable, blanks":   {text: template(`{"type":"SPFM","host":"@","spfRules":" %rules% "}`), use: use("rules=include:a.example  ip4:192.0.2.1 ~all"), want: []string{"SPF example.com: include:a.example ip4:192.0.2.1"}},
		"SPF in quotes":                       {text: template(`{"type":"TXT","host":"@","data":"\"v=spf1 include:a.example \" \"~all\"","txtConflictMatchingMode":"Prefix","txtConflictMatchingPrefix":"v=spf1"}`), want: []string{"SPF example.com: include:a.example"}},
		"TXT in quotes around a variable":     {text: template(`{"type":"TXT","host":"a","data":"\"%x%\"","ttl":600}`), use: use("x=x"), want: one},
		"TXT with a percent sign":             {text: template(`{"type":"TXT","host":"a","data":"100% of 5%"}`), want: []string{"txt-a other a.example.com 3600 TXT 100% of 5%"}},
		"TXT with an address of the web":      {text: template(`{"type":"TXT","host":"a","data":"https://acme.example/?d=%domain%&t=%token%#x"}`), use: use("token=a/b"), want: []string{"txt-a other a.example.com 3600 TXT https://acme.example/?d=example.com&t=a/b#x"}},
		"variable that starts with _":         {text: template(`{"type":"TXT","host":"a","data":"%_token%","ttl":600}`), use: use("_token=x"), want: one},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !tt.use.Domain.IsValid() {
				tt.use.Domain = domain
			}
			got, err := mustParse(t, tt.text).Apply(tt.use)
			if err != nil {
				t.Fatalf("Apply of %s: %v", tt.text, err)
			}
			if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
				t.Errorf("Apply of %s (-want +got):\n%s", tt.text, diff)
			}
			if diff := cmp.Diff(tt.warnings, got.Warnings); diff != "" {
				t.Errorf("warnings of %s (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func utf16Text(text string, big bool) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		if big {
			b = append(b, byte(unit>>8), byte(unit))
		} else {
			b = append(b, byte(unit), byte(unit>>8))
		}
	}
	return string(b)
}

// What is no template gets a sentence that says what it is, and where.
func TestWildRefused(t *testing.T) {
	t.Parallel()
	record := func(fields string) string { return template(`{"type":"TXT","host":"ok","data":"x"},{` + fields + `}`) }
	tests := map[string]struct{ text, want string }{
		"UTF-16 with a mark":            {utf16Text("\ufeff"+template(`{"type":"TXT","data":"x"}`), false), "template: it is UTF-16, and JSON is UTF-8 (RFC 8259 §8.1); save the file as UTF-8"},
		"UTF-16 with a mark, big":       {utf16Text("\ufeff{}", true), "template: it is UTF-16, and JSON is UTF-8 (RFC 8259 §8.1); save the file as UTF-8"},
		"UTF-16 without one":            {utf16Text("{}", false), "template: it is UTF-16, and JSON is UTF-8 (RFC 8259 §8.1); save the file as UTF-8"},
		"UTF-16 without one, big":       {utf16Text("{}", true), "template: it is UTF-16, and JSON is UTF-8 (RFC 8259 §8.1); save the file as UTF-8"},
		"comment":                       {"{\n// note\n}", "line 2, column 1; JSON has no comments, take them out"},
		"comment of a shell":            {"# note\n{}", "line 1, column 1; JSON has no comments, take them out"},
		"comma at the end":              {"{\"records\":[{\"type\":\"TXT\"},\n ]}", "line 2, column 2; take out the comma before it"},
		"comma at the end of an object": {`{"records":[],}`, "take out the comma before it"},
		"single quotes":                 {`{'records':[]}`, "strings stand in double quotes"},
		"YAML":                          {"records:\n- type: TXT\n", "template: it is not JSON"},
		"HTML":                          {"<!DOCTYPE html>", "template: it is not JSON"},
		"records in another case":       {`{"Records":[{"type":"TXT","data":"x"}]}`, `template, "records": it must be a list of at least one record; there is "Records", which the format spells "records"`},
		"pointsTo in another case":      {record(`"type":"CNAME","host":"a","pointsto":"b.example"`), `template, records[1], "pointsTo": it is missing or empty, and this type of record needs it; there is "pointsto", which the format spells "pointsTo"`},
		"a list where text belongs":     {record(`"type":"TXT","host":"a","data":["x"]`), `template, records[1], "data": it must be a string or a number`},
		"priority as words":             {record(`"type":"MX","host":"a","pointsTo":"b.example","priority":"high"`), `template, records[1], "priority": "high" must be a whole number from 0 to 65535, or one variable`},
		"no priority":                   {record(`"type":"MX","host":"a","pointsTo":"b.example"`), `template, records[1], "priority": it is missing`},
		"NS of itself":                  {record(`"type":"NS","host":"a","pointsTo":"@"`), `template, records[1], "pointsTo": a zone delegated to itself leads nowhere`},
		"data that turns text around":   {record(`"type":"TXT","host":"a","data":"x\u202ey"`), `template, records[1], "data": octet 2 is a control character, or another that cannot be seen`},
		"data that hides, escaped":      {record(`"type":"TXT","host":"a","data":"\"x\\226\\128\\174\""`), `template, records[1], "data": octet 2 is a control character`},
		"data that is no UTF-8":         {record(`"type":"TXT","host":"a","data":"\"x\\255\""`), `template, records[1], "data": octet 2 is a control character`},
		"host with NUL":                 {record(`"type":"TXT","host":"a\u0000","data":"x"`), `template, records[1], "host": octet 2 is a control character`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := service.Parse([]byte(tt.text))
			if err == nil || got != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Parse(%q) = %v, %v, want an error with %q", tt.text, got, err, tt.want)
			}
		})
	}
}
