package compose

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsa"
)

// Extra is a record of the owner's own: a verification token, the address of a mail host, an SRV record.
type Extra struct {
	Name  string // relative to the domain, "@" for the domain itself
	Type  string
	Value string // as a person reads it
	TTL   uint32 // seconds; 0: that of the configuration
}

// extraSource is the source of extra records in the keys of records.
const extraSource = "extra"

// extraName is the name of all extra records in texts.
const extraName = "`extra`"

// addExtra adds the owner's own records.
func (b *builder) addExtra() {
	by := &applied{path: Attribute("extra"), own: extraName}
	for _, id := range slices.Sorted(maps.Keys(b.config.Extra)) {
		path, extra := Attribute("extra").Key(id), b.config.Extra[id]
		unknown := b.config.Unknown.Attribute("extra").Key(id)
		r, problem := extra.record(b.config.Domain, path, unknown)
		if problem == nil {
			problem = badExtraID(id, path)
		}
		if problem != nil {
			b.problems = append(b.problems, problem)
			continue
		}
		r.TTL = cmp.Or(extra.TTL, b.config.TTL, DefaultTTL)
		if !unknown.Attribute("value").Any() && !unknown.Attribute("name").Any() {
			b.warnUnread(r, path.Attribute("value"))
		}
		if !unknown.Attribute("name").Any() {
			b.claims = append(b.claims, &claim{by: by, id: id, unknown: unknown.Attribute("value").Any(), Record: r})
		}
		b.store(record.Key(b.config.Domain, extraSource, id), r, unknown, path) // Its attributes are those of a record.
	}
}

func badExtraID(id string, path Path) *Problem {
	if id != "" && !strings.Contains(id, "/") && len(id) <= maxExtraID {
		return nil
	}
	return &Problem{Path: path, Summary: "Name that a record cannot have", Detail: fmt.Sprintf(
		"The name of an extra record becomes a part of its key (`<domain>/extra/<name>`): it must have 1 to %d octets, and no slash.", maxExtraID)}
}

// maxExtraID is the most octets of an extra record's name.
const maxExtraID = 256

// record returns the known parts of the record. An invalid domain is unknown.
func (e Extra) record(domain dnsname.Name, path Path, unknown problem.Unknown) (record.Record, *Problem) {
	fail := func(attribute, summary, text string) (record.Record, *Problem) {
		return record.Record{}, &Problem{Path: path.Attribute(attribute), Summary: summary, Detail: Sentence(text)}
	}
	t, err := record.ParseType(e.Type)
	if err != nil {
		return fail("type", "Unknown record type", err.Error())
	}
	r := record.Record{Domain: domain, Owner: domain, Type: t}
	switch {
	case unknown.Attribute("name").Any():
	case e.Name == "":
		return fail("name", "Invalid owner name", `it is empty; write "@" for the domain itself`)
	case e.Name != "@" && strings.HasSuffix(e.Name, "."):
		return fail("name", "Invalid owner name", fmt.Sprintf("it is relative to the domain, and ends in a dot as whole names do; write %s", record.DisplayQuoted(relativeTo(e.Name, domain))))
	case e.Name != "@" && domain.IsValid():
		if r.Owner, err = dnsname.Parse(e.Name + "." + domain.String()); err != nil {
			return fail("name", "Invalid owner name", err.Error())
		}
	}
	if !unknown.Attribute("name").Any() && domain.IsValid() && strings.HasSuffix("."+strings.ToLower(e.Name), "."+domain.String()) {
		return fail("name", "Invalid owner name", fmt.Sprintf("it is relative to the domain, and %s would stand in it twice; write %s", domain, record.DisplayQuoted(relativeTo(e.Name, domain))))
	}
	if t == record.CNAME && e.Name == "@" {
		return fail("type", "CNAME at the domain itself", "a CNAME stands alone at its name, and the domain has SOA and NS records (RFC 1034 §3.6.2); use the DNS provider's replacement, such as an ALIAS record, outside of this provider")
	}
	if unknown.Attribute("value").Any() {
		return r, nil
	}
	if r.Value, err = record.Canonical(t, e.Value); err != nil {
		return fail("value", "Invalid record value", err.Error())
	}
	if err := r.CheckTarget(); err != nil && r.Owner.IsValid() {
		return fail("value", "Invalid record value", err.Error())
	}
	if reason := whyNoTLSA(r); reason != "" {
		return fail("value", "Invalid record value", reason)
	}
	if is, attribute := e.place(r); is != "" {
		return fail("value", "Record that has a place of its own", fmt.Sprintf("this is %s, which would not be checked or merged here; give it as %s", is, attribute))
	}
	return r, nil
}

// whyNoTLSA says why nobody uses a TLSA record (RFC 6698); empty for any other record.
func whyNoTLSA(r record.Record) string {
	if r.Type != record.TLSA {
		return ""
	}
	labels := r.Owner.Labels()
	if len(labels) > 1 && labels[0] == "_25" && labels[1] == "_tcp" {
		if _, err := tlsa.Parse(r.Value); err != nil {
			return err.Error()
		}
		return ""
	}
	if err := tlsa.CheckOther(r.Value); err != nil {
		return err.Error()
	}
	return ""
}

// relativeTo takes the domain off the end of a name.
func relativeTo(name string, domain dnsname.Name) string {
	name = "." + strings.ToLower(strings.TrimSuffix(name, "."))
	return cmp.Or(strings.TrimPrefix(strings.TrimSuffix(name, "."+domain.String()), "."), "@")
}

// place returns the kind of a record that belongs to another attribute, and that attribute; empty for other records.
func (e Extra) place(r record.Record) (is, attribute string) {
	name := strings.ToLower(e.Name)
	labels := strings.Split(name, ".")
	text := r.Value
	if inner, ok := record.Strings(text); ok {
		text = inner
	}
	format := record.FormatOf(text)
	switch {
	case r.Type == record.TXT && name == "_dmarc" && format == "a DMARC record":
		return "the DMARC record of the domain", "`dmarc`"
	case r.Type == record.TXT && name == "_mta-sts" && format == "an MTA-STS record":
		return "the MTA-STS record of the domain", "`mta_sts`"
	case r.Type == record.TXT && name == "_smtp._tls" && format == "a TLS reporting record":
		return "the TLS reporting record of the domain", "`tls_rpt`"
	case r.Type == record.TXT && len(labels) == 2 && labels[1] == "_bimi" && format == "a BIMI record":
		return "a BIMI record of the domain", "`bimi`, with its `selector`"
	case r.Type == record.TXT && format == "an SPF record":
		return "an SPF record", "`existing` if it is that of the domain, or let a service send from the name by `host`"
	case len(labels) > 1 && labels[len(labels)-1] == "_domainkey" && (r.Type == record.TXT || r.Type == record.CNAME):
		return "the record of a DKIM selector", "one of the `keys`"
	}
	return "", ""
}

// checkExtra returns the problems with extra records at any domain.
func (c Config) checkExtra() Problems {
	b := bare(Config{Extra: c.Extra, Unknown: c.Unknown})
	b.addExtra()
	return b.problems
}
