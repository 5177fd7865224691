package merge

import (
	"errors"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

func TestMergeErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		mergeTest
		is   error
		want string // a part of the text
	}{
		{
			mergeTest{name: "a service that refuses", services: []string{"s: include:s.example -ip4:192.0.2.1"}},
			ErrNonPassService,
			`service "s", "-ip4:192.0.2.1": a service that refuses senders: it would give the result "fail"`,
		},
		{
			mergeTest{name: "a service that refuses what the owner lets pass", existing: "v=spf1 a -all", services: []string{"s: ~a"}},
			ErrNonPassService,
			`service "s", "~a"`,
		},
		{
			mergeTest{name: "owner against service", existing: "v=spf1 -include:s.example -all", services: []string{"s: include:s.example"}},
			ErrQualifierConflict,
			`service "s", "include:s.example": one term with two qualifiers: "-include:s.example" of existing stands before it`,
		},
		{
			mergeTest{name: "service against mechanisms", services: []string{"s: include:s.example"}, mechanisms: []string{"-include:s.example"}},
			ErrQualifierConflict,
			`mechanisms[0], "-include:s.example": one term with two qualifiers: "include:s.example" of service "s" stands before it`,
		},
		{
			mergeTest{name: "owner against owner", existing: "v=spf1 ?include:s.example -all", mechanisms: []string{"include:s.example"}},
			ErrQualifierConflict,
			`mechanisms[0], "include:s.example": one term with two qualifiers: "?include:s.example" of existing stands before it`,
		},
		{
			mergeTest{name: "more of a host than the owner refuses", existing: "v=spf1 -mx/24//64 -all", services: []string{"s: mx:example.com/32//64"}},
			ErrQualifierConflict,
			`service "s", "mx:example.com//64": one term with two qualifiers: "-mx/24//64" of existing stands before it`,
		},
		{
			mergeTest{name: "a redirect that both want, and the owner refuses", services: []string{"s: redirect=s.example"}, mechanisms: []string{"-include:s.example redirect=s.example"}},
			ErrQualifierConflict,
			`service "s", "include:s.example": one term with two qualifiers: "-include:s.example" of mechanisms[0] stands before it`,
		},
		{
			mergeTest{name: "a removed term of a service", services: []string{"zendesk: include:mail.zendesk.com", "acme: a"}, remove: []string{"a:www.example.com", "?include:mail.zendesk.com"}},
			ErrServiceRemoved,
			`remove[1], "?include:mail.zendesk.com": a term of a service: service "zendesk" asks for it, and could not send without it`,
		},
		{
			mergeTest{name: "a removed term of services and the owner", existing: "v=spf1 mx -all", services: []string{"b: mx:example.com", "a: mx"}, remove: []string{"mx"}},
			ErrServiceRemoved,
			`remove[0], "mx": a term of a service: service "a" and service "b" ask for it, and could not send without it`,
		},
		{
			mergeTest{name: "the removed redirect of a service", services: []string{"s: redirect=s.example"}, remove: []string{"redirect=s.example"}},
			ErrServiceRemoved,
			`remove[0], "redirect=s.example": a term of a service: service "s" asks for it`,
		},
		{
			mergeTest{name: "the removed redirect of a service, as an include", services: []string{"s: redirect=s.example"}, remove: []string{"include:s.example"}},
			ErrServiceRemoved,
			`remove[0], "include:s.example": a term of a service: service "s" asks for it`,
		},
		{
			mergeTest{name: "existing against mechanisms", existing: "v=spf1 ~a:example.com -all", mechanisms: []string{"mx", "a"}},
			ErrQualifierConflict,
			`mechanisms[1], "a": one term with two qualifiers: "~a:example.com" of existing`,
		},
		{
			mergeTest{name: "a network that the owner refuses", existing: "v=spf1 -ip4:192.0.2.0/24 -all", services: []string{"s: ip4:192.0.2.1"}},
			ErrQualifierConflict,
			`service "s", "ip4:192.0.2.1": one term with two qualifiers: "-ip4:192.0.2.0/24" of existing`,
		},
		{
			mergeTest{name: "a network that is refused before a wider one passes", existing: "v=spf1 -ip4:10.1.0.0/16 -all", services: []string{"s: ip4:10.0.0.0/9"}, mechanisms: []string{"ip4:10.1.2.0/24"}},
			ErrQualifierConflict, `mechanisms[0], "ip4:10.1.2.0/24": one term with two qualifiers: "-ip4:10.1.0.0/16" of existing`,
		},
		{
			mergeTest{name: "beside a redirect", existing: "v=spf1 -include:s.example redirect=r.example", services: []string{"s: include:s.example"}},
			ErrQualifierConflict,
			`service "s", "include:s.example"`,
		},
		{
			mergeTest{name: "a redirect that the owner refuses", existing: "v=spf1 -include:s.example -all", services: []string{"s: redirect=s.example"}},
			ErrQualifierConflict,
			`service "s", "include:s.example"`,
		},
		{
			mergeTest{name: "two redirects", existing: "v=spf1 redirect=r.example", services: []string{"s: redirect=s.example"}},
			ErrRedirects,
			`service "s", "redirect=s.example": two redirects: existing has "redirect=r.example"`,
		},
		{
			mergeTest{name: "two explanations", existing: "v=spf1 exp=a.example -all", mechanisms: []string{"exp=b.example"}},
			ErrExplanations,
			`mechanisms[0], "exp=b.example": two explanations: the record has "exp=a.example" already`,
		},
		{mergeTest{name: "pass in the existing record", existing: "v=spf1 a +all"}, ErrPassAll, `existing, "+all": the record lets nearly everyone send`},
		{mergeTest{name: "pass in a service", services: []string{"s: include:s.example all"}}, ErrPassAll, `service "s", "+all"`},
		{mergeTest{name: "pass in mechanisms", mechanisms: []string{"a", "+all"}}, ErrPassAll, `mechanisms[1], "+all"`},
		{mergeTest{name: "all removed", existing: "v=spf1 a -all", remove: []string{"a", "-all"}}, ErrAllRemoved, `remove[1], "-all"`},
		{mergeTest{name: "another all removed", existing: "v=spf1 a -all", remove: []string{"all"}}, ErrAllRemoved, `remove[0], "all"`},
		{mergeTest{name: "a record removed", existing: "v=spf1 a -all", remove: []string{"v=spf1 a ~all"}}, ErrAllRemoved, `remove[0], "~all"`},
		{mergeTest{name: "pass asked for", all: AllPass}, ErrPassAll, `the merged record, "+all"`},
		{mergeTest{name: "unknown ending", all: "none"}, ErrAll, `unknown ending: it must be "fail", "softfail", "neutral", "pass" or "keep", and is "none"`},
		{mergeTest{name: "too long", mechanisms: longTerms(5000)}, ErrTooLong, `and DNS carries at most 64770`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.merge(t).Do()
			var merge *Error
			if !errors.Is(err, tt.is) || !errors.As(err, &merge) {
				t.Fatalf("Do() = %q, %v, want a *Error that wraps %v", got.Record, err, tt.is)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.HasSuffix(err.Error(), ".") {
				t.Errorf("Do() = %v, want %q", err, tt.want)
			}
		})
	}
}

// longTerms returns so many terms of 19 octets.
func longTerms(n int) []string {
	terms := make([]string, n)
	for i := range terms {
		terms[i] = "include:x" + string([]byte{'a' + byte(i/676), 'a' + byte(i/26%26), 'a' + byte(i%26)}) + ".example"
	}
	return terms
}

func TestMergeLength(t *testing.T) {
	t.Parallel()
	tests := []struct {
		owner string // "" for one that is not known
		terms int    // 21 octets each, beside 11
		text  string // of the warning; "" for none
	}{
		{"example.com", 21, ""},
		{"example.com", 22, "The record of example.com has 473 octets. With more than 469, its answer"},
		{"mail.department.subsidiary.example.com", 21, "The record of mail.department.subsidiary.example.com has 452 octets. With more than 442, its answer"},
		{"", 20, ""},
		{"", 21, "The record has 452 octets. With more than 450, its answer"},
	}
	for _, tt := range tests {
		m := mergeTest{mechanisms: longTerms(tt.terms)}.merge(t)
		m.Owner = dnsname.Name{}
		if tt.owner != "" {
			m.Owner = dnsname.MustParse(tt.owner)
		}
		got, err := m.Do()
		if err != nil {
			t.Fatal(err)
		}
		var want []warned
		if tt.text != "" {
			want = []warned{{"the merged record", "", tt.text}}
		}
		checkWarnings(t, got.Warnings, want)
		// Without the OPT record, the whole answer.
		if size := spf.AnswerSize(m.Owner, []string{got.Record.String()}) - 11; tt.owner != "" && (size > 512) != (tt.text != "") {
			t.Errorf("the answer of %s has %d octets, and the warning is %q", tt.owner, size, tt.text)
		}
	}
}

// TestMergeOwnerError shows which input cannot be written at another name.
func TestMergeOwnerError(t *testing.T) {
	t.Parallel()
	tld := dnsname.MustParse("example")
	in := Input{Source: Source{Kind: Service, Name: "s"}, Record: spftest.MustParse(t, "a"), Owner: tld}
	removal := Input{Source: Source{Kind: Remove}, Record: spftest.MustParse(t, "mx"), Owner: tld}
	for want, m := range map[string]Merge{`service "s"`: {Services: []Input{in}}, "remove[0]": {Remove: []Input{removal}}} {
		_, err := m.Do()
		var merge *Error
		var syntax *spf.SyntaxError
		if !errors.As(err, &merge) || !errors.As(err, &syntax) || merge.Source.String() != want {
			t.Errorf("Do() = %v, want a *Error of %s that wraps a *SyntaxError", err, want)
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		records []string
		all     All
		want    string
	}{
		{nil, "", "v=spf1 -all"},
		{
			[]string{"v=spf1 include:a.example ~all", "include:b.example", "v=spf1 include:a.example ip4:192.0.2.1 ?all"},
			AllKeep,
			"v=spf1 include:a.example include:b.example ip4:192.0.2.1 ~all",
		},
		{[]string{"a", "b.example"}, "", ""},
		{[]string{"", "mx", "-a"}, AllNeutral, "v=spf1 mx -a ?all"},
		{[]string{"v=spf1 redirect=a.example"}, "", "v=spf1 redirect=a.example"},
		{[]string{"a", "mx"}, AllSoftFail, "v=spf1 a mx ~all"},
	}
	for _, tt := range tests {
		got, err := Texts(tt.records, tt.all)
		if (err != nil) != (tt.want == "") || err == nil && got.Record.String() != tt.want {
			t.Errorf("Texts(%q, %q) = %q, %v, want %q", tt.records, tt.all, got.Record, err, tt.want)
		}
	}
	for _, tt := range []struct {
		records []string
		is      error
		want    string
	}{
		{[]string{"a", "v=spf1; mx"}, spf.ErrNotSPF, "records[1]: not an SPF record"},
		{[]string{"a", "include:%{d}"}, ErrLeadsToItself, `records[1], "include:%{d}": a record that includes itself`},
		{[]string{"a", "mx", "ip:192.0.2.1"}, nil, `records[2]: "ip:192.0.2.1" at offset 0`},
		{[]string{"v=spf1 a +all"}, ErrPassAll, `records[0], "+all"`},
		{[]string{"-a", "mx", "a"}, ErrQualifierConflict, `records[2], "a": one term with two qualifiers: "-a" of records[0]`},
	} {
		_, err := Texts(tt.records, AllFail)
		if err == nil || tt.is != nil && !errors.Is(err, tt.is) || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("Texts(%q) = %v, want %q", tt.records, err, tt.want)
		}
	}
}

func TestParseInput(t *testing.T) {
	t.Parallel()
	source := Source{Kind: Service, Name: "acme"}
	in, err := ParseInput(source, "include:a.example")
	if err != nil || in.Source != source || in.Record.TermsString() != "include:a.example" {
		t.Errorf("ParseInput = %+v, %v", in, err)
	}
	_, err = ParseInput(source, "mx include:")
	var merge *Error
	if !errors.As(err, &merge) || merge.Source != source || merge.Term != "include:" {
		t.Errorf("ParseInput = %v, want a *Error about include: of %v", err, source)
	}
}

func TestParseAll(t *testing.T) {
	t.Parallel()
	for _, want := range AllValues() {
		if got, err := ParseAll(string(want)); err != nil || got != want {
			t.Errorf("ParseAll(%q) = %q, %v", want, got, err)
		}
	}
	for _, in := range []string{"", "Fail", "-all", "none"} {
		if got, err := ParseAll(in); !errors.Is(err, ErrAll) {
			t.Errorf("ParseAll(%q) = %q, %v, want ErrAll", in, got, err)
		}
	}
}
