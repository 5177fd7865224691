package main_test

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// A build is told its version as .goreleaser.yml and GNUmakefile tell it.
func TestVersion(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "provider")
	if out, err := exec.Command("go", "build", "-ldflags", "-X main.version=1.2.3-rc1", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	got, err := exec.Command(binary, "-version").Output()
	want := "terraform-provider-maildomain 1.2.3-rc1 (" + runtime.GOOS + "/" + runtime.GOARCH + ", " + runtime.Version() + ")\n"
	if err != nil || string(got) != want {
		t.Errorf("-version printed %q, %v, want %q", got, err, want)
	}
}
