package service_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// hardNames are names for which a rule that holds for example.com may not hold.
var hardNames = []string{"my-company.com", "a--b.example", "bücher.example", "news.example.com", strings.Repeat("a", 52) + ".example", "4you.example"}

// derivedTargets sets what the derived defaults of a service are made of.
var derivedTargets = map[string]map[string]string{
	"microsoft365": {"tenant": "acme"},
	"hubspot":      {"portal": "123", "dkim_cluster": "05"},
	"brevo":        {},
	"runbox":       {},
}

// What is derived from the name of the domain is right for the names for which the rule is known, and demanded for the
// others.
func TestDerivedTargets(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 52)
	want := map[string]map[string]string{
		"microsoft365": {
			"my-company.com": "has a hyphen", "a--b.example": "has a hyphen", "bücher.example": "has a hyphen",
			"news.example.com": "selector1-news-example-com._domainkey.acme.onmicrosoft.com",
			long + ".example":  "more than 63 octets",
			"4you.example":     "selector1-4you-example._domainkey.acme.onmicrosoft.com",
		},
		"hubspot": {
			"my-company.com": "my--company-com.hs05a.dkim.hubspotemail.net", "a--b.example": "a----b-example.hs05a.dkim.hubspotemail.net",
			"bücher.example":   "is internationalised",
			"news.example.com": "news-example-com.hs05a.dkim.hubspotemail.net",
			long + ".example":  long + "-example.hs05a.dkim.hubspotemail.net",
			"4you.example":     "4you-example.hs05a.dkim.hubspotemail.net",
		},
		"brevo": {
			"my-company.com": "has a hyphen", "a--b.example": "has a hyphen", "bücher.example": "has a hyphen",
			"news.example.com": "b1.news-example-com.dkim.brevo.com",
			long + ".example":  "b1." + long + "-example.dkim.brevo.com",
			"4you.example":     "b1.4you-example.dkim.brevo.com",
		},
		"runbox": {
			"my-company.com": "has a hyphen", "a--b.example": "has a hyphen", "bücher.example": "has a hyphen",
			"news.example.com": "selector1-news-example-com.domainkey.runbox.com",
			long + ".example":  "more than 63 octets",
			"4you.example":     "selector1-4you-example.domainkey.runbox.com",
		},
	}
	for id, names := range want {
		for _, name := range hardNames {
			t.Run(id+" "+name, func(t *testing.T) {
				t.Parallel()
				u := service.Use{Domain: dnsname.MustParse(name), Kinds: service.DKIMKind, Variables: derivedTargets[id]}
				got, err := builtin(t, id).Apply(u)
				var variable *service.VariableError
				switch {
				case errors.As(err, &variable):
					if !strings.Contains(variable.Error(), names[name]) || variable.Problem != service.Missing || !strings.Contains(variable.Name, "1_target") {
						t.Errorf("Apply error = %v, want a demanded target and %q", err, names[name])
					}
				case err != nil:
					t.Errorf("Apply error = %v", err)
				case got.Records[0].Value != names[name]:
					t.Errorf("Apply = %s, want %s", got.Records[0].Value, names[name])
				}
			})
		}
	}
}

// No other default and no other target is made of the domain's name, but for those that hold all of it as it is.
func TestNothingElseIsDerived(t *testing.T) {
	t.Parallel()
	whole := map[string]bool{"fastmail": true, "icloud": true, "migadu": true, "ondmarc": true}
	for _, id := range service.Builtins() {
		_, text := readRaw(t, id)
		_, known := derivedTargets[id]
		if derives := strings.Contains(text, "_dashed%") || strings.Contains(text, "_doubled%"); derives != known {
			t.Errorf("%s derives targets from the domain's name: %t, and is tested for it: %t", id, derives, known)
		}
		if named := strings.Contains(text, "%domain%") || strings.Contains(text, "%fqdn%") || strings.Contains(text, "%host%"); named != whole[id] {
			t.Errorf("%s holds the domain's name: %t, and is tested for it: %t", id, named, whole[id])
		}
	}
}

func TestTargetsWithTheWholeName(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"fastmail": "fm1.<name>.dkim.fmhosted.com", "icloud": "sig1.dkim.<name>.at.icloudmailadmin.com", "migadu": "key1.<name>._domainkey.migadu.com",
	} {
		for _, name := range hardNames {
			domain := dnsname.MustParse(name)
			got, err := builtin(t, id).Apply(service.Use{Domain: domain, Kinds: service.DKIMKind})
			if want := strings.ReplaceAll(want, "<name>", domain.String()); err != nil || got.Records[0].Value != want {
				t.Errorf("%s at %s = %q, %v, want %s", id, name, lines(got), err, want)
			}
		}
	}
}

func TestSPFWithTheWholeName(t *testing.T) {
	t.Parallel()
	for _, name := range hardNames {
		domain := dnsname.MustParse(name)
		got, err := builtin(t, "ondmarc").Apply(service.Use{Domain: domain})
		if want := "include:_u." + domain.String() + "._spf.smart.ondmarc.com"; err != nil || got.SPF[0].Terms.TermsString() != want {
			t.Errorf("ondmarc at %s = %q, %v, want %s", name, lines(got), err, want)
		}
	}
}

// An internationalised domain with its dots as hyphens looks like an A-label, and is none.
func TestBuiltinOfInternationalisedDomain(t *testing.T) {
	t.Parallel()
	got, err := builtin(t, "brevo").Apply(service.Use{
		Domain: dnsname.MustParse("bücher.example"), Kinds: service.DKIMKind,
		Variables: map[string]string{"dkim1_target": "B1.xn--bcher-kva-example.dkim.brevo.com", "dkim2_target": "b2.xn--bcher-kva-example.dkim.brevo.com"},
	})
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	want := []string{
		"brevo1 DKIM brevo1._domainkey.xn--bcher-kva.example 3600 CNAME b1.xn--bcher-kva-example.dkim.brevo.com",
		"brevo2 DKIM brevo2._domainkey.xn--bcher-kva.example 3600 CNAME b2.xn--bcher-kva-example.dkim.brevo.com",
	}
	if diff := cmp.Diff(want, lines(got)); diff != "" {
		t.Errorf("Apply (-want +got):\n%s", diff)
	}
}

// Both targets of Microsoft 365 are given, or none is, and both are of one form.
func TestMicrosoft365Targets(t *testing.T) {
	t.Parallel()
	const newer, older = "selector1-my-company-com._domainkey.acme.q-v1.dkim.mail.microsoft", "selector2-mycompany-com01b._domainkey.acme.onmicrosoft.com"
	tests := map[string]struct {
		domain    string
		variables map[string]string
		unknown   []string
		wantName  string // of the variable that the error is about; empty for none
		wantText  string
	}{
		"both":              {"my-company.com", map[string]string{"selector1_target": newer, "selector2_target": strings.Replace(newer, "selector1", "selector2", 1)}, nil, "", ""},
		"one and derived":   {"example.com", map[string]string{"selector1_target": newer, "tenant": "acme"}, nil, "selector2_target", "`selector1_target` is set"},
		"the other alone":   {"example.com", map[string]string{"selector2_target": older, "tenant": "acme"}, nil, "selector1_target", "`selector2_target` is set"},
		"two forms":         {"my-company.com", map[string]string{"selector1_target": newer, "selector2_target": older}, nil, "selector2_target", "one form"},
		"one unknown":       {"my-company.com", map[string]string{"selector1_target": newer}, []string{"selector2_target"}, "", ""},
		"tenant and hyphen": {"my-company.com", map[string]string{"tenant": "acme"}, nil, "selector1_target", "has a hyphen"},
		"nothing":           {"example.com", nil, nil, "selector1_target", "is missing"},
		"china":             {"example.com", map[string]string{"tenant": "acme", "cloud": "china"}, nil, "selector1_target", `the cloud "china"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := builtin(t, "microsoft365").Apply(service.Use{
				Domain: dnsname.MustParse(tt.domain), Kinds: service.DKIMKind, Variables: tt.variables, Unknown: unknown(tt.unknown...),
			})
			var variable *service.VariableError
			if found := errors.As(err, &variable); found != (tt.wantName != "") || found && (variable.Name != tt.wantName || !strings.Contains(variable.Error(), tt.wantText)) {
				t.Errorf("Apply error = %v, want one about %q with %q", err, tt.wantName, tt.wantText)
			}
		})
	}
}

func TestMicrosoft365Clouds(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"":         {"autodiscover.outlook.com", "spf.protection.outlook.com", "selector1-example-com._domainkey.acme.onmicrosoft.com"},
		"gcc":      {"autodiscover.outlook.com", "spf.protection.outlook.com", "selector1-example-com._domainkey.acme.onmicrosoft.com"},
		"gcc_high": {"autodiscover.office365.us", "spf.protection.office365.us", "selector1-example-com._domainkey.acme.onmicrosoft.us"},
		"DoD":      {"autodiscover-dod.office365.us", "spf.protection.office365.us", "selector1-example-com._domainkey.acme.onmicrosoft.us"},
		"china":    {"autodiscover.partner.outlook.cn", "spf.protection.partner.outlook.cn"},
	}
	for cloud, want := range tests {
		groups := []string{"spf", "autodiscover"}
		if cloud != "china" {
			groups = append(groups, "dkim")
		}
		got, err := builtin(t, "microsoft365").Apply(service.Use{
			Domain: domain, Groups: groups, Variables: map[string]string{"tenant": "acme", "cloud": cloud},
		})
		all := strings.Join(lines(got), "\n")
		for _, text := range want {
			if err != nil || !strings.Contains(all, text) {
				t.Errorf("cloud %q: %v, %s\nlacks %s", cloud, err, all, text)
			}
		}
	}
}

// The region decides where the keys of Amazon SES lie; what is not known is demanded.
func TestAmazonSESRegions(t *testing.T) {
	t.Parallel()
	own := []string{
		"af-south-1", "ap-south-2", "ap-southeast-3", "ap-southeast-5", "ap-northeast-3", "ca-west-1", "eu-south-1", "eu-central-2",
		"il-central-1", "me-central-1", "us-gov-east-1",
	}
	want := map[string]string{"us-east-1": "dkim.amazonses.com", "EU-West-1": "dkim.amazonses.com", "us-gov-west-1": "dkim.amazonses.com"}
	for _, region := range own {
		want[region] = "dkim." + region + ".amazonses.com"
	}
	for _, region := range slices.Sorted(maps.Keys(want)) {
		u := use("dkim_token_1=a", "dkim_token_2=b", "dkim_token_3=c", "region="+region)
		u.Domain, u.Groups = domain, []string{"dkim"}
		if got, err := builtin(t, "amazon_ses").Apply(u); err != nil || got.Records[0].Value != "a."+want[region] {
			t.Errorf("region %s: %q, %v, want a.%s", region, lines(got), err, want[region])
		}
	}
	tests := map[string]struct {
		region, target string
		unknown        []string
		wantName, text string
	}{
		"unknown region":                {region: "mx-central-1", wantName: "dkim_domain", text: `the region "mx-central-1"`},
		"unknown region and the domain": {region: "mx-central-1", target: "dkim.mx-central-1.amazonses.com"},
		"no region":                     {wantName: "region", text: "`dkim_domain`"},
		"no region and the domain":      {target: "dkim.amazonses.com"},
		"a region that is no label":     {region: "eu-west-1.amazonaws.com", wantName: "region", text: `write "eu-west-1"`},
		"a region that is unknown":      {unknown: []string{"region"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := use("dkim_token_1=a", "dkim_token_2=b", "dkim_token_3=c", "region="+tt.region, "dkim_domain="+tt.target)
			u.Domain, u.Groups, u.Unknown = domain, []string{"dkim"}, unknown(tt.unknown...)
			if tt.unknown != nil {
				delete(u.Variables, "region")
			}
			got, err := builtin(t, "amazon_ses").Apply(u)
			var variable *service.VariableError
			if found := errors.As(err, &variable); found != (tt.wantName != "") || found && (variable.Name != tt.wantName || !strings.Contains(variable.Error(), tt.text)) {
				t.Errorf("Apply error = %v, want one about %q with %q", err, tt.wantName, tt.text)
			}
			if tt.unknown != nil && (err != nil || !got.Records[0].Unknown.Attribute(service.ValuePart).Any()) {
				t.Errorf("Apply = %+v, %v, want an unknown value", got.Records, err)
			}
		})
	}
}
