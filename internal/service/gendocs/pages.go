package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// pages returns the pages of a catalogue by their file names.
func pages(catalogue []entry) map[string]string {
	all := make(map[string]string, len(catalogue)+1)
	var b strings.Builder
	index(&b, catalogue)
	all["services.md"] = b.String()
	for _, e := range catalogue {
		b.Reset()
		page(&b, e)
		all[pageName(e)] = b.String()
	}
	return all
}

func pageName(e entry) string { return pagePrefix + e.ID + ".md" }

// head is the front matter that the registry reads: title, heading in the list of pages, description.
const head = `---
page_title: %q
subcategory: %q
description: |-
  %s
---

# %[1]s
`

// The registry lists the services' pages under this heading.
const subcategory = "Mail services"

const indexText = `
A *service* is a mail sender. The services in the table are built in. For any other, set ` + "`template = file(\"…\")`" + ` to its
[Domain Connect](https://www.domainconnect.org/) template.

- *Variables* are values that a service gives to each customer. Only those of the applied groups are required.
- *Groups* are parts of a service's records. The default groups apply if ` + "`groups`" + ` is not set.
  The groups of records that receive mail are never default.

The function ` + recordsLinks + `.

## Columns

| column | meaning |
| --- | --- |
| bounces to | the domain, a host of the domain, or a domain of the service's own. Receivers look up SPF there: SPF at the domain has no effect for a service that bounces elsewhere |
| SPF | terms that the default groups add to the SPF record, with variables between percent signs |
| DKIM | type of the records that publish the keys |
| MX | whether the service has hosts that receive the domain's mail |
| evidence | **V**: read in official documentation or source. **I**: reported in issue trackers. **O**: seen in many published configurations. **?**: unverified |
| checked | day on which the facts were last compared with their source |

~> **Caution:** The service's own console is right if it shows other values.

## Services

`

func index(w io.Writer, catalogue []entry) {
	fmt.Fprintf(w, head, "Built-in services", "", "The built-in mail services, with their SPF terms, the types of their DKIM records, and the evidence.")
	fmt.Fprint(w, indexText)
	t := table{w: w}
	t.row("service", "name", "bounces to", "SPF", "DKIM", "MX", "evidence", "checked")
	for _, e := range catalogue {
		t.row(fmt.Sprintf("[`%s`](%s)", e.ID, pageName(e)), e.Name, e.mailFrom(), e.spf(), e.dkim(), yes(e.takesMail()), e.Evidence, e.Checked)
	}
}

// evidence says how facts are known, and what that asks of the reader.
var evidence = map[string]string{
	"V": "These facts were read in official documentation or source (V)",
	"I": "These facts were reported in issue trackers; they are not in the documentation of the service (I)",
	"O": "These facts were seen in many published configurations; not all of them are in the documentation of the service (O)",
	"?": "These facts are unverified (?)",
}

func page(w io.Writer, e entry) {
	fmt.Fprintf(w, head, e.Name, subcategory, "The DNS records of "+e.Name+", its variables and its groups.")
	fmt.Fprintf(w, "\n%s. The service is built in as `%s`.\n", strings.TrimSuffix(e.Description, "."), e.ID)
	fmt.Fprintf(w, "\n%s. They were last compared with their source on %s. If the service itself shows other values, use those: [its documentation](%s).\n",
		evidence[e.Evidence], e.Checked, e.Documentation)
	for _, zone := range e.Zones {
		fmt.Fprintf(w, "\nNames at and below `%s` need no records.\n", zone)
	}
	if e.NeverFlatten {
		fmt.Fprint(w, "\nThe service demands literal SPF terms: flattening them is an error.\n")
	}
	example(w, e)
	known(w, e)
	fmt.Fprint(w, "\n## Groups\n\n")
	t := table{w: w}
	t.row("group", "default", "purpose")
	for _, g := range e.Groups {
		t.row(code(g.ID), yes(g.Default), g.Description)
	}
	if len(e.Variables) > 0 {
		fmt.Fprint(w, "\n## Variables\n\n")
		t := table{w: w}
		t.row("variable", "meaning", "place where you find it", "default", "groups")
		for _, v := range e.Variables {
			t.row(code(v.Name), v.Description, v.Where, defaultOf(v), codes(v.Groups))
		}
		together(w, e)
	}
	fmt.Fprint(w, "\n## Records\n\nVariables are between percent signs. Terms of the type SPF become part of the one SPF record of their name.\n\n")
	t = table{w: w}
	t.row("id", "group", "type", "name", "value", "evidence")
	for _, r := range e.records {
		t.row(code(r.id), code(r.group), r.typ, code(r.host), code(r.value), source(r.source))
	}
	if len(e.Notes) > 0 {
		fmt.Fprint(w, "\n## Notes\n\n")
		for _, note := range e.Notes {
			fmt.Fprintf(w, "- %s\n", note)
		}
	}
}

// example shows the service in a configuration, with the variables that its default groups demand.
func example(w io.Writer, e entry) {
	fmt.Fprint(w, "\n## Example\n\n```terraform\nlocals {\n  services = {\n")
	demanded := e.demanded()
	if len(demanded) == 0 && !e.HostRequired {
		fmt.Fprintf(w, "    %s = {}\n", e.ID)
	} else {
		fmt.Fprintf(w, "    %s = {\n", e.ID)
		if e.HostRequired {
			fmt.Fprint(w, "      host = \"…\"\n")
		}
		exampleVariables(w, demanded)
		fmt.Fprint(w, "    }\n")
	}
	fmt.Fprint(w, "  }\n"+exampleText)
}

func exampleVariables(w io.Writer, variables []service.Variable) {
	if len(variables) == 0 {
		return
	}
	width := 0
	for _, v := range variables {
		width = max(width, len(v.Name))
	}
	fmt.Fprint(w, "      variables = {\n")
	for _, v := range variables {
		fmt.Fprintf(w, "        %-*s = \"…\"\n", width, v.Name)
	}
	fmt.Fprint(w, "      }\n")
}

// exampleText ends an example: one call makes all records of the groups, of whatever type.
const exampleText = `
  mail_records = provider::maildomain::records({
    domain   = "example.com"
    services = local.services
  })
}
` + "```" + `

The function ` + recordsLinks + `.
`

// recordsLinks names what makes records of services, for a sentence that begins with "The function".
const recordsLinks = "[`records`](../functions/records.md) returns all records of the applied groups. The data sources\n" +
	"[`maildomain_spf`](../data-sources/spf.md) and [`maildomain_dkim`](../data-sources/dkim.md) return only the SPF records, with their lookups counted, and only the DKIM records"

// table writes a table of Markdown. Its first row is the head.
type table struct {
	w    io.Writer
	rows int
}

func (t *table) row(cells ...string) {
	for _, cell := range cells {
		// A bar would end the cell, in code as well.
		fmt.Fprintf(t.w, "| %s ", strings.ReplaceAll(cell, "|", `\|`))
	}
	fmt.Fprintln(t.w, "|")
	if t.rows == 0 {
		fmt.Fprintln(t.w, strings.Repeat("| --- ", len(cells))+"|")
	}
	t.rows++
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func codes(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = code(s)
	}
	return strings.Join(quoted, ", ")
}
