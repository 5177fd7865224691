// Package compose makes the records of a domain from the services that send for it and from its owner's own records, terms
// and policies. It knows neither DNS nor Terraform. Its errors name the part of the input that is at fault.
package compose

import "github.com/catglobe/terraform-provider-maildomain/internal/problem"

// The types of package problem, under the names of this package.
type (
	// Path leads to a part of the input.
	Path = problem.Path
	// Step is one step of a [Path].
	Step = problem.Step
	// Problem is an error or a warning about one part of the input.
	Problem = problem.Problem
	// Problems are all that is wrong with an input.
	Problems = problem.Problems
)

// The kinds of steps.
const (
	StepAttribute = problem.StepAttribute
	StepKey       = problem.StepKey
	StepIndex     = problem.StepIndex
)

// Attribute starts a path.
func Attribute(name string) Path { return problem.Attribute(name) }

// Sentence makes the text of an error one, see [problem.Sentence].
func Sentence(text string) string { return problem.Sentence(text) }
