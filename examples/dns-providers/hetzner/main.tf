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
      source = "catglobe/maildomain"
    }
    hcloud = {
      source = "hetznercloud/hcloud"
    }
  }
}

variable "domain" {
  description = "The mail domain."
  type        = string
}

variable "zone" {
  description = "Name of the zone, at or above the domain."
  type        = string
}

variable "services" {
  description = "The senders of the domain, as the function records takes them."
  type        = any
}

variable "existing" {
  description = "The SPF record that the domain has today; its terms stay."
  type        = string
  default     = null
}

variable "others" {
  description = "Records of others at names where this module writes whole RRsets, such as verification tokens."
  type        = map(object({ name = string, type = string, ttl = optional(number, 3600), value = string }))
  default     = {}
}

locals {
  records = provider::maildomain::records({
    domain   = var.domain
    services = var.services
    existing = var.existing
  })
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

# What needs the mail domain depends on this.
output "support_message" {
  description = "What to tell the senders' support; known once the records are live."
  value       = maildomain_validation.mail.support_message
}
