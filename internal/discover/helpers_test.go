package discover_test

import (
	"context"
	crand "crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/discover"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

var example = dnsname.MustParse("example.com")

// zone is a DNS with the records of one domain, by owner and type.
type zone struct {
	records map[string][]string
	fails   map[string]answer.Outcome // by owner and type
	ttls    map[record.Type]uint32

	denies string // a name that does not exist, by the servers

	mu    sync.Mutex
	asked []string
}

// newZone makes a zone of lines: owner, type, value.
func newZone(lines ...string) *zone {
	z := &zone{records: make(map[string][]string)}
	for _, line := range lines {
		part := strings.SplitN(line, " ", 3)
		z.records[part[0]+" "+part[1]] = append(z.records[part[0]+" "+part[1]], part[2])
	}
	return z
}

// serve makes a zone of records.
func serve(set record.Set) *zone {
	var lines []string
	for _, key := range set.Keys() {
		r := set[key]
		if line := fmt.Sprintf("%s %s %s", r.Owner, r.Type, r.Value); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return newZone(lines...)
}

func (z *zone) Ask(_ context.Context, q answer.Question) (answer.Set, error) {
	key := fmt.Sprintf("%s %s", q.Name, q.Type)
	z.mu.Lock()
	z.asked = append(z.asked, key)
	z.mu.Unlock()
	a := answer.Answer{Server: answer.Server{Name: dnsname.MustParse("ns1.example.net")}, Outcome: answer.NXDomain}
	if outcome, ok := z.fails[key]; ok {
		a.Outcome = outcome
		return answer.Set{List: []answer.Answer{a}}, nil
	}
	encloser := q.Name
	for !z.exists(encloser) && encloser != example {
		encloser = encloser.Parent()
	}
	at := q.Name.String()
	if encloser == q.Name {
		a.Outcome = answer.NoData
	} else {
		at = "*." + encloser.String()
		a.Outcome, a.Values = z.wildcard(encloser, q.Type)
	}
	if q.Name.String() == z.denies {
		a.Outcome = answer.NXDomain
	}
	if values, ok := z.records[key]; ok {
		a.Outcome, a.Values, a.TTL = answer.Found, slices.Sorted(slices.Values(values)), 3600
		if ttl, set := z.ttls[q.Type]; set {
			a.TTL = ttl
		}
	}
	if alias, ok := z.records[at+" CNAME"]; ok && q.Type != record.CNAME {
		a.Aliases, a.Values, a.TTL = []dnsname.Name{dnsname.MustParse(alias[0])}, slices.Sorted(slices.Values(z.records[fmt.Sprintf("%s %s", alias[0], q.Type)])), 1
		if a.Outcome = answer.NXDomain; len(a.Values) > 0 {
			a.Outcome = answer.Found
		}
	}
	return answer.Set{List: []answer.Answer{a}}, nil
}

// wildcard answers for names below a name that do not exist (RFC 4592 §3.3.1).
func (z *zone) wildcard(encloser dnsname.Name, t record.Type) (answer.Outcome, []string) {
	outcome := answer.NXDomain
	for key, values := range z.records {
		if owner, typ, _ := strings.Cut(key, " "); owner == "*."+encloser.String() {
			if typ == string(t) {
				return answer.Found, values
			}
			outcome = answer.NoData
		}
	}
	return outcome, nil
}

// exists reports whether there is anything at a name or below it.
func (z *zone) exists(name dnsname.Name) bool {
	for key := range z.records {
		if owner, _, _ := strings.Cut(key, " "); owner == name.String() || strings.HasSuffix(owner, "."+name.String()) {
			return true
		}
	}
	return false
}

// everywhere is a query that names all selectors and hosts of a zone.
func (z *zone) everywhere(domain dnsname.Name) discover.Query {
	q := discover.Query{Domain: domain}
	for name := range z.records {
		owner, _, _ := strings.Cut(name, " ")
		relative, ok := strings.CutSuffix(owner, "."+domain.String())
		selector, isKey := strings.CutSuffix(relative, "._domainkey")
		if _, host, below := strings.Cut(relative, "._domainkey."); ok && below {
			q.Hosts = append(q.Hosts, host)
		}
		switch {
		case isKey:
			q.Selectors = append(q.Selectors, selector)
		case ok && !strings.HasPrefix(relative, "*") && !strings.HasPrefix(relative, "_") && !strings.Contains(relative, "._"):
			q.Hosts = append(q.Hosts, relative)
		}
	}
	slices.Sort(q.Selectors)
	slices.Sort(q.Hosts)
	q.Hosts = slices.Compact(q.Hosts)
	return q
}

func mustDiscover(t *testing.T, q discover.Query, z *zone) discover.Result {
	t.Helper()
	got, err := discover.Discover(t.Context(), q, z)
	if err != nil {
		t.Fatalf("Discover(%v): %v", q, err)
	}
	return got
}

// roll makes configurations by chance.
type roll struct{ *rand.Rand }

func (r roll) word() string {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	word := []byte{letters[r.IntN(26)]}
	for range 4 + r.IntN(6) {
		word = append(word, (letters + "0123456789")[r.IntN(36)])
	}
	return string(word)
}

// rsa returns the key data of one of some keys.
func (r roll) rsa() string {
	return keys()[r.IntN(len(keys()))]
}

// keys are the public halves of some RSA keys.
var keys = sync.OnceValue(func() []string {
	var all []string
	for range 2 {
		key, err := rsa.GenerateKey(crand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		if err != nil {
			panic(err)
		}
		all = append(all, base64.StdEncoding.EncodeToString(der))
	}
	return all
})

// of rolls a value of a variable as the service would hand it out: names lie where the service is known by.
func (r roll) of(info service.Info, v service.Variable) string {
	switch v.Kind {
	case service.KindDomain:
		within := r.within(info, v.Name)
		if len(within) == 0 {
			return r.word() + "." + r.word() + ".example"
		}
		return r.word() + "." + within[r.IntN(len(within))]
	case service.KindToken:
		return fmt.Sprint(1 + r.IntN(99))
	case service.KindText:
		return "token=" + r.word()
	case service.KindDKIM:
		return "v=DKIM1; k=rsa; p=" + r.rsa()
	case service.KindSPF:
		return "include:" + r.word() + ".example"
	}
	return r.word()
}

// within are the domains that a name in the records of a variable lies in.
func (roll) within(info service.Info, name string) []string {
	for _, rec := range info.Records {
		if !slices.Contains(rec.Variables, name) {
			continue
		}
		known := map[string][]string{"SPFM": info.Recognise.Includes, "CNAME": info.Recognise.CNAMEs, "MX": info.Recognise.MX}[rec.Type]
		if len(known) > 0 {
			return known
		}
	}
	return slices.Concat(info.Recognise.Includes, info.Recognise.CNAMEs, info.Recognise.MX)
}

// service rolls a use of a built-in service, and reports whether it can be applied.
func (r roll) service(id string, groups []string) (compose.Service, bool) {
	template, err := service.Builtin(id)
	if err != nil {
		return compose.Service{}, false
	}
	info := template.Info()
	s := compose.Service{Variables: make(map[string]string), Groups: groups}
	if info.HostRequired {
		s.Host = r.word()
	}
	for _, v := range info.Variables {
		switch {
		case len(v.Values) > 0:
			if v.Default == "" {
				s.Variables[v.Name] = v.Values[r.IntN(len(v.Values))]
			}
		case v.DecidedBy == "" && v.Default == "":
			s.Variables[v.Name] = r.of(info, v)
		}
	}
	_, err = compose.Records(compose.Config{Domain: example, Services: map[string]compose.Service{id: s}})
	return s, err == nil
}
