package internal_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	usesLine = regexp.MustCompile(`(?m)^ *(?:- )?uses: *(\S+)(.*)$`)
	pinned   = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	jobStart = regexp.MustCompile(`(?m)^  \w[\w-]*:$`)
	// matrix is the list of versions of a job that tests with each.
	matrix = regexp.MustCompile(`name: (\w+) \$\{\{ matrix\.version \}\}\n[^$]*\n +version: \[([^]]*)\]`)
)

// Tags of actions can be moved, digests cannot. Secrets are for the one job that a reviewer lets start.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(files) < 3 {
		t.Fatalf("workflows: %v, %v", files, err)
	}
	uses := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		for _, m := range usesLine.FindAllStringSubmatch(text, -1) {
			uses++
			switch action, comment := m[1], m[2]; {
			case strings.HasPrefix(action, "./"):
			case !pinned.MatchString(action):
				t.Errorf("%s: %s is not pinned by digest", file, action)
			case !strings.HasPrefix(strings.TrimSpace(comment), "# v"):
				t.Errorf("%s: no comment names the version of %s", file, action)
			}
		}
		if !strings.Contains(text, "\npermissions: {}\n") {
			t.Errorf("%s: jobs that name no permissions have some", file)
		}
		_, jobs, _ := strings.Cut(text, "\njobs:\n")
		starts := append(jobStart.FindAllStringIndex(jobs, -1), []int{len(jobs), len(jobs)})
		for i := range starts[:len(starts)-1] {
			job := jobs[starts[i][0]:starts[i+1][0]]
			secret := strings.Contains(strings.ReplaceAll(job, "secrets.GITHUB_TOKEN", ""), "secrets")
			if secret && !strings.Contains(job, "\n    environment: release\n") {
				t.Errorf("%s: a job reads secrets outside the environment release:\n%s", file, job)
			}
			if !strings.Contains(job, "\n    permissions:\n") {
				t.Errorf("%s: a job does not say what it may:\n%s", file, job)
			}
		}
	}
	if uses < 10 {
		t.Errorf("%d uses were checked", uses)
	}
}

// The tests run with each minor version from the oldest that is supported, without gaps, and with the newest of all.
func TestWorkflowsHaveAllVersions(t *testing.T) {
	t.Parallel()
	oldest := map[string]int{"Terraform": 8, "OpenTofu": 7} // 1.8, 1.7
	data, err := os.ReadFile("../.github/workflows/test.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range matrix.FindAllStringSubmatch(string(data), -1) {
		got := strings.Split(strings.ReplaceAll(m[2], `"`, ""), ", ")
		var want []string
		for minor := oldest[m[1]]; len(want) < len(got)-1; minor++ {
			want = append(want, "1."+strconv.Itoa(minor)+".*")
		}
		if want = append(want, "latest"); len(got) < 6 || !slices.Equal(got, want) {
			t.Errorf("%s: the versions are %q, want %q", m[1], got, want)
		}
		delete(oldest, m[1])
	}
	if len(oldest) > 0 {
		t.Errorf("no job tests with each version of %v", oldest)
	}
}
