package compose

import (
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsrpt"
)

// warnUnread warns of a TXT record that looks like a mail record, and that receivers do not read as one.
func (b *builder) warnUnread(r record.Record, path Path) {
	if r.Type != record.TXT {
		return
	}
	if reason := unread(r); reason != "" {
		b.warn(warnUnread, path, "TXT record that nobody reads", Sentence(reason))
	}
}

// mailFormat is a format of TXT records that belong to names of their own.
type mailFormat struct {
	name  string // as record.FormatOf has it
	place string // where receivers look for it, below the domain
	is    func(owner dnsname.Name) bool
	parse func(owner dnsname.Name, text string) error
	all   bool // every TXT record at such a name is meant as one
}

// mailFormats are the formats that are told from their names or versions, but for SPF, which extra records never hold.
func mailFormats() []mailFormat {
	return []mailFormat{
		{name: "a DMARC record", place: "_dmarc", is: isDMARCOwner, parse: func(owner dnsname.Name, text string) error {
			r, err := dmarc.Parse(text)
			if err == nil && owner.Labels()[0] == "_dmarc" && !r.Applies() {
				return fmt.Errorf("%w: it has neither a usable policy nor usable rua (RFC 9989 §4.10.1)", dmarc.ErrNotDMARC)
			}
			return err
		}},
		{name: "an MTA-STS record", place: mtasts.Label, is: starts(mtasts.Label), parse: func(_ dnsname.Name, text string) error { _, err := mtasts.Parse(text); return err }},
		{name: "a TLS reporting record", place: tlsrpt.Label, is: starts("_smtp", "_tls"), parse: func(_ dnsname.Name, text string) error { _, err := tlsrpt.Parse(text); return err }},
		{name: "a BIMI record", place: "<selector>." + bimi.Label, is: isBIMIOwner, parse: func(_ dnsname.Name, text string) error { _, err := bimi.Parse(text); return err }},
		{name: "a DKIM key record", place: "<selector>._domainkey", is: dkim.IsOwner, parse: parseKey, all: true},
	}
}

func starts(labels ...string) func(dnsname.Name) bool {
	return func(owner dnsname.Name) bool {
		have := owner.Labels()
		return len(have) > len(labels) && slices.Equal(have[:len(labels)], labels)
	}
}

// isDMARCOwner reports whether a name is that of a policy, or of an authorisation for reports (RFC 9990 §4).
func isDMARCOwner(owner dnsname.Name) bool { return starts("_dmarc")(owner) || dmarc.Authorises(owner) }

func isBIMIOwner(owner dnsname.Name) bool { return slices.Index(owner.Labels(), bimi.Label) > 0 }

// parseKey reads a DKIM key record, and returns an error for one that receivers reject. A key is withdrawn by publishing it
// without its data (RFC 6376 §3.6.1).
func parseKey(_ dnsname.Name, text string) error {
	r, err := dkim.Parse(text)
	if err != nil || r.Revoked() {
		return err
	}
	return r.Rejected()
}

// unread says why receivers do not read a record as what it looks like; empty for a record that looks like nothing of the
// kind.
func unread(r record.Record) string {
	if inner, ok := record.Strings(r.Value); ok && inner != "" {
		return fmt.Sprintf("the value stands in quotes, which are published with it and keep readers from knowing it: write %s without them", record.ShortQuoted(inner))
	}
	for _, f := range mailFormats() {
		looksLike := record.FormatOf(r.Value) == f.name
		switch {
		case f.is(r.Owner) && (looksLike || f.all):
			if err := f.parse(r.Owner, r.Value); err != nil {
				return fmt.Sprintf("receivers do not take it for %s: %s", f.name, record.Display(err.Error()))
			}
			return ""
		case looksLike:
			return fmt.Sprintf("it is %s, and receivers look for one at %s alone, below a domain", f.name, f.place)
		}
	}
	return ""
}
