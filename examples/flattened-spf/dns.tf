# dns.tf
# Stands for the resources of your DNS provider, as in the quickstart.

variable "publish_command" {
  description = "Command that publishes one RRset, given as $FQDN, $TYPE, $TTL and $VALUES (a line each, in zone file form); without values, it removes the RRset."
  type        = string
  default     = "printf '%s\\n' \"$VALUES\" | sed \"s/^/$FQDN. $TTL IN $TYPE /\""
}
