package record_test

import (
	"slices"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

func TestMailHosts(t *testing.T) {
	t.Parallel()
	got := record.MailHosts([]string{"20 b.example", "5 z.example", "20 a.example", "none.example", "0 ."})
	if want := []string{".", "z.example", "a.example", "b.example"}; !slices.Equal(got, want) {
		t.Errorf("MailHosts = %q, want %q", got, want)
	}
}
