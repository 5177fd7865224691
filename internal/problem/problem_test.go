package problem_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
)

func TestPath(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path problem.Path
		want string
	}{
		"attribute": {problem.Attribute("mx"), "mx"},
		"element":   {problem.Attribute("mx").At(2), "mx[2]"},
		"key":       {problem.Attribute("services").Key(`a"b`).Attribute("host"), `services["a\"b"].host`},
		"inside":    {problem.Attribute("mx").At(2).In(problem.Attribute("mta_sts")), "mta_sts.mx[2]"},
		"escapes":   {problem.Attribute("a").Key("\x1b[2J"), `a["\027[2J"]`},
		"long key":  {problem.Attribute("a").Key(strings.Repeat("x", 1000)), `a["` + strings.Repeat("x", problem.MaxShownName) + `\226\128\166"]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.path.String(); got != tt.want {
				t.Errorf("String = %q, want %q", got, tt.want)
			}
		})
	}
}

// Problems of a part become those of the whole, and stay as they are for whoever has them already.
func TestProblemsIn(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	part := problem.Problems{{Path: problem.Attribute("max_age"), Summary: "MTA-STS policy", Detail: "Too long.", Err: cause, Code: "code"}}
	whole := part.In(problem.Attribute("mta_sts"))
	if got, want := whole.Error(), "mta_sts.max_age: MTA-STS policy: Too long."; got != want {
		t.Errorf("Error = %q, want %q", got, want)
	}
	if got := part[0].Path.String(); got != "max_age" {
		t.Errorf("In has changed the path of its input to %s", got)
	}
	if !errors.Is(whole.OrNil(), cause) || whole[0].Code != "code" {
		t.Errorf("In has lost the cause or the code: %+v", whole[0])
	}
	if err := (problem.Problems{}).In(problem.Attribute("a")).OrNil(); err != nil {
		t.Errorf("OrNil of no problems = %v, want nil", err)
	}
}
