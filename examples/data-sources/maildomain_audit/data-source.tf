# Does the mail of the domain work, according to live DNS?
check "mail" {
  data "maildomain_audit" "this" {
    domain   = "example.com"
    services = { microsoft365 = {} }
    ignore   = { dnssec-unsigned = "signed next year" }
    fail_on  = "warning"

    expect_senders = {
      newsletter = { ip = "192.0.2.25", sender = "news@example.com" }
    }
  }
  assert {
    condition     = data.maildomain_audit.this.counts.error == 0
    error_message = data.maildomain_audit.this.markdown
  }
}

# For a comment at the pull request.
data "maildomain_audit" "page" {
  domain  = "example.com"
  fail_on = "never"
}

output "page" {
  value = data.maildomain_audit.page.markdown
}
