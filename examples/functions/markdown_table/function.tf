data "maildomain_spf" "this" {
  domain     = "example.com"
  mechanisms = ["include:_spf.example.net"]
}

# | Name | Type | TTL | Value |
# | --- | --- | --- | --- |
# | `example.com` | TXT | 3600 | `v=spf1 include:_spf.example.net -all` |
output "for_whoever_runs_the_dns" {
  value = provider::maildomain::markdown_table(data.maildomain_spf.this.records)
}
