package merge

import (
	"errors"
	"testing"
)

// TestGuard is about rule 10. A record that is refused must pass with allow_pass_all, and be warned of.
func TestGuard(t *testing.T) {
	t.Parallel()
	const nothing, warning, refused = 0, 1, 2
	tests := []struct {
		terms string
		want  int
	}{
		{"a mx include:a.example exists:%{i}.example.com ptr", nothing},
		{"ip4:0.0.0.0/0", refused},
		{"ip6:::/0", refused},
		{"ip4:0.0.0.0/1", refused},
		{"ip4:0.0.0.0/2 ip4:128.0.0.0/2", refused},
		{"ip4:0.0.0.0/2 a ip4:64.0.0.0/3 ip4:96.0.0.0/3", refused},
		{"ip4:0.0.0.0/2 ip4:64.0.0.0/3", warning},
		{"ip4:10.0.0.0/8", warning},
		{"ip4:10.0.0.0/9 ip4:192.0.2.0/24 ip4:11.0.0.0/9", warning},
		{"ip4:10.0.0.0/9 ip4:10.128.0.0/10 ip4:10.192.0.0/11", nothing},
		{"ip6:8000::/1", refused},
		{"ip6:::/2 ip6:8000::/2", refused},
		{"ip6:::/2 ip6:4000::/3 ip6:6000::/4", warning},
		{"ip6:2001::/16", warning},
		{"ip6:2001::/17 ip6:2001:8000::/18 ip6:2001:c000::/18", warning},
		{"ip6:2001::/17", nothing},
		// In first-match order.
		{"-ip4:0.0.0.0/1 ip4:0.0.0.0/0", refused},
		{"-ip4:0.0.0.0/1 -ip4:128.0.0.0/8 ip4:0.0.0.0/0", warning},
		{"-ip4:0.0.0.0/1 ~ip4:128.0.0.0/1 ip4:0.0.0.0/0", nothing},
		{"ip4:10.0.0.0/8 -ip4:0.0.0.0/0", warning},
		{"?ip4:0.0.0.0/0", nothing},
		{"-ip6:::/1 ip6:::/0", refused},
		// The networks of hosts, whatever their addresses.
		{"a/0", refused},
		{"mx:a.example/1", refused},
		{"a//1", refused},
		{"a/24//0", refused},
		{"-a/0", nothing},
		{"a/2", warning},
		{"a/8", warning},
		{"mx/9//17", nothing},
		{"mx//16", warning},
	}
	for _, tt := range tests {
		for _, allow := range []bool{false, true} {
			m := Merge{Mechanisms: mechanisms(t, tt.terms), Options: Options{AllowPassAll: allow}}
			got, err := m.Do()
			verdict := min(len(got.Warnings), warning)
			if errors.Is(err, ErrPassAll) {
				verdict = refused
			}
			want := tt.want
			if allow {
				want = min(want, warning)
			}
			if verdict != want {
				t.Errorf("Do() of %q, allowed %v: %d, want %d (%v, %v)", tt.terms, allow, verdict, want, err, got.Warnings)
			}
		}
	}
}

func TestGuardTexts(t *testing.T) {
	t.Parallel()
	runAll(t, []mergeTest{
		{
			name: "networks", mechanisms: []string{"ip4:10.0.0.0/8 ip4:11.0.0.0/8"}, want: "v=spf1 ip4:10.0.0.0/8 ip4:11.0.0.0/8 -all",
			warnings: []warned{{"the merged record", "", "The ip4 and ip6 terms of the record of example.com let at least as many IPv4 addresses pass as a /7 has."}},
		},
		{
			name: "host", mechanisms: []string{"a/8//16"}, want: "v=spf1 a/8//16 -all",
			warnings: []warned{{"the merged record", "a/8//16", `"a/8//16" lets at least as many IPv4 addresses pass as a /8 has`}, {"the merged record", "a/8//16", "IPv6 addresses pass as a /16"}},
		},
	})
	_, err := Merge{Mechanisms: mechanisms(t, "ip4:0.0.0.0/1")}.Do()
	want := "the merged record: the record lets nearly everyone send: its ip4 and ip6 terms let at least as many IPv4 addresses pass as a /1 has; " +
		"name the networks that send"
	if err == nil || err.Error() != want {
		t.Errorf("Do() = %v, want %s", err, want)
	}
}
