package merge

import (
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// A warned is what a test expects of a warning.
type warned struct {
	source, term string
	text         string // a part of it
}

// A mergeTest merges texts. The services are "name: terms".
type mergeTest struct {
	name       string
	existing   string // "" for none
	services   []string
	mechanisms []string
	remove     []string
	all        All
	allowPass  bool
	want       string
	warnings   []warned
}

func (tt mergeTest) merge(t *testing.T) Merge {
	t.Helper()
	m := Merge{
		Owner:      dnsname.MustParse("example.com"),
		Mechanisms: mechanisms(t, tt.mechanisms...), Remove: removals(t, tt.remove...),
		Options: Options{All: tt.all, AllowPassAll: tt.allowPass},
	}
	if tt.existing != "" {
		m.Existing = existing(t, tt.existing)
	}
	for _, s := range tt.services {
		name, terms, _ := strings.Cut(s, ": ")
		m.Services = append(m.Services, service(t, name, terms))
	}
	return m
}

// run merges, compares, and merges once more with the result as the existing record.
func (tt mergeTest) run(t *testing.T) {
	m := tt.merge(t)
	got, err := m.Do()
	if err != nil {
		t.Fatalf("Do() = %v, want %q", err, tt.want)
	}
	if got.Record.String() != tt.want {
		t.Errorf("Do() = %q, want %q", got.Record, tt.want)
	}
	checkWarnings(t, got.Warnings, tt.warnings)
	m.Existing = &got.Record
	again, err := m.Do()
	if err != nil || again.Record.String() != tt.want {
		t.Errorf("Do() with its result as the existing record = %q, %v, want %q", again.Record, err, tt.want)
	}
}

func checkWarnings(t *testing.T, got []Warning, want []warned) {
	t.Helper()
	for i, w := range got {
		if i >= len(want) {
			t.Errorf("unexpected warning of %v about %q: %s", w.Source, w.Term, w.Text)
			continue
		}
		if w.Source.String() != want[i].source || w.Term != want[i].term || !strings.Contains(w.Text, want[i].text) {
			t.Errorf("warning of %v about %q: %s\nwant one of %s about %q with %q", w.Source, w.Term, w.Text, want[i].source, want[i].term, want[i].text)
		}
		if !strings.HasSuffix(w.Text, ".") {
			t.Errorf("warning %q is no whole sentence", w.Text)
		}
	}
	for _, w := range want[min(len(got), len(want)):] {
		t.Errorf("missing warning of %s about %q with %q", w.source, w.term, w.text)
	}
}

func runAll(t *testing.T, tests []mergeTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(t)
		})
	}
}

func TestMergeZero(t *testing.T) {
	t.Parallel()
	got, err := Merge{}.Do()
	if err != nil || got.Record.String() != "v=spf1 -all" || len(got.Warnings) > 0 {
		t.Errorf("Merge{}.Do() = %+v, %v, want v=spf1 -all", got, err)
	}
}

// TestMergeOrder is about rules 2, 3, 4 and 9.
func TestMergeOrder(t *testing.T) {
	t.Parallel()
	runAll(t, []mergeTest{
		{
			name:     "Microsoft 365 and Catglobe",
			existing: "v=spf1 include:spf.protection.outlook.com -all",
			services: []string{"microsoft365: include:spf.protection.outlook.com", "catglobe: include:_spf.catglobe.example"},
			want:     "v=spf1 include:spf.protection.outlook.com include:_spf.catglobe.example -all",
		},
		{
			name:     "services in the order of their names, whatever they are given in",
			existing: "v=spf1 mx -all", services: []string{"b: include:b.example", "c: include:c.example", "a: include:a.example"}, mechanisms: []string{"ip4:192.0.2.1", "a"},
			want: "v=spf1 mx include:a.example include:b.example include:c.example ip4:192.0.2.1 a -all",
		},
		{
			name:     "the first position stays",
			existing: "v=spf1 include:A.example mx -all", services: []string{"s: include:b.example include:a.EXAMPLE."}, mechanisms: []string{"mx/32", "+include:b.example"},
			want: "v=spf1 include:a.example mx include:b.example -all",
		},
		{
			name:       "CIDR and macro case make terms different",
			mechanisms: []string{"a", "a/24", "a//64", "exists:%{l}.a.example", "exists:%{L}.a.example"},
			want:       "v=spf1 a a/24 a//64 exists:%{l}.a.example exists:%{L}.a.example -all",
		},
		{
			name:     "what is bare belongs to the owner",
			existing: "v=spf1 a mx:example.com -all", mechanisms: []string{"a:example.com", "mx", "a:%{d}", "ptr:%{d}", "ptr", "a:www.example.com"},
			want: "v=spf1 a mx:example.com ptr:%{d} a:www.example.com -all",
		},
		{
			name:     "a list with a non-pass term keeps its order",
			existing: "v=spf1 -ip4:192.0.2.9 ip4:192.0.2.0/24 ?include:q.example a -all", services: []string{"s: include:s.example"}, mechanisms: []string{"~mx", "include:m.example"},
			want: "v=spf1 -ip4:192.0.2.9 ip4:192.0.2.0/24 ?include:q.example a include:s.example ~mx include:m.example -all",
		},
		{
			name:     "a second qualifier in one list is dead",
			existing: "v=spf1 -a mx a -all",
			want:     "v=spf1 -a mx -all",
			warnings: []warned{{"existing", "a", `comes after "-a"`}},
		},
		{
			name:     "services that differ",
			services: []string{"a: -include:x.example", "b: include:x.example"},
			want:     "v=spf1 include:x.example -all",
			warnings: []warned{{`service "a"`, "-include:x.example", `the least restrictive one, "include:x.example", was taken`}},
		},
	})
}

// TestMergeAll is about rule 5.
func TestMergeAll(t *testing.T) {
	t.Parallel()
	tightened := func(text string) []warned { return []warned{{"existing", "", text}} }
	runAll(t, []mergeTest{
		{
			name: "softfail to fail", existing: "v=spf1 a ~all", want: "v=spf1 a -all",
			warnings: tightened(`The existing record ends in "~all" (softfail); the new one ends in "-all" (fail), as Catglobe recommends.`),
		},
		{name: "softfail to fail, as asked", existing: "v=spf1 a ~all", all: AllFail, want: "v=spf1 a -all"},
		{name: "neutral to softfail, as asked", existing: "v=spf1 a ?all", all: AllSoftFail, want: "v=spf1 a ~all"},
		{name: "nothing to fail", existing: "v=spf1 a", want: "v=spf1 a -all", warnings: tightened(`has no "all", which means neutral`)},
		{name: "pass to fail", existing: "v=spf1 a +all", allowPass: true, want: "v=spf1 a -all", warnings: tightened(`ends in "+all" (pass)`)},
		{name: "loosened as asked", existing: "v=spf1 a -all", all: AllSoftFail, want: "v=spf1 a ~all"},
		{name: "nothing to neutral", existing: "v=spf1 a", all: AllNeutral, want: "v=spf1 a ?all"},
		{name: "pass", existing: "v=spf1 a ~all", all: AllPass, allowPass: true, want: "v=spf1 a all"},
		{name: "keep softfail", existing: "v=spf1 a ~all", all: AllKeep, services: []string{"s: include:s.example -all"}, want: "v=spf1 a include:s.example ~all"},
		{name: "keep pass", existing: "v=spf1 a +all", all: AllKeep, allowPass: true, want: "v=spf1 a all"},
		{name: "keep nothing", existing: "v=spf1 a", all: AllKeep, want: "v=spf1 a ?all", warnings: []warned{{"existing", "", `says so with "?all"`}}},
		{
			name: "keep without an existing record", all: AllKeep, mechanisms: []string{"a"}, want: "v=spf1 a -all",
			warnings: []warned{{"the merged record", "", `No existing record has an ending`}},
		},
		{
			name: "behind all", existing: "v=spf1 a -all mx ~all", want: "v=spf1 a -all",
			warnings: []warned{{"existing", "mx ~all", `comes after "-all" of existing`}},
		},
		{name: "of a service", existing: "v=spf1 -all", services: []string{"s: v=spf1 include:s.example ~all"}, want: "v=spf1 include:s.example -all"},
		{name: "of mechanisms, as asked", mechanisms: []string{"a -all", "mx"}, want: "v=spf1 a mx -all"},
		{name: "of mechanisms, where the existing one is kept", existing: "v=spf1 ?all", mechanisms: []string{"a ~all"}, all: AllKeep, want: "v=spf1 a ?all"},
		{
			name: "of mechanisms, another", mechanisms: []string{"a ~all"}, want: "v=spf1 a -all",
			warnings: []warned{{"mechanisms[0]", "~all", `"~all" was removed: the record ends in "-all".`}},
		},
	})
}

// TestMergeRedirect is about rule 6.
func TestMergeRedirect(t *testing.T) {
	t.Parallel()
	runAll(t, []mergeTest{
		{name: "alone", existing: "v=spf1 redirect=r.example", want: "v=spf1 redirect=r.example"},
		{name: "behind terms of its own", existing: "v=spf1 a mx redirect=r.example", want: "v=spf1 a mx redirect=r.example"},
		{
			name: "with nothing new", existing: "v=spf1 ip4:192.0.2.0/24 redirect=r.example", services: []string{"s: ip4:192.0.2.1 ~all"}, mechanisms: []string{"redirect=r.example"},
			want: "v=spf1 ip4:192.0.2.0/24 redirect=r.example",
		},
		{name: "of a service alone", services: []string{"s: redirect=r.example"}, want: "v=spf1 redirect=r.example"},
		{name: "of mechanisms with terms of their own", mechanisms: []string{"redirect=r.example", "a"}, want: "v=spf1 a redirect=r.example"},
		{
			name: "beside all", existing: "v=spf1 a -all redirect=r.example", want: "v=spf1 a -all",
			warnings: []warned{{"existing", "redirect=r.example", `is beside an "all"`}},
		},
		{
			name: "with terms to add", existing: "v=spf1 a redirect=r.example exp=e.example", services: []string{"s: include:s.example"},
			want:     "v=spf1 a include:r.example include:s.example -all exp=e.example",
			warnings: []warned{{"existing", "redirect=r.example", `became "include:r.example"`}},
		},
		{
			name: "of a service with terms of others", existing: "v=spf1 a -all", services: []string{"s: redirect=r.example", "t: include:t.example"}, mechanisms: []string{"mx"},
			want:     "v=spf1 a include:r.example include:t.example mx -all",
			warnings: []warned{{`service "s"`, "redirect=r.example", `became "include:r.example"`}},
		},
		{
			name: "of a service, where the owner ends the record", existing: "v=spf1 -all", services: []string{"s: redirect=r.example"},
			want:     "v=spf1 include:r.example -all",
			warnings: []warned{{`service "s"`, "redirect=r.example", `became "include:r.example"`}},
		},
		{
			name: "keep", existing: "v=spf1 redirect=r.example", mechanisms: []string{"a"}, all: AllKeep, want: "v=spf1 include:r.example a -all",
			warnings: []warned{{"existing", "redirect=r.example", "became"}, {"existing", "redirect=r.example", "comes from its redirect="}},
		},
		{
			name: "an ending that was asked for", existing: "v=spf1 redirect=r.example", all: AllSoftFail, want: "v=spf1 include:r.example ~all",
			warnings: []warned{{"existing", "redirect=r.example", `became "include:r.example"`}},
		},
		{
			name: "of a service, and an ending that was asked for", services: []string{"s: redirect=r.example"}, all: AllFail, want: "v=spf1 include:r.example -all",
			warnings: []warned{{`service "s"`, "redirect=r.example", `became "include:r.example"`}},
		},
		{name: "keep alone", existing: "v=spf1 a redirect=r.example", all: AllKeep, want: "v=spf1 a redirect=r.example"},
		{name: "the same twice", existing: "v=spf1 redirect=r.example", services: []string{"s: redirect=R.example."}, want: "v=spf1 redirect=r.example"},
		{
			name: "included before", existing: "v=spf1 include:r.example redirect=r.example", mechanisms: []string{"a"}, want: "v=spf1 include:r.example a -all",
			warnings: []warned{{"existing", "redirect=r.example", `was left out behind "include:r.example"`}},
		},
		{
			name: "refused before", existing: "v=spf1 -include:r.example redirect=r.example", mechanisms: []string{"a"}, want: "v=spf1 -include:r.example a -all",
			warnings: []warned{{"existing", "redirect=r.example", `was left out behind "-include:r.example"`}},
		},
		{
			name: "behind the non-pass terms of its list", mechanisms: []string{"redirect=r.example", "-a"}, services: []string{"s: mx"}, want: "v=spf1 mx -a include:r.example -all",
			warnings: []warned{{"mechanisms[0]", "redirect=r.example", "became"}},
		},
	})
}

// TestMergeModifiers is about rule 7.
func TestMergeModifiers(t *testing.T) {
	t.Parallel()
	runAll(t, []mergeTest{
		{name: "the owner's", existing: "v=spf1 exp=e.example foo=Bar a -all", mechanisms: []string{"exp=e.example baz=1"}, want: "v=spf1 a -all exp=e.example foo=Bar baz=1"},
		{
			name: "a service's", services: []string{"s: include:s.example exp=e.example foo=bar"}, want: "v=spf1 include:s.example -all",
			warnings: []warned{{`service "s"`, "exp=e.example", "was left out"}, {`service "s"`, "foo=bar", "was left out"}},
		},
		{name: "before a redirect", existing: "v=spf1 foo=bar redirect=r.example", want: "v=spf1 redirect=r.example foo=bar"},
	})
}

// TestMergeCover is about rule 8.
func TestMergeCover(t *testing.T) {
	t.Parallel()
	runAll(t, []mergeTest{
		{name: "covered by an earlier one", existing: "v=spf1 ip4:192.0.2.0/24 -all", services: []string{"s: ip4:192.0.2.1 ip4:192.0.2.128/25"}, want: "v=spf1 ip4:192.0.2.0/24 -all"},
		{name: "covered by a later one", existing: "v=spf1 ip4:192.0.2.1 a ip4:192.0.2.2 -all", mechanisms: []string{"ip4:192.0.2.0/24"}, want: "v=spf1 ip4:192.0.2.0/24 a -all"},
		{name: "widened to the widest", mechanisms: []string{"ip6:2001:db8::1", "ip6:2001:db8::/64", "ip6:2001:db8::/32"}, want: "v=spf1 ip6:2001:db8::/32 -all"},
		{name: "neighbours are not joined", mechanisms: []string{"ip4:192.0.2.0/25", "ip4:192.0.2.128/25"}, want: "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all"},
		{name: "families are apart", mechanisms: []string{"ip6:::c000:200/120", "ip4:192.0.2.1"}, want: "v=spf1 ip6:::c000:200/120 ip4:192.0.2.1 -all"},
		{name: "not widened across a non-pass term", mechanisms: []string{"ip4:192.0.2.1", "-a", "ip4:192.0.2.0/24"}, want: "v=spf1 ip4:192.0.2.1 -a ip4:192.0.2.0/24 -all"},
		{name: "dead across a non-pass term", mechanisms: []string{"ip4:192.0.2.0/24", "-a", "ip4:192.0.2.1"}, want: "v=spf1 ip4:192.0.2.0/24 -a -all"},
		{
			name: "passed before it is refused", services: []string{"s: ip4:10.1.0.0/16", "t: ip4:10.1.2.0/24"}, mechanisms: []string{"-ip4:10.0.0.0/9"},
			want: "v=spf1 ip4:10.1.0.0/16 -ip4:10.0.0.0/9 -all",
		},
		{
			name: "a hole is kept", existing: "v=spf1 -ip4:192.0.2.9 ip4:192.0.2.0/24 -all", services: []string{"s: ip4:192.0.2.0/25"}, want: "v=spf1 -ip4:192.0.2.9 ip4:192.0.2.0/24 -all",
			warnings: []warned{{"existing", "-ip4:192.0.2.9", `stands before "ip4:192.0.2.0/25" of service "s", and refuses some of its senders`}},
		},
		{name: "non-pass networks stay", existing: "v=spf1 -ip4:192.0.2.0/24 -ip4:192.0.2.1 a -all", want: "v=spf1 -ip4:192.0.2.0/24 -ip4:192.0.2.1 a -all"},
		{name: "refused behind what passes", existing: "v=spf1 ip4:10.0.0.0/9 -ip4:10.1.0.0/16 -all", services: []string{"s: ip4:10.1.2.0/24"}, want: "v=spf1 ip4:10.0.0.0/9 -ip4:10.1.0.0/16 -all"},
		{
			name: "refused by the same list before", mechanisms: []string{"-ip4:192.0.2.0/24 a ip4:192.0.2.1"}, want: "v=spf1 -ip4:192.0.2.0/24 a -all",
			warnings: []warned{{"mechanisms[0]", "ip4:192.0.2.1", `comes after "-ip4:192.0.2.0/24"`}},
		},
	})
}

// TestMergeServicesPass is about rule 3: what a service asks for passes, and where it does so against the owner's word,
// a warning says it.
func TestMergeServicesPass(t *testing.T) {
	t.Parallel()
	yields := func(source, term, service string) []warned {
		return []warned{{source, term, "differ; the senders of the service pass, and the record has " + spf.Quote(service) + ". Take " + spf.Quote(term) + " out."}}
	}
	comesAfter := func(term, service string) []warned {
		return []warned{{"existing", term, "would override " + spf.Quote(service) + ` of service "s", which lets its senders pass; it now comes after it`}}
	}
	runAll(t, []mergeTest{
		{
			name: "neutral", existing: "v=spf1 a ?include:s.example ~all", services: []string{"s: include:s.example"},
			want:     "v=spf1 a include:s.example -all",
			warnings: append(yields("existing", "?include:s.example", "include:s.example"), warned{"existing", "", "ends in"}),
		},
		{
			name: "softfail", existing: "v=spf1 ~mx -all", services: []string{"s: mx:example.com"}, want: "v=spf1 mx -all",
			warnings: yields("existing", "~mx", "mx"),
		},
		{
			name: "in mechanisms", services: []string{"s: exists:%{i}.s.example"}, mechanisms: []string{"?exists:%{i}.s.example"}, want: "v=spf1 exists:%{i}.s.example -all",
			warnings: yields("mechanisms[0]", "?exists:%{i}.s.example", "exists:%{i}.s.example"),
		},
		{
			name: "a redirect", existing: "v=spf1 ?include:s.example -all", services: []string{"s: redirect=s.example"}, want: "v=spf1 include:s.example -all",
			warnings: append(yields("existing", "?include:s.example", "include:s.example"), warned{`service "s"`, "redirect=s.example", "became"}),
		},
		{
			name: "the redirect of both", existing: "v=spf1 ?include:s.example redirect=s.example", services: []string{"s: redirect=s.example"},
			want: "v=spf1 include:s.example redirect=s.example", warnings: yields("existing", "?include:s.example", "include:s.example"),
		},
		{
			name: "a part of a network", existing: "v=spf1 ?ip4:192.0.2.9 a -all", services: []string{"s: ip4:192.0.2.0/24"}, want: "v=spf1 ip4:192.0.2.0/24 a -all",
			warnings: yields("existing", "?ip4:192.0.2.9", "ip4:192.0.2.9"),
		},
		{
			name: "a part of what a host has", existing: "v=spf1 ~a mx -all", services: []string{"s: a/24"}, want: "v=spf1 a mx a/24 -all",
			warnings: yields("existing", "~a", "a"),
		},
		{
			name: "within a network", existing: "v=spf1 a ?ip4:10.0.0.0/8 mx -all", services: []string{"s: ip4:10.1.0.0/16"}, want: "v=spf1 a ip4:10.1.0.0/16 ?ip4:10.0.0.0/8 mx -all",
			warnings: comesAfter("?ip4:10.0.0.0/8", "ip4:10.1.0.0/16"),
		},
		{
			name: "within what a host has", existing: "v=spf1 ~a/24 -all", services: []string{"s: a"}, want: "v=spf1 a ~a/24 -all",
			warnings: comesAfter("~a/24", "a"),
		},
		{
			name: "passed before", existing: "v=spf1 ip4:10.1.0.0/16 ?ip4:10.0.0.0/8 -all", services: []string{"s: ip4:10.1.2.0/24"}, want: "v=spf1 ip4:10.1.0.0/16 ?ip4:10.0.0.0/8 -all",
		},
		{
			name: "of another mechanism, or another owner", existing: "v=spf1 ?a:www.example.com ?mx ?include:t.example -all", services: []string{"s: a include:s.example"},
			want: "v=spf1 ?a:www.example.com ?mx ?include:t.example a include:s.example -all",
		},
		{
			name: "a fail term that is never reached", existing: "v=spf1 -a -all", services: []string{"s: ip4:10.0.0.0/9"}, mechanisms: []string{"-ip4:10.1.0.0/16"},
			want: "v=spf1 -a ip4:10.0.0.0/9 -ip4:10.1.0.0/16 -all",
		},
	})
}

func TestMergeRemove(t *testing.T) {
	t.Parallel()
	runAll(t, []mergeTest{
		{name: "whatever the qualifier", existing: "v=spf1 a ?include:old.example mx:example.com -all", remove: []string{"include:old.example", "mx"}, want: "v=spf1 a -all"},
		{
			name: "of all sources of the owner", existing: "v=spf1 a -all", services: []string{"s: include:s.example"}, mechanisms: []string{"mx", "exp=e.example foo=bar"},
			remove: []string{"mx", "a", "foo=bar"}, want: "v=spf1 include:s.example -all exp=e.example",
		},
		{
			name: "what a wider term of a service still lets pass", existing: "v=spf1 ip4:192.0.2.1 -all", services: []string{"s: ip4:192.0.2.0/24"}, remove: []string{"ip4:192.0.2.1"},
			want: "v=spf1 ip4:192.0.2.0/24 -all", warnings: []warned{{"remove[0]", "ip4:192.0.2.1", `"ip4:192.0.2.0/24" of service "s" still lets them pass`}},
		},
		{name: "redirect", existing: "v=spf1 a redirect=r.example", remove: []string{"redirect=r.example"}, want: "v=spf1 a -all"},
		{name: "the include of a redirect", existing: "v=spf1 a redirect=r.example", remove: []string{"include:r.example"}, want: "v=spf1 a -all"},
		{
			name: "nothing", existing: "v=spf1 a -all", remove: []string{"a/24", "include:x.example include:x.example", "foo=bar"}, want: "v=spf1 a -all",
			warnings: []warned{{"remove[0]", "a/24", "matches no term"}, {"remove[1]", "include:x.example", "matches no term"}, {"remove[2]", "foo=bar", "matches no term"}},
		},
		{
			name: "still passing", existing: "v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.1 -all", remove: []string{"ip4:192.0.2.1", "ip4:192.0.2.2"}, want: "v=spf1 ip4:192.0.2.0/24 -all",
			warnings: []warned{{"remove[0]", "ip4:192.0.2.1", `"ip4:192.0.2.0/24" still lets them pass`}, {"remove[1]", "ip4:192.0.2.2", "still lets them pass"}},
		},
		{
			name: "a slip", existing: "v=spf1 include:a.example include:spf.example.net -all", remove: []string{"include:spf.exmaple.net"}, want: "v=spf1 include:a.example include:spf.example.net -all",
			warnings: []warned{{"remove[0]", "include:spf.exmaple.net", `the most similar one is "include:spf.example.net". If you mean`}},
		},
		{
			name: "a part of a network", existing: "v=spf1 a ?ip4:192.0.2.0/24 -all", remove: []string{"ip4:192.0.2.0/28"}, want: "v=spf1 a ?ip4:192.0.2.0/24 -all",
			warnings: []warned{{"remove[0]", "ip4:192.0.2.0/28", `the most similar one is "?ip4:192.0.2.0/24". If you mean`}},
		},
		{
			name: "another length", existing: "v=spf1 mx/24 -all", remove: []string{"mx"}, want: "v=spf1 mx/24 -all",
			warnings: []warned{{"remove[0]", "mx", `the most similar one is "mx/24". If you mean`}},
		},
		{
			name: "a term of a service", existing: "v=spf1 a -all", services: []string{"s: include:_spf.s.example"}, remove: []string{"include:spf.s.example"}, want: "v=spf1 a include:_spf.s.example -all",
			warnings: []warned{{"remove[0]", "include:spf.s.example", `the most similar one is "include:_spf.s.example" of service "s".`}},
		},
		{
			name: "a modifier", existing: "v=spf1 a -all exp=why.example", remove: []string{"exp=wy.example"}, want: "v=spf1 a -all exp=why.example",
			warnings: []warned{{"remove[0]", "exp=wy.example", `the most similar one is "exp=why.example"`}},
		},
		{
			name: "an include of the redirect's name", existing: "v=spf1 redirect=r.example", remove: []string{"redirect=s.example"}, all: AllKeep, want: "v=spf1 redirect=r.example",
			warnings: []warned{{"remove[0]", "redirect=s.example", `the most similar one is "redirect=r.example"`}},
		},
		{
			name: "nothing like it", existing: "v=spf1 exists:x.example -all", remove: []string{"ip6:2001:db8::/32"}, want: "v=spf1 exists:x.example -all",
			warnings: []warned{{"remove[0]", "ip6:2001:db8::/32", "no term is similar"}},
		},
		{
			name: "from nothing", remove: []string{"mx"}, want: "v=spf1 -all",
			warnings: []warned{{"remove[0]", "mx", "no term is similar"}},
		},
	})
}

func TestMergeOwner(t *testing.T) {
	t.Parallel()
	in := Input{Source: Source{Kind: Service, Name: "s"}, Record: spftest.MustParse(t, "a mx/24 include:_spf.%{d} redirect=%{d2}"), Owner: dnsname.MustParse("news.example.com")}
	m := Merge{Owner: dnsname.MustParse("example.com"), Existing: existing(t, "v=spf1 a -all"), Services: []Input{in}}
	got, err := m.Do()
	want := "v=spf1 a a:news.example.com mx:news.example.com/24 include:_spf.news.example.com include:example.com -all"
	if err != nil || got.Record.String() != want {
		t.Errorf("Do() = %q, %v, want %q", got.Record, err, want)
	}
	m.Owner = in.Owner
	want = "v=spf1 a mx/24 include:_spf.%{d} include:%{d2} -all"
	if got, err := m.Do(); err != nil || got.Record.String() != want {
		t.Errorf("Do() at the same name = %q, %v, want %q", got.Record, err, want)
	}
}

// TestMergeInputsStay shows that merging changes no input.
func TestMergeInputsStay(t *testing.T) {
	t.Parallel()
	tt := mergeTest{
		existing: "v=spf1 ip4:192.0.2.1 -a a exp=e.example ~all", services: []string{"b: -mx", "a: mx foo=bar"},
		mechanisms: []string{"ip4:192.0.2.0/24 redirect=r.example"}, remove: []string{"exp=e.example"},
	}
	m, same := tt.merge(t), tt.merge(t)
	if _, err := m.Do(); err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]any{
		"Existing": {same.Existing, m.Existing}, "Services": {same.Services, m.Services}, "Mechanisms": {same.Mechanisms, m.Mechanisms}, "Remove": {same.Remove, m.Remove},
	} {
		if d := spftest.Diff(pair[0], pair[1]); d != "" {
			t.Errorf("Do() changed %s (-before +after):\n%s", name, d)
		}
	}
}
