# Which logo does a BIMI record name, and is there a certificate for it?
locals {
  bimi = provider::maildomain::bimi_parse("v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/logo.pem")
}

# https://example.com/logo.svg
output "logo" {
  value = local.bimi.logo
}

output "has_certificate" {
  value = local.bimi.certificate != ""
}
