package problem_test

import (
	"slices"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
)

func TestUnknown(t *testing.T) {
	t.Parallel()
	keys, mx := problem.Attribute("keys"), problem.Attribute("mx")
	u := problem.UnknownAt(keys.Key("b").Attribute("record"), keys.Key("a"), mx.At(1), problem.Attribute("ttl"))
	tests := map[string]struct {
		of         problem.Unknown
		any, whole bool
	}{
		"all":                       {u, true, false},
		"a map with unknown parts":  {u.Attribute("keys"), true, false},
		"an unknown element":        {u.Attribute("keys").Key("a"), true, true},
		"below an unknown element":  {u.Attribute("keys").Key("a").Attribute("record"), true, true},
		"an unknown attribute":      {u.Attribute("keys").Key("b").Attribute("record"), true, true},
		"a known attribute":         {u.Attribute("keys").Key("b").Attribute("cname"), false, false},
		"a known element":           {u.Attribute("keys").Key("c"), false, false},
		"an element of a list":      {u.Attribute("mx").At(1), true, true},
		"a known element of a list": {u.Attribute("mx").At(0), false, false},
		"a key is no attribute":     {u.Key("ttl"), false, false},
		"nothing":                   {problem.Unknown{}, false, false},
		"below nothing":             {problem.Unknown{}.Attribute("mx").At(0), false, false},
		"everything":                {problem.UnknownAt(nil), true, true},
		"below everything":          {problem.UnknownAt(nil).Key("a"), true, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.of.Any() != tt.any || tt.of.Whole() != tt.whole {
				t.Errorf("Any, Whole = %t, %t, want %t, %t", tt.of.Any(), tt.of.Whole(), tt.any, tt.whole)
			}
		})
	}
	if got, want := u.Attribute("keys").Keys(), []string{"a", "b"}; !slices.Equal(got, want) {
		t.Errorf("Keys = %q, want %q", got, want)
	}
}

// A part that is put into a set is no longer bound to the set that it comes from.
func TestUnknownPut(t *testing.T) {
	t.Parallel()
	part := problem.UnknownAt(problem.Attribute("policy"))
	var u problem.Unknown
	u.Put(problem.Attribute("dmarc"), part)
	part.Add(problem.Attribute("psd"))
	if dmarc := u.Attribute("dmarc"); !dmarc.Attribute("policy").Whole() || dmarc.Attribute("psd").Any() {
		t.Errorf("dmarc = %v, want policy alone", dmarc)
	}
	u.Put(nil, part)
	if !u.Attribute("psd").Any() || !u.Attribute("dmarc").Any() {
		t.Errorf("Put(nil, %v) = %v, want both", part, u)
	}
	u.Add(problem.Attribute("dmarc"))
	u.Add(problem.Attribute("dmarc").Attribute("policy"))
	if dmarc := u.Attribute("dmarc"); !dmarc.Whole() {
		t.Errorf("dmarc = %v, want the whole", dmarc)
	}
	u.Put(problem.Attribute("mx"), problem.Unknown{})
	if u.Attribute("mx").Any() {
		t.Error("nothing was added, and counts")
	}
}

func TestUnknownSettled(t *testing.T) {
	t.Parallel()
	at := func(p problem.Path) *problem.Problem { return &problem.Problem{Path: p, Summary: "s"} }
	mx := problem.Attribute("mx")
	problems := problem.Problems{at(nil), at(mx), at(mx.At(0)), at(mx.At(1)), at(problem.Attribute("ttl"))}
	tests := map[string]struct {
		unknown problem.Unknown
		want    []string
	}{
		"all known":  {problem.Unknown{}, []string{"", "mx", "mx[0]", "mx[1]", "ttl"}},
		"an element": {problem.UnknownAt(mx.At(1)), []string{"mx[0]", "ttl"}},
		"a list":     {problem.UnknownAt(mx), []string{"ttl"}},
		"another":    {problem.UnknownAt(problem.Attribute("all")), []string{"mx", "mx[0]", "mx[1]", "ttl"}},
		"everything": {problem.UnknownAt(nil), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range tt.unknown.Settled(problems) {
				got = append(got, p.Path.String())
			}
			if !slices.Equal(got, tt.want) || len(problems) != 5 {
				t.Errorf("Settled = %q, want %q", got, tt.want)
			}
		})
	}
}
