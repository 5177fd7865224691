# A value of a mail service may come from a resource of the same apply. This one stands for a resource of the
# service's own Terraform provider.
resource "terraform_data" "ses" {
  input = {
    tokens = ["token1", "token2", "token3"]
  }
}

locals {
  records = provider::maildomain::records({
    domain   = "example.com"
    existing = "v=spf1 ip4:192.0.2.25 ~all" # the SPF record that the domain has

    services = {
      microsoft365 = {
        variables = { # as the Defender portal shows them
          selector1_target = "selector1-example-com._domainkey.example.n-v1.dkim.mail.microsoft"
          selector2_target = "selector2-example-com._domainkey.example.n-v1.dkim.mail.microsoft"
        }
      }

      amazon_ses = {
        variables = {
          mail_from    = "mail"
          region       = "eu-west-1"
          dkim_token_1 = terraform_data.ses.output.tokens[0]
          dkim_token_2 = terraform_data.ses.output.tokens[1]
          dkim_token_3 = terraform_data.ses.output.tokens[2]
        }
      }
    }

    keys = {
      own = { cname = "key1.dkim.example.net" }
    }
  })
}

# The keys are known before the tokens are, so that the first plan shows each record.
resource "terraform_data" "dns" {
  for_each = local.records
  input    = "${each.value.fqdn} ${each.value.ttl} ${each.value.type} ${each.value.quoted}"
}

# v=spf1 ip4:192.0.2.25 include:spf.protection.outlook.com -all
output "spf" {
  value = local.records["example.com/spf"].value
}
