package provider

import (
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// Values in the form of a zone file or of a DNS provider are warned of, and no others.
func TestValidationWarnsOfQuotedValues(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		value, says string // empty where there is no warning
	}{
		"plain":                   {"v=DMARC1; p=none", ""},
		"quoted":                  {`"v=DMARC1; p=none"`, "starts and ends with a quote"},
		"two strings":             {`"v=DKIM1; k=rsa; p=AAAA" "BBBB"`, "starts and ends with a quote"},
		"as Route 53 joins them":  {`v=DKIM1; k=rsa; p=AAAA""BBBB`, "a list of strings with quotes between them"},
		"as Route 53 escapes":     {`v=DKIM1; k=rsa; p=AAAA\"\"BBBB`, "a list of strings with quotes between them"},
		"semicolons escaped":      {`v=DMARC1\; p=none\;`, "backslashes before its signs"},
		"a token with backslash":  {`token=a\b`, ""},
		"a token with a quote":    {`say="x`, ""},
		"a token in inner quotes": {`name="x" y`, ""},
		"SPF macros":              {"v=spf1 exists:%{i}._spf.example.com -all", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := verify.Expectation{Key: "k", Owner: dnsname.MustParse("example.com"), Type: record.TXT, Value: tt.value}
			got := quoted([]verify.Expectation{e})
			if (len(got) > 0) != (tt.says != "") || len(got) > 0 && !strings.Contains(got[0].Detail(), tt.says) {
				t.Errorf("quoted(%q) = %v, want a warning that says %q", tt.value, got, tt.says)
			}
		})
	}
}
