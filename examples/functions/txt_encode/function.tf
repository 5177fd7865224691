locals {
  # As long as the record of a DKIM key of 2048 bits.
  value = "v=DKIM1; k=rsa; p=${join("", [for i in range(392) : "A"])}"
}

# For aws_route53_record, whose strings are joined by two quotes.
output "route53" {
  value = provider::maildomain::txt_encode(local.value, "route53")
}

# For cloudflare_dns_record, which takes quoted strings.
output "cloudflare" {
  value = provider::maildomain::txt_encode(local.value, "cloudflare")
}
