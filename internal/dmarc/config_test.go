package dmarc_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/catglobe/terraform-provider-maildomain/internal/advicetest"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
)

var yes, no = true, false

// record7489 is the grammar of RFC 7489 §6.4: the policy is the second tag, and no tag is empty. What it does not know has the
// form of its tags.
var record7489 = regexp.MustCompile(`^v=DMARC1; p=(?:none|quarantine|reject)(?:; [a-z]+=[^;\s]+)*$`)

func TestBuild(t *testing.T) {
	t.Parallel()
	const rua = "; rua=mailto:a@example.com"
	reports := []string{"a@example.com"}
	tests := map[string]struct {
		in       dmarc.Config
		want     string
		warnings map[string]string // by path, what the first one says
	}{
		"the least": {dmarc.Config{Policy: "none", AggregateReports: reports}, "v=DMARC1; p=none" + rua, nil},
		"all": {
			dmarc.Config{
				Policy: "reject", SubdomainPolicy: "reject", NonexistentPolicy: "reject", Testing: &yes, DKIMAlignment: "strict", SPFAlignment: "strict",
				AggregateReports: reports, FailureReports: []string{"mailto:f@example.com"}, FailureOptions: []string{"1", "d", "s"}, PSD: "n",
			},
			"v=DMARC1; p=reject; sp=reject; np=reject; psd=n; t=y; adkim=s; aspf=s" + rua + "; ruf=mailto:f@example.com; fo=1:d:s",
			map[string]string{"testing": "quarantine in place of reject for the domain"},
		},
		"defaults are left out": {
			dmarc.Config{Policy: "quarantine", Testing: &no, DKIMAlignment: "relaxed", SPFAlignment: "relaxed", AggregateReports: reports, FailureOptions: []string{"0"}, PSD: "u"},
			"v=DMARC1; p=quarantine" + rua, nil,
		},
		"encoded": {
			dmarc.Config{Policy: "none", AggregateReports: []string{"a,b!c;d@example.com", "https://www.example.com/x,y"}},
			"v=DMARC1; p=none; rua=mailto:a%2Cb%21c%3Bd@example.com,https://www.example.com/x%2Cy",
			map[string]string{"aggregate_reports[1]": "send reports by mail"},
		},
		"nobody hears of it": {dmarc.Config{Policy: "none"}, "v=DMARC1; p=none", map[string]string{"aggregate_reports": "nobody receives"}},
		"reject":             {dmarc.Config{Policy: "reject", AggregateReports: reports}, "v=DMARC1; p=reject" + rua, map[string]string{"policy": "mailing lists"}},
		"weaker subdomains": {
			dmarc.Config{Policy: "quarantine", SubdomainPolicy: "none", AggregateReports: reports},
			"v=DMARC1; p=quarantine; sp=none" + rua,
			map[string]string{"subdomain_policy": "weaker than quarantine", "nonexistent_subdomain_policy": `write "quarantine"`},
		},
		"weaker nonexistent": {
			dmarc.Config{Policy: "quarantine", NonexistentPolicy: "none", AggregateReports: reports},
			"v=DMARC1; p=quarantine; np=none" + rua,
			map[string]string{"nonexistent_subdomain_policy": "weaker than quarantine"},
		},
		"stricter subdomains": {dmarc.Config{Policy: "none", SubdomainPolicy: "reject", AggregateReports: reports}, "v=DMARC1; p=none; sp=reject" + rua, nil},
		"below the organisational domain": {
			dmarc.Config{Domain: dnsname.MustParse("news.example.com"), Policy: "none", SubdomainPolicy: "reject", AggregateReports: reports},
			"v=DMARC1; p=none; sp=reject" + rua,
			map[string]string{"subdomain_policy": "only in the record of example.com"},
		},
		"its own organisational domain": {
			dmarc.Config{Domain: dnsname.MustParse("news.example.com"), Policy: "none", SubdomainPolicy: "reject", AggregateReports: []string{"a@mx.news.example.com"}, PSD: "n"},
			"v=DMARC1; p=none; sp=reject; psd=n; rua=mailto:a@mx.news.example.com", nil,
		},
		"a test of nothing":   {dmarc.Config{Policy: "none", Testing: &yes, AggregateReports: reports}, "v=DMARC1; p=none; t=y" + rua, map[string]string{"testing": "changes nothing"}},
		"options for nobody":  {dmarc.Config{Policy: "none", AggregateReports: reports, FailureOptions: []string{"1"}}, "v=DMARC1; p=none" + rua + "; fo=1", map[string]string{"failure_options": "mean nothing"}},
		"three addresses":     {dmarc.Config{Policy: "none", AggregateReports: []string{"a@example.com", "b@example.com", "c@example.com"}}, "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com,mailto:c@example.com", map[string]string{"aggregate_reports": "there are 3"}},
		"existing":            {dmarc.Config{Existing: "v=DMARC1;p=none;sp=reject;adkim=s;rua=mailto:a@example.com"}, "v=DMARC1; p=none; sp=reject; adkim=s" + rua, nil},
		"existing, pct=0":     {dmarc.Config{Existing: "v=DMARC1; p=quarantine; pct=0" + rua}, "v=DMARC1; p=quarantine; t=y" + rua, map[string]string{"existing": "`testing = true`", "testing": "none in place of quarantine"}},
		"existing, pct, test": {dmarc.Config{Existing: "v=DMARC1; p=quarantine; pct=0" + rua, Testing: &no}, "v=DMARC1; p=quarantine" + rua, map[string]string{"existing": "`testing` decides"}},
		"existing, pct=25":    {dmarc.Config{Existing: "v=DMARC1; p=quarantine; pct=25" + rua}, "v=DMARC1; p=quarantine" + rua, map[string]string{"existing": `not for "25" in a hundred`}},
		"existing, pct=100":   {dmarc.Config{Existing: "v=DMARC1; p=quarantine; pct=100" + rua}, "v=DMARC1; p=quarantine" + rua, map[string]string{"existing": "means nothing"}},
		"existing, web":       {dmarc.Config{Existing: "v=DMARC1; p=none; rua=https://www.example.com/x"}, "v=DMARC1; p=none; rua=https://www.example.com/x", map[string]string{"existing": "send reports by mail"}},
		"existing, sp broken": {
			dmarc.Config{Existing: "v=DMARC1; p=quarantine; sp=bogus" + rua},
			"v=DMARC1; p=quarantine" + rua,
			map[string]string{"existing": `counts as p=none because of it (RFC 9989 §4.10.1), and the new one does without it, so that "quarantine" is applied`},
		},
		"existing, np broken": {
			dmarc.Config{Existing: "v=DMARC1; p=none; np=bogus", Policy: "quarantine", AggregateReports: reports},
			"v=DMARC1; p=quarantine" + rua,
			map[string]string{"existing": `counts as no policy because of it (RFC 9989 §4.10.1), and the new one does without it, so that "quarantine" is applied`},
		},
		"existing, rf":         {dmarc.Config{Existing: "v=DMARC1; p=none; rf=afrf" + rua}, "v=DMARC1; p=none" + rua, map[string]string{"existing": "one format"}},
		"existing, ri":         {dmarc.Config{Existing: "v=DMARC1; p=none; ri=3600" + rua}, "v=DMARC1; p=none" + rua, map[string]string{"existing": "come daily"}},
		"existing, unknown":    {dmarc.Config{Existing: "v=DMARC1; p=none; x=1" + rua}, "v=DMARC1; p=none" + rua, map[string]string{"existing": "check the spelling"}},
		"existing, size limit": {dmarc.Config{Existing: "v=DMARC1; p=none" + rua + "!10m"}, "v=DMARC1; p=none" + rua, map[string]string{"existing": `"!10m"`}},
		"existing is replaced": {
			dmarc.Config{Existing: "v=DMARC1; p=none; sp=reject; t=y; adkim=s; fo=1; psd=y" + rua, Policy: "quarantine", SubdomainPolicy: "quarantine", Testing: &no, DKIMAlignment: "relaxed", AggregateReports: []string{"b@example.com"}, FailureOptions: []string{}, PSD: "u"},
			"v=DMARC1; p=quarantine; sp=quarantine; rua=mailto:b@example.com", nil,
		},
		"existing, no reports": {dmarc.Config{Existing: "v=DMARC1; p=none" + rua, AggregateReports: []string{}}, "v=DMARC1; p=none", map[string]string{"aggregate_reports": "nobody receives"}},
		"external destination": {
			dmarc.Config{Policy: "none", AggregateReports: []string{"a@example.com", "a@in.reports.example.net"}},
			"v=DMARC1; p=none; rua=mailto:a@example.com,mailto:a@in.reports.example.net",
			map[string]string{"aggregate_reports[1]": "The operator of example.net publishes the TXT record example.com._report._dmarc.in.reports.example.net with the value \"v=DMARC1;\""},
		},
		"external, existing": {
			dmarc.Config{Existing: "v=DMARC1; p=none; rua=mailto:a@example.net"}, "v=DMARC1; p=none; rua=mailto:a@example.net", map[string]string{"existing": "example.com._report._dmarc.example.net"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !tt.in.Domain.IsValid() {
				tt.in.Domain = dnsname.MustParse("example.com")
			}
			got, err := tt.in.Build()
			if err != nil || got.Record.String() != tt.want {
				t.Fatalf("Build of %+v = %q, %v, want %q", tt.in, got.Record, err, tt.want)
			}
			compareProblems(t, got.Warnings, tt.warnings)
			checkBuilt(t, got)
		})
	}
}

// checkBuilt tests that readers of both RFCs take the record as it is meant.
func checkBuilt(t *testing.T, built dmarc.Built) {
	t.Helper()
	text := built.Record.String()
	again, err := dmarc.Parse(text)
	if diff := cmp.Diff(built.Record, again, cmpopts.IgnoreFields(dmarc.Record{}, "Remarks"), cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("Parse(%q) error = %v, difference (-want +got):\n%s", text, err, diff)
	}
	if slices.ContainsFunc(again.Remarks, func(r dmarc.Remark) bool { return r.Dropped }) {
		t.Errorf("Parse(%q) drops what was built: %+v", text, again.Remarks)
	}
	if !record7489.MatchString(text) {
		t.Errorf("%q is not what RFC 7489 §6.4 has", text)
	}
}

func compareProblems(t *testing.T, got problem.Problems, want map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("problems = %v, want %d", got, len(want))
	}
	for _, p := range got {
		says := want[p.Path.String()]
		if says == "" || !strings.Contains(strings.ToLower(p.Detail), strings.ToLower(says)) || !strings.HasSuffix(p.Detail, ".") {
			t.Errorf("%v, want one that says %q", p, says)
		}
	}
}

func TestBuildProblems(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   dmarc.Config
		want map[string]string
	}{
		"nothing": {dmarc.Config{}, map[string]string{"policy": "it is missing"}},
		"words": {
			dmarc.Config{Policy: "rejct", SubdomainPolicy: "Reject", NonexistentPolicy: "monitor", DKIMAlignment: "s", SPFAlignment: "relaxd", PSD: "yes"},
			map[string]string{"policy": `write "reject"`, "subdomain_policy": `write "reject"`, "nonexistent_subdomain_policy": `write "none"`, "dkim_alignment": `write "strict"`, "spf_alignment": `write "relaxed"`, "psd": `write "y"`},
		},
		"words of no kind": {
			dmarc.Config{Policy: "deny", DKIMAlignment: "loose", PSD: "maybe"},
			map[string]string{"policy": "none, quarantine or reject.", "dkim_alignment": "relaxed or strict.", "psd": "y, n or u."},
		},
		"addresses": {
			dmarc.Config{Policy: "none", AggregateReports: []string{"reports", "a@example.com", "mailto:a@example.com"}, FailureReports: []string{"a@example.com,b@example.com", "mailto:a@example.com!10m"}},
			map[string]string{"aggregate_reports[0]": "no scheme", "aggregate_reports[2]": "twice", "failure_reports[0]": "2 addresses", "failure_reports[1]": `write "mailto:a@example.com"`},
		},
		"options in one":     {dmarc.Config{Policy: "none", FailureOptions: []string{"1:d:s"}}, map[string]string{"failure_options[0]": "an element of the list"}},
		"option of no kind":  {dmarc.Config{Policy: "none", FailureOptions: []string{"1", "x"}}, map[string]string{"failure_options[1]": "not one of its values"}},
		"options, excluded":  {dmarc.Config{Policy: "none", FailureOptions: []string{"0", "1"}}, map[string]string{"failure_options": "exclude each other"}},
		"options, twice":     {dmarc.Config{Policy: "none", FailureOptions: []string{"d", "d"}}, map[string]string{"failure_options": "appears twice"}},
		"public suffix":      {dmarc.Config{Policy: "none", PSD: "y", FailureReports: []string{"a@example.com"}}, map[string]string{"failure_reports": "RFC 9989 §10.2"}},
		"existing of SPF":    {dmarc.Config{Policy: "none", Existing: "v=spf1 -all"}, map[string]string{"existing": "it is an SPF record"}},
		"existing, no p":     {dmarc.Config{Existing: "v=DMARC1; rua=mailto:a@example.com"}, map[string]string{"policy": "it is missing"}},
		"existing, p broken": {dmarc.Config{Existing: "v=DMARC1; p=rejct"}, map[string]string{"policy": `The tag "p" is ignored: "rejct" is not one of its values`}},
		"existing, p empty":  {dmarc.Config{Existing: "v=DMARC1; p=; rua=mailto:a@example.com"}, map[string]string{"policy": "Of `existing`: "}},
		"existing, p hidden": {dmarc.Config{Existing: "v=DMARC1; p=none\u200b"}, map[string]string{"policy": "invisible"}},
		"existing, no tags":  {dmarc.Config{Existing: "v=DMARC1 p=none"}, map[string]string{"existing": "semicolon"}},
		"host too long": {
			dmarc.Config{Policy: "none", AggregateReports: []string{"a@" + strings.Repeat("a234567890.", 20) + "example.net"}}, map[string]string{"aggregate_reports[0]": "longer than DNS allows"},
		},
		"too many": {
			dmarc.Config{Policy: "none", AggregateReports: func() []string {
				var list []string
				for i := range 4000 {
					list = append(list, strings.Repeat("a", i%60+1)+strings.Repeat("b", i/60)+"@example.com")
				}
				return list
			}()}, map[string]string{"aggregate_reports": "a TXT record holds at most"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.in.Domain = dnsname.MustParse("example.com")
			built, err := tt.in.Build()
			var problems problem.Problems
			if !errors.As(err, &problems) || built.Record.String() != "v=DMARC1" {
				t.Fatalf("Build of %+v = %q, %v, want problems", tt.in, built.Record, err)
			}
			compareProblems(t, problems, tt.want)
		})
	}
}

// TestEffective has what counts for readers of both RFCs.
func TestEffective(t *testing.T) {
	t.Parallel()
	const none, quarantine, reject = dmarc.None, dmarc.Quarantine, dmarc.Reject
	for txt, want := range map[string][2]dmarc.Effective{
		"v=DMARC1; p=reject":                                            {{P: reject, SP: reject, NP: reject}, {P: reject, SP: reject, NP: reject}},
		"v=DMARC1; p=reject; t=y":                                       {{P: quarantine, SP: quarantine, NP: quarantine}, {P: reject, SP: reject, NP: reject}},
		"v=DMARC1; p=none; sp=quarantine; np=reject":                    {{P: none, SP: quarantine, NP: reject}, {P: none, SP: quarantine, NP: quarantine}},
		"v=DMARC1; p=none; np=reject":                                   {{P: none, SP: none, NP: reject}, {P: none, SP: none, NP: none}},
		"v=DMARC1; p=reject; np=x; rua=mailto:a@b.example":              {{P: none, SP: none, NP: none}, {P: reject, SP: reject, NP: reject}},
		"v=DMARC1; p=reject; sp=x; rua=mailto:a@b.example":              {{P: none, SP: none, NP: none}, {P: none, SP: none, NP: none}},
		"v=DMARC1; p=quarantine; sp=reject; np=none; t=y; psd=n; fo=1;": {{P: none, SP: quarantine, NP: none}, {P: quarantine, SP: reject, NP: reject}},
	} {
		r, err := dmarc.Parse(txt)
		if got := [2]dmarc.Effective{r.Effective(), r.Effective7489()}; err != nil || got != want {
			t.Errorf("%q: effective %v, %v, want %v", txt, got, err, want)
		}
	}
}

func TestAuthorisations(t *testing.T) {
	t.Parallel()
	domain := dnsname.MustParse("example.com")
	got, err := dmarc.Config{
		Domain: domain, Policy: "none", FailureReports: []string{"f@example.net", "f@example.co.uk"},
		AggregateReports: []string{"a@example.net", "a@mail.example.com", "https://in.example.org:8443/x", "b@example.net"},
	}.Build()
	if err != nil {
		t.Fatal(err)
	}
	var owners []string
	for _, a := range got.Authorisations {
		owners = append(owners, a.Owner.String()+" in "+a.Zone.String())
	}
	want := []string{"example.com._report._dmarc.example.net in example.net", "example.com._report._dmarc.in.example.org in example.org", "example.com._report._dmarc.example.co.uk in example.co.uk"}
	if !slices.Equal(owners, want) {
		t.Errorf("authorisations = %q, want %q", owners, want)
	}
	for suffix, want := range map[string]string{"a.co.uk": "a.co.uk", "x.a.co.uk": "a.co.uk", "co.uk": "co.uk", "a.b.example": "b.example", "example": "example"} {
		if got := dmarc.OrganisationalDomain(dnsname.MustParse(suffix)); got.String() != want {
			t.Errorf("OrganisationalDomain(%s) = %v, want %s", suffix, got, want)
		}
	}
	if r, err := dmarc.Parse(dmarc.AuthorisationValue); err != nil || r.P != "" {
		t.Errorf("Parse(%q) = %+v, %v", dmarc.AuthorisationValue, r, err)
	}
	wildcard, err := dmarc.AuthoriseAny(domain)
	if err != nil || wildcard.Owner.String() != "*._report._dmarc.example.com" {
		t.Errorf("AuthoriseAny = %v, %v", wildcard, err)
	}
	long := dnsname.MustParse(strings.Repeat("a234567890.", 21) + "example")
	if _, err := dmarc.AuthoriseAny(long); !errors.Is(err, dnsname.ErrNameLength) {
		t.Errorf("AuthoriseAny of a long name: error = %v", err)
	}
}

// What a problem says to write is taken.
func FuzzBuild(f *testing.F) {
	f.Add("none", "", "", "relaxed", "n", "a@example.com", "1", "v=DMARC1; p=none")
	f.Add("rejct", "monitor", "Quarantine", "s", "yes", "mailto:a,b!c@example.net", "1:d:s", "")
	f.Add("reject", "", "none", "", "y", "https://r.example/;", "x", "v=DMARC1; p=none; pct=0; ri=1; rua=mailto:a@example.com!10m; sp=x")
	f.Fuzz(func(t *testing.T, p, sp, np, alignment, psd, address, option, existing string) {
		c := dmarc.Config{
			Domain: dnsname.MustParse("example.com"), Policy: p, SubdomainPolicy: sp, NonexistentPolicy: np, DKIMAlignment: alignment, SPFAlignment: alignment,
			PSD: psd, AggregateReports: []string{address}, FailureReports: []string{address}, FailureOptions: []string{option}, Existing: existing,
		}
		built, err := c.Build()
		if err == nil {
			checkBuilt(t, built)
			return
		}
		var problems problem.Problems
		if !errors.As(err, &problems) {
			t.Fatalf("Build of %+v error = %v", c, err)
		}
		for _, problem := range problems {
			for _, advice := range advicetest.Written(problem.Detail) {
				again := dmarc.Config{Domain: c.Domain, Policy: "none"}
				switch path := problem.Path.String(); path {
				case "policy":
					again.Policy = advice
				case "subdomain_policy":
					again.SubdomainPolicy = advice
				case "nonexistent_subdomain_policy":
					again.NonexistentPolicy = advice
				case "dkim_alignment", "spf_alignment":
					again.DKIMAlignment = advice
				case "psd":
					again.PSD = advice
				case "aggregate_reports[0]", "failure_reports[0]":
					again.AggregateReports = []string{advice}
				case "failure_options[0]":
					again.FailureOptions = []string{advice}
				default:
					continue
				}
				if _, err := again.Build(); err != nil {
					t.Errorf("Build of %+v says %q, and refuses that: %v", c, problem.Detail, err)
				}
			}
		}
	})
}
