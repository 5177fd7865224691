# main.tf
# A domain with too many senders for the ten lookups of SPF. The addresses of one of them go into records of
# their own, which are published and validated before the domain's own record includes them. What the
# domain's record no longer includes stays until the record that did is forgotten everywhere.

terraform {
  required_version = ">= 1.8"
  required_providers {
    maildomain = {
      source  = "catglobe/maildomain"
      version = "~> 0.1.0"
    }
  }
}

variable "flatten" {
  description = "Includes and services to flatten."
  type        = list(string)
  default     = ["_spf.example.net"]
}

data "maildomain_spf" "this" {
  domain     = "example.com"
  services   = { microsoft365 = {} }
  mechanisms = ["include:_spf.example.net"]
  flatten    = var.flatten
}

# 1. The records that hold the addresses. An old one goes last: create_before_destroy puts its end behind
#    everything that depends on it.
resource "terraform_data" "flattened" {
  for_each = data.maildomain_spf.this.flattened_records

  input = {
    fqdn    = each.value.fqdn, type = each.value.type, ttl = each.value.ttl, value = each.value.quoted,
    command = var.publish_command
  }
  triggers_replace = each.value.quoted

  provisioner "local-exec" {
    command = self.input.command
    quiet   = true
    environment = {
      FQDN = self.input.fqdn, TYPE = self.input.type, TTL = self.input.ttl, VALUES = self.input.value
    }
  }
  provisioner "local-exec" {
    when    = destroy
    command = self.output.command
    quiet   = true
    environment = {
      FQDN = self.output.fqdn, TYPE = self.output.type, TTL = self.output.ttl, VALUES = "", OLD = self.output.value
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

# 2. They are live.
resource "maildomain_validation" "flattened" {
  records    = data.maildomain_spf.this.flattened_records
  depends_on = [terraform_data.flattened]
}

# 3. Now the domain's own record may include them.
resource "terraform_data" "spf" {
  for_each = provider::maildomain::rrsets(data.maildomain_spf.this.records)

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

  lifecycle {
    create_before_destroy = true
  }
  depends_on = [maildomain_validation.flattened]
}

# 4. It is live, and no resolver remembers the one before. Only then are old records of step 1 removed.
resource "maildomain_validation" "spf" {
  records    = data.maildomain_spf.this.records
  settle     = true
  timeouts   = { create = "90m" }
  depends_on = [terraform_data.spf, terraform_data.flattened]
}

output "spf" {
  value = data.maildomain_spf.this.value
}

# How many addresses the sender has: a plan shows when that changes.
output "flattened" {
  value = data.maildomain_spf.this.flattened
}
