# Does our own server still pass, and does everybody else fail?
check "spf" {
  data "maildomain_spf_check" "own" {
    ip     = "192.0.2.25"
    sender = "news@example.com"
  }
  assert {
    condition     = data.maildomain_spf_check.own.result == "pass"
    error_message = "The server does not pass SPF:\n${data.maildomain_spf_check.own.trace}"
  }
}

data "maildomain_spf_check" "stranger" {
  ip     = "203.0.113.1"
  sender = "news@example.com"
}

output "stranger" {
  value = data.maildomain_spf_check.stranger.result
}
