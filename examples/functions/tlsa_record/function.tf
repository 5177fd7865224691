# The key of a mail host, such as tls_private_key.mail.public_key_pem, becomes the value of the TLSA record at
# _25._tcp.<mail host>, in a zone that is signed with DNSSEC.
locals {
  public_key = <<-EOT
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEAU/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=
    -----END PUBLIC KEY-----
  EOT
}

# 3 1 1 dfcb14df129bb6ad2fa7f1d445d7ec30b8f1f9b16d87ab53090963973923b57c
output "tlsa" {
  value = provider::maildomain::tlsa_record(local.public_key)
}

# With SHA-512, and an authority of one's own in place of the host's key.
output "authority" {
  value = provider::maildomain::tlsa_record(local.public_key, 2, 1, 2)
}
