package main

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const acme = `{
  "records": [
    {"x-maildomain": {"id": "spf"}},
    {"x-maildomain": {"id": "dkim", "evidence": "V", "checked": "2025-11-26", "documentation": "https://acme.example/dkim"}},
    {"x-maildomain": {"id": "dkim2", "evidence": "V", "checked": "2025-11-26", "documentation": "https://acme.example/dkim"}},
    {"x-maildomain": {"id": "mx", "evidence": "O", "checked": "2024-02-29"}}
  ],
  "x-maildomain": {"evidence": "O", "checked": "2025-11-27", "documentation": "https://acme.example/"}
}`

func TestReport(t *testing.T) {
	t.Parallel()
	today, err := time.Parse(time.DateOnly, "2026-11-27")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	old, err := report(&b, fstest.MapFS{"acme.json": {Data: []byte(acme)}}, today)
	want := "2024-02-29 acme O: mx\n2025-11-26 acme V: dkim, dkim2, https://acme.example/dkim\n"
	if err != nil || old != 2 || b.String() != want {
		t.Errorf("report = %d, %v\n%swant\n%s", old, err, b.String(), want)
	}
	if old, err := report(&b, fstest.MapFS{"acme.json": {Data: []byte(acme)}}, today.AddDate(0, 0, 1)); err != nil || old != 3 {
		t.Errorf("report a day later = %d, %v, want 3", old, err)
	}
}

func TestReportBroken(t *testing.T) {
	t.Parallel()
	for name, templates := range map[string]fstest.MapFS{
		"no templates": {},
		"no JSON":      {"acme.json": {Data: []byte("{")}},
		"no date":      {"acme.json": {Data: []byte(`{"records": [{"x-maildomain": {"id": "spf"}}]}`)}},
	} {
		if _, err := report(&strings.Builder{}, templates, time.Time{}); err == nil {
			t.Errorf("%s: report returns no error", name)
		}
	}
}
