// Command terraform-provider-maildomain is a Terraform provider for the DNS records of domains that send mail.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/catglobe/terraform-provider-maildomain/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve so that a debugger can attach")
	flag.Parse()

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/catglobe/maildomain",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
