package service_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// pendingLines writes what a service asks for with a question mark for each part that is known only later.
func pendingLines(a service.Applied) []string {
	part := func(later bool, value any) string {
		if later {
			return "?"
		}
		return fmt.Sprint(value)
	}
	var all []string
	for _, r := range a.Records {
		p := r.Pending
		all = append(all, strings.Join([]string{r.ID, part(p.Owner, r.Owner), part(p.TTL, r.TTL), string(r.Type), part(p.Value, r.Value)}, " "))
	}
	for _, s := range a.SPF {
		all = append(all, fmt.Sprintf("SPF %s: %s %s", part(s.Pending.Owner, s.Owner), s.Terms.TermsString(), part(s.Pending.Value, "")))
	}
	return all
}

func TestApplyPending(t *testing.T) {
	t.Parallel()
	described := `"x-maildomain": {"variables": [{"name": "target", "default": "%tenant%.acme.example"}, {"name": "tenant"}]}`
	tests := map[string]struct {
		template string
		use      service.Use
		want     []string
	}{
		"a value": {
			template(`{"type":"CNAME","host":"a","pointsTo":"%x%.acme.example"},{"type":"CNAME","host":"b","pointsTo":"%y%.acme.example"}`),
			service.Use{Domain: domain, Variables: map[string]string{"y": "1"}, Pending: []string{"X"}},
			[]string{"cname-a a.example.com 3600 CNAME ?", "cname-b b.example.com 3600 CNAME 1.acme.example"},
		},
		"an owner": {
			template(`{"type":"CNAME","host":"%x%._domainkey","pointsTo":"k.acme.example"}`),
			service.Use{Domain: domain, Pending: []string{"x"}},
			[]string{"cname-%x%._domainkey ? 3600 CNAME k.acme.example"},
		},
		"owner and value": {
			template(`{"type":"CNAME","host":"%x%._domainkey","pointsTo":"%x%.acme.example"}`),
			service.Use{Domain: domain, Pending: []string{"x"}},
			[]string{"cname-%x%._domainkey ? 3600 CNAME ?"},
		},
		"numbers": {
			template(`{"type":"MX","host":"@","pointsTo":"mx.acme.example","priority":"%p%","ttl":"%t%"},
				{"type":"SRV","name":"@","service":"_%s%","protocol":"_tcp","target":"a.acme.example","priority":1,"weight":2,"port":"%p%"}`),
			service.Use{Domain: domain, Pending: []string{"p", "t", "s"}},
			[]string{"mx-@ example.com ? MX ?", "srv-_%s%._tcp ? 3600 SRV ?"},
		},
		"SPF terms": {
			template(`{"type":"SPFM","host":"@","spfRules":"include:a.acme.example include:%x%.acme.example"},{"type":"SPFM","host":"%y%","spfRules":"a"}`),
			service.Use{Domain: domain, Variables: map[string]string{"y": "news"}, Pending: []string{"x"}},
			[]string{"SPF example.com: include:a.acme.example ?", "SPF news.example.com: a "},
		},
		"the owner of SPF terms": {
			template(`{"type":"SPFM","host":"%x%","spfRules":"include:a.acme.example"}`),
			service.Use{Domain: domain, Pending: []string{"x"}},
			[]string{"SPF ?: include:a.acme.example "},
		},
		"a variable in a default": {
			template(`{"type":"CNAME","host":"a","pointsTo":"%target%"}`, described),
			service.Use{Domain: domain, Pending: []string{"tenant"}},
			[]string{"cname-a a.example.com 3600 CNAME ?"},
		},
		"a default that is not used": {
			template(`{"type":"CNAME","host":"a","pointsTo":"%target%"}`, described),
			service.Use{Domain: domain, Variables: map[string]string{"target": "b.example"}, Pending: []string{"*"}},
			[]string{"cname-a a.example.com 3600 CNAME b.example"},
		},
		"what an owner that is not known may be": {
			template(`{"type":"NS","host":"%x%","pointsTo":"ns.acme.example"}`),
			service.Use{Domain: domain, Pending: []string{"x"}, Allow: []string{"sub"}},
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
			if diff := cmp.Diff(tt.want, pendingLines(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What is known is checked while the rest is not.
func TestApplyPendingErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		records string
		use     service.Use
		want    string
	}{
		"no such variable":   {`{"type":"CNAME","host":"a","pointsTo":"%x%.b"}`, service.Use{Pending: []string{"z"}}, `no variable "z"`},
		"given twice":        {`{"type":"CNAME","host":"a","pointsTo":"%x%.b"}`, service.Use{Variables: map[string]string{"x": "1"}, Pending: []string{"X"}}, "given twice"},
		"another is missing": {`{"type":"CNAME","host":"%y%","pointsTo":"%x%.b"}`, service.Use{Pending: []string{"x"}}, `variable "y"`},
		"another is invalid": {`{"type":"CNAME","host":"a","pointsTo":"%y%.%x%.b"}`, service.Use{Variables: map[string]string{"y": "a b"}, Pending: []string{"x"}}, `variable "y"`},
		"the owner is":       {`{"type":"TXT","host":"a b","data":"%x%"}`, service.Use{Pending: []string{"x"}}, "a b"},
		"the value is":       {`{"type":"MX","host":"%x%","pointsTo":"192.0.2.1","priority":1}`, service.Use{Pending: []string{"x"}}, "not an address"},
		"the type is":        {`{"type":"NS","host":"%x%","pointsTo":"ns.b"}`, service.Use{Pending: []string{"x"}}, "is refused"},
		"the term is":        {`{"type":"SPFM","host":"@","spfRules":"include:%y%.b include:%x%.b"}`, service.Use{Variables: map[string]string{"y": " "}, Pending: []string{"x"}}, `variable "y"`},
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

// Whatever variables hold, the ids and types of the records are the same as while nothing is known of them.
func TestCataloguePending(t *testing.T) {
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
		u.Variables, u.Pending = nil, slices.Sorted(maps.Keys(variables))
		pending, err := parsed.Apply(u)
		if err != nil {
			t.Errorf("%s, while variables are not known: %v", id, err)
			continue
		}
		if diff := cmp.Diff(ids(known), ids(pending)); diff != "" {
			t.Errorf("%s: records (-known +pending):\n%s", id, diff)
		}
	}
}
