data "maildomain_spf" "this" {
  domain     = "example.com"
  mechanisms = ["include:_spf.example.net"]
}

data "maildomain_dkim" "this" {
  domain = "example.com"
  keys   = { s1 = { cname = "s1.dkim.example.net" } }
}

locals {
  records = merge(data.maildomain_spf.this.records, data.maildomain_dkim.this.records)
}

# Replace this by the resources of your DNS provider.
resource "terraform_data" "dns" {
  for_each = local.records
  input    = "${each.value.fqdn}. ${each.value.ttl} IN ${each.value.type} ${each.value.quoted}"
}

# The apply goes on only when every name server of the zone serves the records.
resource "maildomain_validation" "this" {
  records    = local.records
  depends_on = [terraform_data.dns]

  timeouts = {
    create = "30m"
  }
}

# Resources that need the mail domain depend on the validation.
resource "terraform_data" "mail" {
  input = maildomain_validation.this.id
}
