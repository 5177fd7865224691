# Can receivers use the key from a sender?
locals {
  key = provider::maildomain::dkim_parse("v=DKIM1; k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=")
}

# ed25519, 256 bits
output "key" {
  value = local.key.usable ? "${local.key.key_type}, ${local.key.bits} bits" : join(" ", local.key.errors)
}
