package provider_test

import (
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// fleet is how many validations a machine without DNS refreshes.
const fleet = 1000

// fleetState is a state in which each of many domains has a validation that was made once.
func fleetState(t *testing.T) string {
	t.Helper()
	instances := make([]any, fleet)
	for i := range instances {
		record := map[string]any{"fqdn": fmt.Sprintf("d%d.example", i), "type": "TXT", "value": spfA}
		instances[i] = map[string]any{
			"index_key":      i,
			"schema_version": 0,
			"attributes": map[string]any{
				"id":              fmt.Sprintf("validation-%d", i),
				"records":         map[string]any{"spf": record},
				"valid":           true,
				"observed":        map[string]any{"spf": []any{spfA}},
				"report":          "1 of 1 record matches.",
				"support_message": "The mail DNS records are published.",
			},
			"sensitive_attributes": []any{},
		}
	}
	state, err := json.Marshal(map[string]any{
		"version": 4, "terraform_version": "1.8.0", "serial": 1, "lineage": "fleet", "outputs": map[string]any{},
		"resources": []any{map[string]any{
			"mode": "managed", "type": "maildomain_validation", "name": "this",
			"provider":  `provider["registry.terraform.io/catglobe/maildomain"]`,
			"instances": instances,
		}},
		"check_results": nil,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(state)
}

const fleetConfig = `
resource "maildomain_validation" "this" {
  count   = %d
  records = { spf = { fqdn = "d${count.index}.example", type = "TXT", value = %q } }
}
`

// A machine without DNS refreshes a thousand validations without asking a thousand times: what is dead is found out
// once.
func TestOfflineFleet(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*testing.T, *lab) func() int{ // the questions that arrive somewhere
		"nothing answers": func(_ *testing.T, l *lab) func() int {
			l.Recursors()[0].Inject(dnstest.Drop)
			for _, s := range l.Servers() {
				s.Inject(dnstest.Drop)
			}
			return l.direct
		},
		"the resolver alone answers": func(_ *testing.T, l *lab) func() int {
			l.Zone("nic.example")
			for _, s := range l.Servers() {
				s.Inject(dnstest.When(dnstest.Drop, dnstest.Direct))
			}
			return l.direct
		},
		"the resolver fails": func(_ *testing.T, l *lab) func() int {
			l.Recursors()[0].Inject(dnstest.RCode(2))
			return l.direct
		},
		"connections are refused": func(t *testing.T, l *lab) func() int {
			addr, count := resetting(t)
			l.block = strings.Replace(l.block, strconv.Quote(l.ResolverAddr()), strconv.Quote("tcp://"+addr), 1)
			return count
		},
	}
	for name, cut := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			count := cut(t, &l)
			c := newCLI(t, l.config(fmt.Sprintf(fleetConfig, fleet, spfA)))
			write(t, filepath.Join(c.dir, "terraform.tfstate"), fleetState(t))
			started := time.Now()
			out := c.plan(t, 0)
			t.Logf("%d validations, %v, %d questions", fleet, time.Since(started), count())
			if !strings.Contains(out, "Warning: Live DNS could not be checked") || !strings.Contains(out, "No changes.") {
				t.Errorf("terraform printed:\n%s\nwant a warning that DNS could not be asked, and no changes", out)
			}
			if n := count(); n == 0 || n > 100 {
				t.Errorf("%d questions were asked, want some, and at most 100", n)
			}
		})
	}
}

// direct counts the questions that the provider asked.
func (l lab) direct() int { return l.Count(dnstest.Direct) }

// resetting starts a resolver over TCP that resets every connection, and counts them: of those that are refused, nobody
// hears.
func resetting(t *testing.T) (addr string, count func() int) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var connections atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			_ = conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	return listener.Addr().String(), func() int { return int(connections.Load()) }
}
