package compose

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// Service is a mail sender as the user names it.
type Service struct {
	Service   string            // id of a built-in service; empty: the key in the map is the id
	Template  string            // JSON text of a Domain Connect template, instead of a built-in
	Variables map[string]string // values that the service gives
	Groups    []string          // nil: the default groups of the template
	Host      string            // a host below the domain that the service sends from; empty: the domain
	Allow     []string          // types and owners granted beyond mail records
}

// DefaultTTL is the TTL of records for which neither user nor template names one, in seconds.
const DefaultTTL = 3600

// applied is one service with its records.
type applied struct {
	key    string
	path   Path
	source string // of its template: the same where two services have the same
	own    string // the name of the owner's own records in texts; empty for services
	service.Applied
}

// source returns the source of a service's template: the id of a built-in one, or the template itself.
func (s Service) source(key string) string { return cmp.Or(s.Template, s.Service, key) }

// name returns the name of the service in texts.
func (s *applied) name() string {
	if s.own != "" {
		return s.own
	}
	if len(s.path) == 0 {
		return "the service " + record.DisplayQuoted(s.key)
	}
	return s.path.String()
}

// OneService holds the records of one service, and the description of its template.
type OneService struct {
	Info     service.Info
	Applied  service.Applied
	Warnings Problems
}

// ApplyOne applies one service to a domain. The key is its name, and the id of the built-in service if the service names
// none. It returns Problems, whose paths start at the attributes of the service: variables, groups.
func ApplyOne(domain dnsname.Name, key string, s Service) (OneService, error) {
	template, fault := loadTemplate(key, s, nil)
	if fault != nil {
		return OneService{}, Problems{fault}
	}
	result, problems := applyTemplate(template, domain, s, service.Kinds(0), nil, problem.Unknown{})
	if len(problems) > 0 {
		return OneService{}, problems
	}
	one := applied{key: key, Applied: result}
	shared, clashes := conflicts([]applied{one})
	if err := clashes.OrNil(); err != nil {
		return OneService{}, err
	}
	return OneService{Info: template.Info(), Applied: result, Warnings: slices.Concat(one.leftOut(), shared)}, nil
}

// leftOut returns the warnings about records of the template that are left out or changed.
func (s *applied) leftOut() Problems {
	var warnings Problems
	for _, text := range s.Warnings {
		warnings = append(warnings, &Problem{Code: warnLeftOut, Path: s.path, Summary: "Part of the service was left out", Detail: text})
	}
	return warnings
}

// applyServices applies each service to the domain, in the order of their keys, for records of the builder's kinds. Services
// that are unknown or at fault make the builder partial.
func (b *builder) applyServices() {
	if problem := b.config.tooManyServices(); problem != nil {
		b.problems, b.partial = append(b.problems, problem), true
		return
	}
	unknown := b.config.Unknown.Attribute("services")
	b.partial = unknown.Whole()
	for _, key := range slices.Sorted(maps.Keys(b.config.Services)) {
		if !settledService(unknown.Key(key)) {
			b.problems, b.partial = append(b.problems, b.config.checkService(key)...), true
			continue
		}
		result, problems := b.config.applyService(key, b.kinds)
		if len(problems) > 0 {
			b.problems, b.partial = append(b.problems, problems...), true
			continue
		}
		one := applied{key: key, path: servicePath(key), source: b.config.Services[key].source(key), Applied: result}
		b.warnings = append(b.warnings, one.leftOut()...)
		b.services = append(b.services, one)
	}
	for _, key := range unknown.Keys() {
		_, given := b.config.Services[key]
		b.partial = b.partial || !given
	}
}

// servicePath leads to a service.
func servicePath(key string) Path { return Attribute("services").Key(key) }

// settledService reports whether the parts of a service that decide on its records are known.
func settledService(unknown problem.Unknown) bool {
	return !slices.ContainsFunc([]string{"service", "template", "host", "groups"}, func(name string) bool { return unknown.Attribute(name).Any() })
}

// MaxServices is the greatest number of services of a domain. Their records are compared in pairs, and the time and the
// texts grow with the square of the number.
const MaxServices = 256

func (c Config) tooManyServices() *Problem {
	if len(c.Services) <= MaxServices {
		return nil
	}
	return &Problem{
		Path: Attribute("services"), Summary: "Too many services",
		Detail: fmt.Sprintf("There are %d services, and a domain takes at most %d. Leave out those that do not send for it.", len(c.Services), MaxServices),
	}
}

// ownSources are the sources of the owner's own records in keys.
var ownSources = []string{"spf", "keys", "dmarc", "dmarc_authorisation", "mx", "mta_sts", "tls_rpt", "bimi", extraSource}

// badName returns the problem with a name that would give the records of a service the keys of others.
func badName(key string, path Path) *Problem {
	var why string
	switch {
	case key == "":
		why = "it is empty"
	case len(key) > problem.MaxShownName:
		why = fmt.Sprintf("it has %d octets, and at most %d are taken", len(key), problem.MaxShownName)
	case slices.Contains(ownSources, key):
		why = "the records that are made of all services, or of the attribute with that name, have it there"
	case strings.Contains(key, "/"):
		why = "a slash separates the parts of such a key"
	default:
		return nil
	}
	return &Problem{
		Path: path, Summary: "Name that a service cannot have",
		Detail: fmt.Sprintf("The name of a service becomes a part of the keys of its records (`<domain>/<service>/<id>`), and this one cannot be that: %s. "+
			"Give it another name; the id of a built-in service goes into `service`.", why),
	}
}

// applyService applies one service to the domain.
func (c Config) applyService(key string, kinds service.Kinds) (service.Applied, Problems) {
	path := servicePath(key)
	if problem := badName(key, path); problem != nil {
		return service.Applied{}, Problems{problem}
	}
	template, problem := loadTemplate(key, c.Services[key], path)
	if problem != nil {
		return service.Applied{}, Problems{problem}
	}
	return applyTemplate(template, c.Domain, c.Services[key], kinds, path, c.Unknown.Attribute("services").Key(key))
}

func applyTemplate(template *service.Template, domain dnsname.Name, s Service, kinds service.Kinds, path Path, unknown problem.Unknown) (service.Applied, Problems) {
	use := service.Use{Domain: domain, Host: s.Host, Groups: s.Groups, Variables: s.Variables, Unknown: unknown.Attribute("variables"), Allow: s.Allow, Kinds: kinds}
	if unknown.Attribute("allow").Any() {
		use.Allow = []string{"*"} // The refusals turn out once it is known, and no key depends on them.
	}
	result, err := template.Apply(use)
	return result, serviceProblems(path, err)
}

// checkService returns the problems with a service at any domain.
func (c Config) checkService(key string) Problems {
	path, s, unknown := servicePath(key), c.Services[key], c.Unknown.Attribute("services").Key(key)
	if problem := badName(key, path); problem != nil {
		return Problems{problem}
	}
	template, problem := loadTemplate(key, s, path)
	if problem != nil {
		return Problems{problem}
	}
	var groups []string
	for i, group := range s.Groups {
		if !unknown.Attribute("groups").At(i).Any() {
			groups = append(groups, group)
		}
	}
	return serviceProblems(path, template.CheckNames(service.Use{Groups: groups, Variables: s.Variables, Unknown: unknown.Attribute("variables")}))
}

// serviceProblems points at the attributes of a service that joined errors are about.
func serviceProblems(path Path, err error) (problems Problems) {
	for _, err := range each(err) {
		problems = append(problems, serviceProblem(path, err))
	}
	return problems
}

// each takes joined errors apart.
func each(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, err := range joined.Unwrap() {
		all = append(all, each(err)...)
	}
	return all
}

func loadTemplate(key string, s Service, path Path) (*service.Template, *Problem) {
	if s.Template != "" && s.Service != "" {
		return nil, &Problem{
			Path: path, Summary: "Two sources for one service",
			Detail: "The service has both `service` and `template`. Keep `service` for a built-in service, or `template` for one of your own.",
		}
	}
	if s.Template != "" {
		template, err := service.Parse([]byte(s.Template))
		if err != nil {
			return nil, &Problem{
				Path: path.Attribute("template"), Summary: "Invalid service template", Err: err,
				Detail: Sentence(err.Error()) + " The template must be the JSON text of a Domain Connect template, as from `file(\"acme.com.mail.json\")`.",
			}
		}
		return template, nil
	}
	id, at := key, path
	if s.Service != "" {
		id, at = s.Service, path.Attribute("service")
	}
	template, err := service.Builtin(id)
	if err != nil {
		return nil, unknownService(id, at, err)
	}
	return template, nil
}

func unknownService(id string, path Path, err error) *Problem {
	p := &Problem{Path: path, Summary: "Unknown mail service", Detail: Sentence(err.Error()), Err: err}
	var unknown *service.UnknownError
	if !errors.As(err, &unknown) {
		return p
	}
	p.Detail = fmt.Sprintf("There is no built-in service %s.", record.DisplayQuoted(problem.ShortName(id)))
	if n := len(path); n > 0 && path[n-1].Kind == problem.StepKey {
		p.Detail = "There is no built-in service of this name."
	}
	if len(unknown.Near) > 0 {
		p.Detail += fmt.Sprintf(" Did you mean %s?", quoteList(unknown.Near))
	}
	p.Detail += fmt.Sprintf(" The %d that are built in are listed by the data source `maildomain_services`, and in the provider's documentation. "+
		"For a built-in service under another name, add `service = \"…\"`; for any other service, add its Domain Connect template with `template = file(\"…\")`.",
		len(unknown.Known))
	return p
}

func quoteList(items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = fmt.Sprintf("%q", item)
	}
	return strings.Join(quoted, " or ")
}

// variableSummaries are the summaries of problems with variables.
var variableSummaries = map[service.Problem]string{
	service.Missing: "Missing service variable",
	service.Unknown: "Unknown service variable",
	service.Invalid: "Invalid service variable",
	service.Twice:   "Service variable given twice",
}

// serviceProblem points at the attribute of a service that an error is about.
func serviceProblem(path Path, err error) *Problem {
	p := &Problem{Path: path, Summary: "Service cannot be applied", Detail: Sentence(err.Error()), Err: err}
	var (
		variable *service.VariableError
		group    *service.GroupError
		refused  *service.RefusedError
		host     *service.HostError
	)
	switch {
	case errors.As(err, &variable):
		p.Path, p.Summary = path.Attribute("variables"), variableSummaries[variable.Problem]
		if variable.Problem != service.Missing {
			p.Path, p.Detail = p.Path.Key(variable.Name), Sentence(variable.Fault())
		}
	case errors.As(err, &group):
		p.Path, p.Summary = path.Attribute("groups"), "Unknown group of a service"
	case errors.As(err, &refused):
		p.Path, p.Summary = path.Attribute("allow"), "Record refused"
	case errors.As(err, &host):
		p.Path, p.Summary = path.Attribute("host"), "Invalid host of a service"
	}
	return p
}
