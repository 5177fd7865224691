// Command terraform prints the path of the Terraform CLI that tests are to use, installing one where
// there is none.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/catglobe/terraform-provider-maildomain/internal/demo/tfcli"
)

func main() {
	path, err := tfcli.Find(context.Background(), os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(path)
}
