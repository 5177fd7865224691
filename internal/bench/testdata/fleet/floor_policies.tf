variable "domain" {
  type = string
}

locals {
  key = file("${path.module}/key.txt")
  records = {
    "${var.domain}/catglobe/dkim"          = { fqdn = "cg1._domainkey.${var.domain}", type = "CNAME", ttl = 3600, quoted = "cg1.dkim.catglobe.example." }
    "${var.domain}/google_workspace/dkim"  = { fqdn = "google._domainkey.${var.domain}", type = "TXT", ttl = 3600, quoted = "\"${substr(local.key, 0, 255)}\" \"${substr(local.key, 255, -1)}\"" }
    "${var.domain}/microsoft365/selector1" = { fqdn = "selector1._domainkey.${var.domain}", type = "CNAME", ttl = 3600, quoted = "selector1-${replace(var.domain, ".", "-")}._domainkey.acme.onmicrosoft.com." }
    "${var.domain}/microsoft365/selector2" = { fqdn = "selector2._domainkey.${var.domain}", type = "CNAME", ttl = 3600, quoted = "selector2-${replace(var.domain, ".", "-")}._domainkey.acme.onmicrosoft.com." }
    "${var.domain}/sendgrid/return_path"   = { fqdn = "em1.${var.domain}", type = "CNAME", ttl = 3600, quoted = "u1.wl2.sendgrid.net." }
    "${var.domain}/sendgrid/s1"            = { fqdn = "s1._domainkey.${var.domain}", type = "CNAME", ttl = 3600, quoted = "s1.domainkey.u1.wl2.sendgrid.net." }
    "${var.domain}/sendgrid/s2"            = { fqdn = "s2._domainkey.${var.domain}", type = "CNAME", ttl = 3600, quoted = "s2.domainkey.u1.wl2.sendgrid.net." }
    "${var.domain}/dmarc"                  = { fqdn = "_dmarc.${var.domain}", type = "TXT", ttl = 3600, quoted = "\"v=DMARC1; p=quarantine; rua=mailto:dmarc@${var.domain}\"" }
    "${var.domain}/mta_sts"                = { fqdn = "_mta-sts.${var.domain}", type = "TXT", ttl = 3600, quoted = "\"v=STSv1; id=0123456789abcdef0123456789abcdef\"" }
    "${var.domain}/mta_sts/host"           = { fqdn = "mta-sts.${var.domain}", type = "CNAME", ttl = 3600, quoted = "sts.example.net." }
    "${var.domain}/tls_rpt"                = { fqdn = "_smtp._tls.${var.domain}", type = "TXT", ttl = 3600, quoted = "\"v=TLSRPTv1; rua=mailto:tls@${var.domain}\"" }
    "${var.domain}/spf"                    = { fqdn = "${var.domain}", type = "TXT", ttl = 3600, quoted = "\"v=spf1 include:spf.catglobe.example include:_spf.google.com include:spf.protection.outlook.com -all\"" }
  }
}

resource "terraform_data" "record" {
  for_each = local.records
  input = {
    name  = each.value.fqdn
    type  = each.value.type
    ttl   = each.value.ttl
    value = each.value.quoted
  }
}
