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

locals {
  records = provider::maildomain::records({
    domain = var.domain
    services = {
      catglobe         = { variables = { spf_include = "spf.catglobe.example", dkim_selector = "cg1", dkim_target = "cg1.dkim.catglobe.example" } }
      google_workspace = { variables = { dkim_record = file("${path.module}/key.txt") } }
      microsoft365     = { variables = { tenant = "acme" } }
      sendgrid         = { variables = { return_path = "em1", sendgrid_host = "u1.wl2.sendgrid.net" } }
    }
    dmarc   = { policy = "quarantine", aggregate_reports = ["dmarc@${var.domain}"] }
    mta_sts = { mode = "enforce", mx = ["smtp.google.com"], host = "sts.example.net" }
    tls_rpt = { reports = ["tls@${var.domain}"] }
  })
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
