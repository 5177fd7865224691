package dmarc_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		txt  string
		want dmarc.Record
		says []string // one part of each remark, in their order
	}{
		"the least":       {"v=DMARC1; p=none", dmarc.Record{P: dmarc.None}, nil},
		"all tags":        {"v=DMARC1; p=reject; sp=quarantine; np=reject; psd=n; t=y; adkim=s; aspf=s; rua=mailto:a@example.com,https://r.example/x; ruf=mailto:f@example.com; fo=d:s", full(), []string{"t=y"}},
		"blanks and case": {"v = DMARC1 ;\tP=none;p = REJECT ;; ", dmarc.Record{P: dmarc.Reject}, []string{"write p"}},
		"no policy":       {"v=DMARC1", dmarc.Record{}, []string{"one without DMARC"}},
		"a policy that is none": {
			"v=DMARC1; p=rejct; rua=mailto:a@example.com",
			dmarc.Record{RUA: []string{"mailto:a@example.com"}},
			[]string{`"rejct" is not one of its values: none, quarantine, reject`, "counts as p=none"},
		},
		"a policy that is none, and nobody to tell": {
			"v=DMARC1; p=reject; sp=no", dmarc.Record{P: dmarc.Reject}, []string{`"no" is not one of its values: none`, "one without DMARC"},
		},
		"removed tags": {
			"v=DMARC1; p=none; pct=50; rf=afrf; ri=86400",
			dmarc.Record{P: dmarc.None},
			[]string{"set t=y", "one format", "come daily"},
		},
		"an unknown tag":    {"v=DMARC1; p=none; x=1", dmarc.Record{P: dmarc.None}, []string{"check the spelling"}},
		"a tag twice":       {"v=DMARC1; p=none; p=reject", dmarc.Record{P: dmarc.None}, []string{"twice"}},
		"a tag of no value": {"v=DMARC1; p=none; rua", dmarc.Record{P: dmarc.None}, []string{"has no value"}},
		"an address without mailto": {
			"v=DMARC1; p=none; rua=a@example.com, mailto:b@example.com",
			dmarc.Record{P: dmarc.None, RUA: []string{"mailto:b@example.com"}},
			[]string{"write mailto: before it"},
		},
		"a size limit": {
			"v=DMARC1; p=none; rua=mailto:a@example.com!10M", dmarc.Record{P: dmarc.None, RUA: []string{"mailto:a@example.com"}}, []string{`"!10m"`},
		},
		"nobody behind mailto": {"v=DMARC1; p=none; rua=mailto:example.com", dmarc.Record{P: dmarc.None}, []string{"one mail address"}},
		"no scheme":            {"v=DMARC1; p=none; ruf=reports", dmarc.Record{P: dmarc.None}, []string{"no scheme"}},
		"no URI":               {"v=DMARC1; p=none; ruf=mailto:a b@example.com", dmarc.Record{P: dmarc.None}, []string{"percent-encoded"}},
		"failure options together": {
			"v=DMARC1; p=none; ruf=mailto:a@example.com; fo=1:d:s",
			dmarc.Record{P: dmarc.None, RUF: []string{"mailto:a@example.com"}, FO: []string{"1", "d", "s"}},
			nil,
		},
		"failure options for nobody": {"v=DMARC1; p=none; fo=1", dmarc.Record{P: dmarc.None, FO: []string{"1"}}, []string{"without ruf"}},
		"an option that is none":     {"v=DMARC1; p=none; fo=2", dmarc.Record{P: dmarc.None}, []string{`"2" is not one of its values`}},
		"other values that are none": {
			"v=DMARC1; p=none; adkim=x; aspf=; psd=z; t=maybe", dmarc.Record{P: dmarc.None}, []string{`"x"`, `""`, `"z"`, `"maybe"`},
		},
		"octets from elsewhere": {"v=DMARC1; p=none; \x1b[2J=1", dmarc.Record{P: dmarc.None}, []string{`\027[2J`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := dmarc.Parse(tt.txt)
			if err != nil {
				t.Fatalf("Parse(%q): %v", tt.txt, err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(dmarc.Record{}, "Remarks")); diff != "" {
				t.Errorf("Parse(%q), difference (-want +got):\n%s", tt.txt, diff)
			}
			matches := func(r dmarc.Remark, part string) bool { return strings.Contains(r.Text, part) }
			if !slices.EqualFunc(got.Remarks, tt.says, matches) {
				t.Errorf("Parse(%q) remarks %+v, want those that say %q", tt.txt, got.Remarks, tt.says)
			}
		})
	}
}

func full() dmarc.Record {
	return dmarc.Record{
		P: dmarc.Reject, SP: dmarc.Quarantine, NP: dmarc.Reject, PSD: dmarc.PSDNo, Test: true, ADKIM: dmarc.Strict, ASPF: dmarc.Strict,
		RUA: []string{"mailto:a@example.com", "https://r.example/x"}, RUF: []string{"mailto:f@example.com"}, FO: []string{"d", "s"},
	}
}

func TestParseAnother(t *testing.T) {
	t.Parallel()
	for _, txt := range []string{"", "v=spf1 -all", "v=dmarc1; p=none", "v=DMARC1p=none", "p=none; v=DMARC1", "v=DMARC2; p=none", "DMARC1"} {
		if _, err := dmarc.Parse(txt); !errors.Is(err, dmarc.ErrNotDMARC) {
			t.Errorf("Parse(%q) error = %v, want %v", txt, err, dmarc.ErrNotDMARC)
		}
	}
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		applies   bool
		p, sp, np dmarc.Policy
	}{
		"v=DMARC1; p=reject":                         {true, dmarc.Reject, dmarc.Reject, dmarc.Reject},
		"v=DMARC1; p=reject; sp=none":                {true, dmarc.Reject, dmarc.None, dmarc.None},
		"v=DMARC1; p=none; sp=quarantine; np=reject": {true, dmarc.None, dmarc.Quarantine, dmarc.Reject},
		"v=DMARC1":                                             {false, dmarc.None, dmarc.None, dmarc.None},
		"v=DMARC1; sp=reject":                                  {false, dmarc.None, dmarc.None, dmarc.None},
		"v=DMARC1; rua=mailto:a@example.com":                   {true, dmarc.None, dmarc.None, dmarc.None},
		"v=DMARC1; sp=reject; rua=mailto:a@example.com":        {true, dmarc.None, dmarc.None, dmarc.None},
		"v=DMARC1; rua=mail:a@example.com":                     {false, dmarc.None, dmarc.None, dmarc.None},
		"v=DMARC1; p=reject; t=y":                              {true, dmarc.Quarantine, dmarc.Quarantine, dmarc.Quarantine},
		"v=DMARC1; p=quarantine; t=y; np=reject":               {true, dmarc.None, dmarc.None, dmarc.Quarantine},
		"v=DMARC1; p=none; sp=reject; t=y":                     {true, dmarc.None, dmarc.Quarantine, dmarc.Quarantine},
		"v=DMARC1; p=x":                                        {false, dmarc.None, dmarc.None, dmarc.None},
		"v=DMARC1; p=reject; sp=x; rua=mailto:a@example.com":   {true, dmarc.None, dmarc.None, dmarc.None},
		"v=DMARC1; p=reject; np=x; rua=nobody; sp=reject":      {false, dmarc.None, dmarc.None, dmarc.None},
		"v=DMARC1; p=reject; adkim=x; rua=mailto:a@b.example;": {true, dmarc.Reject, dmarc.Reject, dmarc.Reject},
	}
	for txt, tt := range tests {
		r, err := dmarc.Parse(txt)
		if err != nil {
			t.Fatal(err)
		}
		if r.Applies() != tt.applies || r.Policy() != tt.p || r.SubdomainPolicy() != tt.sp || r.NonexistentPolicy() != tt.np {
			t.Errorf("%q: applies %v with %s, %s, %s; want %v with %s, %s, %s", txt,
				r.Applies(), r.Policy(), r.SubdomainPolicy(), r.NonexistentPolicy(), tt.applies, tt.p, tt.sp, tt.np)
		}
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	var r dmarc.Record
	if r.DKIMAlignment() != dmarc.Relaxed || r.SPFAlignment() != dmarc.Relaxed {
		t.Errorf("alignments are %s and %s, want relaxed", r.DKIMAlignment(), r.SPFAlignment())
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		full().String(), "v=DMARC1", " v\t=\tDMARC1 ;;p=;=;", "v=DMARC1; rua=mailto:a@b!1k,mailto:%zz", "v=DMARC1; \x00\xff=\u202e; fo=:::",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, txt string) {
		r, err := dmarc.Parse(txt)
		if (err == nil) != dmarc.IsRecord(txt) {
			t.Fatalf("Parse(%q) error = %v, IsRecord = %v", txt, err, dmarc.IsRecord(txt))
		}
		if err != nil {
			return
		}
		for _, remark := range r.Remarks {
			if strings.ContainsFunc(remark.Text, func(c rune) bool { return c < ' ' || c > '~' && c != '…' && c != '§' }) {
				t.Errorf("Parse(%q) remarks %q, which is not fit to be shown", txt, remark.Text)
			}
		}
		again, err := dmarc.Parse(r.String())
		if diff := cmp.Diff(r, again, cmpopts.IgnoreFields(dmarc.Record{}, "Remarks")); err != nil || diff != "" {
			t.Errorf("Parse(%q) prints as %q, which is read with error %v and difference:\n%s", txt, r.String(), err, diff)
		}
	})
}
