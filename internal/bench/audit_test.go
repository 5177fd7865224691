package bench

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// The longest that one audit may take, and a plan with that many, where servers take 25 ms for an answer.
const (
	auditLimit     = 600 * time.Millisecond
	auditPlanLimit = 6 * time.Second
	auditedDomains = 50
)

// audited are six services, by their variables.
var audited = map[string]compose.Service{
	"fastmail": {}, "google_workspace": {Groups: []string{"spf", "mx"}}, "mailchimp": {}, "mailerlite": {}, "migadu": {}, "zendesk": {},
}

// auditedFleet serves domains that six services send for, and the zones of these services. Each server takes its time.
func auditedFleet(b *testing.B, domains ...string) *dnstest.Hierarchy {
	b.Helper()
	h := dnstest.New(b)
	h.Zone("host.com", dnstest.Servers("a.host.com", "b.host.com"))
	zones := make(map[string]*dnstest.Zone)
	zoneOf := func(name string) *dnstest.Zone {
		labels := strings.Split(name, ".")
		apex := strings.Join(labels[len(labels)-2:], ".")
		if zones[apex] == nil {
			zones[apex] = h.Zone(apex, dnstest.Servers("a.host.com.", "b.host.com."))
		}
		return zones[apex]
	}
	for _, domain := range domains {
		made, err := compose.Records(compose.Config{Domain: dnsname.MustParse(domain), Services: audited})
		if err != nil {
			b.Fatal(err)
		}
		zone := zoneOf(domain)
		for _, r := range made.Records {
			zone.Add(fmt.Sprintf("%s. 3600 IN %s %s", r.Owner, r.Type, r.Quoted()))
			if r.Type == record.CNAME && strings.Contains(r.Owner.String(), "_domainkey") {
				zoneOf(r.Value).SetTXT(r.Value+".", "v=DKIM1; k=rsa; p="+rsaKey)
			}
		}
		zone.SetTXT("_dmarc", "v=DMARC1; p=reject; rua=mailto:reports@"+domain)
		zone.SetTXT("_mta-sts", "v=STSv1; id=1")
		zone.Set("mta-sts 3600 IN A 11.0.0.1")
		zone.SetTXT("_smtp._tls", "v=TLSRPTv1; rua=mailto:reports@"+domain)
		for term := range strings.FieldsSeq(made.Records[domain+"/spf"].Value) {
			if target, ok := strings.CutPrefix(term, "include:"); ok {
				zoneOf(target).SetTXT(target+".", "v=spf1 ip4:11.0.1.0/24 -all")
			}
		}
	}
	zoneOf("google.com").Set("smtp 3600 IN A 11.0.0.2", "smtp 3600 IN AAAA 2600::2")
	h.Recursor()
	for _, s := range h.Servers() {
		s.Inject(dnstest.When(dnstest.Delay(answerLatency), dnstest.Direct))
	}
	h.Recursors()[0].Inject(dnstest.Delay(answerLatency))
	return h
}

// BenchmarkAudit audits a domain that six services send for, with a client at all default settings that knows nothing, and
// servers that take 25 ms for an answer.
func BenchmarkAudit(b *testing.B) {
	h := auditedFleet(b, "d0.com")
	c := audit.Config{Domain: dnsname.MustParse("d0.com"), Lab: true, Now: time.Now()}
	made, err := compose.Records(compose.Config{Domain: c.Domain, Services: audited})
	if err != nil {
		b.Fatal(err)
	}
	c.Records = made.Records
	for _, id := range service.Builtins() {
		if _, ok := audited[id]; ok {
			template, err := service.Builtin(id)
			if err != nil {
				b.Fatal(err)
			}
			c.Services = append(c.Services, audit.Service{Key: id, Info: template.Info()})
		}
	}
	h.ResetQuestions()
	for b.Loop() {
		client, err := resolve.New(resolve.Config{Resolvers: []resolve.Resolver{resolve.MustParseResolver(h.ResolverAddr())}, AuthoritativePort: h.Port()})
		if err != nil {
			b.Fatal(err)
		}
		g, err := audit.Gather(b.Context(), c, client)
		if err != nil {
			b.Fatal(err)
		}
		if r := g.Report(); r.Count(audit.Error) > 0 || len(r.Senders) < len(audited) {
			b.Fatalf("senders %v, findings %v", r.Senders, r.Findings)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/audit")
	b.ReportMetric(float64(h.Count(dnstest.Direct))/float64(b.N), "questions/audit")
	if mean := b.Elapsed() / time.Duration(b.N); mean > auditLimit {
		b.Errorf("an audit takes %v, want at most %v", mean, auditLimit)
	}
}

// BenchmarkAuditPlan measures `terraform plan` of fifty audits of such domains on one pair of name servers, at all default
// settings.
func BenchmarkAuditPlan(b *testing.B) {
	var domains []string
	for i := range auditedDomains {
		domains = append(domains, fmt.Sprintf("d%d.com", i))
	}
	h := auditedFleet(b, domains...)
	c := newProvider(b)
	c.write(b, "main.tf", fmt.Sprintf(`
terraform {
  required_providers {
    maildomain = {
      source = "catglobe/maildomain"
    }
  }
}

provider "maildomain" {
  resolvers          = [%q]
  authoritative_port = %d
}

data "maildomain_audit" "this" {
  for_each = toset([for i in range(%d) : "d${i}.com"])
  domain   = each.key
  fail_on  = "never"
  services = {
    fastmail         = {}
    google_workspace = { groups = ["spf", "mx"] }
    mailchimp        = {}
    mailerlite       = {}
    migadu           = {}
    zendesk          = {}
  }
}

output "errors" {
  value = sum([for a in data.maildomain_audit.this : a.counts.error])
}
`, h.ResolverAddr(), h.Port(), auditedDomains))
	h.ResetQuestions()
	started := time.Now()
	var total cost
	for b.Loop() {
		one, out, err := c.try(b, "plan", "-no-color")
		if err != nil || !strings.Contains(out, "+ errors = 0") {
			b.Fatalf("terraform plan: %v\n%s", err, out)
		}
		total.cpu += one.cpu
		total.providerPeak = max(total.providerPeak, one.providerPeak)
	}
	mean := time.Since(started) / time.Duration(b.N)
	b.ReportMetric(mean.Seconds(), "s/plan")
	b.ReportMetric(total.cpu.Seconds()/float64(b.N), "cpu-s/plan")
	b.ReportMetric(float64(total.providerPeak)/1024, "provider-MB")
	b.ReportMetric(float64(h.Count(dnstest.Direct))/float64(b.N*auditedDomains), "questions/audit")
	if mean > auditPlanLimit {
		b.Errorf("a plan with %d audits takes %v (%v of the processors), want at most %v", auditedDomains, mean, total.cpu/time.Duration(b.N), auditPlanLimit)
	}
}
