package compose_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// supported are the records of a domain with two services, and of another domain.
func supported(t *testing.T) record.Set {
	t.Helper()
	set := make(record.Set)
	for key, r := range map[string][3]string{
		"example.com/spf":                {"example.com", "TXT", "v=spf1 include:spf.catglobe.example include:spf.protection.outlook.com -all"},
		"example.com/catglobe/dkim":      {"cg1._domainkey.example.com", "CNAME", "cg1.dkim.catglobe.example"},
		"example.com/microsoft365/dkim1": {"selector1._domainkey.example.com", "CNAME", "a.dkim.example.net"},
		"example.com/keys/own.a":         {"own.a._domainkey.example.com", "TXT", "k=rsa; p=MIIB"},
		"example.org/spf":                {"example.org", "TXT", "v=spf1 -all"},
	} {
		made, err := record.New(dnsname.MustParse(key[:11]), dnsname.MustParse(r[0]), record.Type(r[1]), 3600, r[2])
		if err != nil {
			t.Fatal(err)
		}
		set[key] = made
	}
	return set
}

func TestSupportMessage(t *testing.T) {
	t.Parallel()
	const report = "4 of 4 records match at 2 name servers of example.com."
	tests := map[string]struct {
		service, report string
		want            string
	}{
		"Catglobe": {
			"catglobe", report, `The mail DNS records of example.com for Catglobe are published. Please validate them and finish the set-up, so that Catglobe sends from this domain.

Domain: example.com
DKIM selectors: cg1, own.a
- cg1._domainkey.example.com CNAME cg1.dkim.catglobe.example
- own.a._domainkey.example.com TXT k=rsa; p=MIIB
- example.com TXT v=spf1 include:spf.catglobe.example include:spf.protection.outlook.com -all

Compared with live DNS: 4 of 4 records match at 2 name servers of example.com.`,
		},
		"whoever": {
			"", report, `The mail DNS records of example.com are published. Please validate them on your side and complete the set-up.

Domain: example.com
DKIM selectors: cg1, own.a, selector1
- cg1._domainkey.example.com CNAME cg1.dkim.catglobe.example
- own.a._domainkey.example.com TXT k=rsa; p=MIIB
- selector1._domainkey.example.com CNAME a.dkim.example.net
- example.com TXT v=spf1 include:spf.catglobe.example include:spf.protection.outlook.com -all

Compared with live DNS: 4 of 4 records match at 2 name servers of example.com.`,
		},
		"one that is not built in, SPF alone": {
			"acme", "", `The mail DNS records of example.com for acme are as follows.

Domain: example.com
DKIM selector: own.a
- own.a._domainkey.example.com TXT k=rsa; p=MIIB
- example.com TXT v=spf1 include:spf.catglobe.example include:spf.protection.outlook.com -all

The records have not been compared with live DNS.`,
		},
		"not all live": {
			"catglobe", "3 of 4 records match.\n\nexample.com/spf: TXT example.com\n  expected: v=spf1 -all", `The mail DNS records of example.com for Catglobe do not all match. Below are the wanted records, and the answers of live DNS.

Domain: example.com
DKIM selectors: cg1, own.a
- cg1._domainkey.example.com CNAME cg1.dkim.catglobe.example
- own.a._domainkey.example.com TXT k=rsa; p=MIIB
- example.com TXT v=spf1 include:spf.catglobe.example include:spf.protection.outlook.com -all

Compared with live DNS: 3 of 4 records match.

example.com/spf: TXT example.com
  expected: v=spf1 -all`,
		},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			got := compose.Support{Domain: dnsname.MustParse("example.com"), Service: tt.service, Records: supported(t), Report: tt.report}.Message()
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Message: -want +got\n%s", diff)
			}
		})
	}
}

func TestSupportMessageWithoutRecords(t *testing.T) {
	t.Parallel()
	got := compose.Support{Domain: dnsname.MustParse("news.catglobe.com"), Service: "catglobe", Records: supported(t)}.Message()
	if want := "news.catglobe.com has no mail DNS records for Catglobe."; got != want {
		t.Errorf("Message = %q, want %q", got, want)
	}
}
