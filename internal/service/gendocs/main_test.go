package main

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

const template = `{
  "providerId": "acme.example", "providerName": "Acme", "serviceId": "mail", "serviceName": "Acme Mail", "version": 1,
  "description": "Lets Acme Mail send mail from the domain",
  "records": [
    {"type": "SPFM", "groupId": "spf", "host": "%bounce%", "spfRules": "include:spf.acme.example", "x-maildomain": {"id": "spf"}},
    {"type": "CNAME", "groupId": "dkim", "host": "%selector%._domainkey", "pointsTo": "%target%", "ttl": 3600, "x-maildomain": {"id": "dkim"}},
    {"type": "MX", "groupId": "mx", "host": "@", "pointsTo": "%mx%", "priority": 10, "ttl": 3600, "x-maildomain": {"id": "mx"}},
    {"type": "SRV", "groupId": "mx", "name": "@", "service": "_imaps", "protocol": "_tcp", "target": "imap.acme.example", "priority": 0, "weight": 1, "port": 993, "ttl": 3600,
      "x-maildomain": {"id": "imaps", "documentation": "https://acme.example/help/imap", "evidence": "O", "checked": "2026-11-27"}}
  ],
  "x-maildomain": {
    "documentation": "https://acme.example/dns", "checked": "2026-11-23", "evidence": "V", "never_flatten": true, "mail_from": "%bounce%", "dkim_aligns": true, "mx_patterns": ["*.acme.example"],
    "replaces": [{"type": "SPF", "host": "@", "value": "include:old.acme.example", "note": "until 2023"}], "zones": ["acme.example"],
    "groups": [
      {"id": "spf", "description": "lets Acme Mail pass SPF", "default": true},
      {"id": "dkim", "description": "publishes the key that Acme Mail signs with, by a CNAME", "default": true},
      {"id": "mx", "description": "delivers the domain's mail to Acme Mail"}
    ],
    "variables": [
      {"name": "bounce", "kind": "host", "description": "the host", "where": "in the console", "default": "bounce"},
      {"name": "selector", "kind": "selector", "description": "the selector, a|b", "where": "in the console"},
      {"name": "target", "kind": "domain", "description": "the target", "where": "in the console", "default": "%account%.acme.example"},
      {"name": "account", "kind": "label", "description": "the account", "where": "in the console"},
      {"name": "mx", "kind": "domain", "description": "the host", "where": "in the console"},
      {"name": "region", "kind": "label", "description": "the region", "where": "in the console", "default": "eu"}
    ],
    "regions": {"variable": "region", "rows": [{"names": ["eu", "us"], "values": {"mx": "mx.%region%.acme.example"}}]},
    "together": [{"variables": ["selector", "target"]}],
    "notes": [{"text": "Tell Acme when all is live."}]
  }
}`

const wantPage = `---
page_title: "Acme Mail"
subcategory: "Mail services"
description: |-
  The DNS records of Acme Mail, its variables and its groups.
---

# Acme Mail

Lets Acme Mail send mail from the domain. The service is built in as 'acme'.

These facts were read in official documentation or source (V). They were last compared with their source on 2026-11-23. If the service itself shows other values, use those: [its documentation](https://acme.example/dns).

Names at and below 'acme.example' need no records.

The service demands literal SPF terms: flattening them is an error.

## Example

'''terraform
locals {
  services = {
    acme = {
      variables = {
        selector = "…"
        target   = "…"
      }
    }
  }

  mail_records = provider::maildomain::records({
    domain   = "example.com"
    services = local.services
  })
}
'''

The function ['records'](../functions/records.md) returns all records of the applied groups. The data sources
['maildomain_spf'](../data-sources/spf.md) and ['maildomain_dkim'](../data-sources/dkim.md) return only the SPF records, with their lookups counted, and only the DKIM records.

## What is known

- Its mail bounces to the host '%bounce%' of the domain: receivers look up SPF there, and SPF at the domain itself has no effect for it.
- Once its keys are published, it signs as the domain, and DMARC passes.
- An MTA-STS policy names its hosts by '*.acme.example'.
- Live DNS may still show an older form: the SPF record '@' with 'include:old.acme.example', until 2023.
- Not known: whether its documentation has the records 'imaps'.

## Groups

| group | default | purpose |
| --- | --- | --- |
| 'spf' | yes | lets Acme Mail pass SPF |
| 'dkim' | yes | publishes the key that Acme Mail signs with, by a CNAME |
| 'mx' |  | delivers the domain's mail to Acme Mail |

## Variables

| variable | meaning | place where you find it | default | groups |
| --- | --- | --- | --- | --- |
| 'bounce' | the host | in the console | 'bounce' | 'spf' |
| 'selector' | the selector, a\|b | in the console |  | 'dkim' |
| 'target' | the target | in the console | '%account%.acme.example' | 'dkim' |
| 'account' | the account | in the console |  | 'dkim' |
| 'mx' | the host | in the console | by 'region' | 'mx' |
| 'region' | the region | in the console | 'eu' | 'mx' |

The variables 'selector', 'target' must be set together, as the service shows them, or not at all.

'region' decides the defaults in the table for these values: 'eu', 'us'. For any other value, set those variables too.

## Records

Variables are between percent signs. Terms of the type SPF become part of the one SPF record of their name.

| id | group | type | name | value | evidence |
| --- | --- | --- | --- | --- | --- |
| 'spf' | 'spf' | SPF | '%bounce%' | 'include:spf.acme.example' | [V, 2026-11-23](https://acme.example/dns) |
| 'dkim' | 'dkim' | CNAME | '%selector%._domainkey' | '%target%' | [V, 2026-11-23](https://acme.example/dns) |
| 'mx' | 'mx' | MX | '@' | '10 %mx%' | [V, 2026-11-23](https://acme.example/dns) |
| 'imaps' | 'mx' | SRV | '_imaps._tcp' | '0 1 993 imap.acme.example' | [O, 2026-11-27](https://acme.example/help/imap) |

## Notes

- Tell Acme when all is live.
`

func TestPage(t *testing.T) {
	t.Parallel()
	catalogue, err := load(fstest.MapFS{"acme.json": {Data: []byte(template)}})
	if err != nil {
		t.Fatal(err)
	}
	got := pages(catalogue)
	want := strings.ReplaceAll(strings.ReplaceAll(wantPage, "'''", "```"), "'", "`")
	want = strings.ReplaceAll(want, "domain`s", "domain's")
	if diff := cmp.Diff(want, got["service_acme.md"]); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
	row := "| [`acme`](service_acme.md) | Acme Mail | `%bounce%` | `include:spf.acme.example` at `%bounce%` | CNAME | yes | V | 2026-11-23 |\n"
	if !strings.HasSuffix(got["services.md"], row) {
		t.Errorf("index = %s\nwant its last line to be %s", got["services.md"], row)
	}
}

func TestLoadBroken(t *testing.T) {
	t.Parallel()
	if _, err := load(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("load of an empty folder: error %v, want %v", err, fs.ErrNotExist)
	}
	_, err := load(fstest.MapFS{"acme.json": {Data: []byte(`{"records": []}`)}})
	var broken *service.TemplateError
	if !errors.As(err, &broken) || !strings.Contains(err.Error(), "acme.json") {
		t.Errorf("load of a template without records: error %v, want one that names the file", err)
	}
}

func TestRunRemovesOldPages(t *testing.T) {
	t.Parallel()
	guides := t.TempDir()
	for _, name := range []string{"service_gone.md", "limits.md"} {
		if err := os.WriteFile(filepath.Join(guides, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(fstest.MapFS{"acme.json": {Data: []byte(template)}}, guides); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(guides)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, file := range files {
		got = append(got, file.Name())
	}
	if diff := cmp.Diff([]string{"limits.md", "service_acme.md", "services.md"}, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// The pages of the repository are those of its templates.
func TestPagesAreUpToDate(t *testing.T) {
	t.Parallel()
	catalogue, err := load(os.DirFS("../builtin"))
	if err != nil {
		t.Fatal(err)
	}
	if len(catalogue) != len(service.Builtins()) {
		t.Errorf("the folder holds %d templates, and %d are built in", len(catalogue), len(service.Builtins()))
	}
	guides := os.DirFS("../../../templates/guides")
	want := pages(catalogue)
	files, err := fs.Glob(guides, "service*.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), files); diff != "" {
		t.Errorf("pages (-want +in templates/guides), mended by make docs:\n%s", diff)
	}
	for name, page := range want {
		if got, err := fs.ReadFile(guides, name); err != nil || string(got) != page {
			t.Errorf("%s is not what make docs writes (%v)", name, err)
		}
	}
}
