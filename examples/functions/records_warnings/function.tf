locals {
  mail = {
    domain   = "example.com"
    existing = "v=spf1 ip4:192.0.2.25 ~all" # the SPF record that the domain has
    services = { mailchimp = {} }
  }
}

output "records" {
  value = provider::maildomain::records(local.mail)
}

# The plan shows the warnings, and goes on.
check "mail_records" {
  assert {
    condition     = length(provider::maildomain::records_warnings(local.mail)) == 0
    error_message = join("\n", provider::maildomain::records_warnings(local.mail))
  }
}
