package tree

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/check"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// FuzzFlatten flattens static trees: every address gets the same verdict before and after.
func FuzzFlatten(f *testing.F) {
	f.Add([]byte{0}, uint16(0), byte(0))
	f.Add([]byte{3, 0, 0, 1, 0, 3, 0, 1, 0, 2, 2, 2, 1, 4, 2, 4, 3, 0, 1, 0, 0, 0, 1, 1, 1, 2, 3, 1, 2}, uint16(70), byte(1))
	r := rand.New(rand.NewPCG(0, 0))
	for range 20 {
		data := make([]byte, 120)
		for i := range data {
			data[i] = byte(r.IntN(256))
		}
		f.Add(data, uint16(r.IntN(300)), byte(r.IntN(256)))
	}
	f.Fuzz(func(t *testing.T, data []byte, size uint16, options byte) {
		if len(data) > 1000 {
			return
		}
		checkFlatten(t, data, int(size), options)
	})
}

// checkFlatten flattens a tree made of the data, and reports whether it was static.
func checkFlatten(t *testing.T, data []byte, size int, options byte) bool {
	t.Helper()
	choose := func(n int) int {
		if len(data) == 0 {
			return 0
		}
		c := int(data[0]) % n
		data = data[1:]
		return c
	}
	before := spftest.NewScript(t, spftest.RandomRecords{Choose: choose, Static: options&1 == 0, Loops: options&6 == 6}.Zone())
	root := before.Records[spftest.Ask(spftest.Owner, spf.TypeTXT)][0]
	how := Flattening{Names: []string{EverySource}}
	if size >= MinFlatSize {
		how.MaxSize = size
	}
	if options&8 != 0 {
		how.Senders = []Sender{sender(t, "s", "include:n1.example include:n3.example", false), sender(t, "t", "include:n2.example", options&16 != 0)}
	}
	got, err := flattenAll(t, before, root, how)
	if err != nil {
		var flatten *FlattenError
		if !errors.As(err, &flatten) || err.Error() == "" {
			t.Errorf("Flatten(%q) = %v, want a *FlattenError", root, err)
		}
		return false
	}
	most := how.MaxSize
	if most == 0 {
		most = DefaultFlatSize
	}
	for _, r := range got.Records {
		if n := len(r.Record.String()); n > most {
			t.Errorf("%s has %d octets, more than %d", r.Owner, n, most)
		}
		spftest.CheckRoundTrip(t, r.Record.String(), r.Record, spf.Parse)
	}
	after := published(before, got)
	checker := func(r spf.Resolver) check.Checker { return check.Checker{Resolver: r, MaxVoids: -1} }
	fits := got.Tree.cost().Lookups <= spf.MaxLookups
	for _, client := range borders(walkTree(t, before, root)) {
		q := check.Query{IP: client, Sender: "user@" + spftest.Owner, HELO: "client.example.net"}
		want, err1 := checker(before).Check(t.Context(), q)
		have, err2 := checker(after).Check(t.Context(), q)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if want.Result == check.PermError || have.Result == check.PermError && !fits {
			continue // too many lookups
		}
		if have.Result != want.Result {
			t.Errorf("%v: %s before, %s after\n%v\n%v\n%q", client, want.Result, have.Result, want, have, flatLines(got))
		}
	}
	return true
}

// TestFlattenRandom makes sure that the trees of [FuzzFlatten] are flattened.
func TestFlattenRandom(t *testing.T) {
	t.Parallel()
	flattened := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 4))
		data := make([]byte, 150)
		for i := range data {
			data[i] = byte(r.IntN(256))
		}
		if checkFlatten(t, data, r.IntN(300), byte(r.IntN(256))) {
			flattened++
		}
	}
	if flattened < 100 {
		t.Errorf("%d of 300 trees were static", flattened)
	}
}
