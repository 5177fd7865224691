package tlsrpt_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/catglobe/terraform-provider-maildomain/internal/advicetest"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/taglist"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

const mail = "mailto:tls@example.com"

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in      string
		want    tlsrpt.Record
		remarks int
	}{
		"the least":          {"v=TLSRPTv1; rua=" + mail, tlsrpt.Record{RUA: []string{mail}}, 0},
		"final semicolon":    {"v=TLSRPTv1;rua=" + mail + ";", tlsrpt.Record{RUA: []string{mail}}, 0},
		"web":                {"v=TLSRPTv1; rua=https://r.example/v1/tlsrpt?a=b", tlsrpt.Record{RUA: []string{"https://r.example/v1/tlsrpt?a=b"}}, 0},
		"several":            {"v=TLSRPTv1; rua=" + mail + " , https://r.example/x", tlsrpt.Record{RUA: []string{mail, "https://r.example/x"}}, 0},
		"rua twice":          {"v=TLSRPTv1; rua=" + mail + "; rua=https://r.example/x", tlsrpt.Record{RUA: []string{mail, "https://r.example/x"}}, 0},
		"address twice":      {"v=TLSRPTv1; rua=" + mail + "," + mail, tlsrpt.Record{RUA: []string{mail}}, 1},
		"encoded":            {"v=TLSRPTv1; rua=mailto:a%2Cb%21c%3Bd@example.com", tlsrpt.Record{RUA: []string{"mailto:a%2Cb%21c%3Bd@example.com"}}, 0},
		"extension":          {"v=TLSRPTv1; rua=" + mail + "; x=1", tlsrpt.Record{RUA: []string{mail}, Other: "x=1"}, 1},
		"extension of DMARC": {"v=TLSRPTv1; ruf=" + mail + "; rua=" + mail, tlsrpt.Record{RUA: []string{mail}, Other: "ruf=" + mail}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tlsrpt.Parse(tt.in)
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(tlsrpt.Record{}, "Remarks")); err != nil || diff != "" {
				t.Fatalf("Parse(%q) error = %v, difference (-want +got):\n%s", tt.in, err, diff)
			}
			if len(got.Remarks) != tt.remarks {
				t.Errorf("Parse(%q) remarks %q, want %d", tt.in, got.Remarks, tt.remarks)
			}
			again, err := tlsrpt.Parse(got.String())
			if diff := cmp.Diff(got, again, cmpopts.IgnoreFields(tlsrpt.Record{}, "Remarks")); err != nil || diff != "" {
				t.Errorf("Parse(%q) error = %v, difference (-want +got):\n%s", got, err, diff)
			}
		})
	}
}

func TestParseMistakes(t *testing.T) {
	t.Parallel()
	const whole = "v=TLSRPTv1; rua=" + mail
	tests := map[string]struct {
		in, want, written string
		none              bool
	}{
		"empty":                {" ", "the text is empty", "", true},
		"lower case":           {"v=tlsrptv1; rua=" + mail, "in exactly these letters", whole, true},
		"no number":            {"v=TLSRPT; rua=" + mail, "in exactly these letters", whole, true},
		"version of DMARC":     {"v=TLSRPT1; rua=" + mail, "in exactly these letters", whole, true},
		"hyphen":               {"v=TLS-RPTv1; rua=" + mail, "in exactly these letters", whole, true},
		"comma":                {"v=TLSRPTv1, rua=" + mail, "in exactly these letters", whole, true},
		"no version":           {"rua=" + mail, "in exactly these letters", whole, true},
		"MTA-STS":              {"v=STSv1; id=1", "it is an MTA-STS record, and a TLS reporting record belongs at _smtp._tls", "", true},
		"quotes":               {`"` + whole + `"`, "between the quotes", whole, true},
		"backslash":            {`v=TLSRPTv1\; rua=` + mail, "backslashes", whole, true},
		"no rua":               {"v=TLSRPTv1;", "it is missing", "", false},
		"ruf":                  {"v=TLSRPTv1; ruf=" + mail, "it is missing", "", false},
		"bare address":         {"v=TLSRPTv1; rua=tls@example.com", "write mailto: before it", whole, false},
		"mail:":                {"v=TLSRPTv1; rua=mail:tls@example.com", "mailto: or https:", "mailto:tls@example.com", false},
		"slashes":              {"v=TLSRPTv1; rua=mailto://tls@example.com", "one mail address", "mailto:tls@example.com", false},
		"http":                 {"v=TLSRPTv1; rua=http://r.example/x", "https: alone", "", false},
		"no host":              {"v=TLSRPTv1; rua=https:", "names no host", "", false},
		"size limit":           {"v=TLSRPTv1; rua=" + mail + "!10m", "percent-encoded", whole, false},
		"semicolon, addresses": {"v=TLSRPTv1; rua=" + mail + ";mailto:b@example.com", "by commas, not by semicolons", whole + ",mailto:b@example.com", false},
		"blank, addresses":     {"v=TLSRPTv1; rua=" + mail + " mailto:b@example.com", "separated by commas", whole + ",mailto:b@example.com", false},
		"comma at the end":     {"v=TLSRPTv1; rua=" + mail + ",", "after the last", whole, false},
		"colon":                {"v=TLSRPTv1; rua:" + mail, "no equals sign", whole, false},
		"capitals":             {"v=TLSRPTv1; RUA=" + mail, "it is missing", whole, false},
		"no-break blank":       {"v=TLSRPTv1;\u00a0rua=" + mail, "U+00A0", whole, false},
		"two records":          {whole + "; " + whole, "joined into one", "", false},
		"line break":           {whole + "\n", "line break", whole, false},
		"Unicode":              {"v=TLSRPTv1; rua=mailto:a@bücher.example", "ASCII", "v=TLSRPTv1; rua=mailto:a@xn--bcher-kva.example", false},
		"too long":             {whole + strings.Repeat(" ", record.MaxTXT), "at most", "", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tlsrpt.Parse(tt.in)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.HasSuffix(err.Error(), ".") {
				t.Fatalf("Parse(%q) error = %v, want one with %q", tt.in, err, tt.want)
			}
			var broken *taglist.SyntaxError
			if none := errors.Is(err, tlsrpt.ErrNotTLSRPT); none != tt.none || none == errors.As(err, &broken) {
				t.Errorf("Parse(%q) error = %v, of no record at all: %t, want %t", tt.in, err, none, tt.none)
			}
			written := advicetest.Written(err.Error())
			if (tt.written == "") != (len(written) == 0) || tt.written != "" && written[0] != tt.written {
				t.Errorf("Parse(%q) error = %v says to write %q, want %q", tt.in, err, written, tt.written)
			}
			follow(t, tt.in, err)
		})
	}
}

// follow tests that what an error says to write is read: a whole record, or an address in one.
func follow(t *testing.T, in string, err error) {
	t.Helper()
	for _, advice := range advicetest.Written(err.Error()) {
		if !strings.HasPrefix(advice, "v=") {
			advice = "v=TLSRPTv1; rua=" + advice
		}
		if _, err := tlsrpt.Parse(advice); err != nil {
			t.Errorf("Parse(%q) says to write %q, which is refused: %v", in, advice, err)
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	var long []string // more addresses than a TXT record holds
	for i := range 3000 {
		long = append(long, fmt.Sprintf("tls%d@reports.example.com", i))
	}
	tests := map[string]struct {
		reports  []string
		want     string
		problems map[string]string
	}{
		"address":   {[]string{"tls@example.com"}, "v=TLSRPTv1; rua=" + mail, nil},
		"several":   {[]string{mail, "https://r.example/x;y"}, "v=TLSRPTv1; rua=" + mail + ",https://r.example/x%3By", nil},
		"encoded":   {[]string{"a!b,c@bücher.example"}, "v=TLSRPTv1; rua=mailto:a%21b%2Cc@xn--bcher-kva.example", nil},
		"none":      {nil, "", map[string]string{"reports": "at least one address"}},
		"twice":     {[]string{"tls@example.com", mail}, "", map[string]string{"reports[1]": "twice"}},
		"too long":  {long, "", map[string]string{"reports": "octets"}},
		"all wrong": {[]string{"x", "a@example.com;b@example.com", "http://r.example/"}, "", map[string]string{"reports[0]": "scheme", "reports[1]": "2 addresses", "reports[2]": "https: alone"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := tlsrpt.Config{Reports: tt.reports}.Record()
			if r.String() != tt.want || (err == nil) != (tt.problems == nil) {
				t.Fatalf("Record of %q = %q, %v, want %q", tt.reports, r, err, tt.want)
			}
			var problems problem.Problems
			if errors.As(err, &problems); len(problems) != len(tt.problems) {
				t.Errorf("Record of %q has the problems %v, want %d", tt.reports, problems, len(tt.problems))
			}
			for _, p := range problems {
				if says := tt.problems[p.Path.String()]; says == "" || !strings.Contains(p.Detail, says) {
					t.Errorf("Record of %q has the problem %v, want one that says %q", tt.reports, p, says)
				}
			}
			if _, again := tlsrpt.Parse(r.String()); err == nil && again != nil {
				t.Errorf("Record of %q = %q, which is refused: %v", tt.reports, r, again)
			}
		})
	}
	if owner, ok := tlsrpt.Owner(dnsname.MustParse("example.com")); !ok || owner.String() != "_smtp._tls.example.com" {
		t.Errorf("Owner = %v, %t", owner, ok)
	}
}

// What a configuration makes is read as it was meant, or is refused with texts that are fit to be shown.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{"tls@example.com", mail, "https://r.example/ü,;!?x", "https://user:secret@r.example/", "mailto:a%2Cb@bücher.example?subject=x;y", "a@@b", "https://%zz", "x\x00@example.com"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, report string) {
		r, err := tlsrpt.Config{Reports: []string{report}}.Record()
		var problems problem.Problems
		if err != nil && !errors.As(err, &problems) {
			t.Fatalf("Record error = %v, want problem.Problems", err)
		}
		for _, p := range problems {
			if strings.ContainsFunc(p.Detail, func(c rune) bool { return c < ' ' }) {
				t.Errorf("the problem %q is not fit to be shown", p.Detail)
			}
		}
		if err != nil {
			return
		}
		if again, err := tlsrpt.Parse(r.String()); err != nil || !cmp.Equal(r.RUA, again.RUA) {
			t.Errorf("Record of %q is %q, which is read as %q, %v", report, r, again.RUA, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"v=TLSRPTv1; rua=" + mail, "v=TLSRPTv1;rua=https://r.example/x?a=b,mailto:a%2Cb@x.example;rua=mailto:c@x.example; x=1;", "v=tlsrpt rua:a@x.example", "“v=TLSRPTv1”;\u00a0rua", `"v=TLSRPTv1\; rua=mailto:a@x.example!1m"`, "rua=,;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		r, err := tlsrpt.Parse(in)
		if err != nil {
			if strings.ContainsFunc(err.Error(), func(c rune) bool { return c < ' ' }) {
				t.Errorf("Parse(%q) error = %q, which is not fit to be shown", in, err)
			}
			follow(t, in, err)
			return
		}
		again, err := tlsrpt.Parse(r.String())
		if diff := cmp.Diff(r, again, cmpopts.IgnoreFields(tlsrpt.Record{}, "Remarks")); err != nil || diff != "" {
			t.Errorf("Parse(%q) prints as %q, which is read with error %v and difference:\n%s", in, r, err, diff)
		}
		if made, err := (tlsrpt.Config{Reports: r.RUA}).Record(); err == nil && !cmp.Equal(made.RUA, r.RUA) {
			t.Errorf("Record of %q = %q", r.RUA, made)
		}
	})
}
