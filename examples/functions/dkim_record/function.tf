# A public key in PEM, such as tls_private_key.this.public_key_pem, becomes the TXT value of its selector.
locals {
  public_key = <<-EOT
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEAU/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=
    -----END PUBLIC KEY-----
  EOT
}

# v=DKIM1; k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=
output "dkim_record" {
  value = provider::maildomain::dkim_record(local.public_key)
}
