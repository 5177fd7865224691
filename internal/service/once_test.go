package service_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// A record tells of all its variables that are wrong, and all records tell of each of them once.
func TestApplyTellsOfEachVariableOnce(t *testing.T) {
	t.Parallel()
	text := template(`{"type":"MX","host":"a.%h%","pointsTo":"%x%.%y%.acme.example","priority":"%p%","ttl":"%t%"},
		{"type":"CNAME","host":"b.%h%","pointsTo":"%x%.acme.example"}`)
	got, err := mustParse(t, text).Apply(use("h=a b", "x=a/", "y=b..c", "p=x", "t=y"))
	want := []string{"h: 3", "t: 3", "x: 3", "y: 3", "p: 3"}
	if diff := cmp.Diff(want, variableErrors(err)); diff != "" {
		t.Errorf("Apply = %q, %v (-want +got):\n%s", lines(got), err, diff)
	}
}

// Where a variable decides on the owner, only the type can be allowed.
func TestApplyRefusedAtUnknownOwner(t *testing.T) {
	t.Parallel()
	_, err := mustParse(t, template(`{"type":"NS","host":"%x%","pointsTo":"ns.acme.example"}`)).Apply(service.Use{Domain: domain, Unknown: unknown("x")})
	refused, ok := errors.AsType[*service.RefusedError](err)
	if !ok {
		t.Fatalf("Apply error = %v, want a *RefusedError", err)
	}
	if refused.Owner != "%x%" || !cmp.Equal(refused.Allow, []string{"NS"}) {
		t.Errorf("refused at %q, allow %q, want %q and NS alone", refused.Owner, refused.Allow, "%x%")
	}
}
