# ["include:spf.protection.outlook.com"]
output "includes" {
  value = [
    for term in provider::maildomain::spf_parse("v=spf1 include:spf.protection.outlook.com ip4:192.0.2.1 -all").terms :
    "include:${term.value}" if term.mechanism == "include"
  ]
}
