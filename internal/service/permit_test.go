package service_test

import (
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// What mail needs, and what is asked for by name, needs no grant.
func TestApplyPermitted(t *testing.T) {
	t.Parallel()
	const mx = `{"type":"MX","groupId":"mx","host":"@","pointsTo":"mx.acme.example","priority":1}`
	tests := map[string]struct {
		record, more string
		use          service.Use
	}{
		"MX of a group that is named":  {record: mx, use: service.Use{Groups: []string{"mx"}}},
		"MX where a host is needed":    {record: mx, more: `"hostRequired":true`, use: service.Use{Host: "news"}},
		"MX of a bounce host":          {record: `{"type":"MX","host":"bounce","pointsTo":"mx.acme.example","priority":1}`},
		"key":                          {record: `{"type":"CNAME","host":"s1._domainkey","pointsTo":"a.example"}`},
		"key below a web host":         {record: `{"type":"TXT","host":"s1._domainkey.www","data":"p="}`},
		"return path":                  {record: `{"type":"CNAME","host":"em123","pointsTo":"a.example"}`},
		"host that the user names":     {record: `{"type":"TXT","host":"@","data":"x"}`, use: service.Use{Host: "app"}},
		"alias where a host is needed": {record: `{"type":"CNAME","host":"@","pointsTo":"a.example"}`, more: `"hostRequired":true`, use: service.Use{Host: "www"}},
		"proof of a mail service":      {record: `{"type":"TXT","host":"_acme_verify","data":"x"}`},
		"mail program":                 {record: `{"type":"SRV","name":"@","service":"_imaps","protocol":"_tcp","target":"a.example","priority":0,"weight":1,"port":993}`},
		"mail host's address":          {record: `{"type":"A","host":"mx1","pointsTo":"192.0.2.1"}`},
		"SPF of a web host":            {record: `{"type":"SPFM","host":"www","spfRules":"include:a.example"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.more == "" {
				tt.more = `"version":1`
			}
			tt.use.Domain = domain
			got, err := mustParse(t, template(tt.record, tt.more)).Apply(tt.use)
			if err != nil || len(got.Records)+len(got.SPF) != 1 {
				t.Errorf("Apply = %q, %v, want the record", lines(got), err)
			}
		})
	}
}
