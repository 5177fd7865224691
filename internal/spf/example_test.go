package spf_test

import (
	"errors"
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

func ExampleParse() {
	r, err := spf.Parse("v=spf1 +MX ip4:192.0.2.77/24 include:_spf.Example.net. ~all")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r)
	all, _ := r.Ending()
	fmt.Println(all.Qualifier.Word())
	// Output:
	// v=spf1 mx ip4:192.0.2.0/24 include:_spf.example.net ~all
	// softfail
}

func ExampleParse_mistake() {
	_, err := spf.Parse("v=spf1 include=_spf.example.net ~all")
	if syntax, ok := errors.AsType[*spf.SyntaxError](err); ok {
		fmt.Println(syntax.Reason)
	}
	// Output:
	// with an equals sign it is an unknown modifier, which receivers ignore: write "include:_spf.example.net"
}
