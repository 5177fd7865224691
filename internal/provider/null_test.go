package provider_test

import (
	"strings"
	"testing"
)

// with returns attributes with one more.
func with(attributes map[string]any, name string, v any) map[string]any {
	all := map[string]any{name: v}
	for n, v := range attributes {
		if n != name {
			all[n] = v
		}
	}
	return all
}

// A null element is an error on its key or index, in whatever data source or function it stands, and what is wrong
// beside it is told in the same go, at the index of the user's list.
func TestNullElements(t *testing.T) {
	t.Parallel()
	p := newPlugin(t)
	base := map[string]any{"domain": "example.com"}
	google := map[string]any{"groups": []any{"spf"}}
	tests := map[string]struct {
		in     []string // data sources; "records()" is the function
		name   string
		v      any
		says   []string // starts of the errors, in their order
		partly bool     // an unknown value stands beside it
	}{
		"service": {
			in: []string{"spf", "dkim", "records", "records()"}, name: "services", v: map[string]any{"microsoft365": nil},
			says: []string{`services["microsoft365"]: it is null; write {} to use it, or leave the key out`},
		},
		"service beside others": {
			in: []string{"spf", "dkim", "records", "records()"}, name: "services", v: map[string]any{"google_workspace": google, "b": nil, "a": nil},
			says: []string{`services["a"]: it is null; write {}`, `services["b"]: it is null; write {}`},
		},
		"service beside an unknown one": {
			in: []string{"spf", "dkim", "records", "records()"}, name: "services", v: map[string]any{"google_workspace": unknown, "a": nil}, partly: true,
			says: []string{`services["a"]: it is null; write {}`},
		},
		"key": {
			in: []string{"dkim", "records", "records()"}, name: "keys", v: map[string]any{"s1": nil},
			says: []string{`keys["s1"]: it is null; set one of public_key, record and cname, or leave the key out`},
		},
		"group": {
			in: []string{"spf", "dkim", "records", "records()"}, name: "services", v: map[string]any{"google_workspace": map[string]any{"groups": []any{"spf", nil}}},
			says: []string{`services["google_workspace"].groups[1]: it is null; write a text, or leave the element out`},
		},
		"allow": {
			in: []string{"spf", "dkim", "records", "records()"}, name: "services", v: map[string]any{"google_workspace": map[string]any{"groups": []any{"spf"}, "allow": []any{nil, "CAA", nil}}},
			says: []string{`services["google_workspace"].allow[0]: it is null`, `services["google_workspace"].allow[2]: it is null`},
		},
		"variable": {
			in: []string{"spf", "dkim", "records", "records()"}, name: "services", v: map[string]any{"google_workspace": map[string]any{"groups": []any{"spf"}, "variables": map[string]any{"dkim_record": nil}}},
			says: []string{`services["google_workspace"].variables["dkim_record"]: it is null; write its value, or leave the key out`},
		},
		"mechanisms": {
			in: []string{"spf", "records", "records()"}, name: "mechanisms", v: []any{nil, "include:a.example", "ip4:300.1.1.1"},
			says: []string{`mechanisms[0]: it is null`, `mechanisms[2]: `},
		},
		"mechanisms beside an unknown one": {
			in: []string{"spf", "records", "records()"}, name: "mechanisms", v: []any{unknown, nil, "ip4:300.1.1.1"}, partly: true,
			says: []string{`mechanisms[1]: it is null`, `mechanisms[2]: `},
		},
		"remove": {
			in: []string{"spf", "records", "records()"}, name: "remove", v: []any{"a", nil, "ip4:300.1.1.1", nil},
			says: []string{`remove[1]: it is null`, `remove[3]: it is null`, `remove[2]: `},
		},
		"group beside other faults": {
			in: []string{"spf", "dkim", "records", "records()"}, name: "services",
			v:    map[string]any{"google_workspace": map[string]any{"groups": []any{nil, "sfp"}, "variables": map[string]any{"nonsense": "x"}}},
			says: []string{`services["google_workspace"].groups[0]: it is null`, `services["google_workspace"].variables["nonsense"]: `, `services["google_workspace"].groups: `},
		},
		"flatten": {in: []string{"spf"}, name: "flatten", v: []any{"a", nil}, says: []string{`flatten[1]: it is null`}},
		"variables of one service": {
			in: []string{"service"}, name: "variables", v: map[string]any{"dkim_record": nil}, says: []string{`variables["dkim_record"]: it is null`},
		},
		"groups of one service": {in: []string{"service"}, name: "groups", v: []any{nil}, says: []string{`groups[0]: it is null`}},
		"allow of one service":  {in: []string{"service"}, name: "allow", v: []any{"CAA", nil}, says: []string{`allow[1]: it is null`}},
	}
	for name, tt := range tests {
		for _, in := range tt.in {
			t.Run(name+" in "+in, func(t *testing.T) {
				t.Parallel()
				attributes := with(base, tt.name, tt.v)
				var got []string
				if in == "records()" {
					_, err := p.call(t, "records", attributes)
					if err == nil {
						t.Fatal("records() has no error")
					}
					text, found := strings.CutPrefix(err.Error(), "example.com:")
					if !found {
						t.Errorf("error = %q, want the domain at its head", err)
					}
					got = strings.Split(strings.TrimLeft(text, " \n"), "\n")
				} else {
					if in == "service" {
						attributes = with(attributes, "service", "google_workspace")
					}
					for _, f := range failures(p.validate(t, "maildomain_"+in, attributes)) {
						if strings.Contains(f, "error in the provider") {
							t.Errorf("error = %s", f)
						}
						at, _, _ := strings.Cut(f, ": ")
						_, detail, _ := strings.Cut(f, ": Element that is null: ")
						detail = strings.Replace(strings.TrimPrefix(detail, at+": "), "It is null", "it is null", 1)
						got = append(got, at+": "+detail)
					}
					if !tt.partly && len(got) != len(tt.says) { // What is wrong beside the null ones comes with them.
						t.Errorf("validation alone = %q", got)
					}
				}
				if len(got) != len(tt.says) {
					t.Fatalf("errors = %q, want %q", got, tt.says)
				}
				for i, says := range tt.says {
					if !strings.HasPrefix(got[i], says) {
						t.Errorf("error %d = %q, want %q", i, got[i], says)
					}
				}
			})
		}
	}
}

func TestNullRecords(t *testing.T) {
	t.Parallel()
	p := newPlugin(t)
	full := map[string]any{"name": "@", "fqdn": "example.com", "type": "TXT", "ttl": 60, "value": "x"}
	tests := map[string]struct {
		records any
		says    string
	}{
		"record":          {map[string]any{"a": full, "b": nil}, `records["b"]: it is null; leave it out, for example with {`},
		"attribute":       {map[string]any{"a": with(full, "fqdn", nil)}, `records["a"].fqdn: it is null; give it as a data source does`},
		"beside unknowns": {map[string]any{"a": with(full, "value", unknown), "b": unknown, "c": nil}, `records["c"]: it is null`},
		"every attribute": {
			map[string]any{"a": map[string]any{}}, "\n" + `records["a"].name: it is null; give it as a data source does` + "\n" + `records["a"].fqdn: it is null`,
		},
	}
	for name, tt := range tests {
		for _, function := range []string{"rrsets", "zone_file", "markdown_table"} {
			t.Run(name+" of "+function, func(t *testing.T) {
				t.Parallel()
				if _, err := p.call(t, function, tt.records); err == nil || !strings.HasPrefix(err.Error(), tt.says) {
					t.Errorf("%s error = %v, want %s", function, err, tt.says)
				}
			})
		}
	}
	if _, err := p.call(t, "spf_merge", []any{"a", nil, "mx", nil}, "fail"); err == nil || err.Error() != "\nrecords[1]: it is null; write a text, or leave the element out, for example with compact()\n"+
		"records[3]: it is null; write a text, or leave the element out, for example with compact()" {
		t.Errorf("spf_merge error = %v, want one that names both", err)
	}
}
