# For the domain that receives the reports of others.
data "maildomain_dmarc_authorisation" "this" {
  report_domain = "reports.example.net"
  domains       = ["example.com", "example.org"]
}

output "authorisations" {
  value = { for key, r in data.maildomain_dmarc_authorisation.this.records : key => "${r.fqdn} ${r.type} ${r.value}" }
}
