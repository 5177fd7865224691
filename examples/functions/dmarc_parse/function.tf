# What does a DMARC record ask of receivers, once they have left out what they cannot use?
locals {
  dmarc = provider::maildomain::dmarc_parse("v=DMARC1; p=reject; pct=50; rua=mailto:reports@example.com")
}

# reject
output "policy" {
  value = local.dmarc.policy
}

output "warnings" {
  value = local.dmarc.warnings
}
