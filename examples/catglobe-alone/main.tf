# The domain sends through Catglobe and through nobody else.

terraform {
  required_version = ">= 1.8"
  required_providers {
    maildomain = {
      source  = "catglobe/maildomain"
      version = "~> 0.1.0"
    }
  }
}

locals {
  services = {
    catglobe = {
      variables = {
        # from Catglobe's support
        spf_include   = "spf.catglobe.example"
        dkim_selector = "cg1"
        dkim_target   = "cg1.dkim.catglobe.example"
      }
    }
  }
}

data "maildomain_spf" "this" {
  domain   = "example.com"
  services = local.services
}

data "maildomain_dkim" "this" {
  domain   = "example.com"
  services = local.services
}

# v=spf1 include:spf.catglobe.example -all
output "spf" {
  value = data.maildomain_spf.this.value
}

# The records to publish, one per line, in zone file form.
output "zone_lines" {
  value = [
    for r in merge(data.maildomain_spf.this.records, data.maildomain_dkim.this.records) :
    "${r.fqdn}. ${r.ttl} IN ${r.type} ${r.quoted}"
  ]
}
