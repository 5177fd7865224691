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
A *service* is a mail sender. These are built in; any other is added by its
[Domain Connect](https://www.domainconnect.org/) template, with ` + "`template = file(\"…\")`" + `.

Values that a service hands out to each customer are *variables*. Only those of the records that are asked
for are demanded. *Groups* are parts of a service's records; those that are default are applied where ` + "`groups`" + ` is left out.
Records that receive mail are never default: ask for their group.
The function ` + recordsLinks + `.

How facts are known: **V** read in official documentation or source, **I** reported in issue trackers,
**O** seen in many published configurations, **?** unverified. Whatever the mark, what the service's own console shows counts.

A service's mail bounces to the domain, to a host of it or to a domain of the service's own; receivers look up SPF there, so
that SPF at the domain does nothing for a service that bounces elsewhere. SPF is what is merged into the SPF record by default, with variables between percent signs; DKIM is the type of the records that
publish the keys; MX tells whether the service has hosts that take the domain's mail.

`

func index(w io.Writer, catalogue []entry) {
	fmt.Fprintf(w, head, "Built-in services", "", "The mail services that the provider knows.")
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
	"I": "These facts were reported in issue trackers, and not read in documentation of the service (I)",
	"O": "These facts were seen in many published configurations, and not all of them read in documentation of the service (O)",
	"?": "These facts are unverified (?)",
}

func page(w io.Writer, e entry) {
	fmt.Fprintf(w, head, e.Name, subcategory, "The DNS records of "+e.Name+", its variables and its groups.")
	fmt.Fprintf(w, "\n%s. The service is built in as `%s`.\n", strings.TrimSuffix(e.Description, "."), e.ID)
	fmt.Fprintf(w, "\n%s; they were last compared with their source on %s. What the service itself shows counts: [its documentation](%s).\n",
		evidence[e.Evidence], e.Checked, e.Documentation)
	for _, zone := range e.Zones {
		fmt.Fprintf(w, "\nNames at and below `%s` need nothing.\n", zone)
	}
	if e.NeverFlatten {
		fmt.Fprint(w, "\nThe service asks that its SPF terms stay as they are: flattening them is an error.\n")
	}
	example(w, e)
	known(w, e)
	fmt.Fprint(w, "\n## Groups\n\n")
	t := table{w: w}
	t.row("group", "default", "what it does")
	for _, g := range e.Groups {
		t.row(code(g.ID), yes(g.Default), g.Description)
	}
	if len(e.Variables) > 0 {
		fmt.Fprint(w, "\n## Variables\n\n")
		t := table{w: w}
		t.row("variable", "what it is", "where it is found", "default", "groups")
		for _, v := range e.Variables {
			t.row(code(v.Name), v.Description, v.Where, defaultOf(v), codes(v.Groups))
		}
		together(w, e)
	}
	fmt.Fprint(w, "\n## Records\n\nVariables stand between percent signs. What is of the type SPF is merged into the one SPF record of its name.\n\n")
	t = table{w: w}
	t.row("id", "group", "type", "name", "value", "known")
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
const recordsLinks = "[`records`](../functions/records.md) makes all records of the groups that are asked for; the data sources\n" +
	"[`maildomain_spf`](../data-sources/spf.md) and [`maildomain_dkim`](../data-sources/dkim.md) make the SPF records, with their lookups counted, and the DKIM records alone"

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
