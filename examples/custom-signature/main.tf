# A custom signature: Catglobe's support gives you a selector and a TXT value. The domain can have keys of other
# senders as well, each at a selector of its own.

terraform {
  required_version = ">= 1.8"
  required_providers {
    maildomain = {
      source  = "catglobe/maildomain"
      version = "~> 0.1.0"
    }
  }
}

variable "catglobe_selector" {
  description = "Selector from Catglobe's support."
  type        = string
  default     = "cgkey1"
}

variable "catglobe_signature" {
  description = "TXT value from Catglobe's support: k=rsa; p=…"
  type        = string
  default     = "k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmo80hfdErfQGSx6xE5QrrpzSy4NxofmEmy20iDOECgFM4YwxVSKkYy+NKYM/ptqjWZnGYo23IcINdmastFUzj16DXu5Sdmd2x3tIaVO0J/F2/iwyP0WZFDcqWvPTb9zlQsZuOeQsIxYABbazo+GRdqjrTL/N7sPjGfgX0NGbvetAEiK7t/UtX+oL2cAh4eqFj9BnD7xgaADAN8+ahUYN6lImj/Qi6rD7YkKxMVobKrpjcO7tvVzqGQ3GaI+QVhO+hvDIrYwctL8/ci2wjlLwj24lN8cyVW5h0fhhdj88K/3Aodoocrz0wgKG7n3nAnq07ta5YT8cEnMp53KACkxsTwIDAQAB"
}

data "maildomain_dkim" "this" {
  domain = "example.com"
  keys = {
    (var.catglobe_selector) = { record = var.catglobe_signature }
    s1                      = { cname = "s1.dkim.example.net" }
    s2                      = { cname = "s2.dkim.example.net" }
  }
}

# A key of 2048 bits takes more than the 255 octets of one string. Resources of DNS providers want it in
# different forms; this is what aws_route53_record takes.
output "route53" {
  value = {
    for key, r in data.maildomain_dkim.this.records :
    r.fqdn => r.type == "TXT" ? provider::maildomain::txt_encode(r.value, "route53") : r.value
  }
}
