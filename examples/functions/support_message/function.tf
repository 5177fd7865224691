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

# The text is known once the validation has seen the records. Without `report`, it is known at once, and says that nothing
# was compared.
output "message_to_catglobe_support" {
  value = provider::maildomain::support_message({
    domain  = "example.com"
    service = "catglobe"
    records = local.records
  })
}
