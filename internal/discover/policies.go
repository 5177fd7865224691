package discover

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// policies are the records of policies: their owner below the domain, what reads them, and what writes them as a
// configuration.
var policies = []struct {
	name, host string
	is         func(string) bool
	says       func(string) (string, error)
	same       func(a, b string) bool // receivers make the same of both
	set        func(c *compose.Config, text string, at web)
}{
	{"bimi", "default._bimi", bimi.IsRecord, sayBIMI, sameBIMI, setBIMI},
	{"dmarc", "_dmarc", dmarc.IsRecord, sayDMARC, dmarc.Same, setDMARC},
	{"mta_sts", "_mta-sts", mtasts.IsRecord, sayMTASTS, sameMTASTS, setMTASTS},
	{"tls_rpt", "_smtp._tls", tlsrpt.IsRecord, sayTLSRPT, sameTLSRPT, setTLSRPT},
}

// web holds the records of the MTA-STS policy's web server: the target of a CNAME, or addresses.
type web struct {
	host      string
	addresses []string
}

// readPolicies reads the records of policies.
func (r *reader) readPolicies(group *sync.WaitGroup) {
	for i, p := range policies {
		owner, err := dnsname.ParseIn(p.host, r.domain)
		if err != nil {
			continue
		}
		group.Go(func() {
			got, ok := r.ask(owner, record.TXT)
			if !ok || len(got.values) == 0 && got.alias == "" {
				return
			}
			records := slices.DeleteFunc(slices.Clone(got.values), func(value string) bool { return !p.is(value) })
			read := Policy{Name: p.name, Owner: owner, Alias: got.alias, Value: strings.Join(records, "\n")}
			switch {
			case len(got.values) == 0:
				read.Fault = "The name is an alias, and its target has no such record."
			case len(records) == 0:
				read.Value, read.Fault = strings.Join(got.values, "\n"), "Nothing at the name is a record of this kind."
			case len(records) == 1:
				says, err := policies[i].says(records[0])
				if read.Says = says; err != nil {
					read.Says, read.Fault = "", compose.Sentence(err.Error())
				}
			default:
				read.Fault = fmt.Sprintf("The name has %d records of this kind, and receivers use none of them.", len(records))
			}
			beside := slices.DeleteFunc(slices.Clone(got.values), func(value string) bool {
				return slices.Contains(records, value) || len(records) > 0 && read.Fault != "" // The set stays as it is.
			})
			r.addBeside(read, beside)
			if p.name == "mta_sts" && (read.Fault == "" || read.Alias != "") {
				r.readWeb(read.Alias != "")
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.live.policies = append(r.live.policies, read)
		})
	}
}

// addBeside adds the remarks on a policy's name: the alias that it is, or the values beside the record.
func (r *reader) addBeside(read Policy, beside []string) {
	if read.Alias != "" {
		if alias, ok := r.ask(read.Owner, record.CNAME); ok && len(alias.values) > 0 { // With the TTL of its own.
			r.add(service.Fact{Owner: read.Owner, Type: record.CNAME, Value: alias.values[0]})
		}
		return
	}
	for _, value := range beside {
		r.add(service.Fact{Owner: read.Owner, Type: record.TXT, Value: value})
	}
}

// readWeb reads the records of the MTA-STS policy's web server. Records of a wildcard do not count. Where the record of the policy
// is elsewhere too, the alias of the web server is a record of the owner's own.
func (r *reader) readWeb(elsewhere bool) {
	owner, err := dnsname.ParseIn(mtasts.Host, r.domain)
	if err != nil {
		return
	}
	alias, ok := r.ask(owner, record.CNAME)
	switch {
	case !ok || alias.missing:
		return
	case len(alias.values) > 0:
		if wild, ok := r.ask(mustBelow(probe, r.domain), record.CNAME); ok && !slices.Equal(wild.values, alias.values) {
			r.setWeb(web{host: alias.values[0]})
			if elsewhere {
				r.add(service.Fact{Owner: owner, Type: record.CNAME, Value: alias.values[0]})
			}
		}
		return
	}
	var at web
	for _, t := range []record.Type{record.A, record.AAAA} {
		got, ok := r.ask(owner, t)
		if !ok {
			return
		}
		if len(got.values) == 0 {
			continue
		}
		if wild, ok := r.ask(mustBelow(probe, r.domain), t); !ok || slices.Equal(wild.values, got.values) {
			return
		}
		at.addresses = append(at.addresses, got.values...)
	}
	r.setWeb(at)
}

func (r *reader) setWeb(at web) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live.web = at
}

func sayDMARC(text string) (string, error) {
	p, err := dmarc.Parse(text)
	if err != nil {
		return "", err
	}
	if !p.Applies() {
		return "", fmt.Errorf("the record has neither a policy nor an address for reports, so that receivers ignore it")
	}
	does := map[dmarc.Policy]string{
		dmarc.None: "to do nothing about mail", dmarc.Quarantine: "to treat mail as suspicious", dmarc.Reject: "to refuse mail",
	}
	return fmt.Sprintf("Receivers are asked %s that fails DMARC at the domain (%s), its subdomains (%s) and names that do not exist (%s).",
		does[p.Policy()], p.Policy(), p.SubdomainPolicy(), p.NonexistentPolicy()), nil
}

// setDMARC takes the record over as it is.
func setDMARC(c *compose.Config, text string, _ web) {
	c.DMARC = &dmarc.Config{Existing: text}
}

func sayMTASTS(text string) (string, error) {
	p, err := mtasts.Parse(text)
	return fmt.Sprintf("There is an MTA-STS policy with the id %s.", p.ID), err
}

func sameMTASTS(a, b string) bool {
	x, xErr := mtasts.Parse(a)
	y, yErr := mtasts.Parse(b)
	return xErr == nil && yErr == nil && x.ID == y.ID
}

// setMTASTS keeps the record, since the policy itself is not in DNS.
func setMTASTS(c *compose.Config, text string, at web) {
	c.MTASTS = &compose.MTASTS{Existing: text, Host: at.host, Addresses: at.addresses}
}

func sayTLSRPT(text string) (string, error) {
	_, err := tlsrpt.Parse(text)
	return "Senders report on TLS with the domain's mail hosts.", err
}

func sameTLSRPT(a, b string) bool {
	x, xErr := tlsrpt.Parse(a)
	y, yErr := tlsrpt.Parse(b)
	return xErr == nil && yErr == nil && slices.Equal(x.RUA, y.RUA)
}

func setTLSRPT(c *compose.Config, text string, _ web) {
	if p, err := tlsrpt.Parse(text); err == nil {
		c.TLSRPT = &tlsrpt.Config{Reports: p.RUA}
	}
}

func sayBIMI(text string) (string, error) {
	p, err := bimi.Parse(text)
	if p.Declined() {
		return "The domain declines to have a logo.", err
	}
	return "Receivers may show a logo beside the domain's mail.", err
}

func sameBIMI(a, b string) bool {
	x, xErr := bimi.Parse(a)
	y, yErr := bimi.Parse(b)
	return xErr == nil && yErr == nil && x.Location == y.Location && x.Evidence == y.Evidence && cmp.Or(x.Avatar, bimi.Brand) == cmp.Or(y.Avatar, bimi.Brand) &&
		(x.Prefixes == nil) == (y.Prefixes == nil) && slices.Equal(x.Prefixes, y.Prefixes)
}

func setBIMI(c *compose.Config, text string, _ web) {
	if p, err := bimi.Parse(text); err == nil {
		c.BIMI = &compose.BIMI{Config: bimi.Config{Logo: p.Location, Certificate: p.Evidence, Avatar: string(p.Avatar), Declined: p.Declined()}}
	}
}
