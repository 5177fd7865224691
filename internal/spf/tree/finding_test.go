package tree

import (
	"errors"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/check"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

func TestFindings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, dns, root string
		want            []Finding // Text is a part
	}{
		{name: "none", dns: "a.example TXT v=spf1 a:h.example mx:h.example ptr exists:h.example -all\nh.example A 192.0.2.1\nh.example MX h.example", root: "include:a.example ptr -all"},
		{
			name: "includes", root: "include:void.example include:none.example include:ok.example redirect=void.example",
			dns: "none.example TXT hello\nok.example TXT v=spf1 include:two.example include:bad.example include:x..example include:none.example\n" +
				"two.example TXT v=spf1\ntwo.example TXT v=spf1\nbad.example TXT v=spf1 ip4:300.0.0.1",
			want: []Finding{
				{[]string{"include:void.example"}, FindingMissing, "void.example has no SPF record, so that receivers that come to include:void.example stop with an error"},
				{[]string{"include:none.example"}, FindingMissing, "none.example has no SPF record"},
				{[]string{"include:ok.example", "include:two.example"}, FindingSeveral, "Two.example has 2 SPF records, where a name has one (RFC 7208 §4.5). Receivers that come to include:two.example stop"},
				{[]string{"include:ok.example", "include:bad.example"}, FindingInvalid, `The SPF record of bad.example is invalid: "ip4:300.0.0.1" at offset 7`},
				{[]string{"include:ok.example", "include:x..example"}, FindingMissing, "x..example has no SPF record"},
				{[]string{"include:ok.example", "include:none.example"}, FindingMissing, "none.example has no SPF record"},
				{[]string{"redirect=void.example"}, FindingMissing, "redirect=void.example"},
			},
		},
		{
			name: "hosts", root: "a:void.example a:four.example mx:void.example mx:null.example mx:many.example exists:void.example include:bad.example",
			dns: "four.example A 192.0.2.1\nnull.example MX .\n" + repeat(11, "many.example MX mx%d.example\n") + "bad.example TXT v=spf1 a:x..example",
			want: []Finding{
				{[]string{"a:void.example"}, FindingVoid, "a:void.example finds nothing in DNS. Receivers allow 2 such lookups"},
				{[]string{"mx:void.example"}, FindingVoid, "mx:void.example finds nothing"},
				{[]string{"mx:many.example"}, FindingMXNames, "many.example has more than 10 mail servers"},
				{[]string{"exists:void.example"}, FindingVoid, "exists:void.example finds nothing"},
				{[]string{"include:bad.example", "a:x..example"}, FindingName, "a:x..example names a host that DNS cannot hold"},
			},
		},
		{
			name: "what is not known", root: "exists:%{i}.example include:%{o}.example include:fails.example a:fails.example mx:servers.example",
			dns: "fails.example TXT !\nfails.example A 192.0.2.1\nfails.example AAAA !\nservers.example MX dead.example\ndead.example A !",
			want: []Finding{
				{[]string{"exists:%{i}.example"}, FindingMacro, "The result of exists:%{i}.example depends on the client or the sender"},
				{[]string{"include:%{o}.example"}, FindingMacro, "cannot be known in advance"},
				{[]string{"include:fails.example"}, FindingUnanswered, "DNS did not answer the questions of include:fails.example"},
				{[]string{"a:fails.example"}, FindingUnanswered, "DNS did not answer"},
				{[]string{"mx:servers.example"}, FindingUnanswered, "DNS did not answer"},
			},
		},
		{
			name: "foreign octets", root: "include:a.example include:b.example",
			dns: `a.example TXT "v=spf1 include:b\u00fccher.example -all"` + "\n" + `b.example TXT "v=spf1 \x1b[31m\xff"`,
			want: []Finding{
				{[]string{"include:a.example"}, FindingInvalid, "The SPF record of a.example is invalid"},
				{[]string{"include:b.example"}, FindingInvalid, "The SPF record of b.example is invalid"},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tree := walkTree(t, spftest.NewScript(t, tt.dns), tt.root)
			got := tree.Findings()
			for i := range got {
				if i < len(tt.want) && strings.Contains(got[i].Text, tt.want[i].Text) {
					got[i].Text = tt.want[i].Text
				}
			}
			if d := spftest.Diff(tt.want, got); d != "" {
				t.Errorf("Findings() (-want +got):\n%s", d)
			}
			checkShown(t, tree)
		})
	}
}

func TestFindingsAreBounded(t *testing.T) {
	t.Parallel()
	tree := walkTree(t, spftest.NewScript(t, ""), "v=spf1"+repeat(200, " a:h%d.example"))
	if n := len(tree.Findings()); n != MaxFindings {
		t.Errorf("%d findings, want %d", n, MaxFindings)
	}
}

func TestUnanswered(t *testing.T) {
	t.Parallel()
	dns := "a.example TXT v=spf1 a mx include:b.example\na.example A !\na.example MX m.example\nm.example AAAA !\nb.example TXT !"
	err := walkTree(t, spftest.NewScript(t, dns), "include:a.example -all").Unanswered()
	var unanswered *UnansweredError
	if !errors.As(err, &unanswered) || !errors.Is(err, spftest.ErrServFail) {
		t.Fatalf("Unanswered() = %v, want a *UnansweredError that wraps the cause", err)
	}
	if want := []string{"A a.example", "TXT b.example", "AAAA m.example"}; !slices.Equal(unanswered.Questions, want) {
		t.Errorf("Unanswered() names %q, want %q", unanswered.Questions, want)
	}
	if want := "DNS did not answer A a.example (and 2 more): server failure"; err.Error() != want {
		t.Errorf("Unanswered() = %v, want %s", err, want)
	}
	if err := walkTree(t, spftest.NewScript(t, ""), "include:a.example -all").Unanswered(); err != nil {
		t.Errorf("Unanswered() = %v where there is no such name", err)
	}
}

// TestFindingPermanent holds what findings say about receivers against an evaluation that comes by.
func TestFindingPermanent(t *testing.T) {
	t.Parallel()
	dns := spftest.NewScript(t, `
		several.example TXT v=spf1
		several.example TXT v=spf1
		invalid.example TXT v=spf1 ip4:300.0.0.1
		loop.example TXT v=spf1 include:loop.example
		fails.example TXT !
	`+repeat(11, "many.example MX m%d.example\n"))
	tests := map[FindingKind]string{
		FindingMissing:    "include:void.example",
		FindingSeveral:    "include:several.example",
		FindingInvalid:    "redirect=invalid.example",
		FindingLoop:       "include:loop.example",
		FindingName:       "a:%{d}..example",
		FindingMXNames:    "mx:many.example",
		FindingVoid:       "a:void.example",
		FindingMacro:      "exists:%{i}.example",
		FindingUnanswered: "include:fails.example",
	}
	for kind, root := range tests {
		findings := walkTree(t, dns, root).Findings()
		if len(findings) != 1 || findings[0].Kind != kind {
			t.Errorf("Findings() of %q = %+v, want %s", root, findings, kind)
			continue
		}
		script := &spftest.Script{Records: maps.Clone(dns.Records), Failing: dns.Failing}
		script.Add(spftest.Owner, spf.TypeTXT, "v=spf1 "+root)
		checked, err := check.Checker{Resolver: script}.Check(t.Context(), check.Query{IP: netip.MustParseAddr("192.0.2.1"), Domain: spftest.Owner})
		if err != nil || kind.Permanent() != (checked.Result == check.PermError) {
			t.Errorf("%s is permanent: %v, and Check() of %q = %s, %v", kind, kind.Permanent(), root, checked.Result, err)
		}
	}
}
