data "maildomain_spf" "this" {
  domain     = "example.com"
  mechanisms = ["include:_spf.example.net"]
}

locals {
  # A whole RRset is written at once, so that the other TXT records of the name belong to it.
  beside = {
    "example.com/token" = {
      name = "@", fqdn = "example.com", type = "TXT", ttl = 3600, value = "MS=ms12345678"
    }
  }
  rrsets = provider::maildomain::rrsets(merge(data.maildomain_spf.this.records, local.beside))
}

# { "example.com/TXT" = ["\"MS=ms12345678\"", "\"v=spf1 include:_spf.example.net -all\""] }
output "rrsets" {
  value = { for key, set in local.rrsets : key => set.quoted }
}
