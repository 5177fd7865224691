package mtasts_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/catglobe/terraform-provider-maildomain/internal/advicetest"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
)

const file = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n"

// comparePolicies compares all but remarks.
var comparePolicies = cmp.Options{cmpopts.IgnoreFields(mtasts.Policy{}, "Remarks"), cmp.AllowUnexported(dnsname.Name{}), cmpopts.EquateEmpty()}

func names(texts ...string) []dnsname.Name {
	var list []dnsname.Name
	for _, text := range texts {
		list = append(list, dnsname.MustParse(text))
	}
	return list
}

func TestParsePolicy(t *testing.T) {
	t.Parallel()
	whole := mtasts.Policy{Mode: mtasts.Enforce, MaxAge: 604800, MX: names("mail.example.com", "*.example.net")}
	with := func(change func(*mtasts.Policy)) mtasts.Policy { p := whole; change(&p); return p }
	tests := map[string]struct {
		in      string
		want    mtasts.Policy
		remarks int
	}{
		"CRLF":            {file, whole, 0},
		"LF":              {strings.ReplaceAll(file, "\r\n", "\n"), whole, 0},
		"no line break":   {strings.TrimSpace(file), whole, 0},
		"no blanks":       {strings.ReplaceAll(file, ": ", ":"), whole, 0},
		"blanks":          {strings.ReplaceAll(strings.ReplaceAll(file, ": ", ": \t"), "\r\n", " \t\r\n"), whole, 0},
		"capitals in mx":  {strings.ReplaceAll(file, "mail.example", "Mail.Example"), whole, 0},
		"another order":   {"max_age: 604800\nmx: mail.example.com\nmx: *.example.net\nmode: enforce\nversion: STSv1\n", whole, 0},
		"none without mx": {"version: STSv1\nmode: none\nmax_age: 0\n", mtasts.Policy{Mode: mtasts.None}, 0},
		"testing, a year": {strings.NewReplacer("enforce", "testing", "604800", "31557600").Replace(file), with(func(p *mtasts.Policy) { p.Mode, p.MaxAge = mtasts.Testing, 31557600 }), 0},
		"extension":       {file + "x-note: ä b\r\n", with(func(p *mtasts.Policy) { p.Other = []string{"x-note: ä b"} }), 1},
		"mode twice":      {file + "mode: none\r\n", whole, 1},
		"mx twice":        {file + "mx: mail.example.com\r\n", whole, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := mtasts.ParsePolicy(tt.in)
			if diff := cmp.Diff(tt.want, got, comparePolicies); err != nil || diff != "" {
				t.Fatalf("ParsePolicy(%q) error = %v, difference (-want +got):\n%s", tt.in, err, diff)
			}
			if len(got.Remarks) != tt.remarks {
				t.Errorf("ParsePolicy(%q) remarks %q, want %d", tt.in, got.Remarks, tt.remarks)
			}
			again, err := mtasts.ParsePolicy(got.String())
			if diff := cmp.Diff(got, again, comparePolicies); err != nil || diff != "" {
				t.Errorf("ParsePolicy(%q) error = %v, difference (-want +got):\n%s", got, err, diff)
			}
		})
	}
	if got := whole.String(); got != file {
		t.Errorf("String = %q, want %q", got, file)
	}
}

func TestParsePolicyMistakes(t *testing.T) {
	t.Parallel()
	change := func(old, with string) string { return strings.Replace(file, old, with, 1) }
	tests := map[string]struct {
		in, want, written string
	}{
		"empty":            {"\n", "the text is empty", ""},
		"web page":         {"<!DOCTYPE html><html>", "web page", ""},
		"TXT record":       {"v=STSv1; id=1", "it is the TXT record", ""},
		"not UTF-8":        {"version: STSv1\xff", "UTF-8", ""},
		"CR alone":         {strings.ReplaceAll(file, "\r\n", "\r"), "CR alone", ""},
		`literal \n`:       {strings.ReplaceAll(file, "\r\n", `\n`), `two characters \n`, ""},
		"too long":         {file + strings.Repeat("mx: mail.example.com\n", 4000), "at most 65536", ""},
		"byte order mark":  {"\ufeff" + file, "U+FEFF", ""},
		"empty line":       {change("mode:", "\r\nmode:"), "line 2: it is empty", ""},
		"no version":       {change("version: STSv1\r\n", ""), `field "version": it is missing`, ""},
		"no mode":          {change("mode: enforce\r\n", ""), `field "mode": it is missing`, ""},
		"no max_age":       {change("max_age: 604800\r\n", ""), `field "max_age": it is missing`, ""},
		"no mx":            {"version: STSv1\nmode: testing\nmax_age: 1\n", "required with the mode testing", ""},
		"version in lower": {change("STSv1", "stsv1"), "must be", "version: STSv1"},
		"name in capitals": {change("mode:", "Mode:"), "lower case", "mode:"},
		"hyphen in name":   {change("max_age:", "max-age:"), "lower case", "max_age:"},
		"equals sign":      {change("mode: ", "mode="), "joined by a colon", "mode: enforce"},
		"quotes":           {change("mode: enforce", `"mode: enforce"`), "joined by a colon", "mode: enforce"},
		"no colon":         {change("mode: enforce", "enforce"), "a name, a colon and a value", ""},
		"mode of DMARC":    {change("enforce", "reject"), "not one of its values: enforce, testing or none", "mode: enforce"},
		"mode of old":      {change("enforce", "report"), "not one of its values", "mode: testing"},
		"mode in capitals": {change("enforce", "Enforce"), "not one of its values", "mode: enforce"},
		"mode of no kind":  {change("enforce", "maybe"), "not one of its values", ""},
		"mode empty":       {change("mode: enforce", "mode:"), "not one of its values", ""},
		"max_age too long": {change("604800", "31557601"), "at most 31557600", "max_age: 31557600"},
		"max_age, a week":  {change("604800", "1w"), "in digits alone", "max_age: 604800"},
		"max_age, days":    {change("604800", "7 days"), "in digits alone", "max_age: 604800"},
		"max_age, seconds": {change("604800", "86400s"), "in digits alone", "max_age: 86400"},
		"max_age, comma":   {change("604800", "604,800"), "in digits alone", "max_age: 604800"},
		"max_age, quotes":  {change("604800", `"604800"`), "in digits alone", "max_age: 604800"},
		"max_age, year":    {change("604800", "1y"), "in digits alone", ""},
		"max_age, decades": {change("604800", "999 weeks"), "in digits alone", ""},
		"lines joined":     {strings.ReplaceAll(file, "\r\n", " "), `a line break is missing before "mode"`, ""},
		"mx on one line":   {change("\r\nmx: *", ", mx: *"), `a line break is missing before "mx"`, ""},
		"max_age negative": {change("604800", "-1"), "in digits alone", ""},
		"max_age huge":     {change("604800", "99999999999999999999"), "in digits alone", ""},
		"star inside":      {change("mail.example.com", "mail.*.example.com"), "leftmost label", ""},
		"two stars":        {change("*.example.net", "*.*.example.net"), "leftmost label", "mx: *.example.net"},
		"star in a label":  {change("*.example.net", "*example.net"), "leftmost label", "mx: *.example.net"},
		"leading dot":      {change("*.example.net", ".example.net"), "not the name of a mail host", "mx: *.example.net"},
		"star alone":       {change("*.example.net", "*"), "leftmost label", ""},
		"top-level domain": {change("*.example.net", "*.net"), "every host below", ""},
		"dot, underscore":  {change("mail.example.com", ".mail_1.example.com"), "not the name of a mail host", ""},
		"star, underscore": {change("mail.example.com", "*.mail_1.example.com"), "no underscore", ""},
		"star, address":    {change("mail.example.com", "*.192.0.2.1"), "it is an address", ""},
		"star, domain":     {change("mail.example.com", "*.1"), "it is an address", ""},
		"final dot":        {change("mail.example.com", "mail.example.com."), "not in the form that senders compare", "mx: mail.example.com"},
		"Unicode":          {change("mail.example.com", "mail.bücher.example"), "not in the form that senders compare", "mx: mail.xn--bcher-kva.example"},
		"preference":       {change("mail.example.com", "10 mail.example.com"), "not the name of a mail host", "mx: mail.example.com"},
		"several in one":   {change("mail.example.com", "mail.example.com, mx.example.com"), "not the name of a mail host", ""},
		"URL":              {change("mail.example.com", "https://mail.example.com/"), "not the name of a mail host", "mx: mail.example.com"},
		"address":          {change("mail.example.com", "192.0.2.1"), "it is an address", ""},
		"underscore":       {change("mail.example.com", "_mail.example.com"), "no underscore", ""},
		"one label":        {change("mail.example.com", "mail"), "one label", ""},
		"root":             {change("mail.example.com", "."), "not the name of a mail host", ""},
		"empty mx":         {change("mail.example.com", ""), "it is empty", ""},
		"control":          {file + "x: a\x1b[2J\n", "control character", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := mtasts.ParsePolicy(tt.in)
			var broken *mtasts.PolicyError
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.HasSuffix(err.Error(), ".") || errors.Is(err, mtasts.ErrNotPolicy) == errors.As(err, &broken) {
				t.Fatalf("ParsePolicy(%q) error = %v, want one with %q", tt.in, err, tt.want)
			}
			if written := strings.Join(advicetest.Written(err.Error()), "|"); written != tt.written {
				t.Errorf("ParsePolicy(%q) error = %v says to write %q, want %q", tt.in, err, written, tt.written)
			}
			followPolicy(t, tt.in, err)
		})
	}
}

// followPolicy puts what an error says to write in place of its line, and tests that the line is well then.
func followPolicy(t *testing.T, in string, err error) {
	t.Helper()
	var broken *mtasts.PolicyError
	if !errors.As(err, &broken) {
		return
	}
	for _, advice := range advicetest.Written(err.Error()) {
		lines := strings.Split(strings.ReplaceAll(in, "\r\n", "\n"), "\n")
		if strings.HasSuffix(advice, ":") {
			_, value, _ := strings.Cut(lines[broken.Line-1], ":")
			advice += value
		}
		lines[broken.Line-1] = advice
		_, err := mtasts.ParsePolicy(strings.Join(lines, "\n"))
		var again *mtasts.PolicyError
		if errors.As(err, &again) && again.Line == broken.Line && !strings.HasSuffix(broken.Reason, `:"`) {
			t.Errorf("ParsePolicy(%q) says to write %q, which is refused: %v", in, advice, err)
		}
	}
}

func TestIsPolicy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		file: true, "\ufeff" + file: true, "Mode=enforce": true, "x: 1\nmax_age : 1": true, "v=STSv1; id=1": false, "": false, "<html>": false, "version": false, "id=1": false,
	} {
		if got := mtasts.IsPolicy(text); got != want {
			t.Errorf("IsPolicy(%q) = %t, want %t", text, got, want)
		}
	}
}

// The patterns of RFC 8461 §4.1.
func TestMatches(t *testing.T) {
	t.Parallel()
	p := mtasts.Policy{MX: names("mail.example.com", "*.example.net")}
	for host, want := range map[string]bool{
		"mail.example.com": true, "MAIL.example.com": true, "mail.example.com.": true, "a.mail.example.com": false, "example.com": false, "mailXexample.com": false,
		"mx1.example.net": true, "example.net": false, "a.b.example.net": false, "xexample.net": false, "*.example.net": false,
	} {
		if got := p.Matches(dnsname.MustParse(host)); got != want {
			t.Errorf("Matches(%s) = %t, want %t", host, got, want)
		}
	}
	if p.Matches(dnsname.Root) || p.Matches(dnsname.Name{}) {
		t.Error("the root, or no name, matches")
	}
}

func TestID(t *testing.T) {
	t.Parallel()
	base := mtasts.Policy{Mode: mtasts.Enforce, MaxAge: 604800, MX: names("a.example.com", "b.example.com")}
	same := mtasts.Policy{Mode: mtasts.Enforce, MaxAge: 604800, MX: names("b.example.com", "a.example.com", "A.example.com")}
	if base.ID() != same.ID() {
		t.Errorf("ID = %q and %q of one policy", base.ID(), same.ID())
	}
	if got := same.MX[0].String(); got != "b.example.com" {
		t.Errorf("ID has put %s first", got)
	}
	if _, err := mtasts.Parse(base.Record().String()); err != nil {
		t.Errorf("the record %q is refused: %v", base.Record(), err)
	}
	seen := map[string]string{base.ID(): "the policy itself"}
	for what, other := range map[string]mtasts.Policy{
		"mode":    {Mode: mtasts.Testing, MaxAge: 604800, MX: base.MX},
		"max_age": {Mode: mtasts.Enforce, MaxAge: 604801, MX: base.MX},
		"mx":      {Mode: mtasts.Enforce, MaxAge: 604800, MX: base.MX[:1]},
	} {
		if before, twice := seen[other.ID()]; twice {
			t.Errorf("another %s has the id of %s", what, before)
		}
		seen[other.ID()] = what
	}
	// An id that changes with a release of this product would make every sender fetch every policy anew.
	if got, want := base.ID(), "2123e218ff0d2803f68f46f3b90defd5"; got != want {
		t.Errorf("ID = %q, want %q", got, want)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in       mtasts.Config
		want     string // the policy
		problems map[string]string
		warnings map[string]string
	}{
		"whole":       {mtasts.Config{Mode: "enforce", MaxAge: 604800, MX: []string{"Mail.example.com.", "*.example.net"}}, file, nil, nil},
		"none":        {mtasts.Config{Mode: "none", MaxAge: 86400}, "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n", nil, nil},
		"Unicode":     {mtasts.Config{Mode: "testing", MaxAge: 1, MX: []string{"mail.bücher.example"}}, "version: STSv1\r\nmode: testing\r\nmx: mail.xn--bcher-kva.example\r\nmax_age: 1\r\n", nil, nil},
		"short":       {mtasts.Config{Mode: "enforce", MaxAge: 60, MX: []string{"mail.example.com"}}, "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 60\r\n", nil, map[string]string{"max_age": "weeks"}},
		"a year more": {mtasts.Config{Mode: "enforce", MaxAge: 31557601, MX: []string{"mail.example.com"}}, "", map[string]string{"max_age": "from 0 to 31557600"}, nil},
		"negative":    {mtasts.Config{Mode: "enforce", MaxAge: -1, MX: []string{"mail.example.com"}}, "", map[string]string{"max_age": "from 0 to 31557600"}, nil},
		"no mx":       {mtasts.Config{Mode: "enforce", MaxAge: 1}, "", map[string]string{"mx": "at least one"}, nil},
		"underscores": {
			mtasts.Config{Mode: "enforce", MaxAge: 604800, MX: []string{".mail_1.example.com", "*.mail_1.example.com", "mail_1.example.com", "*.192.0.2.1"}},
			"",
			map[string]string{"mx[0]": "not the name", "mx[1]": "underscore", "mx[2]": "underscore", "mx[3]": "an address"},
			nil,
		},
		"all wrong": {
			mtasts.Config{Mode: "reject", MaxAge: 1 << 40, MX: []string{"a.*.example.com", "mail.example.com", "MAIL.example.com", ".example.com"}},
			"",
			map[string]string{"mode": `write "enforce"`, "max_age": "a year", "mx[0]": "leftmost", "mx[2]": "twice", "mx[3]": `write "*.example.com"`},
			nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, warnings, err := tt.in.Policy()
			var problems problem.Problems
			if err != nil && !errors.As(err, &problems) {
				t.Fatalf("Policy of %+v error = %v, want problem.Problems", tt.in, err)
			}
			if p.String() != tt.want {
				t.Errorf("Policy of %+v = %q, want %q", tt.in, p, tt.want)
			}
			compareProblems(t, "problems", problems, tt.problems)
			compareProblems(t, "warnings", warnings, tt.warnings)
		})
	}
}

// compareProblems tests that there is one problem at each path, and that it says its text.
func compareProblems(t *testing.T, what string, got problem.Problems, want map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s = %v, want %d", what, got, len(want))
	}
	for _, p := range got {
		if says := want[p.Path.String()]; says == "" || !strings.Contains(p.Detail, says) || !strings.HasSuffix(p.Detail, ".") {
			t.Errorf("%s: %v, want one that says %q", what, p, says)
		}
	}
}

func FuzzParsePolicy(f *testing.F) {
	for _, seed := range []string{file, "version: STSv1\nmode: none\nmax_age: 0", "version:STSv1\nmode=enforce\nmx: .example.com\nmax_age:1", "\ufeff<html>", "version: STSv1\r\rmode", "mx: .", "mx: *.*", "mx: .a_b.example", "mx: *.192.0.2.1", "x: \x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		p, err := mtasts.ParsePolicy(in)
		if err != nil {
			if strings.ContainsFunc(err.Error(), func(c rune) bool { return c < ' ' }) {
				t.Errorf("ParsePolicy(%q) error = %q, which is not fit to be shown", in, err)
			}
			followPolicy(t, in, err)
			return
		}
		again, err := mtasts.ParsePolicy(p.String())
		if diff := cmp.Diff(p, again, comparePolicies); err != nil || diff != "" {
			t.Errorf("ParsePolicy(%q) prints as %q, which is read with error %v and difference:\n%s", in, p, err, diff)
		}
		if p.ID() != again.ID() {
			t.Errorf("ParsePolicy(%q): the id changes", in)
		}
		for _, mx := range p.MX {
			if host, err := dnsname.Parse(strings.Replace(mx.String(), "*", "a", 1)); err == nil && !p.Matches(host) {
				t.Errorf("ParsePolicy(%q): %s does not match", in, host)
			}
		}
	})
}
