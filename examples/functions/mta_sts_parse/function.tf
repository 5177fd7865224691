# Does the policy file allow the mail hosts that it should, and which id announces it?
locals {
  policy = provider::maildomain::mta_sts_parse(<<-EOT
    version: STSv1
    mode: enforce
    mx: mail.example.com
    mx: *.example.net
    max_age: 604800
  EOT
  )
}

# enforce: mail.example.com, *.example.net
output "policy" {
  value = "${local.policy.mode}: ${join(", ", local.policy.mx)}"
}

output "record" {
  value = "v=STSv1; id=${local.policy.id}"
}
