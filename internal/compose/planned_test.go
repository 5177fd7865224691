package compose_test

import (
	"context"
	"slices"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// unpublished is DNS in which nothing of example.com stands yet.
type unpublished struct{}

func (unpublished) Lookup(_ context.Context, name string, t spf.RRType) ([]string, error) {
	switch {
	case dnsname.MustParse(name).IsIn(domain):
		return nil, nil
	case t == spf.TypeTXT:
		return []string{"v=spf1 ip4:192.0.2.1 -all"}, nil
	case t == spf.TypeA:
		return []string{"192.0.2.1"}, nil
	}
	return []string{"2001:db8::1"}, nil
}

func (unpublished) PublishedTXT(context.Context, dnsname.Name) ([]string, error) { return nil, nil }

// bounces asks for records that SPF leads to.
const bounces = `{"providerId": "b.example", "providerName": "B", "serviceId": "mail", "serviceName": "B Mail", "records": [
  {"type": "CNAME", "host": "bounces", "pointsTo": "deeper.%domain%", "groupId": "alias", "ttl": 600},
  {"type": "CNAME", "host": "deeper", "pointsTo": "bounces.b.example", "groupId": "alias", "ttl": 600},
  {"type": "MX", "host": "@", "pointsTo": "mx.%domain%", "priority": 10, "groupId": "mx", "ttl": 600},
  {"type": "A", "host": "mx", "pointsTo": "192.0.2.7", "groupId": "mx", "ttl": 600},
  {"type": "CNAME", "host": "%selector%._domainkey", "pointsTo": "k.b.example", "groupId": "dkim", "ttl": 600}]}`

// What the same configuration publishes is not missing, whatever its type.
func TestSPFOfRecordsOfTheSameConfiguration(t *testing.T) {
	t.Parallel()
	service := func(groups ...string) map[string]compose.Service {
		return map[string]compose.Service{"b": {Template: bounces, Groups: groups, Allow: []string{"*"}}}
	}
	tests := map[string]struct {
		config compose.Config
		void   int // lookups; with wrong, it is not looked at
		wrong  bool
	}{
		"an alias":                 {config: compose.Config{Services: service("alias"), Mechanisms: []string{"include:bounces.example.com"}}},
		"an alias of no group":     {config: compose.Config{Services: service("mx"), Mechanisms: []string{"include:bounces.example.com"}}, wrong: true},
		"a service without values": {config: compose.Config{Services: service("alias", "dkim"), Mechanisms: []string{"include:bounces.example.com"}}, wrong: true},
		"mail hosts":               {config: compose.Config{Services: service("mx"), Mechanisms: []string{"mx a:mx.example.com"}}, void: 2}, // by IPv6: the host has none
		"mail hosts of no group":   {config: compose.Config{Services: service("alias"), Mechanisms: []string{"mx"}}, void: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := tt.config
			c.Domain = domain
			got, err := compose.SPF(t.Context(), c, unpublished{})
			if (err != nil) != tt.wrong {
				t.Fatalf("SPF = %v, want an error: %v", err, tt.wrong)
			}
			if err == nil && got.Cost.Void() != tt.void {
				t.Errorf("void lookups = %d, want %d; tree:\n%s", got.Cost.Void(), tt.void, got.Tree)
			}
		})
	}
	// A service that has more to ask for than SPF is held back by nothing that SPF does not need.
	c := compose.Config{Domain: domain, Services: service("dkim"), Mechanisms: []string{"ip4:192.0.2.9"}}
	if got, err := compose.SPF(t.Context(), c, unpublished{}); err != nil || !slices.Equal(got.Records.Keys(), []string{"example.com/spf"}) {
		t.Errorf("SPF = %v, %v, want the record alone", got.Records, err)
	}
}
