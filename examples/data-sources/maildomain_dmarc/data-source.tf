data "maildomain_dmarc" "this" {
  domain            = "example.com"
  policy            = "quarantine"
  aggregate_reports = ["dmarc@example.com", "example.com@reports.example.net"]

  # The report service has authorised the domain.
  acknowledge = ["dmarc-external-reports"]
}

# v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com,mailto:example.com@reports.example.net
output "dmarc" {
  value = data.maildomain_dmarc.this.value
}

# The records that the report service publishes in its own zone.
output "authorisations" {
  value = { for key, r in data.maildomain_dmarc.this.authorisations : key => "${r.fqdn} ${r.type} ${r.value}" }
}
