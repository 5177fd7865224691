package faultmatrix_test

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"
)

// TestMain runs more cells at the same time than there are processors: they wait for answers that do not come.
func TestMain(m *testing.M) {
	// What the command line says comes later, and has the last word.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
