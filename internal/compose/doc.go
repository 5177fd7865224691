// Package compose makes the records of a domain from the services that send for it and from what its owner
// adds. It knows neither DNS nor Terraform; its errors say which part of the input they are about, so
// that a caller can point there.
package compose

import "github.com/catglobe/terraform-provider-maildomain/internal/problem"

// The words for what is wrong where, see package problem.
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
