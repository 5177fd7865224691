# _dmarc.news
output "name" {
  value = provider::maildomain::relative_name("_dmarc.news.example.com", "example.com")
}
