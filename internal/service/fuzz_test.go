package service_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// shape is what values must not change: which records there are, of which types, where SPF terms go, and how
// often a template speaks of its own accord.
func shape(a service.Applied) []string {
	all := []string{fmt.Sprintf("%d owners of SPF terms", len(a.SPF)), fmt.Sprintf("%d warnings", len(a.Warnings))}
	for _, r := range a.Records {
		all = append(all, fmt.Sprintf("%s %s %s", r.ID, r.Kind, r.Type))
	}
	return all
}

func FuzzParse(f *testing.F) {
	for _, id := range service.Builtins() {
		data, err := os.ReadFile("builtin/" + id + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data), "", "value.example", "other")
	}
	f.Add(template(grouped), "sub", "a.example", "x")
	f.Add(template(`{"type":"SRV","name":"%a%","service":"_%b%","protocol":"tcp","target":"@","priority":"%n%","weight":1,"port":"2"}`), "", "1", "2")
	f.Add(template(`{"type":"TXT","host":"%h%.%fqdn%.","data":"v=%x%"},{"type":"TXT","host":"_dmarc","data":"%{i}%%%_"}`, `"hostRequired":"true"`), "a.b", "spf1 +all", "_dmarc")
	f.Add(template(`{"type":"TXT","data":"\"%x%\" \"\\059\""},{"type":"TXT","data":"v=spf1 %x% -all mx"},{"type":"SPFM","spfRules":"ip4:%x% include:%y% %z%"}`), "", "all", "192.0.2.1")
	f.Add(template(`{"type":"TXT","host":"x.%host%","data":"%_a%\u202e"},{"type":"txt","host":"x.%host%","data":"\"\\226\\128\\174\"","ttl":"auto"},{"type":"CNAME","host":"%a%.","pointsTo":"%host%.%domain%"}`), "", "a.example.com", "_b")
	f.Add(template(`{"type":"REDIR301"},{"type":"APEXCNAME"},{"type":"DS","data":"x"},{"type":"NS","pointsTo":"%x%"},{"type":"A","pointsTo":"%x%"}`), "*", "@", "\x00")
	f.Fuzz(func(t *testing.T, text, host, value, other string) {
		parsed, err := service.Parse([]byte(text))
		if err != nil {
			var broken *service.TemplateError
			if !errors.As(err, &broken) || parsed != nil {
				t.Fatalf("Parse(%q) = %v, %v, want a *TemplateError", text, parsed, err)
			}
			return
		}
		one := applyWith(t, parsed, host, value, other)
		two := applyWith(t, parsed, host, other, value)
		if one != nil && two != nil {
			if diff := cmp.Diff(shape(*one), shape(*two)); diff != "" {
				t.Errorf("the values %q and %q change what the template %q asks for:\n%s", value, other, text, diff)
			}
		}
	})
}

// FuzzApply is FuzzParse for templates that are whole: it spends its time on hosts, contents and values.
func FuzzApply(f *testing.F) {
	types := []string{"TXT", "SPFM", "CNAME", "MX", "A", "AAAA", "SRV", "NS", "TLSA", "CAA"}
	for i := range types {
		for _, seed := range [][4]string{
			{"%a%", "%b%", "x", "_dmarc"},
			{"%a%._domainkey", "v=%a% +all", "spf1", "all"},
			{"x.%fqdn%.", "include:%a% %b% ip4:%c%", "192.0.2.0/24", "-all"},
			{"*.%a%.", `"%a%" "%b%"`, "acme.example.", `a" "b`},
			{"@", "v=spf1 %a% -all", "a mx include:acme.example ~all", "redirect=x"},
			{"_dmarc.%a%", "s-%a%.%domain%", "bücher", "@"},
			{"%host%", "0 issue \"%a%\"", "\n", "。"},
			{"", "3 1 1 %a%", "abcd", "xn--a"},
		} {
			f.Add(byte(i), "", seed[0], seed[1], seed[2], seed[3])
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, at, host, content, value, other string) {
		fields := map[string]any{
			"type": types[int(kind)%len(types)], "host": host, "pointsTo": content, "data": content, "spfRules": content, "target": content,
			"service": "_s", "protocol": "_tcp", "priority": "%n%", "weight": 1, "port": "2",
		}
		text, err := json.Marshal(map[string]any{"records": []any{fields, map[string]any{"type": "TXT", "data": "%z%"}}})
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := service.Parse(text)
		if err != nil {
			return
		}
		one := applyWith(t, parsed, at, value, other)
		two := applyWith(t, parsed, at, other, value)
		if one != nil && two != nil {
			if diff := cmp.Diff(shape(*one), shape(*two)); diff != "" {
				t.Errorf("the values %q and %q change what the template %s asks for:\n%s", value, other, text, diff)
			}
		}
	})
}

// applyWith applies a template with two values in turn for its variables, and checks what comes out.
func applyWith(t *testing.T, parsed *service.Template, host, value, other string) *service.Applied {
	u := service.Use{Domain: domain, Host: host, Variables: make(map[string]string), Allow: []string{"*"}}
	for i, v := range parsed.Info().Variables {
		u.Variables[v.Name] = []string{value, other}[i%2]
		if v.Name == "n" {
			u.Variables[v.Name] = "10"
		}
		if v.Name == "z" {
			u.Variables[v.Name] = "text"
		}
	}
	got, err := parsed.Apply(u)
	if err != nil {
		walk(err, func(err error) { checkError(t, err) })
		return nil
	}
	for _, r := range got.Records {
		if !r.Owner.IsIn(domain) {
			t.Errorf("record %+v lies outside the domain", r)
		}
		if canonical, err := record.Canonical(r.Type, r.Value); err != nil || canonical != r.Value {
			t.Errorf("record %+v is not canonical: %q, %v", r, canonical, err)
		}
		isPolicy := strings.HasPrefix(r.Owner.String(), "_dmarc.")
		granted := slices.Contains(u.Allow, "*") && (r.Type == record.TXT || r.Type == record.CNAME) && strings.Contains(strings.ToLower(r.ID), "_dmarc")
		if r.Type == record.TXT && spf.IsRecord(r.Value) || isPolicy && !granted {
			t.Errorf("record %+v must not be published", r)
		}
		if strings.ContainsFunc(r.Owner.String()+r.Value, func(c rune) bool { return c == utf8.RuneError || !unicode.IsPrint(c) }) {
			t.Errorf("record %+v holds what cannot be seen", r)
		}
		if r.ID == "" || r.TTL > 1<<31-1 {
			t.Errorf("record %+v has no id, or too large a TTL", r)
		}
	}
	for _, s := range got.SPF {
		if !s.Owner.IsIn(domain) {
			t.Errorf("SPF terms at %s lie outside the domain", s.Owner)
		}
		if _, ends := s.Terms.Ending(); ends {
			t.Errorf("SPF terms %q end in all", s.Terms)
		}
		if again, err := spf.ParseTerms(s.Terms.TermsString()); err != nil || again.String() != s.Terms.String() {
			t.Errorf("SPF terms %q are read as %q, %v", s.Terms, again, err)
		}
	}
	for _, text := range slices.Concat(got.Warnings, got.Notes) {
		// Of what is no ASCII, the texts themselves have these alone.
		if strings.ContainsFunc(text, func(c rune) bool { return (c < ' ' || c > '~') && c != '…' && c != '§' }) {
			t.Errorf("the text %q is shown as it is", text)
		}
	}
	return &got
}

// checkError checks that an error of Apply is one of those that callers know.
func checkError(t *testing.T, err error) {
	switch err.(type) { //nolint:errorlint // The error itself is of one of the types, not one that it wraps.
	case *service.HostError, *service.GroupError, *service.VariableError, *service.RefusedError, *service.TemplateError:
		if strings.ContainsAny(err.Error(), "\x1b\n\r") {
			t.Errorf("the error %q holds control characters", err)
		}
	default:
		if _, joined := err.(interface{ Unwrap() []error }); !joined {
			t.Errorf("Apply error = %#v, want one of this package's types", err)
		}
	}
}
