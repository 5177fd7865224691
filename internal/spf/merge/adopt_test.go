package merge

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"
)

func TestReadLive(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		txts   []string
		record string // "": none
		extra  []string
		err    error
	}{
		{name: "nothing"},
		{name: "others alone", txts: []string{"verify=2", "spf2.0/pra -all", "verify=1", "verify=2"}, extra: []string{"spf2.0/pra -all", "verify=1", "verify=2"}},
		{name: "a record", txts: []string{"x", "V=SPF1 +MX ~ALL"}, record: "v=spf1 mx ~all", extra: []string{"x"}},
		{name: "an empty record", txts: []string{"v=spf1"}, record: "v=spf1"},
		{name: "seen twice", txts: []string{"v=spf1 mx -all", "v=spf1 mx -all"}, record: "v=spf1 mx -all"},
		{name: "two records", txts: []string{"v=spf1 a -all", "v=spf1 mx -all"}, err: ErrSeveralRecords},
		{name: "an invalid record", txts: []string{"v=spf1 ip4:192.0.2.300 -all"}, err: &spf.SyntaxError{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ReadLive(tt.txts)
			if tt.err != nil {
				var merge *Error
				var syntax *spf.SyntaxError
				if !errors.As(err, &merge) || merge.Source != (Source{Kind: Existing}) || !errors.Is(err, tt.err) && !errors.As(err, &syntax) {
					t.Errorf("ReadLive(%q) = %v, want a *Error that wraps %T", tt.txts, err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatalf("ReadLive(%q) = %v", tt.txts, err)
			}
			record := ""
			if got.Record != nil {
				record = got.Record.String()
			}
			if record != tt.record || spftest.Diff(tt.extra, got.Extra) != "" {
				t.Errorf("ReadLive(%q) = %q, %q, want %q, %q", tt.txts, record, got.Extra, tt.record, tt.extra)
			}
		})
	}
	_, err := ReadLive([]string{"v=spf1 a -all", "v=spf1 \x1b[31m -all"})
	want := `existing: several SPF records: one is "v=spf1 \x1b[31m -all", another "v=spf1 a -all", and receivers stop with an error (permerror) where there is more than one (RFC 7208 §4.5); delete all but the right one`
	if err == nil || err.Error() != want {
		t.Errorf("ReadLive() = %v, want %s", err, want)
	}
}

func TestAdopt(t *testing.T) {
	t.Parallel()
	acme := service(t, "acme", "include:acme.example")
	news := service(t, "news", "include:news.example include:news2.example ip4:192.0.2.0/24")
	tests := []struct {
		name    string
		live    string // "": none
		m       Merge
		f       tree.Flattening
		want    string
		adopted []string
		warning string // a part of the first one
	}{
		{name: "no live record", m: Merge{Services: []Input{acme}}, want: "v=spf1 include:acme.example -all"},
		{name: "all is asked for", live: "v=spf1 include:acme.example -all", m: Merge{Services: []Input{acme}}, want: "v=spf1 include:acme.example -all"},
		{
			name: "live terms come first, and stay", live: "v=spf1 mx ip4:198.51.100.1 include:acme.example -all", m: Merge{Services: []Input{acme}, Mechanisms: mechanisms(t, "a")},
			want: "v=spf1 mx ip4:198.51.100.1 include:acme.example a -all", adopted: []string{"mx", "ip4:198.51.100.1"},
		},
		{
			name: "a service that was removed", live: "v=spf1 include:acme.example include:gone.example -all", m: Merge{Services: []Input{acme}},
			want: "v=spf1 include:acme.example include:gone.example -all", adopted: []string{"include:gone.example"},
		},
		{
			name: "until it is removed", live: "v=spf1 include:acme.example include:gone.example -all", m: Merge{Services: []Input{acme}, Remove: removals(t, "include:gone.example")},
			want: "v=spf1 include:acme.example -all",
		},
		{name: "the same by another name", live: "v=spf1 a:example.com mx:%{d} -all", m: Merge{Mechanisms: mechanisms(t, "a mx")}, want: "v=spf1 a:example.com mx:%{d} -all"},
		{
			name: "a network that is covered", live: "v=spf1 ip4:192.0.2.1 ip4:198.51.100.0/24 -all", m: Merge{Services: []Input{news}, Mechanisms: mechanisms(t, "ip4:198.51.100.1")},
			want: "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 include:news.example include:news2.example -all", adopted: []string{"ip4:198.51.100.0/24"},
		},
		{
			name: "a term that refuses", live: "v=spf1 -ip4:192.0.2.1 include:acme.example -all", m: Merge{Services: []Input{acme}},
			want: "v=spf1 -ip4:192.0.2.1 include:acme.example -all", adopted: []string{"-ip4:192.0.2.1"},
		},
		{
			name: "a network that refuses within one that passes", live: "v=spf1 -ip4:192.0.2.1 -all", m: Merge{Mechanisms: mechanisms(t, "ip4:192.0.2.0/24")},
			want: "v=spf1 -ip4:192.0.2.1 ip4:192.0.2.0/24 -all", adopted: []string{"-ip4:192.0.2.1"},
		},
		{name: "modifiers", live: "v=spf1 mx exp=e.example -all", m: Merge{Mechanisms: mechanisms(t, "mx x=y")}, want: "v=spf1 mx -all exp=e.example x=y", adopted: []string{"exp=e.example"}},
		{name: "a redirect that stays", live: "v=spf1 redirect=r.example", want: "v=spf1 redirect=r.example", adopted: []string{"redirect=r.example"}},
		{
			name: "a redirect that becomes an include", live: "v=spf1 redirect=r.example", m: Merge{Services: []Input{acme}},
			want: "v=spf1 include:r.example include:acme.example -all", adopted: []string{"include:r.example"}, warning: "redirect=r.example",
		},
		{
			name: "a redirect that was asked for, and became an include", live: "v=spf1 include:_spf-r-example.example.com mx -all", m: Merge{Mechanisms: mechanisms(t, "redirect=r.example")},
			want: "v=spf1 include:r.example mx -all", adopted: []string{"mx"},
		},
		{name: "its ending is kept", live: "v=spf1 mx ~all", m: Merge{Options: Options{All: AllKeep}}, want: "v=spf1 mx ~all", adopted: []string{"mx"}},
		{
			name: "flattened records stand for their source", live: "v=spf1 include:_spf-news.example.com include:_spf-news-2.example.com a include:_spf-acme.example.com include:_spf-other-example.example.com -all",
			m:    Merge{Services: []Input{acme, news}, Mechanisms: mechanisms(t, "include:other.example a")},
			f:    tree.Flattening{Senders: []tree.Sender{asSender(acme), asSender(news)}},
			want: "v=spf1 include:news.example include:news2.example a include:acme.example include:other.example ip4:192.0.2.0/24 -all",
		},
		{
			name: "shared records stand for the sources that nothing else stands for", live: "v=spf1 include:_spf-news.example.com a include:_spf-flat.example.com include:_spf-flat-2.example.com -all",
			m:    Merge{Services: []Input{acme, news}, Mechanisms: mechanisms(t, "include:other.example a")},
			f:    tree.Flattening{Senders: []tree.Sender{asSender(acme), asSender(news)}},
			want: "v=spf1 include:news.example include:news2.example a include:acme.example include:other.example ip4:192.0.2.0/24 -all",
		},
		{
			name: "a shared record that stands for nothing", live: "v=spf1 include:_spf-flat.example.com include:acme.example -all",
			m: Merge{Services: []Input{acme}}, f: tree.Flattening{Senders: []tree.Sender{asSender(acme)}},
			want: "v=spf1 include:_spf-flat.example.com include:acme.example -all", adopted: []string{"include:_spf-flat.example.com"},
			warning: `"include:_spf-flat.example.com" has the name of a record that flattening makes`,
		},
		{
			name: "flattened records of a source that is gone", live: "v=spf1 include:_spf-gone.example.com include:_spf-acme.example.com -all",
			m: Merge{Services: []Input{acme}}, f: tree.Flattening{Senders: []tree.Sender{asSender(acme)}},
			want: "v=spf1 include:_spf-gone.example.com include:acme.example -all", adopted: []string{"include:_spf-gone.example.com"},
			warning: `"include:_spf-gone.example.com" has the name of a record that flattening makes`,
		},
		{
			name: "no flattened records of this name", live: "v=spf1 ?include:_spf-acme.example.com include:_spf-acme.example.net include:_spf-acme-02.example.com include:x._spf-acme.example.com -all",
			m: Merge{Services: []Input{acme}}, f: tree.Flattening{Senders: []tree.Sender{asSender(acme)}},
			want:    "v=spf1 ?include:_spf-acme.example.com include:_spf-acme.example.net include:_spf-acme-02.example.com include:x._spf-acme.example.com include:acme.example -all",
			adopted: []string{"?include:_spf-acme.example.com", "include:_spf-acme.example.net", "include:_spf-acme-02.example.com", "include:x._spf-acme.example.com"},
			warning: `"include:_spf-acme-02.example.com" has the name`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.m.Owner = spftest.OwnerName
			var live Live
			if tt.live != "" {
				live.Record = existing(t, tt.live)
			}
			got, err := tt.m.Adopt(live, tt.f)
			if err != nil {
				t.Fatalf("Adopt(%q) = %v", tt.live, err)
			}
			if got.Record.String() != tt.want || spftest.Diff(tt.adopted, got.Adopted) != "" {
				t.Errorf("Adopt(%q) = %q, %q, want %q, %q", tt.live, got.Record, got.Adopted, tt.want, tt.adopted)
			}
			texts := ""
			for _, w := range got.Warnings {
				texts += w.Text + "\n"
			}
			if !strings.Contains(texts, tt.warning) {
				t.Errorf("Adopt(%q) warns %q, want %q", tt.live, texts, tt.warning)
			}
		})
	}
}

// TestAdoptNoOwner adopts where it is not known whose record it is: no include can be told to be a flattened one.
func TestAdoptNoOwner(t *testing.T) {
	t.Parallel()
	got, err := Merge{Services: []Input{service(t, "acme", "include:acme.example")}}.Adopt(Live{Record: existing(t, "include:_spf-acme.example.com -all")}, tree.Flattening{})
	if want := "v=spf1 include:_spf-acme.example.com include:acme.example -all"; err != nil || got.Record.String() != want {
		t.Errorf("Adopt() = %v, %v, want %s", got.Record, err, want)
	}
}

func TestAdoptErrors(t *testing.T) {
	t.Parallel()
	m := Merge{Owner: spftest.OwnerName, Services: []Input{service(t, "acme", "include:acme.example")}}
	if _, err := m.Adopt(Live{Record: existing(t, "v=spf1 -include:acme.example -all")}, tree.Flattening{}); !errors.Is(err, ErrQualifierConflict) {
		t.Errorf("Adopt() = %v, want ErrQualifierConflict", err)
	}
	m.Mechanisms = mechanisms(t, "+all")
	if _, err := m.Adopt(Live{}, tree.Flattening{}); !errors.Is(err, ErrPassAll) {
		t.Errorf("Adopt() = %v, want ErrPassAll", err)
	}
}

// TestAdoptFixpoint adopts a record, flattens and publishes it, and does so again.
func TestAdoptFixpoint(t *testing.T) {
	t.Parallel()
	var zone strings.Builder
	for i := range 5 {
		zone.WriteString(strings.ReplaceAll("iN.example TXT v=spf1 ip4:192.0.2.N ip4:198.51.100.N ip6:2001:db8::N -all\n", "N", string(rune('0'+i))))
	}
	// The last are no terms that anyone would write in mechanisms.
	menu := []string{
		"mx", "ip4:203.0.113.1", "ip4:203.0.113.0/24", "include:i0.example", "include:i1.example", "include:i2.example", "include:i3.example", "include:i4.example", "-ip4:192.0.2.1", "exp=e.example", "redirect=i4.example",
		"include:_spf-s.example.com", "include:_spf-i3-example.example.com", "include:_spf-flat.example.com", "include:_spf-flat-2.example.com",
	}
	done := 0
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 5))
		pick := func(n int, menu []string) string {
			text := ""
			for range n {
				if term := " " + menu[r.IntN(len(menu))]; !strings.Contains(text, term) {
					text += term
				}
			}
			return text
		}
		m := Merge{
			Owner:      spftest.OwnerName,
			Services:   []Input{service(t, "s", "include:i0.example include:i1.example"), service(t, "t", "include:i2.example")},
			Mechanisms: mechanisms(t, pick(2, menu[:len(menu)-4])),
		}
		f := tree.Flattening{Names: [][]string{{"*"}, {"s"}, {}}[r.IntN(3)], MaxSize: 64 + r.IntN(300)}
		for _, s := range m.Services {
			f.Senders = append(f.Senders, asSender(s))
		}
		live := Live{Record: existing(t, "v=spf1"+pick(4, menu)+" -all")}
		var published spf.Record
		for round := range 3 {
			a, err := m.Adopt(live, f)
			if err != nil {
				break // the live record contradicts the others, or its own record
			}
			f.Adopted = a.Adopted
			flat, err := treeOf(t, spftest.NewScript(t, zone.String()), a.Record.String()).Flatten(f)
			if err != nil && round == 0 {
				break // a term that refuses stands between includes of a source
			}
			if err != nil {
				t.Fatalf("seed %d: Flatten(%q) = %v", seed, a.Record, err)
			}
			if round > 0 && flat.Apex.String() != published.String() {
				t.Errorf("seed %d: %q was published, and gives %q", seed, published, flat.Apex)
			}
			published = flat.Apex
			live = Live{Record: &published}
			done++
		}
	}
	if done < 1500 {
		t.Errorf("%d rounds", done)
	}
}

// asSender returns a service as [tree.Flattening.Senders] has it.
func asSender(s Input) tree.Sender {
	return tree.Sender{Name: s.Source.Name, Includes: s.Includes(dnsname.MustParse("example.com"))}
}

// What was meant as SPF and is not is an error that quotes it, and never one of the values that stay.
func TestReadLiveOfBrokenRecords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		txts []string
		says []string
		not  []string
	}{
		{
			name: "split into separate records", txts: []string{"v=spf1", "include:spf.protection.outlook.com", "-all", "MS=ms1"},
			says: []string{"«-all», «include:spf.protection.outlook.com»", "were meant as SPF", "read «v=spf1» alone", "separate TXT records are not joined"},
			not:  []string{"MS="},
		},
		{name: "split into words", txts: []string{"v=spf1", "mx", "a"}, says: []string{"«a», «mx»", "separate TXT records are not joined"}},
		{name: "split without a version", txts: []string{"mx", "-all"}, says: []string{"«-all», «mx»", "as if the domain had no SPF record"}},
		{name: "split in two", txts: []string{"v=spf1 include:a.example", "include:b.example -all"}, says: []string{"«include:b.example -all»", "read «v=spf1 include:a.example» alone"}},
		{name: "a blank is missing", txts: []string{"v=spf1include:spf.example.net?all"}, says: []string{"«v=spf1include:spf.example.net?all»", "as if the domain had no SPF record (RFC 7208 §4.5)", "a blank is missing after"}},
		{name: "quotes", txts: []string{`"v=spf1 mx -all"`}, says: []string{`«"v=spf1 mx -all"»`, "give the texts between the quotes"}},
		{name: "beside a right one", txts: []string{`"v=spf1 mx -all"`, "v=spf1 a -all"}, says: []string{`«"v=spf1 mx -all"»`, "read «v=spf1 a -all» alone"}},
		{name: "hostile", txts: []string{"v=spf1\x1b[31m"}, says: []string{`«v=spf1\027[31m»`}, not: []string{"\x1b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ReadLive(tt.txts)
			if !errors.Is(err, spf.ErrBrokenRecord) || got.Extra != nil || got.Record != nil {
				t.Fatalf("ReadLive(%q) = %v, %v, want an error that wraps ErrBrokenRecord", tt.txts, got, err)
			}
			for _, part := range tt.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("ReadLive(%q) = %v, want %q in it", tt.txts, err, part)
				}
			}
			for _, part := range tt.not {
				if strings.Contains(err.Error(), part) {
					t.Errorf("ReadLive(%q) = %v, want no %q in it", tt.txts, err, part)
				}
			}
		})
	}
	// Words that SPF has as terms are texts of their own beside a whole record.
	live, err := ReadLive([]string{"v=spf1 mx -all", "a", "MS=ms1", "google-site-verification=x"})
	if err != nil || spftest.Diff([]string{"MS=ms1", "a", "google-site-verification=x"}, live.Extra) != "" {
		t.Errorf("ReadLive() = %q, %v, want the other values", live.Extra, err)
	}
}
