# In a scratch configuration: what do these domains use today?
variable "domains" {
  description = "Domains to discover, with what DNS does not list: selectors, and hosts that bounces go to."
  type = map(object({
    selectors = optional(list(string))
    hosts     = optional(list(string))
  }))
  default = {}
}

data "maildomain_discovery" "this" {
  for_each = var.domains

  domain    = each.key
  selectors = each.value.selectors
  hosts     = each.value.hosts
}

# One page for each owner.
output "pages" {
  value = { for domain, found in data.maildomain_discovery.this : domain => found.markdown }
}

# The file of the fleet: terraform output -raw fleet > domains.yaml
output "fleet" {
  value = join("", [for found in data.maildomain_discovery.this : found.yaml])
}

# The configuration that makes the live records.
output "records" {
  value = {
    for domain, found in data.maildomain_discovery.this :
    domain => provider::maildomain::records(merge({ domain = domain }, found.config))
  }
}
