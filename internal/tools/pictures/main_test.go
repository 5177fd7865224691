package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The committed pictures are those that the program draws.
func TestPicturesAreCurrent(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"flow", "demo"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, err := os.Open(filepath.Join("testdata", "demo.txt"))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			var got bytes.Buffer
			if err := run([]string{name}, in, &got); err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(filepath.Join("..", "..", "..", ".github", "images", name+".svg"))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s.svg is not what the program draws: run make pictures", name)
			}
			for decoder := xml.NewDecoder(&got); ; {
				token, err := decoder.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s.svg is not well-formed XML: %v", name, err)
				}
				if element, ok := token.(xml.StartElement); ok && element.Name.Local == "script" {
					t.Errorf("%s.svg has a script", name)
				}
			}
		})
	}
}

// The recording shows no step that the demo did not print.
func TestDemoWithoutSteps(t *testing.T) {
	t.Parallel()
	output, err := os.ReadFile(filepath.Join("testdata", "demo.txt"))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ old, want string }{
		"a step is missing":     {"── Step 5 of 7", "the output has no step 5"},
		"an excerpt is":         {"Error: Live DNS", `step 6 does not show "Error: "`},
		"an excerpt's end is":   {"  to do: ", "does not show"},
		"a line to look for is": {": published ", `step 3 does not show ": published "`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := drawDemo(strings.ReplaceAll(string(output), test.old, "gone"))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("drawDemo = %v, want %q in the error", err, test.want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	long := "  to do: " + strings.Repeat("word ", 40)
	for _, l := range wrap(long) {
		if len(l.text) > columns || l.of != long || !strings.HasPrefix(l.text, "  ") {
			t.Errorf("wrap gives %q of %q", l.text, l.of)
		}
	}
	if got := wrap(strings.Repeat("x", 2*columns)); len(got) < 2 || len(got[0].text) != columns {
		t.Errorf("wrap of a word without blanks = %q", got)
	}
	if _, err := drawDemo(""); err == nil {
		t.Error("drawDemo of nothing is no error")
	}
	if err := run([]string{"photo"}, strings.NewReader(""), io.Discard); err == nil {
		t.Error("run of an unknown picture is no error")
	}
}
