package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/tools/release/project"
)

// says checks an error against a part of its text; empty where there should be none.
func says(t *testing.T, err error, want string) {
	t.Helper()
	if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

// The repository itself is in order.
func TestCheck(t *testing.T) {
	t.Parallel()
	if err := check(t.Context(), "../../../.."); err != nil {
		t.Error(err)
	}
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	type file struct {
		name string
		mode fs.FileMode
	}
	licenses := []file{{"LICENSE", 0o644}, {"THIRD_PARTY_LICENSES.txt", 0o644}}
	tests := map[string]struct {
		files []file
		goos  string
		err   string
	}{
		"in order":           {append(licenses, file{"terraform-provider-x_v1.2.3", 0o755}), "linux", ""},
		"Windows":            {append(licenses, file{"terraform-provider-x_v1.2.3.exe", 0o755}), "windows", ""},
		"no licenses":        {[]file{{"LICENSE", 0o644}, {"terraform-provider-x_v1.2.3", 0o755}}, "linux", "want [\"LICENSE\" \"THIRD_PARTY_LICENSES.txt\""},
		"another name":       {append(licenses, file{"terraform-provider-x", 0o755}), "linux", "the archive holds"},
		"something beside":   {append(licenses, file{"terraform-provider-x_v1.2.3", 0o755}, file{"notes", 0o644}), "linux", "the archive holds"},
		"mode of the umask":  {append(licenses, file{"terraform-provider-x_v1.2.3", 0o775}), "linux", "has the mode -rwxrwxr-x, want 0755"},
		"that cannot be run": {append(licenses, file{"terraform-provider-x_v1.2.3", 0o644}), "linux", "want 0755"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var archive bytes.Buffer
			w := zip.NewWriter(&archive)
			for _, f := range tt.files {
				header := &zip.FileHeader{Name: f.name}
				header.SetMode(f.mode)
				content, err := w.CreateHeader(header)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.WriteString(content, f.name); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			r := release{project: "terraform-provider-x", version: "1.2.3"}
			program, err := r.unpack(archive.Bytes(), project.Target{GOOS: tt.goos, GOARCH: "amd64"})
			says(t, err, tt.err)
			if want := tt.files[len(tt.files)-1].name; err == nil && string(program) != want {
				t.Errorf("the program is %q, want %q", program, want)
			}
		})
	}
}

func TestChecksums(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte("archive"))
	right := hex.EncodeToString(sum[:])
	for name, tt := range map[string]struct{ sums, err string }{
		"right":   {right + "  x_1.2.3_linux_amd64.zip\n", ""},
		"wrong":   {strings.Repeat("0", 64) + "  x_1.2.3_linux_amd64.zip\n", "the checksum is " + right},
		"missing": {"", "the checksum is " + right},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := release{dir: t.TempDir(), project: "x", version: "1.2.3", out: io.Discard}
			for file, text := range map[string]string{"x_1.2.3_SHA256SUMS": tt.sums, "x_1.2.3_linux_amd64.zip": "archive"} {
				if err := os.WriteFile(filepath.Join(r.dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.readSums(); err != nil {
				t.Fatal(err)
			}
			_, err := r.read("x_1.2.3_linux_amd64.zip")
			says(t, err, tt.err)
		})
	}
}

func TestCheckBill(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Path: "example.com/x"}, Deps: []*debug.Module{{Path: "example.com/b", Version: "v1.0.0"}, {Path: "example.com/a", Version: "v2.0.0"}}}
	const bill = `{"bomFormat": "CycloneDX", "metadata": {"component": {"name": "example.com/x", "version": "v1.2.3"}},
		"components": [{"name": "example.com/a", "version": "v2.0.0"}, {"name": "example.com/b", "version": "v1.0.0"}, {"name": "std", "version": "go1.26.8"}]}`
	for name, tt := range map[string]struct{ old, new, err string }{
		"in order":              {"", "", ""},
		"another format":        {"CycloneDX", "SPDX", `in the format "SPDX"`},
		"another version":       {"v1.2.3", "v1.2.4", "about {example.com/x v1.2.4}"},
		"a module of old":       {"v2.0.0", "v1.9.0", "{example.com/a v1.9.0}"},
		"without Go's library":  {`, {"name": "std", "version": "go1.26.8"}`, "", "{std go1.26.8}"},
		"not JSON":              {"{", "", "bill of materials"},
		"with a module of none": {`"components": [`, `"components": [{"name": "example.com/c", "version": "v1.0.0"}, `, "{example.com/c v1.0.0}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			says(t, checkBill([]byte(strings.Replace(bill, tt.old, tt.new, 1)), info, "v1.2.3"), tt.err)
		})
	}
}
