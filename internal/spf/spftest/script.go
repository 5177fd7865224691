package spftest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// ErrServFail is what [Script] answers for records that are "!".
var ErrServFail = errors.New("server failure")

// A Question is a question as tests write it: "example.com TXT".
type Question string

// Script is a [spf.Resolver] in memory that notes what it was asked.
type Script struct {
	Records map[Question][]string
	Failing map[Question]bool

	mu    sync.Mutex
	Asked []Question
}

// NewScript reads one record a line: name, type and value, where "!" is a failure. A value in double quotes is a Go
// string; several MX are listed by preference.
func NewScript(t testing.TB, script string) *Script {
	t.Helper()
	d := &Script{Records: map[Question][]string{}, Failing: map[Question]bool{}}
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		rrtype, value, found := strings.Cut(strings.TrimLeft(rest, " "), " ")
		value = strings.TrimLeft(value, " ")
		if !found {
			t.Fatalf("the script has the line %q", line)
		}
		if strings.HasPrefix(value, `"`) {
			unquoted, err := strconv.Unquote(value)
			if err != nil {
				t.Fatalf("the script has the line %q: %v", line, err)
			}
			value = unquoted
		}
		d.Add(name, spf.RRType(rrtype), value)
	}
	return d
}

// Add adds one record; the value "!" makes the question fail.
func (d *Script) Add(name string, t spf.RRType, value string) {
	q := Ask(name, t)
	if value == "!" {
		d.Failing[q] = true
		return
	}
	d.Records[q] = append(d.Records[q], value)
}

// Ask returns a question.
func Ask(name string, t spf.RRType) Question { return Question(name + " " + string(t)) }

// Lookup answers as [spf.Resolver] does, and notes the question.
func (d *Script) Lookup(ctx context.Context, name string, t spf.RRType) ([]string, error) {
	q := Ask(name, t)
	d.mu.Lock()
	d.Asked = append(d.Asked, q)
	d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("asked although the context is over: %w", err)
	}
	if d.Failing[q] {
		return nil, ErrServFail
	}
	return d.Records[q], nil
}

// SortedAsked returns what was asked, in a stable order.
func (d *Script) SortedAsked() []Question { return slices.Sorted(slices.Values(d.Asked)) }
