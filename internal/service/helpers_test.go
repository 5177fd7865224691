package service_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

var domain = dnsname.MustParse("example.com")

// template wraps records, and perhaps further properties, into the JSON of a template.
func template(records string, properties ...string) string {
	more := ""
	for _, p := range properties {
		more += p + ","
	}
	return `{"providerId": "acme.example", "providerName": "Acme", "serviceId": "mail", "serviceName": "Acme Mail",` + more + `"records": [` + records + `]}`
}

func mustParse(t testing.TB, text string) *service.Template {
	t.Helper()
	parsed, err := service.Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	return parsed
}

// use is a Use with variables given as "name=value".
func use(variables ...string) service.Use {
	u := service.Use{Domain: domain}
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		if u.Variables == nil {
			u.Variables = make(map[string]string)
		}
		u.Variables[name] = value
	}
	return u
}

// lines writes what a service asks for, one record a line: id, kind, owner, TTL, type, value.
func lines(a service.Applied) []string {
	var all []string
	for _, r := range a.Records {
		all = append(all, fmt.Sprintf("%s %s %s %d %s %s", r.ID, r.Kind, r.Owner, r.TTL, r.Type, r.Value))
	}
	for _, s := range a.SPF {
		flat := ""
		if s.NeverFlatten {
			flat = " (never flatten)"
		}
		all = append(all, fmt.Sprintf("SPF %s: %s%s", s.Owner, s.Terms.TermsString(), flat))
	}
	return all
}

// variableErrors returns the errors about variables in a tree of errors, as "name: problem".
func variableErrors(err error) []string {
	var all []string
	walk(err, func(err error) {
		if v, ok := err.(*service.VariableError); ok { //nolint:errorlint // The walk comes to every error itself.
			all = append(all, fmt.Sprintf("%s: %d", v.Name, v.Problem))
		}
	})
	return all
}

func walk(err error, visit func(error)) {
	if err == nil {
		return
	}
	visit(err)
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			walk(e, visit)
		}
		return
	}
	walk(errors.Unwrap(err), visit)
}
