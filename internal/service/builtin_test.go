package service_test

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

const dkimRecord = "v=DKIM1; k=rsa; p=MIIB"

func builtin(t testing.TB, id string) *service.Template {
	t.Helper()
	parsed, err := service.Builtin(id)
	if err != nil {
		t.Fatalf("Builtin(%q): %v", id, err)
	}
	return parsed
}

func TestBuiltins(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		id   string
		use  service.Use
		want []string
	}{
		"catglobe": {
			"catglobe", use("spf_include=SPF.acme.example.", "dkim_selector=Sel1", "dkim_target=sel1.acme.example"),
			[]string{
				"dkim DKIM sel1._domainkey.example.com 3600 CNAME sel1.acme.example",
				"SPF example.com: include:spf.acme.example",
			},
		},
		"microsoft365": {
			"microsoft365", use("selector1_target=selector1-example-com._domainkey.acme.n-v1.dkim.mail.microsoft", "selector2_target=selector2-example-com._domainkey.acme.n-v1.dkim.mail.microsoft"),
			[]string{
				"selector1 DKIM selector1._domainkey.example.com 3600 CNAME selector1-example-com._domainkey.acme.n-v1.dkim.mail.microsoft",
				"selector2 DKIM selector2._domainkey.example.com 3600 CNAME selector2-example-com._domainkey.acme.n-v1.dkim.mail.microsoft",
				"SPF example.com: include:spf.protection.outlook.com",
			},
		},
		"microsoft365, an older domain": {
			"microsoft365",
			service.Use{Host: "marketing", Variables: map[string]string{"tenant": "acme"}, Kinds: service.DKIMKind},
			[]string{
				"selector1 DKIM selector1._domainkey.marketing.example.com 3600 CNAME selector1-marketing-example-com._domainkey.acme.onmicrosoft.com",
				"selector2 DKIM selector2._domainkey.marketing.example.com 3600 CNAME selector2-marketing-example-com._domainkey.acme.onmicrosoft.com",
			},
		},
		"microsoft365, mailboxes": {
			"microsoft365",
			service.Use{Groups: []string{"spf_us_government", "mx", "autodiscover"}, Variables: map[string]string{"mx_target": "example-com.mail.protection.outlook.com"}},
			[]string{
				"mx other example.com 3600 MX 0 example-com.mail.protection.outlook.com",
				"autodiscover other autodiscover.example.com 3600 CNAME autodiscover.outlook.com",
				"SPF example.com: include:spf.protection.office365.us",
			},
		},
		"google_workspace": {
			"google_workspace", use("dkim_record=" + dkimRecord),
			[]string{
				"dkim DKIM google._domainkey.example.com 3600 TXT " + dkimRecord,
				"SPF example.com: include:_spf.google.com",
			},
		},
		"google_workspace, mailboxes": {
			"google_workspace",
			service.Use{Groups: []string{"mx_aspmx"}},
			[]string{
				"aspmx other example.com 3600 MX 1 aspmx.l.google.com",
				"alt1 other example.com 3600 MX 5 alt1.aspmx.l.google.com",
				"alt2 other example.com 3600 MX 5 alt2.aspmx.l.google.com",
				"alt3 other example.com 3600 MX 10 alt3.aspmx.l.google.com",
				"alt4 other example.com 3600 MX 10 alt4.aspmx.l.google.com",
			},
		},
		"amazon_ses": {
			"amazon_ses", use("dkim_token_1=a", "dkim_token_2=b", "dkim_token_3=c", "mail_from=mail", "region=eu-west-1"),
			[]string{
				"dkim1 DKIM a._domainkey.example.com 3600 CNAME a.dkim.amazonses.com",
				"dkim2 DKIM b._domainkey.example.com 3600 CNAME b.dkim.amazonses.com",
				"dkim3 DKIM c._domainkey.example.com 3600 CNAME c.dkim.amazonses.com",
				"mail_from_mx other mail.example.com 3600 MX 10 feedback-smtp.eu-west-1.amazonses.com",
				"SPF mail.example.com: include:amazonses.com",
			},
		},
		"amazon_ses, SPF alone": {
			"amazon_ses",
			service.Use{Kinds: service.SPFKind, Variables: map[string]string{"mail_from": "mail"}},
			[]string{"SPF mail.example.com: include:amazonses.com"},
		},
		"sendgrid": {
			"sendgrid", use("return_path=em1", "sendgrid_host=u1.wl2.sendgrid.net"),
			[]string{
				"return_path other em1.example.com 3600 CNAME u1.wl2.sendgrid.net",
				"s1 DKIM s1._domainkey.example.com 3600 CNAME s1.domainkey.u1.wl2.sendgrid.net",
				"s2 DKIM s2._domainkey.example.com 3600 CNAME s2.domainkey.u1.wl2.sendgrid.net",
			},
		},
		"sendgrid, manual": {"sendgrid", service.Use{Groups: []string{"manual"}}, []string{"SPF example.com: include:sendgrid.net"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.use.Domain = domain
			got, err := builtin(t, tt.id).Apply(tt.use)
			if err != nil {
				t.Fatalf("Apply: %v", err)
			}
			if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
				t.Errorf("Apply (-want +got):\n%s", diff)
			}
			if len(got.Warnings) > 0 {
				t.Errorf("Apply warnings = %q, want none", got.Warnings)
			}
		})
	}
}

func TestBuiltinVariablesInvalid(t *testing.T) {
	t.Parallel()
	tests := []struct{ id, name, value, reason string }{
		{"catglobe", "spf_include", "include:spf.acme.example", `write "spf.acme.example"`},
		{"catglobe", "spf_include", "v=spf1 include:spf.acme.example -all", `write "spf.acme.example"`},
		{"catglobe", "spf_include", "spf acme", "a domain name alone"},
		{"catglobe", "spf_include", "*.acme.example", "one host"},
		{"catglobe", "spf_include", "a..b", "two dots"},
		{"catglobe", "spf_include", "%{i}.acme.example", "character"},
		{"catglobe", "dkim_selector", "sel1._domainkey.example.com", `write "sel1"`},
		{"catglobe", "dkim_selector", "sel1.example.com", `write "sel1"`},
		{"catglobe", "dkim_target", "acme.example\n", "trimspace()"},
		{"catglobe", "dkim_target", ".", "one host"},
		{"microsoft365", "tenant", "acme.onmicrosoft.com", `write "acme"`},
		{"microsoft365", "tenant", "a/b", "must not be there"},
		{"google_workspace", "dkim_record", "MIIB", "not a DKIM key record"},
		{"amazon_ses", "mail_from", "mail.example.com", `write "mail"`},
		{"amazon_ses", "mail_from", "a b", "character"},
		{"amazon_ses", "region", "eu-west-1.amazonaws.com", `write "eu-west-1"`},
	}
	valid := use("spf_include=a.example", "dkim_selector=s", "dkim_target=b.example", "dkim_record="+dkimRecord, "tenant=t",
		"dkim_token_1=a", "dkim_token_2=b", "dkim_token_3=c", "mail_from=mail", "region=r").Variables
	for _, tt := range tests {
		t.Run(tt.id+" "+tt.value, func(t *testing.T) {
			t.Parallel()
			parsed := builtin(t, tt.id)
			u := use(tt.name + "=" + tt.value)
			for _, v := range parsed.Info().Variables {
				if value, ok := valid[v.Name]; ok && v.Name != tt.name {
					u.Variables[v.Name] = value
				}
			}
			_, err := parsed.Apply(u)
			var variable *service.VariableError
			if !errors.As(err, &variable) || variable.Name != tt.name || variable.Problem != service.Invalid || !strings.Contains(variable.Reason, tt.reason) {
				t.Errorf("Apply(%s = %q) error = %v, want a reason with %q", tt.name, tt.value, err, tt.reason)
			}
			if variable != nil && (variable.Description == "" || variable.Where == "") {
				t.Errorf("Apply(%s = %q) error = %+v does not say what the variable is", tt.name, tt.value, *variable)
			}
		})
	}
}

// Names of Catglobe's own need nothing, and its variables are not asked for there.
func TestCatglobeOwnZone(t *testing.T) {
	t.Parallel()
	for name, own := range map[string]bool{"catglobe.com": true, "a.b.catglobe.com": true, "notcatglobe.com": false, "catglobe.com.example": false} {
		got, err := builtin(t, "catglobe").Apply(service.Use{Domain: dnsname.MustParse(name)})
		if got.OwnZone != own || own && (err != nil || len(got.Notes) != 1 || len(got.Records)+len(got.SPF) != 0) || !own && len(variableErrors(err)) != 3 {
			t.Errorf("Apply to %s = %+v, %v, want own zone %t", name, got, err, own)
		}
	}
}

// fields are what each type of record must and may have in a Domain Connect template.
var fields = map[string]struct{ must, may []string }{
	"CNAME": {[]string{"host", "pointsTo", "ttl"}, nil},
	"MX":    {[]string{"host", "pointsTo", "ttl", "priority"}, nil},
	"TXT":   {[]string{"host", "data", "ttl"}, []string{"txtConflictMatchingMode", "txtConflictMatchingPrefix"}},
	"SRV":   {[]string{"name", "target", "ttl", "priority", "protocol", "service", "weight", "port"}, nil},
	"SPFM":  {[]string{"host", "spfRules"}, nil},
}

// Any implementation of Domain Connect must be able to read our own templates, and whoever applies one must
// find in it all that there is to know.
func TestBuiltinsFollowTheFormat(t *testing.T) {
	t.Parallel()
	identifier := regexp.MustCompile(`^[a-z0-9][a-z0-9_]*$`)
	for _, id := range service.Builtins() {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile("builtin/" + id + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var raw struct {
				ProviderID, ProviderName, ServiceID, ServiceName, Description string
				Version                                                       int
				Records                                                       []map[string]any
			}
			if err := json.Unmarshal(data, &raw); err != nil {
				t.Fatal(err)
			}
			if raw.ProviderID == "" || raw.ProviderName == "" || raw.ServiceID == "" || raw.ServiceName == "" || raw.Description == "" || raw.Version < 1 {
				t.Errorf("a required property is missing: %+v", raw)
			}
			if i := strings.IndexFunc(string(data), func(c rune) bool { return c > unicode.MaxASCII || c == '\t' }); i >= 0 {
				t.Errorf("octet %d is not plain ASCII, which record.Display would escape", i)
			}
			for i, r := range raw.Records {
				checkFormat(t, i, r)
			}
			info := builtin(t, id).Info()
			if !identifier.MatchString(id) || info.ID != id || info.Documentation == "" || !strings.HasPrefix(info.Documentation, "https://") {
				t.Errorf("id %q, documentation %q", info.ID, info.Documentation)
			}
			if _, err := time.Parse(time.DateOnly, info.Checked); err != nil || !slices.Contains([]string{"V", "I", "O", "?"}, info.Evidence) {
				t.Errorf("checked %q, evidence %q", info.Checked, info.Evidence)
			}
			for _, g := range info.Groups {
				if !identifier.MatchString(g.ID) || g.Description == "" {
					t.Errorf("group %+v lacks an identifier or a description", g)
				}
			}
			for _, v := range info.Variables {
				if !identifier.MatchString(v.Name) || v.Kind == "" || v.Description == "" || v.Where == "" || strings.HasSuffix(v.Description+v.Where, ".") {
					t.Errorf("variable %+v lacks an identifier, a kind or texts without full stops", v)
				}
			}
			for _, n := range info.Notes {
				if !strings.HasSuffix(n, ".") {
					t.Errorf("the note %q is no sentence", n)
				}
			}
		})
	}
}

func checkFormat(t *testing.T, i int, r map[string]any) {
	t.Helper()
	typ, _ := r["type"].(string)
	known, ok := fields[typ]
	if !ok {
		t.Errorf("records[%d] has the type %q", i, typ)
	}
	for _, field := range known.must {
		if r[field] == nil || r[field] == "" {
			t.Errorf("records[%d] lacks %q", i, field)
		}
	}
	for field := range r {
		if !slices.Contains(slices.Concat(known.must, known.may, []string{"type", "groupId", "essential", "x-maildomain"}), field) {
			t.Errorf("records[%d] has %q, which its type does not know", i, field)
		}
	}
	if host := r["host"]; typ == "CNAME" && (host == "@" || host == "") {
		t.Errorf("records[%d] is a CNAME at the root", i)
	}
	if group, _ := r["groupId"].(string); group == "" {
		t.Errorf("records[%d] is in no group", i)
	}
	if own, _ := r["x-maildomain"].(map[string]any); own["id"] == nil {
		t.Errorf("records[%d] has no id of its own", i)
	}
}

// Whatever is asked of a built-in service lies in the domain, is of its type, and has the same keys everywhere.
func TestBuiltinsApply(t *testing.T) {
	t.Parallel()
	values := map[service.VariableKind]string{
		service.KindDomain: "target.acme.example", service.KindHost: "bounce", service.KindLabel: "label", service.KindSelector: "sel",
		service.KindToken: "token", service.KindText: "text", service.KindDKIM: dkimRecord, service.KindSPF: "include:acme.example",
	}
	for _, id := range service.Builtins() {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			parsed := builtin(t, id)
			info := parsed.Info()
			var groups []string
			for _, g := range info.Groups {
				groups = append(groups, g.ID)
			}
			u := service.Use{Domain: domain, Groups: groups, Variables: make(map[string]string)}
			for i, v := range info.Variables {
				u.Variables[v.Name] = values[v.Kind]
				if v.Kind == service.KindSelector {
					u.Variables[v.Name] += string(rune('a' + i))
				}
			}
			var first []string
			for _, host := range []string{"", "sub", "deep.sub"} {
				u.Host = host
				got, err := parsed.Apply(u)
				if err != nil {
					t.Fatalf("Apply at %q: %v", host, err)
				}
				if len(got.Warnings) > 0 {
					t.Errorf("Apply at %q warns: %q", host, got.Warnings)
				}
				origin, err := dnsname.ParseIn(host, domain)
				if err != nil {
					t.Fatal(err)
				}
				checkApplied(t, got, origin)
				if first == nil {
					first = ids(got)
				}
				if diff := cmp.Diff(first, ids(got)); diff != "" {
					t.Errorf("ids at %q (-at the domain +there):\n%s", host, diff)
				}
			}
			u = service.Use{Domain: domain, Variables: u.Variables}
			got, err := parsed.Apply(u)
			if err != nil {
				t.Fatalf("Apply of the default groups: %v", err)
			}
			for _, r := range got.Records {
				if r.Type == record.MX && r.Owner == domain || strings.HasPrefix(r.Owner.String(), "autodiscover.") {
					t.Errorf("%s, a mailbox record, is applied by default", r.ID)
				}
			}
		})
	}
}

func checkApplied(t *testing.T, a service.Applied, origin dnsname.Name) {
	t.Helper()
	set := make(record.Set)
	for _, r := range a.Records {
		if !r.Owner.IsIn(origin) || r.Domain != domain || r.TTL == 0 {
			t.Errorf("record %+v lies outside %s", r, origin)
		}
		if canonical, err := record.Canonical(r.Type, r.Value); err != nil || canonical != r.Value {
			t.Errorf("record %+v has a value that is not canonical: %q, %v", r, canonical, err)
		}
		if _, twice := set[r.ID]; twice {
			t.Errorf("two records have the id %q", r.ID)
		}
		set[r.ID] = r.Record
	}
	if _, err := record.RRsets(set); err != nil {
		t.Errorf("no zone can hold the records: %v", err)
	}
	for _, s := range a.SPF {
		if !s.Owner.IsIn(origin) {
			t.Errorf("SPF terms at %s lie outside %s", s.Owner, origin)
		}
	}
}

func TestBuiltinIsParsedOnce(t *testing.T) {
	t.Parallel()
	if first, again := builtin(t, "catglobe"), builtin(t, "catglobe"); first != again {
		t.Error("Builtin parses a template twice")
	}
}
