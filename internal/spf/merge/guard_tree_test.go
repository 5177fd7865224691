package merge

import (
	"errors"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

func TestTreeGuard(t *testing.T) {
	t.Parallel()
	const dns = `
		half.example TXT v=spf1 ip4:0.0.0.0/1 -all
		quarter.example TXT v=spf1 ip4:128.0.0.0/2 -all
		other.example TXT v=spf1 ip4:192.0.0.0/2 -all
		eight.example TXT v=spf1 ip4:10.0.0.0/8 -all
		nine.example TXT v=spf1 ip4:10.0.0.0/9 -all
		rest.example TXT v=spf1 ip4:10.128.0.0/9 -all
		six.example TXT v=spf1 ip6:2001::/16 -all
		all.example TXT v=spf1 +all
		only.example TXT v=spf1 -ip4:0.0.0.0/1 -ip4:128.0.0.0/2 +all
		redirect.example TXT v=spf1 ip4:192.0.2.1 redirect=half.example
		deep.example TXT v=spf1 include:redirect.example -all
		refused.example TXT v=spf1 -include:half.example ip4:0.0.0.0/1 -all
		found.example TXT v=spf1 exists:host.example -all
		absent.example TXT v=spf1 exists:void.example exists:%{i}.example ptr:host.example -all
		hosts.example TXT v=spf1 a:host.example/4 -all
		void.hosts.example TXT v=spf1 a:void.example/0 mx/0 -all
		loop.example TXT v=spf1 ip4:0.0.0.0/0 include:loop.example -all
		host.example A 192.0.2.1`
	const nothing, warning, refused = 0, 1, 2
	tests := []struct {
		root string
		want int
		term string
	}{
		{"include:nine.example include:void.hosts.example include:absent.example -all", nothing, ""},
		{"include:half.example -all", refused, "include:half.example"},
		{"include:nine.example include:quarter.example include:other.example -all", refused, "include:quarter.example"},
		{"include:deep.example -all", refused, "include:deep.example"},
		{"ip4:192.0.2.1 redirect=half.example", refused, "redirect=half.example"},
		{"include:all.example -all", refused, "include:all.example"},
		{"include:found.example -all", refused, "include:found.example"},
		{"exists:host.example -all", refused, "exists:host.example"},
		{"include:refused.example -all", nothing, ""},
		{"-include:half.example include:all.example -all", refused, "include:all.example"},      // all of IPv6
		{"-ip6:::/0 -ip4:0.0.0.0/2 include:half.example -all", warning, "include:half.example"}, // 64.0.0.0/2
		{"include:only.example -all", refused, "include:only.example"},
		{"-ip6:::/1 -ip6:8000::/2 include:only.example -all", warning, "include:only.example"},
		{"-ip6:::/0 include:only.example -all", warning, "include:only.example"},
		{"include:eight.example -all", warning, "include:eight.example"},
		{"include:nine.example include:rest.example -all", warning, "include:nine.example"},
		{"?include:nine.example include:nine.example include:rest.example -all", nothing, ""},
		{"include:six.example -all", warning, "include:six.example"},
		{"include:hosts.example -all", warning, "include:hosts.example"},
		{"include:loop.example include:gone.example -all", refused, "include:loop.example"}, // it passes before it loops
		{"-all include:half.example", nothing, ""},
		// What the merge has seen is not said twice.
		{"ip4:10.0.0.0/8 include:eight.example -all", nothing, ""},
		{"ip4:10.0.0.0/8 include:half.example -all", refused, "include:half.example"},
		{"ip4:0.0.0.0/1 include:half.example -all", nothing, ""},
		{"a:host.example/1 -all", nothing, ""},
		{"a:host.example/8 include:hosts.example -all", nothing, ""},
		{"+all", nothing, ""},
	}
	for _, tt := range tests {
		for _, allow := range []bool{false, true} {
			warnings, err := GuardTree(treeOf(t, spftest.NewScript(t, dns), tt.root), allow)
			got, term, text := min(len(warnings), warning), "", ""
			if got == warning {
				term, text = warnings[0].Term, warnings[0].Text
			}
			var merge *Error
			if errors.As(err, &merge) && errors.Is(err, ErrPassAll) {
				got, term, text = refused, merge.Term, merge.Error()
			}
			want := tt.want
			if allow {
				want = min(want, warning)
			}
			if got != want || term != tt.term {
				t.Errorf("Guard(%v) of %q = %d by %q, want %d by %q (%v, %v)", allow, tt.root, got, term, want, tt.term, warnings, err)
			}
			if want != nothing && !strings.Contains(text, spftest.Owner) {
				t.Errorf("Guard(%v) of %q says %q", allow, tt.root, text)
			}
		}
	}
}

func TestTreeGuardTexts(t *testing.T) {
	t.Parallel()
	dns := spftest.NewScript(t, "a.example TXT v=spf1 ip4:0.0.0.0/1 ip6:2001::/16 -all")
	tree := treeOf(t, dns, "include:a.example -all")
	_, err := GuardTree(tree, false)
	want := `the merged record, "include:a.example": the record lets nearly everyone send: with what it includes, the record of example.com lets at least as many IPv4 addresses pass as a /1 has, ` +
		"most of them by this term; take it out"
	if err == nil || err.Error() != want {
		t.Errorf("Guard() = %v, want %s", err, want)
	}
	warnings, err := GuardTree(tree, true)
	wantText := `With what it includes, the record of example.com lets at least as many IPv6 addresses pass as a /16 has, most of them by "include:a.example". ` +
		"Anyone who sends from one of them may send as the domain; check that the term is still needed."
	if err != nil || len(warnings) != 2 || warnings[1].Text != wantText {
		t.Errorf("Guard() = %v, %v, want %s", warnings, err, wantText)
	}
}
