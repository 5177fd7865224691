package provider

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// recordsRequest is what the function `records` is called with, and the data source of that name.
type recordsRequest struct {
	config compose.RecordsConfig
	// unknown says that something is known only after apply on which the keys of the records depend.
	unknown bool
}

// recordsAttributes are the attributes that say what the records are made of.
func recordsAttributes() []string {
	return []string{"domain", "services", "keys", "existing", "mechanisms", "remove", "all", "allow_pass_all", "ttl"}
}

// readRecords reads the argument of the function. What is wrong with it goes to the problems of the input.
func readRecords(in input) recordsRequest {
	if in.unknown() {
		return recordsRequest{unknown: true}
	}
	if in.known() && !in.isObject() {
		in.fields() // It says what is wrong; nothing is missing from what is no object.
		return recordsRequest{}
	}
	return newRecordsRequest(in.attributes(recordsAttributes()...))
}

// newRecordsRequest reads the attributes. What is wrong with them goes to the problems of the inputs.
func newRecordsRequest(parts map[string]input) recordsRequest {
	var r recordsRequest
	r.config.Domain = r.domain(parts["domain"])
	r.config.Services = r.services(parts["services"])
	r.config.Keys = r.keys(parts["keys"])
	r.setSPF(parts)
	r.config.TTL = uint32(parts["ttl"].whole(1, math.MaxInt32)) // RFC 2181 §8 ends TTLs at 31 bits.
	r.config.Pending.TTL = parts["ttl"].unknown()
	return r
}

// settled returns the text of a part on which keys depend.
func (r *recordsRequest) settled(in input) string {
	r.unknown = r.unknown || in.unknown()
	return in.text()
}

func (r *recordsRequest) domain(in input) dnsname.Name {
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
		in.fail("%v", err)
	}
	return domain
}

func (r *recordsRequest) services(in input) map[string]compose.Service {
	r.unknown = r.unknown || in.unknown()
	elements := in.elements()
	services := make(map[string]compose.Service, len(elements))
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		s, known := r.service(elements[key])
		if known {
			services[key] = s
		}
	}
	return services
}

// service reads one service. It returns false where not even its template is known, so that there is nothing to check.
func (r *recordsRequest) service(in input) (s compose.Service, known bool) {
	r.unknown = r.unknown || in.unknown()
	parts := in.attributes("service", "template", "variables", "groups", "host", "allow")
	s = compose.Service{Service: r.settled(parts["service"]), Template: r.settled(parts["template"]), Host: r.settled(parts["host"])}
	s.Variables, s.Pending = variablesInput(parts["variables"])
	groups, settled := parts["groups"].texts()
	s.Groups, r.unknown = groups, r.unknown || !settled
	if s.Allow, settled = parts["allow"].texts(); !settled {
		s.Allow = []string{"*"} // What is refused turns out once it is known; no key depends on it.
	}
	return s, !in.unknown() && !parts["service"].unknown() && !parts["template"].unknown()
}

// variablesInput returns the variables that are known, and the names of those that are not.
func variablesInput(in input) (known map[string]string, pending []string) {
	if in.unknown() {
		return nil, []string{"*"}
	}
	elements := in.elements()
	known = make(map[string]string, len(elements))
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		if elements[name].unknown() {
			pending = append(pending, name)
		} else {
			known[name] = elements[name].text()
		}
	}
	return known, pending
}

func (r *recordsRequest) keys(in input) map[string]compose.Key {
	r.unknown = r.unknown || in.unknown()
	elements := in.elements()
	keys := make(map[string]compose.Key, len(elements))
	for _, selector := range slices.Sorted(maps.Keys(elements)) {
		element := elements[selector]
		r.unknown = r.unknown || element.unknown()
		parts := element.attributes("public_key", "record", "cname")
		keys[selector] = compose.Key{
			PublicKey: parts["public_key"].text(), Record: parts["record"].text(), CNAME: parts["cname"].text(),
			PendingText: parts["public_key"].unknown() || parts["record"].unknown(), PendingCNAME: parts["cname"].unknown(),
		}
	}
	return keys
}

// setSPF takes what the owner of the domain says of SPF.
func (r *recordsRequest) setSPF(parts map[string]input) {
	c := &r.config
	existing := parts["existing"]
	if c.Existing = existing.text(); existing.isText() && c.Existing == "" {
		existing.fail("it is an empty text; leave it out, or set it to null, where the domain has no SPF record yet")
	}
	var known bool
	c.Mechanisms, known = parts["mechanisms"].texts()
	c.Pending.Mechanisms = !known
	c.Remove, known = parts["remove"].texts()
	c.Pending.Remove = !known
	if all := parts["all"]; all.isText() {
		c.All = spf.All(all.text())
		if _, err := spf.ParseAll(string(c.All)); err != nil {
			all.fail("%v", err)
		}
	}
	c.AllowPassAll = parts["allow_pass_all"].boolean()
	c.Pending.Existing, c.Pending.All, c.Pending.AllowPassAll = existing.unknown(), parts["all"].unknown(), parts["allow_pass_all"].unknown()
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
		text := strings.TrimSuffix(p.Detail, ".")
		if len(text) > len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
			text = text[len(prefix):] // Errors that name their place do so once.
		}
		lines[i] = prefix + text
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
