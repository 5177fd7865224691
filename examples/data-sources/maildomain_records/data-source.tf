data "maildomain_records" "this" {
  domain   = "example.com"
  existing = "v=spf1 ip4:192.0.2.25 ~all" # the SPF record that the domain has

  services = {
    microsoft365 = {
      variables = { # as the Defender portal shows them
        selector1_target = "selector1-example-com._domainkey.example.n-v1.dkim.mail.microsoft"
        selector2_target = "selector2-example-com._domainkey.example.n-v1.dkim.mail.microsoft"
      }
    }
    catglobe = {
      variables = { # from Catglobe's support
        spf_include   = "spf.catglobe.example"
        dkim_selector = "cg1"
        dkim_target   = "cg1.dkim.catglobe.example"
      }
    }
  }
}

# v=spf1 ip4:192.0.2.25 include:spf.catglobe.example include:spf.protection.outlook.com -all
output "spf" {
  value = data.maildomain_records.this.records["example.com/spf"].value
}

output "records" {
  value = {
    for key, r in data.maildomain_records.this.records : key => "${r.name} ${r.type} ${r.value}"
  }
}
