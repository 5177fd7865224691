package discover

import (
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
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// policies are the records of policies: their owner below the domain, and what reads them.
var policies = []struct {
	name, host string
	is         func(string) bool
	says       func(string) (string, error)
}{
	{"bimi", "default._bimi", bimi.IsRecord, sayBIMI},
	{"dmarc", "_dmarc", dmarc.IsRecord, sayDMARC},
	{"mta_sts", "_mta-sts", mtasts.IsRecord, sayMTASTS},
	{"tls_rpt", "_smtp._tls", tlsrpt.IsRecord, sayTLSRPT},
}

// readPolicies reads the records of policies.
func (r *reader) readPolicies(group *sync.WaitGroup) {
	for _, p := range policies {
		owner, err := dnsname.ParseIn(p.host, r.domain)
		if err != nil {
			continue
		}
		group.Go(func() {
			got, ok := r.ask(owner, record.TXT)
			if !ok || len(got.values) == 0 {
				return
			}
			records := slices.DeleteFunc(slices.Clone(got.values), func(value string) bool { return !p.is(value) })
			read := Policy{Name: p.name, Owner: owner, Alias: got.alias, Value: strings.Join(records, "\n")}
			switch len(records) {
			case 0:
				read.Value, read.Fault = strings.Join(got.values, "\n"), "Nothing at the name is a record of this kind."
			case 1:
				says, err := p.says(records[0])
				if read.Says = says; err != nil {
					read.Says, read.Fault = "", compose.Sentence(err.Error())
				}
			default:
				read.Fault = fmt.Sprintf("The name has %d records of this kind, and receivers take none of them.", len(records))
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.live.policies = append(r.live.policies, read)
		})
	}
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

func sayMTASTS(text string) (string, error) {
	p, err := mtasts.Parse(text)
	return fmt.Sprintf("There is an MTA-STS policy with the id %s.", p.ID), err
}

func sayTLSRPT(text string) (string, error) {
	_, err := tlsrpt.Parse(text)
	return "Senders report on TLS with the domain's mail hosts.", err
}

func sayBIMI(text string) (string, error) {
	p, err := bimi.Parse(text)
	if p.Declined() {
		return "The domain declines to have a logo.", err
	}
	return "Receivers may show a logo beside the domain's mail.", err
}
