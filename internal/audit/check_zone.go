package audit

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/netblock"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// mailFacts returns the facts about names of the domain with mail records, sorted.
func (v *view) mailFacts() []Fact {
	var facts []Fact
	for _, q := range slices.SortedFunc(maps.Keys(v.facts), func(a, b question) int { return strings.Compare(a.name+" "+a.typ, b.name+" "+b.typ) }) {
		if f := v.facts[q]; slices.Contains(record.Types(), f.Type) && f.Name.IsIn(v.config.Domain) && !strings.Contains(f.Name.String(), probeLabel) {
			facts = append(facts, f)
		}
	}
	return facts
}

// surveyed runs a check where the zone could be looked at.
func surveyed(f func(l *look)) func(*look) {
	return func(l *look) {
		if l.surveyErr != nil {
			l.skip(fmt.Sprintf("The zone of %s could not be looked at: %s.", shown(l.config.Domain), record.InlineShown(strings.TrimSuffix(l.surveyErr.Error(), "."))))
			return
		}
		f(l)
	}
}

// dead returns the error about the servers of the domain, where there is one.
func (v *view) dead() *answer.LookupError {
	for _, err := range []error{v.fact(v.config.Domain, record.MX).Err, v.fact(v.config.Domain, record.TXT).Err, v.surveyErr} {
		if lookup, ok := lookupError(err); ok {
			return lookup
		}
	}
	return nil
}

func checkDNSNoDelegation(l *look) {
	if err := l.dead(); err != nil && (err.Reason == answer.NotDelegated || err.Reason == answer.NoAddress) {
		l.find(l.config.Domain.String(), sentence(err), "Register the domain, or have the parent zone delegate it to name servers that exist.")
	}
}

func checkDNSUnreachable(l *look) {
	if err := l.dead(); err != nil {
		switch err.Reason {
		case answer.Failure, answer.Excessive:
			l.find(l.config.Domain.String(), sentence(err), "Tell the operator of the name servers.")
		case answer.Blocked, answer.NoResolver:
			l.skip(sentence(err))
		}
		return
	}
	silent := func(a answer.Answer) bool { return a.Outcome.Silent() }
	f := l.fact(l.config.Domain, record.MX)
	list := answer.Answering(f.Set.List)
	for _, a := range list {
		if silent(a) {
			l.find(a.Server.String(), "The name server does not answer: senders wait for it, and some give up.", "Have it repaired, or remove it from the NS records.")
		}
	}
}

func checkDNSLame(l *look) {
	for _, a := range answer.Answering(l.fact(l.config.Domain, record.MX).Set.List) {
		if a.Outcome == answer.NotAuthoritative || a.Outcome == answer.Refused {
			l.find(a.Server.String(), fmt.Sprintf("The parent zone names the server, but it does not serve the domain (%s).", a.Outcome), "Set the zone up there, or remove the server from the NS records.")
		}
	}
}

func checkDNSServersDisagree(l *look) {
	for _, f := range l.mailFacts() {
		same := slices.Equal[[]string]
		if f.Type == record.A || f.Type == record.AAAA { // Load balancers answer with different addresses on purpose.
			same = func(a, b []string) bool { return (len(a) == 0) == (len(b) == 0) }
		}
		var seen [][]string
		for _, a := range f.Set.List {
			if a.Outcome.Definite() && !slices.ContainsFunc(seen, func(v []string) bool { return same(v, a.Values) }) {
				seen = append(seen, a.Values)
			}
		}
		if len(seen) > 1 && len(f.Aliases()) == 0 {
			l.find(f.Name.String(), fmt.Sprintf("The name servers do not have the same %s records: receivers see sometimes one set and sometimes another.", f.Type), "Check the transfer from the primary server; `maildomain_lookup` shows what each has.")
		}
	}
}

func checkDNSParentChild(l *look) {
	if len(l.survey.Parent) > 0 && len(l.survey.Own) > 0 && !slices.Equal(l.survey.Parent, l.survey.Own) {
		l.find(l.survey.Zone.String(), fmt.Sprintf("The parent zone names %s, and the zone itself %s.", shown(l.survey.Parent...), shown(l.survey.Own...)), "Name the same servers at the registrar and in the zone.")
	}
}

func checkDNSSingleServer(l *look) {
	names, addrs := make(map[dnsname.Name]bool), make(map[netip.Addr]bool)
	for _, s := range l.survey.Serials {
		names[s.Server.Name] = true
		if s.Server.Addr.IsValid() {
			addrs[s.Server.Addr.Addr()] = true
		}
	}
	if len(l.survey.Serials) > 0 && (len(names) == 1 || len(addrs) == 1) {
		l.find(l.survey.Zone.String(), "The zone has only one name server, or only one address of name servers: if it fails, so does all mail.", "Have a second one serve the zone.")
	}
}

func checkDNSNSAlias(l *look) {
	for _, f := range l.mailFacts() {
		for _, name := range f.Set.AliasedServers {
			l.find(name.String(), "The name server is an alias (CNAME), which NS records must not name.", "Name the target of the alias.")
		}
	}
}

func checkDNSPrivateNS(l *look) {
	if err := l.dead(); err != nil && (err.Reason == answer.SplitHorizon || err.Reason == answer.PrivateServers) {
		l.find(l.config.Domain.String(), sentence(err), "Name servers with public addresses at the registrar.")
		return
	}
	for _, s := range l.survey.Serials {
		if addr := s.Server.Addr.Addr(); addr.IsValid() && !netblock.IsPublic(addr) && !l.config.Lab {
			l.find(s.Server.String(), fmt.Sprintf("The name server has %s: nobody on the Internet can reach it.", netblock.Of(addr).What), "Publish its public address.")
		}
	}
}

func checkDNSNoTCP(l *look) {
	if l.overTCP.Err != nil {
		l.skip(l.overTCP.unknown())
		return
	}
	udp := l.fact(l.config.Domain, record.TXT)
	for _, a := range l.overTCP.Set.List {
		if !a.Outcome.Silent() {
			continue
		}
		if slices.ContainsFunc(udp.Set.List, func(u answer.Answer) bool { return u.Server == a.Server && u.Outcome.Definite() }) {
			l.find(a.Server.String(), "The name server does not answer over TCP, which long TXT records need.", "Open TCP port 53.")
		}
	}
}

// checkDNSCase compares the answers of each server for a name in lower case and in mixed case. Some resolvers
// mix the case of every question, as a protection against forged answers.
func checkDNSCase(l *look) {
	if l.mixed.Err != nil {
		l.skip(l.mixed.unknown())
		return
	}
	lower := l.fact(l.config.Domain, record.TXT)
	for _, a := range l.mixed.Set.List {
		i := slices.IndexFunc(lower.Set.List, func(b answer.Answer) bool { return a.Server == b.Server && b.Outcome.Definite() })
		if i < 0 || a.Outcome.Silent() { // Questions get lost as well.
			continue
		}
		if b := lower.Set.List[i]; a.Outcome != b.Outcome || !slices.Equal(slices.Sorted(slices.Values(a.Values)), slices.Sorted(slices.Values(b.Values))) {
			l.find(a.Server.String(), fmt.Sprintf("The name server answers %s for the domain in lower case, and %s where letters are in upper case: resolvers that mix the case of names do not find its records.", b.Outcome, a.Outcome), "Have it repaired: names do not depend on case.")
		}
	}
}

func checkDNSNoEDNS(l *look) {
	for _, a := range l.fact(l.config.Domain, record.MX).Set.List {
		if a.NoEDNS && a.Outcome.Definite() {
			l.find(a.Server.String(), "The name server answers without EDNS: long answers come only over TCP, and DNSSEC does not work.", "Have it updated.")
		}
	}
}

// signed runs a check where the zone is signed.
func signed(f func(l *look)) func(*look) {
	return surveyed(func(l *look) {
		switch l.survey.Security {
		case answer.Secure, answer.Bogus:
			f(l)
		case answer.Unchecked:
			l.skip("No resolver that validates could be asked.")
		}
	})
}

// soon is how long before its end a signature is told of at most, and share that part of its lifetime: zones that are signed
// answer by answer have signatures of a day or two, and those of others are made anew with a quarter left at least.
const (
	soon  = 7 * 24 * time.Hour
	share = 4
)

// endsSoon reports whether a signature will end soon, by its presentation form, and returns when.
func endsSoon(signature []string, now time.Time) (end time.Time, ok bool) {
	const layout = "20060102150405"
	if len(signature) < 6 { // type, algorithm, labels, TTL, expiration, inception, … (RFC 4034 §3.2)
		return time.Time{}, false
	}
	end, err := time.Parse(layout, signature[4])
	start, startErr := time.Parse(layout, signature[5])
	if err != nil || startErr != nil {
		return time.Time{}, false
	}
	return end, end.Before(now.Add(min(soon, end.Sub(start)/share)))
}

func checkDNSSECExpiry(l *look) {
	for _, name := range []dnsname.Name{l.config.Domain, l.dmarcOwner()} {
		f := l.fact(name, answer.RRSIG)
		if !l.needs(f) {
			continue
		}
		if name == l.config.Domain && len(f.Values()) == 0 {
			l.skip("The name servers do not return signatures when asked for them.")
		}
		for _, value := range f.Values() {
			fields := strings.Fields(value)
			if end, ok := endsSoon(fields, l.config.Now); ok {
				l.find(name.String(), fmt.Sprintf("The signature of the %s records expires on %s: after that, validating resolvers refuse them.", show(fields[0]), end.Format(time.DateOnly)), "Find out why the zone is not signed again.")
			}
		}
	}
}

// outdated are the algorithms that a zone must not be signed with, or should not (RFC 8624 §3.1).
var outdated = map[string]string{"1": "RSAMD5", "3": "DSA", "5": "RSASHA1", "6": "DSA-NSEC3-SHA1", "7": "RSASHA1-NSEC3-SHA1", "12": "ECC-GOST"}

func checkDNSSECAlgorithm(l *look) {
	keys, params := l.fact(l.survey.Zone, answer.DNSKEY), l.fact(l.survey.Zone, answer.NSEC3PARAM)
	if !l.needs(keys, params) {
		return
	}
	for _, value := range keys.Values() {
		if fields := strings.Fields(value); len(fields) > 2 && outdated[fields[2]] != "" {
			l.find(l.survey.Zone.String(), fmt.Sprintf("The zone is signed with %s, which is outdated.", outdated[fields[2]]), "Change to ECDSAP256SHA256 (13).")
		}
	}
	for _, value := range params.Values() {
		if fields := strings.Fields(value); len(fields) > 2 && fields[2] != "0" {
			l.find(l.survey.Zone.String(), fmt.Sprintf("NSEC3 has %s iterations: resolvers treat such zones as unsigned, or fail.", show(fields[2])), "Set them to 0.")
		}
	}
}

func checkDNSSECUnsigned(l *look) {
	switch l.survey.Security {
	case answer.Insecure:
		l.find(l.survey.Zone.String(), "The zone is not signed, as far as the resolvers show: answers can be forged, and DANE cannot be used.", "Have the DNS provider sign it, and publish the DS record at the registrar.")
	case answer.Unchecked:
		l.skip("No resolver that validates could be asked.")
	}
}

func checkDNSSECBogus(l *look) {
	switch l.survey.Security {
	case answer.Bogus:
		detail := ""
		if l.survey.Detail != "" {
			detail = " (" + record.InlineShown(l.survey.Detail) + ")"
		}
		l.find(l.survey.Zone.String(), fmt.Sprintf("Resolvers that validate refuse the zone%s: their users do not see its records.", detail), "Compare the DS record at the registrar with the keys of the zone.")
	case answer.Unchecked:
		l.skip("No resolver that validates could be asked.")
	}
}

func checkCNAMEWithData(l *look) {
	domain := l.config.Domain
	if alias := l.fact(domain, record.CNAME); !l.needs(alias) || len(alias.Values()) == 0 {
		return
	}
	for _, t := range []record.Type{record.MX, record.TXT} {
		if f := l.fact(domain, t); len(f.Values()) > 0 && len(f.Aliases()) == 0 {
			l.find(domain.String(), fmt.Sprintf("A CNAME is beside %s records, which exclude each other: resolvers return one or the other.", t), "Replace the CNAME with addresses, or with the ALIAS record of the DNS provider.")
			return
		}
	}
}

func checkDNSWildcardTXT(l *look) {
	f := l.fact(l.below(probeLabel), record.TXT)
	if l.needs(f) && len(f.Values()) > 0 && !slices.ContainsFunc(f.Values(), func(s string) bool { return record.FormatOf(s) != "" }) {
		l.find("*."+l.config.Domain.String(), "A wildcard gives every name a TXT record: "+brief(f.Values()[0])+".", "Remove it, unless it is needed.")
	}
}

// The bounds of a TTL that is neither low nor high, in seconds.
const (
	lowTTL  = 300
	highTTL = 86400
)

// ttls runs a check for each record set of the domain with its TTL.
func ttls(find func(l *look, f Fact, ttl uint32)) func(*look) {
	return func(l *look) {
		for _, f := range l.mailFacts() {
			if a, ok := f.definite(); ok && a.Outcome == answer.Found && len(a.Aliases) == 0 && f.Type != record.A && f.Type != record.AAAA {
				find(l, f, a.TTL)
			}
		}
	}
}

func checkTTLLow(l *look, f Fact, ttl uint32) {
	if ttl < lowTTL {
		l.find(f.Name.String(), fmt.Sprintf("The TTL of the %s records is %d s: receivers ask often, and notice every failure of the name servers.", f.Type, ttl), "Set it to an hour, once the set-up is finished.")
	}
}

func checkTTLHigh(l *look, f Fact, ttl uint32) {
	if ttl > highTTL {
		l.find(f.Name.String(), fmt.Sprintf("The TTL of the %s records is %d s: a mistake lasts for days after it is corrected.", f.Type, ttl), "Set it to a day at most.")
	}
}
