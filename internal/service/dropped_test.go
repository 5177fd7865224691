package service_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

const withPolicy = `
	{"type":"TXT","host":"_dmarc","data":"v=DMARC1; p=none; rua=mailto:%Mailbox%"},
	{"type":"CNAME","host":"_dmarc.%sub%","pointsTo":"%policy%"},
	{"type":"MX","host":"_dmarc","pointsTo":"mx.acme.example","priority":"%prio%"},
	{"type":"REDIR301","host":"%sub%","target":"https://acme.example/%page%"},
	{"type":"TXT","host":"@","data":"acme=%token%"}`

// A service's policy is kept where the user names _dmarc, or everything.
func TestApplyKeepsPolicy(t *testing.T) {
	t.Parallel()
	token := "txt-@ other example.com 3600 TXT acme=t"
	kept := []string{"txt-_dmarc other _dmarc.example.com 3600 TXT v=DMARC1; p=none; rua=mailto:a@acme.example", "cname-_dmarc.%sub% other _dmarc.news.example.com 3600 CNAME p.acme.example", token}
	for name, tt := range map[string]struct {
		allow    []string
		want     []string
		warnings int
	}{
		"nothing":     {nil, []string{token}, 4},
		"the type":    {[]string{"TXT", "CNAME"}, []string{token}, 4},
		"_dmarc":      {[]string{"_dmarc", "_dmarc.news"}, kept, 2},
		"everything":  {[]string{"*"}, kept, 2},
		"other names": {[]string{"@", "dmarc", "www"}, []string{token}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := use("token=t", "mailbox=a@acme.example", "sub=news", "policy=p.acme.example")
			u.Domain, u.Allow = domain, tt.allow
			got, err := mustParse(t, template(withPolicy)).Apply(u)
			if diff := cmp.Diff(tt.want, lines(got)); err != nil || diff != "" || len(got.Warnings) != tt.warnings {
				t.Errorf("Apply = %v, %d warnings, want %d (-want +got):\n%s", err, len(got.Warnings), tt.warnings, diff)
			}
		})
	}
}

// What stands at _dmarc by a variable's value is no policy that the template shows, and what is kept must be set.
func TestApplyRefusesPolicy(t *testing.T) {
	t.Parallel()
	hidden := mustParse(t, template(`{"type":"TXT","host":"%h%","data":"x"}`))
	if got, err := hidden.Apply(service.Use{Domain: domain, Allow: []string{"*"}, Variables: map[string]string{"h": "_dmarc"}}); err == nil {
		t.Errorf("Apply = %q, want an error", lines(got))
	}
	u := use("token=t")
	u.Domain, u.Allow = domain, []string{"_dmarc"}
	_, err := mustParse(t, template(withPolicy)).Apply(u)
	if missing := variableErrors(err); len(missing) != 3 {
		t.Errorf("Apply error = %v, want three missing variables", err)
	}
}

// The variables of records that are left out may be set, as a form has them: the user is told that they do nothing.
func TestApplyIdleVariables(t *testing.T) {
	t.Parallel()
	parsed := mustParse(t, template(withPolicy))
	u := use("token=t", "MAILBOX=a@acme.example", "page=x", "prio=10")
	u.Domain, u.Unknown = domain, unknown("policy")
	got, err := parsed.Apply(u)
	want := []string{
		`The variable "MAILBOX" of Acme Mail does nothing: only records that are left out use it.`,
		`The variable "page" of Acme Mail does nothing: only records that are left out use it.`,
		`The variable "prio" of Acme Mail does nothing: only records that are left out use it.`,
		`The variable "policy" of Acme Mail does nothing: only records that are left out use it.`,
	}
	if diff := cmp.Diff(want, got.Notes); err != nil || diff != "" {
		t.Errorf("Apply = %v, notes (-want +got):\n%s", err, diff)
	}
	u = use("token=t", "pages=x")
	u.Domain = domain
	_, err = parsed.Apply(u)
	var unknown *service.VariableError
	if !errors.As(err, &unknown) || unknown.Problem != service.Unknown {
		t.Errorf("Apply with a misspelt variable: error %v, want an unknown one", err)
	}
}

func TestApplyNotFilledIn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ records, value, want string }{
		"value":             {`{"type":"TXT","host":"@","data":"%a%"}`, "acme=%token%", `"%token%"`},
		"dollar, value":     {`{"type":"TXT","host":"@","data":"%a%"}`, "$token%", `"$token%"`},
		"dollar, field":     {`{"type":"TXT","host":"@","data":"acme=$token%"},{"type":"TXT","host":"a","data":"%a%"}`, "x", `"$token%"`},
		"dollar, in a name": {`{"type":"CNAME","host":"$key%._domainkey","pointsTo":"%a%"}`, "a.example", `"$key%"`},
	} {
		_, err := mustParse(t, template(tt.records)).Apply(service.Use{Domain: domain, Variables: map[string]string{"a": tt.value}})
		if err == nil || !strings.Contains(err.Error(), tt.want+" is not filled in") {
			t.Errorf("%s: Apply error = %v, want one that says that %s is not filled in", name, err, tt.want)
		}
	}
}
