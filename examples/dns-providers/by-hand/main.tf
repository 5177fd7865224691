# The mail records of a domain whose DNS is not under Terraform: a zone file and a table for its operator.
# Both stand in the plan. Apply once they have them: the apply waits until the records are live.
# One value that is not known yet makes both known after the apply only: make the resource that hands it out first.
#
# An SPF record that is there already is given as "existing": the new one takes its place.

terraform {
  required_version = ">= 1.8"
  required_providers {
    maildomain = {
      source  = "catglobe/maildomain"
      version = "~> 0.1.0"
    }
  }
}

variable "domain" {
  description = "The mail domain."
  type        = string
  nullable    = false
}

variable "services" {
  description = "The senders of the domain, as the function records takes them."
  type        = any
  default     = {}
  nullable    = false
}

variable "existing" {
  description = "The SPF record that the domain has today; its terms stay, and all says how it ends."
  type        = string
  default     = null
}

variable "all" {
  description = "How the SPF record ends: fail, softfail, neutral, pass, or keep for the end of the existing one; defaults to fail."
  type        = string
  default     = null
}

variable "mechanisms" {
  description = "SPF terms of your own, such as ip4:192.0.2.1."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "keys" {
  description = "DKIM keys of your own by selector; each has one of the three attributes."
  type        = map(object({ public_key = optional(string), record = optional(string), cname = optional(string) }))
  default     = {}
  nullable    = false
}

variable "config" {
  description = "What else the function records takes, such as dmarc, mx and extra, or all of it, as a discovery writes it. It counts before the variables above."
  type        = any
  default     = {}
  nullable    = false
}

locals {
  records = provider::maildomain::records(merge({
    domain     = var.domain
    services   = var.services
    existing   = var.existing
    all        = var.all
    mechanisms = var.mechanisms
    keys       = var.keys
  }, var.config))
}

output "zone_file" {
  description = "The records as a zone file, for DNS providers that import one."
  value       = provider::maildomain::zone_file(local.records)
}

output "table" {
  description = "The records as a Markdown table, for a ticket or a mail."
  value       = provider::maildomain::markdown_table(local.records)
}

# The apply stops here until every name server of the zone serves the records.
resource "maildomain_validation" "mail" {
  records  = local.records
  timeouts = { create = "8h", update = "8h" }
}

# Resources that need the mail domain depend on this output.
output "support_messages" {
  description = "What to tell the support of each service; known once the records are live."
  value = {
    for service in keys(var.services) : service => provider::maildomain::support_message({
      domain  = var.domain
      service = service
      records = local.records
      report  = maildomain_validation.mail.report
    })
  }
}
