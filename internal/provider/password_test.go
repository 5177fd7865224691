package provider_test

import (
	"strings"
	"testing"
)

// A password in the URL of a resolver does not come back in an error, wherever the value came from.
func TestPasswordOfAResolverIsNotPrinted(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"https://user:hunter2@dns.example:99x/dns-query",
		"https://user:hunter2@dns.example/dns-query",
		"http://user:hunter2@dns.example/dns-query",
		"tls://user:hunter2@192.0.2.53",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			c := newCLI(t, `
variable "resolver" {
  type    = string
  default = "`+url+`"
}

provider "maildomain" {
  resolvers = [var.resolver]
}

data "maildomain_lookup" "this" {
  name = "example.com"
  type = "TXT"
}
`)
			out := c.exits(t, 1, "plan")
			if !says("Invalid resolver address").MatchString(out) || strings.Contains(out, "hunter2") {
				t.Errorf("terraform plan printed:\n%s\nwant the error without the password", out)
			}
		})
	}
}
