package realdns

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Log holds what a program prints, line by line. It is a writer for the output of a command, and safe for
// concurrent use.
type Log struct {
	name string

	mu      sync.Mutex
	lines   []Line
	partial []byte
	changed chan struct{} // closed when a line comes
}

var _ io.Writer = (*Log)(nil)

// Line is one line, without its end.
type Line struct {
	Log  string    // the name of the log
	Time time.Time // when it came
	Text string
}

// NewLog returns an empty log with a name.
func NewLog(name string) *Log { return &Log{name: name, changed: make(chan struct{})} }

// Write takes over output. It returns no error.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.partial = append(l.partial, p...)
	for {
		line, rest, whole := bytes.Cut(l.partial, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		l.lines = append(l.lines, Line{Log: l.name, Time: time.Now(), Text: strings.TrimRight(string(line), "\r")})
		l.partial = slices.Clone(rest)
		close(l.changed)
		l.changed = make(chan struct{})
	}
}

// Lines returns the lines that contain all the texts, in their order.
func (l *Log) Lines(texts ...string) []Line {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.choose(texts)
}

// choose is Lines with l.mu held.
func (l *Log) choose(texts []string) []Line {
	var chosen []Line
	for _, line := range l.lines {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line.Text, text) }) {
			chosen = append(chosen, line)
		}
	}
	return chosen
}

// String returns the whole log.
func (l *Log) String() string {
	var b strings.Builder
	for _, line := range l.Lines() {
		b.WriteString(line.Text + "\n")
	}
	return b.String()
}

// Await returns when n lines that contain all the texts have come, counted from the start. It fails when ctx
// ends first.
func (l *Log) Await(ctx context.Context, n int, texts ...string) error {
	for {
		l.mu.Lock()
		count, changed := len(l.choose(texts)), l.changed
		l.mu.Unlock()
		if count >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%s printed %d lines with %q, want %d: %w", l.name, count, texts, n, context.Cause(ctx))
		}
	}
}

// Story returns the lines of several logs in the order in which they came, each behind its time in seconds
// from the first and the name of its log.
func Story(lines ...[]Line) string {
	all := slices.Concat(lines...)
	slices.SortStableFunc(all, func(a, b Line) int { return a.Time.Compare(b.Time) })
	var b strings.Builder
	for _, line := range all {
		fmt.Fprintf(&b, "%7.3f  %-9s  %s\n", line.Time.Sub(all[0].Time).Seconds(), line.Log, line.Text)
	}
	return b.String()
}
