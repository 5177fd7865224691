package realdns

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const (
	// startTime is how long a server may take until it answers, on a machine that is busy with other tests.
	startTime = 30 * time.Second
	// pollPause lies between two questions to a server that starts.
	pollPause = 20 * time.Millisecond
	// pollTimeout is how long the answer to such a question may take: what comes too early for the server is lost.
	pollTimeout = 200 * time.Millisecond
	// endTime is how long a server may take to end before it is killed.
	endTime = 5 * time.Second
	// ednsSize is what clients of today take over UDP, in octets (DNS flag day 2020).
	ednsSize = 1232
)

// Server is a running server.
type Server struct {
	t      *testing.T
	addr   netip.AddrPort
	dir    string
	log    *Log
	limits bool          // it limits its responses
	passed *Traffic      // what the relay before it saw; nil where there is none
	exited chan struct{} // closed when the process is gone
	ended  error         // how it went; to be read once exited is closed
}

// server prepares a server: it has an address, a directory and a log, and does not run.
func (l *Lab) server(name string) *Server {
	return &Server{t: l.t, addr: l.addr(), dir: l.t.TempDir(), log: NewLog(name), limits: l.limits, exited: make(chan struct{})}
}

// Addr returns the address and port.
func (s *Server) Addr() netip.AddrPort { return s.addr }

// Traffic returns what came to the server and went from it, of one that limits its responses, and of any BIND.
func (s *Server) Traffic() *Traffic { return s.passed }

// behind returns where the server is to listen: behind a relay that counts, where it limits its responses.
func (s *Server) behind() netip.AddrPort {
	if !s.limits {
		return s.addr
	}
	inner := netip.AddrPortFrom(loopback, freePort(s.t))
	s.passed = relay(s.t, s.addr, inner)
	return inner
}

// Log returns what the server prints.
func (s *Server) Log() *Log { return s.log }

// write writes a file into the directory of the server, and returns its path.
func (s *Server) write(name, text string) string {
	s.t.Helper()
	path := s.path(name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// run starts the program in the foreground, and returns once a question about each of the names gets an answer
// that says what there is. The process ends with the test.
func (s *Server) run(names []string, path string, args ...string) {
	s.t.Helper()
	// Not with the context of the test: it ends before other cleanups, and they may want the server.
	cmd := exec.Command(path, args...)
	cmd.Dir = s.dir
	cmd.Stdout, cmd.Stderr = s.log, s.log
	cmd.WaitDelay = endTime
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		defer close(s.exited)
		s.ended = cmd.Wait()
	}()
	s.t.Cleanup(func() {
		s.end(cmd.Process)
		if s.t.Failed() {
			s.t.Logf("%s at %s printed:\n%s", s.log.name, s.addr, s.log)
		}
	})
	ctx, cancel := context.WithTimeout(s.t.Context(), startTime)
	defer cancel()
	for _, name := range names {
		if err := s.awaitAnswer(ctx, name); err != nil {
			s.t.Fatalf("%s at %s: %v", s.log.name, s.addr, err)
		}
	}
}

// end asks the process to end, and kills it where it does not.
func (s *Server) end(process *os.Process) {
	// An error says that it is gone, and then there is nothing to wait for either.
	_ = process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
	case <-time.After(endTime):
		_ = process.Kill()
		<-s.exited
	}
}

// awaitAnswer asks for the SOA record of a name until the server gives an answer without error.
func (s *Server) awaitAnswer(ctx context.Context, name string) error {
	var last string
	for {
		reply, err := s.exchange(ctx, name, "SOA", pollTimeout)
		switch {
		case err != nil:
			last = err.Error()
		case reply.Rcode == dns.RcodeSuccess:
			return nil
		default:
			last = dns.RcodeToString[reply.Rcode]
		}
		select {
		case <-s.exited:
			return fmt.Errorf("it ended: %v", s.ended)
		case <-ctx.Done():
			return fmt.Errorf("it does not answer about %s: %s", name, last)
		case <-time.After(pollPause):
		}
	}
}

// poll returns once a condition holds, and fails the test where it does not within startTime.
func (s *Server) poll(condition string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(startTime); !holds(); time.Sleep(pollPause) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: not within %v: %s", s.log.name, startTime, condition)
		}
	}
}

// Reply is what a server says to a plain question, as dig shows it.
type Reply struct {
	RCode     string // "NOERROR"
	Answer    []dns.RR
	Truncated bool // the TC bit
	Authentic bool // the AD bit
	// TTL is that of the answer, or of the SOA record of a negative one, in seconds.
	TTL uint32
}

// Ask puts a question to the server over UDP, recursion desired and DNSSEC wanted, without any help by the
// client of this project. The name is without its final dot.
func (s *Server) Ask(name, rrtype string) Reply {
	s.t.Helper()
	reply, err := s.exchange(s.t.Context(), name, rrtype, startTime)
	if err != nil {
		s.t.Fatalf("%s %s at %s: %v", name, rrtype, s.log.name, err)
	}
	r := Reply{RCode: dns.RcodeToString[reply.Rcode], Answer: reply.Answer, Truncated: reply.Truncated, Authentic: reply.AuthenticatedData}
	for _, section := range [][]dns.RR{reply.Answer, reply.Ns} {
		if len(section) > 0 {
			r.TTL = section[0].Header().Ttl
			break
		}
	}
	return r
}

func (s *Server) exchange(ctx context.Context, name, rrtype string, timeout time.Duration) (*dns.Msg, error) {
	question := new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.StringToType[rrtype])
	question.SetEdns0(ednsSize, true)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	client := dns.Client{Timeout: timeout}
	reply, _, err := client.ExchangeContext(ctx, question, s.addr.String())
	return reply, err
}
