package service_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// An internationalised domain with its dots as hyphens looks like an A-label, and is none.
func TestBuiltinOfInternationalisedDomain(t *testing.T) {
	t.Parallel()
	brevo, err := service.Builtin("brevo")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, given := range []bool{false, true} {
		u := service.Use{Domain: dnsname.MustParse("bücher.example"), Kinds: service.DKIMKind}
		if given {
			u.Variables = map[string]string{"dkim1_target": "B1.xn--bcher-kva-example.dkim.brevo.com", "dkim2_target": "b2.xn--bcher-kva-example.dkim.brevo.com"}
		}
		got, err := brevo.Apply(u)
		if err != nil {
			t.Fatalf("Apply(given %v): %v", given, err)
		}
		want["brevo1"], want["brevo2"] = "b1.xn--bcher-kva-example.dkim.brevo.com", "b2.xn--bcher-kva-example.dkim.brevo.com"
		targets := map[string]string{}
		for _, r := range got.Records {
			label, _ := r.Owner.In(r.Domain)
			targets[label[:len("brevo1")]] = r.Value
		}
		if diff := cmp.Diff(want, targets); diff != "" {
			t.Errorf("Apply(given %v) (-want +got):\n%s", given, diff)
		}
	}
}
