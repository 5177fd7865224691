package tree

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// flatLines returns the records as "owner: text".
func flatLines(f Flattened) []string {
	lines := []string{spftest.Owner + ": " + f.Apex.String()}
	for _, r := range f.Records {
		lines = append(lines, r.Owner.String()+": "+r.Record.String())
	}
	return lines
}

// flattenAll flattens a record, and checks that its tree reads as the tree of the published records does.
func flattenAll(t testing.TB, dns *spftest.Script, root string, f Flattening) (Flattened, error) {
	t.Helper()
	tree := walkTree(t, dns, root)
	got, err := tree.Flatten(f)
	if err != nil {
		return got, err
	}
	again := walkTree(t, published(dns, got), got.Apex.String())
	if d := spftest.Diff(again.cost(), got.Tree.cost()); d != "" || again.String() != got.Tree.String() {
		t.Errorf("the tree of the flattened record is\n%s\nand that of the published one\n%s", got.Tree, again)
	}
	return got, nil
}

// published is DNS with the flattened records in it.
func published(dns *spftest.Script, f Flattened) *spftest.Script {
	after := &spftest.Script{Records: maps.Clone(dns.Records), Failing: dns.Failing}
	after.Records[spftest.Ask(spftest.Owner, spf.TypeTXT)] = []string{f.Apex.String()}
	for _, r := range f.Records {
		after.Records[spftest.Ask(r.Owner.String(), spf.TypeTXT)] = []string{r.Record.String()}
	}
	return after
}

func TestFlatten(t *testing.T) {
	t.Parallel()
	const dns = `
		acme.example TXT v=spf1 ip4:192.0.2.0/25 include:b.acme.example a mx -all
		acme.example A 192.0.2.200
		acme.example AAAA 2001:db8::200
		acme.example MX mx.acme.example
		mx.acme.example A 192.0.2.201
		b.acme.example TXT v=spf1 ip4:192.0.2.128/26 ip6:2001:db8:1::/48 ~all
		dead.example TXT v=spf1 ip4:198.51.100.1 -all exists:%{i}.dead.example ip4:203.0.113.1 redirect=x.example
		last.example TXT v=spf1 ip4:198.51.100.1 ip4:203.0.113.1
		redirect.example TXT v=spf1 ip4:198.51.100.1 redirect=last.example
		nothing.example TXT v=spf1 a:void.example -all
		hosts.example TXT v=spf1 a:mx.acme.example/24 a:acme.example//64 -all
		odd.example TXT v=spf1 a -all
		odd.example A 2001:db8::9
		odd.example A nonsense
		odd.example A 198.51.100.7
		odd.example AAAA 198.51.100.8
		x-y.example TXT v=spf1 ip4:198.51.100.2 -all
		_spf.example.com TXT v=spf1 ip4:198.51.100.3 -all`
	acme := sender(t, "acme", "include:acme.example ip4:203.0.113.9", false)
	tests := []struct {
		name, root string
		f          Flattening
		want       []string
	}{
		{"a record of its own, written before", "include:acme.example -ip4:192.0.2.9 include:_spf-flat.example.com include:b.acme.example -all", Flattening{Names: []string{"acme.example"}}, []string{
			"example.com: v=spf1 include:_spf-flat.example.com -ip4:192.0.2.9 include:b.acme.example -all",
			"_spf-flat.example.com: v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/26 ip4:192.0.2.200/31 ip6:2001:db8::200 ip6:2001:db8:1::/48 -all",
		}},
		{"a record of its own, in front", "-ip4:192.0.2.9 include:_spf-flat.example.com -ip4:192.0.2.8 include:acme.example -all", Flattening{Names: []string{"acme.example"}}, []string{
			"example.com: v=spf1 -ip4:192.0.2.9 include:_spf-flat.example.com -ip4:192.0.2.8 -all",
			"_spf-flat.example.com: v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/26 ip4:192.0.2.200/31 ip6:2001:db8::200 ip6:2001:db8:1::/48 -all",
		}},
		{"nothing named", "include:acme.example -all", Flattening{}, []string{"example.com: v=spf1 include:acme.example -all"}},
		{"hosts belong to the record that has them", "a include:acme.example mx ~all", Flattening{Names: []string{"acme.example"}}, []string{
			"example.com: v=spf1 a include:_spf-flat.example.com mx ~all",
			"_spf-flat.example.com: v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/26 ip4:192.0.2.200/31 ip6:2001:db8::200 ip6:2001:db8:1::/48 -all",
		}},
		{"by the name of the sender", "include:acme.example -all", Flattening{Names: []string{"acme"}, Senders: []Sender{acme}}, []string{
			"example.com: v=spf1 include:_spf-flat.example.com -all",
			"_spf-flat.example.com: v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/26 ip4:192.0.2.200/31 ip6:2001:db8::200 ip6:2001:db8:1::/48 -all",
		}},
		{"by the domain, of a sender", "include:dead.example include:acme.example -all", Flattening{Names: []string{"ACME.example.", "dead.example"}, Senders: []Sender{acme}}, []string{
			"example.com: v=spf1 include:_spf-flat.example.com -all",
			"_spf-flat.example.com: v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/26 ip4:192.0.2.200/31 ip6:2001:db8::200 ip6:2001:db8:1::/48 ip4:198.51.100.1 -all",
		}},
		{"the last term is no all", "include:last.example -all", Flattening{Names: []string{"*"}}, []string{
			"example.com: v=spf1 include:_spf-flat.example.com -all",
			"_spf-flat.example.com: v=spf1 ip4:198.51.100.1 ip4:203.0.113.1 -all",
		}},
		{"an inner redirect", "include:redirect.example redirect=last.example exp=e.example", Flattening{Names: []string{"*"}}, []string{
			"example.com: v=spf1 include:_spf-flat.example.com redirect=last.example exp=e.example",
			"_spf-flat.example.com: v=spf1 ip4:198.51.100.1 ip4:203.0.113.1 -all",
		}},
		{"nothing passes", "include:nothing.example -all", Flattening{Names: []string{"*"}}, []string{
			"example.com: v=spf1 include:_spf-flat.example.com -all",
			"_spf-flat.example.com: v=spf1 -all",
		}},
		{"networks of hosts", "include:hosts.example -all", Flattening{Names: []string{"*"}}, []string{
			"example.com: v=spf1 include:_spf-flat.example.com -all",
			"_spf-flat.example.com: v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/64 -all",
		}},
		{"addresses of the other family", "include:odd.example -all", Flattening{Names: []string{"*"}}, []string{
			"example.com: v=spf1 include:_spf-flat.example.com -all",
			"_spf-flat.example.com: v=spf1 ip4:198.51.100.7 -all",
		}},
		{"hyphens and the macro d", "include:x-y.example include:_spf.%{d} -all", Flattening{Names: []string{"*"}}, []string{
			"example.com: v=spf1 include:_spf-flat.example.com -all",
			"_spf-flat.example.com: v=spf1 ip4:198.51.100.3 ip4:198.51.100.2 -all",
		}},
		{
			"several includes of a sender", "include:last.example ip4:192.0.2.1 include:dead.example include:acme.example -all",
			Flattening{Names: []string{"two"}, Senders: []Sender{acme, sender(t, "two", "include:dead.example include:last.example include:gone.example", false)}},
			[]string{
				"example.com: v=spf1 include:_spf-flat.example.com ip4:192.0.2.1 include:acme.example -all",
				"_spf-flat.example.com: v=spf1 ip4:198.51.100.1 ip4:203.0.113.1 -all",
			},
		},
		{
			"the records of before", "include:_spf-acme-2.example.com include:last.example include:acme.example include:_spf-acme.example.com include:_spf-acme-11.example.com -all",
			Flattening{Names: []string{"acme"}, Senders: []Sender{acme}, MaxSize: 100},
			[]string{
				"example.com: v=spf1 include:_spf-acme.example.com include:_spf-acme-2.example.com include:last.example include:_spf-acme-11.example.com -all",
				"_spf-acme.example.com: v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/26 ip4:192.0.2.200/31 -all",
				"_spf-acme-2.example.com: v=spf1 ip6:2001:db8::200 ip6:2001:db8:1::/48 -all",
			},
		},
		{"what is adopted stays", "include:last.example include:dead.example -all", Flattening{Names: []string{"*"}, Adopted: []string{"include:last.example"}}, []string{
			"example.com: v=spf1 include:last.example include:_spf-flat.example.com -all",
			"_spf-flat.example.com: v=spf1 ip4:198.51.100.1 -all",
		}},
		{"refused terms stay in front", "-ip4:198.51.100.1 include:last.example -all", Flattening{Names: []string{"*"}}, []string{
			"example.com: v=spf1 -ip4:198.51.100.1 include:_spf-flat.example.com -all",
			"_spf-flat.example.com: v=spf1 ip4:198.51.100.1 ip4:203.0.113.1 -all",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := flattenAll(t, spftest.NewScript(t, dns), tt.root, tt.f)
			if err != nil {
				t.Fatalf("Flatten(%q) = %v", tt.root, err)
			}
			if d := spftest.Diff(tt.want, flatLines(got)); d != "" {
				t.Errorf("Flatten(%q) (-want +got):\n%s", tt.root, d)
			}
		})
	}
}

func TestFlattenSources(t *testing.T) {
	t.Parallel()
	dns := "a.example TXT v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.111 ip6:2001:db8::/32 -all\nb.example TXT v=spf1 ip4:198.51.100.111 -all\nc.example TXT v=spf1 ip6:2001:db8::1 -all"
	got, err := flattenAll(t, spftest.NewScript(t, dns), "include:a.example include:b.example include:c.example -all", Flattening{
		Names: []string{"*"}, MaxSize: 64, Senders: []Sender{sender(t, "s", "include:a.example include:c.example", false)},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"s [a.example c.example] 2 3 257 79228162514264337593543950336", "b.example [b.example] 1 1 1 0"}
	var lines []string
	for _, s := range got.Sources {
		lines = append(lines, fmt.Sprintf("%s %v %d %d %d %v", s.Name, s.Includes, s.Records, s.CIDRs, s.Addresses4, s.Addresses6))
	}
	if d := spftest.Diff(want, lines); d != "" {
		t.Errorf("Flatten() (-want +got):\n%s", d)
	}
	if lookups := got.Tree.cost().Lookups; lookups != 3 {
		t.Errorf("the flattened record costs %d lookups", lookups)
	}
	if got.Sources[0].Addresses6.Cmp(new(big.Int).Lsh(big.NewInt(1), 96)) != 0 {
		t.Errorf("%v IPv6 addresses, want 2^96", got.Sources[0].Addresses6)
	}
}

func TestFlattenErrors(t *testing.T) {
	t.Parallel()
	const dns = `
		ok.example TXT v=spf1 ip4:192.0.2.1 -all
		exists.example TXT v=spf1 include:inner.example exists:%{i}.exists.example -all
		inner.example TXT v=spf1 ptr -all
		macro.example TXT v=spf1 a:%{h} -all
		sub.example TXT v=spf1 redirect=%{o}._spf.sub.example
		minus.example TXT v=spf1 include:refuses.example -all
		refuses.example TXT v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.1 -all
		neutral.example TXT v=spf1 ?include:ok.example -all
		every.example TXT v=spf1 ip4:192.0.2.1 +all
		broken.example TXT v=spf1 include:nowhere.example -all
		loop.example TXT v=spf1 include:loop2.example -all
		loop2.example TXT v=spf1 include:loop.example -all
		fails.example TXT v=spf1 a:host.example -all
		host.example AAAA !
		silent.example TXT !
		two.example TXT v=spf1
		two.example TXT v=spf1`
	many := repeat(11, "many.example MX m%d.example\n") + "mx.example TXT v=spf1 mx:many.example -all\n"
	large := "large.example TXT v=spf1" + repeat(250, " ip4:10.0.%d.1") + " -all\n"
	tests := []struct {
		name, root string
		f          Flattening
		class      error
		text       []string // all errors, each a part of its text
	}{
		{"unknown", "include:ok.example a -all", Flattening{Names: []string{"acme", "a"}}, ErrUnknownSource, []string{
			`the source "acme": there is no such source: a source has the name of a service, or the domain of an include of the record: it must be one of "*", "ok.example"`, `the source "a": there is no such source`,
		}},
		{"a redirect", "redirect=ok.example", Flattening{Names: []string{"ok.example"}}, ErrUnknownSource, []string{`the source "ok.example"`}},
		{"qualifier", "?include:ok.example -all", Flattening{Names: []string{"*"}}, ErrNotStatic, []string{
			`the source "ok.example": ?include:ok.example: it lets no fixed set of addresses pass: it gives the result "neutral", and only includes that let senders pass can be flattened`,
		}},
		{"never", "include:ok.example -all", Flattening{Names: []string{"*"}, Senders: []Sender{sender(t, "b", "include:ok.example", true), sender(t, "a", "include:ok.example", false)}}, ErrNeverFlatten, []string{
			`the source "a": include:ok.example: its sender asks for it to stay as it is: `,
		}},
		{"adopted", "include:ok.example -all", Flattening{Names: []string{"ok.example"}, Adopted: []string{"include:ok.example"}}, ErrUnknownSource, []string{"write it as a term of your own first"}},
		{"exists and ptr", "include:exists.example -all", Flattening{Names: []string{"*"}}, ErrNotStatic, []string{
			`the source "exists.example": include:exists.example → include:inner.example → ptr: it lets no fixed set of addresses pass: the senders that it lets pass depend on the client or the sender`,
		}},
		{"macro", "include:macro.example include:%{i}.example -all", Flattening{Names: []string{"*"}}, ErrNotStatic, []string{
			"include:macro.example → a:%{h}: ", `the source "%{i}.example": include:%{i}.example: `,
		}},
		{"macro in a redirect", "include:sub.example -all", Flattening{Names: []string{"*"}}, ErrNotStatic, []string{"include:sub.example → redirect=%{o}._spf.sub.example: "}},
		{"inner terms that do not pass", "include:minus.example include:neutral.example -all", Flattening{Names: []string{"*"}}, ErrNotStatic, []string{
			`include:minus.example → include:refuses.example → -ip4:192.0.2.1: it lets no fixed set of addresses pass: it gives senders the result "fail"`, `→ ?include:ok.example: `,
		}},
		{"everything passes", "include:every.example -all", Flattening{Names: []string{"*"}}, ErrNotStatic, []string{"include:every.example → all: it lets no fixed set of addresses pass: it lets every host on the internet pass"}},
		{"receivers stop", "include:broken.example include:two.example include:mx.example -all", Flattening{Names: []string{"*"}}, ErrBroken, []string{
			"include:broken.example → include:nowhere.example: receivers stop there with an error (permerror): no SPF record", "several SPF records", "include:mx.example → mx:many.example: ",
		}},
		{"loop", "include:loop.example -all", Flattening{Names: []string{"*"}}, ErrBroken, []string{"include:loop.example: receivers stop there with an error (permerror): it leads to a record that includes itself"}},
		{"no answer", "include:fails.example include:silent.example -all", Flattening{Names: []string{"*"}}, ErrUnread, []string{
			"include:fails.example → a:host.example: DNS could not be read in full: DNS did not answer: run Terraform again", "include:silent.example: ",
		}},
		{"too deep", "include:n0.example -all", Flattening{Names: []string{"*"}}, ErrUnread, []string{
			"→ include:n10.example: DNS could not be read in full: include:n10.example was not read: it lies beyond 300 questions, 10 includes on the way or 256 KiB of records",
		}},
		{"order", "include:ok.example -ip4:192.0.2.9 include:every.example -all", Flattening{Names: []string{"s"}, Senders: []Sender{sender(t, "s", "include:ok.example include:every.example", false)}}, ErrNotStatic, []string{
			`the source "s": -ip4:192.0.2.9: it lets no fixed set of addresses pass: this term is between`,
		}},
		{"too many records", "include:large.example -all", Flattening{Names: []string{"*"}, MaxSize: 100}, ErrFlatSize, []string{`the source "large.example": the size of the records: its 250 networks make 47 records of at most 100 octets, and a record may have 10 lookups`}},
		{"max_size", "include:ok.example -all", Flattening{MaxSize: 63}, ErrFlatSize, []string{"the size of the records: 63 octets; it must be from 64 to 64770"}},
		{"max_size", "include:ok.example -all", Flattening{MaxSize: spf.MaxLength + 1}, ErrFlatSize, []string{"64771 octets"}},
		{"negative max_size", "include:ok.example -all", Flattening{MaxSize: -1}, ErrFlatSize, []string{"-1 octets"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := walkTree(t, spftest.NewScript(t, dns+"\n"+many+large+chain(12)), tt.root).Flatten(tt.f)
			errs := []error{err}
			if joined, ok := err.(interface{ Unwrap() []error }); ok {
				errs = joined.Unwrap()
			}
			if len(errs) != len(tt.text) {
				t.Fatalf("Flatten(%q) = %v, want %d errors", tt.root, err, len(tt.text))
			}
			for i, err := range errs {
				var flatten *FlattenError
				if !errors.As(err, &flatten) || !errors.Is(err, tt.class) || !strings.Contains(err.Error(), tt.text[i]) {
					t.Errorf("Flatten(%q) = %v, want a *FlattenError: %v: %s", tt.root, err, tt.class, tt.text[i])
				}
			}
		})
	}
}

func TestFlattenLongOwner(t *testing.T) {
	t.Parallel()
	long := dnsname.MustParse(strings.Repeat(strings.Repeat("x", 60)+".", 4) + "example")
	tree, err := Walk(t.Context(), spftest.NewScript(t, "ok.example TXT v=spf1 ip4:192.0.2.1 -all"), spftest.MustParse(t, "include:ok.example"), long)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Flatten(Flattening{Names: []string{"*"}}); !errors.Is(err, ErrFlatSize) || !strings.Contains(err.Error(), "no valid name") {
		t.Errorf("Flatten() = %v, want ErrFlatSize", err)
	}
}

// TestFlattenOrder has DNS answer the same in other orders.
func TestFlattenOrder(t *testing.T) {
	t.Parallel()
	zone := "a.example TXT v=spf1 include:b.example a mx a:c.example -all\nb.example TXT v=spf1 ip4:203.0.113.0/25 ip4:203.0.113.128/25 -all\n" +
		repeat(9, "a.example A 192.0.2.%d7\n") + repeat(9, "a.example AAAA 2001:db8::%d7\n") + repeat(9, "a.example MX m%d.example\n") + repeat(9, "m%[1]d.example A 198.51.100.%[1]d7\n")
	f := Flattening{Names: []string{"*"}, MaxSize: 200}
	want, err := flattenAll(t, spftest.NewScript(t, zone), "include:a.example -all", f)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(20) {
		dns := spftest.NewScript(t, zone)
		r := rand.New(rand.NewPCG(seed, 0))
		for _, values := range dns.Records {
			r.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		}
		got, err := flattenAll(t, dns, "include:a.example -all", f)
		if err != nil || spftest.Diff(flatLines(want), flatLines(got)) != "" {
			t.Errorf("seed %d: Flatten() = %q, %v, want %q", seed, flatLines(got), err, flatLines(want))
		}
	}
}

// sender is one that brings the terms.
func sender(t testing.TB, name, terms string, never bool) Sender {
	t.Helper()
	s := Sender{Name: name, NeverFlatten: never}
	for _, term := range spftest.MustParse(t, terms).Directives {
		if term.Mechanism == spf.MechInclude {
			s.Includes = append(s.Includes, term.Domain)
		}
	}
	return s
}
