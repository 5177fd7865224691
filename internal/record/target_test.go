package record_test

import (
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

func TestCheckTarget(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		kind  record.Type
		value string
		says  string // a part of the error; empty: none
	}{
		"CNAME":                 {record.CNAME, "mail.example.net", ""},
		"CNAME of itself":       {record.CNAME, "s.example.com", "lead to itself"},
		"NS of itself":          {record.NS, "s.example.com", "lead to itself"},
		"MX of itself":          {record.MX, "10 s.example.com", ""},
		"SRV of itself":         {record.SRV, "0 1 993 s.example.com", ""},
		"CNAME of one label":    {record.CNAME, "mail", "write the whole name, such as mail.example.net"},
		"MX of one label":       {record.MX, "10 mail", "one label"},
		"SRV of one label":      {record.SRV, "0 1 993 mail", "one label"},
		"null MX":               {record.MX, "0 .", ""},
		"SRV without a service": {record.SRV, "0 0 0 .", ""},
		"wildcard":              {record.CNAME, "*.example.net", "wildcard"},
		"wildcard of one label": {record.NS, "*", "one label"},
		"name twice":            {record.MX, "10 mx.example.net.example.net", `write "mx.example.net"`},
		"empty":                 {record.CNAME, "", ""},
		"TXT":                   {record.TXT, "mail", ""},
		"A":                     {record.A, "192.0.2.1", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := record.Record{Owner: dnsname.MustParse("s.example.com"), Type: tt.kind, Value: tt.value}.CheckTarget()
			if (err != nil) != (tt.says != "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("CheckTarget of %s %q = %v, want an error with %q", tt.kind, tt.value, err, tt.says)
			}
		})
	}
}
