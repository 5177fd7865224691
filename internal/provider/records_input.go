package provider

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

// anyDomain returns the configuration without its domain. It holds the part that can be checked without making all records
// of a domain, for a data source that makes some of them: a service's variables are demanded for those alone.
func anyDomain(c compose.Config) compose.Config {
	c.Domain = dnsname.Name{}
	return c
}

// recordsAttributes are the attributes that say what the records are made of.
func recordsAttributes() []string {
	return slices.Concat([]string{"domain", "services", "keys"}, spfNames(), []string{"ttl", "mx", "parked", "hosts", "dmarc", "mta_sts", "tls_rpt", "bimi", "extra", "acknowledge"})
}

// recordsConfig reads the argument of the function.
func recordsConfig(in input) compose.Config {
	if in.known() && !in.isObject() {
		in.fields() // It says what is wrong; nothing is missing from what is no object.
		return compose.Config{}
	}
	if in.unknown() {
		return compose.Config{}
	}
	return newConfig(in.attributes(recordsAttributes()...))
}

// newConfig reads those attributes that there are.
func newConfig(parts map[string]input) compose.Config {
	c := compose.Config{Domain: readDomain(parts["domain"]), Services: readServices(parts["services"]), Keys: readKeys(parts["keys"])}
	readSPF(&c, parts)
	c.Extra, c.TTL, c.Acknowledge = readExtra(parts["extra"]), readTTL(parts["ttl"]), parts["acknowledge"].texts()
	readPolicies(&c, parts)
	c.Unknown = unknownOf(parts, recordsAttributes()...)
	return c
}

// spfNames are the attributes of the owner's own SPF that need no DNS.
func spfNames() []string {
	return []string{"existing", "mechanisms", "remove", "all", "allow_pass_all"}
}

// readSPF reads the attributes of the owner's own SPF.
func readSPF(c *compose.Config, parts map[string]input) {
	existing, all := parts["existing"], parts["all"]
	if c.Existing = existing.text(); existing.isText() && c.Existing == "" {
		existing.failAs("Empty value", "it is an empty text; if the domain has no SPF record yet, leave it out or set it to null")
	}
	c.Mechanisms, c.Remove, c.AllowPassAll = parts["mechanisms"].texts(), parts["remove"].texts(), parts["allow_pass_all"].boolean()
	if text := all.text(); all.isText() {
		ending, err := merge.ParseAll(text)
		if err != nil {
			all.failAs("Unknown ending", "%v", err)
		}
		c.All = ending
	}
	c.AdoptLive, c.Flatten, c.MaxSize = parts["adopt_live"].boolean(), parts["flatten"].texts(), int(parts["max_size"].whole(64, 4096))
	c.WarnOnPermError = parts["on_permerror"].oneOf("error", "warn") == "warn"
}

func readDomain(in input) dnsname.Name {
	text := in.text()
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

// readServices reads the services. It leaves out those of which not even the template is known.
func readServices(in input) map[string]compose.Service {
	services := make(map[string]compose.Service)
	for _, element := range in.elements("write {} to use it, or leave the key out") {
		faults := element.faults()
		parts := element.attributes(serviceNames()...)
		sound := element.known() && element.faults() == faults // What is misspelt may be its template.
		if s, known := readService(parts); known && sound {
			services[element.key] = s
		}
	}
	return services
}

// serviceNames are the attributes of a service.
func serviceNames() []string {
	return []string{"service", "template", "variables", "groups", "host", "allow"}
}

// readService reads one service. It returns false where not even its template is known, so that there is nothing to check.
func readService(parts map[string]input) (s compose.Service, known bool) {
	s = compose.Service{
		Service: parts["service"].text(), Template: parts["template"].text(), Host: parts["host"].text(),
		Variables: readVariables(parts["variables"]), Groups: parts["groups"].texts(), Allow: parts["allow"].texts(),
	}
	return s, parts["service"].settled() && parts["template"].settled()
}

// readVariables reads the variables that are known.
func readVariables(in input) map[string]string {
	variables := make(map[string]string)
	for _, element := range in.elements("write its value, or leave the key out") {
		if text := element.text(); !element.unknowns().Any() {
			variables[element.key] = text
		}
	}
	return variables
}

func readKeys(in input) map[string]compose.Key {
	keys := make(map[string]compose.Key)
	for _, element := range in.elements("set one of public_key, record and cname, or leave the key out") {
		faults := element.faults()
		parts := element.attributes("public_key", "record", "cname", "state")
		key := compose.Key{
			PublicKey: parts["public_key"].text(), Record: parts["record"].text(), CNAME: parts["cname"].text(), State: compose.KeyState(parts["state"].text()),
		}
		if element.known() && element.faults() == faults {
			keys[element.key] = key
		}
	}
	return keys
}

func readExtra(in input) map[string]compose.Extra {
	extra := make(map[string]compose.Extra)
	for _, element := range in.elements("set name, type and value, or leave the key out") {
		if element.unknown() {
			continue
		}
		faults := element.faults()
		parts := element.attributes("name", "type", "value", "ttl")
		for _, name := range []string{"name", "type", "value"} {
			parts[name].isNull("write it, such as name = \"@\", type = \"TXT\", value = \"token\"")
		}
		record := compose.Extra{Name: parts["name"].text(), Type: parts["type"].text(), Value: parts["value"].text(), TTL: readTTL(parts["ttl"])}
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
