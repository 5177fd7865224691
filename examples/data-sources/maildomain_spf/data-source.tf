# The domain has Office 365's SPF record, and now sends through Catglobe as well.
data "maildomain_spf" "this" {
  domain   = "example.com"
  existing = "v=spf1 include:spf.protection.outlook.com ~all"

  services = {
    catglobe = {
      variables = {
        spf_include = "spf.catglobe.example" # from Catglobe's support
      }
    }
  }

  # A server of one's own.
  mechanisms = ["ip4:192.0.2.25"]
}

# v=spf1 include:spf.protection.outlook.com include:spf.catglobe.example ip4:192.0.2.25 -all
output "spf" {
  value = data.maildomain_spf.this.value
}

# A domain that sends no mail says so: v=spf1 -all
data "maildomain_spf" "parked" {
  domain = "example.org"
}
