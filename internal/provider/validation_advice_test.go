package provider

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// seeing returns what one server said about one record that is expected.
func seeing(key string, outcome answer.Outcome, verdict verify.Verdict) verify.Finding {
	seen := answer.Answer{Server: answer.Server{Addr: netip.MustParseAddrPort("192.0.2.53:53")}, Outcome: outcome}
	return verify.Finding{Expectation: expectedSPF(key), Via: answer.Authorities, Seen: []verify.Judgement{{Answer: seen, Verdict: verdict}}}
}

// lost returns a record whose name servers cannot be found.
func lost(key string, reason answer.Reason, outcome answer.Outcome, detail string) verify.Finding {
	e := expectedSPF(key)
	return verify.Finding{Expectation: e, Via: answer.Authorities, Err: &answer.LookupError{Name: e.Owner, At: e.Owner, Outcome: outcome, Reason: reason, Detail: detail}}
}

func expectedSPF(key string) verify.Expectation {
	return verify.Expectation{Key: key, Owner: dnsname.MustParse(key + ".example.com"), Type: record.TXT, Value: "v=spf1 -all"}
}

// The error of a wait in vain gives the advice of the causes, and no other.
func TestWaitErrorAdvice(t *testing.T) {
	t.Parallel()
	const port53, publish, fault = "port 53", "Publish the record at the DNS provider", "the resolver 192.0.2.53 cannot be asked: connection refused"
	tests := map[string]struct {
		findings    []verify.Finding
		says, never []string
		remedies    int
	}{
		"one of two": {
			[]verify.Finding{seeing("a", answer.NXDomain, verify.Mismatch), seeing("b", answer.Found, verify.Matches)},
			[]string{"1 of 2 does not match yet", publish},
			[]string{port53},
			1,
		},
		"two of two": {
			[]verify.Finding{seeing("a", answer.NXDomain, verify.Mismatch), seeing("b", answer.NoData, verify.Mismatch)},
			[]string{"2 of 2 do not match yet", publish},
			[]string{port53},
			2,
		},
		"not delegated": {
			[]verify.Finding{lost("a", answer.NotDelegated, answer.NXDomain, ""), seeing("b", answer.Found, verify.Matches)},
			[]string{"register the domain"},
			[]string{port53, publish},
			1,
		},
		"nothing answers": {
			[]verify.Finding{seeing("a", answer.Timeout, verify.Unknown)},
			[]string{"DNS could not be asked", "whether a firewall blocks this machine", "`query = \"resolvers\"`"},
			[]string{publish},
			1,
		},
		"closed port": {
			[]verify.Finding{lost("a", answer.Blocked, answer.Unreachable, "")},
			[]string{"DNS could not be asked", "open port 53 for UDP and TCP"},
			[]string{publish},
			1,
		},
		"other servers answer": {
			[]verify.Finding{seeing("a", answer.Timeout, verify.Unknown), seeing("b", answer.ServFail, verify.Unknown)},
			[]string{"DNS could not be asked", "Repair the server"},
			[]string{port53, publish},
			2,
		},
		"a resolver that fails": {
			[]verify.Finding{lost("a", answer.NoResolver, answer.Unreachable, fault), lost("b", answer.NoResolver, answer.Unreachable, fault)},
			[]string{"DNS could not be asked", fault, "Check the provider's `resolvers`"},
			[]string{port53, "example.com"},
			1,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diags := waitError(verify.Report{Findings: tt.findings}, &verify.TimeoutError{}, "timeouts = {}")
			if len(diags) != 1 {
				t.Fatalf("%d diagnostics, want 1", len(diags))
			}
			text := diags[0].Summary() + "\n" + diags[0].Detail()
			for _, part := range tt.says {
				if !strings.Contains(text, part) {
					t.Errorf("the error is\n%s\nwant %q in it", text, part)
				}
			}
			for _, part := range tt.never {
				if strings.Contains(text, part) {
					t.Errorf("the error is\n%s\nwant no %q in it", text, part)
				}
			}
			if n := strings.Count(text, "to do: "); n != tt.remedies {
				t.Errorf("the error gives advice %d times, want %d:\n%s", n, tt.remedies, text)
			}
			if n := strings.Count(text, fault); n > 1 {
				t.Errorf("the error says %d times how the resolver fails, want it once:\n%s", n, text)
			}
		})
	}
}

// Terraform shows one of several warnings with the same summary: all servers of a domain that were passed over stand in
// one, and those of another domain in another.
func TestPassedOverIsOneWarningForADomain(t *testing.T) {
	t.Parallel()
	var report verify.Report
	for i, owner := range []string{"example.com", "_dmarc.example.com", "example.net"} {
		f := seeing(owner, answer.Found, verify.Matches)
		f.Owner = dnsname.MustParse(owner)
		f.PassedOver = []answer.Server{{Name: dnsname.MustParse(fmt.Sprintf("ns%d.example.org", i))}}
		report.Findings = append(report.Findings, f)
	}
	diags := warnings(report.Warnings())
	if len(diags) != 2 {
		t.Fatalf("warnings = %v, want one for each domain", diags)
	}
	for i, want := range [][]string{{"example.com", "ns0.example.org", "ns1.example.org"}, {"example.net", "ns2.example.org"}} {
		text := diags[i].Summary() + "\n" + diags[i].Detail()
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("warning %d is %q, want %q in it", i, text, part)
			}
		}
	}
	if diags := warnings(verify.Report{}.Warnings()); len(diags) != 0 {
		t.Errorf("warnings of nothing = %v, want none", diags)
	}
}

// A summary names the domains of records, without those that lie in another one of them.
func TestDomainsOf(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		owners []string
		want   string
	}{
		"none":              {nil, "the records"},
		"one":               {[]string{"example.com", "_dmarc.example.com", "s._domainkey.example.com"}, "example.com"},
		"a subdomain":       {[]string{"_dmarc.news.example.com", "example.com"}, "example.com"},
		"subdomains alone":  {[]string{"_dmarc.news.example.com", "_dmarc.shop.example.com"}, "news.example.com, shop.example.com"},
		"more than it says": {[]string{"e.example", "d.example", "c.example", "b.example", "a.example"}, "a.example, b.example, c.example, 2 more"},
		"labels below":      {[]string{"b.example", "bb.example"}, "b.example, bb.example"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var expected []verify.Expectation
			for _, owner := range tt.owners {
				expected = append(expected, verify.Expectation{Owner: dnsname.MustParse(owner)})
			}
			if got := domainsOf(expected); got != tt.want {
				t.Errorf("domainsOf(%q) = %q, want %q", tt.owners, got, tt.want)
			}
		})
	}
}
