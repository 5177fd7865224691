package compose

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// MTASTS is the MTA-STS policy of a domain. A nil list of mail hosts means those of the configuration.
type MTASTS struct {
	mtasts.Config

	// Existing is the record of a domain whose policy is published elsewhere. It stays as it is, and excludes mode, age and
	// mail hosts.
	Existing  string
	Host      string   // the name at which the web server of the policy is known; empty: no record leads there
	Addresses []string // of that web server, in place of Host
}

// MTASTSPolicy makes the records and the policy of [Config.MTASTS]; its mail hosts may be those of services. It returns
// Problems, whose paths start at the attributes of the policy.
func MTASTSPolicy(c Config) (Result, error) {
	if !c.Domain.IsValid() {
		b := bare(Config{Domain: standIn, MTASTS: c.MTASTS, Unknown: c.Unknown})
		b.partial = true
		b.addMTASTS(nil)
		return Result{}, b.problems.OrNil()
	}
	b := newBuilder(Config{Domain: c.Domain, TTL: c.TTL, MTASTS: c.MTASTS, MX: c.MX, Services: c.Services, Unknown: c.Unknown}, service.OtherKind) // MX records are of that kind.
	b.addMTASTS(nil)
	return b.result()
}

// addMTASTS adds the records of the policy at a path.
func (b *builder) addMTASTS(at Path) {
	if b.config.MTASTS == nil {
		return
	}
	m := *b.config.MTASTS
	unknown := b.config.Unknown.Attribute("mta_sts")
	p := &policy{at: at, source: "mta_sts", unknown: unknown.Any()}
	if m.Existing != "" || unknown.Attribute("existing").Any() {
		b.keepMTASTS(p, &m)
		return
	}
	hosts, partly := m.MX, false
	if m.MX == nil && !unknown.Attribute("mx").Any() {
		hosts, partly = b.mailHosts()
		partly = partly || b.partial // More may turn up.
	}
	p.unknown = p.unknown || partly
	m.MX = hosts
	built, warnings, err := m.Policy()
	problems := unknown.Settled(problemsOf(err))
	if b.config.MTASTS.MX == nil {
		problems = ofMailHosts(problems, partly)
	}
	b.problems = append(b.problems, problems.In(at)...)
	owner, ok := b.below(p, mtasts.Label)
	if !ok || len(problems) > 0 {
		return
	}
	by := p.ofOwner()
	b.addOwn(p, by, "", owner, record.TXT, built.Record().String())
	b.addPolicyHost(p, by, &m)
	if p.unknown {
		return
	}
	b.warnings = append(b.warnings, warnings.In(at)...)
	if len(at) > 0 && built.Mode == mtasts.Enforce && b.config.TLSRPT == nil {
		b.warn(warnUnreported, at.Attribute("mode"), "MTA-STS policy", "Senders do not deliver mail if the policy fails, and nobody receives the reports of that. Set `tls_rpt`.")
	}
	if b.config.MTASTS.MX != nil && built.Mode != mtasts.None {
		b.warnUncovered(at, built)
	}
	b.policy = built
}

// warnUncovered warns of mail hosts of the configuration that the policy does not allow.
func (b *builder) warnUncovered(at Path, built mtasts.Policy) {
	var hosts []string
	for _, host := range b.exchanges() {
		if !built.Matches(dnsname.FromDNS(host)) {
			hosts = append(hosts, record.ShortQuoted(host))
		}
	}
	if len(hosts) == 0 {
		return
	}
	outcome := "Senders that follow the policy do not deliver mail to them (RFC 8461 §5), and hold or return what has no other host."
	if built.Mode == mtasts.Testing {
		outcome = "Senders report failures for them (RFC 8461 §5), and would not deliver mail to them if the policy were enforced."
	}
	code := warnUncovered
	if len(at) == 0 {
		code = "" // The data source takes no codes.
	}
	b.warn(code, slices.Concat(at, Attribute("mx")), "MTA-STS policy", fmt.Sprintf(
		"The policy does not name these mail hosts of the MX records: %s. %s Name them, or leave `mx` out.", strings.Join(hosts, ", "), outcome))
}

// exchanges returns the mail hosts of the domain's MX records, as far as they are known.
func (b *builder) exchanges() []string {
	var values []string
	for i, text := range b.config.MX {
		if value, reason := readMX(b.config.Domain, text); reason == "" && !b.config.Unknown.Attribute("mx").At(i).Any() {
			values = append(values, value)
		}
	}
	for _, s := range b.services {
		for _, r := range s.Records {
			if r.Type == record.MX && !r.Unknown.Any() && r.Owner == b.config.Domain {
				values = append(values, r.Value)
			}
		}
	}
	for _, c := range b.claims {
		if c.isExtra() && c.Type == record.MX && !c.unknown && c.Owner == b.config.Domain {
			values = append(values, c.Value)
		}
	}
	return record.MailHosts(values)
}

// keepMTASTS adds the existing record of the domain, without its remarks.
func (b *builder) keepMTASTS(p *policy, m *MTASTS) {
	var problems Problems
	add := func(path Path, text string) {
		problems = append(problems, &Problem{Path: path, Summary: "MTA-STS policy", Detail: Sentence(text)})
	}
	if m.Mode != "" || m.MX != nil {
		add(Attribute("existing"), "it keeps the record of a policy that is published elsewhere, and `mode` and `mx` make a policy: leave `existing` out, or the two others")
	}
	kept, err := mtasts.Parse(m.Existing)
	if err != nil {
		add(Attribute("existing"), err.Error())
	}
	problems = b.config.Unknown.Attribute("mta_sts").Settled(problems)
	b.problems = append(b.problems, problems.In(p.at)...)
	if owner, ok := b.below(p, mtasts.Label); ok && len(problems) == 0 {
		by := p.ofOwner()
		b.addOwn(p, by, "", owner, record.TXT, kept.String())
		b.addPolicyHost(p, by, m)
	}
}

// ofMailHosts returns the problems of a policy whose mail hosts come from elsewhere in the configuration; those about the
// hosts go where some of them are unknown.
func ofMailHosts(problems Problems, partly bool) (left Problems) {
	for _, p := range problems {
		if p.Path[0].Name == "mx" {
			if partly {
				continue
			}
			p.Path, p.Detail = p.Path.Top(), p.Detail+" Name the hosts in `mx`, or ask for the MX records of a service by its `groups`."
		}
		left = append(left, p)
	}
	return left
}

// addPolicyHost adds the records of the policy's web server.
func (b *builder) addPolicyHost(p *policy, by *applied, m *MTASTS) {
	fail := func(path Path, format string, args ...any) {
		b.problems = append(b.problems, &Problem{Path: path.In(p.at), Summary: "MTA-STS policy", Detail: Sentence(fmt.Sprintf(format, args...))})
	}
	owner, ok := b.below(p, mtasts.Host)
	if !ok || m.Host == "" && len(m.Addresses) == 0 {
		return
	}
	if m.Host != "" && len(m.Addresses) > 0 {
		fail(Attribute("host"), "both `host` and `addresses` are set: a CNAME stands alone at its name (RFC 1034 §3.6.2); leave one of them out")
		return
	}
	known := *p
	known.unknown = false
	if m.Host != "" {
		target, err := dnsname.ParseForeign(m.Host)
		if addressType(m.Host) != "" {
			fail(Attribute("host"), "%s is an address: write it in `addresses`", record.ShortQuoted(m.Host))
			return
		}
		if err == nil {
			err = record.Record{Domain: b.config.Domain, Owner: owner, Type: record.CNAME, Value: target.String()}.CheckTarget()
		}
		if err != nil {
			fail(Attribute("host"), "%v%s", err, meantHost(m.Host))
			return
		}
		b.addOwn(&known, by, "host", owner, record.CNAME, target.String())
	}
	seen := make(map[string]bool)
	for i, text := range m.Addresses {
		if b.config.Unknown.Attribute("mta_sts").Attribute("addresses").At(i).Any() {
			continue // It decides on the type.
		}
		typ := addressType(text)
		if typ == "" {
			fail(Attribute("addresses").At(i), "%s is not an IP address, such as \"192.0.2.1\" or \"2001:db8::1\"", record.ShortQuoted(text))
			continue
		}
		addr := netip.MustParseAddr(text).String()
		if seen[addr] {
			fail(Attribute("addresses").At(i), "%q appears twice: remove one of the two", addr)
			continue
		}
		seen[addr] = true
		b.addOwn(&known, by, "addresses/"+strconv.Itoa(i), owner, typ, text)
	}
}

// meantHost says which host to write for a text that is none, where that shows.
func meantHost(text string) string {
	name, ok := dnsname.Meant(text)
	if !ok || name.String() == text || len(name.Labels()) < 2 {
		return ""
	}
	return "; write " + record.ShortQuoted(name.String())
}
