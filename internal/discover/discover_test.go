package discover_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
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
		} else if r.Type == record.TXT {
			value = policyMeaning(value)
		}
		said[fmt.Sprintf("%s %s %s", r.Owner, r.Type, value)] = true
	}
	return slices.Sorted(maps.Keys(said))
}

// policyMeaning is what receivers make of the record of a policy.
func policyMeaning(value string) string {
	if p, err := dmarc.Parse(value); err == nil {
		return fmt.Sprint("DMARC ", p.Effective(), p.Effective7489(), p.DKIMAlignment(), p.SPFAlignment(), p.RUA, p.RUF, p.FailureOptions(), strings.Contains(value, "pct=20"))
	}
	if p, err := mtasts.Parse(value); err == nil {
		return "MTA-STS " + p.ID
	}
	if p, err := tlsrpt.Parse(value); err == nil {
		return fmt.Sprint("TLS-RPT ", p.RUA)
	}
	if p, err := bimi.Parse(value); err == nil {
		return fmt.Sprint("BIMI ", p.Location, " ", p.Evidence, " ", p.Avatar, p.Prefixes)
	}
	return value
}

// Each built-in service alone is discovered, with what makes the same records.
func TestDiscoverEachService(t *testing.T) {
	t.Parallel()
	for i, id := range service.Builtins() {
		if testing.Short() && i%4 != 0 {
			continue
		}
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			r := roll{rand.New(rand.NewPCG(7, uint64(len(id))))}
			for range 2 {
				want, ok := r.service(id, nil)
				if !ok {
					t.Fatalf("the service cannot be applied with %v", want)
				}
				config := compose.Config{Domain: example, Options: merge.Options{All: merge.AllSoftFail}, Services: map[string]compose.Service{id: want}}
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
		Options: merge.Options{All: []merge.All{merge.AllFail, merge.AllSoftFail, merge.AllNeutral}[r.IntN(3)]},
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
	r.policies(&c)
	return c
}

// policies rolls policies, mail hosts and other records.
func (r roll) policies(c *compose.Config) {
	half := func() bool { return r.IntN(2) == 0 }
	if half() {
		policies := []string{"none", "quarantine", "reject"}
		c.DMARC = &dmarc.Config{
			Policy: policies[r.IntN(3)], SubdomainPolicy: append(policies, "")[r.IntN(4)], DKIMAlignment: []string{"", "relaxed", "strict"}[r.IntN(3)],
			AggregateReports: []string{r.word() + "@example.com"},
		}
		if half() {
			c.DMARC.FailureReports, c.DMARC.FailureOptions = []string{"f@example.com"}, []string{"1", "d"}
		}
	}
	if half() {
		c.MX = []string{"10 " + r.word() + ".example.net", "100 " + r.word() + ".example.org", "20 " + r.word() + ".example"}[:1+r.IntN(3)]
		if r.IntN(4) == 0 {
			c.MX = []string{"0 ."}
		}
		if _, err := compose.Records(*c); err != nil {
			c.MX = nil // A service has mail hosts.
		}
	}
	if half() {
		c.MTASTS = &compose.MTASTS{Config: mtasts.Config{Mode: "testing", MaxAge: 86400 + r.Int64N(1000), MX: []string{"mx.example.net"}}}
		switch r.IntN(3) {
		case 0:
			c.MTASTS.Host = r.word() + ".example.net"
		case 1:
			c.MTASTS.Addresses = []string{"192.0.2.10", "2001:db8::10"}
		}
	}
	if half() {
		c.TLSRPT = &tlsrpt.Config{Reports: []string{"https://" + r.word() + ".example/a;b", "t@example.com"}[:1+r.IntN(2)]}
	}
	if half() {
		c.BIMI = &compose.BIMI{Config: bimi.Config{Logo: "https://example.com/" + r.word() + ".svg", Avatar: []string{"", "brand", "personal"}[r.IntN(3)]}}
		if half() {
			c.BIMI.Certificate = "https://example.com/" + r.word() + ".pem"
		}
		if r.IntN(4) == 0 {
			c.BIMI = &compose.BIMI{Config: bimi.Config{Declined: true}}
		}
	}
	c.Extra = make(map[string]compose.Extra)
	for i := range r.IntN(4) {
		e := []compose.Extra{
			{Name: "@", Type: "TXT", Value: r.word() + "-verification=" + r.word()},
			{Name: "@", Type: "TXT", Value: "a token"},
			{Name: "_dmarc", Type: "TXT", Value: "a note"},
			{Name: r.word(), Type: "CNAME", Value: r.word() + ".example"},
		}[r.IntN(4)]
		c.Extra[fmt.Sprint(i)] = e
	}
}

// written are records as others write them, who mean the same.
func (r roll) written(set record.Set) record.Set {
	for key, rec := range set {
		switch {
		case r.IntN(2) == 0 || rec.Type != record.TXT:
			continue
		case dmarc.IsRecord(rec.Value):
			rec.Value = strings.ReplaceAll(rec.Value, "; ", ";") + "; rf=afrf;pct=100;"
		case mtasts.IsRecord(rec.Value), tlsrpt.IsRecord(rec.Value), bimi.IsRecord(rec.Value):
			rec.Value = strings.ReplaceAll(rec.Value, "; ", " ;")
		}
		set[key] = rec
	}
	return set
}

// What is live is what the records of the discovered configuration are: a hundred domains of services, keys, terms, policies,
// mail hosts and other records by chance, of which a service may have lost a record.
func TestDiscoverFixpoint(t *testing.T) {
	t.Parallel()
	seeds := uint64(100)
	if testing.Short() {
		seeds = 10
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
			z := serve(r.written(made.Records))
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
			if diff := cmp.Diff(got.Markdown()+got.HCL()+fmt.Sprint(got.Imports), again.Markdown()+again.HCL()+fmt.Sprint(again.Imports)); diff != "" {
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
