package service_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/url"
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
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

var update = flag.Bool("update", false, "write testdata/catalogue.golden anew")

const golden = "testdata/catalogue.golden"

// rawTemplate is a built-in template as any other implementation of Domain Connect reads it.
type rawTemplate struct {
	ProviderID, ProviderName, ServiceID, ServiceName, Description string
	Version                                                       int
	Records                                                       []map[string]any
}

func readRaw(t *testing.T, id string) (raw rawTemplate, text string) {
	t.Helper()
	data, err := os.ReadFile("builtin/" + id + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	return raw, string(data)
}

// fields are what each type of record must and may have in a Domain Connect template.
var fields = map[string]struct{ must, may []string }{
	"CNAME": {[]string{"host", "pointsTo", "ttl"}, nil},
	"MX":    {[]string{"host", "pointsTo", "ttl", "priority"}, nil},
	"TXT":   {[]string{"host", "data", "ttl"}, []string{"txtConflictMatchingMode", "txtConflictMatchingPrefix"}},
	"SRV":   {[]string{"name", "target", "ttl", "priority", "protocol", "service", "weight", "port"}, nil},
	"SPFM":  {[]string{"host", "spfRules"}, nil},
}

var (
	identifier = regexp.MustCompile(`^[a-z0-9][a-z0-9_]*$`)
	variable   = regexp.MustCompile(`%[a-z0-9_]+%`)
	relative   = regexp.MustCompile(`^(@|[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)$`)
	absolute   = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$`)
	number     = regexp.MustCompile(`^(%[a-z0-9_]+%|[0-9]+)$`)
)

// Any implementation of Domain Connect must be able to read our own templates.
func TestCatalogueFollowsTheFormat(t *testing.T) {
	t.Parallel()
	services := make(map[string]string) // provider and service id → our id
	for _, id := range service.Builtins() {
		raw, text := readRaw(t, id)
		if raw.ProviderID == "" || raw.ProviderName == "" || raw.ServiceID == "" || raw.ServiceName == "" || raw.Version < 1 {
			t.Errorf("%s: a required property is missing: %+v", id, raw)
		}
		if !strings.HasPrefix(raw.Description, "Lets "+raw.ServiceName+" ") || strings.HasSuffix(raw.Description, ".") {
			t.Errorf("%s: description %q, want one of what it lets %q do", id, raw.Description, raw.ServiceName)
		}
		key := raw.ProviderID + "." + raw.ServiceID
		if other, taken := services[key]; taken {
			t.Errorf("%s and %s are both %s", id, other, key)
		}
		services[key] = id
		if i := strings.IndexFunc(text, func(c rune) bool { return c > unicode.MaxASCII || c == '\t' }); i >= 0 {
			t.Errorf("%s: octet %d is not plain ASCII, which record.Display would escape", id, i)
		}
		for i, r := range raw.Records {
			for _, problem := range append(wrongFields(r), wrongValues(r)...) {
				t.Errorf("%s: records[%d] %s", id, i, problem)
			}
		}
	}
}

// wrongFields says what is missing from a record, and what does not belong into it.
func wrongFields(r map[string]any) (problems []string) {
	known, ok := fields[fmt.Sprint(r["type"])]
	if !ok {
		return []string{fmt.Sprintf("has the type %v", r["type"])}
	}
	for _, field := range known.must {
		if r[field] == nil || r[field] == "" {
			problems = append(problems, "lacks "+field)
		}
	}
	for field := range r {
		if !slices.Contains(slices.Concat(known.must, known.may, []string{"type", "groupId", "essential", "x-maildomain"}), field) {
			problems = append(problems, "has "+field+", which its type does not know")
		}
	}
	return problems
}

// wrongValues says which fields of a record hold what no domain could publish, whatever the variables are.
func wrongValues(r map[string]any) (problems []string) {
	text := func(field string) string { return variable.ReplaceAllString(fmt.Sprint(r[field]), "acme.example") }
	refuse := func(field string) { problems = append(problems, fmt.Sprintf("has the %s %v", field, r[field])) }
	owner := "host"
	if r["type"] == "SRV" {
		owner = "name"
	}
	if !relative.MatchString(text(owner)) {
		refuse(owner)
	}
	if target := r["target"]; target != nil && !absolute.MatchString(text("target")) {
		refuse("target")
	}
	if target := r["pointsTo"]; target != nil && !absolute.MatchString(text("pointsTo")) {
		refuse("pointsTo")
	}
	if ttl := r["ttl"]; ttl != nil && ttl != float64(service.DefaultTTL) {
		refuse("ttl")
	}
	if priority := r["priority"]; priority != nil && !number.MatchString(fmt.Sprint(priority)) {
		refuse("priority")
	}
	if rules := r["spfRules"]; rules != nil {
		terms, err := spf.ParseTerms(text("spfRules"))
		if err != nil || len(terms.Directives) == 0 || len(terms.Modifiers) > 0 {
			refuse("spfRules")
		}
		for _, term := range terms.Directives {
			named := term.Mechanism == spf.MechInclude || (term.Mechanism == spf.MechA || term.Mechanism == spf.MechExists) && term.Domain != ""
			if !named || term.Qualifier != spf.Pass {
				refuse("spfRules")
			}
		}
	}
	if r["type"] == "CNAME" && r["host"] == "@" {
		problems = append(problems, "is a CNAME at the root")
	}
	if !identifier.MatchString(fmt.Sprint(r["groupId"])) {
		refuse("groupId")
	}
	own, _ := r["x-maildomain"].(map[string]any)
	if !identifier.MatchString(fmt.Sprint(own["id"])) {
		problems = append(problems, fmt.Sprintf("has the id %v", own["id"]))
	}
	return problems
}

// Whoever applies a template must find in it all that there is to know.
func TestCatalogueExplains(t *testing.T) {
	t.Parallel()
	pages := make(map[string]string) // URL → id
	for _, id := range service.Builtins() {
		info := builtin(t, id).Info()
		u, err := url.Parse(info.Documentation)
		if err != nil || u.Scheme != "https" || u.Host == "" || pages[info.Documentation] != "" {
			t.Errorf("%s: documentation %q, error %v, page of %q, want a page of its own at an https URL", id, info.Documentation, err, pages[info.Documentation])
		}
		pages[info.Documentation] = id
		if _, err := time.Parse(time.DateOnly, info.Checked); err != nil || !slices.Contains([]string{"V", "I", "O", "?"}, info.Evidence) {
			t.Errorf("%s: checked %q, evidence %q", id, info.Checked, info.Evidence)
		}
		if !identifier.MatchString(id) || info.ID != id {
			t.Errorf("%s: id %q", id, info.ID)
		}
		for _, g := range info.Groups {
			if !identifier.MatchString(g.ID) || !isPhrase(g.Description) {
				t.Errorf("%s: group %+v lacks an identifier or a description", id, g)
			}
		}
		for _, v := range info.Variables {
			if !identifier.MatchString(v.Name) || v.Kind == "" || !isPhrase(v.Description) || !isPhrase(v.Where) {
				t.Errorf("%s: variable %+v lacks an identifier, a kind or texts that fit behind \"it is\" and \"found\"", id, v)
			}
		}
		for _, n := range info.Notes {
			if !strings.HasSuffix(n, ".") || !unicode.IsUpper(rune(n[0])) {
				t.Errorf("%s: the note %q is no sentence", id, n)
			}
		}
	}
}

// isPhrase reports whether a text may stand within a sentence.
func isPhrase(text string) bool {
	return text != "" && unicode.IsLower(rune(text[0])) && !strings.HasSuffix(text, ".") && strings.TrimSpace(text) == text
}

// sample is a value that a variable can have, and another of the same kind.
func sample(v service.Variable) (value, other string) {
	label := strings.ReplaceAll(v.Name, "_", "-")
	if len(v.Values) > 0 {
		return v.Values[0], v.Values[len(v.Values)/2] // Its neighbours decide the same as the first does.
	}
	switch v.Kind {
	case service.KindDomain:
		return label + ".acme.example", "other.acme.example"
	case service.KindToken:
		return "10", "20" // Priorities, as yet.
	case service.KindText:
		return "text of " + v.Name, "other text"
	case service.KindDKIM:
		return dkimRecord, "v=DKIM1; k=rsa; p=MIIC"
	case service.KindSPF:
		return "include:" + label + ".acme.example", "include:other.acme.example"
	}
	return label, "other"
}

// samples sets the variables that have no default, and that no other decides.
func samples(info service.Info) map[string]string {
	values := make(map[string]string)
	for _, v := range info.Variables {
		if v.Default == "" && v.DecidedBy == "" {
			values[v.Name], _ = sample(v)
		}
	}
	return values
}

// places are a domain, a host of it, and that host as a domain of its own; a host of another name in the place of the
// other two where the service demands one.
func places(info service.Info) []service.Use {
	if info.HostRequired {
		return []service.Use{{Domain: domain, Host: "offers"}, {Domain: domain, Host: "news"}}
	}
	return []service.Use{{Domain: domain}, {Domain: domain, Host: "news"}, {Domain: dnsname.MustParse("news." + domain.String())}}
}

// Whatever is asked of a built-in service lies in the domain, is of its type, and has the same ids everywhere.
func TestCatalogueApplies(t *testing.T) {
	t.Parallel()
	for _, id := range service.Builtins() {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			info := builtin(t, id).Info()
			choices := [][]string{nil} // the default groups
			for _, g := range info.Groups {
				choices = append(choices, []string{g.ID})
			}
			for _, groups := range choices {
				var applied []service.Applied
				for _, u := range places(info) {
					u.Groups, u.Variables = groups, samples(info)
					applied = append(applied, checkApplied(t, id, u))
				}
				if groups != nil && len(applied[0].Records)+len(applied[0].SPF) == 0 {
					t.Errorf("groups %q have no records", groups)
				}
				if diff := cmp.Diff(ids(applied[0]), ids(applied[1])); diff != "" {
					t.Errorf("ids of groups %q (-at the domain +at a host):\n%s", groups, diff)
				}
				if info.HostRequired {
					continue
				}
				if diff := cmp.Diff(lines(applied[1]), lines(applied[2])); diff != "" {
					t.Errorf("groups %q (-at a host +at the same name as a domain):\n%s", groups, diff)
				}
			}
		})
	}
}

// checkApplied applies a service, and checks what comes out against where it was applied.
func checkApplied(t *testing.T, id string, u service.Use) service.Applied {
	t.Helper()
	a, err := builtin(t, id).Apply(u)
	if err != nil {
		t.Fatalf("Apply(%+v): %v", u, err)
	}
	if len(a.Warnings) > 0 {
		t.Errorf("Apply(%+v) warns: %q", u, a.Warnings)
	}
	origin, err := dnsname.ParseIn(u.Host, u.Domain)
	if err != nil {
		t.Fatal(err)
	}
	set := make(record.Set)
	for _, r := range a.Records {
		if !r.Owner.IsIn(origin) || r.Domain != u.Domain || r.TTL == 0 {
			t.Errorf("record %+v lies outside %s", r, origin)
		}
		if canonical, err := record.Canonical(r.Type, r.Value); err != nil || canonical != r.Value {
			t.Errorf("record %+v has a value that is not canonical: %q, %v", r, canonical, err)
		}
		if _, twice := set[r.ID]; twice {
			t.Errorf("two records have the id %q", r.ID)
		}
		if u.Groups == nil && (r.Type == record.MX && r.Owner == origin || strings.HasPrefix(r.Owner.String(), "autodiscover.")) {
			t.Errorf("%s, a mailbox record, is applied by default", r.ID)
		}
		set[r.ID] = r.Record
	}
	if _, err := record.RRsets(set); err != nil {
		t.Errorf("no zone can hold the records of groups %q: %v", u.Groups, err)
	}
	for _, s := range a.SPF {
		if !s.Owner.IsIn(origin) {
			t.Errorf("SPF terms at %s lie outside %s", s.Owner, origin)
		}
	}
	return a
}

// rows writes what each group of a service asks for at the domain, or at the host that it demands, a record a line.
func rows(t *testing.T, id string, variables map[string]string) []string {
	t.Helper()
	var all []string
	info := builtin(t, id).Info()
	for _, g := range info.Groups {
		mark := "optional"
		if g.Default {
			mark = "default"
		}
		u := places(info)[0]
		u.Groups, u.Variables = []string{g.ID}, variables
		a := checkApplied(t, id, u)
		for _, line := range lines(a) {
			all = append(all, fmt.Sprintf("%s %s (%s): %s", id, g.ID, mark, line))
		}
	}
	return all
}

// A variable that changes nothing would be asked for in vain.
func TestCatalogueVariablesCount(t *testing.T) {
	t.Parallel()
	for _, id := range service.Builtins() {
		info := builtin(t, id).Info()
		before := rows(t, id, samples(info))
		for _, v := range info.Variables {
			changed := samples(info)
			_, changed[v.Name] = sample(v)
			for _, other := range v.With {
				changed[other] = "with." + changed[v.Name]
			}
			if slices.Equal(before, rows(t, id, changed)) {
				t.Errorf("%s: the variable %s changes no record", id, v.Name)
			}
		}
	}
}

// The table shows in review what a change of the templates does to the records of those who use them. A record's id
// is part of its key in Terraform: it never changes.
func TestCatalogueGolden(t *testing.T) {
	t.Parallel()
	table := make(map[string]bool)
	for _, id := range service.Builtins() {
		info := builtin(t, id).Info()
		for _, row := range rows(t, id, samples(info)) {
			table[row] = true
		}
	}
	got := strings.Join(slices.Sorted(maps.Keys(table)), "\n") + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the catalogue differs from %s; where that is meant, run go test ./internal/service -run Golden -update (-want +got):\n%s", golden, diff)
	}
}
