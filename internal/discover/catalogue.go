package discover

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// sender is a built-in service and its template.
type sender struct {
	id       string
	template *service.Template
	info     service.Info
	hosts    []string // see hostsOf
}

// senders returns the built-in services in the order of their ids.
var senders = sync.OnceValue(func() []sender {
	var all []sender
	for _, info := range service.Catalogue() {
		template, err := service.Builtin(info.ID)
		if err != nil {
			panic(err) // The templates are part of the program.
		}
		all = append(all, sender{info.ID, template, info, hostsOf(info)})
	}
	return all
})

// selectors returns the DKIM selectors that the catalogue knows, sorted.
func selectors(all []sender) []string {
	found := make(map[string]bool)
	for _, s := range all {
		for _, selector := range s.info.Recognise.Selectors {
			found[selector] = true
		}
		for _, host := range s.hosts {
			if selector, ok := strings.CutSuffix(host, "._domainkey"); ok {
				found[selector] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// hostsOf returns the owners of a service's records that are known without its variables, relative to where it is
// applied: those of keys, and with defaults filled in.
func hostsOf(info service.Info) []string {
	defaults := make(map[string]string)
	for _, v := range info.Variables {
		if v.Default != "" && !strings.Contains(v.Default, "%") {
			defaults[strings.ToLower(v.Name)] = v.Default
		}
	}
	var hosts []string
	for _, r := range info.Records {
		host, known := fill(r.Host, defaults)
		if known && host != "@" && r.Treatment != service.LeftOut && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// fill puts values in the place of variables, and reports whether all have one.
func fill(text string, values map[string]string) (string, bool) {
	parts := strings.Split(text, "%")
	for i := 1; i < len(parts); i += 2 {
		value, ok := values[strings.ToLower(parts[i])]
		if !ok {
			return "", false
		}
		parts[i] = value
	}
	return strings.ToLower(strings.Join(parts, "")), true
}

// domains returns the names that identify the service.
func (s sender) domains() []string {
	known := s.info.Recognise
	all := slices.Concat(known.Includes, known.CNAMEs, known.MX)
	for _, zone := range s.info.Zones {
		all = append(all, zone.String())
	}
	return all
}

// recognises returns the longest domain that the service is known by and that a name lies in; empty where there is none.
func (s sender) recognises(name string) string {
	longest := ""
	for _, domain := range s.domains() {
		if (name == domain || strings.HasSuffix(name, "."+domain)) && len(domain) > len(longest) {
			longest = domain
		}
	}
	return longest
}
