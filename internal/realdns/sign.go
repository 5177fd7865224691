package realdns

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Anchor is the key that a recursor trusts for a zone and all below it.
type Anchor struct {
	Zone string // without its final dot
	Key  string // the data of the DNSKEY record (RFC 4034 §2.2)
}

// quoted returns the key with its last field in quotes, as BIND wants it.
func (a Anchor) quoted() string {
	fields := strings.Fields(a.Key)
	return strings.Join(fields[:3], " ") + ` "` + strings.Join(fields[3:], "") + `"`
}

// Signer signs one zone with one key, by the tools of BIND.
type Signer struct {
	Anchor
	t    *testing.T
	dir  string
	base string // of the files with the key
}

// The validity of signatures (RFC 4034 §3.1.5): Current ones have weeks to go, Expired ones are over.
const (
	Current = ""
	Expired = "expired"
)

// NewSigner makes a key for a zone.
func NewSigner(t *testing.T, zone string) *Signer {
	t.Helper()
	s := &Signer{t: t, dir: t.TempDir()}
	s.base = strings.TrimSpace(s.tool("dnssec-keygen", "-a", "ECDSAP256SHA256", "-f", "KSK", zone))
	text, err := os.ReadFile(filepath.Join(s.dir, s.base+".key"))
	if err != nil {
		t.Fatal(err)
	}
	_, key, found := strings.Cut(string(text), " IN DNSKEY ")
	if !found {
		t.Fatalf("dnssec-keygen wrote no DNSKEY record:\n%s", text)
	}
	s.Anchor = Anchor{Zone: zone, Key: strings.TrimSpace(key)}
	return s
}

// Sign returns the zone signed, as the server n reads it.
func (s *Signer) Sign(n *Server, z Zone, validity string) Zone {
	s.t.Helper()
	plain := filepath.Join(s.dir, "plain")
	if err := os.WriteFile(plain, []byte(z.file(n.addr.Addr())), 0o600); err != nil {
		s.t.Fatal(err)
	}
	// One key signs all (-z). What it makes is not checked (-P): a zone may be meant to be bogus.
	args := []string{"-S", "-z", "-P", "-K", s.dir, "-o", s.Zone, "-f", "signed"}
	if validity == Expired {
		args = append(args, "-s", "20200101000000", "-e", "20200201000000")
	}
	s.tool("dnssec-signzone", append(args, plain)...)
	signed, err := os.ReadFile(filepath.Join(s.dir, "signed"))
	if err != nil {
		s.t.Fatal(err)
	}
	z.signed = string(signed)
	return z
}

// tool runs a tool of BIND in the directory of the signer, and returns its standard output.
func (s *Signer) tool(name string, args ...string) string {
	s.t.Helper()
	cmd := exec.Command(program(s.t, name, bindUtilsPackage), args...)
	cmd.Dir = s.dir
	var diagnostics strings.Builder
	cmd.Stderr = &diagnostics
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", name, err, diagnostics.String())
	}
	return string(out)
}
