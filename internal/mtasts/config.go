package mtasts

import (
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Config is a policy as its owner writes it.
type Config struct {
	Mode   string   // one of [Modes]
	MaxAge int64    // seconds, 0 to [MaxMaxAge]; [DefaultMaxAge] where the owner says nothing
	MX     []string // patterns; names in Unicode are written in A-labels
}

// day is the age under which a policy that is enforced protects little: whoever can keep senders from it for so long is past
// it (RFC 8461 §10.2).
const day = 24 * 60 * 60

// Policy returns the policy, and what should be thought about. Problems and warnings lead to mode, max_age and mx.
// It returns problem.Problems.
func (c Config) Policy() (Policy, problem.Problems, error) {
	var problems, warnings problem.Problems
	add := func(to *problem.Problems, path problem.Path, format string, args ...any) {
		*to = append(*to, &problem.Problem{Path: path, Summary: "MTA-STS policy", Detail: problem.Sentence(fmt.Sprintf(format, args...))})
	}
	p := Policy{Mode: Mode(c.Mode), MaxAge: c.MaxAge}
	if c.Mode == "" {
		add(&problems, problem.Attribute("mode"), "it is missing: write %q to receive reports alone, or %q once they show no failures; %q retires a policy", Testing, Enforce, None)
	} else if !slices.Contains(modes, p.Mode) {
		add(&problems, problem.Attribute("mode"), "%s", whyNoMode(c.Mode, `"`))
	}
	if c.MaxAge < 0 || c.MaxAge > MaxMaxAge {
		add(&problems, problem.Attribute("max_age"), "%d is not a number of seconds from 0 to %d, a year (RFC 8461 §3.2)", c.MaxAge, MaxMaxAge)
	}
	for i, text := range c.MX {
		path := problem.Attribute("mx").At(i)
		pattern, reason := checkPattern(text)
		switch {
		case reason != "":
			add(&problems, path, "%s: %s", record.ShortQuoted(text), reason)
		case slices.Contains(p.MX, pattern):
			add(&problems, path, "%q appears twice: remove one of the two", pattern.String())
		default:
			p.MX = append(p.MX, pattern)
		}
	}
	if len(c.MX) == 0 && p.Mode != None && slices.Contains(modes, p.Mode) {
		add(&problems, problem.Attribute("mx"), "a policy with the mode %s must name at least one mail host (RFC 8461 §3.2)", p.Mode)
	}
	if err := problems.OrNil(); err != nil {
		return Policy{}, nil, err
	}
	if p.Mode == Enforce && p.MaxAge < day {
		add(&warnings, problem.Attribute("max_age"), "senders forget the policy after %d seconds, so it protects little; several weeks are usual (RFC 8461 §3.2, §10.2)", p.MaxAge)
	}
	if text := p.String(); len(text) > MaxPolicy {
		add(&problems, problem.Attribute("mx"), "the policy has %d octets, and senders read at most %d (RFC 8461 §3.3)", len(text), MaxPolicy)
	}
	return p, warnings, problems.OrNil()
}
