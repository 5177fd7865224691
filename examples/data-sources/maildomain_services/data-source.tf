data "maildomain_services" "this" {}

# Each built-in service with the variables that have no default.
output "services" {
  value = {
    for id, s in data.maildomain_services.this.services : id => [
      for v in s.template_variables : v.name if v.default == null
    ]
  }
}
