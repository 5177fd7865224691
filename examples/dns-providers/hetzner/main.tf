# The mail records of a domain in a zone of Hetzner, with the provider hcloud.
#
# hcloud_zone_rrset is a whole RRset: bring one that is there already under Terraform first, from the root module. Its
# SPF record is then given as "existing", and what else it holds as "others".
#
# import {
#   to = hcloud_zone_rrset.mail["example.com/TXT"]
#   id = "example.com/@/TXT" # zone, name, type
# }

terraform {
  required_version = ">= 1.8"
  required_providers {
    maildomain = {
      source  = "catglobe/maildomain"
      version = "~> 0.1.0"
    }
    hcloud = {
      source = "hetznercloud/hcloud"
    }
  }
}

variable "domain" {
  description = "The mail domain."
  type        = string
  nullable    = false
}

variable "zone" {
  description = "Name of the zone, at or above the domain."
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

variable "others" {
  description = "Records of others at names where this module writes whole RRsets, such as verification tokens."
  type        = map(object({ name = string, type = string, ttl = optional(number, 3600), value = string }))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for r in values(var.others) : !startswith(lower(r.value), "v=spf1")])
    error_message = "With a second SPF record receivers reject both (RFC 7208 §4.5): give the one of today as existing, which is merged."
  }
  validation {
    condition     = alltrue([for r in values(var.others) : r.type != "CNAME"])
    error_message = "A CNAME stands alone, in no RRset of the module (RFC 1034 §3.6.2): give it a resource of its own."
  }
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
  others = {
    for key, r in var.others : key => merge(r, { fqdn = r.name == "@" ? var.domain : "${r.name}.${var.domain}" })
  }

  # A CNAME is an RRset of its own, under the key of its record: its owner may be known after the apply only, as with the
  # tokens of Amazon SES.
  cnames = {
    for key, r in local.records : key => merge(r, { values = [r.value], quoted = [r.quoted] }) if r.type == "CNAME"
  }
  rrsets = merge(local.cnames, provider::maildomain::rrsets(merge(
    { for key, r in local.records : key => r if r.type != "CNAME" }, local.others,
  )))
}

resource "hcloud_zone_rrset" "mail" {
  for_each = local.rrsets

  zone    = var.zone
  name    = provider::maildomain::relative_name(each.value.fqdn, var.zone)
  type    = each.value.type
  ttl     = each.value.ttl
  records = [for value in each.value.quoted : { value = value }]
}

# The apply stops here until every name server of the zone serves the records. It asks only once they are published.
resource "maildomain_validation" "mail" {
  records    = local.records
  depends_on = [hcloud_zone_rrset.mail]
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
