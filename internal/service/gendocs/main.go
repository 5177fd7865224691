// Command gendocs writes the documentation page of the built-in services, from their templates.
package main

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: gendocs FILE")
	}
	var page strings.Builder
	if err := write(&page); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[1], []byte(page.String()), 0o644); err != nil { //nolint:gosec // A page of documentation.
		log.Fatal(err)
	}
}

const head = `---
page_title: "Built-in services"
subcategory: ""
description: |-
  The mail services that the provider knows, their variables and groups.
---

# Built-in services

A *service* is a mail sender. These are built in; any other is added by its
[Domain Connect](https://www.domainconnect.org/) template, with ` + "`template = file(\"…\")`" + `.

Values that a service hands out to each customer are *variables*. Only those of the records that are asked
for are demanded. The data sources take the SPF terms and DKIM records of a service; what else it lists (return
paths, mailbox hosts) is for you to publish. *Groups* are parts of a service's records; those marked as default are applied where
` + "`groups`" + ` is left out.

How facts are known: **V** read in official documentation or source, **I** reported in issue trackers,
**O** seen in many published configurations, **?** unverified.

`

// write writes the page: a table of the services, and a section for each.
func write(w io.Writer) error {
	fmt.Fprint(w, head+"| service | name | evidence | checked |\n| --- | --- | --- | --- |\n")
	var infos []service.Info
	for _, id := range service.Builtins() {
		template, err := service.Builtin(id)
		if err != nil {
			return err
		}
		info := template.Info()
		info.ID = id
		infos = append(infos, info)
		fmt.Fprintf(w, "| [`%s`](#%s) | %s | %s | %s |\n", id, id, info.Name, info.Evidence, info.Checked)
	}
	for _, info := range infos {
		section(w, info)
	}
	return nil
}

func section(w io.Writer, info service.Info) {
	fmt.Fprintf(w, "\n## %s\n\n%s: %s. [Documentation of the service](%s), compared on %s (%s).\n",
		info.ID, info.Name, strings.TrimSuffix(info.Description, "."), info.Documentation, info.Checked, info.Evidence)
	if len(info.Zones) > 0 {
		fmt.Fprintf(w, "\nNames at and below %s need nothing.\n", join(info.Zones))
	}
	if len(info.Groups) > 0 {
		fmt.Fprint(w, "\n| group | default | what it does |\n| --- | --- | --- |\n")
		for _, g := range info.Groups {
			fmt.Fprintf(w, "| `%s` | %s | %s |\n", g.ID, yes(g.Default), cell(g.Description))
		}
	}
	if len(info.Variables) > 0 {
		fmt.Fprint(w, "\n| variable | what it is | where it is found | default | groups |\n| --- | --- | --- | --- | --- |\n")
		for _, v := range info.Variables {
			fmt.Fprintf(w, "| `%s` | %s | %s | %s | %s |\n", v.Name, cell(v.Description), cell(v.Where), code(v.Default), strings.Join(v.Groups, ", "))
		}
	}
	for _, note := range info.Notes {
		fmt.Fprintf(w, "\n- %s", note)
	}
	if len(info.Notes) > 0 {
		fmt.Fprintln(w)
	}
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

// cell keeps a text from ending its table cell.
func cell(s string) string { return cmp.Or(strings.ReplaceAll(s, "|", `\|`), " ") }

func join[T fmt.Stringer](items []T) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = "`" + item.String() + "`"
	}
	return strings.Join(texts, ", ")
}
