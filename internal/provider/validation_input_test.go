package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// Each case is one mistake, and a part of the error that tells the user what to do.
func TestValidationBadInput(t *testing.T) {
	t.Parallel()
	records := func(elements string) string { return validationConfig("records = { " + elements + " }") }
	tests := map[string]refusal{
		"no records":             {validationConfig(""), `The argument "records" is required`},
		"null records":           {validationConfig("records = null"), "Must set a configuration value for the records attribute"},
		"record without a value": {records(`a = { fqdn = "example.com", type = "TXT" }`), `attribute "value" is required`},
		"misspelled value":       {records(`a = { fqdn = "example.com", type = "TXT", vlaue = "x" }`), `attribute "value" is required`},
		"null value":             {records(`a = { fqdn = "example.com", type = "TXT", value = null }`), `records["a"].value is null`},
		"null owner":             {records(`a = { fqdn = null, type = "TXT", value = "x" }`), `records["a"].fqdn is null`},
		"null type":              {records(`a = { fqdn = "example.com", type = null, value = "x" }`), `records["a"].type is null`},
		"empty owner":            {records(`a = { fqdn = "", type = "TXT", value = "x" }`), "Invalid owner name"},
		"null beside unknown": {
			`resource "terraform_data" "x" { input = "x" }` + "\n" + records(`a = { fqdn = null, type = "TXT", value = terraform_data.x.output }`),
			`records["a"].fqdn is null`,
		},
		"bad type beside unknown": {
			`resource "terraform_data" "x" { input = "x" }` + "\n" + records(`a = { fqdn = "example.com", type = "SPF", value = terraform_data.x.output }`),
			"Unknown record type",
		},
		"which of two records": {records(`a = { fqdn = "example.com", type = "TXT", value = "x" }, b = { fqdn = "x y", type = "TXT", value = "x" }`), `records["b"]`},
		"a record as a text":   {records(`a = "v=spf1 -all"`), "object required"},
		"two aliases": {
			records(`a = { fqdn = "s._domainkey.example.com", type = "CNAME", value = "a.example" }, b = { fqdn = "S._domainkey.example.com.", type = "CNAME", value = "b.example" }`),
			"only one CNAME",
		},
		"alias beside another record": {
			records(`a = { fqdn = "www.example.com", type = "CNAME", value = "a.example" }, b = { fqdn = "www.example.com", type = "TXT", value = "x" }`),
			"excludes other records",
		},
		"two policies": {
			records(`a = { fqdn = "_dmarc.example.com", type = "TXT", value = "v=DMARC1; p=none" }, b = { fqdn = "_dmarc.example.com", type = "TXT", value = "v=DMARC1; p=reject" }`),
			"only one DMARC record",
		},
		"update of nought":     {validationConfig(oneRecord + "\ntimeouts = { update = \"0s\" }"), "positive duration"},
		"create below nought":  {validationConfig(oneRecord + "\ntimeouts = { create = \"-10m\" }"), "positive duration"},
		"require of nought":    {validationConfig(oneRecord + "\nrequire = 0"), "a number of servers"},
		"require below nought": {validationConfig(oneRecord + "\nrequire = -1"), "a number of servers"},
		"require of a half":    {validationConfig(oneRecord + "\nrequire = 1.5"), "a number of servers"},
		"consecutive past 100": {validationConfig(oneRecord + "\nconsecutive = 101"), "a whole number from 1 to 100"},
		"consecutive of words": {validationConfig(oneRecord + "\nconsecutive = \"twice\""), "number is required"},
		"follow of words":      {validationConfig(oneRecord + "\nfollow = \"yes\""), "bool is required"},
	}
	refused(t, tests)
}

// One record under two keys is asked about once and found twice: merge() of overlapping sources gives that.
func TestValidationOfDuplicates(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	c := newCLI(t, l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records = {
    a = { fqdn = "example.com", type = "TXT", value = %[1]q }
    b = { fqdn = "Example.COM.", type = "TXT", value = %[1]q }
  }
  consecutive = 1
  timeouts    = { create = "30s" }
}
`, spfA)))
	c.apply(t)
	if got := fmt.Sprint(c.state(t)["report"]); !strings.HasPrefix(got, "2 of 2 records match at 3 name servers of example.com.") {
		t.Errorf("report = %q, want both records to match", got)
	}
	for _, server := range l.zone.Servers() {
		if n := server.Count(dnstest.OfType("TXT")); n != 1 {
			t.Errorf("%s was asked %d times in one round, want once", server.Name(), n)
		}
	}
}

// Hundreds of records in one resource are one round of questions.
func TestValidationOfManyRecords(t *testing.T) {
	t.Parallel()
	const count = 400
	l := newLab(t)
	changes := make([]string, count)
	for i := range changes {
		changes[i] = fmt.Sprintf("r%d TXT x%d", i, i)
	}
	l.zone.Add(changes...)
	l.block = fmt.Sprintf("provider \"maildomain\" {\n  resolvers = [%q]\n  authoritative_port = %d\n  timeout = \"5m\"\n  max_rate = 1000\n}\n", l.ResolverAddr(), l.Port())
	c := newCLI(t, l.config(fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records     = { for i in range(%d) : "r${i}" => { fqdn = "r${i}.example.com", type = "TXT", value = "x${i}" } }
  consecutive = 1
  timeouts    = { create = "5m", read = "5m" }
}
`, count)))
	c.apply(t)
	for _, server := range l.zone.Servers() {
		// A datagram that a busy machine loses is asked about again.
		if n := server.Count(dnstest.OfType("TXT")); n < count || n > count+count/10 {
			t.Errorf("%s was asked %d times about %d records, want one round", server.Name(), n, count)
		}
	}
	if out := c.plan(t, 0); !strings.Contains(out, "No changes.") || strings.Contains(out, "Live DNS") {
		t.Errorf("terraform printed:\n%s\nwant no changes, and no warning", out)
	}
}
