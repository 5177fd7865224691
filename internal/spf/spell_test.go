package spf

import (
	"errors"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

func TestAt(t *testing.T) {
	t.Parallel()
	owner := dnsname.MustParse("mail.example.com")
	tests := []struct{ in, want string }{
		{"a", "a:mail.example.com"},
		{"-a/24//64", "-a:mail.example.com/24//64"},
		{"mx", "mx:mail.example.com"},
		{"ptr", "ptr:mail.example.com"},
		{"a:other.example", "a:other.example"},
		{"a:%{d}", "a:mail.example.com"},
		{"include:%{d2}", "include:example.com"},
		{"include:_spf.%{D}", "include:_spf.mail.example.com"},
		{"exists:%{i}.%{dr}.%{d2r}.bl.example", "exists:%{i}.com.example.mail.example.mail.bl.example"},
		{"exists:%%%{d}", "exists:%%mail.example.com"},
		{"exists:%{o}.%{l}.example", "exists:%{o}.%{l}.example"},
		{"ip4:192.0.2.0/24", "ip4:192.0.2.0/24"},
		{"all", "all"},
		{"redirect=_spf.%{d}", "redirect=_spf.mail.example.com"},
		{"exp=why.%{d2}", "exp=why.example.com"},
		{"other=%{d}", "other=%{d}"},
	}
	for _, tt := range tests {
		r := mustParse(t, tt.in)
		before := r.String()
		got, err := r.At(owner)
		if err != nil || got.TermsString() != tt.want {
			t.Errorf("%q at %v = %q, %v, want %q", tt.in, owner, got.TermsString(), err, tt.want)
		}
		if r.String() != before {
			t.Errorf("%q at %v changed what it was made of to %q", before, owner, r)
		}
	}
}

func TestAtErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in    string
		owner dnsname.Name
	}{
		{"a", dnsname.MustParse("example")},
		{"a", dnsname.Root},
		{"mx", dnsname.FromDNS(`a\.b.example.com`)},
		{"exists:%{d1}", dnsname.MustParse("example.com")},
		{"exp=%{d1}", dnsname.MustParse("example.com")},
	}
	for _, tt := range tests {
		_, err := mustParse(t, tt.in).At(tt.owner)
		if _, ok := errors.AsType[*SyntaxError](err); !ok {
			t.Errorf("%q at %v = %v, want a *SyntaxError", tt.in, tt.owner, err)
		}
	}
}
