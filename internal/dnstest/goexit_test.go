package dnstest_test

import (
	"runtime"
	"testing"
)

// goexitTB is a test whose failure ends the goroutine and nothing else.
type goexitTB struct{ *testing.T }

func (goexitTB) Fatalf(string, ...any) { runtime.Goexit() }
