package service

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
)

//go:embed builtin/*.json
var builtinFiles embed.FS

// builtins parses each embedded template once, when it is first asked for.
var builtins = sync.OnceValue(func() map[string]func() (*Template, error) {
	files, err := builtinFiles.ReadDir("builtin")
	if err != nil {
		panic(err) // The directory is part of the program.
	}
	loaders := make(map[string]func() (*Template, error), len(files))
	for _, file := range files {
		id := strings.TrimSuffix(file.Name(), ".json")
		loaders[id] = sync.OnceValues(func() (*Template, error) { return loadBuiltin(id) })
	}
	return loaders
})

func loadBuiltin(id string) (*Template, error) {
	data, err := builtinFiles.ReadFile("builtin/" + id + ".json")
	if err != nil {
		return nil, err
	}
	t, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("built-in service %q: %w", id, err)
	}
	t.id = id
	return t, nil
}

// Builtin returns the template of a built-in service. It returns an *UnknownError, which wraps [ErrUnknown].
func Builtin(id string) (*Template, error) {
	load, ok := builtins()[id]
	if !ok {
		known := Builtins()
		return nil, &UnknownError{ID: id, Near: display.Near(id, known), Known: known}
	}
	return load()
}

// Builtins returns the ids of the built-in services in order.
func Builtins() []string {
	ids := make([]string, 0, len(builtins()))
	for id := range builtins() {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// catalogue describes the built-in services, once.
var catalogue = sync.OnceValue(func() []Info {
	var infos []Info
	for _, id := range Builtins() {
		t, err := Builtin(id)
		if err != nil {
			panic(err) // The templates are part of the program.
		}
		infos = append(infos, t.Info())
	}
	return infos
})

// Catalogue returns the descriptions of the built-in services, in the order of their ids. All callers share the list, and only
// read it.
func Catalogue() []Info { return catalogue() }
