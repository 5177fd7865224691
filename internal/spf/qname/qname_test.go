package qname_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

func TestALabels(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                  "",
		"example.com":       "example.com",
		"Example.com.":      "Example.com",
		"bücher.example":    "xn--bcher-kva.example",
		"bücher.example.":   "xn--bcher-kva.example",
		"bü cher.example":   "bü cher.example",
		"\u0080.example.":   "\u0080.example",
		"\u007f.example.":   "\u007f.example",
		"xn--bcher-kva.com": "xn--bcher-kva.com",
	} {
		if got := qname.ALabels(in); got != want {
			t.Errorf("ALabels(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNotADomain(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", dnsname.MaxLabel)
	longest := strings.Join([]string{label, label, label, label[:61]}, ".") // of dnsname.MaxName octets
	for in, want := range map[string]string{
		"example.com":               "",
		"a.b":                       "",
		"_spf.example.com":          "",
		"host.example.123":          "",
		"1.example":                 "",
		label + ".example":          "",
		longest:                     "",
		"192.0.2.1":                 "it is an address, not a domain",
		"2001:db8::1":               "it is an address, not a domain",
		"2001:db8::a":               "it is an address, not a domain",
		"::":                        "it is an address, not a domain",
		"[192.0.2.1]":               "it is an address, not a domain",
		"[example.com":              "it is an address, not a domain",
		"bü cher.example":           "it is not a valid internationalised name",
		"localhost":                 "it has one label only",
		"":                          "the name is empty",
		".":                         dnsname.ErrEmptyLabel.Error(),
		".example.com":              dnsname.ErrEmptyLabel.Error(),
		"a..example.com":            dnsname.ErrEmptyLabel.Error(),
		"example.com.":              dnsname.ErrEmptyLabel.Error(),
		label + "a.example":         dnsname.ErrLabelLength.Error(),
		"a." + label + "a":          dnsname.ErrLabelLength.Error(),
		longest + "a":               dnsname.ErrNameLength.Error(),
		"a.b." + longest + ".a.b.c": dnsname.ErrNameLength.Error(),
	} {
		if got := qname.NotADomain(in); got != want {
			t.Errorf("NotADomain(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", dnsname.MaxLabel)
	longest := strings.Join([]string{label, label, label, label[:61]}, ".")
	if len(longest) != dnsname.MaxName {
		t.Fatalf("the longest name has %d octets, want %d", len(longest), dnsname.MaxName)
	}
	for in, want := range map[string]string{
		"":                        "",
		longest:                   longest,
		"x." + longest:            longest,
		"x.y.z." + longest:        longest,
		"x" + longest:             longest[dnsname.MaxLabel+1:],
		strings.Repeat("a", 300):  strings.Repeat("a", 300),
		strings.Repeat("ab.", 99): strings.Repeat("ab.", 99)[297-252:],
	} {
		if got := qname.Cut(in); got != want {
			t.Errorf("Cut(%q) = %q, want %q", in, got, want)
		}
	}
}

// Whatever KeepEnd leaves of an expansion, Cut makes the same name of it.
func TestKeepEnd(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 2000, 2024, 2025, 5000} {
		whole := bytes.Repeat([]byte("label."), size/6+1)[:size]
		want := qname.Cut(string(whole))
		got := qname.KeepEnd(bytes.Clone(whole))
		if len(got) > 8*dnsname.MaxName {
			t.Errorf("KeepEnd leaves %d of %d octets, and may leave %d", len(got), size, 8*dnsname.MaxName)
		}
		if name := qname.Cut(string(got)); name != want {
			t.Errorf("Cut of the end of %d octets = %q, want %q", size, name, want)
		}
		if size <= 8*dnsname.MaxName && len(got) != size {
			t.Errorf("KeepEnd leaves %d of %d octets, and need not cut", len(got), size)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "example.com": "example.com", "EXAMPLE.com.": "example.com.", "AZ@[`az{": "az@[`az{", "É\xff.X": "É\xff.x",
	} {
		if got := qname.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
		if got := qname.HasUpper(in); got != (in != want) {
			t.Errorf("HasUpper(%q) = %t, want %t", in, got, in != want)
		}
	}
	if got, want := qname.Host("Mail.Example."), "mail.example"; got != want {
		t.Errorf("Host = %q, want %q", got, want)
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	if got := qname.Show(strings.Repeat("a", 100)); got != strings.Repeat("a", 100) {
		t.Errorf("Show of 100 octets = %q, want them all", got)
	}
	if got := qname.Show(strings.Repeat("a", 101)); !strings.HasPrefix(got, strings.Repeat("a", 90)) || strings.HasPrefix(got, strings.Repeat("a", 101)) {
		t.Errorf("Show of 101 octets = %q, want them cut", got)
	}
	if got := qname.Show("a\nb"); strings.Contains(got, "\n") {
		t.Errorf("Show of a line break = %q, want it escaped", got)
	}
}

func TestIsASCII(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{"": true, "a.b\x7f": true, "a\x80": false, "é": false} {
		if got := qname.IsASCII(in); got != want {
			t.Errorf("IsASCII(%q) = %t, want %t", in, got, want)
		}
	}
}
