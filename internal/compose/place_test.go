package compose_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// checkPlaces holds problems against their paths: what a path leads through, the text does not say again. Whoever shows
// the problem shows the path.
func checkPlaces(t *testing.T, all compose.Problems) {
	t.Helper()
	for _, p := range all {
		for i, step := range p.Path {
			again := p.Path[:i+1].String()
			if step.Kind == compose.StepKey {
				again = record.DisplayQuoted(step.Name)
			}
			if i > 0 && strings.Contains(strings.ToLower(p.Detail), strings.ToLower(again)) {
				t.Errorf("%s: %s: it says %s again", p.Path, p.Detail, again)
			}
		}
		if place := p.Path.String() + ": "; strings.Count(p.Text(), place) > 1 || len(p.Path) > 1 && !strings.HasPrefix(p.Text(), place) {
			t.Errorf("the text at %s is %q", p.Path, p.Text())
		}
	}
}

// TestPlacesAreSaidOnce makes every kind of problem that has an element of a list or a map for its place.
func TestPlacesAreSaidOnce(t *testing.T) {
	t.Parallel()
	const template = `{"providerId": "t.example", "providerName": "T", "serviceId": "t", "serviceName": "T", "records": [
		{"type": "SPFM", "groupId": "spf", "host": "@", "spfRules": "%rules%"}, {"type": "TXT", "host": "k._domainkey", "data": "%key%", "ttl": 60},
		{"type": "NS", "host": "sub", "pointsTo": "ns.t.example", "ttl": 60}]}`
	service := func(s compose.Service) map[string]compose.Service { return map[string]compose.Service{"news": s} }
	with := func(rules, key string) map[string]compose.Service {
		return service(compose.Service{Template: template, Allow: []string{"*"}, Variables: map[string]string{"rules": rules, "key": key}})
	}
	keys := func(name string, k compose.Key) compose.Config {
		return compose.Config{Keys: map[string]compose.Key{name: k}}
	}
	configs := map[string]compose.Config{
		"terms":                {Mechanisms: []string{"mx", "ip:192.0.2.1"}, Remove: []string{"foo", "v=spf1include:a.example"}, Existing: "v=spf1 moo"},
		"quotes":               {Mechanisms: []string{`"mx"`}},
		"all of mechanisms":    {Mechanisms: []string{"~all"}},
		"dead terms":           {Mechanisms: []string{"-all mx redirect=a.example"}},
		"pass":                 {Mechanisms: []string{"mx", "+all"}},
		"modifiers":            {Mechanisms: []string{"exp=a.example", "exp=b.example"}},
		"redirects":            {Mechanisms: []string{"redirect=a.example", "redirect=b.example"}},
		"a redirect":           {Existing: "v=spf1 mx -all", Mechanisms: []string{"redirect=a.example"}},
		"repeated":             {Mechanisms: []string{"mx", "-mx"}},
		"conflict":             {Existing: "v=spf1 -mx -all", Mechanisms: []string{"mx"}},
		"itself":               {Mechanisms: []string{"mx", "redirect=example.com"}},
		"remove":               {Mechanisms: []string{"ip4:192.0.2.0/24"}, Remove: []string{"mx", "ip4:192.0.2.1", "include:a.example"}},
		"remove all":           {Mechanisms: []string{"mx"}, Remove: []string{"all"}},
		"remove from services": {Services: with("include:a.example", "v=DKIM1; p="), Remove: []string{"include:a.example"}},
		"fail of services":     {Services: with("-include:a.example", "v=DKIM1; p=")},
		"modifier of services": {Services: with("mx exp=a.example redirect=b.example", "v=DKIM1; p=")},
		"neutral":              {Services: with("include:a.example", "v=DKIM1; p="), Existing: "v=spf1 ?include:a.example -all", Mechanisms: []string{"-include:a.example"}},
		"neutral of mechanism": {Services: with("include:a.example", "v=DKIM1; p="), Mechanisms: []string{"?include:a.example"}},
		"rules":                {Services: with("ip:192.0.2.1", "v=DKIM1; p=")},
		"key of a service":     {Services: with("mx", "v=DKIM1; p=AAAA")},
		"missing variable":     {Services: service(compose.Service{Template: template})},
		"unknown variable":     {Services: service(compose.Service{Template: template, Variables: map[string]string{"ruls": "mx", "Rules": "a", "rules": "mx"}})},
		"invalid variable":     {Services: map[string]compose.Service{"microsoft365": {Variables: map[string]string{"selector1_target": "https://x", "selector2_target": ""}}}},
		"twice":                {Services: service(compose.Service{Service: "microsoft365", Variables: map[string]string{"selector1_target": "a.example", "Selector1_Target": "a.example"}})},
		"group":                {Services: service(compose.Service{Template: template, Groups: []string{"sfp"}})},
		"host":                 {Services: service(compose.Service{Template: template, Host: "a..b"})},
		"refused":              {Services: service(compose.Service{Template: template, Variables: map[string]string{"rules": "mx", "key": "v=DKIM1; p="}})},
		"template":             {Services: service(compose.Service{Template: "{"})},
		"two sources":          {Services: service(compose.Service{Template: template, Service: "zendesk"})},
		"unknown service":      {Services: map[string]compose.Service{"zendsk": {}, "x": {Service: "zendsk"}, "": {}, "spf": {}, "a/b": {}, strings.Repeat("y", 300): {}}},
		"selector":             keys("s1._domainkey", compose.Key{CNAME: "a.example"}),
		"selector, character":  keys("s1!", compose.Key{CNAME: "a.example"}),
		"selector, dot":        keys("s1.", compose.Key{CNAME: "a.example"}),
		"selector, long":       keys(strings.Repeat("long.", 48)+"s", compose.Key{CNAME: "a.example"}),
		"key, two sources":     keys("s1", compose.Key{CNAME: "a.example", Record: "p="}),
		"key, itself":          keys("s1", compose.Key{CNAME: "s1._domainkey.example.com"}),
		"key, record":          keys("s1", compose.Key{Record: "v=DKIM1; k=rsa"}),
		"key, PEM":             keys("s1", compose.Key{PublicKey: "-----BEGIN"}),
		"key, withdrawn":       keys("s1", compose.Key{Record: `"v=DKIM1; p="`}),
	}
	for name, c := range configs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.Domain = domain
			records, err := compose.Records(c)
			ps, _ := errors.AsType[compose.Problems](err)
			anyDomain := c
			anyDomain.Domain = dnsname.Name{}
			all := slices.Concat(records.Warnings, ps, compose.Check(c), compose.Check(anyDomain))
			live, err := compose.SPF(t.Context(), compose.Config{Domain: domain, Services: c.Services, Existing: c.Existing, Mechanisms: c.Mechanisms, Remove: c.Remove}, memory{})
			ps, _ = errors.AsType[compose.Problems](err)
			all = slices.Concat(all, live.Warnings, ps)
			keys, err := compose.DKIM(compose.Config{Domain: domain, Services: c.Services, Keys: c.Keys})
			ps, _ = errors.AsType[compose.Problems](err)
			all = slices.Concat(all, keys.Warnings, ps)
			if !slices.ContainsFunc(all, func(p *compose.Problem) bool { return len(p.Path) > 1 }) {
				t.Errorf("no problem has an element for its place: %v", all)
			}
			checkPlaces(t, all)
		})
	}
}
