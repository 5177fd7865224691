data "maildomain_parked" "this" {
  domain  = "example.org"
  hosts   = ["www"]
  reports = ["dmarc@example.com"]

  # example.com has authorised the reports.
  acknowledge = ["dmarc-external-reports"]
}

output "records" {
  value = { for key, r in data.maildomain_parked.this.records : key => "${r.name} ${r.type} ${r.value}" }
}

# v=DMARC1; p=reject; sp=reject; np=reject; rua=mailto:dmarc@example.com
output "dmarc" {
  value = data.maildomain_parked.this.records["example.org/dmarc"].value
}
