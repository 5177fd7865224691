package dkim_test

import (
	"crypto/x509"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// goodRecord is what the mistakes of the tests below are made of.
func goodRecord(t testing.TB) (text, key string) {
	t.Helper()
	key = b64(spki(t, rsaKey(2048)))
	return "v=DKIM1; k=rsa; p=" + key, key
}

func TestParsePasted(t *testing.T) {
	t.Parallel()
	text, _ := goodRecord(t)
	first, second := text[:200], text[200:]
	tests := map[string]struct{ in, note string }{
		"opendkim's file": {
			"s1._domainkey\tIN\tTXT\t( \"" + text[:16] + "\"\n\t  \"" + text[16:200] + "\"\n\t  \"" + second + "\" )  ; ----- DKIM key s1 for example.com\n",
			"a line of a zone file for s1._domainkey",
		},
		"line with a TTL":        {"s1._domainkey.example.com. 3600 IN TXT \"" + first + "\" \"" + second + "\"", "s1._domainkey.example.com."},
		"line without an owner":  {"300 IN txt \"" + first + "\" \"" + second + "\"", "a line of a zone file:"},
		"type alone":             {"TXT \"" + text + "\"", "a line of a zone file:"},
		"escaped semicolons":     {`"` + strings.ReplaceAll(text, ";", `\;`) + `"`, "quoted strings"},
		"quoted":                 {"\"" + first + "\" \"" + second + "\"\n", "quoted strings"},
		"quoted in two lines":    {"\"" + first + "\"\n\"" + second + "\"", "quoted strings"},
		"quoted, no blank":       {`"` + first + `""` + second + `"`, "quoted strings"},
		"Route 53":               {first + `""` + second, "Terraform files for Route 53"},
		"Route 53, three":        {first[:100] + `""` + first[100:] + `" "` + second, "Route 53"},
		"Route 53, HCL escapes":  {first + `\"\"` + second, "Route 53"},
		"type in quotes":         {`"TXT" "` + text + `"`, "a line of a zone file:"},
		"columns in quotes":      {`"s1._domainkey","IN","TXT","` + first + `","` + second + `"`, "a line of a zone file for s1._domainkey:"},
		"line without quotes":    {"s1._domainkey IN TXT " + text, "for s1._domainkey: it was read as the value after its type"},
		"line, TTL in hours":     {"s1._domainkey 1h IN TXT " + text, "for s1._domainkey:"},
		"line, escapes":          {"s1._domainkey IN TXT " + strings.ReplaceAll(text, ";", `\;`), "for s1._domainkey:"},
		"line, brackets":         {"s1._domainkey IN TXT ( " + strings.Replace(text, "; p", ";\n p", 1) + " )", "for s1._domainkey:"},
		"PHP":                    {`("` + first + `" . "` + second + `")`, "quoted strings"},
		"continued line":         {"\"" + first + "\" \\\n\"" + second + `"`, "quoted strings"},
		"semicolon between":      {`"` + first + `"; "` + second + `"`, "quoted strings"},
		"both quotes, inside":    {`"'` + text + `'"`, "quoted strings"},
		"fence":                  {"```\n" + text + "\n```", "backticks: it was read as the joined strings"},
		"change batch":           {`"Value": "\"` + first + `\"\"` + second + `\"",`, "a value with the name Value"},
		"TXT without quotes":     {"TXT " + text, "a line of a zone file: it was read as the value after its type"},
		"JSON list":              {`["` + first + `", "` + second + `"]`, "as JSON and Terraform have them"},
		"JSON object":            {`{"s1": "` + text + `"}`, "a value with the name s1"},
		"commas":                 {`"` + first + `", "` + second + `"`, "quoted strings"},
		"comma at the seam":      {first + `","` + second, "Route 53"},
		"plus at the seam":       {first + `" + "` + second, "Route 53"},
		"assignment":             {`value = "` + text + `"`, "a value with the name value"},
		"assignment of a list":   {`records = ["` + first + `\"\"` + second + `"]`, "a value with the name records"},
		"nslookup":               {"s1._domainkey.example.com\ttext = \"" + first + "\"\n\n\t\"" + second + "\"", "an answer that nslookup prints"},
		"host":                   {"s1._domainkey.example.com descriptive text \"" + first + "\" \"" + second + "\"", "an answer that host prints"},
		"quoted twice":           {`"\"` + first + `\" \"` + second + `\""`, "quoted strings"},
		"backticks":              {"`" + text + "`", "backticks"},
		"CSV":                    {`s1._domainkey,TXT,"` + text + `"`, "a line of a zone file for s1._domainkey:"},
		"line break at the seam": {first + "\"\n\"" + second, "Route 53"},
		"single quotes":          {"'" + text + "'", "single quotes"},
		"both quotes":            {`'"` + first + `" "` + second + `"'`, "quoted strings"},
		"Route 53, HCL, a blank": {first + `\" \"` + second, "Route 53"},
		"the value itself":       {text, ""},
	}
	want := parse(t, text)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, note, err := dkim.ParsePasted(tt.in)
			if err != nil || got != want {
				t.Fatalf("ParsePasted(%q) = %v, %v, want %v", tt.in, got, err, want)
			}
			if !strings.Contains(note, tt.note) || (note == "") != (tt.note == "") {
				t.Errorf("ParsePasted(%q) note = %q, want %q in it", tt.in, note, tt.note)
			}
			// What DNS serves is no paste: quotes in it are a mistake.
			if _, err := dkim.Parse(tt.in); (err == nil) != (tt.note == "") {
				t.Errorf("Parse(%q) error = %v", tt.in, err)
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	text, key := goodRecord(t)
	replaced := func(from, to string) string { return strings.ReplaceAll(text, from, to) }
	tests := map[string]struct{ in, want string }{
		"no semicolons":            {replaced(";", ""), "in place of the blank"},
		"one semicolon missing":    {replaced("rsa;", "rsa"), `a semicolon is missing before "p="`},
		"none before k":            {replaced("DKIM1;", "DKIM1"), "its tags are not separated by semicolons"},
		"none behind p":            {"v=DKIM1; p=" + key + " t=s", `a semicolon is missing before "t="`},
		"commas":                   {replaced(";", ","), "in place of the comma"},
		"comma before p":           {replaced("rsa;", "rsa,"), `a semicolon is missing before "p="`},
		"comma behind p":           {text + ",", "tags are separated by semicolons"},
		"colons":                   {replaced(";", ":"), `in place of ":"`},
		"bars":                     {replaced(";", " |"), `in place of "|"`},
		"backslashes":              {replaced(";", `\;`), "backslash"},
		"backslash, no version":    {`k=rsa\; p=` + key, "backslash"},
		`literal \n`:               {replaced("; ", `;\n`), `two characters \n`},
		`literal \n in p`:          {text[:100] + `\n` + text[100:], `two characters \n`},
		`\n for semicolons`:        {replaced("; ", `\n`), "in place of the backslash"},
		"colon for equals":         {replaced("p=", "p:"), `write "p=" for "p:"`},
		"colon in the version":     {replaced("v=", "v:"), `write "v=" for "v:"`},
		"version without a name":   {replaced("v=DKIM1", "DKIM1"), `write "v=DKIM1"`},
		"version alone":            {"DKIM1", `write "v=DKIM1"`},
		"version of none":          {replaced("DKIM1", "DKIM2"), `its version is "DKIM2"`},
		"bare base64":              {key, `write "v=DKIM1; k=rsa; p=" before it`},
		"bare base64 in lines":     {key[:64] + "\n" + key[64:] + "\n", `write "v=DKIM1; k=rsa; p=" before it`},
		"bare PKCS#1":              {b64(x509.MarshalPKCS1PublicKey(rsaKey(2048))), `write "v=DKIM1; k=rsa; p=" before it`},
		"bare Ed25519":             {b64(edKey()), `write "v=DKIM1; k=ed25519; p=" before it`},
		"PEM":                      {armour("PUBLIC KEY", spki(t, rsaKey(2048))), "a key in PEM"},
		"PEM in p":                 {"k=rsa; p=" + strings.ReplaceAll(armour("PUBLIC KEY", spki(t, rsaKey(2048))), "\n", ""), "a key in PEM"},
		"line break in p":          {text[:100] + "\n" + text[100:], `replace(…, "\n", "")`},
		"smart quotes":             {"“" + text + "”", "U+201C: remove quotation marks"},
		"smart quotes, no p":       {"“v=DKIM1”", "U+201C: remove quotation marks"},
		"no-break blank":           {replaced("; ", ";\u00a0"), "U+00A0: write an ordinary blank"},
		"no-break blank in p":      {text[:100] + "\u00a0" + text[100:], "U+00A0: write an ordinary blank"},
		"byte order mark":          {"\ufeff" + text, "U+FEFF: remove this invisible character"},
		"zero width in p":          {text[:100] + "\u200b" + text[100:], "U+200B: remove this invisible character"},
		"full-width semicolons":    {replaced(";", "；"), `write the ASCII semicolon ";"`},
		"name of p in capitals":    {replaced("p=", "P="), `the key stands in the tag "p": write "p=" for "P="`},
		"p in capitals, truncated": {"v=DKIM1; P=MIIB", `write "p=" for "P="`},
		"another name for p":       {replaced("p=", "pub="), `write "p=" for "pub="`},
		"blank for equals":         {replaced("k=", "k "), `write "k=" for "k "`},
		"blank for equals in p":    {replaced("p=", "p "), `an equals sign is missing before the key: write "p="`},
		"nothing for equals in p":  {replaced("p=", "p"), `an equals sign is missing before the key: write "p="`},
		"no version, no p":         {"k=rsa; " + key, `write "v=DKIM1; k=rsa; p=" before the key`},
		"colon, no version":        {"p:" + key, `write "v=DKIM1; k=rsa; p=" before the key`},
		"key and a semicolon":      {key + ";", "remove the semicolon"},
		"HTML":                     {replaced(";", "&semi;"), "as HTML writes them"},
		"for a URL":                {strings.NewReplacer(";", "%3B", " ", "%20").Replace(text), "urldecode()"},
		"CRLF":                     {replaced("; ", ";\r\n"), `replace(…, "\r\n", "")`},
		"PEM in p, in lines":       {"k=rsa; p=" + armour("PUBLIC KEY", spki(t, rsaKey(2048))), "a key in PEM"},
		"comment behind":           {text + ` ; ----- DKIM key s1`, "a comment of a zone file"},
		"selector":                 {"s1._domainkey", "it is a name"},
		"type in quotes":           {`"TXT" "` + text + `"`, "the text after its type TXT"},
		"line without quotes":      {"s1._domainkey IN TXT " + text, "the text after its type TXT"},
		"JSON list":                {`["` + text + `"]`, "as JSON has them"},
		"JSON object":              {`{"s1": "` + text + `"}`, "as JSON has them"},
		"single quotes":            {"'" + text + "'", "leave out the quotes around the value"},
		"console's labels":         {"Host: s1._domainkey\nType: TXT\nValue: " + text, `the text before "v=" is not a tag: remove "Host: s1._domainkey`},
		"label":                    {"Value: " + text, `remove "Value:"`},
		"PowerShell":               {"Strings : {" + text + "}", `remove "Strings : {"`},
		"p without its name":       {"v=DKIM1; k=rsa; " + key, `a key without its tag: write "p=" before it`},
		"ellipsis":                 {"v=DKIM1; p=…", "give the whole value"},
		"quoted-printable":         {replaced("=", "=3D"), `write "=" for "=3D"`},
		"SSH":                      {"ssh-ed25519 " + b64(append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), edKey()...)), "it is an Ed25519 key for SSH, whose record"},
		"base64 of PEM":            {b64([]byte(armour("PUBLIC KEY", spki(t, rsaKey(2048))))), "base64decode"},
		"three hyphens":            {strings.ReplaceAll(armour("PUBLIC KEY", spki(t, rsaKey(2048))), "-----", "---"), "a key in PEM"},
		"bare base64, truncated":   {key[:201], "no whole key: copy the whole key again"},
		"quotes of a zone file":    {`"` + text + `"`, "leave out the quotes"},
		"quotes, no record inside": {`"hello"`, "whose value is not a key record"},
		"zone file, no record":     {`s1._domainkey IN TXT "v=spf1 -all"`, "whose value is not a key record: it is an SPF record"},
		"one quote":                {text + `"`, "it holds quotes"},
		"one quote, no record":     {`v=DKIM1"`, "remove the quotation marks"},
		"seams":                    {text[:200] + `""` + text[200:], "it holds quotes"},
		"SPF":                      {"v=spf1 -all", "it is an SPF record"},
		"DMARC":                    {"v=DMARC1; p=none", "it is a DMARC record"},
		"a name":                   {"s1.domainkey.u1.wl1.sendgrid.net", "it is a name"},
		"empty":                    {" ", "the text is empty"},
		"neither":                  {"hello", `neither "v=DKIM1" nor a tag "p"`},
		"too long":                 {"p=" + strings.Repeat("A", record.MaxTXT), "at most"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := dkim.Parse(tt.in)
			if err == nil {
				t.Fatalf("Parse(%q) = %v, want an error", tt.in, got)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "ask support") {
				t.Errorf("Parse(%q) error = %q, want %q in it", tt.in, err, tt.want)
			}
			if len(err.Error()) > 400 || strings.HasSuffix(err.Error(), ".") {
				t.Errorf("Parse(%q) error = %q, which is too long or ends in a full stop", tt.in, err)
			}
		})
	}
}

// advice finds what an error says to write, and in place of what.
var advice = regexp.MustCompile(`write "([^"]+)"(?: for "([^"]+)"| (before it))?`)

// What an error says to write makes a record that is read, or one whose next mistake is another.
func TestAdviceParses(t *testing.T) {
	t.Parallel()
	text, key := goodRecord(t)
	want := parse(t, text)
	inputs := map[string]string{"bare": key, "bare, lines": key[:64] + "\n" + key[64:]}
	for _, in := range []string{text, "k=rsa; p=" + key, "v=DKIM1; p=" + key, "v=DKIM1; k=rsa; t=s; p=" + key, "v=DKIM1;k=rsa;p=" + key} {
		for _, tag := range []string{"v", "k", "p", "t"} {
			inputs[tag+" by colon in "+in[:20]] = strings.Replace(in, tag+"=", tag+":", 1)
		}
		inputs["DKIM1 alone in "+in[:20]] = strings.Replace(in, "v=DKIM1", "DKIM1", 1)
		inputs["backslashes in "+in[:20]] = strings.ReplaceAll(in, ";", `\;`)
		inputs["version in lower case "+in[:20]] = strings.Replace(in, "v=DKIM1", "v:dkim1", 1)
	}
	checked := 0
	for name, in := range inputs {
		for range 5 { // One mistake after the other.
			got, err := dkim.Parse(in)
			if err == nil {
				if got.KeyData() != want.KeyData() {
					t.Errorf("%s: following the advice gives the key %q", name, got.KeyData())
				}
				break
			}
			m := advice.FindStringSubmatch(err.Error())
			if m == nil {
				break
			}
			checked++
			var next string
			switch {
			case m[3] != "":
				next = m[1] + in
			case m[2] != "":
				next = strings.ReplaceAll(in, m[2], m[1])
			default:
				_, rest, _ := strings.Cut(in, ";")
				next = m[1] + ";" + rest
			}
			if next == in {
				t.Errorf("%s: Parse(%q) error = %q, which cannot be followed", name, in, err)
				break
			}
			in = next
		}
		if _, err := dkim.Parse(in); err != nil && advice.MatchString(err.Error()) {
			t.Errorf("%s: after all advice, Parse(%q) error = %v", name, in, err)
		}
	}
	if checked < 10 {
		t.Errorf("only %d pieces of advice were checked", checked)
	}
}

// What p holds in place of a key is told, and a key that is whole is not called truncated.
func TestKeyMistakes(t *testing.T) {
	t.Parallel()
	_, key := goodRecord(t)
	edwards := b64(edKey())
	if key = key[:100] + "+/" + key[102:]; !strings.ContainsAny(edwards, "+/") {
		edwards = "+/" + edwards[2:]
	}
	url := strings.NewReplacer("+", "-", "/", "_")
	urlEscape := strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D")
	tests := map[string]struct{ in, want string }{
		"base64url":             {"p=" + url.Replace(key), `write "+" for "-", and "/" for "_"`},
		"base64url, Ed25519":    {"k=ed25519; p=" + url.Replace(edwards), `write "+" for "-", and "/" for "_"`},
		"base64url, no padding": {"k=ed25519; p=" + strings.TrimRight(url.Replace(edwards), "="), `write "+" for "-", and "/" for "_"`},
		"backslash":             {"p=" + key[:50] + `\` + key[50:], `remove "\\"`},
		"two characters":        {"p=" + key[:50] + "%" + key[50:90] + "!" + key[90:], `remove "%!"`},
		"truncated":             {"p=" + key[:200], "truncated or mistyped"},
		"truncated, base64url":  {"p=" + url.Replace(key[:201]), "truncated or mistyped"},
		"REVOKED":               {"p=REVOKED", "a placeholder, not a key"},
		"words, whole base64":   {"p=YOURKEYHERE=", "a placeholder, not a key"},
		"brackets":              {"p=<your key>", "a placeholder, not a key"},
		"braces":                {"p=${var.key}", "a placeholder, not a key"},
		"long words":            {"p=REPLACE_THIS_WITH_THE_KEY_THAT_THE_CONSOLE_SHOWS_YOU", "a placeholder, not a key"},
		"dollar":                {"p=$KEY", "a placeholder, not a key"},
		"camel case":            {"k=ed25519; p=YourPublicKey", "a placeholder, not a key"},
		"words and digits":      {"p=public_key_2048", "a placeholder, not a key"},
		"MY KEY":                {"p=MY_KEY", "a placeholder, not a key"},
		"dots in a key":         {"p=" + key[:40] + "...", "was shortened with dots"},
		"policy":                {"p=reject", "a DMARC policy and not a key"},
		"for a URL":             {"p=" + urlEscape.Replace(key), `write "+" for "%2B"`},
		"name":                  {"p=s1.domainkey.u1.wl1.sendgrid.net", "a name, not a key"},
		"SSH":                   {"p=ssh-rsa AAAAB3NzaC1yc2E", "a key for SSH"},
		"base64 of PEM":         {"p=" + b64([]byte(armour("PUBLIC KEY", spki(t, rsaKey(2048))))), "PEM in base64 once more"},
		"p twice":               {"p=p=" + key, `remove "p=" before it`},
		"equals twice":          {"p==" + key, `remove "=" before it`},
		"two keys":              {"p=" + key + key, "a whole key and further text"},
		"key in brackets":       {"p=<" + key + ">", `remove "<>"`},
		"Ed25519 as RSA":        {"p=" + edwards, "write k=ed25519"},
		"TTL behind":            {"p=" + key + " 3600", `remove the text that starts with "3600"`},
		"bracket behind":        {"p=" + key + ")", `remove ")"`},
		"no padding, Ed25519":   {"k=ed25519; p=" + strings.TrimRight(edwards, "="), `with "=" at its end`},
		"much padding":          {"p=" + key + "==", "needs no padding"},
		"truncated, Ed25519":    {"k=ed25519; p=" + edwards[:28], "truncated or mistyped"},
		"truncated by four":     {"p=" + key[:len(key)-4], "truncated or mistyped"},
		"dots":                  {"p=...", "a placeholder, not a key"},
		"a start":               {"p=MIIBIjANBgkqhkiG", "truncated or mistyped"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := parse(t, tt.in).Check()
			if len(found) == 0 || found[0].Level != dkim.Error || !strings.Contains(found[0].Text, tt.want) {
				t.Errorf("Check of %q = %+v, want %q in it", tt.in, found, tt.want)
			}
		})
	}
}

// Receivers ignore tags that they do not know, and take such a record: what was meant is a warning.
func TestMistakenTags(t *testing.T) {
	t.Parallel()
	text, _ := goodRecord(t)
	tests := map[string]struct{ in, want string }{
		"version in capitals": {"V" + text[1:], `write "v=" for "V="`},
		"type in capitals":    {strings.Replace(text, "k=", "K=", 1), `write "k=" for "K="`},
		"type TXT":            {"TXT=" + text, `remove "TXT="`},
		"assignment":          {"value = " + text, `remove "value="`},
		"unknown tag":         {text + "; a=rsa-sha256", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := parse(t, tt.in).Check()
			if tt.want == "" && len(found) == 0 {
				return
			}
			if len(found) != 1 || found[0].Code != dkim.TagMistaken || found[0].Level != dkim.Warning || !strings.Contains(found[0].Text, tt.want) {
				t.Errorf("Check of %q = %+v, want a warning with %q", tt.in, found, tt.want)
			}
		})
	}
}

// A private key is told from others wherever it stands, and never echoed.
func TestPrivateKeyInRecord(t *testing.T) {
	t.Parallel()
	keys, err := privateKeys()
	if err != nil {
		t.Fatal(err)
	}
	for name, der := range keys {
		for _, in := range []string{b64(der), armour("PRIVATE KEY", der)} {
			if _, _, err := dkim.ParsePasted(in); !errors.Is(err, dkim.ErrPrivateKey) || strings.Contains(err.Error(), b64(der)[:16]) {
				t.Errorf("ParsePasted of %s: error = %v, want ErrPrivateKey", name, err)
			}
		}
		loose := strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(b64(der))
		for _, in := range []string{b64([]byte(armour("PRIVATE KEY", der))), loose, "v=DKIM1; k=rsa; " + b64(der), "v=DKIM1; k=rsa; " + loose, "p=; " + b64(der)} {
			if _, _, err := dkim.ParsePasted(in); !errors.Is(err, dkim.ErrPrivateKey) {
				t.Errorf("ParsePasted(%q): error = %v, want ErrPrivateKey", in, err)
			}
		}
		if found := parse(t, "p="+loose).Check(); found[0].Code != dkim.KeyPrivate {
			t.Errorf("Check of a record with %s in base64url = %+v, want %s", name, found, dkim.KeyPrivate)
		}
		for _, k := range []string{"rsa", "ed25519"} {
			found := parse(t, "k="+k+"; p="+b64(der)).Check()
			if len(found) == 0 || found[0].Code != dkim.KeyPrivate || strings.Contains(found[0].Text, b64(der)[:16]) {
				t.Errorf("Check of a record with %s as %s = %+v, want %s", name, k, found, dkim.KeyPrivate)
			}
		}
	}
}

func FuzzParsePasted(f *testing.F) {
	f.Add(`s1 IN TXT ( "v=DKIM1; " "p=MIIB" ) ; x`)
	f.Add(`p=MI""IB`)
	f.Add(`"p=MI\"IB"`)
	f.Fuzz(func(t *testing.T, in string) {
		r, note, err := dkim.ParsePasted(in)
		if (err == nil) != r.IsValid() || err != nil && note != "" {
			t.Fatalf("ParsePasted(%q) = %v, %q, %v", in, r, note, err)
		}
		if plain, failure := dkim.Parse(in); err == nil && failure == nil && note == "" && plain != r {
			t.Errorf("ParsePasted(%q) = %v, Parse gives %v", in, r, plain)
		}
	})
}
