terraform {
  required_version = ">= 1.8"
  required_providers {
    maildomain = {
      source  = "catglobe/maildomain"
      version = "~> 0.1.0"
    }
  }
}

# Nothing has to be set: the name servers of a domain are found through the system's resolvers.
provider "maildomain" {}

# On a network of its own, name the resolvers to use.
provider "maildomain" {
  alias     = "office"
  resolvers = ["192.0.2.53", "[2001:db8::53]:53"]
  timeout   = "3s"
}

# For networks that block plain DNS, or where nobody on the way may read or change it.
provider "maildomain" {
  alias     = "private"
  resolvers = ["tls://dns.example@192.0.2.53", "https://dns.example/dns-query"]
  bootstrap = ["192.0.2.53", "2001:db8::53"]
  dnssec    = "require"
}

# For zones whose name servers have private addresses, as inside a company. The provider asks private addresses
# only in these networks.
provider "maildomain" {
  alias            = "inside"
  resolvers        = ["10.0.0.53"]
  private_networks = ["10.0.0.0/8", "fd00::/8"]
}
