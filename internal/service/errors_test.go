package service_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

const key = "-----BEGIN PRIVATE KEY-----"

func TestApplyVariableInvalid(t *testing.T) {
	t.Parallel()
	const (
		host   = `{"type":"CNAME","host":"x.%v%","pointsTo":"acme.example"}`
		whole  = `{"type":"TXT","host":"%v%","data":"x"}`
		target = `{"type":"CNAME","host":"x","pointsTo":"%v%"}`
		part   = `{"type":"CNAME","host":"x","pointsTo":"%v%.acme.example"}`
		text   = `{"type":"TXT","host":"@","data":"%v%"}`
		token  = `{"type":"TXT","host":"@","data":"acme=%v%"}`
		rules  = `{"type":"SPFM","host":"@","spfRules":"%v%"}`
		term   = `{"type":"SPFM","host":"@","spfRules":"include:%v% a"}`
		word   = `{"type":"SPFM","host":"@","spfRules":"a %v%"}`
		number = `{"type":"MX","host":"@","pointsTo":"mx.acme.example","priority":"%v%"}`
	)
	tests := map[string]struct{ records, value, reason string }{
		"host with a blank":                {host, "a b", "octet 2"},
		"host with a line break":           {host, "a\nb", "line break"},
		"host with a blank at its end":     {host, "a ", "trimspace()"},
		"host with a quote":                {host, `a"`, "must not be there"},
		"host that is absolute":            {host, "a.", "dot at its start or end"},
		"host as @":                        {host, "@", "must not be there"},
		"host as wildcard":                 {host, "*", "must not be there"},
		"host with two dots":               {host, "a..b", "two in a row"},
		"host that repeats the domain":     {host, "a.example.com", `write "a"`},
		"host that is the domain":          {whole, "Example.com", "write a host below the domain"},
		"host too long":                    {host, strings.Repeat("a", 64), "63 octets"},
		"host with a hyphen first":         {host, "-a", "hyphen"},
		"term in Unicode that is no name":  {term, strings.Repeat("é", 64), "63 octets"},
		"host that is a policy's":          {`{"type":"TXT","host":"%v%","data":"x"}`, "_dmarc", "only the owner of a domain sets its"},
		"host outside":                     {`{"type":"TXT","host":"%v%.","data":"x"}`, "acme.example", "outside"},
		"target with a blank":              {target, "a.example b.example", "octet 10"},
		"target with two dots":             {target, "a..example", "two dots"},
		"target as @":                      {target, "@", "character"},
		"target with a quote":              {target, `"a.example"`, "must not be there"},
		"target in part with a dot behind": {part, "a.", "dot at its start or end"},
		"target in part with a slash":      {part, "a/b", "must not be there"},
		"address that is none":             {`{"type":"A","host":"x","pointsTo":"%v%"}`, "acme.example", "192.0.2.1"},
		"ellipsis of an example":           {host, "…", "placeholder"},
		"ellipsis, whole name":             {whole, "…", "placeholder"},
		"dots of an example":               {token, "...", "placeholder"},
		"brackets of an example":           {target, "<your target>", "placeholder"},
		"square brackets":                  {text, "[token]", "placeholder"},
		"braces of a template language":    {rules, "{{ rules }}", "placeholder"},
		"braces that were not filled in":   {part, "${tenant}", "placeholder"},
		"ellipsis with blanks":             {text, " … ", "placeholder"},
		"text with a line break":           {text, "a\nb", "line break"},
		"text with blanks around":          {text, " a", "trimspace()"},
		"text not UTF-8":                   {text, "a\xff", "no UTF-8"},
		"text with NUL":                    {text, "a\x00b", "control"},
		"text that turns around":           {text, "a\u202eb", "octet 2 is a line break, another control or invisible character"},
		"text with a mark of direction":    {text, "\u200ea", "invisible"},
		"text with an isolate":             {text, "a\u2066b\u2069", "invisible"},
		"text with a blank of no width":    {text, "a\u200bb", "invisible"},
		"text with a byte order mark":      {text, "\ufeffa", "invisible"},
		"text with a soft hyphen":          {text, "a\u00adb", "invisible"},
		"text with a blank of no break":    {text, "a\u00a0b", "invisible"},
		"text with a line separator":       {text, "a\u2028b", "line break"},
		"text with a control of 8 bits":    {text, "a\u009bb", "control"},
		"rules that turn around":           {rules, "include:a.example\u202e", "invisible"},
		"rules with a quote":               {rules, `include:a.example" "+all`, "include:a.example"},
		"host that turns around":           {host, "a\u202eb", "invisible"},
		"host with a semicolon":            {host, "a;b", "must not be there"},
		"host with a percent sign":         {host, "%domain%", "must not be there"},
		"host that climbs":                 {host, "..", "dot at its start or end"},
		"host that is outside":             {host, "acme.example.", "dot at its start or end"},
		"whole host that is outside":       {whole, "acme.example.", "outside"},
		"whole host that climbs":           {whole, "..", "dot at its start or end"},
		"whole host of dots":               {whole, "a..", "dot at its start or end"},
		"whole host, repeats the domain":   {whole, "a.example.com", `write "a"`},
		"whole host that is a wildcard":    {whole, "*", "must not be there"},
		"whole host, policy, absolute":     {whole, "_dmarc.example.com.", "only the owner of a domain sets its"},
		"whole host with @ in it":          {whole, "@.a", "must not be there"},
		"host past 253 octets":             {host, strings.Repeat("a.", 122) + "a", "longer than 253"},
		"target with NUL":                  {target, "a.example\x00", "control"},
		"target that turns around":         {target, "a\u202e.example", "invisible"},
		"target with a semicolon":          {target, "a.example;b", "character"},
		"target that is another variable":  {target, "%domain%", `"%domain%" is not filled in`},
		"token that is another variable":   {token, "%domain%", "must not be there"},
		"text with a quote in front":       {text, `"a`, "quotes of the zone file"},
		"text with an escaped line break":  {text, `"a\010"`, "line break"},
		"text that is SPF":                 {text, "v=spf1 +all", "mechanisms"},
		"text that is quoted SPF":          {text, `"v=spf1 +all"`, "mechanisms"},
		"text too long":                    {text, strings.Repeat("a", 65533), "at most 64770"},
		"text longer than any field":       {`{"type":"TXT","host":"@","data":"a-%v%"}`, strings.Repeat("a", 65537), "longer than 65536"},
		"token with a semicolon":           {token, "a;b", "must not be there"},
		"token with a blank":               {token, "a b", "must not be there"},
		"token with a quote":               {token, `a" "b`, "must not be there"},
		"token with a backslash":           {token, `a\b`, "must not be there"},
		"token that makes SPF":             {`{"type":"TXT","host":"@","data":"v=%v%"}`, "spf1", "an SPF record beside"},
		"token that makes SPF, in part":    {`{"type":"TXT","host":"@","data":"v=%v% +all"}`, "spf1", "an SPF record beside"},
		"rules that are none":              {rules, "include:a.example nonsense", "nonsense"},
		"rules with a line break":          {rules, "a\nmx", "line break"},
		"term with a blank":                {term, "a.example +all", "must not be there"},
		"term with a prefix":               {term, "a.example/24", "must not be there"},
		"term with a macro":                {term, "%{i}", "must not be there"},
		"term that is a whole one":         {term, "include:a.example", "must not be there"},
		"term with a dot behind":           {term, "a.example.", "dot at its start or end"},
		"word that is all":                 {word, "all", `cannot stand for "all"`},
		"word that is ALL":                 {word, "ALL", `cannot stand for "all"`},
		"word with a qualifier":            {word, "+all", "must not be there"},
		"word that is a hyphen and all":    {word, "-all", `cannot stand for "all"`},
		"word that is no mechanism":        {word, "nonsense", "nonsense"},
		"address of SPF":                   {`{"type":"SPFM","host":"@","spfRules":"ip4:%v%"}`, "192.0.2.1 +all", "must be an IP address"},
		"address of SPF, other family":     {`{"type":"SPFM","host":"@","spfRules":"ip4:%v%"}`, "2001:db8::1", "ip4:2001:db8::1"},
		"address of SPF with a zone":       {`{"type":"SPFM","host":"@","spfRules":"ip6:%v%"}`, "fe80::1%eth0", "must be an IP address"},
		"number with a sign":               {number, "-1", "must not be there"},
		"number too large":                 {number, "65536", "from 0 to 65535"},
		"number and more":                  {number, "10 evil.example", "must not be there"},
		"TTL too large":                    {`{"type":"TXT","host":"@","data":"x","ttl":"%v%"}`, "2147483648", "from 0 to 2147483647"},
		"data of another type":             {`{"type":"TLSA","host":"_25._tcp","data":"%v%"}`, "nonsense", "3 1 1"},
		"part of data of another type":     {`{"type":"TLSA","host":"_25._tcp","data":"3 1 1 %v%"}`, "ab\" \"cd", "must not be there"},
		"service of SRV":                   {`{"type":"SRV","name":"@","service":"_%v%","protocol":"_tcp","target":"a.example","priority":0,"weight":0,"port":1}`, "*", "must not be there"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := use("v=" + tt.value)
			u.Allow = []string{"*"} // What a template may ask for is tested elsewhere.
			got, err := mustParse(t, template(tt.records)).Apply(u)
			var variable *service.VariableError
			if !errors.As(err, &variable) || variable.Problem != service.Invalid || variable.Name != "v" {
				t.Fatalf("Apply(v = %.60q) = %q, %v, want an invalid variable", tt.value, lines(got), err)
			}
			if !strings.Contains(variable.Reason, tt.reason) {
				t.Errorf("Apply(v = %.60q) reason = %.300q, want %q in it", tt.value, variable.Reason, tt.reason)
			}
			if text := err.Error(); strings.ContainsAny(text, "\n\x1b") || strings.HasSuffix(text, ".") || !strings.Contains(text, `variable "v" of Acme Mail`) {
				t.Errorf("Apply(v = %.60q) error = %.300q", tt.value, text)
			}
		})
	}
}

// A private key that was pasted into the wrong variable must not show up in a plan or a log.
func TestApplyNeverPrintsAKey(t *testing.T) {
	t.Parallel()
	pem := key + "\nMC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----\n"
	for _, records := range []string{
		`{"type":"CNAME","host":"%v%","pointsTo":"acme.example"}`, `{"type":"CNAME","host":"x","pointsTo":"%v%"}`,
		`{"type":"TXT","host":"@","data":"%v%"}`, `{"type":"TXT","host":"@","data":"p=%v%"}`, `{"type":"SPFM","host":"@","spfRules":"%v%"}`,
	} {
		for _, value := range []string{pem, strings.TrimSpace(pem)} {
			_, err := mustParse(t, template(records)).Apply(service.Use{Domain: domain, Variables: map[string]string{"v": value}})
			if err == nil || strings.Contains(err.Error(), "MC4C") {
				t.Errorf("Apply of %s with a key: error = %v", records, err)
			}
		}
	}
}

func TestApplyVariableMissing(t *testing.T) {
	t.Parallel()
	parsed := mustParse(t, template(
		`{"type":"CNAME","host":"%Label%","pointsTo":"%target%"},{"type":"TXT","host":"@","data":"%Label% %other%"},{"type":"TXT","groupId":"g","host":"@","data":"%unused%"}`,
		`"variableDescription":"target: where; \u001b[2J"`))
	_, err := parsed.Apply(service.Use{Domain: domain, Groups: []string{}, Variables: map[string]string{"TARGET": ""}})
	if diff := cmp.Diff([]string{"Label: 1", "target: 1", "other: 1"}, variableErrors(err)); diff != "" {
		t.Errorf("Apply errors (-want +got):\n%s", diff)
	}
	for _, want := range []string{`variable "target" of Acme Mail is missing`, "set it in `variables`", `target: where; \027[2J`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Apply error = %v, want %q in it", err, want)
		}
	}
}

func TestApplyVariableUnknown(t *testing.T) {
	t.Parallel()
	parsed := mustParse(t, template(`{"type":"CNAME","host":"x","pointsTo":"%target%"}`))
	_, err := parsed.Apply(use("targt=a.example", "domain=b.example", "TARGET=c.example", "Target=d.example"))
	if diff := cmp.Diff([]string{"target: 4", "domain: 2", "targt: 2"}, variableErrors(err)); diff != "" {
		t.Errorf("Apply errors (-want +got):\n%s", diff)
	}
	if err == nil || !strings.Contains(err.Error(), `has no variable "targt": did you mean "target"? It has: "target"`) {
		t.Errorf("Apply error = %v, want a suggestion", err)
	}
	_, err = mustParse(t, template(`{"type":"TXT","host":"@","data":"x"}`)).Apply(use("a\x1b=1"))
	if err == nil || !strings.Contains(err.Error(), `has no variable "a\027": it has no variables`) {
		t.Errorf("Apply error = %v, want that there are no variables", err)
	}
}

func TestApplyContentInvalid(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		records, field, reason string
		host                   string
	}{
		"host":                  {records: `{"type":"TXT","host":"a b","data":"x"}`, field: "host", reason: "character"},
		"host outside":          {records: `{"type":"TXT","host":"acme.example.","data":"x"}`, field: "host", reason: "outside"},
		"host climbing":         {records: `{"type":"TXT","host":"..","data":"x"}`, field: "host", reason: "two dots"},
		"sibling host":          {records: `{"type":"TXT","host":"notexample.com.","data":"x"}`, field: "host", reason: "outside"},
		"target":                {records: `{"type":"CNAME","host":"x","pointsTo":"a b"}`, field: "pointsTo", reason: "must look like"},
		"wildcard as a target":  {records: `{"type":"CNAME","host":"x","pointsTo":"*.acme.example"}`, field: "pointsTo", reason: "wildcard"},
		"wildcard as mail host": {records: `{"type":"MX","host":"@","pointsTo":"*.acme.example","priority":10}`, field: "pointsTo", reason: "wildcard"},
		"target by data":        {records: `{"type":"CNAME","host":"x","data":"a b"}`, field: "data", reason: "must look like"},
		"address":               {records: `{"type":"AAAA","host":"x","pointsTo":"192.0.2.1"}`, field: "pointsTo", reason: "2001:db8::1"},
		"@ as an address":       {records: `{"type":"A","host":"x","pointsTo":"@"}`, field: "pointsTo", reason: "192.0.2.1"},
		"built-in as one":       {records: `{"type":"A","host":"x","pointsTo":"%fqdn%"}`, field: "pointsTo", reason: "192.0.2.1"},
		"SPF":                   {records: `{"type":"SPFM","host":"@","spfRules":"include: spf.acme.example"}`, field: "spfRules", reason: "include:"},
		"SPF in TXT":            {records: `{"type":"TXT","host":"@","data":"v=spf1 nonsense -all"}`, field: "data", reason: "nonsense"},
		"SPF that collides":     {records: `{"type":"SPFM","host":"@","spfRules":"redirect=a.example"},{"type":"SPFM","host":"@","spfRules":"redirect=b.example"}`, field: "spfRules", reason: "do not go together"},
		"SRV name":              {records: `{"type":"SRV","name":"a b","service":"_s","protocol":"_tcp","target":"a.example","priority":0,"weight":0,"port":1}`, field: "host", reason: "character"},
		"SRV service":           {records: `{"type":"SRV","name":"@","service":"a b","protocol":"_tcp","target":"a.example","priority":0,"weight":0,"port":1}`, field: "host", reason: "character"},
		"name that is too long": {records: `{"type":"TXT","host":"` + strings.Repeat("a.", 120) + `a","data":"x"}`, field: "host", reason: "longer than 253", host: "host.host"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := mustParse(t, template(tt.records)).Apply(service.Use{Domain: domain, Host: tt.host, Allow: []string{"*"}})
			var broken *service.TemplateError
			if !errors.As(err, &broken) {
				t.Fatalf("Apply = %q, %v, want a *TemplateError", lines(got), err)
			}
			if broken.Field != tt.field || !strings.Contains(broken.Reason, tt.reason) {
				t.Errorf("Apply error = %+v, want field %q, reason with %q", *broken, tt.field, tt.reason)
			}
		})
	}
}

func TestApplyHostRefused(t *testing.T) {
	t.Parallel()
	plain := template(`{"type":"TXT","host":"@","data":"x"}`)
	needy := template(`{"type":"TXT","host":"@","data":"x"}`, `"hostRequired":"true"`)
	tests := map[string]struct {
		text   string
		use    service.Use
		reason string
	}{
		"no domain":         {plain, service.Use{}, "no domain"},
		"outside":           {plain, service.Use{Domain: domain, Host: "acme.example."}, "outside"},
		"two dots":          {plain, service.Use{Domain: domain, Host: "a..b"}, "two dots"},
		"blank":             {plain, service.Use{Domain: domain, Host: "a b"}, "character"},
		"wildcard":          {plain, service.Use{Domain: domain, Host: "*"}, "wildcard"},
		"policy":            {plain, service.Use{Domain: domain, Host: "_dmarc"}, "only the owner of a domain sets its"},
		"domain repeated":   {plain, service.Use{Domain: domain, Host: "News.Example.com"}, `write "news"`},
		"required, missing": {needy, service.Use{Domain: domain}, "set `host`"},
		"domain alone":      {plain, service.Use{Domain: domain, Host: "Example.com"}, "leave it out"},
		"required, as @":    {needy, service.Use{Domain: domain, Host: "@"}, "set `host`"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := mustParse(t, tt.text).Apply(tt.use)
			var host *service.HostError
			if !errors.As(err, &host) || host.Host != tt.use.Host || !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("Apply(host %q) = %q, %v, want a *HostError with %q", tt.use.Host, lines(got), err, tt.reason)
			}
		})
	}
}

func TestApplyRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		record string // of owner and allow alike
		use    service.Use
		why    string
		allow  []string
		more   string // properties of the template
	}{
		"NS":                        {record: `{"type":"NS","host":"sub","pointsTo":"ns.acme.example"}`, why: "name servers", allow: []string{"sub", "NS"}},
		"NS at a DKIM name":         {record: `{"type":"NS","host":"_domainkey","pointsTo":"ns.acme.example"}`, why: "name servers", allow: []string{"_domainkey", "NS"}},
		"NS where hosts are needed": {record: `{"type":"NS","host":"@","pointsTo":"ns.acme.example"}`, use: service.Use{Host: "news"}, why: "name servers", allow: []string{"news", "NS"}, more: `"hostRequired":true`},
		"CAA":                       {record: `{"type":"CAA","host":"@","data":"0 issue \"ca.example\""}`, why: "certificates", allow: []string{"@", "CAA"}},
		"ACME challenge, TXT":       {record: `{"type":"TXT","host":"_acme-challenge","data":"x"}`, why: "certificates", allow: []string{"_acme-challenge", "TXT"}},
		"ACME challenge, CNAME":     {record: `{"type":"CNAME","host":"_ACME-challenge.www","pointsTo":"a.example"}`, why: "certificates", allow: []string{"_acme-challenge.www", "CNAME"}},
		"ACME challenge, by host":   {record: `{"type":"TXT","host":"@","data":"x"}`, use: service.Use{Host: "_acme-challenge"}, why: "certificates", allow: []string{"_acme-challenge", "TXT"}},
		"ACME challenge, by value":  {record: `{"type":"TXT","host":"%h%","data":"x"}`, use: use("h=_acme-challenge"), why: "certificates", allow: []string{"_acme-challenge", "TXT"}},
		"ACME challenge, wide":      {record: `{"type":"TXT","host":"_ａcme-challenge","data":"x"}`, why: "certificates", allow: []string{"_acme-challenge", "TXT"}},
		"wildcard":                  {record: `{"type":"MX","host":"*","pointsTo":"mx.acme.example","priority":1}`, why: "every name", allow: []string{"*", "MX"}},
		"wildcard below":            {record: `{"type":"TXT","host":"*.news","data":"x"}`, why: "every name", allow: []string{"*.news", "TXT"}},
		"A at the domain":           {record: `{"type":"A","host":"@","pointsTo":"192.0.2.1"}`, why: "web site", allow: []string{"@", "A"}},
		"AAAA at the domain":        {record: `{"type":"AAAA","host":"%domain%.","pointsTo":"2001:db8::1"}`, use: service.Use{Host: "news"}, why: "web site", allow: []string{"@", "AAAA"}},
		"CNAME at the domain":       {record: `{"type":"CNAME","host":"@","pointsTo":"a.example"}`, why: "excludes other records", allow: []string{"@", "CNAME"}},
		"web host":                  {record: `{"type":"CNAME","host":"www","pointsTo":"a.example"}`, why: "other than mail", allow: []string{"www", "CNAME"}},
		"web host below":            {record: `{"type":"CNAME","host":"API.%host%","pointsTo":"a.example"}`, why: "other than mail", allow: []string{"api", "CNAME"}},
		"web host by value":         {record: `{"type":"CNAME","host":"%h%","pointsTo":"a.example"}`, use: use("h=login"), why: "other than mail", allow: []string{"login", "CNAME"}},
		"proof for a certificate":   {record: `{"type":"CNAME","host":"_3639ac514e785e898d2646601fa951d5","pointsTo":"_x.acm-validations.aws"}`, why: "prove who", allow: []string{"_3639ac514e785e898d2646601fa951d5", "CNAME"}},
		"proof below a web host":    {record: `{"type":"CNAME","host":"_0123abcd.shop","pointsTo":"a.example"}`, why: "prove who", allow: []string{"_0123abcd.shop", "CNAME"}},
		"proof as TXT":              {record: `{"type":"TXT","host":"_dnsauth.www","data":"x"}`, why: "proves to others", allow: []string{"_dnsauth.www", "TXT"}},
		"proof of an account":       {record: `{"type":"TXT","host":"_atproto","data":"did=x"}`, why: "proves to others", allow: []string{"_atproto", "TXT"}},
		"MTA-STS":                   {record: `{"type":"TXT","host":"_mta-sts","data":"v=STSv1; id=1"}`, why: "deliver to the domain", allow: []string{"_mta-sts", "TXT"}},
		"host of MTA-STS":           {record: `{"type":"CNAME","host":"mta-sts","pointsTo":"a.example"}`, why: "deliver to the domain", allow: []string{"mta-sts", "CNAME"}},
		"TLS reporting":             {record: `{"type":"TXT","host":"_smtp._tls","data":"v=TLSRPTv1; rua=mailto:a@b.example"}`, why: "reports on TLS", allow: []string{"_smtp._tls", "TXT"}},
		"BIMI":                      {record: `{"type":"TXT","host":"default._bimi","data":"v=BIMI1; l="}`, why: "logo", allow: []string{"default._bimi", "TXT"}},
		"BIMI, CNAME":               {record: `{"type":"CNAME","host":"default._bimi","pointsTo":"a.example"}`, why: "logo", allow: []string{"default._bimi", "CNAME"}},
		"MX of the domain":          {record: `{"type":"MX","host":"@","pointsTo":"mx.acme.example","priority":1}`, why: "where the mail for example.com goes", allow: []string{"@", "MX"}},
		"MX of the domain, grouped": {record: `{"type":"MX","groupId":"g","host":"%domain%.","pointsTo":"mx.acme.example","priority":1}`, why: "where the mail for", allow: []string{"@", "MX"}},
		"MX of the host":            {record: `{"type":"MX","host":"@","pointsTo":"mx.acme.example","priority":1}`, use: service.Use{Host: "news"}, why: "where the mail for news.example.com goes", allow: []string{"news", "MX"}},
		"address of a host":         {record: `{"type":"A","host":"x","pointsTo":"192.0.2.1"}`, why: "an address", allow: []string{"x", "A"}},
		"service other than mail":   {record: `{"type":"SRV","name":"@","service":"_sip","protocol":"_tls","target":"a.example","priority":0,"weight":0,"port":1}`, why: "other than mail", allow: []string{"_sip._tls", "SRV"}},
		"TLSA":                      {record: `{"type":"TLSA","host":"_25._tcp.mx","data":"3 1 1 ab"}`, why: "underscore", allow: []string{"_25._tcp.mx", "TLSA"}},
		"CNAME at a host":           {record: `{"type":"CNAME","host":"@","pointsTo":"a.example"}`, use: service.Use{Host: "news"}, why: "require a host", allow: []string{"news", "CNAME"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			more := tt.more
			if more == "" {
				more = `"version":1`
			}
			parsed := mustParse(t, template(tt.record, more))
			tt.use.Domain = domain
			got, err := parsed.Apply(tt.use)
			var refused *service.RefusedError
			if !errors.As(err, &refused) {
				t.Fatalf("Apply = %q, %v, want a *RefusedError", lines(got), err)
			}
			if !strings.Contains(refused.Why, tt.why) || !cmp.Equal(refused.Allow, tt.allow) || !strings.Contains(err.Error(), "`allow`") {
				t.Errorf("Apply error = %+v, want why with %q, allow %q", *refused, tt.why, tt.allow)
			}
			for _, grant := range append(tt.allow, "*", strings.ToLower(tt.allow[0]), refused.Owner+".") {
				tt.use.Allow = []string{"nothing", "", grant}
				if got, err := parsed.Apply(tt.use); err != nil || len(got.Records) != 1 {
					t.Errorf("Apply(allow %q) = %q, %v, want the record", grant, lines(got), err)
				}
			}
			tt.use.Allow = []string{"", "DS", "other", "a b", "acme.example."}
			if got, err := parsed.Apply(tt.use); !errors.As(err, &refused) {
				t.Errorf("Apply(allow %q) = %q, %v, want a *RefusedError", tt.use.Allow, lines(got), err)
			}
		})
	}
}

func TestApplyRefusesAll(t *testing.T) {
	t.Parallel()
	_, err := mustParse(t, template(`{"type":"NS","host":"a","pointsTo":"ns.example"},{"type":"TXT","host":"@","data":"x"},{"type":"NS","host":"b","pointsTo":"ns.example"}`)).Apply(use())
	var owners []string
	walk(err, func(err error) {
		if r, ok := err.(*service.RefusedError); ok { //nolint:errorlint // The walk comes to every error itself.
			owners = append(owners, r.Owner)
		}
	})
	if diff := cmp.Diff([]string{"a.example.com", "b.example.com"}, owners); diff != "" {
		t.Errorf("refused owners (-want +got):\n%s", diff)
	}
}

func TestApplyUnsupportedType(t *testing.T) {
	t.Parallel()
	for _, typ := range []string{"DS", "HTTPS", "TYPE16", "TYPE65280", "SPF", "ALIAS"} {
		parsed := mustParse(t, template(`{"type":"`+typ+`","groupId":"g","host":"%x%","data":"%y%"},{"type":"TXT","host":"@","data":"x"}`))
		_, err := parsed.Apply(service.Use{Domain: domain, Allow: []string{"*", typ}})
		var refused *service.RefusedError
		if !errors.As(err, &refused) || len(refused.Allow) != 0 || !strings.Contains(err.Error(), "type "+typ+" cannot be published") {
			t.Errorf("Apply of %s: error = %v, want a *RefusedError that names the type", typ, err)
		}
		if got, err := parsed.Apply(service.Use{Domain: domain, Groups: []string{}}); err != nil || len(got.Records) != 1 {
			t.Errorf("Apply of %s without its group = %q, %v", typ, lines(got), err)
		}
	}
}

func TestApplyUnknownGroup(t *testing.T) {
	t.Parallel()
	parsed := mustParse(t, template(`{"type":"TXT","groupId":"verify","host":"@","data":"x"},{"type":"TXT","groupId":"mail","host":"@","data":"y"}`))
	_, err := parsed.Apply(service.Use{Domain: domain, Groups: []string{"mail", "Verify"}})
	var group *service.GroupError
	if !errors.As(err, &group) || group.Group != "Verify" || group.Near != "verify" || !cmp.Equal(group.Known, []string{"verify", "mail"}) {
		t.Errorf("Apply error = %v, want a *GroupError for Verify", err)
	}
	if want := `Acme Mail has no group "Verify": did you mean "verify"? (it has: "verify", "mail")`; err == nil || err.Error() != want {
		t.Errorf("Apply error = %v, want %s", err, want)
	}
	_, err = mustParse(t, template(`{"type":"TXT","host":"@","data":"x"}`)).Apply(service.Use{Domain: domain, Groups: []string{"spf"}})
	if !errors.As(err, &group) || !strings.Contains(err.Error(), "leave `groups` out") {
		t.Errorf("Apply error = %v, want that there are no groups", err)
	}
}
