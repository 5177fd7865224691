package provider_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// Codes of RFC 1035 §4.1.1 and RFC 8914 §4.15.
const (
	servfail = 2
	notReady = 14
)

// lookup is a configuration that looks up one name.
func (l lab) lookup(name, typ, options string) string {
	return l.config(fmt.Sprintf(`
data "maildomain_lookup" "this" {
  name = %q
  type = %q
  %s
}
`, name, typ, options))
}

// answered checks attributes of the lookup.
func answered(checks map[string]knownvalue.Check) []statecheck.StateCheck {
	var all []statecheck.StateCheck
	for name, want := range checks {
		all = append(all, statecheck.ExpectKnownValue("data.maildomain_lookup.this", tfjsonpath.New(name), want))
	}
	return all
}

// server checks what the lookup has of one server.
func server(checks map[string]knownvalue.Check) knownvalue.Check {
	return knownvalue.ObjectPartial(checks)
}

func TestLookup(t *testing.T) {
	t.Parallel()
	found := knownvalue.StringExact("found")
	tests := map[string]struct {
		prepare            func(l lab)
		name, typ, options string
		want               map[string]knownvalue.Check
	}{
		"all agree": {
			prepare: func(l lab) { l.zone.Set(`_dmarc 600 IN TXT "v=DMARC1; " "p=none"`) },
			name:    "_DMARC.example.com.", typ: "txt",
			want: map[string]knownvalue.Check{
				"zone": knownvalue.StringExact("example.com"), "agree": knownvalue.Bool(true), "values": texts("v=DMARC1; p=none"), "causes": knownvalue.ListSizeExact(0),
				"servers": knownvalue.ListPartial(map[int]knownvalue.Check{
					0: server(map[string]knownvalue.Check{
						"server": knownvalue.NotNull(), "outcome": found, "values": texts("v=DMARC1; p=none"), "ttl": knownvalue.Int64Exact(600),
						"authoritative": knownvalue.Bool(true), "authenticated": knownvalue.Bool(false), "extended_errors": knownvalue.Null(), "detail": knownvalue.Null(),
					}),
				}),
			},
		},
		"one server behind": {
			prepare: func(l lab) {
				l.zone.SetTXT("@", spfA)
				l.zone.Server("ns2").Hold()
				l.zone.SetTXT("@", "v=spf1 -all")
			},
			name: "example.com", typ: "TXT",
			want: map[string]knownvalue.Check{
				"agree": knownvalue.Bool(false), "values": texts(),
				"causes": knownvalue.ListExact([]knownvalue.Check{server(map[string]knownvalue.Check{"code": knownvalue.StringExact("servers-behind")})}),
			},
		},
		"one server fails": {
			prepare: func(l lab) {
				l.zone.SetTXT("@", spfA)
				l.zone.Server("ns2").Inject(dnstest.Chain(dnstest.RCode(servfail), dnstest.ExtendedError(notReady, "starting")))
			},
			name: "example.com", typ: "TXT",
			want: map[string]knownvalue.Check{
				"agree": knownvalue.Bool(false),
				"servers": knownvalue.ListPartial(map[int]knownvalue.Check{
					1: server(map[string]knownvalue.Check{"outcome": knownvalue.StringExact("servfail"), "values": texts(), "extended_errors": knownvalue.StringExact("extended error 14 (Not Ready): starting"), "ttl": knownvalue.Null()}),
				}),
			},
		},
		"not there": {
			name: "nothing.example.com", typ: "MX",
			want: map[string]knownvalue.Check{
				"agree": knownvalue.Bool(true), "values": texts(),
				"servers": knownvalue.ListPartial(map[int]knownvalue.Check{0: server(map[string]knownvalue.Check{"outcome": knownvalue.StringExact("nxdomain")})}),
			},
		},
		"zone appended twice": {
			prepare: func(l lab) { l.zone.Set("s1._domainkey.example.com 300 IN CNAME s1.dkim.example.net.") },
			name:    "s1._domainkey.example.com", typ: "CNAME",
			want: map[string]knownvalue.Check{
				"causes": knownvalue.ListPartial(map[int]knownvalue.Check{0: server(map[string]knownvalue.Check{"code": knownvalue.StringExact("zone-appended-twice")})}),
			},
		},
		"not registered": {
			name: "example-unknown.com", typ: "TXT",
			want: map[string]knownvalue.Check{
				"zone": knownvalue.Null(), "agree": knownvalue.Bool(false), "servers": knownvalue.ListSizeExact(0),
				"causes": knownvalue.ListPartial(map[int]knownvalue.Check{0: server(map[string]knownvalue.Check{"code": knownvalue.StringExact("name-not-delegated")})}),
			},
		},
		"resolvers": {
			prepare: func(l lab) { l.zone.SetTXT("@", spfA) },
			name:    "example.com", typ: "TXT", options: `query = "resolvers"`,
			want: map[string]knownvalue.Check{
				"zone": knownvalue.Null(), "agree": knownvalue.Bool(true), "values": texts(spfA),
				"servers": knownvalue.ListExact([]knownvalue.Check{server(map[string]knownvalue.Check{"outcome": found, "ttl": knownvalue.Null(), "authoritative": knownvalue.Bool(false)})}),
			},
		},
		"what a terminal would obey": {
			prepare: func(l lab) { l.zone.SetTXT("@", "a\x1b[2Jb") },
			name:    "example.com", typ: "TXT",
			want: map[string]knownvalue.Check{"values": texts(`a\027[2Jb`)},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			if tt.prepare != nil {
				tt.prepare(l)
			}
			test(t, resource.TestStep{Config: l.lookup(tt.name, tt.typ, tt.options), ConfigStateChecks: answered(tt.want)})
		})
	}
}

func TestLookupBadInput(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	tests := map[string]struct{ name, typ, options, says string }{
		"name":  {"a b.example.com", "TXT", "", "Invalid owner name"},
		"type":  {"example.com", "HINFO", "", "Unknown record type"},
		"query": {"example.com", "TXT", `query = "both"`, `It must be "authoritative" or "resolvers", and is "both".`},
	}
	cases := map[string]refusal{}
	for name, tt := range tests {
		cases[name] = refusal{l.lookup(tt.name, tt.typ, tt.options), tt.says}
	}
	refused(t, cases)
}

// A lookup in a check block warns, and the plan goes on.
func TestLookupInACheck(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := newCLI(t, l.config(`
check "dmarc" {
  data "maildomain_lookup" "dmarc" {
    name = "_dmarc.example.com"
    type = "TXT"
  }
  assert {
    condition     = length(data.maildomain_lookup.dmarc.values) == 1
    error_message = data.maildomain_lookup.dmarc.report
  }
}
`))
	// Terraform reads the data sources of checks again on apply, and counts that as a change.
	out := c.plan(t, 2)
	if !says("Warning: Check block assertion failed").MatchString(out) || !says("name does not exist (NXDOMAIN)").MatchString(out) {
		t.Errorf("terraform plan printed:\n%s\nwant a warning with what the servers say", out)
	}
}
