package internal_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	usesLine = regexp.MustCompile(`(?m)^ *(?:- )?uses: *(\S+)(.*)$`)
	pinned   = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	jobStart = regexp.MustCompile(`(?m)^  \w[\w-]*:$`)
)

// Tags of actions can be moved, digests cannot. Secrets are for the one job that a reviewer lets start.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	byTag := []string{"opentofu/setup-opentofu@v2"} // In jobs without secrets.
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
			case strings.HasPrefix(action, "./"), slices.Contains(byTag, action):
			case !pinned.MatchString(action):
				t.Errorf("%s: %s is not pinned by digest", file, action)
			case !strings.HasPrefix(strings.TrimSpace(comment), "# v"):
				t.Errorf("%s: no comment names the version of %s", file, action)
			}
		}
		_, jobs, _ := strings.Cut(text, "\njobs:\n")
		starts := append(jobStart.FindAllStringIndex(jobs, -1), []int{len(jobs), len(jobs)})
		for i := range starts[:len(starts)-1] {
			job := jobs[starts[i][0]:starts[i+1][0]]
			secret := strings.Contains(strings.ReplaceAll(job, "secrets.GITHUB_TOKEN", ""), "secrets")
			if secret && !strings.Contains(job, "\n    environment: release\n") {
				t.Errorf("%s: a job reads secrets outside the environment release:\n%s", file, job)
			}
			if secret && slices.ContainsFunc(byTag, func(action string) bool { return strings.Contains(job, action) }) {
				t.Errorf("%s: a job with secrets runs an action by its tag", file)
			}
		}
	}
	if uses < 10 {
		t.Errorf("%d uses were checked", uses)
	}
}
