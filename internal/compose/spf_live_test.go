package compose_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

// chain is DNS in which the record of name takes n lookups, the include of name itself among them.
func chain(m memory, name string, n int) memory {
	var includes []string
	for i := range n - 1 {
		leaf := name + "-" + string(rune('a'+i))
		m[leaf] = []string{"v=spf1 ip4:192.0.2.1 -all"}
		includes = append(includes, "include:"+leaf)
	}
	m[name] = []string{"v=spf1 " + strings.Join(append(includes, "ip4:192.0.2.2"), " ") + " -all"}
	return m
}

func TestSPFCost(t *testing.T) {
	t.Parallel()
	dns := chain(chain(memory{}, "six.example", 6), "four.example", 4)
	chain(dns, "two.example", 2)
	tests := map[string]struct {
		mechanisms []string
		warn       bool
		lookups    int
		warnings   []string
		problems   []string
	}{
		"few":                             {mechanisms: []string{"include:six.example"}, lookups: 6},
		"near the limit":                  {mechanisms: []string{"include:six.example", "include:two.example"}, lookups: 8, warnings: []string{"domain: SPF record near the limit of lookups"}},
		"at the limit":                    {mechanisms: []string{"include:six.example", "include:four.example"}, lookups: 10, warnings: []string{"domain: SPF record near the limit of lookups"}},
		"past the limit":                  {mechanisms: []string{"include:six.example", "include:four.example", "mx"}, problems: []string{"domain: SPF record past a limit of RFC 7208"}},
		"past the limit as a warning":     {mechanisms: []string{"include:six.example", "include:four.example", "mx"}, warn: true, lookups: 11, warnings: []string{"domain: SPF record past a limit of RFC 7208"}},
		"macros make it at least so many": {mechanisms: []string{"exists:%{i}.example"}, lookups: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := compose.SPF(t.Context(), compose.Config{Domain: domain, Mechanisms: tt.mechanisms, WarnOnPermError: tt.warn}, dns)
			var ps compose.Problems
			if errors.As(err, &ps) || err != nil {
				if diff := cmp.Diff(tt.problems, problems(ps)); diff != "" {
					t.Errorf("SPF problems: -want +got\n%s", diff)
				}
				return
			}
			if tt.problems != nil || got.Cost == nil || got.Cost.Lookups != tt.lookups {
				t.Errorf("SPF cost = %+v, want %d lookups, and problems %q", got.Cost, tt.lookups, tt.problems)
			}
			if diff := cmp.Diff(tt.warnings, problems(got.Warnings)); diff != "" {
				t.Errorf("SPF warnings: -want +got\n%s", diff)
			}
		})
	}
}

// silent is DNS that does not answer.
type silent struct{}

var errSilent = errors.New("no answer in time")

func (silent) Lookup(context.Context, string, spf.RRType) ([]string, error) { return nil, errSilent }

func (silent) PublishedTXT(context.Context, dnsname.Name) ([]string, error) { return nil, errSilent }

func TestSPFWithoutDNS(t *testing.T) {
	t.Parallel()
	services := map[string]compose.Service{"acme": {Template: acme}, "news": {Template: acme, Host: "news"}}
	got, err := compose.SPF(t.Context(), compose.Config{Domain: domain, Services: services}, silent{})
	if err != nil || got.Value != "v=spf1 include:_spf.acme.example -all" || got.Cost != nil || len(got.Records) != 2 {
		t.Errorf("SPF = %+v, %v; want both records, without counts", got, err)
	}
	if diff := cmp.Diff([]string{"domain: SPF lookups not counted"}, problems(got.Warnings)); diff != "" {
		t.Errorf("SPF warnings, one for all: -want +got\n%s", diff)
	}
	for name, config := range map[string]compose.Config{
		"flatten[0]": {Services: services, Flatten: []string{"acme"}},
		"adopt_live": {Services: services, AdoptLive: true},
	} {
		config.Domain = domain
		got, err := compose.SPF(t.Context(), config, silent{})
		var ps compose.Problems
		if !errors.As(err, &ps) || !slices.ContainsFunc(ps, func(p *compose.Problem) bool { return strings.HasPrefix(p.Path.String(), name[:7]) }) {
			t.Errorf("SPF that depends on DNS = %+v, %v; want a problem at %s", got, err, name)
		}
	}
}

func TestSPFEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := compose.SPF(ctx, compose.Config{Domain: domain, Mechanisms: []string{"include:a.example"}}, memory{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("SPF error = %v, want %v", err, context.Canceled)
	}
}

func TestSPFFlattens(t *testing.T) {
	t.Parallel()
	dns := memory{"_spf.acme.example": {"v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all"}}
	got, err := compose.SPF(t.Context(), compose.Config{
		Domain: domain, Services: map[string]compose.Service{"acme": {Template: acme}}, Flatten: []string{"acme"}, TTL: 60,
	}, dns)
	if err != nil {
		t.Fatal(err)
	}
	if got.Value != "v=spf1 include:_spf-flat.example.com -all" {
		t.Errorf("SPF value = %q", got.Value)
	}
	want := map[string]string{"example.com/spf/_spf-flat": "_spf-flat.example.com TXT v=spf1 ip4:192.0.2.0/24 -all"}
	if diff := cmp.Diff(want, values(got.Flattened)); diff != "" {
		t.Errorf("flattened records: -want +got\n%s", diff)
	}
	if s := got.Sources["acme"]; s.Addresses4 != 256 || s.CIDRs != 1 || s.Records != 1 {
		t.Errorf("source = %+v, want 256 addresses in one network and record", s)
	}
	if got.Cost == nil || got.Cost.Lookups != 1 || got.Flattened["example.com/spf/_spf-flat"].TTL != 60 {
		t.Errorf("cost = %+v, TTL = %d; want one lookup and 60 s", got.Cost, got.Flattened["example.com/spf/_spf-flat"].TTL)
	}
}

func TestSPFAdopts(t *testing.T) {
	t.Parallel()
	services := map[string]compose.Service{"acme": {Template: acme}}
	tests := map[string]struct {
		live     []string
		remove   []string
		value    string
		adopted  []string
		extra    []string
		warnings []string
	}{
		"no record yet": {
			live: []string{"MS=1"}, value: "v=spf1 include:_spf.acme.example -all", extra: []string{"MS=1"},
		},
		"what nothing asks for stays": {
			live:     []string{"MS=1", "v=spf1 ip4:192.0.2.1 include:_spf.acme.example -all"},
			value:    "v=spf1 ip4:192.0.2.1 include:_spf.acme.example -all",
			adopted:  []string{"ip4:192.0.2.1"},
			extra:    []string{"MS=1"},
			warnings: []string{"adopt_live: Live SPF terms that nothing asks for"},
		},
		"until it is removed": {
			live:   []string{"v=spf1 ip4:192.0.2.1 include:_spf.acme.example -all"},
			remove: []string{"ip4:192.0.2.1"}, value: "v=spf1 include:_spf.acme.example -all",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := compose.SPF(t.Context(), compose.Config{Domain: domain, Services: services, AdoptLive: true, Remove: tt.remove},
				memory{"example.com": tt.live})
			if err != nil {
				t.Fatal(err)
			}
			if got.Value != tt.value || !slices.Equal(got.Adopted, tt.adopted) || !slices.Equal(got.ExtraTXT, tt.extra) {
				t.Errorf("SPF = %q, adopted %q, extra %q; want %q, %q, %q", got.Value, got.Adopted, got.ExtraTXT, tt.value, tt.adopted, tt.extra)
			}
			if got.AnswerSize == 0 {
				t.Error("the size of the answer is not known")
			}
			if diff := cmp.Diff(tt.warnings, problems(got.Warnings)); diff != "" {
				t.Errorf("SPF warnings: -want +got\n%s", diff)
			}
		})
	}
}

// What was meant as SPF and is not is never taken for no record: the records that go around it would void it for good.
func TestSPFAdoptsNoBrokenRecord(t *testing.T) {
	t.Parallel()
	for name, live := range map[string][]string{
		"separate records":   {"v=spf1", "include:spf.protection.outlook.com", "-all"},
		"a blank is missing": {"v=spf1include:spf.example.net?all"},
		"quotes":             {`"v=spf1 mx -all"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := compose.SPF(t.Context(), compose.Config{Domain: domain, AdoptLive: true, Options: merge.Options{All: merge.AllFail}}, memory{"example.com": append(live, "MS=1")})
			var ps compose.Problems
			if !errors.As(err, &ps) || !errors.Is(err, spf.ErrBrokenRecord) {
				t.Fatalf("SPF = %q, extra %q, %v; want an error that wraps ErrBrokenRecord", got.Value, got.ExtraTXT, err)
			}
			if diff := cmp.Diff([]string{"adopt_live: TXT record meant as SPF"}, problems(ps)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if text := ps[0].Detail; !strings.Contains(text, live[len(live)-1]) || !strings.Contains(text, "eceivers ignore") || strings.Contains(text, "MS=1") {
				t.Errorf("detail = %s", text)
			}
		})
	}
}

func TestSPFWarnsOfALargeAnswer(t *testing.T) {
	t.Parallel()
	live := []string{"v=spf1 -all"}
	for i := range 20 {
		live = append(live, strings.Repeat("x", 60)+string(rune('a'+i)))
	}
	got, err := compose.SPF(t.Context(), compose.Config{Domain: domain, AdoptLive: true}, memory{"example.com": live})
	if err != nil || got.AnswerSize <= spf.SafeAnswerSize {
		t.Fatalf("answer of %d octets, %v; want more than %d", got.AnswerSize, err, spf.SafeAnswerSize)
	}
	if diff := cmp.Diff([]string{"domain: Large TXT answer"}, problems(got.Warnings)); diff != "" {
		t.Errorf("SPF warnings: -want +got\n%s", diff)
	}
}

// TestSPFPermError shows that what every receiver rejects is an error, and a warning where that is asked for.
func TestSPFPermError(t *testing.T) {
	t.Parallel()
	news := map[string]compose.Service{"news": {Template: acme, Host: "news"}}
	dns := memory{
		"none.example": {"hello"}, "void.example": {}, "two.example": {"v=spf1 a -all", "v=spf1 mx -all"}, "bad.example": {"v=spf1 ip4:300.0.0.1 -all"},
		"below.example": {"v=spf1 include:none.example -all"}, "round.example": {"v=spf1 include:example.com -all"}, "itself.example": {"v=spf1 redirect=itself.example"},
		"news.example.com": {}, "_spf-acme.example.com": {}, "_spf.acme.example": {"v=spf1 ip4:192.0.2.1 -all"},
	}
	tests := map[string]struct {
		config compose.Config
		rejected,
		says string // in the problem; empty: none
	}{
		"no record":              {compose.Config{Mechanisms: []string{"include:none.example"}}, "SPF term that receivers reject", "none.example has no SPF record"},
		"no name":                {compose.Config{Mechanisms: []string{"?include:void.example"}}, "SPF term that receivers reject", "void.example has no SPF record"},
		"a redirect to none":     {compose.Config{Existing: "v=spf1 redirect=none.example"}, "SPF term that receivers reject", "none.example has no SPF record"},
		"several":                {compose.Config{Mechanisms: []string{"include:two.example"}}, "SPF term that receivers reject", "Two.example has 2 SPF records"},
		"invalid":                {compose.Config{Mechanisms: []string{"include:bad.example"}}, "SPF term that receivers reject", "The SPF record of bad.example is invalid"},
		"below":                  {compose.Config{Mechanisms: []string{"include:below.example"}}, "SPF term that receivers reject", "It is reached by `include:below.example`."},
		"itself":                 {compose.Config{Mechanisms: []string{"include:example.com"}}, "SPF record that leads to itself", "The record of example.com includes itself: receivers follow the loop"},
		"a circle":               {compose.Config{Mechanisms: []string{"include:round.example"}}, "SPF record that leads to itself", "includes itself, by way of round.example"},
		"a circle below":         {compose.Config{Mechanisms: []string{"include:itself.example"}}, "SPF record that leads to itself", "The record of itself.example includes itself"},
		"past a limit":           {compose.Config{Mechanisms: []string{"a", "mx", "a:1.x.example a:2.x.example a:3.x.example a:4.x.example a:5.x.example a:6.x.example a:7.x.example a:8.x.example a:9.x.example"}}, "SPF record past a limit of RFC 7208", "asks for 11 DNS lookups"},
		"an owner of a service":  {compose.Config{Services: news, Mechanisms: []string{"include:news.example.com"}}, "", ""},
		"what flattening makes":  {compose.Config{Services: map[string]compose.Service{"acme": {Template: acme}}, Flatten: []string{"acme"}}, "", ""},
		"an owner that includes": {compose.Config{Services: map[string]compose.Service{"up": {Template: strings.Replace(acme, "_spf.acme.example", "example.com", 1), Host: "up"}}, Mechanisms: []string{"a"}}, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := tt.config
			c.Domain = domain
			got, err := compose.SPF(t.Context(), c, dns)
			var ps compose.Problems
			errors.As(err, &ps)
			if tt.rejected == "" {
				if err != nil || len(got.Warnings) > 0 {
					t.Errorf("SPF = %v, %v, want neither error nor warning", got.Warnings, err)
				}
				return
			}
			if len(ps) != 1 || ps[0].Summary != tt.rejected || !strings.Contains(ps[0].Detail, tt.says) || !strings.Contains(ps[0].Detail, "`on_permerror = \"warn\"`") {
				t.Errorf("SPF = %v, want one problem, %s: %s", err, tt.rejected, tt.says)
			}
			c.WarnOnPermError = true
			got, err = compose.SPF(t.Context(), c, dns)
			if err != nil || !slices.ContainsFunc(got.Warnings, func(p *compose.Problem) bool { return p.Summary == tt.rejected && strings.Contains(p.Detail, tt.says) }) {
				t.Errorf("SPF as a warning = %v, %v, want %s: %s", got.Warnings, err, tt.rejected, tt.says)
			}
		})
	}
	t.Run("without DNS", func(t *testing.T) {
		t.Parallel()
		_, err := compose.Records(compose.Config{Domain: domain, Existing: "v=spf1 include:example.com -all"})
		if err == nil || !strings.Contains(err.Error(), "The record of example.com includes itself by `include:example.com`") {
			t.Errorf("Records() of a record that includes itself = %v", err)
		}
	})
}

// TestLimitAdvice shows what an expert would try first: senders whose SPF terms do nothing at the domain, and hosts.
func TestLimitAdvice(t *testing.T) {
	t.Parallel()
	dns := memory{"emsd1.com": {"v=spf1 ip4:192.0.2.1 -all"}, "_spf.acme.example": {"v=spf1 ip4:192.0.2.2 -all"}}
	services := map[string]compose.Service{"activecampaign": {Groups: []string{"spf"}}, "acme": {Template: acme}}
	hosts := "a:1.x.example a:2.x.example a:3.x.example a:4.x.example a:5.x.example a:6.x.example a:7.x.example a:8.x.example a:9.x.example"
	_, err := compose.SPF(t.Context(), compose.Config{Domain: domain, Services: services, Mechanisms: []string{hosts}}, dns)
	var ps compose.Problems
	if !errors.As(err, &ps) || len(ps) != 1 {
		t.Fatalf("SPF = %v, want one problem", err)
	}
	at := 0
	for _, part := range []string{
		"asks for 11 DNS lookups", "Leave the SPF terms of services[\"activecampaign\"] out of the record, with `groups`: their mail bounces to another name",
		"Move a sender to a host of its own, such as news.example.com", "Remove senders that are no longer used.", "Or set `flatten = [",
	} {
		i := strings.Index(ps[0].Detail[at:], part)
		if i < 0 {
			t.Fatalf("the problem is %q, want %q behind the %d first octets", ps[0].Detail, part, at)
		}
		at += i
	}
	if strings.Contains(ps[0].Detail, `services["acme"]`) {
		t.Errorf("the problem is %q, and names a sender that bounces to the domain", ps[0].Detail)
	}
}

// oneFamily is DNS in which hosts have IPv4 addresses alone.
type oneFamily struct{ memory }

func (m oneFamily) Lookup(ctx context.Context, name string, t spf.RRType) ([]string, error) {
	if t == spf.TypeAAAA {
		return nil, nil
	}
	return m.memory.Lookup(ctx, name, t)
}

// TestSPFOfOneFamily shows that a limit that clients of one family alone meet is a warning.
func TestSPFOfOneFamily(t *testing.T) {
	t.Parallel()
	c := compose.Config{Domain: domain, Mechanisms: []string{"a", "a:mail.example.com", "a:www.example.com"}}
	got, err := compose.SPF(t.Context(), c, oneFamily{})
	if err != nil || got.Cost == nil || got.Cost.Void() != 3 || len(got.Warnings) != 1 {
		t.Fatalf("SPF = %+v, %v, want 3 void lookups and one warning", got, err)
	}
	const want = "For clients with IPv6 addresses, evaluating the record of example.com takes 3 lookups that find nothing, and receivers stop with an error (permerror) after 2 (RFC 7208 §4.6.4); " +
		"for IPv4 clients, it does not. The terms are `a`, `a:mail.example.com`, `a:www.example.com`. Give the hosts that they name AAAA records, or write the addresses of the hosts with `ip4:` in place of the terms. To go on without this warning, set `acknowledge = [\"spf-family-limit\"]`."
	if got.Warnings[0].Detail != want {
		t.Errorf("SPF warns %s, want %s", got.Warnings[0].Detail, want)
	}
	c.Mechanisms = c.Mechanisms[:2]
	if got, err := compose.SPF(t.Context(), c, oneFamily{}); err != nil || len(got.Warnings) > 0 {
		t.Errorf("SPF at the limit = %v, %v, want no warning", got.Warnings, err)
	}
}
