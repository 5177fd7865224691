package record

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// MailHosts returns the hosts of MX values in the order of preference (RFC 5321 §5.1), and by name where that is equal.
// Values that are none of MX records are left out.
func MailHosts(values []string) []string {
	type exchange struct {
		preference int
		host       string
	}
	list := make([]exchange, 0, len(values))
	for _, v := range values {
		number, host, _ := strings.Cut(v, " ")
		preference, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		list = append(list, exchange{preference, host})
	}
	slices.SortFunc(list, func(a, b exchange) int {
		return cmp.Or(cmp.Compare(a.preference, b.preference), cmp.Compare(a.host, b.host))
	})
	hosts := make([]string, len(list))
	for i, e := range list {
		hosts[i] = e.host
	}
	return hosts
}
