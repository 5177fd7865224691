data "maildomain_dkim" "this" {
  domain = "example.com"

  # The CNAMEs that services ask for.
  services = {
    catglobe = {
      variables = {
        dkim_selector = "cg1" # both from Catglobe's support
        dkim_target   = "cg1.dkim.catglobe.example"
      }
    }
  }

  # Keys of one's own, or from a sender's support, by selector.
  keys = {
    signer = {
      public_key = <<-EOT
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
        -----END PUBLIC KEY-----
      EOT
    }
    elsewhere = {
      cname = "key1.dkim.example.net"
    }
  }
}

# For DNS providers with a resource per record.
output "dkim_records" {
  value = {
    for key, r in data.maildomain_dkim.this.records : key => "${r.name} ${r.type} ${r.value}"
  }
}
