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
}

// mailFormats are the formats that are told from their names or versions, but for SPF, which extra records never hold.
func mailFormats() []mailFormat {
	return []mailFormat{
		{"a DMARC record", "_dmarc", isDMARCOwner, func(owner dnsname.Name, text string) error {
			r, err := dmarc.Parse(text)
			if err == nil && owner.Labels()[0] == "_dmarc" && !r.Applies() {
				return fmt.Errorf("%w: it has neither a usable policy nor usable rua (RFC 9989 §4.10.1)", dmarc.ErrNotDMARC)
			}
			return err
		}},
		{"an MTA-STS record", mtasts.Label, starts(mtasts.Label), func(_ dnsname.Name, text string) error { _, err := mtasts.Parse(text); return err }},
		{"a TLS reporting record", tlsrpt.Label, starts("_smtp", "_tls"), func(_ dnsname.Name, text string) error { _, err := tlsrpt.Parse(text); return err }},
		{"a BIMI record", "<selector>." + bimi.Label, isBIMIOwner, func(_ dnsname.Name, text string) error { _, err := bimi.Parse(text); return err }},
		{"a DKIM key record", "<selector>._domainkey", dkim.IsOwner, func(_ dnsname.Name, text string) error { return rejectedKey(text) }},
	}
}

func starts(labels ...string) func(dnsname.Name) bool {
	return func(owner dnsname.Name) bool {
		have := owner.Labels()
		return len(have) > len(labels) && slices.Equal(have[:len(labels)], labels)
	}
}

// isDMARCOwner reports whether a name is that of a policy, or of an authorisation for reports (RFC 9990 §4).
func isDMARCOwner(owner dnsname.Name) bool {
	labels := owner.Labels()
	i := slices.Index(labels, "_dmarc")
	return i == 0 || i > 0 && labels[i-1] == "_report"
}

func isBIMIOwner(owner dnsname.Name) bool { return slices.Index(owner.Labels(), bimi.Label) > 0 }

// rejectedKey returns why receivers reject a DKIM key record.
func rejectedKey(text string) error {
	r, err := dkim.Parse(text)
	if err != nil {
		return err
	}
	for _, finding := range r.Check() {
		if finding.Level == dkim.Error {
			return fmt.Errorf("%w: %s", dkim.ErrNotDKIM, finding.Text)
		}
	}
	return nil
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
		case f.is(r.Owner) && (looksLike || f.name == "a DKIM key record"):
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
