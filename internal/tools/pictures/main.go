// Command pictures draws the pictures of the README and of the guides as SVG.
//
//	pictures flow > flow.svg
//	pictures demo < demo.txt > demo.svg
//	pictures audit < page.md > audit.svg
//
// flow shows how values flow from the services to live DNS. demo shows a terminal with the output of `make demo`, which
// it reads. audit shows the page of an audit, whose Markdown it reads. The same input gives the same picture.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	var picture string
	switch {
	case len(args) == 1 && args[0] == "flow":
		picture = drawFlow()
	case len(args) == 1 && args[0] == "demo":
		text, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		if picture, err = drawDemo(string(text)); err != nil {
			return err
		}
	case len(args) == 1 && args[0] == "audit":
		text, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		if picture, err = drawAudit(string(text)); err != nil {
			return err
		}
	default:
		return fmt.Errorf("unknown arguments %q: give flow, demo or audit", args)
	}
	_, err := io.WriteString(out, picture)
	return err
}
