// Command gendocs writes the documentation pages of the built-in services from their templates: an index, and a page
// for each.
//
//	gendocs TEMPLATES GUIDES
//
// TEMPLATES is the folder of the templates. Pages of services that are no longer there are removed from GUIDES.
package main

import (
	"io/fs"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: gendocs TEMPLATES GUIDES")
	}
	if err := run(os.DirFS(os.Args[1]), os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

// Pages of services start so, and no other page in the folder does.
const pagePrefix = "service_"

// run writes the pages of the templates in a folder.
func run(templates fs.FS, guides string) error {
	catalogue, err := load(templates)
	if err != nil {
		return err
	}
	folder, err := os.OpenRoot(guides)
	if err != nil {
		return err
	}
	defer folder.Close()
	old, err := fs.Glob(folder.FS(), pagePrefix+"*.md")
	if err != nil {
		return err
	}
	for _, page := range old {
		if err := folder.Remove(page); err != nil {
			return err
		}
	}
	for name, page := range pages(catalogue) {
		if err := folder.WriteFile(name, []byte(page), 0o644); err != nil {
			return err
		}
	}
	return nil
}
