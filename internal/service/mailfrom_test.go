package service_test

import (
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// A domain where a host below it belongs would be appended to itself.
func TestBuiltinHostThatIsTheDomain(t *testing.T) {
	t.Parallel()
	ses, err := service.Builtin("amazon_ses")
	if err != nil {
		t.Fatal(err)
	}
	u := use("dkim_token_1=a", "dkim_token_2=b", "dkim_token_3=c", "region=eu-west-1", "mail_from=example.com")
	if got, err := ses.Apply(u); err == nil || !strings.Contains(err.Error(), "write a host below the domain") {
		t.Errorf("Apply = %q, %v, want an error that says what to write", lines(got), err)
	}
}
