package provider

import (
	"crypto/x509"

	"github.com/hashicorp/terraform-plugin-framework/provider"
)

// NewTrusting is [New] for a provider that trusts authorities of a test.
func NewTrusting(roots *x509.CertPool) func() provider.Provider {
	return func() provider.Provider { return &mailDomainProvider{version: "test", roots: roots} }
}
