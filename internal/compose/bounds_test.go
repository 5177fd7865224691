package compose_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

// More services than a domain can have are one problem, in whatever makes records of them.
func TestTooManyServices(t *testing.T) {
	t.Parallel()
	services := make(map[string]compose.Service)
	for i := range compose.MaxServices {
		services[fmt.Sprint("s", i)] = compose.Service{Service: "google_workspace", Groups: []string{"spf"}}
	}
	if _, err := compose.Records(compose.Config{Domain: domain, Services: services}); err != nil {
		t.Errorf("Records of %d services = %v", len(services), err)
	}
	for i := range 5_000 {
		services[fmt.Sprint("m", i)] = compose.Service{Service: "google_workspace", Groups: []string{"mx"}}
	}
	_, records := compose.Records(compose.Config{Domain: domain, Services: services})
	_, spf := compose.SPF(t.Context(), compose.Config{Domain: domain, Services: services}, memory{})
	_, dkim := compose.DKIM(compose.Config{Domain: domain, Services: services})
	check := compose.Check(compose.Config{Services: services})
	for name, err := range map[string]error{"Records": records, "SPF": spf, "DKIM": dkim, "Check": check} {
		var ps compose.Problems
		if !errors.As(err, &ps) || len(ps) != 1 || ps[0].Path.String() != "services" || !strings.Contains(ps[0].Detail, "at most 256") {
			t.Errorf("%s of %d services = %.300v, want one problem", name, len(services), err)
		}
	}
}

// What makes records of keys takes memory in proportion to them, and texts about long names are short.
func TestRecordsOfManyKeys(t *testing.T) {
	t.Parallel()
	const many, octets = 20_000, 10 << 20
	keys := func(n int) map[string]compose.Key {
		all := make(map[string]compose.Key, n)
		for i := range n {
			all[fmt.Sprint("s", i)] = compose.Key{CNAME: "k.acme.example"}
		}
		return all
	}
	got, err := compose.Records(compose.Config{Domain: domain, Keys: keys(many)})
	if err != nil || len(got.Records) != many {
		t.Errorf("Records of %d keys = %d records, %v", many, len(got.Records), err)
	}
	long := strings.Repeat("x", octets)
	for name, c := range map[string]compose.Config{
		"a selector": {Keys: map[string]compose.Key{long: {CNAME: "k.acme.example"}}},
		"a service":  {Services: map[string]compose.Service{long: {}}},
		"an id":      {Services: map[string]compose.Service{"a": {Service: long}}},
		"a variable": {Services: map[string]compose.Service{"mailchimp": {Variables: map[string]string{long: "x"}}}},
		"a value":    {Services: map[string]compose.Service{"amazon_ses": {Variables: map[string]string{"region": long}}}},
		"a host":     {Services: map[string]compose.Service{"mailchimp": {Host: long}}},
		"a grant":    {Services: map[string]compose.Service{"google_workspace": {Groups: []string{"spf"}, Host: "a..b", Allow: []string{long}}}},
		"a term":     {Mechanisms: []string{long}},
		"a record":   {Existing: long},
		"a key":      {Keys: map[string]compose.Key{"s1": {Record: long}}},
		"a PEM":      {Keys: map[string]compose.Key{"s1": {PublicKey: long}}},
		"a target":   {Keys: map[string]compose.Key{"s1": {CNAME: long}}},
	} {
		c.Domain = domain
		_, err := compose.Records(c)
		if err == nil || len(err.Error()) > 8_000 {
			t.Errorf("Records with %s of %d octets: an error of %d octets, want a short one", name, octets, len(fmt.Sprint(err)))
		}
	}
}

// BenchmarkRecordsOfManyKeys shows that time and memory grow with the number of keys.
func BenchmarkRecordsOfManyKeys(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		keys := make(map[string]compose.Key, n)
		for i := range n {
			keys[fmt.Sprint("s", i)] = compose.Key{CNAME: "k.acme.example"}
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := compose.Records(compose.Config{Domain: domain, Keys: keys}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
