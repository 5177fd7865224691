# The mail records of a domain in a zone of Cloudflare, with version 5 of its provider.
#
# cloudflare_dns_record is one record, and leaves others of its name alone. An SPF record that is there already would
# stay as a second one: bring it under Terraform first, from the root module, and give its text as "existing".
#
# import {
#   to = cloudflare_dns_record.mail["example.com/spf"]
#   id = "023e105f4ecef8ad9ca31a8372d0c353/372e67954025e0ba6aaa6d586b9e0b59" # zone, record
# }

terraform {
  required_version = ">= 1.8"
  required_providers {
    maildomain = {
      source  = "catglobe/maildomain"
      version = "~> 0.1.0"
    }
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 5.0"
    }
  }
}

variable "domain" {
  description = "The mail domain."
  type        = string
  nullable    = false
}

variable "zone_id" {
  description = "Id of the zone."
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

resource "cloudflare_dns_record" "mail" {
  for_each = local.records

  zone_id = var.zone_id
  name    = each.value.fqdn
  type    = each.value.type
  ttl     = each.value.ttl # from 60 to 86,400 s
  content = (
    each.value.type == "TXT" ? provider::maildomain::txt_encode(each.value.value, "cloudflare") :
    each.value.type == "SRV" ? null : coalesce(each.value.target, each.value.value)
  )
  priority = each.value.type == "MX" ? each.value.priority : null
  data = each.value.type != "SRV" ? null : {
    priority = each.value.priority
    weight   = each.value.weight
    port     = each.value.port
    target   = each.value.target
  }
  proxied = false # a proxied CNAME is answered by addresses, and no DKIM key is found
}

# The apply stops here until every name server of the zone serves the records. It asks only once they are published.
resource "maildomain_validation" "mail" {
  records    = local.records
  depends_on = [cloudflare_dns_record.mail]
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
