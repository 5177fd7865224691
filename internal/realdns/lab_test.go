package realdns_test

import (
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/realdns"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// newClient returns a client that finds zones through the resolvers, and through the hierarchy's where none is
// given.
func newClient(t *testing.T, lab *realdns.Lab, resolvers ...*realdns.Server) *resolve.Client {
	t.Helper()
	config := resolve.Config{AuthoritativePort: lab.Port()}
	for _, r := range resolvers {
		config.Resolvers = append(config.Resolvers, resolve.PlainResolver(r.Addr()))
	}
	if len(resolvers) == 0 {
		config.Resolvers = []resolve.Resolver{resolve.MustParseResolver(lab.ResolverAddr())}
	}
	client, err := resolve.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// ask returns the one answer to a question.
func ask(t *testing.T, client *resolve.Client, name string, rrtype record.Type) answer.Answer {
	t.Helper()
	answers, err := client.Ask(t.Context(), answer.Question{Name: dnsname.MustParse(name), Type: rrtype, Via: answer.Authorities, Fresh: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(answers.List) != 1 {
		t.Fatalf("%s %s: %d answers, want that of one server: %v", name, rrtype, len(answers.List), answers.List)
	}
	return answers.List[0]
}

func expect(name string, rrtype record.Type, value string) verify.Expectation {
	return verify.Expectation{Key: string(rrtype) + " " + name, Owner: dnsname.MustParse(name), Type: rrtype, Value: value}
}
