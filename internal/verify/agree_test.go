package verify_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

func TestAgreed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers verify.Answers
		want    []string
		says    string
	}{
		"all the same":                {zone(found(1, "a", "b"), found(2, "a", "b")), []string{"a", "b"}, ""},
		"none anywhere":               {zone(fails(1, verify.NoData), fails(2, verify.NXDomain)), nil, ""},
		"one address of a server":     {zone(found(1, "a"), otherAddress(fails(1, verify.Unreachable))), []string{"a"}, ""},
		"one has more":                {zone(found(1, "a"), found(2, "a", "b")), nil, "ns1.example.com (192.0.2.1) answers «a», and ns2.example.com (192.0.2.2) answers «a», «b»"},
		"one has none":                {zone(found(1, "a"), fails(2, verify.NXDomain)), nil, "NXDOMAIN"},
		"one is silent":               {zone(found(1, "a"), fails(2, verify.Timeout)), nil, "ns2.example.com (192.0.2.2): no answer in time"},
		"a failure is not an absence": {zone(fails(1, verify.ServFail)), nil, "SERVFAIL"},
		"nobody to ask":               {zone(), nil, "none to ask"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.answers.Agreed()
			if (err != nil) != (tt.says != "") || err != nil && (!errors.Is(err, verify.ErrDisagree) || !strings.Contains(err.Error(), tt.says)) {
				t.Fatalf("Agreed error = %v, want one that says %q", err, tt.says)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("Agreed = %q, want %q", got, tt.want)
			}
		})
	}
}
