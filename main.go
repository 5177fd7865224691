// Command terraform-provider-maildomain is a Terraform provider for the DNS records of domains that send mail.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/catglobe/terraform-provider-maildomain/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve so that a debugger can attach")
	showVersion := flag.Bool("version", false, "print the version, and what it was built for and with")
	flag.Parse()
	if *showVersion {
		fmt.Printf("terraform-provider-maildomain %s (%s/%s, %s)\n", version, runtime.GOOS, runtime.GOARCH, runtime.Version())
		return
	}

	quietFramework()
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/catglobe/maildomain",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// quietFramework keeps the plugin framework from writing a trace of each request to standard error where nobody has
// asked for a log. The framework writes it unless it is told otherwise, and Terraform reads every line of it and throws
// it away: for a fleet, that takes longer than the records do.
func quietFramework() {
	for _, variable := range []string{"TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_SDK"} {
		if os.Getenv(variable) != "" {
			return
		}
	}
	if err := os.Setenv("TF_LOG_SDK", "WARN"); err != nil {
		log.Print(err) // The log is longer than it need be.
	}
}
