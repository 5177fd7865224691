data "maildomain_spf" "this" {
  domain     = "example.com"
  mechanisms = ["include:_spf.example.net"]
}

# example.com. 3600 IN TXT "v=spf1 include:_spf.example.net -all"
output "zone_file" {
  value = provider::maildomain::zone_file(data.maildomain_spf.this.records)
}
