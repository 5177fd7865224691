# Where do reports on TLS go?
locals {
  tls_rpt = provider::maildomain::tls_rpt_parse("v=TLSRPTv1; rua=mailto:tls-reports@example.com,https://reports.example.net/tls")
}

# mailto:tls-reports@example.com https://reports.example.net/tls
output "reports" {
  value = join(" ", local.tls_rpt.reports)
}
