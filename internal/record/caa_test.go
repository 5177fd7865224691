package record_test

import (
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// A CAA value that is taken stands in one line of a zone file, in one string, and is read back as it is.
func FuzzCAA(f *testing.F) {
	for _, seed := range []string{`0 issue "ca.example.net"`, `0 issue "x" (`, "0 issue ;", `128 tbs "a\"\\b"`, "0 iodef mailto:a@b.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		domain := dnsname.MustParse("example.com")
		r, err := record.New(domain, domain, record.CAA, 60, in)
		if err != nil {
			return
		}
		if again, err := record.Canonical(record.CAA, r.Value); err != nil || again != r.Value {
			t.Errorf("Canonical(%q) = %q, %v", r.Value, again, err)
		}
		text, err := record.ZoneFile(record.Set{"a": r})
		if err != nil || strings.Count(text, "\n") != 1 {
			t.Fatalf("ZoneFile of %q = %q, %v", in, text, err)
		}
		value := text[strings.Index(text, "CAA ")+len("CAA "):]
		_, quoted, _ := strings.Cut(value, `"`)
		if inner, ok := record.Strings(`"` + strings.TrimSuffix(quoted, "\n")); !ok || strings.ContainsAny(strings.TrimSuffix(text, "\n"), "\r\n\x1b") {
			t.Errorf("ZoneFile of %q = %q, whose string is %q", in, text, inner)
		}
	})
}
