package service

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// roll makes values of variables by chance.
type roll struct{ *rand.Rand }

func (r roll) word() string {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	word := []byte{letters[r.IntN(26)]}
	for range 4 + r.IntN(6) {
		word = append(word, (letters + "0123456789")[r.IntN(36)])
	}
	return string(word)
}

// of rolls a value of a kind.
func (r roll) of(kind VariableKind) string {
	switch kind {
	case KindDomain:
		return r.word() + "." + r.word() + ".example"
	case KindToken:
		return fmt.Sprint(1 + r.IntN(99)) // All of them are priorities, or may be.
	case KindText:
		return "token=" + r.word() + " " + r.word()
	case KindDKIM:
		return "v=DKIM1; k=rsa; p=MII" + strings.ToUpper(r.word()) + strings.Repeat("A", r.IntN(3)*4)
	case KindSPF:
		return "include:" + r.word() + ".example"
	}
	return r.word()
}

// values rolls some of the variables: those without a default always, the others at times.
func (r roll) values(t *Template) map[string]string {
	values := make(map[string]string)
	region := t.extra.regions.variable
	skipped := make(map[string]bool)
	for _, v := range t.variables.list {
		name := strings.ToLower(v.Name)
		optional := len(t.extra.defaultOf(name)) > 0 || t.extra.regions.rowsOf(name) != nil
		inField := slices.ContainsFunc(t.entries, func(e entry) bool { return slices.Contains(e.needs, name) })
		switch {
		case t.extra.regions.rowsOf(name) != nil && !inField:
			continue // Its values are those of the table: another makes the whole default one that nobody can tell.
		case name == region:
			if r.IntN(3) > 0 {
				values[v.Name] = t.extra.regions.names[r.IntN(len(t.extra.regions.names))]
			}
			continue
		case len(v.With) > 0 && optional: // All of a set or none.
			with := skipped[name] || !slices.ContainsFunc(v.With, func(o string) bool { return values[o] != "" }) && r.IntN(2) == 0
			if with {
				for _, other := range v.With {
					skipped[strings.ToLower(other)] = true
				}
				continue
			}
		case optional && r.IntN(2) == 0:
			continue
		}
		values[v.Name] = r.of(v.Kind)
	}
	return values
}

// choices are the groups to apply: the default ones, each alone, and two by chance.
func (r roll) choices(t *Template) [][]string {
	all := [][]string{t.asked(nil)}
	for _, group := range t.groups {
		all = append(all, []string{group})
	}
	if n := len(t.groups); n > 2 {
		i := r.IntN(n - 1)
		all = append(all, []string{t.groups[i], t.groups[i+1+r.IntN(n-1-i)]})
	}
	return all
}

// effective are the values that the variables of some groups have where a template is applied.
func effective(t *Template, u Use) map[string]string {
	s, err := newScope(t, u)
	if err != nil {
		return nil
	}
	values := make(map[string]string)
	for _, e := range t.selectEntries(u.Groups, 0) {
		for _, name := range e.needs {
			if _, ok := s.builtin(name); ok || !e.isLive() {
				continue
			}
			value := s.valueOf(name)
			if value == "" {
				value, _ = s.fallback(name)
			}
			values[name] = strings.ToLower(value)
		}
	}
	return values
}

func factSet(facts []Fact) []string {
	set := make(map[string]bool)
	for _, f := range facts {
		f = normal(f)
		set[fmt.Sprintf("%s %s %s", f.Owner, f.Type, f.Value)] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// Each built-in service that is applied with values by chance is found again, with values that make the same records.
// Values are the same but where they stand in each other's place.
func TestUnapplyIsInverse(t *testing.T) {
	t.Parallel()
	for i, id := range Builtins() {
		if testing.Short() && i%5 != 0 {
			continue
		}
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			template, err := Builtin(id)
			if err != nil {
				t.Fatal(err)
			}
			r, tried := roll{rand.New(rand.NewPCG(1, uint64(len(id))))}, 0
			for range 2 {
				for _, groups := range r.choices(template) {
					for _, place := range []struct{ domain, host string }{{"example.com", ""}, {"a-b.example.org", ""}, {"example.net", "news.eu"}} {
						if template.hostRequired && place.host == "" {
							continue
						}
						use := Use{Domain: dnsname.MustParse(place.domain), Host: place.host, Groups: groups, Variables: r.values(template)}
						if inverse(t, template, use) {
							tried++
						}
					}
				}
			}
			if tried < 4 {
				t.Errorf("only %d sets of values could be applied", tried)
			}
		})
	}
}

// inverse holds one use of a template against what is found of it, and reports whether it could be applied.
func inverse(t *testing.T, template *Template, use Use) bool {
	t.Helper()
	applied, err := template.Apply(use)
	if err != nil {
		if _, missing := errors.AsType[*VariableError](err); !missing {
			t.Errorf("Apply(%v): %v", use, err)
		}
		return false
	}
	live := applied.Shown()
	found := template.Unapply(use.Domain, use.Host, live, nil)
	again := Use{Domain: use.Domain, Host: use.Host, Variables: found.Variables, Groups: found.GroupIDs()}
	if again.Groups == nil {
		t.Errorf("Unapply(Apply(%v)) finds no group", use)
		return true
	}
	remade, err := template.Apply(again)
	if err != nil {
		t.Errorf("Apply(Unapply(Apply(%v))) = %v", use, err)
		return true
	}
	if diff := cmp.Diff(factSet(live), factSet(remade.Shown())); diff != "" {
		t.Errorf("Unapply(Apply(%v)) = %v, and makes other records (-want +got):\n%s", use, again, diff)
	}
	if asked := template.asked(use.Groups); !slices.Equal(found.GroupIDs(), asked) {
		if !isIndistinct(template, asked, found.GroupIDs()) {
			t.Errorf("Unapply(Apply(%v)) finds the groups %q, want %q", use, found.GroupIDs(), asked)
		}
		return true // Its variables are others.
	}
	want, got := effective(template, Use{Domain: use.Domain, Host: use.Host, Groups: again.Groups, Variables: use.Variables}), effective(template, again)
	if !slices.Equal(slices.Sorted(maps.Values(want)), slices.Sorted(maps.Values(got))) {
		t.Errorf("Unapply(Apply(%v)) finds the values %v, want %v", use, got, want)
	}
	for name, value := range want {
		swapped := slices.Contains(slices.Collect(maps.Values(got)), value) && slices.Contains(slices.Collect(maps.Values(want)), got[name])
		if got[name] != value && !swapped {
			t.Errorf("Unapply(Apply(%v)) finds %s = %q, want %q", use, name, got[name], value)
		}
	}
	for name, value := range found.Variables {
		_, given := use.Variables[name]
		if decided := template.extra.regions.rowsOf(name) != nil; !given && !decided && !strings.EqualFold(name, template.extra.regions.variable) && !isSwapped(value, use.Variables) {
			t.Errorf("Unapply(Apply(%v)) sets %s = %q, which has that value by default", use, name, value)
		}
	}
	return true
}

func isSwapped(value string, given map[string]string) bool {
	return slices.Contains(slices.Collect(maps.Values(given)), value)
}

// isIndistinct reports whether each group that was asked for and is not found has records that are those of one that
// is found and was not asked for: as many, of the same types. That they are the same records is held before.
func isIndistinct(template *Template, asked, found []string) bool {
	shape := func(groups, without []string) []string {
		var forms []string
		for i := range template.entries {
			e := &template.entries[i]
			if slices.Contains(groups, e.group) && !slices.Contains(without, e.group) {
				forms = append(forms, e.typ)
			}
		}
		slices.Sort(forms)
		return forms
	}
	return slices.Equal(shape(asked, found), shape(found, asked))
}

// Values are found in the fewest variables that a person would write.
func TestUnapplyValues(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		id         string
		live       []string // owner, type, value
		groups     []string
		want       map[string]string
		unresolved []string
	}{
		"an older tenant of Microsoft's": {
			"microsoft365",
			[]string{
				"example.com SPF include:spf.protection.outlook.com",
				"selector1._domainkey.example.com CNAME selector1-example-com._domainkey.acme.onmicrosoft.com",
				"selector2._domainkey.example.com CNAME selector2-example-com._domainkey.acme.onmicrosoft.com",
			},
			[]string{"spf", "dkim"},
			map[string]string{"tenant": "acme"},
			[]string{"cloud"},
		},
		"a newer tenant": {
			"microsoft365",
			[]string{
				"selector1._domainkey.example.com CNAME selector1-example-com._domainkey.acme.n-v1.dkim.mail.microsoft",
				"selector2._domainkey.example.com CNAME selector2-example-com._domainkey.acme.n-v1.dkim.mail.microsoft",
			},
			[]string{"dkim"},
			map[string]string{
				"selector1_target": "selector1-example-com._domainkey.acme.n-v1.dkim.mail.microsoft",
				"selector2_target": "selector2-example-com._domainkey.acme.n-v1.dkim.mail.microsoft",
			},
			nil,
		},
		"half of a group is none": {
			"microsoft365", []string{"selector1._domainkey.example.com CNAME selector1-example-com._domainkey.acme.onmicrosoft.com"}, nil, nil, nil,
		},
		"a region by its field": {
			"amazon_ses",
			[]string{
				"c._domainkey.example.com CNAME c.dkim.eu-south-1.amazonses.com", "a._domainkey.example.com CNAME a.dkim.eu-south-1.amazonses.com",
				"b._domainkey.example.com CNAME b.dkim.eu-south-1.amazonses.com",
			},
			[]string{"dkim"},
			map[string]string{"dkim_token_1": "a", "dkim_token_2": "b", "dkim_token_3": "c", "region": "eu-south-1"},
			nil,
		},
		"a region that several are like": {
			"amazon_ses",
			[]string{
				"c._domainkey.example.com CNAME c.dkim.amazonses.com", "a._domainkey.example.com CNAME a.dkim.amazonses.com",
				"b._domainkey.example.com CNAME b.dkim.amazonses.com",
			},
			[]string{"dkim"},
			map[string]string{"dkim_token_1": "a", "dkim_token_2": "b", "dkim_token_3": "c", "dkim_domain": "dkim.amazonses.com"},
			[]string{"region"},
		},
		"one value in two records": {
			"sendgrid",
			[]string{
				"em7.example.com CNAME u1.wl2.sendgrid.net", "other.example.com CNAME u9.wl2.sendgrid.net",
				"s1._domainkey.example.com CNAME s1.domainkey.u1.wl2.sendgrid.net", "s2._domainkey.example.com CNAME s2.domainkey.u1.wl2.sendgrid.net",
			},
			[]string{"return_path", "dkim"},
			map[string]string{"return_path": "em7", "sendgrid_host": "u1.wl2.sendgrid.net"},
			nil,
		},
		"another qualifier is another term":  {"google_workspace", []string{"example.com SPF ?include:_spf.google.com"}, nil, nil, nil},
		"another priority is another record": {"google_workspace", []string{"example.com MX 10 smtp.google.com"}, nil, nil, nil},
		"the service's own zone":             {"catglobe", []string{"catglobe.com SPF include:spf.catglobe.com"}, nil, nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template, err := Builtin(tt.id)
			if err != nil {
				t.Fatal(err)
			}
			domain := dnsname.MustParse("example.com")
			var live []Fact
			for _, line := range tt.live {
				part := strings.SplitN(line, " ", 3)
				live = append(live, Fact{Owner: dnsname.MustParse(part[0]), Type: record.Type(part[1]), Value: part[2]})
				if part[0] == "catglobe.com" {
					domain = live[0].Owner
				}
			}
			found := template.Unapply(domain, "", live, nil)
			var unresolved []string
			for _, u := range found.Unresolved {
				unresolved = append(unresolved, u.Variable)
			}
			if diff := cmp.Diff([]any{tt.groups, tt.want, tt.unresolved}, []any{found.GroupIDs(), found.Variables, unresolved}); diff != "" {
				t.Errorf("Unapply(%q) (-want +got):\n%s", tt.live, diff)
			}
		})
	}
}
