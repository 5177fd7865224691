// Package discover reads what is live for a mail domain, and writes it as the configuration that makes it: services of
// the catalogue with their variables, keys, SPF terms that nobody asks for, policies. It knows neither Terraform nor
// the DNS protocol.
package discover

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

// DNS answers questions, as every authoritative server does.
type DNS interface {
	Ask(ctx context.Context, q answer.Question) (answer.Set, error)
}

// Query holds the domain to read, and the names to try.
type Query struct {
	Domain    dnsname.Name
	Selectors []string // DKIM selectors beyond those of the catalogue
	Hosts     []string // hosts below the domain, relative to it: return paths, MAIL FROM hosts, hosts that services send from
}

// Kind is the kind of something that no service asks for.
type Kind string

// The kinds.
const (
	Term  Kind = "term"  // of an SPF record
	Key   Kind = "key"   // of DKIM
	Host  Kind = "host"  // a CNAME or SRV record
	MX    Kind = "mx"    // a mail host
	Text  Kind = "text"  // any other TXT value
	Fault Kind = "fault" // a record that receivers refuse
)

// Unknown is something live that no service of the configuration asks for.
type Unknown struct {
	Kind  Kind
	Owner dnsname.Name
	Type  record.Type
	Value string // as DNS has it
	Guess string // the id of the built-in service that it is likeliest of; empty where nothing is like it
	Why   string // a whole sentence
}

// Unresolved is a part of the configuration that DNS does not show.
type Unresolved struct {
	Subject string // the service and its variable, or the name that could not be read
	Why     string // a whole sentence
	Unread  bool   // the servers did not answer, or not all the same
}

// Import is a record set that is live and that the configuration makes.
type Import struct {
	Key   string // of the record in the configuration
	Owner dnsname.Name
	Type  record.Type
	// Rewritten says that the configuration writes the values in another form, which means the same.
	Rewritten bool
}

// Policy is a record of a policy of the domain: DMARC, MTA-STS, TLS-RPT or BIMI.
type Policy struct {
	Name  string // "dmarc", "mta_sts", "tls_rpt" or "bimi"
	Owner dnsname.Name
	Alias string // the name that the owner is an alias of; empty where it holds the record itself
	Value string // as DNS has it
	Says  string // the meaning of the record, as a sentence; empty for a broken one
	Fault string // why receivers ignore it, as a sentence; empty where they do not
}

// Result holds the live records, as a configuration and as lists.
type Result struct {
	Domain dnsname.Name
	// Config makes the live records: the fields that compose.Records takes.
	Config compose.Config
	// Mechanisms are the SPF terms that no service asks for. They are in Config, as part of Existing where that is set.
	Mechanisms []string
	// SPF is the live SPF record of the domain; empty where there is none that receivers take.
	SPF        string
	All        merge.All // how that record ends
	MX         []string  // "10 mx.example.com", sorted
	Policies   []Policy
	Records    record.Set // made of Config
	Imports    []Import   // in the order of their keys
	Unknown    []Unknown
	Unresolved []Unresolved
}

// Discover reads the live records. It returns compose.Problems where the domain's own records cannot be read, or the context's
// error.
func Discover(ctx context.Context, q Query, dns DNS) (Result, error) {
	live, problems := gather(ctx, q, dns)
	if ctx.Err() != nil {
		return Result{}, context.Cause(ctx)
	}
	if err := problems.OrNil(); err != nil {
		return Result{}, err
	}
	m := newMatching(q.Domain, live)
	m.chooseServices()
	m.eliminate()
	b := builder{matching: m, result: Result{Domain: q.Domain, MX: live.mx, Policies: live.policies, Unresolved: live.unread}}
	b.build()
	return b.result, nil
}

// ParseHost reads a host below a domain, relative to it.
func ParseHost(text string, domain dnsname.Name) (string, error) {
	if !domain.IsValid() {
		return "", errors.New("there is no domain that it could be below")
	}
	lower := strings.ToLower(strings.TrimSuffix(text, "."))
	if below, ok := strings.CutSuffix(lower, "."+domain.String()); ok {
		return "", fmt.Errorf("it is relative to %s: write %s", domain, record.ShortQuoted(below))
	}
	name, err := dnsname.ParseIn(text, domain)
	if err != nil {
		return "", err
	}
	relative, ok := name.In(domain)
	if !ok || name == domain || lower == domain.String() || strings.HasPrefix(relative, "*") {
		return "", fmt.Errorf("%s is not the name of a host below %s", record.ShortQuoted(text), domain)
	}
	return relative, nil
}
