# main.tf
# example.com receives and sends mail with Microsoft 365. It now also sends through Catglobe.

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
  domain = "example.com"

  # The senders of the domain. Values from a sender go into `variables`.
  services = {
    microsoft365 = {
      variables = {
        selector1_target = "selector1-example-com._domainkey.example.n-v1.dkim.mail.microsoft"
        selector2_target = "selector2-example-com._domainkey.example.n-v1.dkim.mail.microsoft"
      }
    }
    catglobe = {
      variables = {
        spf_include   = "spf.catglobe.example"
        dkim_selector = "cg1"
        dkim_target   = "cg1.dkim.catglobe.example"
      }
    }
  }
}

# One SPF record for all of them (RFC 7208 §3.2), based on the existing one.
data "maildomain_spf" "this" {
  domain   = local.domain
  existing = "v=spf1 include:spf.protection.outlook.com ~all"
  services = local.services
}

# Their DKIM keys, as CNAMEs.
data "maildomain_dkim" "this" {
  domain   = local.domain
  services = local.services
}

locals {
  records = merge(data.maildomain_spf.this.records, data.maildomain_dkim.this.records)
}

# The apply stops here until every name server of the zone serves the records.
resource "maildomain_validation" "this" {
  records    = local.records
  on_drift   = var.on_drift
  timeouts   = { create = var.wait, update = var.wait }
  depends_on = [terraform_data.dns]
}

variable "wait" {
  description = "How long the apply waits for live DNS."
  type        = string
  default     = "10m"
}

variable "on_drift" {
  description = "What a plan does when live DNS no longer matches: warn, revalidate or ignore."
  type        = string
  default     = "warn"
}

output "spf" {
  value = data.maildomain_spf.this.value
}

output "message_to_catglobe_support" {
  value = provider::maildomain::support_message({
    domain  = local.domain
    service = "catglobe"
    records = local.records
    report  = maildomain_validation.this.report
  })
}
