package spf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// errServFail is what [scriptedDNS] answers for records that are "!".
var errServFail = errors.New("server failure")

// A scriptedQuestion is a question as tests write it: "example.com TXT".
type scriptedQuestion string

// scriptedDNS is a [Resolver] in memory that notes what it was asked.
type scriptedDNS struct {
	records map[scriptedQuestion][]string
	failing map[scriptedQuestion]bool

	mu    sync.Mutex
	asked []scriptedQuestion
}

// newScript reads one record a line: name, type and value, where "!" is a failure. A value in double quotes is a Go
// string; several MX are listed by preference.
func newScript(t testing.TB, script string) *scriptedDNS {
	t.Helper()
	d := &scriptedDNS{records: map[scriptedQuestion][]string{}, failing: map[scriptedQuestion]bool{}}
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
		d.add(name, RRType(rrtype), value)
	}
	return d
}

func (d *scriptedDNS) add(name string, t RRType, value string) {
	q := ask(name, t)
	if value == "!" {
		d.failing[q] = true
		return
	}
	d.records[q] = append(d.records[q], value)
}

func ask(name string, t RRType) scriptedQuestion { return scriptedQuestion(name + " " + string(t)) }

func (d *scriptedDNS) Lookup(ctx context.Context, name string, t RRType) ([]string, error) {
	q := ask(name, t)
	d.mu.Lock()
	d.asked = append(d.asked, q)
	d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("asked although the context is over: %w", err)
	}
	if d.failing[q] {
		return nil, errServFail
	}
	return d.records[q], nil
}

// sortedAsked returns what was asked, in a stable order.
func (d *scriptedDNS) sortedAsked() []scriptedQuestion { return slices.Sorted(slices.Values(d.asked)) }
