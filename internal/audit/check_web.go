package audit

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// certificateSoon is how long before its end a certificate is told of.
const certificateSoon = 14 * 24 * time.Hour

// ofPolicy runs a check of the MTA-STS policy that is served, whether or not it parses.
func ofPolicy(f func(l *look, address string, page fetched)) func(*look) {
	return ofWeb(func(l *look) {
		address := mtasts.URL(l.config.Domain)
		if page, ok := l.pages[address]; ok && page.failure() == "" {
			f(l, address, page)
		}
	})
}

// parsedPolicy runs a check of the MTA-STS policy that is served, where it parses.
func parsedPolicy(f func(l *look, address string, p mtasts.Policy)) func(*look) {
	return ofPolicy(func(l *look, address string, page fetched) {
		if p, err := mtasts.ParsePolicy(string(page.Body)); err == nil {
			f(l, address, p)
		}
	})
}

func checkMTASTSFetch(l *look) {
	address := mtasts.URL(l.config.Domain)
	page, ok := l.pages[address]
	if !ok || len(l.mtastsRecords()) == 0 {
		return
	}
	if why := page.failure(); why != "" {
		l.find(address, "The policy cannot be fetched: "+why+".", "Serve it at that address with the status 200 and a certificate of the host.")
	}
}

func checkMTASTSContentType(l *look, address string, page fetched) {
	if page.mediaType() != "text/plain" {
		l.find(address, fmt.Sprintf("The policy has the type %s in place of text/plain.", brief(page.ContentType)), "Set its type to `text/plain`.")
	}
}

func checkMTASTSPolicySyntax(l *look, address string, page fetched) {
	if _, err := mtasts.ParsePolicy(string(page.Body)); err != nil {
		l.find(address, sentence(withoutBody(err)), "Publish a policy that the function `mta_sts_parse` accepts.")
	}
}

// withoutBody returns an error about a policy without the text of the policy.
func withoutBody(err error) error {
	broken, ok := errors.AsType[*mtasts.PolicyError](err)
	switch {
	case !ok:
		return errors.New("the file is not an MTA-STS policy")
	case broken.Line > 0:
		return fmt.Errorf("the policy is broken at line %d", broken.Line)
	}
	return errors.New("the policy lacks a field, or has one twice")
}

func checkMTASTSMode(l *look, address string, p mtasts.Policy) {
	if p.Mode != mtasts.Enforce {
		l.find(address, fmt.Sprintf("The mode is %s: senders deliver even without TLS.", p.Mode), "Set it to enforce once the TLS reports show no failures.")
	}
}

func checkMTASTSMaxAge(l *look, address string, p mtasts.Policy) {
	if p.Mode == mtasts.Enforce && p.MaxAge < 86400 {
		l.find(address, fmt.Sprintf("Senders remember the policy for only %d s: an attacker who blocks it for that long can disable it.", p.MaxAge), "Set max_age to a week or more.")
	}
}

func checkMTASTSUncovered(l *look, _ string, p mtasts.Policy) {
	if p.Mode == mtasts.None {
		return
	}
	severity := Error
	if p.Mode == mtasts.Testing {
		severity = Warning
	}
	for _, host := range l.mailHosts() {
		if !p.Matches(host) {
			l.grade(severity, host.String(), "The mail host matches no `mx` of the policy: senders do not deliver there.", "Add it to the policy, and change the id of the record.")
		}
	}
}

func checkMTASTSExtra(l *look, _ string, p mtasts.Policy) {
	if p.Mode == mtasts.None || !l.needs(l.fact(l.config.Domain, record.MX)) {
		return
	}
	for _, pattern := range p.MX {
		one := mtasts.Policy{MX: []dnsname.Name{pattern}}
		if !slices.ContainsFunc(l.mailHosts(), one.Matches) {
			l.find(pattern.String(), "The policy allows a host that no MX record names.", "Remove it, unless it is to be used soon.")
		}
	}
}

func checkMTASTSStale(l *look, address string, p mtasts.Policy) {
	for _, key := range l.config.Records.Keys() {
		r := l.config.Records[key]
		wanted, err := mtasts.Parse(r.Value)
		if r.Owner != l.below(mtasts.Label) || err != nil || wanted.ID == p.ID() || len(wanted.ID) != len(p.ID()) {
			continue
		}
		for _, text := range l.mtastsRecords() {
			if live, err := mtasts.Parse(text); err == nil && live.ID == wanted.ID {
				l.find(address, "The record announces the policy of the configuration, but another one is served: senders keep the one that they fetched first.", "Serve the policy of the configuration.")
			}
		}
	}
}

func checkMTASTSOrphan(l *look, address string, _ mtasts.Policy) {
	if f := l.fact(l.below(mtasts.Label), record.TXT); l.needs(f) && len(l.mtastsRecords()) == 0 {
		l.find(address, "A policy is served, but no record announces it, so senders do not look for it.", "Publish the record, or take the policy down.")
	}
}

func checkMTASTSNoTLSRPT(l *look, _ string, p mtasts.Policy) {
	if f := l.fact(l.below(tlsrpt.Label), record.TXT); p.Mode == mtasts.Enforce && l.needs(f) && len(l.tlsrptRecords()) == 0 {
		l.find(l.config.Domain.String(), "The policy is enforced, but nobody learns which mail it stops: there is no TLS reporting record.", "Publish one.")
	}
}

func checkMTASTSCertificate(l *look, address string, page fetched) {
	if !page.Ends.IsZero() && page.Ends.Before(l.config.Now.Add(certificateSoon)) {
		l.find(address, fmt.Sprintf("The certificate of the host expires on %s.", page.Ends.UTC().Format(time.DateOnly)), "Find out why it is not renewed.")
	}
}
