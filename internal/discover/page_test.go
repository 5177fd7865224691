package discover_test

import (
	"strings"
	"testing"
)

func TestMarkdown(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		zone      []string
		has, lack []string // lines
	}{
		"services and terms": {
			zone: []string{
				"example.com TXT v=spf1 ip4:192.0.2.25 include:_spf.google.com ~all", "example.com MX 1 smtp.google.com", "example.com MX 20 mx.example.net",
				"_dmarc.example.com TXT v=DMARC1; p=none",
			},
			has: []string{
				"# Mail of `example.com`",
				"One service of the catalogue found; 2 records or terms that no service asks for; no open questions.",
				"| Google Workspace | spf |  |",
				"- SPF: `v=spf1 ip4:192.0.2.25 include:_spf.google.com ~all`",
				"  - no service asks for `ip4:192.0.2.25`",
				"  - The configuration keeps the live record as `existing`, since services and terms alone would make it in another order.",
				"- Mail hosts: `1 smtp.google.com`, `20 mx.example.net`",
			},
			lack: []string{"parked", "DKIM keys of no service"},
		},
		"a record as it is, and a key": {
			zone: []string{"example.com TXT v=spf1 redirect=_spf.example.net", "s1._domainkey.example.com CNAME a.example.net"},
			has:  []string{"- DKIM keys of no service: `s1`", "- Mail hosts: none.", "- BIMI: none.", "- DMARC: none."},
			lack: []string{"as `existing`", "## Services"},
		},
		"nothing": {
			has:  []string{"No services of the catalogue explain all mail records that were read.", "- SPF: none that receivers accept.", "- Mail hosts: none."},
			lack: []string{"## Services", "DKIM keys", "Open questions"},
		},
		"parked": {
			zone: parked("_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject"),
			has: []string{
				"No services of the catalogue explain all mail records that were read.",
				"- The domain is parked: it neither sends nor receives mail, nor does any name below it.", "- SPF: `v=spf1 -all`", "- MTA-STS: none.",
			},
			lack: []string{"no service asks for"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := newZone(tt.zone...)
			page := mustDiscover(t, z.everywhere(example), z).Markdown()
			for _, want := range tt.has {
				if !strings.Contains("\n"+page, "\n"+want+"\n") {
					t.Errorf("the page has no line %q:\n%s", want, page)
				}
			}
			for _, lack := range tt.lack {
				if strings.Contains(page, lack) {
					t.Errorf("the page has %q:\n%s", lack, page)
				}
			}
		})
	}
}

// What is not taken for a service says why.
func TestWhyNot(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ record, value, guess, why string }{
		"a qualifier":         {"example.com TXT v=spf1 ~include:_spf.google.com -all", "~include:_spf.google.com", "google_workspace", "The name is in _spf.google.com, which belongs to Google Workspace; the term does not have the qualifier pass, which the service asks for."},
		"a part of a group":   {"k2._domainkey.example.com CNAME dkim2.mcsv.net", "dkim2.mcsv.net", "mailchimp", `none of its groups with this record, such as "dkim", is live as a whole.`},
		"no such record":      {"example.com TXT v=spf1 include:smtp.google.com -all", "include:smtp.google.com", "google_workspace", ""},
		"a neighbour":         {"example.com MX 10 mail.zendesk.com", "10 mail.zendesk.com", "zendesk", "which belongs to Zendesk"},
		"a name of nobody":    {"example.com TXT v=spf1 include:a.example.net -all", "include:a.example.net", "", "No service of the catalogue has it."},
		"where many register": {"example.com TXT v=spf1 include:nobody.co.uk -all", "include:nobody.co.uk", "", "No service of the catalogue has it."},
		"a token":             {"example.com TXT token=1", "token=1", "", "A service may use it to verify the domain, or the owner put it there; it is not a mail record."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := newZone(tt.record)
			unknown := mustDiscover(t, z.everywhere(example), z).Unknown
			if len(unknown) != 1 || unknown[0].Value != tt.value || unknown[0].Guess != tt.guess || !strings.Contains(unknown[0].Why, tt.why) {
				t.Errorf("unknown = %+v, want %s of %q, since %s", unknown, tt.value, tt.guess, tt.why)
			}
		})
	}
}
