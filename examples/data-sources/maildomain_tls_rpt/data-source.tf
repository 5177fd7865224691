data "maildomain_tls_rpt" "this" {
  domain  = "example.com"
  reports = ["tls-reports@example.com"]
}

# v=TLSRPTv1; rua=mailto:tls-reports@example.com
output "tls_rpt" {
  value = data.maildomain_tls_rpt.this.value
}
