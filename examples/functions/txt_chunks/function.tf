# Two strings, of 255 and 45 octets.
output "lengths" {
  value = [for s in provider::maildomain::txt_chunks(join("", [for i in range(300) : "x"])) : length(s)]
}
