data "maildomain_service" "google" {
  domain  = "example.com"
  service = "google_workspace"
  groups  = ["spf", "mx"]
}

# ["include:_spf.google.com"]
output "spf" {
  value = data.maildomain_service.google.spf
}

output "records" {
  value = {
    for key, r in data.maildomain_service.google.records : key => "${r.name} ${r.type} ${r.value}"
  }
}

# Which variables the template has, and where their values are found.
output "variables" {
  value = {
    for v in data.maildomain_service.google.template_variables : v.name => "${v.description}, found ${v.where}"
  }
}
