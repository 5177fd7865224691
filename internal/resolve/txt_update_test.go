package resolve_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// The provider hashicorp/dns puts the text between two quotes, reads that with miekg/dns as a line of a zone file, and
// compares what comes back from the server with what it was given: a text that comes back in another form is an
// "inconsistent result after apply".
func TestEncodeTXTComesBackByRFC2136(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"SPF":                     "v=spf1 include:_spf.example.net -all",
		"quotes":                  `n="a b"; p=c`,
		"backslash":               `a\b\\c\"`,
		"outside ASCII":           "ü\t\x7f\x00",
		"semicolon":               "v=DKIM1; k=rsa; p=A",
		"a key of 2048 bits":      "v=DKIM1; k=rsa; p=" + strings.Repeat("A", 392),
		"three strings":           strings.Repeat("a", 600),
		"an escape at the border": strings.Repeat("a", 254) + `"` + strings.Repeat("b", 300),
		"ü at the border":         strings.Repeat("a", 254) + "ü" + strings.Repeat("b", 300),
	}
	for name, value := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encoded, err := record.EncodeTXT(value, "rfc2136")
			if err != nil {
				t.Fatal(err)
			}
			sent, err := dns.NewRR(fmt.Sprintf("example.com. 3600 TXT \"%s\"", encoded))
			if err != nil {
				t.Fatalf("NewRR of %q: %v", encoded, err)
			}
			wire := make([]byte, 2048)
			n, err := dns.PackRR(sent, wire, 0, nil, false)
			if err != nil {
				t.Fatalf("PackRR of %q: %v", encoded, err)
			}
			back, _, err := dns.UnpackRR(wire[:n], 0)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(back.(*dns.TXT).Txt, "")
			if got != encoded {
				t.Errorf("%q comes back as %q", encoded, got)
			}
			if served := record.Unescape(got); served != value {
				t.Errorf("the server holds %q, want %q", served, value)
			}
		})
	}
}
