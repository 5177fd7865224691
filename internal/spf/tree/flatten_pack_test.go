package tree

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// Eleven senders of one network each are past the limit, and fit when they share records.
func TestElevenSmallSourcesFit(t *testing.T) {
	t.Parallel()
	dns := spftest.NewScript(t, repeat(11, "s%d.example TXT v=spf1 ip4:198.51.100.%[1]d -all\n"))
	root := repeat(11, "include:s%d.example ") + "-all"
	read := walkTree(t, dns, root)
	if _, err := read.Cost(Flattening{}); err == nil {
		t.Fatal("eleven includes are within the limit")
	}
	got, err := read.Flatten(Flattening{Names: []string{EverySource}})
	if err != nil {
		t.Fatal(err)
	}
	cost, err := got.Tree.Cost(Flattening{})
	if err != nil || cost.Lookups != 2 || len(got.Records) != 2 || got.Apex.String() != "v=spf1 include:_spf-flat.example.com include:_spf-flat-2.example.com -all" {
		t.Errorf("Flatten() = %q, which costs %d lookups, %v", flatLines(got), cost.Lookups, err)
	}
	if want := []string{"s0.example", "s1.example", "s10.example", "s2.example", "s3.example", "s4.example", "s5.example", "s6.example"}; !slices.Equal(got.Records[0].Sources, want) {
		t.Errorf("the first record holds %q, want %q", got.Records[0].Sources, want)
	}
}

// sources are the networks of sources by name.
type sources map[string][]string

// flatten returns the record that holds each source; it fails where one is in two.
func (s sources) flatten(t *testing.T, size int, shuffle *rand.Rand) (at map[string]string, slotsOf map[string]int) {
	t.Helper()
	var zone strings.Builder
	names := slices.Sorted(maps.Keys(s))
	for _, name := range names {
		fmt.Fprintf(&zone, "%s TXT v=spf1 %s -all\n", name, strings.Join(s[name], " "))
	}
	if shuffle != nil {
		shuffle.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	}
	read := walkTree(t, spftest.NewScript(t, zone.String()), "include:"+strings.Join(names, " include:")+" -all")
	how := Flattening{Names: []string{EverySource}, MaxSize: size}
	got, err := read.Flatten(how)
	if err != nil {
		t.Fatal(err)
	}
	at, slotsOf = make(map[string]string), make(map[string]int)
	slot := read.room(sharedLabel, how) / slots
	for _, r := range got.Records {
		if n := len(r.Record.String()); n > size {
			t.Errorf("%s has %d octets, more than %d", r.Owner, n, size)
		}
		shared := strings.HasPrefix(r.Owner.String(), flatPrefix+sharedLabel)
		for _, name := range r.Sources {
			if other, twice := at[name]; twice && shared {
				t.Errorf("%s is in %s and in %s", name, other, r.Owner)
			}
			at[name] = "its own"
			if shared {
				at[name] = r.Owner.String()
			}
			slotsOf[name] = (octets(spftest.MustParse(t, strings.Join(s[name], " ")).Directives) + slot - 1) / slot
		}
	}
	return at, slotsOf
}

// A source stays in its record whatever the order of the includes, while no source comes or goes before it by name, and
// none before it, nor itself, takes other slots.
func TestSharedRecordsAreStable(t *testing.T) {
	t.Parallel()
	compared, shared := 0, 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 12))
		network := func() string { return fmt.Sprintf("ip4:10.%d.%d.%d", r.IntN(256), r.IntN(256), 2*r.IntN(128)) }
		networks := func() (list []string) {
			for range 1 + r.IntN(1+r.IntN(12)) {
				list = append(list, network())
			}
			return list
		}
		world := make(sources)
		for i := range 1 + r.IntN(12) {
			world[fmt.Sprintf("s%02d.example", i)] = networks()
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			size := 300 + r.IntN(300)
			before, slotsBefore := world.flatten(t, size, nil)
			if again, _ := world.flatten(t, size, r); !maps.Equal(before, again) {
				t.Errorf("in another order the sources are at %v, before at %v", again, before)
			}
			changed := maps.Clone(world)
			touched := fmt.Sprintf("s%02d.example", r.IntN(len(world)))
			changed[touched] = networks()
			changed["t99.example"] = networks()
			after, slotsAfter := changed.flatten(t, size, r)
			for name, was := range before {
				if name > touched && slotsBefore[touched] != slotsAfter[touched] || name == touched {
					continue
				}
				compared++
				if was != "its own" {
					shared++
				}
				if after[name] != was {
					t.Errorf("%s was at %s and is at %s, when %s changed", name, was, after[name], touched)
				}
			}
		})
	}
	if compared < 500 || shared < 300 {
		t.Errorf("%d sources were compared, %d of them in shared records", compared, shared)
	}
}

// A source behind a term that refuses cannot stand in front of it, and keeps records of its own.
func TestSharedRecordsRefuse(t *testing.T) {
	t.Parallel()
	dns := spftest.NewScript(t, repeat(3, "s%d.example TXT v=spf1 ip4:198.51.100.%[1]d -all\n"))
	got, err := flattenAll(t, dns, "include:s0.example include:s1.example -ip4:198.51.100.2 include:s2.example -all", Flattening{Names: []string{EverySource}})
	want := []string{
		"example.com: v=spf1 include:_spf-flat.example.com -ip4:198.51.100.2 include:_spf-s2-example.example.com -all",
		"_spf-flat.example.com: v=spf1 ip4:198.51.100.0 ip4:198.51.100.1 -all",
		"_spf-s2-example.example.com: v=spf1 ip4:198.51.100.2 -all",
	}
	if d := spftest.Diff(want, flatLines(got)); err != nil || d != "" {
		t.Errorf("Flatten() (-want +got): %v\n%s", err, d)
	}
}

// Shared records of before give way to those that are made now.
func TestSharedRecordsOfBefore(t *testing.T) {
	t.Parallel()
	dns := spftest.NewScript(t, repeat(3, "s%d.example TXT v=spf1 ip4:198.51.100.%[1]d -all\n"))
	got, err := flattenAll(t, dns, "include:_spf-flat-2.example.com include:s1.example include:_spf-flat.example.com include:s2.example -all", Flattening{Names: []string{"s1.example"}})
	if want := "v=spf1 include:_spf-flat.example.com include:s2.example -all"; err != nil || got.Apex.String() != want {
		t.Errorf("Flatten() = %q, %v, want %q", got.Apex, err, want)
	}
	if label := sourceLabel(sharedLabel, false); label == sharedLabel {
		t.Errorf("a sender of the name %q has the label of shared records", sharedLabel)
	}
}
