// Command evidence reports the facts of built-in services that were last compared with their source more than a
// year ago.
//
//	evidence TEMPLATES [DATE]
//
// TEMPLATES is the folder of the templates, and DATE the day to count back from, today where it is left out. It writes
// a line for each service and date, and exits with status 1 where there is one.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

func main() {
	if len(os.Args) < 2 || len(os.Args) > 3 {
		fmt.Fprintln(os.Stderr, "usage: evidence TEMPLATES [DATE]")
		os.Exit(2)
	}
	today := time.Now()
	if len(os.Args) == 3 {
		var err error
		if today, err = time.Parse(time.DateOnly, os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	old, err := report(os.Stdout, os.DirFS(os.Args[1]), today)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if old > 0 {
		os.Exit(1)
	}
}

// template is what a template says of how its records are known.
type template struct {
	Records []struct {
		Own struct {
			ID string `json:"id"`
			source
		} `json:"x-maildomain"`
	} `json:"records"`
	Own source `json:"x-maildomain"`
}

type source struct {
	Documentation string `json:"documentation"`
	Evidence      string `json:"evidence"`
	Checked       string `json:"checked"`
}

// report writes what is older than a year, oldest first, and returns how many lines that is.
func report(w io.Writer, templates fs.FS, today time.Time) (int, error) {
	files, err := fs.Glob(templates, "*.json")
	if err != nil {
		return 0, err
	}
	if len(files) == 0 {
		return 0, errors.New("the folder holds no template")
	}
	limit := today.AddDate(-1, 0, 0).Format(time.DateOnly)
	var lines []string
	for _, file := range files {
		more, err := old(templates, file, limit)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		lines = append(lines, more...)
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Fprintln(w, line)
	}
	return len(lines), nil
}

// old returns a line for each source of a template that was last checked before a date.
func old(templates fs.FS, file, limit string) ([]string, error) {
	data, err := fs.ReadFile(templates, file)
	if err != nil {
		return nil, err
	}
	var t template
	if err := json.Unmarshal(data, &t); err != nil {
		return nil, err
	}
	records := make(map[source][]string)
	for _, r := range t.Records {
		from := r.Own.source
		if from == (source{}) {
			from = t.Own
		}
		if _, err := time.Parse(time.DateOnly, from.Checked); err != nil {
			return nil, fmt.Errorf("record %s: %w", r.Own.ID, err)
		}
		if from.Checked < limit {
			records[from] = append(records[from], r.Own.ID)
		}
	}
	lines := make([]string, 0, len(records))
	for from, names := range records {
		line := fmt.Sprintf("%s %s %s: %s", from.Checked, strings.TrimSuffix(path.Base(file), ".json"), from.Evidence, strings.Join(names, ", "))
		if from.Documentation != "" {
			line += ", " + from.Documentation
		}
		lines = append(lines, line)
	}
	return lines, nil
}
