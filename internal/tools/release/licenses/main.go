// Command licenses lists the licenses of all that the released program is built of: the modules that any of its
// platforms links, and Go's own library.
//
// Its one argument is the root of the repository. It exits with status 1 where a license is not known, or asks for more
// than the program gives: notices and license texts, and the source of files under the MPL-2.0. With -texts it writes
// the notices and texts that belong into the archives of a release.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	texts := flag.String("texts", "", "write the texts of the licenses to `file`")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: licenses [-texts FILE] REPOSITORY")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(context.Background(), os.Stdout, flag.Arg(0), *texts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, root, texts string) error {
	modules, err := linked(ctx, root)
	if err != nil {
		return err
	}
	for i := range modules {
		if err := modules[i].read(); err != nil {
			return err
		}
	}
	table(w, modules)
	if err := refuse(modules); err != nil {
		return err
	}
	if texts == "" {
		return nil
	}
	return os.WriteFile(texts, []byte(notices(modules)), 0o644)
}

// table prints one line for each module.
func table(w io.Writer, modules []module) {
	width := 0
	for _, m := range modules {
		width = max(width, len(m.name()))
	}
	for _, m := range modules {
		fmt.Fprintf(w, "%-*s  %s\n", width, m.name(), strings.Join(m.licenses(), ", "))
	}
}

const preamble = `terraform-provider-maildomain is licensed under the Mozilla Public License 2.0, which the file LICENSE holds.
The program contains the modules below, of which some are only in the archives for some platforms. "go mod download"
gets the source of each, by its path and version; the source of "std" is that of Go.
`

// notices returns each license text once, under the modules that it belongs to.
func notices(modules []module) string {
	var order []string
	holders := make(map[string][]string)
	for _, m := range modules {
		for _, f := range m.files {
			text := strings.TrimSpace(strings.ReplaceAll(f.text, "\r\n", "\n"))
			if holders[text] == nil {
				order = append(order, text)
			}
			if !slices.Contains(holders[text], m.name()) {
				holders[text] = append(holders[text], m.name())
			}
		}
	}
	rule := strings.Repeat("=", 80)
	var b strings.Builder
	b.WriteString(preamble)
	for _, text := range order {
		fmt.Fprintf(&b, "\n%s\n%s\n%s\n\n%s\n", rule, strings.Join(holders[text], "\n"), rule, text)
	}
	return b.String()
}
