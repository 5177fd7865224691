package internal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"gopkg.in/yaml.v3"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/discover"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// hostile are texts from outside that act where they are shown raw, by what they do.
func hostile() map[string]string {
	return map[string]string{
		"ANSI":               "a\x1b[2J\x1b]0;title\x07b",
		"C1 control":         "a\u009b2Jb",
		"bidi":               "a\u202eb\u2066c",
		"zero width":         "a\u200bb\ufeff",
		"newline":            "a\nINJECTED b\r\nINJECTED",
		"line separator":     "a\u2028b\u0085c",
		"NUL and DEL":        "a\x00b\x7fc",
		"no UTF-8":           "a\xff\xfeb",
		"template":           "${file(\"/etc/passwd\")}%{ for x in y }",
		"link":               "[click](https://evil.example/)",
		"image":              "![x](https://evil.example/x.png)",
		"image behind pipes": `a\|![x](https://evil.example/x.png)|@someone`,
		"backslashes, pipe":  `a\\\|b\\|c|d\`,
		"fence":              "```\nINJECTED\n```",
		"backticks":          "`a``b```",
		"HTML":               `<img src=x onerror=alert(1)><!-- x`,
		"mention":            "@someone #123 owner/repo#1",
		"zone file":          "x\n$INCLUDE /etc/passwd\n@ IN A 192.0.2.1",
		"zone file brackets": `( "a" ; b`,
		"quotes":             `"a" 'b' "`,
		"Azure":              "a ##vso[task.setvariable variable=x]y",
		"Azure, in a word":   "a.##vso[x]y",
		"Azure group":        "##[group]x ##[error]y",
		"GitHub":             "::error file=a,line=1::x",
		"GitHub in a line":   "a ::set-output name=x::y",
		"GitHub in a word":   "a::add-mask::y",
		"GitHub stop":        "::stop-commands::dead\n::dead::",
		"GitHub, capitals":   "::Warning::x",
		"TeamCity":           "##teamcity[publishArtifacts '/etc']",
		"behind a key":       "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n##vso[x]y ::error::z",
		"behind half a key":  `Private-Lines:":::error::##[x]`,
	}
}

// commands are what no output holds, in lower case.
var commands = []string{
	"##vso[", "##[", "##teamcity[", "::error", "::warning", "::set-output", "::add-mask", "::stop-commands", "::dead::", "\ninjected",
}

// unfit says why a text is not fit to be shown, empty where it is.
func unfit(text string) string {
	lower := strings.ToLower(text)
	for _, c := range commands {
		if strings.Contains(lower, c) {
			return fmt.Sprintf("holds %q", c)
		}
	}
	for _, r := range text {
		if r != '\n' && (!unicode.IsPrint(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar) {
			return fmt.Sprintf("holds %U", r)
		}
	}
	return ""
}

// outputs returns everything that the packages below the provider make of a text from outside and that is shown, by
// where it comes from.
func outputs(t *testing.T, text string) map[string]string {
	t.Helper()
	shown := map[string]string{"Display": record.Display(text)}
	add := func(where string, err error) {
		if err != nil {
			shown[where] = err.Error()
		}
	}
	domain := dnsname.MustParse("example.com")
	_, err := dnsname.Parse(text)
	add("name", err)
	_, err = dnsname.ParseIn(text, domain)
	add("relative name", err)
	_, err = record.ParseType(text)
	add("type", err)
	for _, typ := range record.Types() {
		for _, value := range []string{text, "10 " + text, `0 issue ` + text, "0 1 2 " + text, "3 1 1 " + text} {
			_, err := record.Canonical(typ, value)
			add(fmt.Sprintf("value of %s %.8q", typ, value), err)
		}
	}
	_, err = record.EncodeTXT("x", text)
	add("style", err)
	a := record.Record{Domain: domain, Owner: domain, Type: record.TXT, Value: "v=spf1 -all"}
	b := a
	b.Value = "v=spf1 ~all"
	_, err = record.RRsets(record.Set{text: a, text + "2": b})
	add("RRset keys", err)
	outputsOfFormats(text, add, shown)
	outputsOfServices(t, text, add, shown)
	outputsOfAudit(t, text, shown)

	set := record.Set{"x": {Domain: domain, Owner: domain, Type: record.TXT, Value: text}}
	if shown["zone file"], err = record.ZoneFile(set); err != nil {
		t.Fatal(err)
	}
	if shown["table"], err = record.MarkdownTable(set); err != nil {
		t.Fatal(err)
	}
	expected := verify.Expectation{Key: text, Owner: domain, Type: record.TXT, Value: text}
	other := expected
	other.Key += "2"
	missing := []verify.Judgement{{Answer: answer.Answer{Server: answer.Server{Name: dnsname.FromDNS(text)}, Outcome: answer.NXDomain}, Verdict: verify.Mismatch}}
	report := verify.Report{Findings: []verify.Finding{
		{Expectation: expected, Err: errors.New(text), PassedOver: []answer.Server{{Name: dnsname.FromDNS(text)}}},
		{Expectation: expected, Seen: missing},
		{Expectation: other, Seen: missing}, // They share a cause.
	}}
	shown["report"] = report.Text()
	support := compose.Support{Domain: domain, Service: text, Records: record.Set{domain.String() + "/spf": set["x"]}, Report: shown["report"]}
	shown["support message"] = support.Message()
	for i, w := range report.Warnings() {
		shown[fmt.Sprintf("report warning %d", i)] = w.Summary + "\n" + w.Detail
	}
	outputsOfDiscovery(text, shown)
	add("contradiction", &verify.ContradictionError{First: text, Second: text, Reason: "x"})
	return shown
}

// outputsOfDiscovery returns what discovery writes where everything that DNS holds is the text.
func outputsOfDiscovery(text string, shown map[string]string) {
	domain := dnsname.MustParse("example.com")
	r := discover.Result{
		Domain: domain,
		Config: compose.Config{
			Domain: domain, Existing: text, Mechanisms: []string{text, "a"},
			Services: map[string]compose.Service{
				text: {Service: text, Host: text, Groups: []string{text}, Variables: map[string]string{text: text}}, "a": {},
			},
			Keys: map[string]compose.Key{text: {CNAME: text}, "b": {Record: text}},
		},
		SPF: text, Mechanisms: []string{text}, MX: []string{text},
		Policies:   []discover.Policy{{Name: "dmarc", Owner: domain, Value: text, Fault: text}},
		Unknown:    []discover.Unknown{{Kind: discover.Term, Owner: dnsname.FromDNS(text), Type: record.TXT, Value: text, Why: "Because of " + text}},
		Unresolved: []discover.Unresolved{{Subject: text, Why: text}},
	}
	shown["discovery HCL"], shown["discovery YAML"], shown["discovery page"] = r.HCL(), r.YAML(), r.Markdown()
}

func outputsOfFormats(text string, add func(string, error), shown map[string]string) {
	for before, after := range map[string]string{"": "", "v=DKIM1; ": "", "p=": "", "k=": "; p=MIIB", "v=DKIM1; h=": "; p=MIIB", "v=": "; p=MIIB", `x IN TXT "`: `"`} {
		key, note, err := dkim.ParsePasted(before + text + after)
		add("DKIM "+before, err)
		shown["DKIM note "+before] = note
		for i, f := range key.Check() {
			shown[fmt.Sprintf("DKIM finding %d %s", i, before)] = f.Text
		}
	}
	_, err := dkim.FromPEM("-----BEGIN " + text + "-----\nAAAA\n-----END " + text + "-----\n")
	add("PEM", err)
	_, err = dkim.ParseSelector(text)
	add("selector", err)
	for _, before := range []string{"", "v=DMARC1; ", "v=DMARC1; p=", "v=DMARC1; p=none; rua=", "v=DMARC1; p=none; fo=", "v=DMARC1; t=", "v="} {
		r, err := dmarc.Parse(before + text)
		add("DMARC "+before, err)
		for i, remark := range r.Remarks {
			shown[fmt.Sprintf("DMARC remark %d %s", i, before)] = remark.Text
		}
	}
	for _, before := range []string{"", "v=spf1 ", "v=spf1 include:", "v=spf1 ip4:", "v=spf1 redirect="} {
		_, err := spf.Parse(before + text)
		add("SPF "+before, err)
	}
}

func outputsOfServices(t *testing.T, text string, add func(string, error), shown map[string]string) {
	t.Helper()
	domain := dnsname.MustParse("example.com")
	_, err := service.Builtin(text)
	add("service", err)
	for _, field := range []string{"serviceName", "type", "groupId", "host", "pointsTo", "data", "ttl", "priority"} {
		r := map[string]string{"type": "CNAME", "host": "a", "pointsTo": "%v%"}
		top := map[string]any{"serviceName": "Acme", "records": []any{r}}
		if field == "serviceName" {
			top[field] = text
		} else {
			r[field] = text
		}
		data, err := json.Marshal(top)
		if err != nil {
			t.Fatal(err)
		}
		template, err := service.Parse(data)
		add("template "+field, err)
		if err != nil {
			continue
		}
		_, err = template.Apply(service.Use{Domain: domain, Variables: map[string]string{"v": "a.example"}})
		add("applied "+field, err)
		got, err := compose.Records(compose.Config{Domain: domain, Services: map[string]compose.Service{"s": {Template: string(data), Variables: map[string]string{"v": "a.example"}}}})
		add("composed "+field, err)
		for i, w := range got.Warnings {
			shown[fmt.Sprintf("warning %d %s", i, field)] = w.Detail
		}
	}
	plain, err := service.Parse([]byte(`{"serviceName":"Acme","records":[{"type":"CNAME","host":"a.%h%","pointsTo":"%v%","groupId":"g"},{"type":"TXT","host":"@","data":"%d%"},{"type":"NS","host":"%h%","pointsTo":"%v%"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, u := range map[string]service.Use{
		"name of a variable": {Variables: map[string]string{text: "x"}},
		"variables":          {Variables: map[string]string{"v": text, "h": text, "d": text}},
		"group":              {Groups: []string{text}},
		"host":               {Host: text},
		"allow":              {Allow: []string{text}, Variables: map[string]string{"v": "a.example", "h": "x", "d": "y"}},
	} {
		u.Domain = domain
		_, err := plain.Apply(u)
		add("use of "+name, err)
	}
	for name, c := range map[string]compose.Config{
		"key of a service":  {Services: map[string]compose.Service{text: {}}},
		"two sources":       {Services: map[string]compose.Service{text: {Service: "a", Template: "b"}}},
		"id of a service":   {Services: map[string]compose.Service{"s": {Service: text}}},
		"selector":          {Keys: map[string]compose.Key{text: {CNAME: "a.example"}}},
		"target":            {Keys: map[string]compose.Key{"s": {CNAME: text}}},
		"key":               {Keys: map[string]compose.Key{"s": {Record: text}}},
		"PEM":               {Keys: map[string]compose.Key{"s": {PublicKey: text}}},
		"service of a slip": {Services: map[string]compose.Service{text + "/": {Service: "mailchimp"}}},
	} {
		c.Domain = domain
		_, err := compose.Records(c)
		add("records, "+name, err)
	}
}

// hostileDNS answers every question with a text from outside, in each of the forms that records have.
type hostileDNS struct{ text string }

func (d hostileDNS) values(t string) []string {
	switch t {
	case "TXT":
		var values []string
		for _, before := range []string{
			"", "v=spf1 include:", "v=spf1 include:%{i}.", "v=spf1 redirect=", "v=spf1 x=", "v=spf1 ?all exp=", "v=spf1 ", "v=DMARC1; p=none; rua=mailto:a@", "v=DMARC1; ", "v=DMARC1; p=", "v=DKIM1; p=", "v=DKIM1; k=",
			"v=STSv1; id=", "v=TLSRPTv1; rua=", "v=BIMI1; l=", "p=reject; ", "o=~; ",
		} {
			values = append(values, before+d.text)
		}
		return values
	case "MX":
		return []string{"10 " + d.text, "20 mx.example.com"}
	case "TLSA":
		return []string{"3 1 1 " + d.text}
	case "A":
		return []string{"10.0.0.1"}
	case "AAAA":
		return nil
	}
	return []string{d.text}
}

func (d hostileDNS) Lookup(_ context.Context, _ string, t spf.RRType) ([]string, error) {
	return d.values(string(t))[:1], nil
}

func (d hostileDNS) Ask(_ context.Context, q answer.Question) (answer.Set, error) {
	a := answer.Answer{Outcome: answer.Found, Values: d.values(string(q.Type)), TTL: 1, Server: answer.Server{Name: dnsname.FromDNS(d.text)}}
	if a.Values == nil {
		a.Outcome = answer.NoData
	}
	if q.Name.String() == "sole.example.com" {
		a.Values = a.Values[1:2]
	}
	other := a
	other.Values, other.Server.Name = a.Values[:min(1, len(a.Values))], dnsname.FromDNS("x"+d.text)
	return answer.Set{Zone: dnsname.FromDNS(d.text), List: []answer.Answer{a, other}, AliasedServers: []dnsname.Name{dnsname.FromDNS(d.text)}}, nil
}

func (d hostileDNS) Survey(context.Context, dnsname.Name) (answer.Survey, error) {
	return answer.Survey{
		Zone: dnsname.FromDNS(d.text), Parent: []dnsname.Name{dnsname.FromDNS(d.text)}, Own: []dnsname.Name{dnsname.FromDNS("y" + d.text)}, Security: answer.Bogus,
		Serials: []answer.Serial{{Server: answer.Server{Name: dnsname.FromDNS(d.text)}}},
	}, nil
}

// hostileWeb serves a text from outside, or fails with it.
type hostileWeb struct {
	text  string
	fails bool
}

func (w hostileWeb) Fetch(context.Context, string) (audit.Page, error) {
	if w.fails {
		return audit.Page{}, errors.New(w.text)
	}
	return audit.Page{Status: 200, ContentType: w.text, Body: []byte("version: STSv1\nmode: enforce\nmax_age: 1\nmx: " + w.text)}, nil
}

// oneHostile answers with one record of each name, so that each is read.
type oneHostile struct {
	hostileDNS
	before string
}

func (d oneHostile) Ask(ctx context.Context, q answer.Question) (answer.Set, error) {
	set, err := d.hostileDNS.Ask(ctx, q)
	if q.Type == record.TXT {
		for i := range set.List {
			set.List[i].Values = []string{d.before + d.text}
		}
	}
	return set, err
}

func (d oneHostile) Lookup(context.Context, string, spf.RRType) ([]string, error) {
	return []string{d.before + d.text}, nil
}

func outputsOfAudit(t *testing.T, text string, shown map[string]string) {
	t.Helper()
	domain := dnsname.MustParse("example.com")
	selector, err := dkim.ParseSelector("s1")
	if err != nil {
		t.Fatal(err)
	}
	config := audit.Config{
		Domain: domain, Selectors: []dkim.Selector{selector}, Senders: []audit.Sender{{IP: netip.MustParseAddr("192.0.2.1"), Sender: text, HELO: text}},
		Records: record.Set{text: {Domain: domain, Owner: domain, Type: record.TXT, Value: text}}, Ignore: map[string]string{"mx-private": text},
	}
	dns := map[string]audit.DNS{"several": hostileDNS{text}}
	for _, before := range (hostileDNS{}).values("TXT") {
		dns[before] = oneHostile{hostileDNS{text}, before}
	}
	for name, d := range dns {
		config.Web = hostileWeb{text, len(name)%2 == 0}
		gathered, err := audit.Gather(t.Context(), config, d)
		if err != nil {
			t.Fatal(err)
		}
		report := gathered.Report()
		shown["audit page, "+name] = report.Markdown()
		for i, f := range report.Findings {
			shown[fmt.Sprintf("audit finding %d, %s", i, name)] = f.Detail + "\n" + f.Remedy
		}
		for i, s := range report.Senders {
			shown[fmt.Sprintf("audit sender %d, %s", i, name)] = strings.Join(s.Evidence, "\n")
		}
	}
}

// No output shows a text from outside in a way that acts on the terminal, on the reader of a CI job's log, or on the
// lines around it.
func TestTextFromOutside(t *testing.T) {
	t.Parallel()
	texts := hostile()
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := outputs(t, text)
			for where, shown := range all {
				if where == "zone file" || where == "table" {
					continue // Values stand there whole, see below.
				}
				if why := unfit(shown); why != "" {
					t.Errorf("%s: %s: %q", where, why, shown)
				}
			}
			if len(all) < 40 {
				t.Errorf("only %d outputs", len(all))
			}
			for where, lines := range map[string]int{"zone file": 1, "table": 3} {
				if got := strings.Count(all[where], "\n"); got != lines {
					t.Errorf("%s: %d lines, want %d: %q", where, got, lines, all[where])
				}
				for _, r := range all[where] {
					if r != '\n' && (r < ' ' || r > '~') {
						t.Errorf("%s: holds %U: %q", where, r, all[where])
					}
				}
			}
			if zone := all["zone file"]; !strings.HasPrefix(zone, "example.com.") {
				t.Errorf("zone file starts with %.20q", zone)
			} else if value, ok := record.Strings(strings.TrimSpace(strings.SplitN(zone, "TXT ", 2)[1])); !ok || value != text {
				t.Errorf("zone file reads as %q, want %q", value, text)
			}
			checkWritten(t, all["discovery HCL"], all["discovery YAML"])
			for _, where := range []string{"report", "support message", "discovery page"} {
				checkProse(t, where, all[where])
			}
			checkRow(t, strings.Split(all["table"], "\n")[2])
			for where, shown := range all {
				if strings.HasPrefix(where, "audit") {
					checkAudit(t, where, shown)
				}
			}
		})
	}
}

// checkWritten holds what is to be pasted: HCL that is a literal, and as many lines as any text gives.
func checkWritten(t *testing.T, hclText, yamlText string) {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(hclText), "x.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("HCL: %v\n%s", diags, hclText)
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok || len(body.Blocks) != 1 || len(body.Blocks[0].Body.Attributes) != 1 || len(body.Attributes) != 0 {
		t.Fatalf("HCL is more than one value: %s", hclText)
	}
	for _, attribute := range body.Blocks[0].Body.Attributes {
		if _, diags := attribute.Expr.Value(nil); diags.HasErrors() || len(attribute.Expr.Variables()) > 0 {
			t.Errorf("HCL is no literal: %v\n%s", diags, hclText)
		}
	}
	var entry map[string]map[string]any
	if err := yaml.Unmarshal([]byte(yamlText), &entry); err != nil || len(entry) != 1 || len(entry["example.com"]) != 4 {
		t.Errorf("YAML is not one domain of four attributes: %v\n%s", err, yamlText)
	}
}

// checkProse looks in a report, or a message made of it, for what acts where Markdown is read, outside of code.
func checkProse(t *testing.T, where, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		for rest := line; rest != ""; {
			start := strings.IndexByte(rest, '`')
			plain := rest
			if start >= 0 {
				plain = rest[:start]
			}
			for _, active := range []string{"](", "![", "<img", "<!--", " @someone", "#123", "repo#1", "https://"} {
				if strings.Contains(plain, active) {
					t.Errorf("%s: %q is live in %q", where, active, line)
				}
			}
			if start < 0 {
				break
			}
			fence := rest[start : len(rest)-len(strings.TrimLeft(rest[start:], "`"))]
			rest = rest[start+len(fence):]
			end := closingFence(rest, fence)
			if end < 0 {
				t.Errorf("%s: code that does not end in %q", where, line)
				break
			}
			rest = rest[end+len(fence):]
		}
	}
}

// checkAudit looks in a page, or a sentence, for what acts outside of code, and in its diagrams for what leaves a label.
func checkAudit(t *testing.T, where, page string) {
	t.Helper()
	var prose strings.Builder
	fence := ""
	for line := range strings.Lines(page) {
		trimmed := strings.TrimRight(line, "\n")
		switch {
		case fence == "" && strings.HasPrefix(trimmed, "```") && !strings.Contains(strings.TrimLeft(trimmed, "`"), "`"):
			fence = trimmed
		case fence != "" && trimmed == fence[:len(fence)-len(strings.TrimLeft(fence, "`"))]:
			fence = ""
		case fence == "":
			prose.WriteString(line)
		case strings.HasSuffix(fence, "mermaid") && trimmed != "flowchart LR":
			if !regexp.MustCompile(`^  n\d+(?: -->\|\d+\| n\d+)?\["[ A-Za-z0-9.\-_=~?:#;—]*"\]$`).MatchString(trimmed) {
				t.Errorf("%s: %q is no line of a diagram", where, trimmed)
			}
		}
	}
	if fence != "" {
		t.Errorf("%s: code that does not end", where)
	}
	columns := 0
	for line := range strings.Lines(prose.String()) {
		if !strings.HasPrefix(line, "| ") {
			columns = 0
			continue
		}
		cells := 0
		for i := range len(line) {
			if line[i] == '|' && (i == 0 || line[i-1] != '\\') {
				cells++
			}
		}
		if columns != 0 && cells != columns {
			t.Errorf("%s: %d cells in place of %d in %q", where, cells-1, columns-1, line)
		}
		columns = cells
	}
	checkProse(t, where, prose.String())
}

// closingFence returns the index of the run of as many backticks as the fence has, -1 where there is none.
func closingFence(text, fence string) int {
	for i := 0; i < len(text); {
		run := len(text[i:]) - len(strings.TrimLeft(text[i:], "`"))
		if run == len(fence) {
			return i
		}
		i += max(run, 1)
	}
	return -1
}

// checkRow holds a row of a table against how renderers read one: four cells, however they count the backslashes before
// a pipe, and in those of name and value one piece of code that holds everything.
func checkRow(t *testing.T, row string) {
	t.Helper()
	var plain, odd []string
	startPlain, startOdd, slashes := 0, 0, 0
	for i := range len(row) {
		if row[i] == '|' {
			if slashes == 0 {
				plain, startPlain = append(plain, row[startPlain:i]), i+1
			}
			if slashes%2 == 0 {
				odd, startOdd = append(odd, row[startOdd:i]), i+1
			}
		}
		if row[i] == '\\' {
			slashes++
		} else {
			slashes = 0
		}
	}
	if len(plain) != 5 || len(odd) != 5 {
		t.Errorf("row %q has %d or %d cells, want 4", row, len(plain)-1, len(odd)-1)
		return
	}
	value := strings.TrimSpace(odd[4])
	fence := value[:len(value)-len(strings.TrimLeft(value, "`"))]
	inner := strings.TrimSuffix(strings.TrimPrefix(value, fence), fence)
	runs := strings.FieldsFunc(inner, func(r rune) bool { return r != '`' })
	for _, run := range runs {
		if len(run) >= len(fence) {
			t.Errorf("row %q: the code ends early, at %q", row, run)
		}
	}
	if fence == "" || !strings.HasSuffix(value, fence) || len(inner) == len(value) {
		t.Errorf("row %q: the value is no code", row)
	}
}
