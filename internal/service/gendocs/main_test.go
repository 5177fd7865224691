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
    {"type": "MX", "groupId": "mx", "host": "@", "pointsTo": "mx.acme.example", "priority": 10, "ttl": 3600, "x-maildomain": {"id": "mx"}}
  ],
  "x-maildomain": {
    "documentation": "https://acme.example/dns", "checked": "2026-11-23", "evidence": "V", "never_flatten": true, "zones": ["acme.example"],
    "groups": [
      {"id": "spf", "description": "lets Acme Mail pass SPF", "default": true},
      {"id": "dkim", "description": "publishes the key that Acme Mail signs with, by a CNAME", "default": true},
      {"id": "mx", "description": "delivers the domain's mail to Acme Mail"}
    ],
    "variables": [
      {"name": "bounce", "kind": "host", "description": "the host", "where": "in the console", "default": "bounce"},
      {"name": "selector", "kind": "selector", "description": "the selector, a|b", "where": "in the console"},
      {"name": "target", "kind": "domain", "description": "the target", "where": "in the console", "default": "%account%.acme.example"},
      {"name": "account", "kind": "label", "description": "the account", "where": "in the console"}
    ],
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

These facts were read in official documentation or source (V); they were last compared with their source on 2026-11-23. What the service itself shows counts: [its documentation](https://acme.example/dns).

Names at and below 'acme.example' need nothing.

The service asks that its SPF terms stay as they are: flattening them is an error.

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

The function ['records'](../functions/records.md) makes all records of the groups that are asked for; the data sources
['maildomain_spf'](../data-sources/spf.md) and ['maildomain_dkim'](../data-sources/dkim.md) make the SPF records, with their lookups counted, and the DKIM records alone.

## Groups

| group | default | what it does |
| --- | --- | --- |
| 'spf' | yes | lets Acme Mail pass SPF |
| 'dkim' | yes | publishes the key that Acme Mail signs with, by a CNAME |
| 'mx' |  | delivers the domain's mail to Acme Mail |

## Variables

| variable | what it is | where it is found | default | groups |
| --- | --- | --- | --- | --- |
| 'bounce' | the host | in the console | 'bounce' | 'spf' |
| 'selector' | the selector, a\|b | in the console |  | 'dkim' |
| 'target' | the target | in the console | '%account%.acme.example' | 'dkim' |
| 'account' | the account | in the console |  | 'dkim' |

## Records

Variables stand between percent signs. What is of the type SPF is merged into the one SPF record of its name.

| id | group | type | name | value |
| --- | --- | --- | --- | --- |
| 'spf' | 'spf' | SPF | '%bounce%' | 'include:spf.acme.example' |
| 'dkim' | 'dkim' | CNAME | '%selector%._domainkey' | '%target%' |
| 'mx' | 'mx' | MX | '@' | '10 mx.acme.example' |

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
	row := "| [`acme`](service_acme.md) | Acme Mail | `include:spf.acme.example` at `%bounce%` | CNAME | yes | V | 2026-11-23 |\n"
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
