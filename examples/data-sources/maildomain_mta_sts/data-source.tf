data "maildomain_mta_sts" "this" {
  domain = "example.com"
  mode   = "testing"
  mx     = ["mx1.example.com", "*.mx.example.net"]
  host   = "web.example.net"
}

# What the web server has at /.well-known/mta-sts.txt.
output "policy" {
  value = data.maildomain_mta_sts.this.policy
}

# https://mta-sts.example.com/.well-known/mta-sts.txt
output "url" {
  value = data.maildomain_mta_sts.this.url
}

output "records" {
  value = { for key, r in data.maildomain_mta_sts.this.records : key => "${r.name} ${r.type} ${r.value}" }
}
