locals {
  records = provider::maildomain::records({
    domain = "example.com"
    services = {
      catglobe = {
        variables = { spf_include = "spf.catglobe.example", dkim_selector = "cg1", dkim_target = "cg1.dkim.catglobe.example" }
      }
    }
  })
}

# "The mail DNS records of example.com for Catglobe are as follows." With the `report` of a validation, the text is known
# once that has seen the records, and says that they are published.
output "message_to_catglobe_support" {
  value = provider::maildomain::support_message({
    domain  = "example.com"
    service = "catglobe"
    records = local.records
  })
}
