# dns.tf
# Stands for the resources of your DNS provider: it runs a command for every RRset, with the RRset in
# the command's environment. Left as it is, the command prints the lines for you to publish by hand,
# while the validation waits.

variable "publish_command" {
  description = "Command that publishes one RRset, given as $FQDN, $TYPE, $TTL and $VALUES (a line each, in zone file form)."
  type        = string
  default     = "printf '%s\\n' \"$VALUES\" | sed \"s/^/$FQDN. $TTL IN $TYPE /\""
}

locals {
  # An RRset is written as a whole, so that what else stands at the same name and type belongs to it: here a
  # token that proves who owns the domain.
  beside = {
    "example.com/token" = {
      name = "@", fqdn = local.domain, type = "TXT", ttl = 3600, value = "MS=ms12345678"
    }
  }
}

resource "terraform_data" "dns" {
  for_each = provider::maildomain::rrsets(merge(local.records, local.beside))

  triggers_replace = each.value

  provisioner "local-exec" {
    command = var.publish_command
    quiet   = true
    environment = {
      FQDN   = each.value.fqdn
      TYPE   = each.value.type
      TTL    = each.value.ttl
      VALUES = join("\n", each.value.quoted)
    }
  }
}
