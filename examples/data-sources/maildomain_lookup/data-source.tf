# Do all name servers of the domain serve its DMARC policy, and the same one?
check "dmarc" {
  data "maildomain_lookup" "dmarc" {
    name = "_dmarc.example.com"
    type = "TXT"
  }
  assert {
    condition     = data.maildomain_lookup.dmarc.agree && anytrue([for v in data.maildomain_lookup.dmarc.values : startswith(v, "v=DMARC1")])
    error_message = data.maildomain_lookup.dmarc.report
  }
}

# The answer of each server, for a review.
data "maildomain_lookup" "mx" {
  name = "example.com"
  type = "MX"
}

output "mx" {
  value = { for s in data.maildomain_lookup.mx.servers : s.server => s.outcome == "found" ? s.values : [s.outcome] }
}
