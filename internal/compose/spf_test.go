package compose_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

var domain = dnsname.MustParse("example.com")

func catglobe(variables ...string) compose.Service {
	s := compose.Service{Service: "catglobe", Variables: map[string]string{}}
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		s.Variables[name] = value
	}
	return s
}

// memory answers from a map of TXT values by name, and says of all other includes that nobody sends.
type memory map[string][]string

func (m memory) Lookup(_ context.Context, name string, t spf.RRType) ([]string, error) {
	if values, ok := m[name]; ok && t == spf.TypeTXT {
		return values, nil
	}
	if t == spf.TypeTXT {
		return []string{"v=spf1 -all"}, nil
	}
	return []string{"192.0.2.1"}, nil
}

func (m memory) PublishedTXT(_ context.Context, owner dnsname.Name) ([]string, error) {
	return m[owner.String()], nil
}

// values returns key → "owner type TTL value".
func values(set record.Set) map[string]string {
	texts := make(map[string]string, len(set))
	for key, r := range set {
		texts[key] = strings.Join([]string{r.Owner.String(), string(r.Type), r.Value}, " ")
	}
	return texts
}

// problems returns "path: summary" of each.
func problems(ps compose.Problems) []string {
	var texts []string
	for _, p := range ps {
		texts = append(texts, p.Path.String()+": "+p.Summary)
	}
	return texts
}

const acme = `{"providerId": "acme.example", "providerName": "Acme", "serviceId": "mail", "serviceName": "Acme Mail", "records": [
  {"type": "SPFM", "host": "@", "spfRules": "include:_spf.acme.example"},
  {"type": "CNAME", "host": "acme._domainkey", "pointsTo": "k.acme.example", "ttl": 600}]}`

func TestSPF(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config   compose.Config
		value    string
		records  map[string]string
		warnings []string
	}{
		"nobody sends": {
			config:  compose.Config{},
			value:   "v=spf1 -all",
			records: map[string]string{"example.com/spf": "example.com TXT v=spf1 -all"},
		},
		"services in the order of their names": {
			config: compose.Config{Services: map[string]compose.Service{
				"zeta":  {Template: acme},
				"alpha": catglobe("spf_include=spf.catglobe.example"),
			}},
			value:   "v=spf1 include:spf.catglobe.example include:_spf.acme.example -all",
			records: map[string]string{"example.com/spf": "example.com TXT v=spf1 include:spf.catglobe.example include:_spf.acme.example -all"},
		},
		"existing, services, mechanisms, less what is removed": {
			config: compose.Config{
				Existing: "v=spf1 include:old.example a ~all", Services: map[string]compose.Service{"acme": {Template: acme}},
				Mechanisms: []string{"ip4:192.0.2.1", "mx"}, Remove: []string{"include:old.example"}, Options: merge.Options{All: merge.AllKeep},
			},
			value:   "v=spf1 a include:_spf.acme.example ip4:192.0.2.1 mx ~all",
			records: map[string]string{"example.com/spf": "example.com TXT v=spf1 a include:_spf.acme.example ip4:192.0.2.1 mx ~all"},
		},
		"another owner has a record of its own": {
			config: compose.Config{
				Services: map[string]compose.Service{
					"acme": {Template: acme, Host: "news"},
					"ses":  {Service: "amazon_ses", Groups: []string{"mail_from"}, Variables: map[string]string{"mail_from": "bounce", "region": "eu-west-1"}},
				},
				Mechanisms: []string{"a"},
			},
			value: "v=spf1 a -all",
			records: map[string]string{
				"example.com/spf":        "example.com TXT v=spf1 a -all",
				"example.com/spf/news":   "news.example.com TXT v=spf1 include:_spf.acme.example -all",
				"example.com/spf/bounce": "bounce.example.com TXT v=spf1 include:amazonses.com -all",
			},
		},
		"nothing at the domain itself": {
			config:   compose.Config{Services: map[string]compose.Service{"acme": {Template: acme, Host: "news"}}},
			records:  map[string]string{"example.com/spf/news": "news.example.com TXT v=spf1 include:_spf.acme.example -all"},
			warnings: []string{"services: No SPF record for the domain itself"},
		},
		"nothing at the domain itself, but asked for": {
			config: compose.Config{Services: map[string]compose.Service{"acme": {Template: acme, Host: "news"}}, Options: merge.Options{All: merge.AllFail}},
			value:  "v=spf1 -all",
			records: map[string]string{
				"example.com/spf":      "example.com TXT v=spf1 -all",
				"example.com/spf/news": "news.example.com TXT v=spf1 include:_spf.acme.example -all",
			},
		},
		"keep is about the domain's own record": {
			config: compose.Config{
				Existing: "v=spf1 a ~all", Options: merge.Options{All: merge.AllKeep},
				Services: map[string]compose.Service{"acme": {Template: acme, Host: "news"}},
			},
			value: "v=spf1 a ~all",
			records: map[string]string{
				"example.com/spf":      "example.com TXT v=spf1 a ~all",
				"example.com/spf/news": "news.example.com TXT v=spf1 include:_spf.acme.example -all",
			},
		},
		"an existing record from a file": {
			config:  compose.Config{Existing: "\r\n v=spf1 a -all\n"},
			value:   "v=spf1 a -all",
			records: map[string]string{"example.com/spf": "example.com TXT v=spf1 a -all"},
		},
		"a softer ending is tightened with a warning": {
			config:   compose.Config{Existing: "v=spf1 a ~all"},
			value:    "v=spf1 a -all",
			records:  map[string]string{"example.com/spf": "example.com TXT v=spf1 a -all"},
			warnings: []string{"existing: SPF record"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Domain = domain
			got, err := compose.SPF(t.Context(), tt.config, memory{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Value != tt.value {
				t.Errorf("SPF value = %q, want %q", got.Value, tt.value)
			}
			if diff := cmp.Diff(tt.records, values(got.Records)); diff != "" {
				t.Errorf("SPF records: -want +got\n%s", diff)
			}
			if diff := cmp.Diff(tt.warnings, problems(got.Warnings)); diff != "" {
				t.Errorf("SPF warnings: -want +got\n%s", diff)
			}
		})
	}
}

func TestSPFInTheServicesOwnZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"catglobe.com", "a.b.catglobe.com"} {
		got, err := compose.SPF(t.Context(), compose.Config{
			Domain: dnsname.MustParse(name), Services: map[string]compose.Service{"catglobe": {}}, Options: merge.Options{All: merge.AllFail},
		}, memory{})
		if err != nil || got.Value != "" || len(got.Records) != 0 {
			t.Errorf("SPF of %s = %q with %d records, %v; want nothing", name, got.Value, len(got.Records), err)
		}
		if diff := cmp.Diff([]string{`services["catglobe"]: Nothing to add for the service`}, problems(got.Warnings)); diff != "" {
			t.Errorf("warnings: -want +got\n%s", diff)
		}
	}
}

func TestTTL(t *testing.T) {
	t.Parallel()
	services := map[string]compose.Service{"acme": {Template: acme}}
	for ttl, want := range map[uint32][2]uint32{0: {compose.DefaultTTL, 600}, 60: {60, 60}} {
		s, err := compose.SPF(t.Context(), compose.Config{Domain: domain, Services: services, TTL: ttl}, memory{})
		if err != nil {
			t.Fatal(err)
		}
		d, err := compose.DKIM(compose.Config{Domain: domain, Services: services, TTL: ttl})
		if err != nil {
			t.Fatal(err)
		}
		got := [2]uint32{s.Records["example.com/spf"].TTL, d.Records["example.com/acme/cname-acme._domainkey"].TTL}
		if got != want {
			t.Errorf("TTL of SPF and DKIM records with ttl = %d: %v, want %v", ttl, got, want)
		}
	}
}

// Every mistake is reported, each at its place, in one pass.
func TestSPFProblems(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config compose.Config
		want   []string
	}{
		"existing, mechanisms and remove at once": {
			compose.Config{Existing: "v=spf1 ip4:x", Mechanisms: []string{"a", "include:"}, Remove: []string{"ip6:y"}},
			[]string{"existing: Invalid SPF record", "mechanisms[1]: Invalid SPF terms", "remove[0]: Invalid SPF terms"},
		},
		"services": {
			compose.Config{Services: map[string]compose.Service{
				"a":      {Service: "nobody"},
				"b":      {Service: "catglobe"},
				"c":      catglobe("spf_incude=x.example", "spf_include=x.example"),
				"d":      catglobe("spf_include=x y"),
				"e":      {Template: "{"},
				"f":      {Template: "{}", Service: "catglobe"},
				"g":      {Service: "catglobe", Groups: []string{"nothing"}},
				"h":      {Template: acme, Host: "example.org."},
				"nobody": {},
			}},
			[]string{
				`services["a"].service: Unknown mail service`,
				`services["b"].variables: Missing service variable`,
				`services["c"].variables["spf_incude"]: Unknown service variable`,
				`services["d"].variables["spf_include"]: Invalid service variable`,
				`services["e"].template: Invalid service template`,
				`services["f"]: Two sources for one service`,
				`services["g"].groups: Unknown group of a service`,
				`services["h"].host: Invalid host of a service`,
				`services["nobody"]: Unknown mail service`,
			},
		},
		"merge": {
			compose.Config{Existing: "v=spf1 +all"},
			[]string{"existing: SPF record that lets everyone send"},
		},
		"a service that fails senders": {
			compose.Config{Services: map[string]compose.Service{"x": {Template: strings.Replace(acme, "include:_spf", "-include:_spf", 1)}}},
			[]string{`services["x"]: SPF records cannot be merged`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Domain = domain
			got, err := compose.SPF(t.Context(), tt.config, memory{})
			var ps compose.Problems
			if !errors.As(err, &ps) {
				t.Fatalf("SPF = %+v, %v; want Problems", got, err)
			}
			if diff := cmp.Diff(tt.want, problems(ps)); diff != "" {
				t.Errorf("SPF problems: -want +got\n%s", diff)
			}
			for _, p := range ps {
				if !strings.HasSuffix(p.Detail, ".") && !strings.HasSuffix(p.Detail, "?") {
					t.Errorf("%s: the detail is no sentence: %q", p.Path, p.Detail)
				}
			}
		})
	}
}

func TestPathString(t *testing.T) {
	t.Parallel()
	base := compose.Attribute("services").Key("a.b")
	for want, p := range map[string]compose.Path{
		`services["a.b"].variables["x"]`: base.Attribute("variables").Key("x"),
		`services["a.b"].groups[2]`:      base.Attribute("groups").At(2),
		`services[""]`:                   compose.Attribute("services").Key(""),
	} {
		if got := p.String(); got != want {
			t.Errorf("Path = %s, want %s", got, want)
		}
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "a": "A.", "what now?": "What now?", "Done.": "Done.", "über alles": "Über alles.", `"x" is bad`: `"x" is bad.`,
	} {
		if got := compose.Sentence(in); got != want {
			t.Errorf("Sentence(%q) = %q, want %q", in, got, want)
		}
	}
}
