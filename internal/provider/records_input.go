package provider

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

// request is what records are to be made of: what a data source is configured with, or a function called with.
type request struct {
	reading
	config compose.Config
}

// anyDomain is the part that can be checked without making the records of a domain, for a data source that makes some of
// them: a service's variables are demanded for those alone.
func (r request) anyDomain() compose.Config {
	c := r.config
	c.Domain = dnsname.Name{}
	return c
}

// recordsAttributes are the attributes that say what the records are made of.
func recordsAttributes() []string {
	return []string{"domain", "services", "keys", "existing", "mechanisms", "remove", "all", "allow_pass_all", "ttl", "mx", "parked", "hosts", "dmarc", "mta_sts", "tls_rpt", "bimi", "extra", "acknowledge"}
}

// readRecords reads the argument of the function. What is wrong with it goes to the problems of the input.
func readRecords(in input) request {
	if in.unknown() {
		return request{reading: reading{unknown: true}}
	}
	if in.known() && !in.isObject() {
		in.fields() // It says what is wrong; nothing is missing from what is no object.
		return request{}
	}
	return newRequest(in.attributes(recordsAttributes()...))
}

// newRequest reads those attributes that there are. What is wrong with them goes to the problems of the inputs.
func newRequest(parts map[string]input) request {
	var r request
	r.config.Domain = r.domain(parts["domain"])
	r.config.Services = r.services(parts["services"])
	r.config.Pending.Services = r.missing
	r.config.Keys = r.keys(parts["keys"])
	r.setSPF(parts)
	r.config.Extra = r.extra(parts["extra"])
	r.config.TTL = ttlInput(parts["ttl"])
	r.config.Pending.TTL = parts["ttl"].unknown()
	r.config.Acknowledge, r.config.Pending.Acknowledge = parts["acknowledge"].texts()
	r.policies(parts)
	r.config.AdoptLive = parts["adopt_live"].boolean()
	r.config.Flatten, _ = parts["flatten"].texts()
	r.config.MaxSize = int(parts["max_size"].whole(64, 4096))
	r.config.WarnOnPermError = parts["on_permerror"].oneOf("error", "warn") == "warn"
	return r
}

// setSPF takes what the owner of the domain says of SPF.
func (r *request) setSPF(parts map[string]input) {
	c := &r.config
	existing, all, allow := parts["existing"], parts["all"], parts["allow_pass_all"]
	if c.Existing = existing.text(); existing.isText() && c.Existing == "" {
		existing.failAs("Empty value", "it is an empty text; if the domain has no SPF record yet, leave it out or set it to null")
	}
	c.Mechanisms, c.Pending.Mechanisms = parts["mechanisms"].texts()
	c.Remove, c.Pending.Remove = parts["remove"].texts()
	if text := all.text(); all.isText() {
		if ending, err := merge.ParseAll(text); err != nil {
			all.failAs("Unknown ending", "%v", err)
		} else {
			c.All = ending
		}
	}
	c.AllowPassAll = allow.boolean()
	c.Pending.Existing, c.Pending.All, c.Pending.AllowPassAll = existing.unknown(), all.unknown(), allow.unknown()
}

// reading notes while inputs are read whether something is known only after apply on which the keys of records depend.
type reading struct {
	unknown bool
	missing bool // a service is not among those that were read: it is at fault, or known only after apply
}

// settled returns the text of a part on which keys depend.
func (r *reading) settled(in input) string {
	r.unknown = r.unknown || in.unknown()
	return in.text()
}

func (r *reading) domain(in input) dnsname.Name {
	text := r.settled(in)
	switch {
	case in.unknown():
		return dnsname.Name{}
	case in.absent():
		in.fail(`it is missing; write the domain that sends mail, such as "example.com"`)
		return dnsname.Name{}
	case !in.isText():
		return dnsname.Name{}
	}
	domain, err := parseDomain(text)
	if err != nil {
		in.failAs("Invalid domain name", "%v", err)
	}
	return domain
}

func (r *reading) services(in input) map[string]compose.Service {
	r.unknown = r.unknown || in.unknown()
	services := make(map[string]compose.Service)
	r.missing = in.unknown()
	before := in.faults()
	defer func() { r.missing = r.missing || in.faults() > before }()
	for _, element := range in.elements("write {} to use it, or leave the key out") {
		r.unknown = r.unknown || element.unknown()
		faults := element.faults()
		parts := element.attributes(serviceNames()...)
		sound := element.known() && element.faults() == faults // What is misspelt may be its template.
		s, known := r.service(parts)
		s.Partial = s.Partial || element.faults() > faults // The rest is checked all the same.
		if known && sound {
			services[element.key] = s
		}
		r.missing = r.missing || !sound || !known || s.Partial
	}
	return services
}

// serviceNames are the attributes of a service.
func serviceNames() []string {
	return []string{"service", "template", "variables", "groups", "host", "allow"}
}

// service reads one service. It returns false where not even its template is known, so that there is nothing to check.
func (r *reading) service(parts map[string]input) (s compose.Service, known bool) {
	s = compose.Service{Service: r.settled(parts["service"]), Template: r.settled(parts["template"]), Host: r.settled(parts["host"])}
	s.Variables, s.Pending = variablesInput(parts["variables"])
	groups, later := parts["groups"].texts()
	s.Groups, s.Partial = withoutPending(groups, later), later.Any() || parts["host"].unknown()
	r.unknown = r.unknown || later.Any()
	if s.Allow, later = parts["allow"].texts(); later.Any() {
		s.Allow = []string{"*"} // What is refused turns out once it is known; no key depends on it.
	}
	return s, parts["service"].settled() && parts["template"].settled()
}

// withoutPending returns the texts that are known.
func withoutPending(texts []string, later compose.PendingList) []string {
	if len(later.At) == 0 {
		return texts
	}
	known := make([]string, 0, len(texts))
	for i, text := range texts {
		if !slices.Contains(later.At, i) {
			known = append(known, text)
		}
	}
	return known
}

// variablesInput returns the variables that are known, and the names of those that are not.
func variablesInput(in input) (known map[string]string, pending []string) {
	if in.unknown() {
		return nil, []string{"*"}
	}
	known = make(map[string]string)
	for _, element := range in.elements("write its value, or leave the key out") {
		if element.unknown() {
			pending = append(pending, element.key)
		} else {
			known[element.key] = element.text()
		}
	}
	return known, pending
}

func (r *reading) keys(in input) map[string]compose.Key {
	r.unknown = r.unknown || in.unknown()
	keys := make(map[string]compose.Key)
	for _, element := range in.elements("set one of public_key, record and cname, or leave the key out") {
		if element.unknown() {
			r.unknown = true
			continue
		}
		faults := element.faults()
		parts := element.attributes("public_key", "record", "cname", "state")
		key := compose.Key{
			PublicKey: parts["public_key"].text(), Record: parts["record"].text(), CNAME: parts["cname"].text(),
			State: compose.KeyState(parts["state"].text()), PendingState: parts["state"].unknown(),
			PendingText: parts["public_key"].unknown() || parts["record"].unknown(), PendingCNAME: parts["cname"].unknown(),
		}
		if element.faults() == faults {
			keys[element.key] = key
		}
	}
	return keys
}

func (r *reading) extra(in input) map[string]compose.Extra {
	r.unknown = r.unknown || in.unknown()
	extra := make(map[string]compose.Extra)
	for _, element := range in.elements("set name, type and value, or leave the key out") {
		if element.unknown() {
			r.unknown = true
			continue
		}
		faults := element.faults()
		parts := element.attributes("name", "type", "value", "ttl")
		for _, name := range []string{"name", "type", "value"} {
			parts[name].isNull("write it, such as name = \"@\", type = \"TXT\", value = \"token\"")
		}
		record := compose.Extra{
			Name: parts["name"].text(), Type: r.settled(parts["type"]), Value: parts["value"].text(), TTL: ttlInput(parts["ttl"]),
			PendingName: parts["name"].unknown(), PendingValue: parts["value"].unknown(), PendingTTL: parts["ttl"].unknown(),
		}
		if element.faults() == faults && !parts["type"].unknown() {
			extra[element.key] = record
		}
	}
	return extra
}

// problemLines writes problems for the one text that the error of a function has: a line for each, its path first,
// without final full stops, since Terraform puts one.
func problemLines(problems compose.Problems) string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		prefix := p.Path.String() + ": "
		if len(p.Path) == 0 {
			prefix = ""
		}
		lines[i] = prefix + strings.TrimSuffix(p.Detail, ".")
	}
	return errorLines(lines)
}

// errorLines joins lines to the text of a function's error.
func errorLines(lines []string) string {
	if len(lines) > 1 {
		lines = slices.Insert(lines, 0, "") // Terraform has written something already on the line that it starts at.
	}
	return strings.Join(lines, "\n")
}

// recordsError is the error of a function about the records that it was called with.
func recordsError(err error) *function.FuncError {
	return argumentError(0, errorLines(strings.Split(err.Error(), "\n")))
}
