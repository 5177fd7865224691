package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/licensecheck"
)

const mit = `The MIT License

Copyright (c) 2026 The authors of a module

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`

// text returns the pattern of a license that the classifier knows. It matches itself where it has no wildcards.
func text(t *testing.T, id string) string {
	t.Helper()
	for _, l := range licensecheck.BuiltinLicenses() {
		if l.ID == id && l.LRE != "" {
			found := licensecheck.Scan([]byte(l.LRE))
			if len(found.Match) == 1 && found.Match[0].ID == id && found.Percent >= coverage {
				return l.LRE
			}
		}
	}
	t.Fatalf("the classifier has no text of %s", id)
	return ""
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	own, err := os.ReadFile("../../../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	strong := text(t, "SSPL-1.0")
	tests := map[string]struct {
		files map[string]string
		want  []string // licenses
		err   string
	}{
		"permissive":                {map[string]string{"LICENSE": mit}, []string{"MIT"}, ""},
		"weak copyleft":             {map[string]string{"LICENSE": string(own)}, []string{"MPL-2.0"}, ""},
		"another spelling":          {map[string]string{"Licence.md": mit}, []string{"MIT"}, ""},
		"strong copyleft":           {map[string]string{"COPYING": strong}, []string{"SSPL-1.0"}, "COPYING: SSPL-1.0 is not among"},
		"both":                      {map[string]string{"LICENSE": mit, "COPYING": strong}, []string{"MIT", "SSPL-1.0"}, "SSPL-1.0 is not among"},
		"copyleft of one package":   {map[string]string{"LICENSE": mit, "sub/deep/LICENSE": strong}, []string{"MIT", "SSPL-1.0"}, "SSPL-1.0 is not among"},
		"copyleft, not linked":      {map[string]string{"LICENSE": mit, "other/LICENSE": strong}, []string{"MIT"}, ""},
		"a clause beside a license": {map[string]string{"LICENSE": text(t, "CommonsClause") + mit}, []string{"CommonsClause", "MIT"}, "CommonsClause is not among"},
		"unknown":                   {map[string]string{"LICENSE": "Do with it what you like, but not on Mondays."}, []string{"unknown"}, "LICENSE: the license is not known"},
		"known, with a long rider":  {map[string]string{"LICENSE": mit + strings.Repeat("No one may sell what the software makes. ", 60)}, []string{"MIT", "unknown"}, "the license is not known"},
		"none":                      {map[string]string{"README": "Ask."}, nil, "there is no license file"},
		"a notice alone":            {map[string]string{"NOTICE": "Made by us."}, nil, "there is no license file"},
		"code with such a name":     {map[string]string{"license.go": "package x"}, nil, "there is no license file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for path, content := range tt.files {
				path = filepath.Join(dir, path)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			m := module{path: "example.com/m", version: "v1.0.0", root: dir}
			if sub := filepath.Join(dir, "sub", "deep"); tt.files["sub/deep/LICENSE"] != "" {
				m.dirs = []string{dir, sub}
			}
			if err := m.read(); err != nil {
				t.Fatal(err)
			}
			if got := m.licenses(); !slices.Equal(got, tt.want) {
				t.Errorf("licenses = %q, want %q", got, tt.want)
			}
			if err := refuse([]module{m}); (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("refuse = %v, want %q", err, tt.err)
			}
		})
	}
}

// The archives hold each text once, under all that it belongs to, and the notices of the Apache License with them.
func TestNotices(t *testing.T) {
	t.Parallel()
	modules := []module{
		{path: "std", files: []file{{text: "one\r\ntext\n"}}},
		{path: "example.com/a", version: "v1.0.0", files: []file{{text: "one\ntext"}, {text: "a notice"}}},
	}
	got := notices(modules)
	for _, want := range []string{"\nstd\nexample.com/a v1.0.0\n====", "====\n\none\ntext\n", "\nexample.com/a v1.0.0\n====", "a notice"} {
		if !strings.Contains(got, want) {
			t.Errorf("notices = %s\nwant %q in it", got, want)
		}
	}
	if n := strings.Count(got, "one\ntext"); n != 1 {
		t.Errorf("the text stands %d times, want once", n)
	}
}

// What the program links on Windows and nowhere else is listed too.
func TestRun(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "texts")
	var out bytes.Buffer
	if err := run(t.Context(), &out, "../../../..", path); err != nil {
		t.Fatalf("run: %v\n%s", err, &out)
	}
	texts, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"std", "github.com/miekg/dns v", "github.com/hashicorp/terraform-plugin-framework v", "golang.org/x/sys v"} {
		if !strings.Contains(out.String(), want) || !strings.Contains(string(texts), want) {
			t.Errorf("%s is missing in the table or in the texts:\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "terraform-plugin-testing") {
		t.Errorf("what only tests use is listed:\n%s", &out)
	}
}
