terraform {
  required_providers {
    maildomain = {
      source = "catglobe/maildomain"
    }
  }
}

variable "domain" {
  type = string
}

data "maildomain_records" "this" {
  domain = var.domain
  services = {
    catglobe         = { variables = { spf_include = "spf.catglobe.example", dkim_selector = "cg1", dkim_target = "cg1.dkim.catglobe.example" } }
    google_workspace = { variables = { dkim_record = file("${path.module}/key.txt") } }
    microsoft365     = { variables = { tenant = "acme" } }
    sendgrid         = { variables = { return_path = "em1", sendgrid_host = "u1.wl2.sendgrid.net" } }
  }
}

locals {
  records = data.maildomain_records.this.records
}

resource "terraform_data" "record" {
  for_each = local.records
  input = {
    name  = each.value.fqdn
    type  = each.value.type
    ttl   = each.value.ttl
    value = each.value.quoted
  }
}
