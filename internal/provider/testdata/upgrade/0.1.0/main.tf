variable "resolver" { type = string }
variable "port" { type = number }

provider "maildomain" {
  resolvers          = [var.resolver]
  authoritative_port = var.port
  timeout            = "500ms"
}

locals {
  # A service of its own: the built-in ones change with their vendors.
  template = jsonencode({
    providerId = "sender.example", providerName = "Sender", serviceId = "mail", serviceName = "Sender Mail", version = 1
    records = [
      { type = "SPFM", groupId = "spf", host = "@", spfRules = "include:_spf.acme.example" },
      { type = "CNAME", groupId = "dkim", host = "%selector%._domainkey", pointsTo = "%selector%.dkim.acme.example", ttl = 3600 },
    ]
  })
  config = {
    domain     = "example.com"
    existing   = "v=spf1 ip4:192.0.2.25 -all"
    mechanisms = ["a:mail.example.com"]
    services   = { sender = { template = local.template, variables = { selector = "s1" } } }
    keys       = { own = { record = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" } }
    dmarc      = { policy = "quarantine", aggregate_reports = ["dmarc@example.com"] }
    tls_rpt    = { reports = ["mailto:tls@example.com"] }
  }
  records = provider::maildomain::records(local.config)
}

data "maildomain_records" "this" {
  domain     = local.config.domain
  existing   = local.config.existing
  mechanisms = local.config.mechanisms
  services   = local.config.services
  keys       = local.config.keys
  dmarc      = local.config.dmarc
  tls_rpt    = local.config.tls_rpt
}

data "maildomain_spf" "this" {
  domain     = "example.com"
  existing   = "v=spf1 include:_spf.acme.example -all"
  mechanisms = ["ip4:192.0.2.0/24"]
}

data "maildomain_parked" "this" {
  domain = "parked.example.com"
}

resource "maildomain_validation" "this" {
  records  = data.maildomain_records.this.records
  on_drift = "warn"
  timeouts = { create = "30s" }
}

resource "maildomain_validation" "parked" {
  records  = data.maildomain_parked.this.records
  timeouts = { create = "30s" }
}

output "zone_file" {
  value = provider::maildomain::zone_file(merge(local.records, data.maildomain_parked.this.records))
}

output "records" { value = local.records }
output "spf" { value = [data.maildomain_spf.this.value, data.maildomain_spf.this.lookup_count] }
output "validated" { value = maildomain_validation.this.valid }
