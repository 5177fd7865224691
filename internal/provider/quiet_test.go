package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

const (
	// quietDomains is how many domains the plan of a fleet changes.
	quietDomains = 10
	// validationLines is how many lines of it the validation of one of them takes, where a service brings one record and
	// changes the SPF record.
	validationLines = 18
)

// quietFleet is a configuration with so many domains, each with its records and their validation.
func quietFleet(l lab, service, term string) string {
	return l.config(fmt.Sprintf(`
locals {
  domains = { for i in range(%d) : "d${i}" => {
    domain     = "d${i}.example.com"
    services   = { mailchimp = {}%s }
    mechanisms = ["ip4:192.0.2.1"%s]
  } }
  records = merge([for d in local.domains : provider::maildomain::records(d)]...)
}
resource "terraform_data" "dns" {
  for_each = local.records
  input    = each.value.quoted
}
resource "maildomain_validation" "this" {
  for_each   = local.domains
  records    = { for key, r in local.records : key => r if startswith(key, "${each.value.domain}/") }
  depends_on = [terraform_data.dns]
  timeouts   = { create = "20s" }
}
`, quietDomains, service, term))
}

// A plan in which each of many domains gets a sender and a term stays readable.
func TestPlanOfAFleetIsShort(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	var records []string
	for i := range quietDomains {
		records = append(records,
			fmt.Sprintf(`d%d 300 IN TXT "v=spf1 ip4:192.0.2.1 -all"`, i),
			fmt.Sprintf("k2._domainkey.d%d 300 IN CNAME dkim2.mcsv.net.", i), fmt.Sprintf("k3._domainkey.d%d 300 IN CNAME dkim3.mcsv.net.", i))
	}
	l.zone.Set(records...)
	c := newCLI(t, quietFleet(l, "", ""))
	c.apply(t)
	c.configure(t, quietFleet(l, `, catglobe = { variables = { spf_include = "spf.catglobe.example", dkim_selector = "cg1", dkim_target = "cg1.dkim.catglobe.example" } }`, `, "ip4:192.0.2.2"`))
	out := c.run(t, "plan", "-no-color")
	blocks := regexp.MustCompile(`(?m)^  # (.*) will be updated in-place\n(?:.*\S.*\n)+`).FindAllStringSubmatch(out, -1)
	validations := 0
	for _, block := range blocks {
		if !strings.HasPrefix(block[1], "maildomain_validation.") {
			continue
		}
		validations++
		if lines := strings.Count(block[0], "\n"); lines > validationLines {
			t.Errorf("the validation of a domain takes %d lines, want at most %d:\n%s", lines, validationLines, block[0])
		}
	}
	if validations != quietDomains {
		t.Errorf("%d validations are updated, want %d:\n%.2000s", validations, quietDomains, out)
	}
	_, out, _ = strings.Cut(out, "Terraform will perform") // Before it stands that the provider is not a released one.
	if _, warning, warns := strings.Cut(out, "Warning"); warns {
		t.Errorf("the plan warns:%s", warning)
	}
}
