package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// auditGuide returns the files of the guide's fleet by their paths.
func auditGuide(t *testing.T) map[string]string {
	t.Helper()
	guide, err := os.ReadFile("../../templates/guides/audit.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, m := range regexp.MustCompile("(?s)```(?:terraform|yaml)\n# ([a-z/.]+)\n(.*?)```").FindAllStringSubmatch(string(guide), -1) {
		files[m[1]] = m[2]
	}
	for _, name := range []string{"audit/main.tf", "fleet.yaml", "main.tf"} {
		if files[name] == "" {
			t.Fatalf("the guide has no file %s", name)
		}
	}
	return files
}

// fleetDomains is how many domains the guide's table has in the test. More of them show no more.
const fleetDomains = 12

// auditedFleet publishes domains that are in order, but for some with a fault each, and returns the file of the fleet.
func (l lab) auditedFleet() string {
	var file strings.Builder
	for i := range fleetDomains {
		name := fmt.Sprintf("d%02d", i)
		zone := l.Zone(name + ".com")
		zone.SetTXT("@", "v=spf1 ip4:11.0.1.0/24 ~all")
		zone.Set("@ 3600 IN MX 10 mx.example.net.", "mta-sts 3600 IN A 11.0.0.80")
		zone.SetTXT("_dmarc", "v=DMARC1; p=quarantine; rua=mailto:dmarc@"+name+".com")
		zone.SetTXT("_mta-sts", "v=STSv1; id=1")
		zone.SetTXT("_smtp._tls", "v=TLSRPTv1; rua=mailto:tls@"+name+".com")
		fmt.Fprintf(&file, "%s.com:\n", name)
		switch i {
		case 7: // Nobody may send, and our server does.
			zone.SetTXT("@", "v=spf1 -all")
			file.WriteString("  server: 11.0.1.7\n")
		case 8: // There are two policies.
			zone.SetTXT("_dmarc", "v=DMARC1; p=none", "v=DMARC1; p=reject")
			file.WriteString("  services: {}\n")
		default:
			file.WriteString("  server: 11.0.1.7\n  fail_on: error\n")
		}
	}
	return file.String()
}

// The guide's fleet makes a table, and a warning for each check of a domain that does not hold. Domains in order
// fail the plan once they are no longer.
func TestAuditGuideFleet(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	l := newLab(t).patient()
	l.publishMail()
	fleet := l.auditedFleet()
	files := auditGuide(t)
	c := newCLI(t, l.block+files["main.tf"])
	if err := os.Mkdir(filepath.Join(c.dir, "audit"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(c.dir, "audit", "main.tf"), files["audit/main.tf"])
	write(t, filepath.Join(c.dir, "fleet.yaml"), fleet)
	c.run(t, "get")
	_, warnings, _ := strings.Cut(c.apply(t), "Check block assertion failed")
	table := c.run(t, "output", "-no-color", "-raw", "table")
	for _, want := range []string{"| Domain | Errors | Warnings | DMARC |", "| d00.com | 0 | 2 | quarantine |", "| d07.com | 0 |", "| d08.com | 1 | 2 | – |", "| d11.com | 0 | 2 | quarantine |"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table is\n%s\nwant %q", table, want)
		}
	}
	if n := strings.Count(table, "| 0 | 2 | quarantine |"); n != fleetDomains-2 {
		t.Errorf("the table has %d domains with the warnings of a lab, want %d", n, fleetDomains-2)
	}
	for domain, warned := range map[string]bool{"d07.com: mail of 11.0.1.7 does not pass SPF": true, "d08.com: ": true, "d00.com: ": false, "d11.com: ": false} {
		if strings.Contains(warnings, domain) != warned {
			t.Errorf("terraform apply warns %q, want %q in it: %t", warnings, domain, warned)
		}
	}
	write(t, filepath.Join(c.dir, "fleet.yaml"), strings.Replace(fleet, "d08.com:\n  services: {}\n", "d08.com:\n  fail_on: error\n", 1))
	_, wrong, _ := strings.Cut(c.plan(t, 1), "Error: ")
	if !strings.Contains(wrong, "d08.com") || strings.Contains(wrong, "d11.com") {
		t.Errorf("terraform plan fails with\n%s\nwant an error of the domain with two policies alone", wrong)
	}
}
