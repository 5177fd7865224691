package dmarc_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

func TestNotDMARC(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"empty":               {" \n", "the text is empty"},
		"a blank before it":   {" v=DMARC1; p=none", "remove the blanks"},
		"a tab before it":     {"\tv=DMARC1; p=none", "remove the blanks"},
		"blank for semicolon": {"v=DMARC1 p=none", `write ";" for " "`},
		"no value":            {"v=DMARC1 p=", "and starts with"},
		"comma":               {"v=DMARC1, p=none; rua=mailto:a@example.com", `write ";" for ", "`},
		"colon":               {"v=DMARC1: p=none", `write ";" for ": "`},
		"backslashes":         {`v=DMARC1\; p=none\;`, `write ";" for "\;"`},
		"lower case":          {"v=dmarc1; p=none", `write "v=DMARC1" for "v=dmarc1"`},
		"no name":             {"DMARC1; p=none", `write "v=DMARC1" for "DMARC1"`},
		"no number":           {"v=DMARC; p=none", `write "v=DMARC1" for "v=DMARC"`},
		"colon for equals":    {"v:DMARC1; p=none", `write "v=DMARC1" for "v:DMARC1"`},
		"blank inside":        {"v=DMARC 1; p=none", `write "v=DMARC1" for "v=DMARC 1"`},
		"number with a point": {"v=DMARC1.0; p=reject", `write "v=DMARC1" for "v=DMARC1.0"`},
		"another version":     {"v=DMARC2; p=reject", `and starts with "v=DMARC2"`},
		"no version":          {"p=reject; rua=mailto:a@example.com", `write "v=DMARC1; " before it`},
		"MTA-STS":             {"v=STSv1; id=1", "it is an MTA-STS record"},
		"version late":        {"p=none; v=DMARC1", "come later in it"},
		"quotes":              {`"v=DMARC1; p=none"`, "give the texts between the quotes"},
		"zone file":           {`_dmarc 300 IN TXT "v=DMARC1\; p=none"`, "a line of a zone file for _dmarc: give the text"},
		"zone file, SPF":      {`@ IN TXT "v=spf1 -all"`, "whose value is not a record: it is an SPF record"},
		"label":               {"Value: v=DMARC1; p=none", `remove "Value:" before that`},
		"type TXT":            {"TXT=v=DMARC1; p=none", `remove "TXT=" before that`},
		"console":             {"Host: _dmarc\nType: TXT\nValue: v=DMARC1; p=none", "before that"},
		"HTML":                {"v=DMARC1&semi; p=none", "as HTML writes them"},
		"for a URL":           {"v=DMARC1%3B%20p%3Dnone", "urldecode()"},
		"quoted-printable":    {"v=3DDMARC1; p=3Dnone", `write "=" for "=3D"`},
		"small semicolon":     {"v=DMARC1﹔ p=none", "U+FE54: write the ASCII semicolon"},
		"vertical semicolon":  {"v=DMARC1︔ p=none", "U+FE14: write the ASCII semicolon"},
		"type in quotes":      {`"TXT" "v=DMARC1; p=none"`, "it is a line of a zone file: give the texts between the quotes"},
		"zone file, bare":     {"_dmarc.example.com. 300 IN TXT v=DMARC1; p=none", "it is a line of a zone file for _dmarc.example.com.: give the text after its type TXT"},
		"JSON list":           {`["v=DMARC1; ", "p=none"]`, "it is a list of strings, as JSON and Terraform have them"},
		"assignment":          {`content = "v=DMARC1; p=none"`, "it is a value with the name content"},
		"single quotes":       {`'v=DMARC1; p=none'`, "it is a text in single quotes"},
		"one quote":           {`v=DMARC1; p=none"`, ""},
		"one quote before":    {`"v=DMARC1; p=none`, "remove the quotation marks"},
		"smart quotes":        {"“v=DMARC1; p=none”", "U+201C: remove quotation marks"},
		"no-break blank":      {"\u00a0v=DMARC1; p=none", "U+00A0: write an ordinary blank"},
		"byte order mark":     {"\ufeffv=DMARC1; p=none", "U+FEFF: remove this invisible character"},
		"full-width colon":    {"v=DMARC1； p=none", `write the ASCII semicolon ";"`},
		"line break":          {"\nv=DMARC1; p=none", "trimspace()"},
		"SPF":                 {"v=spf1 -all", "it is an SPF record"},
		"DKIM":                {"v=DKIM1; p=MIIB", "it is a DKIM key record"},
		"something else":      {"hello \x1b[2J", `and starts with "hello \027[2J"`},
		"too long":            {"v=DMARC1; p=none;" + strings.Repeat(" ", record.MaxTXT), "at most"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := dmarc.Parse(tt.in)
			if tt.want == "" {
				if err != nil {
					t.Errorf("Parse(%q): %v", tt.in, err)
				}
				return
			}
			if !errors.Is(err, dmarc.ErrNotDMARC) || !strings.Contains(err.Error(), tt.want) || strings.HasSuffix(err.Error(), ".") {
				t.Errorf("Parse(%q) error = %v, want one with %q", tt.in, err, tt.want)
			}
		})
	}
}

func TestTagMistakes(t *testing.T) {
	t.Parallel()
	const rua = "rua=mailto:a@x.example"
	tests := map[string]struct{ tags, want string }{
		"semicolon between addresses":       {"p=none; " + rua + ";mailto:b@x.example", `addresses are separated by commas, not by semicolons: write ",mailto:b@x.example"`},
		"semicolon, no mailto":              {"p=none; " + rua + "; b@x.example", `write ",mailto:b@x.example"`},
		"semicolon, with a query":           {"p=none; " + rua + "; mailto:b@x.example?subject=x", "addresses are separated by commas"},
		"blank between addresses":           {"p=none; " + rua + " mailto:b@x.example", "addresses are separated by commas"},
		"mail:":                             {"p=none; rua=mail:a@x.example", `write "mailto:a@x.example"`},
		"slashes":                           {"p=none; rua=mailto://a@x.example", `write "mailto:a@x.example"`},
		"blank behind the scheme":           {"p=none; rua=mailto: a@x.example", `write "mailto:a@x.example"`},
		"angle brackets":                    {"p=none; rua=mailto:<a@x.example>", `write "mailto:a@x.example"`},
		"equals sign":                       {"p=none; rua=mailto=a@x.example", `write "mailto:a@x.example"`},
		"no scheme":                         {"p=none; rua=a@x.example", "write mailto: before it"},
		"nothing behind a comma":            {"p=none; " + rua + ",", "nothing between two commas"},
		"fo by a colon":                     {"p=none; ruf=mailto:a@x.example; fo:0", `write "fo=0"`},
		"p by a colon":                      {"p:none", `write "p=none"`},
		"p by a blank":                      {"p none", `write "p=none"`},
		"rua by a colon":                    {"p=none; rua:mailto:a@x.example", `write "rua=mailto:a@x.example"`},
		"no semicolon behind p":             {"p=none " + rua, `a semicolon is missing before "rua="`},
		"comma behind p":                    {"p=none, " + rua, `a semicolon is missing before "rua="`},
		"comma behind rua":                  {"p=none; " + rua + ", fo=1", `a semicolon is missing before "fo="`},
		"no semicolon behind rua":           {"p=none; " + rua + " pct=100", `a semicolon is missing before "pct="`},
		"backslash behind p":                {`p=none\; ` + rua, "a backslash stands before the semicolon"},
		"smart quotes":                      {"p=“none”", "U+201C: remove quotation marks"},
		"quotes":                            {`p="none"`, "it holds quotes: remove them"},
		"no-break blank":                    {"p=none;\u00a0" + rua, "U+00A0: write an ordinary blank"},
		"no-break blank in a value":         {"p=\u00a0none", "U+00A0: write an ordinary blank"},
		"line break":                        {"p=none\n", "trimspace()"},
		`literal \n`:                        {`p=none\n`, `two characters \n`},
		"alignment in full":                 {"p=none; adkim=relaxed", "write adkim=r"},
		"alignment in full, SPF":            {"p=none; aspf=Strict", "write aspf=s"},
		"test in full":                      {"p=reject; t=yes", "write t=y"},
		"psd in full":                       {"p=none; psd=no", "write psd=n"},
		"policy of other words":             {"p=quarantined", "write p=quarantine"},
		"fo with commas":                    {"p=none; ruf=mailto:a@x.example; fo=1,d,s", "write fo=1:d:s"},
		"fo with both":                      {"p=none; ruf=mailto:a@x.example; fo=0:1", "0 and 1 exclude each other; the default, fo=0, counts"},
		"fo with two d":                     {"p=none; ruf=mailto:a@x.example; fo=d:d", `"d" appears twice; the default, fo=0, counts`},
		"pct=100":                           {"p=none; pct=100", "RFC 9989 has removed it: leave it out."},
		"pct=0":                             {"p=reject; pct=0", "set t=y instead"},
		"pct=25":                            {"p=reject; pct=25", "counts for all mail"},
		"pct of nonsense":                   {"p=reject; pct=lots", "leave it out."},
		"t=y lowers":                        {"p=reject; t=y", "quarantine in place of reject"},
		"t=y lowers quarantine":             {"p=quarantine; t=y", "none in place of quarantine"},
		"t=y changes nothing":               {"p=none; t=y", "changes nothing"},
		"psd with ruf":                      {"p=none; psd=y; ruf=mailto:a@x.example", "psd=y with ruf"},
		"no policy":                         {"", "one without DMARC"},
		"no policy, no usable rua":          {"rua=mail:a@x.example", "one without DMARC"},
		"no policy, rua":                    {rua, "counts as p=none"},
		"unusable policy, no rua":           {"p=nono", "one without DMARC"},
		"unusable policy, rua":              {"p=nono; " + rua, "counts as p=none"},
		"a name with a look-alike":          {"p=none; rua：=mailto:a@x.example", "U+FF1A"},
		"address without a domain":          {"p=none; rua=mailto:a@", "one mail address"},
		"address of a domain that is none":  {"p=none; rua=mailto:a@b..c", "one mail address"},
		"removed tag by a colon":            {"p=none; rf:afrf", "there is one format of failure reports; leave it out"},
		"pct by a colon":                    {"p=none; pct:50", "RFC 9989 has removed it: the policy counts for all mail"},
		"option alone":                      {"p=none; 0", `write "fo=0"`},
		"policy alone":                      {"reject; " + rua, `write "p=reject"`},
		"policy alone, behind p":            {"p=quarantine; none", "it may be the value of sp or np"},
		"alignment alone":                   {"p=none; r", "it may be the value of adkim or aspf"},
		"equals sign alone before":          {"=none", `write "p=none"`},
		"word alone":                        {"p=none; hello", "DMARC knows no such tag; leave it out"},
		"name alone":                        {"p=none; rua", "it has no value: join one to it"},
		"options cut off":                   {"p=none; fo=1;d;s", `write "fo=1:d:s"`},
		"options cut off, excluded":         {"p=none; fo=0;1", "options are separated by colons, not by semicolons."},
		"options together":                  {"p=none; fo=1ds", "write fo=1:d:s"},
		"options, a colon too many":         {"p=none; fo=1:", "write fo=1"},
		"no equals sign":                    {"p=none; ruamailto:a@x.example", `write "rua=mailto:a@x.example"`},
		"no equals sign, sp":                {"p=none; spreject", `write "sp=reject"`},
		"a hyphen for the equals sign":      {"p-reject", `write "p=reject"`},
		"address before rua":                {"p=none; a@x.example", `write "rua=mailto:a@x.example"`},
		"address far from rua":              {rua + "; p=none; mailto:b@x.example", "addresses stand in rua and ruf"},
		"semicolon behind mailto":           {"p=none; ruf=mailto;a@x.example", `write "ruf=mailto:a@x.example"`},
		"third address":                     {"p=none; ruf=mailto:a@x.example;mailto:b@x.example;c@x.example", `write ",mailto:c@x.example"`},
		"single quotes around a name":       {"'p'=none", `its name holds quotes: remove them; write "p=none"`},
		"backticks around a tag":            {"`p=none`", `its name holds quotes: remove them; write "p=none"`},
		"small equals sign":                 {"p﹦none", `U+FE66: write the ASCII equals sign`},
		"relax":                             {"p=none; aspf=relax", "write aspf=r"},
		"address of a host":                 {"p=none; rua=mailto:a@192.0.2.1", "not an address for reports"},
		"line break before a name":          {"\np=none", `it holds a line break; write the record in one line (trimspace() drops one at the end); write "p=none"`},
		`literal \n before a name`:          {`p=none; \n ` + rua, `two characters \n: leave it out; write "rua=mailto:a@x.example"`},
		"quotes before a name":              {`p=none; ""` + rua, `it holds quotes: remove them; write "rua=mailto:a@x.example"`},
		"full-width semicolon":              {"p=none； " + rua, `U+FF1B: write the ASCII semicolon ";"`},
		"no address":                        {"p=none; rua=", "it holds no address"},
		"test of subdomains":                {"p=none; sp=reject; t=Y", "(t=y): quarantine in place of reject for its subdomains;"},
		"test of all":                       {"p=reject; sp=quarantine; np=reject; t=y", "quarantine in place of reject for the domain, none in place of quarantine for its subdomains, quarantine in place of reject for subdomains that do not exist;"},
		"address twice":                     {"p=none; " + rua + ",MAILTO:a@x.example", "twice in rua"},
		"host of one label":                 {"p=none; rua=mailto:a@x", "two labels or more"},
		"domain in Unicode":                 {"p=none; rua=mailto:a@bücher.example", `write "mailto:a@xn--bcher-kva.example"`},
		"local part in Unicode":             {"p=none; rua=mailto:ä@x.example", "a URI is ASCII"},
		"a link of Markdown":                {"p=none; rua=[mailto:a@x.example](mailto:a@x.example)", `write "mailto:a@x.example"`},
		"letter missing":                    {"p=rejct", "write p=reject"},
		"letters exchanged":                 {"p=none; sp=qaurantine", "write sp=quarantine"},
		"two equals signs":                  {"p==none", "write p=none"},
		"name of p":                         {"policy=reject", `write "p=reject"`},
		"name of p, with p":                 {"p=none; policy=reject", "check the spelling"},
		"slip in a name":                    {"p=none; adikm=s", `write "adkim=s"`},
		"slip between names":                {"p=none; ru=mailto:a@x.example", "check the spelling"},
		"web address that receivers ignore": {"p=none; rua=ftp://x.example", "reports by mail"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := dmarc.Parse("v=DMARC1; " + tt.tags)
			if err != nil {
				t.Fatal(err)
			}
			says := func(r dmarc.Remark) bool { return strings.Contains(r.Text, tt.want) }
			if !slices.ContainsFunc(r.Remarks, says) {
				t.Errorf("Parse(%q) remarks %+v, want one that says %q", tt.tags, r.Remarks, tt.want)
			}
		})
	}
}

func TestFailureOptions(t *testing.T) {
	t.Parallel()
	for fo, want := range map[string]string{
		"": "0", "; fo=1": "1", "; fo=1:d:s": "1:d:s", "; fo=s:d:0": "s:d:0", "; fo=d:s": "d:s", "; fo= D : 1 ": "d:1",
		"; fo=0:1": "0", "; fo=d:d": "0", "; fo=1:x": "0", "; fo=": "0", "; fo=1:": "0",
	} {
		r, err := dmarc.Parse("v=DMARC1; p=none; ruf=mailto:a@example.com" + fo)
		if got := strings.Join(r.FailureOptions(), ":"); err != nil || got != want {
			t.Errorf("FailureOptions of %q = %q, %v, want %q", fo, got, err, want)
		}
		if invalid := slices.ContainsFunc(r.Remarks, func(r dmarc.Remark) bool { return r.Tag == "fo" && r.Unusable }); invalid != (want == "0" && fo != "") {
			t.Errorf("%q is remarked on as unusable: %t; remarks %+v", fo, invalid, r.Remarks)
		}
	}
}

// A value that a remark says to write is one that its tag can have.
func TestRemarksSuggestWhatParses(t *testing.T) {
	t.Parallel()
	advice := regexp.MustCompile(`write (?:"([^"]+)"|([a-z]+=[a-z0-9:]+))`)
	var inputs []string
	for _, address := range []string{"a@x.example", "b+c@sub.example.com"} {
		for _, form := range []string{
			"rua=%s", "rua=mail:%s", "rua=mailto://%s", "ruf=mailto: %s", "rua=<%s>", "rua=mailto:<%s>", "ruf=mailto=%s", "rua:mailto:%s",
			"rua=mailto:z@x.example;mailto:%s", "rua=mailto:z@x.example; %s", "ruf=mailto:z@x.example!10m;%s", "rua=MAIL:%s", "rua=email:%s",
		} {
			inputs = append(inputs, "p=none; "+fmt.Sprintf(form, address))
		}
	}
	for _, tag := range []string{"adkim", "aspf", "psd", "t", "p", "sp", "np", "fo"} {
		for _, value := range []string{"relaxed", "strict", "yes", "no", "true", "monitor", "rejected", "1,d,s", "1 d", "d,s", "0/1", "quarentine"} {
			inputs = append(inputs, "p=none; "+tag+"="+value, tag+":"+value, tag+" "+value)
		}
		inputs = append(inputs, tag+":none", tag+":r", tag+":y", tag+":1")
	}
	for _, tag := range []string{"adkim", "aspf", "psd", "t", "p", "sp", "np", "fo", "rua", "ruf", "rf", "ri", "pct", "v", "x", "policy", ""} {
		for _, value := range []string{"none", "reject", "rejct", "r", "s", "y", "0", "1", "d", "afrf", "86400", "mailto:a@x.example", "a@x.example", "a@x", "mailto", "", "…", "“none”", "\n", `\n`, `"`, strings.Repeat("x", 90) + "@x.example"} {
			for _, sep := range []string{"", ":", " ", "-", ";", "=", "==", "; =", "=\n", `=\n`, `="`} {
				inputs = append(inputs, tag+sep+value, "p=none; "+tag+sep+value, "p=none; fo=1; "+tag+sep+value, "p=none; rua=mailto:z@x.example; "+tag+sep+value, "\n"+tag+sep+value, `"`+tag+sep+value)
			}
		}
	}
	checked := 0
	for _, in := range inputs {
		r, err := dmarc.Parse("v=DMARC1; " + in)
		if err != nil {
			t.Fatal(err)
		}
		for _, remark := range r.Remarks {
			m := advice.FindStringSubmatch(remark.Text)
			if m == nil {
				continue
			}
			checked++
			suggested := m[1] + m[2]
			switch {
			case strings.HasPrefix(suggested, "mailto:"):
				suggested = "rua=" + suggested
			case strings.HasPrefix(suggested, ","):
				suggested = "rua=mailto:z@x.example" + suggested
			}
			if len(suggested) == 1 {
				continue // a character
			}
			tag, _, _ := strings.Cut(suggested, "=")
			before := "v=DMARC1; p=none; "
			if tag == "p" {
				before = "v=DMARC1; "
			}
			again, err := dmarc.Parse(before + suggested)
			refused := func(r dmarc.Remark) bool { return r.Tag == tag && strings.Contains(r.Text, "ignored") }
			if err != nil || slices.ContainsFunc(again.Remarks, refused) || !strings.Contains(suggested, "=") {
				t.Errorf("Parse(%q) remarks %q; what it suggests gives %+v, %v", in, remark.Text, again.Remarks, err)
			}
		}
	}
	if checked < 1000 {
		t.Errorf("only %d suggestions were checked", checked)
	}
}

// TestRemarksUndoMistakes breaks tags that are right, and follows the remarks: the tag is there again.
func TestRemarksUndoMistakes(t *testing.T) {
	t.Parallel()
	tags := []string{"p=none", "p=reject", "sp=quarantine", "np=reject", "adkim=s", "aspf=r", "psd=n", "t=y", "fo=1:d:s", "fo=0", "rua=mailto:a@x.example", "ruf=mailto:b+c@sub.x.example"}
	mistakes := map[string]func(name, value string) string{
		"colon":         func(name, value string) string { return name + ":" + value },
		"blank":         func(name, value string) string { return name + " " + value },
		"nothing":       func(name, value string) string { return name + value },
		"hyphen":        func(name, value string) string { return name + "-" + value },
		"arrow":         func(name, value string) string { return name + "->" + value },
		"line break":    func(name, value string) string { return "\n" + name + "=" + value },
		`literal \n`:    func(name, value string) string { return `\n` + name + "=" + value },
		`literal \r\n`:  func(name, value string) string { return `\r\n` + name + "=" + value },
		"quotes":        func(name, value string) string { return `""` + name + "=" + value },
		"quote, blank":  func(name, value string) string { return `" "` + name + "=" + value },
		"escaped quote": func(name, value string) string { return `\"` + name + "=" + value },
		"backslash":     func(name, value string) string { return name + `\=` + value },
	}
	for how, mistake := range mistakes {
		for _, tag := range tags {
			name, value, _ := strings.Cut(tag, "=")
			in := "v=DMARC1; " + mistake(name, value)
			r, err := dmarc.Parse(in)
			if err != nil {
				t.Errorf("%s: Parse(%q): %v", how, in, err)
				continue
			}
			if !slices.ContainsFunc(r.Remarks, func(r dmarc.Remark) bool { return strings.Contains(r.Text, "write \""+tag+"\"") }) {
				t.Errorf("%s: Parse(%q) remarks %+v, want one that says to write %q", how, in, r.Remarks, tag)
			}
		}
	}
}

// Slips of one letter in a policy find it again.
func TestSlips(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"none", "quarantine", "reject"} {
		for i := range len(word) {
			slips := []string{word[:i] + word[i+1:], word[:i] + "x" + word[i+1:], word[:i] + "x" + word[i:], "=" + word, word + ".", strings.ToUpper(word) + ":"}
			if i > 0 && word[i] != word[i-1] {
				slips = append(slips, word[:i-1]+word[i:i+1]+word[i-1:i]+word[i+1:])
			}
			for _, slip := range slips {
				r, err := dmarc.Parse("v=DMARC1; p=" + slip)
				if err != nil || len(r.Remarks) == 0 || !strings.Contains(r.Remarks[0].Text, "; write p="+word+".") {
					t.Errorf("p=%s: remarks %+v, %v, want one that says to write p=%s", slip, r.Remarks, err, word)
				}
			}
		}
	}
	for _, value := range []string{"", "x", "no", "n", "deny", "rejectt.t", "quarantinereject"} {
		r, err := dmarc.Parse("v=DMARC1; p=" + value)
		if err != nil || strings.Contains(r.Remarks[0].Text, "write p=") {
			t.Errorf("p=%s: remarks %+v, %v, want none that says what to write", value, r.Remarks, err)
		}
	}
}

// What a remark or an error shows of a record stays small, however long the record is.
func TestManyRemarks(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{"x", "rua=a", "mailto:a@b.example", "p=none", "\x1b[2J=" + strings.Repeat("x", 200)} {
		text := "v=DMARC1;" + strings.Repeat(tag+";", (record.MaxTXT-20)/(len(tag)+1)) + "p=nono"
		r, err := dmarc.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		for _, remark := range r.Remarks {
			size += len(remark.Text)
		}
		if len(r.Remarks) > dmarc.MaxRemarks+5 || size > 32<<10 {
			t.Errorf("%q many times over: %d remarks of %d octets", tag, len(r.Remarks), size)
		}
		if tag != "p=none" && r.Applies() {
			t.Errorf("%q many times over: the unusable policy behind them is lost", tag)
		}
		if last := r.Remarks[len(r.Remarks)-1].Text; !strings.Contains(last, "more warnings") {
			t.Errorf("%q many times over: the last remark is %q", tag, last)
		}
	}
}

func BenchmarkParseLongest(b *testing.B) {
	text := "v=DMARC1;" + strings.Repeat("a;", record.MaxTXT/2-10)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := dmarc.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
