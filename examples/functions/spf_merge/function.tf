# v=spf1 include:spf.protection.outlook.com include:_spf.example.net -all
output "merged" {
  value = provider::maildomain::spf_merge([
    "v=spf1 include:spf.protection.outlook.com ~all",
    "include:_spf.example.net",
  ], "fail")
}
