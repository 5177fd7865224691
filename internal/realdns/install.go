package realdns

import (
	"os"
	"os/exec"
	"testing"
)

// Variable is the environment variable that, set to "require", makes tests fail that would be skipped for want
// of a server.
const Variable = "MAILDOMAIN_REAL_SERVERS"

// program returns the path of a program of a Debian package. Without it, there is no test.
func program(t *testing.T, name, pkg string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	// Servers are not on everyone's PATH.
	if path, err := exec.LookPath("/usr/sbin/" + name); err == nil {
		return path
	}
	const missing = "NOT TESTED: %s is not installed. Install Debian's package %s (apt-get install --no-install-recommends %[2]s) to run this test."
	if os.Getenv(Variable) == "require" {
		t.Fatalf(missing+" %s=require makes this a failure.", name, pkg, Variable)
	}
	t.Skipf(missing, name, pkg)
	return ""
}
