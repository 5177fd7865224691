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

// Terraform shows the attribute of a problem; the text names the element.
func TestText(t *testing.T) {
	t.Parallel()
	for want, path := range map[string]problem.Path{
		"It is wrong.":        problem.Attribute("mx"),
		"mx[1]: It is wrong.": problem.Attribute("mx").At(1),
	} {
		p := problem.Problem{Path: path, Detail: "It is wrong."}
		if got := p.Text(); got != want {
			t.Errorf("Text() at %s = %q, want %q", path, got, want)
		}
	}
	if top := problem.Attribute("mx").At(1).Top().String(); top != "mx" {
		t.Errorf("Top() = %q, want mx", top)
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                  "",
		"it is wrong":       "It is wrong.",
		"It is wrong.":      "It is wrong.",
		"is it wrong?":      "Is it wrong?",
		"éé":                "Éé.",
		`"a" is not a name`: `"a" is not a name.`,
	} {
		if got := problem.Sentence(in); got != want {
			t.Errorf("Sentence(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestShortName(t *testing.T) {
	t.Parallel()
	whole := strings.Repeat("x", problem.MaxShownName)
	for in, want := range map[string]string{
		"a": "a", whole: whole, whole + "x": whole + "…", whole[1:] + "é": whole[1:] + "…",
	} {
		if got := problem.ShortName(in); got != want {
			t.Errorf("ShortName of %d octets = %q, want %q", len(in), got, want)
		}
	}
}
