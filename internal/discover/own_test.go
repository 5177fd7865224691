package discover_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/discover"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Policies, mail hosts and other records of no service, and what the configuration makes of them.
func TestDiscoverOwn(t *testing.T) {
	t.Parallel()
	const google = "example.com MX 1 smtp.google.com"
	tests := map[string]struct {
		zone       []string
		hosts      []string
		yaml       string   // lines below the domain, without indents
		unresolved []string // subjects, with what the sentence says
		same       bool     // the configuration makes all that is live
	}{
		"policies": {
			zone: []string{
				"_dmarc.example.com TXT v=DMARC1;p=reject; pct=100", "_smtp._tls.example.com TXT v=TLSRPTv1;rua=mailto:t@example.com", "default._bimi.example.com TXT v=BIMI1; l=https://example.com/l.svg; a=https://example.com/c.pem; avp=personal",
			},
			yaml: `dmarc: | existing: "v=DMARC1;p=reject; pct=100" | tls_rpt: | reports: | - "mailto:t@example.com" | bimi: | logo: "https://example.com/l.svg" | certificate: "https://example.com/c.pem" | avatar: "personal"`, same: true,
		},
		"a policy for a part of the mail": {
			zone: []string{"_dmarc.example.com TXT v=DMARC1; p=reject; pct=20"}, yaml: "", unresolved: []string{"dmarc: read the live record"},
		},
		"a policy that receivers cannot use":       {zone: []string{"_dmarc.example.com TXT v=DMARC1; p=reject; sp=no; rua=mailto:r@example.com"}, unresolved: []string{"dmarc: read the live record"}},
		"a policy that receivers ignore":           {zone: []string{"_dmarc.example.com TXT v=DMARC1"}},
		"two policies":                             {zone: []string{"_dmarc.example.com TXT v=DMARC1; p=none", "_dmarc.example.com TXT v=DMARC1; p=reject", "_dmarc.example.com TXT note"}},
		"a policy that cannot be configured":       {zone: []string{"_dmarc.example.com TXT v=DMARC1; p=reject; sp=none; rua=mailto:r@example.com,mailto:R@example.com"}, yaml: `dmarc: | existing: "v=DMARC1; p=reject; sp=none; rua=mailto:r@example.com,mailto:R@example.com"`, same: true},
		"logos of single senders":                  {zone: []string{"default._bimi.example.com TXT v=BIMI1; l=https://example.com/l.svg; lps=news"}, unresolved: []string{"bimi: read the live record"}},
		"no logo":                                  {zone: []string{"default._bimi.example.com TXT v=BIMI1; l=; a=;"}, yaml: "bimi: | declined: true", same: true},
		"a note beside a policy":                   {zone: []string{"_dmarc.example.com TXT v=DMARC1; p=none", "_dmarc.example.com TXT note"}, yaml: `dmarc: | existing: "v=DMARC1; p=none" | extra: | dmarc_txt: | name: "_dmarc" | type: "TXT" | value: "note"`, same: true},
		"a note in the place of a policy":          {zone: []string{"_dmarc.example.com TXT note"}, yaml: `extra: | dmarc_txt: | name: "_dmarc" | type: "TXT" | value: "note"`, same: true},
		"a policy elsewhere":                       {zone: []string{"_dmarc.example.com CNAME example.com.dmarc.example.net"}, yaml: `extra: | dmarc_cname: | name: "_dmarc" | type: "CNAME" | value: "example.com.dmarc.example.net"`, same: true},
		"a policy elsewhere that is there":         {zone: []string{"_dmarc.example.com CNAME d.example.com", "d.example.com TXT v=DMARC1; p=none"}, yaml: `extra: | dmarc_cname: | name: "_dmarc" | type: "CNAME" | value: "d.example.com"`},
		"an MTA-STS policy":                        {zone: []string{"_mta-sts.example.com TXT v=STSv1; id=1;", "mta-sts.example.com CNAME sts.example.net"}, hosts: []string{"mta-sts"}, yaml: `mta_sts: | existing: "v=STSv1; id=1;" | host: "sts.example.net"`, unresolved: []string{"mta_sts: the web server mta-sts.example.com."}, same: true},
		"an MTA-STS policy of one's own":           {zone: []string{"_mta-sts.example.com TXT v=STSv1; id=1", "mta-sts.example.com A 192.0.2.1", "mta-sts.example.com AAAA 2001:db8::1"}, yaml: `mta_sts: | existing: "v=STSv1; id=1" | addresses: | - "192.0.2.1" | - "2001:db8::1"`, unresolved: []string{"mta_sts: "}, same: true},
		"an MTA-STS policy behind a wildcard":      {zone: []string{"_mta-sts.example.com TXT v=STSv1; id=1", "*.example.com A 192.0.2.1"}, yaml: `mta_sts: | existing: "v=STSv1; id=1"`, unresolved: []string{"mta_sts: "}},
		"a parked domain":                          {zone: parked("_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject"), yaml: `parked: true | dmarc: | existing: "v=DMARC1; p=reject; sp=reject; np=reject"`, same: true},
		"a parked domain with a host":              {zone: parked("_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject; rua=mailto:r@example.net", "www.example.com TXT v=spf1 -all", "www.example.com A 192.0.2.1", "example.com TXT MS=ms1"), hosts: []string{"www"}, yaml: `parked: true | hosts: | - "www" | dmarc: | existing: "v=DMARC1; p=reject; sp=reject; np=reject; rua=mailto:r@example.net" | extra: | ms: | name: "@" | type: "TXT" | value: "MS=ms1"`},
		"a parked domain, a host of text":          {zone: parked("_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject", "www.example.com TXT v=spf1 -all"), hosts: []string{"www"}, yaml: `parked: true | hosts: | - "www" | dmarc: | existing: "v=DMARC1; p=reject; sp=reject; np=reject"`, same: true},
		"a parked domain without the host":         {zone: parked("_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject"), hosts: []string{"www"}, yaml: `parked: true | dmarc: | existing: "v=DMARC1; p=reject; sp=reject; np=reject"`, same: true},
		"a parked domain with any address":         {zone: parked("_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject", "*.example.com A 192.0.2.1"), hosts: []string{"www"}, yaml: `parked: true | dmarc: | existing: "v=DMARC1; p=reject; sp=reject; np=reject"`},
		"a parked domain that is not strict":       {zone: parked("_dmarc.example.com TXT v=DMARC1; p=quarantine"), yaml: `all: "fail" | mx: | - "0 ." | dmarc: | existing: "v=DMARC1; p=quarantine"`},
		"a parked domain without a wildcard":       {zone: []string{"example.com MX 0 .", "example.com TXT v=spf1 -all", "_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject"}, yaml: `all: "fail" | mx: | - "0 ." | dmarc: | existing: "v=DMARC1; p=reject; sp=reject; np=reject"`, same: true},
		"a parked domain with a key":               {zone: parked("_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject", "s1._domainkey.example.com CNAME a.example.net"), yaml: `all: "fail" | mx: | - "0 ." | keys: | s1: | cname: "a.example.net" | dmarc: | existing: "v=DMARC1; p=reject; sp=reject; np=reject"`},
		"a parked domain with a mail host":         {zone: parked("_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject", "example.com MX 10 a.example.net"), yaml: `all: "fail" | dmarc: | existing: "v=DMARC1; p=reject; sp=reject; np=reject"`, unresolved: []string{"mx: left out"}},
		"a wildcard at the names of policies":      {zone: []string{"*.example.com TXT note", "_dmarc.example.com TXT v=DMARC1; p=none"}, yaml: `dmarc: | existing: "v=DMARC1; p=none"`},
		"a note as that of a wildcard":             {zone: []string{"*.example.com TXT note", "_dmarc.example.com TXT another"}, yaml: `extra: | dmarc_txt: | name: "_dmarc" | type: "TXT" | value: "another"`},
		"any alias":                                {zone: []string{"*.example.com CNAME a.example.net", "_dmarc.example.com TXT v=DMARC1; p=none"}, hosts: []string{"x", "y.x"}, yaml: `dmarc: | existing: "v=DMARC1; p=none"`},
		"any alias that has a policy":              {zone: []string{"*.example.com CNAME a.example.com", "a.example.com TXT v=DMARC1; p=none"}},
		"any policy":                               {zone: []string{"*.example.com TXT v=DMARC1; p=none"}, unresolved: []string{"dmarc: a wildcard makes the record"}},
		"any TLS reports":                          {zone: []string{"*.example.com TXT v=TLSRPTv1; rua=mailto:t@example.net"}, unresolved: []string{"tls_rpt: a wildcard"}},
		"any MTA-STS policy":                       {zone: []string{"*.example.com TXT v=STSv1; id=1", "mta-sts.example.com CNAME a.example.net"}, unresolved: []string{"mta_sts: a wildcard"}},
		"any logo":                                 {zone: []string{"*._bimi.example.com TXT v=BIMI1; l=https://example.com/l.svg"}, unresolved: []string{"bimi: a wildcard"}},
		"any text, mail host and SPF":              {zone: []string{"*.example.com TXT note", "*.example.com TXT v=spf1 mx -all", "*.example.com MX 10 a.example.net"}, hosts: []string{"x", "y.x"}},
		"a host with the texts of any":             {zone: []string{"*.example.com TXT note", "x.example.com TXT note"}, hosts: []string{"x"}, yaml: `extra: | x_txt: | name: "x" | type: "TXT" | value: "note"`},
		"a host with another text":                 {zone: []string{"*.example.com TXT note", "x.example.com TXT other"}, hosts: []string{"x"}, yaml: `extra: | x_txt: | name: "x" | type: "TXT" | value: "other"`},
		"an MTA-STS policy elsewhere":              {zone: []string{"_mta-sts.example.com CNAME m.example.net", "mta-sts.example.com CNAME w.example.net"}, yaml: `extra: | mta_sts_cname: | name: "mta-sts" | type: "CNAME" | value: "w.example.net" | mta_sts_cname_2: | name: "_mta-sts" | type: "CNAME" | value: "m.example.net"`, same: true},
		"tokens without names":                     {zone: []string{"example.com TXT =x", "example.com TXT -=y", "x.example.com TXT __=z"}, hosts: []string{"x"}, yaml: `extra: | txt: | name: "@" | type: "TXT" | value: "-=y" | txt_2: | name: "@" | type: "TXT" | value: "=x" | x_txt: | name: "x" | type: "TXT" | value: "__=z"`, same: true},
		"a token that is not UTF-8":                {zone: []string{"example.com TXT a\xff", "example.com TXT b"}, unresolved: []string{"example.com TXT: not UTF-8", "example.com TXT: stays as it is"}},
		"a policy that is not UTF-8":               {zone: []string{"_dmarc.example.com TXT v=DMARC1; p=none; x=\xff"}, unresolved: []string{"dmarc: not UTF-8"}},
		"an SPF record without an end":             {zone: []string{"example.com TXT v=spf1 mx"}, yaml: `existing: "v=spf1 mx" | all: "neutral"`},
		"an SPF record with more than all":         {zone: []string{"example.com TXT v=spf1 redirect=a.example.net mx -all a", "example.com TXT b"}, yaml: `existing: "v=spf1 mx -all a redirect=a.example.net" | all: "fail" | extra: | txt: | name: "@" | type: "TXT" | value: "b"`},
		"mail hosts":                               {zone: []string{"example.com MX 100 a.example.net", "example.com MX 20 b.example.net"}, yaml: `mx: | - "20 b.example.net" | - "100 a.example.net"`, same: true},
		"no mail":                                  {zone: []string{"example.com MX 0 ."}, yaml: `mx: | - "0 ."`, same: true},
		"a mail host beside a service's":           {zone: []string{google, "example.com MX 20 backup.example.net", "example.com TXT v=spf1 include:_spf.google.com -all"}, yaml: `all: "fail" | mx: | - "1 smtp.google.com" | - "20 backup.example.net" | services: | google_workspace: | groups: | - "spf"`, same: true},
		"a mail host beside a service's at a host": {zone: []string{"x.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com", "x.example.com MX 20 a.example.net", "x.example.com TXT v=spf1 include:amazonses.com -all", "x.example.com TXT a", "example.com TXT b"}, hosts: []string{"x"}, yaml: `services: | amazon_ses: | groups: | - "mail_from" | variables: | mail_from: "x" | region: "eu-west-1" | extra: | txt: | name: "@" | type: "TXT" | value: "b" | x_txt: | name: "x" | type: "TXT" | value: "a"`, unresolved: []string{"extra: 20 a.example.net", "x.example.com MX: 20 a.example.net"}},
		"a mail host beside a service's alone":     {zone: []string{google, "example.com MX 20 backup.example.net"}, yaml: `mx: | - "1 smtp.google.com" | - "20 backup.example.net"`, same: true},
		"mail hosts of two services":               {zone: []string{google, "example.com MX 10 mx.zoho.eu", "example.com MX 20 mx2.zoho.eu", "example.com MX 50 mx3.zoho.eu"}, yaml: `mx: | - "1 smtp.google.com" | - "10 mx.zoho.eu" | - "20 mx2.zoho.eu" | - "50 mx3.zoho.eu"`, same: true},
		"a mail host that is none":                 {zone: []string{"example.com MX 10 192.0.2.1", "example.com MX 20 a.example.net"}, unresolved: []string{"mx: left out"}},
		"tokens":                                   {zone: []string{"example.com TXT MS=ms1", "example.com TXT google-site-verification=x=y", "example.com TXT google-site-verification=z", "example.com TXT a b", "example.com TXT v=spf1 -all"}, yaml: `all: "fail" | extra: | ms: | name: "@" | type: "TXT" | value: "MS=ms1" | txt: | name: "@" | type: "TXT" | value: "a b" | google_site_verification: | name: "@" | type: "TXT" | value: "google-site-verification=x=y" | google_site_verification_2: | name: "@" | type: "TXT" | value: "google-site-verification=z"`, same: true},
		"tokens beside two SPF records":            {zone: []string{"example.com TXT MS=ms1", "example.com TXT v=spf1 -all", "example.com TXT v=spf1 mx -all"}},
		"a host of nobody":                         {zone: []string{"bounce.example.com CNAME a.example.net", "x.example.com MX 10 b.example.net", "x.example.com TXT note"}, hosts: []string{"bounce", "x"}, yaml: `extra: | bounce_cname: | name: "bounce" | type: "CNAME" | value: "a.example.net" | x_mx: | name: "x" | type: "MX" | value: "10 b.example.net" | x_txt: | name: "x" | type: "TXT" | value: "note"`, same: true},
		"an SPF record of a host":                  {zone: []string{"x.example.com TXT v=spf1 mx -all", "x.example.com TXT note"}, hosts: []string{"x"}, unresolved: []string{"x.example.com TXT: v=spf1 mx -all"}},
		"a key of a host":                          {zone: []string{"s1._domainkey.x.example.com CNAME a.example.net"}, hosts: []string{"x"}, yaml: `extra: | s1_domainkey_x_cname: | name: "s1._domainkey.x" | type: "CNAME" | value: "a.example.net"`, same: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := newZone(tt.zone...)
			q := z.everywhere(example)
			q.Hosts = tt.hosts
			if strings.HasPrefix(name, "a key") {
				q.Selectors = []string{"s1"}
			}
			got := mustDiscover(t, q, z)
			if _, err := compose.Records(got.Config); err != nil {
				t.Fatalf("Records of the configuration: %v", err)
			}
			_, yaml, _ := strings.Cut(got.YAML(), ":\n")
			lines := strings.FieldsFunc(yaml, func(c rune) bool { return c == '\n' })
			for i := range lines {
				lines[i] = strings.TrimSpace(lines[i])
			}
			if diff := cmp.Diff(sections(tt.yaml), sections(strings.Join(lines, " | "))); diff != "" {
				t.Errorf("the configuration is another (-want +got):\n%s", diff)
			}
			if len(got.Unresolved) != len(tt.unresolved) {
				t.Fatalf("unresolved = %v, want %q", got.Unresolved, tt.unresolved)
			}
			for i, want := range tt.unresolved {
				subject, says, _ := strings.Cut(want, ": ")
				if u := got.Unresolved[i]; u.Subject != subject || !strings.Contains(u.Why, says) {
					t.Errorf("unresolved = %v, want %s with %q", u, subject, says)
				}
			}
			if made := meanings(got.Records); tt.same && !slices.Equal(made, z.meanings()) {
				t.Errorf("the configuration makes\n%q, want\n%q", made, z.meanings())
			}
			for _, i := range got.Imports {
				if i.Rewritten && tt.same && name != "policies" && name != "a policy that cannot be configured" && !strings.HasPrefix(name, "an MTA-STS") {
					t.Errorf("%s is rewritten", i.Key)
				}
			}
		})
	}
}

// parked are the records of a parked domain without its policy, and others.
func parked(others ...string) []string {
	return append([]string{"example.com MX 0 .", "example.com TXT v=spf1 -all", "*.example.com TXT v=spf1 -all", "*._domainkey.example.com TXT v=DKIM1; p="}, others...)
}

// sections are the sorted lines of a text, since extra records of one name have no order of their own.
func sections(text string) []string {
	parts := strings.Split(text, " | ")
	slices.Sort(parts)
	return parts
}

// meanings are what the records of a zone say.
func (z *zone) meanings() []string {
	set := make(record.Set)
	for key, values := range z.records {
		owner, typ, _ := strings.Cut(key, " ")
		for _, value := range values {
			r, err := record.New(example, dnsname.MustParse(owner), record.Type(typ), 3600, value)
			if err != nil {
				panic(err)
			}
			set[key+value] = r
		}
	}
	return meanings(set)
}

// An extra record keeps the TTL of its record set, where it has that for itself.
func TestDiscoverExtraTTL(t *testing.T) {
	t.Parallel()
	z := newZone("example.com TXT v=spf1 -all", "example.com TXT MS=ms1", "bounce.example.com CNAME a.example.net")
	z.ttls = map[record.Type]uint32{record.TXT: 3600, record.CNAME: 60}
	got := mustDiscover(t, discover.Query{Domain: example, Hosts: []string{"bounce"}}, z)
	if e := got.Config.Extra; got.Config.TTL != 0 || e["ms"].TTL != 0 || e["bounce_cname"].TTL != 60 || got.Records["example.com/extra/bounce_cname"].TTL != 60 || len(got.Unresolved) > 0 {
		t.Errorf("TTL = %d, extra = %v, unresolved = %v, want 60 for the CNAME alone", got.Config.TTL, e, got.Unresolved)
	}
}

// What no service and no other part of the configuration makes is listed, however much of it there is.
func TestDiscoverOfHosts(t *testing.T) {
	t.Parallel()
	z := newZone("none.example.com TXT v=spf1 -all", "end.example.com TXT v=spf1 ?all mx")
	for i := range 45 {
		z.records[fmt.Sprintf("x%d.example.com MX", i)] = []string{"10 192.0.2.1"} // It is no host, and refused.
	}
	got := mustDiscover(t, z.everywhere(example), z)
	if _, err := compose.Records(got.Config); err != nil || len(got.Unresolved) != 45 || len(got.Unknown) != 47 {
		t.Errorf("%d unresolved, %d unknown, want 45 and 47; Records of the configuration: %v", len(got.Unresolved), len(got.Unknown), err)
	}
	for _, want := range []string{"none.example.com TXT v=spf1 -all", "end.example.com TXT v=spf1 ?all mx"} {
		if !slices.ContainsFunc(got.Unknown, func(u discover.Unknown) bool {
			return fmt.Sprint(u.Owner, " ", u.Type, " ", u.Value) == want && u.Kind == discover.Term
		}) {
			t.Errorf("unknown = %v, want %s", got.Unknown, want)
		}
	}
	z = newZone("*.example.com TXT v=spf1 a -all", "*.example.com TXT v=spf1 mx -all")
	if got := mustDiscover(t, discover.Query{Domain: example, Hosts: []string{"x", "y.x"}}, z); slices.ContainsFunc(got.Unknown, func(u discover.Unknown) bool { return !strings.HasPrefix(u.Owner.String(), "_domainkey.") }) {
		t.Errorf("unknown = %v, want nothing of hosts and selectors that are not there", got.Unknown)
	}
	z = newZone(parked("_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject", "www.example.com TXT v=spf1 -all", "www.example.com A 192.0.2.1")...)
	if got := mustDiscover(t, z.everywhere(example), z); !got.Config.Parked || len(got.Unknown) > 0 {
		t.Errorf("unknown = %v, want nothing of a parked domain", got.Unknown)
	}
}
