package compose_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/advicetest"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

// TestSPFAgainstServices shows that no instruction beats a configured service in silence, in the data source and in the
// function.
func TestSPFAgainstServices(t *testing.T) {
	t.Parallel()
	services := map[string]compose.Service{"google_workspace": {Service: "google_workspace", Groups: []string{"spf"}}, "zendesk": {Service: "zendesk"}}
	tests := map[string]struct {
		config compose.Config
		value  string
		says   string // in the one problem, or in a warning where there is a value
		path   string
	}{
		"remove": {
			config: compose.Config{Remove: []string{"mx", "include:mail.zendesk.com"}}, path: "remove[1]",
			says: "Take `services[\"zendesk\"]` out if it no longer sends, or leave the group of its SPF terms out of its `groups`",
		},
		"remove, with a qualifier": {config: compose.Config{Remove: []string{"-include:_spf.google.com"}}, path: "remove[0]", says: `services["google_workspace"]`},
		"a neutral term": {
			config: compose.Config{Existing: "v=spf1 a ?include:_spf.google.com ~all"}, path: "existing",
			value: "v=spf1 a include:_spf.google.com include:mail.zendesk.com -all", says: "the senders of the service pass",
		},
		"a fail term":     {config: compose.Config{Existing: "v=spf1 a -include:_spf.google.com ~all"}, path: `services["google_workspace"]`, says: `take "-include:_spf.google.com" out, or the service`},
		"remove all":      {config: compose.Config{Remove: []string{"mx", "all"}}, path: "remove[1]", says: "Set `all` to the ending that is meant."},
		"remove a record": {config: compose.Config{Remove: []string{"v=spf1 mx ~all"}}, path: "remove[0]", says: "Set `all` to the ending that is meant."},
		"remove nothing": {
			config: compose.Config{Existing: "v=spf1 include:spf.example.net -all", Remove: []string{"include:spf.exmaple.net"}}, path: "remove[0]",
			value: "v=spf1 include:spf.example.net include:_spf.google.com include:mail.zendesk.com -all", says: `the most similar one is "include:spf.example.net"`,
		},
		"itself by existing":   {config: compose.Config{Existing: "v=spf1 mx include:example.com -all"}, path: "existing", says: "includes itself"},
		"itself by redirect":   {config: compose.Config{Existing: "v=spf1 redirect=example.com"}, path: "existing", says: "includes itself"},
		"itself by mechanisms": {config: compose.Config{Mechanisms: []string{"mx", "include:%{d}"}}, path: "mechanisms[1]", says: "includes itself"},
		"pass without leave":   {config: compose.Config{Options: merge.Options{All: merge.AllPass}}, path: "domain", says: "Set `allow_pass_all = true`"},
		"keep nothing": {
			config: compose.Config{Options: merge.Options{All: merge.AllKeep}}, path: "domain", value: "v=spf1 include:_spf.google.com include:mail.zendesk.com -all", says: "Set `all` to the ending that is meant.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := tt.config
			c.Domain, c.Services = domain, services
			live, liveErr := compose.SPF(t.Context(), c, memory{})
			pure, pureErr := compose.Records(compose.Config{Domain: domain, Services: services, Existing: c.Existing, Mechanisms: c.Mechanisms, Remove: c.Remove, Options: merge.Options{All: c.All}})
			for _, got := range []struct {
				value    string
				warnings compose.Problems
				err      error
			}{{live.Value, live.Warnings, liveErr}, {pure.Records["example.com/spf"].Value, pure.Warnings, pureErr}} {
				all := got.warnings
				if ps, ok := errors.AsType[compose.Problems](got.err); ok {
					all = ps
				}
				if got.value != tt.value || (got.err == nil) != (tt.value != "") {
					t.Errorf("SPF = %q, %v, want %q", got.value, got.err, tt.value)
				}
				if !slices.ContainsFunc(all, func(p *compose.Problem) bool {
					return p.Path.String() == tt.path && strings.Contains(p.Detail, tt.says)
				}) {
					t.Errorf("SPF says %v, want %q at %s", all, tt.says, tt.path)
				}
			}
		})
	}
}

// TestRecordThatIsARedirectToItself shows the place of a loop where the redirect= stays, and of one in a service's terms.
func TestRecordThatIsARedirectToItself(t *testing.T) {
	t.Parallel()
	template := func(rules string) map[string]compose.Service {
		return map[string]compose.Service{"s": {Template: fmt.Sprintf(`{"providerId": "s.example", "providerName": "S", "serviceId": "s", "serviceName": "S",
			"records": [{"type": "SPFM", "host": "@", "spfRules": %q}]}`, rules)}}
	}
	for want, c := range map[string]compose.Config{
		"existing":      {Existing: "v=spf1 redirect=example.com"},
		"mechanisms[1]": {Mechanisms: []string{"mx", "redirect=%{d}"}},
		"mechanisms[0]": {Mechanisms: []string{"redirect=example.com"}, Options: merge.Options{All: merge.AllFail}},
		`services["s"]`: {Services: template("include:%{d}")},
		"adopt_live":    {AdoptLive: true},
	} {
		c.Domain = domain
		_, err := compose.SPF(t.Context(), c, memory{"example.com": {"v=spf1 redirect=example.com"}})
		errs := []error{err}
		if !c.AdoptLive {
			_, err := compose.Records(compose.Config{Domain: domain, Services: c.Services, Existing: c.Existing, Mechanisms: c.Mechanisms, Options: merge.Options{All: c.All}})
			errs = append(errs, err)
		}
		for _, err := range errs {
			ps, _ := errors.AsType[compose.Problems](err)
			if len(ps) != 1 || ps[0].Path.String() != want || !strings.Contains(ps[0].Detail, "includes itself") {
				t.Errorf("%+v: %v, want one problem at %s", c, err, want)
			}
		}
	}
}

// TestAdviceNamesOptions merges at random, and holds what the texts advise against the options that their readers have.
func TestAdviceNamesOptions(t *testing.T) {
	t.Parallel()
	menu := []string{
		"a", "-a", "?a/24", "mx", "~mx", "include:a.example", "?include:a.example", "-include:b.example", "redirect=a.example", "redirect=b.example", "exp=e.example", "exp=f.example", "x=y",
		"ip4:10.0.0.0/8", "ip4:10.1.0.0/16", "-ip4:10.1.2.3", "?ip4:10.0.0.0/7", "ip4:0.0.0.0/1", "ip6:2001::/16", "-all", "~all", "+all", "mx-all", "ip:192.0.2.1", "a:192.0.2.1",
		"a:1.x.example a:2.x.example a:3.x.example a:4.x.example a:5.x.example a:6.x.example a:7.x.example a:8.x.example a:9.x.example a:10.x.example", "include:six.example", "a:one.example a:two.example a:three.example", "include:many.example", "include:example.com", "include:none.example", "mx:many.example",
	}
	shared := []string{"domain", "services", "groups", "existing", "mechanisms", "remove", "all", "allow_pass_all", "ttl", "acknowledge", "v", "spf"} // v=spf1, and the group spf
	live := append(slices.Clone(shared), "adopt_live", "flatten", "max_size", "on_permerror")
	dns := memory{
		"six.example": {"v=spf1 a a a a a a -all"}, "none.example": {"hello"},
		"many.example": {"v=spf1 " + strings.Repeat("include:a.example ", 12) + "-all"},
	}
	seen := make(map[string]int)
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 3))
		terms := func(most int) []string {
			var texts []string
			for range r.IntN(most + 1) {
				texts = append(texts, menu[r.IntN(len(menu))])
			}
			return texts
		}
		c := compose.Config{
			Domain: domain, Services: make(map[string]compose.Service), Mechanisms: terms(2), Remove: terms(1), Options: merge.Options{All: append(merge.AllValues(), "")[r.IntN(6)], AllowPassAll: r.IntN(4) == 0},
		}
		if existing := terms(3); r.IntN(2) == 0 {
			c.Existing = strings.Join(append([]string{"v=spf1"}, existing...), " ")
		}
		for _, name := range []string{"s", "t"} {
			if rules := strings.Join(terms(2), " "); rules != "" {
				c.Services[name] = compose.Service{Host: []string{"", "news"}[r.IntN(2)], Template: fmt.Sprintf(`{"providerId": "s.example", "providerName": "S", "serviceId": "s", "serviceName": "S",
					"records": [{"type": "SPFM", "host": "@", "spfRules": %q}]}`, rules)}
			}
		}
		got, err := compose.SPF(t.Context(), c, dns)
		checkOptions(t, live, got.Warnings, err, seen)
		pure, err := compose.Records(compose.Config{
			Domain: domain, Services: c.Services, Mechanisms: c.Mechanisms, Remove: c.Remove, Existing: c.Existing, Options: c.Options,
		})
		checkOptions(t, shared, pure.Warnings, err, seen)
		_, err = merge.Texts(append([]string{c.Existing}, c.Mechanisms...), c.All)
		if err != nil {
			for _, name := range []string{"services", "mechanisms", "existing", "in remove", "of remove", "set all", "allow_pass_all", "flatten", "adopt_live", "on_permerror"} {
				if strings.Contains(err.Error(), name) {
					t.Errorf("spf_merge says %q of an option that it does not have: %v", name, err)
				}
			}
		}
	}
	for _, name := range []string{"all", "allow_pass_all", "mechanisms", "remove", "flatten", "services", "on_permerror"} {
		if seen[name] == 0 {
			t.Errorf("no text names %s, of %v", name, seen)
		}
	}
}

// checkOptions holds the options that problems name against those that there are.
func checkOptions(t *testing.T, options []string, warnings compose.Problems, err error, seen map[string]int) {
	t.Helper()
	var ps compose.Problems
	errors.As(err, &ps)
	checkPlaces(t, slices.Concat(warnings, ps))
	for _, p := range slices.Concat(warnings, ps) {
		for _, name := range advicetest.Options(p.Detail) {
			if seen[name]++; !slices.Contains(options, name) {
				t.Errorf("%s: %s: it names %q, of the options %q", p.Path, p.Detail, name, options)
			}
		}
	}
}
