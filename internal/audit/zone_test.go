package audit_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// world is a DNS in memory: values by "name TYPE".
type world struct {
	data    map[string][]string
	ttl     map[string]uint32
	fails   map[string]answer.Outcome // what a question comes to at every server, by "name TYPE" or "TYPE"
	second  map[string][]string       // what the second server has in place of data
	one     map[string]answer.Outcome // what a question comes to at the second server alone
	inMixed answer.Outcome            // what the second server answers where letters are in upper case; 0: the same
	overTCP answer.Outcome            // what the second server answers over TCP; 0: the same
	err     map[string]error          // that questions end with, by name
	survey  answer.Survey
	aliased []dnsname.Name  // name servers
	others  answer.Security // of zones elsewhere
	noEDNS  bool            // the second server answers without EDNS

	mu    sync.Mutex
	asked map[string]int
}

var servers = []answer.Server{
	{Name: dnsname.MustParse("ns1.example.net"), Addr: netip.MustParseAddrPort("11.0.0.53:53")},
	{Name: dnsname.MustParse("ns2.example.net"), Addr: netip.MustParseAddrPort("12.0.0.53:53")},
}

func newWorld(lines string) *world {
	w := &world{
		data: make(map[string][]string), ttl: make(map[string]uint32), fails: make(map[string]answer.Outcome), second: make(map[string][]string),
		one: make(map[string]answer.Outcome), err: make(map[string]error), asked: make(map[string]int), others: answer.Secure,
	}
	names := []dnsname.Name{servers[0].Name, servers[1].Name}
	w.survey = answer.Survey{Zone: dnsname.MustParse("example.com"), Parent: names, Own: names, Security: answer.Secure, Serials: []answer.Serial{
		{Server: servers[0], Outcome: answer.Found, Serial: 1}, {Server: servers[1], Outcome: answer.Found, Serial: 1},
	}}
	w.edit(lines)
	return w
}

// edit changes records: "name TYPE value" adds one, "=name TYPE value" puts it in the place of all of that name and type,
// and "-name TYPE" removes them.
func (w *world) edit(lines string) {
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		op := line[0]
		if op == '=' || op == '-' {
			line = line[1:]
		}
		fields := strings.SplitN(line, " ", 3)
		key := fields[0] + " " + fields[1]
		if op == '=' || op == '-' {
			delete(w.data, key)
		}
		if len(fields) == 3 {
			w.data[key] = append(w.data[key], fields[2])
		}
	}
}

// exists reports whether there is anything at or below a name.
func (w *world) exists(name string) bool {
	for key := range w.data {
		owner, _, _ := strings.Cut(key, " ")
		if owner == name || strings.HasSuffix(owner, "."+name) {
			return true
		}
	}
	return false
}

// at returns the values of a name, by a wildcard where the name does not exist.
func (w *world) at(name, typ string) (values []string, exists bool) {
	if w.exists(name) {
		return w.data[name+" "+typ], true
	}
	for rest := name; ; {
		_, parent, ok := strings.Cut(rest, ".")
		if !ok {
			return nil, false
		}
		if w.exists("*." + parent) {
			return w.data["*."+parent+" "+typ], true
		}
		if w.exists(parent) {
			return nil, false
		}
		rest = parent
	}
}

func (w *world) look(name, typ string) answer.Answer {
	a := answer.Answer{TTL: 3600, Authoritative: true}
	for range 5 {
		values, exists := w.at(name, typ)
		targets, _ := w.at(name, "CNAME")
		switch {
		case len(values) > 0:
			a.Outcome, a.Values = answer.Found, slices.Sorted(slices.Values(values))
			if ttl := w.ttl[name+" "+typ]; ttl > 0 {
				a.TTL = ttl
			}
		case len(targets) > 0 && typ != "CNAME":
			name = targets[0]
			a.Aliases = append(a.Aliases, dnsname.FromDNS(name))
			continue
		case exists:
			a.Outcome = answer.NoData
		default:
			a.Outcome = answer.NXDomain
		}
		return a
	}
	a.Outcome, a.Detail = answer.Malformed, "aliases in a circle"
	return a
}

func (w *world) note(q string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[q]++
}

func (w *world) Ask(ctx context.Context, q answer.Question) (answer.Set, error) {
	name, key := q.Name.String(), q.Name.String()+" "+string(q.Type)
	w.note(key + map[bool]string{true: " over TCP"}[q.TCP] + map[bool]string{true: " in mixed case"}[q.Mixed])
	if ctx.Err() != nil {
		return answer.Set{}, ctx.Err()
	}
	if err := w.err[name]; err != nil {
		return answer.Set{}, err
	}
	domain := dmarc.OrganisationalDomain(q.Name)
	if len(q.Name.Labels()) > 1 && !strings.HasPrefix(name, "_") && !w.exists(domain.String()) {
		return answer.Set{}, &answer.LookupError{Name: q.Name, At: domain, Outcome: answer.NXDomain, Reason: answer.NotDelegated}
	}
	a := w.look(name, string(q.Type))
	for _, k := range []string{key, string(q.Type)} {
		if o := w.fails[k]; o != 0 {
			a = answer.Answer{Outcome: o}
		}
	}
	b := a
	if values, ok := w.second[key]; ok {
		b.Values = values
		if b.Outcome = answer.Found; len(values) == 0 {
			b.Outcome = answer.NoData
		}
	}
	if o := w.one[key]; o != 0 {
		b = answer.Answer{Outcome: o}
	}
	if q.Mixed && w.inMixed != 0 {
		b = answer.Answer{Outcome: w.inMixed}
	}
	if q.TCP && w.overTCP != 0 {
		b = answer.Answer{Outcome: w.overTCP}
	}
	b.NoEDNS = w.noEDNS
	a.Server, b.Server = servers[0], servers[1]
	return answer.Set{Zone: domain, List: []answer.Answer{a, b}, AliasedServers: w.aliased}, nil
}

func (w *world) Survey(_ context.Context, name dnsname.Name) (answer.Survey, error) {
	if !name.IsIn(dnsname.MustParse("example.com")) {
		return answer.Survey{Zone: name, Security: w.others}, nil
	}
	if err := w.err["example.com"]; err != nil {
		return answer.Survey{}, err
	}
	return w.survey, nil
}

func (w *world) Lookup(ctx context.Context, name string, t spf.RRType) ([]string, error) {
	w.note(name + " " + string(t) + " recursive")
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if w.fails[name+" "+string(t)] != 0 {
		return nil, errors.New("SERVFAIL")
	}
	a := w.look(name, string(t))
	if t == spf.TypeMX {
		return record.MailHosts(a.Values), nil
	}
	return a.Values, nil
}

// rsaKey returns a DKIM key record with an RSA key of that size. Nobody has its private part.
func rsaKey(bits uint, exponent int, tags string) string {
	n := new(big.Int).SetBit(big.NewInt(1), int(bits-1), 1)
	n.Add(n, new(big.Int).Lsh(big.NewInt(int64(bits)*7+int64(len(tags))), 64))
	der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: n, E: exponent})
	if err != nil {
		panic(err)
	}
	return "v=DKIM1; " + tags + "p=" + base64.StdEncoding.EncodeToString(der)
}

func pkcs1Key() string {
	n := new(big.Int).SetBit(big.NewInt(3), 2047, 1)
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&rsa.PublicKey{N: n, E: 65537}))
}

func edKey() string {
	return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(make([]byte, ed25519.PublicKeySize))
}
