data "maildomain_dmarc" "this" {
  domain            = "example.com"
  policy            = "quarantine"
  aggregate_reports = ["dmarc@example.com"]
}

data "maildomain_bimi" "this" {
  domain      = "example.com"
  logo        = "https://example.com/logo.svg"
  certificate = "https://example.com/logo.pem"
  dmarc       = data.maildomain_dmarc.this.value
}

# v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/logo.pem
output "bimi" {
  value = data.maildomain_bimi.this.value
}
