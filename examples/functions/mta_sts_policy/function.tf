locals {
  config = {
    domain  = "example.com"
    mx      = ["10 mx.example.net"]
    tls_rpt = { reports = ["tls-reports@example.com"] }
    mta_sts = { mode = "enforce", host = "web.example.net" }
  }
}

# The file on the web server, and the records that announce it and lead there.
output "policy" {
  value = provider::maildomain::mta_sts_policy(local.config)
}

output "records" {
  value = { for key, r in provider::maildomain::records(local.config) : key => "${r.name} ${r.type} ${r.value}" }
}
