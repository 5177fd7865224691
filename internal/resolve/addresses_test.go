package resolve_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
)

// A name server may have as many addresses as the bound says, and one more is an error that says so.
func TestAddressesOfNameServerAreBounded(t *testing.T) {
	t.Parallel()
	for _, count := range []int{resolve.MaxAddresses, resolve.MaxAddresses + 1} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			h := dnstest.New(t)
			records := []string{"wide NS ns.wide"}
			for i := range count {
				records = append(records, fmt.Sprintf("ns.wide A 127.1.0.%d", i+1))
			}
			h.Zone("com", dnstest.Servers("a.nic"), dnstest.Records(records...))
			_, err := newClient(t, h, timeout(time.Second)).Ask(t.Context(), about("www.wide.com", record.TXT))
			lookup, ok := errors.AsType[*answer.LookupError](err)
			excessive := ok && lookup.Reason == answer.Excessive && strings.Contains(lookup.Detail, fmt.Sprintf("%d addresses", count))
			if want := count > resolve.MaxAddresses; excessive != want {
				t.Errorf("Ask with %d addresses = %v, want an error about their number: %v", count, err, want)
			}
		})
	}
}
