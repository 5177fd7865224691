package advicetest_test

import (
	"slices"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/advicetest"
)

func TestAdvice(t *testing.T) {
	t.Parallel()
	const text = "no such mechanism: for a record, write \"include:a\\\"b\"; for a host, write \"a:b\", as in \"mx\" or like \"ptr\". " +
		"Set `allow_pass_all = true` or `flatten = [\"a\"]`, or take `services[\"x\"]` out of `services`; write x = y, or \"z\", or set on_permerror = \"warn\"."
	for name, got := range map[string][2][]string{
		"written":  {advicetest.Written(text), {`include:a"b`, "a:b"}},
		"examples": {advicetest.Examples(text), {"mx", "ptr"}},
		"options":  {advicetest.Options(text), {"allow_pass_all", "flatten", "services", "on_permerror"}},
	} {
		if !slices.Equal(got[0], got[1]) {
			t.Errorf("%s = %q, want %q", name, got[0], got[1])
		}
	}
}
