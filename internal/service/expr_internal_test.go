package service

import (
	"errors"
	"strings"
	"testing"
)

func TestParseExpr(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		want string // literal text as it is, variables as <name>
		spf  string // the same in SPF terms, where that differs
	}{
		"empty":                    {"", "", ""},
		"literal":                  {"www", "www", ""},
		"whole":                    {"%Name%", "<name>", ""},
		"inside":                   {"s%n%.example", "s<n>.example", ""},
		"two":                      {"%a%.%b%", "<a>.<b>", ""},
		"adjacent":                 {"%a%%b%", "<a><b>", ""},
		"hyphen and digits":        {"%dkim-1_x%", "<dkim-1_x>", ""},
		"macro":                    {"%{i}._spf", "%{i}._spf", ""},
		"macros in a row":          {"%{ir}.%{v}.%{d}.spf", "%{ir}.%{v}.%{d}.spf", ""},
		"macro, variable":          {"exists:%{i}.%id%.example", "exists:%{i}.<id>.example", ""},
		"variable, macro":          {"%id%%{i}", "<id>%{i}", ""},
		"macro never closed":       {"%{i.%id%", "%{i.<id>", ""},
		"macro escapes":            {"a%%b%_c%-d", "a%%b<_c>-d", "a%%b%_c%-d"},
		"escape between macros":    {"%{i}%_%{d}", "%{i}<_>{d}", "%{i}%_%{d}"},
		"percent sign alone":       {"100%", "100%", ""},
		"two percent signs":        {"10% or 20%", "10% or 20%", ""},
		"percent, then variable":   {"5% %x%", "5% <x>", ""},
		"blank in the name":        {"%a b%", "%a b%", ""},
		"dot in the name":          {"%a.b%", "%a.b%", ""},
		"nothing between":          {"%%", "%%", ""},
		"punctuation between":      {"%-%", "<->", "%-%"},
		"a name that never closes": {"%abc", "%abc", ""},
		"underscore first":         {"%_x%", "<_x>", "%_x%"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.spf == "" {
				tt.spf = tt.want
			}
			for want, e := range map[string]expr{tt.want: parseExpr(tt.in), tt.spf: parseSPFExpr(tt.in)} {
				got, err := e.expand(func(name string) (string, error) { return "<" + name + ">", nil })
				if err != nil || got != want {
					t.Errorf("the expression %q expands to %q, %v, want %q", tt.in, got, err, want)
				}
				if e.String() != tt.in {
					t.Errorf("the expression %q is written %q", tt.in, e)
				}
			}
		})
	}
}

func TestExpandOnce(t *testing.T) {
	t.Parallel()
	got, err := parseExpr("%a%-%b%").expand(func(name string) (string, error) { return "%b%", nil })
	if err != nil || got != "%b%-%b%" {
		t.Errorf("expand = %q, %v: a value was expanded again", got, err)
	}
}

func TestExpandLimit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxField/2)
	e := parseExpr(strings.Repeat("%a%", 1000))
	calls := 0
	_, err := e.expand(func(string) (string, error) { calls++; return long, nil })
	if err == nil || calls > 3 {
		t.Errorf("expand of %d octets = %v after %d values, want an error after 3", 1000*len(long), err, calls)
	}
	failure := errors.New("no value")
	if _, err := e.expand(func(string) (string, error) { return "", failure }); !errors.Is(err, failure) {
		t.Errorf("expand error = %v, want %v", err, failure)
	}
}
