package discover_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

// meanings are what records say, one line each: SPF terms that only let pass stand in no order.
func meanings(set record.Set) []string {
	said := make(map[string]bool)
	for _, r := range set {
		value := r.Value
		if parsed, err := spf.Parse(value); err == nil && r.Type == record.TXT {
			value = parsed.String()
		} else if key, err := dkim.Parse(value); err == nil && r.Type == record.TXT {
			value = key.Canonical().String()
		}
		said[fmt.Sprintf("%s %s %s", r.Owner, r.Type, value)] = true
	}
	return slices.Sorted(maps.Keys(said))
}

// Each built-in service alone is discovered, with what makes the same records.
func TestDiscoverEachService(t *testing.T) {
	t.Parallel()
	for _, id := range service.Builtins() {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			r := roll{rand.New(rand.NewPCG(7, uint64(len(id))))}
			for range 2 {
				want, ok := r.service(id, nil)
				if !ok {
					t.Fatalf("the service cannot be applied with %v", want)
				}
				config := compose.Config{Domain: example, All: merge.AllSoftFail, Services: map[string]compose.Service{id: want}}
				made, err := compose.Records(config)
				if err != nil {
					t.Fatal(err)
				}
				z := serve(made.Records)
				got := mustDiscover(t, z.everywhere(example), z)
				if diff := cmp.Diff(meanings(made.Records), meanings(got.Records)); diff != "" {
					t.Errorf("Discover(%v) makes other records (-want +got):\n%s\n%v\n%v", want, diff, got.Config, got.Unknown)
				}
				key := id
				if want.Host != "" {
					key += "_" + want.Host
				}
				why, untold := untold[id]
				if _, found := got.Config.Services[key]; found == untold {
					t.Errorf("Discover(%v) finds %q, want the service among them: %t %s", want, slices.Collect(maps.Keys(got.Config.Services)), !untold, why)
				}
			}
		})
	}
}

// untold are the services that DNS does not tell by their default records, and why.
var untold = map[string]string{
	"catglobe":         "it hands out all its names to each customer",
	"sparkpost":        "one key under any selector",
	"campaign_monitor": "one key under a selector that anybody may use",
	"amazon_workmail":  "the records are those of Amazon SES",
}

// domain rolls a whole configuration: services, keys, terms, an ending.
func (r roll) domain() compose.Config {
	c := compose.Config{
		Domain: example, Services: make(map[string]compose.Service), Keys: make(map[string]compose.Key),
		All: []merge.All{merge.AllFail, merge.AllSoftFail, merge.AllNeutral}[r.IntN(3)],
	}
	ids := service.Builtins()
	for range 1 + r.IntN(5) {
		id := ids[r.IntN(len(ids))]
		s, ok := r.service(id, nil)
		if !ok || untold[id] != "" {
			continue
		}
		c.Services[id] = s
		if _, err := compose.Records(c); err != nil {
			delete(c.Services, id) // It cannot stand with the others.
		}
	}
	for range r.IntN(3) {
		c.Keys[r.word()] = compose.Key{CNAME: r.word() + "." + r.word() + ".example"}
	}
	if r.IntN(3) == 0 {
		c.Keys[r.word()] = compose.Key{Record: "v=DKIM1; k=rsa; p=" + r.rsa()}
	}
	for range r.IntN(4) {
		c.Mechanisms = append(c.Mechanisms, []string{"include:" + r.word() + ".example", "ip4:192.0.2." + fmt.Sprint(r.IntN(250)), "a:" + r.word() + ".example", "?mx", "~ip6:2001:db8::/48"}[r.IntN(5)])
	}
	if r.IntN(4) == 0 {
		c.Existing = "v=spf1 ip4:198.51.100.7 mx ?include:_spf.google.com include:spf." + r.word() + ".example ~all"
		if r.IntN(2) == 0 {
			c.Existing, c.All = "v=spf1 redirect=_spf."+r.word()+".example", ""
			c.Services, c.Mechanisms = nil, nil
		}
	}
	return c
}

// What is live is what the records of the discovered configuration are: a hundred domains of services, keys and terms by
// chance, of which a service may have lost a record.
func TestDiscoverFixpoint(t *testing.T) {
	t.Parallel()
	seeds := uint64(100)
	if testing.Short() {
		seeds = 25
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := roll{rand.New(rand.NewPCG(42, seed))}
			var made compose.Result
			for {
				var err error
				if made, err = compose.Records(r.domain()); err == nil {
					break
				}
			}
			for _, key := range made.Records.Keys() { // One key of a service is missing now and then.
				if r.IntN(8) == 0 && made.Records[key].Type == record.CNAME {
					delete(made.Records, key)
				}
			}
			z := serve(made.Records)
			got := mustDiscover(t, z.everywhere(example), z)
			live := meanings(made.Records)
			remade, err := compose.Records(got.Config)
			if err != nil {
				t.Fatalf("Records(%v): %v", got.Config, err)
			}
			if diff := cmp.Diff(live, meanings(remade.Records)); diff != "" {
				t.Errorf("records are not what is live (-live +made):\n%s\n%v", diff, got.Unresolved)
			}
			if seed%10 != 0 {
				return
			}
			again := mustDiscover(t, z.everywhere(example), z)
			if diff := cmp.Diff(fmt.Sprint(got), fmt.Sprint(again)); diff != "" {
				t.Errorf("the same DNS is discovered in two ways:\n%s", diff)
			}
		})
	}
}

// A domain that has the records of the whole catalogue is taken apart as well: the search is bounded, and each service
// that is taken leaves the others as they are.
func TestDiscoverWholeCatalogue(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it compares each service with each record, alone, and this is a short run")
	}
	r := roll{rand.New(rand.NewPCG(1, 2))}
	terms := "v=spf1"
	var lines []string
	for _, id := range service.Builtins() {
		s, ok := r.service(id, nil)
		if !ok {
			t.Fatalf("%s cannot be applied", id)
		}
		made, err := compose.Records(compose.Config{Domain: example, Services: map[string]compose.Service{id: s}})
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range made.Records {
			if parsed, err := spf.Parse(rec.Value); err == nil && rec.Owner == example {
				for _, term := range parsed.Directives[:len(parsed.Directives)-1] {
					terms += " " + term.String()
				}
				continue
			}
			if line := fmt.Sprintf("%s %s %s", rec.Owner, rec.Type, rec.Value); !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	z := newZone(append(lines, "example.com TXT "+terms+" -all")...)
	got := mustDiscover(t, z.everywhere(example), z)
	if n := len(got.Config.Services); n < 120 {
		t.Errorf("%d services found of %d", n, len(service.Builtins()))
	}
}
