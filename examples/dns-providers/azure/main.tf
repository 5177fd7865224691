# The mail records of a domain in a zone of Azure DNS.
#
# The resources of azurerm are whole RRsets, one resource for each type, and do not create one that is there already:
# bring that under Terraform first, from the root module. Its SPF record is then given as "existing", and what else it
# holds as "others".
#
# import {
#   to = azurerm_dns_txt_record.mail["example.com/TXT"]
#   id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/dns/providers/Microsoft.Network/dnsZones/example.com/TXT/@"
# }

terraform {
  required_version = ">= 1.8"
  required_providers {
    maildomain = {
      source  = "catglobe/maildomain"
      version = "~> 0.1.0"
    }
    azurerm = {
      source = "hashicorp/azurerm"
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

variable "resource_group_name" {
  description = "Resource group of the zone."
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
    condition     = alltrue([for r in values(var.others) : contains(["TXT", "MX", "SRV"], r.type)])
    error_message = "The module writes RRsets of TXT, MX and SRV; a CNAME stands alone, and records of other types have resources of their own."
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

  # Types that a template may have, and that no resource below writes.
  unwritten = [for key, r in local.records : "${key} (${r.type})" if !contains(["TXT", "CNAME", "MX", "SRV"], r.type)]
}

resource "azurerm_dns_txt_record" "mail" {
  for_each = { for key, set in local.rrsets : key => set if set.type == "TXT" }

  resource_group_name = var.resource_group_name
  zone_name           = var.zone
  name                = provider::maildomain::relative_name(each.value.fqdn, var.zone)
  ttl                 = each.value.ttl

  dynamic "record" {
    for_each = each.value.values
    content {
      value = provider::maildomain::txt_encode(record.value, "azure")
    }
  }
}

resource "azurerm_dns_cname_record" "mail" {
  for_each = { for key, set in local.rrsets : key => set if set.type == "CNAME" }

  resource_group_name = var.resource_group_name
  zone_name           = var.zone
  name                = provider::maildomain::relative_name(each.value.fqdn, var.zone)
  ttl                 = each.value.ttl
  record              = one(each.value.values)
}

resource "azurerm_dns_mx_record" "mail" {
  for_each = { for key, set in local.rrsets : key => set if set.type == "MX" }

  resource_group_name = var.resource_group_name
  zone_name           = var.zone
  name                = provider::maildomain::relative_name(each.value.fqdn, var.zone)
  ttl                 = each.value.ttl

  dynamic "record" {
    for_each = [for value in each.value.values : split(" ", value)]
    content {
      preference = record.value[0]
      exchange   = record.value[1]
    }
  }
}

resource "azurerm_dns_srv_record" "mail" {
  for_each = { for key, set in local.rrsets : key => set if set.type == "SRV" }

  resource_group_name = var.resource_group_name
  zone_name           = var.zone
  name                = provider::maildomain::relative_name(each.value.fqdn, var.zone)
  ttl                 = each.value.ttl

  dynamic "record" {
    for_each = [for value in each.value.values : split(" ", value)]
    content {
      priority = record.value[0]
      weight   = record.value[1]
      port     = record.value[2]
      target   = record.value[3]
    }
  }
}

# The apply stops here until every name server of the zone serves the records. It asks only once they are published.
resource "maildomain_validation" "mail" {
  records = local.records
  depends_on = [
    azurerm_dns_txt_record.mail, azurerm_dns_cname_record.mail, azurerm_dns_mx_record.mail, azurerm_dns_srv_record.mail,
  ]

  lifecycle {
    precondition {
      condition     = length(local.unwritten) == 0
      error_message = "The module has no resource for records of these types, so add one: ${join(", ", local.unwritten)}."
    }
  }
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
