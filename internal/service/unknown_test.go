package service_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// unknown returns the set of the variables with these names; "*" stands for all that have no value.
func unknown(names ...string) (set problem.Unknown) {
	for _, name := range names {
		if name == "*" {
			return problem.UnknownAt(nil)
		}
		set.Add(problem.Path(nil).Key(name))
	}
	return set
}

// partlyLines writes what a service asks for with a question mark for each unknown part.
func partlyLines(a service.Applied) []string {
	part := func(of problem.Unknown, name string, value any) string {
		if of.Attribute(name).Any() {
			return "?"
		}
		return fmt.Sprint(value)
	}
	var all []string
	for _, r := range a.Records {
		u := r.Unknown
		all = append(all, strings.Join([]string{r.ID, part(u, service.OwnerPart, r.Owner), part(u, service.TTLPart, r.TTL), string(r.Type), part(u, service.ValuePart, r.Value)}, " "))
	}
	for _, s := range a.SPF {
		all = append(all, fmt.Sprintf("SPF %s: %s %s", part(s.Unknown, service.OwnerPart, s.Owner), s.Terms.TermsString(), part(s.Unknown, service.ValuePart, "")))
	}
	return all
}

func TestApplyUnknown(t *testing.T) {
	t.Parallel()
	described := `"x-maildomain": {"variables": [{"name": "target", "default": "%tenant%.acme.example"}, {"name": "tenant"}]}`
	tests := map[string]struct {
		template string
		use      service.Use
		want     []string
	}{
		"a value": {
			template(`{"type":"CNAME","host":"a","pointsTo":"%x%.acme.example"},{"type":"CNAME","host":"b","pointsTo":"%y%.acme.example"}`),
			service.Use{Domain: domain, Variables: map[string]string{"y": "1"}, Unknown: unknown("X")},
			[]string{"cname-a a.example.com 3600 CNAME ?", "cname-b b.example.com 3600 CNAME 1.acme.example"},
		},
		"an owner": {
			template(`{"type":"CNAME","host":"%x%._domainkey","pointsTo":"k.acme.example"}`),
			service.Use{Domain: domain, Unknown: unknown("x")},
			[]string{"cname-%x%._domainkey ? 3600 CNAME k.acme.example"},
		},
		"owner and value": {
			template(`{"type":"CNAME","host":"%x%._domainkey","pointsTo":"%x%.acme.example"}`),
			service.Use{Domain: domain, Unknown: unknown("x")},
			[]string{"cname-%x%._domainkey ? 3600 CNAME ?"},
		},
		"numbers": {
			template(`{"type":"MX","host":"@","pointsTo":"mx.acme.example","priority":"%p%","ttl":"%t%"},
				{"type":"SRV","name":"@","service":"_%s%","protocol":"_tcp","target":"a.acme.example","priority":1,"weight":2,"port":"%p%"}`),
			service.Use{Domain: domain, Unknown: unknown("p", "t", "s")},
			[]string{"mx-@ example.com ? MX ?", "srv-_%s%._tcp ? 3600 SRV ?"},
		},
		"SPF terms": {
			template(`{"type":"SPFM","host":"@","spfRules":"include:a.acme.example include:%x%.acme.example"},{"type":"SPFM","host":"%y%","spfRules":"a"}`),
			service.Use{Domain: domain, Variables: map[string]string{"y": "news"}, Unknown: unknown("x")},
			[]string{"SPF example.com: include:a.acme.example ?", "SPF news.example.com: a "},
		},
		"the owner of SPF terms": {
			template(`{"type":"SPFM","host":"%x%","spfRules":"include:a.acme.example"}`),
			service.Use{Domain: domain, Unknown: unknown("x")},
			[]string{"SPF ?: include:a.acme.example "},
		},
		"a variable in a default": {
			template(`{"type":"CNAME","host":"a","pointsTo":"%target%"}`, described),
			service.Use{Domain: domain, Unknown: unknown("tenant")},
			[]string{"cname-a a.example.com 3600 CNAME ?"},
		},
		"a default that is not used": {
			template(`{"type":"CNAME","host":"a","pointsTo":"%target%"}`, described),
			service.Use{Domain: domain, Variables: map[string]string{"target": "b.example"}, Unknown: unknown("*")},
			[]string{"cname-a a.example.com 3600 CNAME b.example"},
		},
		"an unknown owner that is allowed": {
			template(`{"type":"NS","host":"%x%","pointsTo":"ns.acme.example"}`),
			service.Use{Domain: domain, Unknown: unknown("x"), Allow: []string{"sub"}},
			[]string{"ns-%x% ? 3600 NS ns.acme.example"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.use.Allow = append(tt.use.Allow, "MX", "SRV") // What a template may ask for is tested elsewhere.
			got, err := mustParse(t, tt.template).Apply(tt.use)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, partlyLines(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What is known is checked while the rest is not.
func TestApplyUnknownErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		records string
		use     service.Use
		want    string
	}{
		"no such variable":   {`{"type":"CNAME","host":"a","pointsTo":"%x%.b"}`, service.Use{Unknown: unknown("z")}, `no variable "z"`},
		"given twice":        {`{"type":"CNAME","host":"a","pointsTo":"%x%.b"}`, service.Use{Variables: map[string]string{"x": "1"}, Unknown: unknown("X")}, "given twice"},
		"another is missing": {`{"type":"CNAME","host":"%y%","pointsTo":"%x%.b"}`, service.Use{Unknown: unknown("x")}, `variable "y"`},
		"another is invalid": {`{"type":"CNAME","host":"a","pointsTo":"%y%.%x%.b"}`, service.Use{Variables: map[string]string{"y": "a b"}, Unknown: unknown("x")}, `variable "y"`},
		"the owner is":       {`{"type":"TXT","host":"a b","data":"%x%"}`, service.Use{Unknown: unknown("x")}, "a b"},
		"the value is":       {`{"type":"MX","host":"%x%","pointsTo":"192.0.2.1","priority":1}`, service.Use{Unknown: unknown("x")}, "not an address"},
		"the type is":        {`{"type":"NS","host":"%x%","pointsTo":"ns.b"}`, service.Use{Unknown: unknown("x")}, "is refused"},
		"the term is":        {`{"type":"SPFM","host":"@","spfRules":"include:%y%.b include:%x%.b"}`, service.Use{Variables: map[string]string{"y": " "}, Unknown: unknown("x")}, `variable "y"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.use.Domain = domain
			if got, err := mustParse(t, template(tt.records)).Apply(tt.use); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Apply = %+v, %v, want an error with %q", got, err, tt.want)
			}
		})
	}
}

// Whatever variables hold, the ids and types of the records are the same as while they are unknown.
func TestCatalogueUnknown(t *testing.T) {
	t.Parallel()
	ids := func(a service.Applied) []string {
		var all []string
		for _, r := range a.Records {
			all = append(all, r.ID+" "+string(r.Type))
		}
		return all
	}
	for _, id := range service.Builtins() {
		parsed := builtin(t, id)
		variables := samples(parsed.Info())
		u := service.Use{Domain: domain, Variables: variables, Groups: []string{}, Allow: []string{"*"}}
		for _, g := range parsed.Info().Groups {
			u.Groups = append(u.Groups, g.ID)
		}
		if parsed.Info().HostRequired {
			u.Host = "news"
		}
		known, err := parsed.Apply(u)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		u.Variables, u.Unknown = nil, unknown(slices.Sorted(maps.Keys(variables))...)
		partly, err := parsed.Apply(u)
		if err != nil {
			t.Errorf("%s, while variables are unknown: %v", id, err)
			continue
		}
		if diff := cmp.Diff(ids(known), ids(partly)); diff != "" {
			t.Errorf("%s: records (-known +unknown):\n%s", id, diff)
		}
	}
}
