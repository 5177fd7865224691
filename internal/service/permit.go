package service

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// unsupported is the error for a record whose type this project does not publish. Nothing grants it.
func (s *scope) unsupported(e *entry) error {
	return &RefusedError{Service: s.Name(), ID: e.id, Type: e.typ, Owner: e.owner(), Group: e.group, Why: fmt.Sprintf(
		"records of the type %s cannot be published, only those of %s", e.typ, supportedTypes())}
}

func supportedTypes() string {
	types := make([]string, 0, len(record.Types()))
	for _, t := range record.Types() {
		types = append(types, string(t))
	}
	return strings.Join(types, ", ")
}

// permit returns a *RefusedError for a record that mail does not need and that could take over more than mail:
// a template may come from anywhere.
func (s *scope) permit(e *entry, owner dnsname.Name) error {
	why := s.risk(e, owner)
	if why == "" || s.allowed(e, owner) {
		return nil
	}
	if !owner.IsValid() { // It is unknown.
		return &RefusedError{Service: s.Name(), ID: e.id, Type: e.typ, Owner: e.owner(), Group: e.group, Why: why, Allow: []string{e.typ}}
	}
	name, _ := owner.In(s.domain)
	// The grant for one name comes first: that for a type holds for all names.
	return &RefusedError{Service: s.Name(), ID: e.id, Type: e.typ, Owner: owner.String(), Group: e.group, Why: why, Allow: []string{name, e.typ}}
}

// risk says what a record could do that is no business of mail, or nothing.
func (s *scope) risk(e *entry, owner dnsname.Name) string {
	name := owner.String()
	switch {
	case e.typ == "NS":
		return "it delegates a part of the domain to other name servers"
	case e.typ == "CAA":
		return "it decides who may issue certificates for the domain"
	case hasLabel(name, "_acme-challenge"):
		return "it lets others get certificates for the domain"
	case strings.HasPrefix(name, "*."):
		return "it answers for every name that has no records of its own"
	case owner == s.domain && (e.typ == "A" || e.typ == "AAAA"):
		return "it moves the domain's web site"
	case owner == s.domain && e.typ == "CNAME":
		return "a CNAME excludes other records, so it would replace every other record of the domain (RFC 1034 §3.6.2)"
	case owner == s.fqdn && e.typ == "CNAME" && !s.hostRequired:
		return "a CNAME excludes other records, so it would replace every other record of the host (RFC 1034 §3.6.2); only templates that require a host may have one there"
	}
	if s.id != "" || !owner.IsValid() {
		return "" // The built-in services were read by people, and say what each record is for.
	}
	return s.foreign(e, owner)
}

// foreign says why a record of a template that may come from anywhere stands where sending mail needs none, or nothing.
// MX records at the domain or the host are held back too, since they move the mail that arrives: to name their group
// in `groups` is to ask for them, and so is to apply a template that requires a host to a host.
func (s *scope) foreign(e *entry, owner dnsname.Name) string {
	atHost := owner == s.domain || owner == s.fqdn
	if e.typ == "MX" && atHost && !(s.hostRequired && owner != s.domain) && (e.group == "" || !slices.Contains(s.groups, e.group)) {
		return "it decides where the mail for " + owner.String() + " goes, which sending through a service does not need"
	}
	if atHost {
		return ""
	}
	name, below := owner.In(s.fqdn)
	if !below {
		name, _ = owner.In(s.domain)
	}
	labels := strings.Split(name, ".")
	if e.typ == "SRV" && len(labels) > 1 {
		if !slices.Contains(mailServices, labels[0]) {
			return "it directs clients of a service other than mail"
		}
		labels = labels[2:]
		if len(labels) == 0 {
			return ""
		}
	}
	for i, label := range labels {
		switch why := steering[label]; {
		case why != "":
			return why
		case e.typ == "TXT" && slices.ContainsFunc(proofs, func(start string) bool { return strings.HasPrefix(label, start) }):
			return "it proves to others who controls the domain"
		case e.typ != "TXT" && e.typ != "MX" && e.fate == publish && strings.HasPrefix(label, "_") && !slices.Contains(mailLabels, label):
			return "its name starts with an underscore, as names do that prove who controls the domain, and mail needs only those below _domainkey"
		case i == 0 && e.typ != "TXT" && e.typ != "MX" && e.fate == publish && isWebHost(label):
			return "it takes over a name where the domain serves something other than mail"
		}
	}
	if (e.typ == "A" || e.typ == "AAAA" || e.typ == "TLSA") && !strings.Contains(labels[0], "mail") && !slices.Contains(mailHosts, strings.TrimRight(labels[0], "0123456789")) {
		return "it gives a name that mail does not need an address"
	}
	return ""
}

// steering are labels of names that steer more than one service's mail, by what they do.
var steering = map[string]string{
	"mta-sts":  "it decides how other mail servers deliver to the domain (RFC 8461)",
	"_mta-sts": "it decides how other mail servers deliver to the domain (RFC 8461)",
	"_tls":     "it decides who gets the reports on TLS in deliveries to the domain (RFC 8460)",
	"_bimi":    "it decides which logo receivers show beside the domain's mail",
	"_report":  "it makes the domain receive reports on other domains (RFC 9990 §4)",
}

// proofs are the starts of labels at which others look for a proof of who controls a domain, for certificates, code or
// accounts. What mail services look for has names of their own.
var proofs = []string{
	"_acme-", "_dnsauth", "_pki-validation", "_validation-contact", "_certum", "_globalsign", "_digicert", "_sectigo", "_entrust", "_cf-custom-hostname",
	"_dnslink", "_atproto", "_github-", "_gitlab-", "_gh-", "_psl", "_domainconnect", "_keybase", "_did", "_vercel", "_netlify", "_twilio",
}

// mailLabels are the labels with an underscore that aliases of mail services have.
var mailLabels = []string{"_domainkey", "_spf", "_amazonses"}

// mailServices are the services of SRV records that mail programs look for (RFC 6186, RFC 6764, RFC 8314, RFC 8620).
var mailServices = []string{
	"_imap", "_imaps", "_pop3", "_pop3s", "_submission", "_submissions", "_smtp", "_smtps", "_sieve", "_jmap", "_autodiscover",
	"_caldav", "_caldavs", "_carddav", "_carddavs",
}

// mailHosts are the first labels of hosts that mail programs and servers connect to, without the number behind them.
var mailHosts = []string{"mx", "smtp", "imap", "pop", "autodiscover", "autoconfig", "mta", "relay", "bounce", "send"}

// webHosts are first labels of names, without the number behind them, at which domains serve what is no mail.
var webHosts = []string{
	"www", "web", "api", "app", "apps", "admin", "login", "auth", "sso", "id", "idp", "oauth", "account", "accounts", "portal", "console", "dashboard",
	"vpn", "remote", "gateway", "proxy", "wpad", "isatap", "ldap", "ns", "dns", "ftp", "sftp", "ssh", "git", "ci", "db", "shop", "store", "pay", "checkout",
	"blog", "cdn", "static", "assets", "img", "images", "media", "files", "docs", "wiki", "status", "intranet", "internal", "dev", "test", "stage", "staging",
	"beta", "demo", "prod", "cpanel", "whm", "plesk", "secure", "my", "home", "localhost", "openpgpkey", "enterpriseregistration", "enterpriseenrollment",
	"lyncdiscover", "sip", "msoid",
}

func isWebHost(label string) bool {
	return slices.Contains(webHosts, strings.TrimRight(label, "0123456789"))
}

// hasLabel reports whether a name has a label.
func hasLabel(name, label string) bool {
	for l := range strings.SplitSeq(name, ".") {
		if l == label {
			return true
		}
	}
	return false
}

// allowed reports whether the user grants a record by its type or its owner.
func (s *scope) allowed(e *entry, owner dnsname.Name) bool {
	return slices.ContainsFunc(s.allow, func(grant string) bool {
		if grant == "*" || strings.EqualFold(grant, e.typ) {
			return true
		}
		name, err := dnsname.ParseIn(grant, s.domain)
		return err == nil && grant != "" && name == owner
	})
}
