package provider_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// state reads a data source, and returns what it then holds beside the errors.
func (p plugin) state(t testing.TB, name string, attributes map[string]any) (map[string]tftypes.Value, []string) {
	t.Helper()
	if wrong := failures(p.validate(t, name, attributes)); len(wrong) > 0 {
		return nil, wrong
	}
	resp, err := p.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: p.config(t, name, attributes)})
	if err != nil {
		t.Fatal(err)
	}
	if wrong := failures(resp.Diagnostics); len(wrong) > 0 {
		return nil, wrong
	}
	v, err := resp.State.Unmarshal(p.schemas.DataSourceSchemas[name].ValueType())
	if err != nil {
		t.Fatal(err)
	}
	var parts map[string]tftypes.Value
	if err := v.As(&parts); err != nil {
		t.Fatal(err)
	}
	return parts, nil
}

// plain returns a value as Go has it, numbers left out.
func plain(t testing.TB, v tftypes.Value) any {
	t.Helper()
	switch {
	case !v.IsKnown():
		return unknown
	case v.IsNull(), v.Type().Is(tftypes.Number):
		return nil
	case v.Type().Is(tftypes.String):
		var s string
		if err := v.As(&s); err != nil {
			t.Fatal(err)
		}
		return s
	case v.Type().Is(tftypes.List{}):
		var list []tftypes.Value
		if err := v.As(&list); err != nil {
			t.Fatal(err)
		}
		all := make([]any, len(list))
		for i, e := range list {
			all[i] = plain(t, e)
		}
		return all
	}
	var parts map[string]tftypes.Value
	if err := v.As(&parts); err != nil {
		t.Fatal(err)
	}
	all := make(map[string]any, len(parts))
	for name, e := range parts {
		all[name] = plain(t, e)
	}
	return all
}

// valuesOf returns key → "fqdn type value" of records.
func valuesOf(t testing.TB, v tftypes.Value) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	set, _ := plain(t, v).(map[string]any)
	for key, r := range set {
		r, _ := r.(map[string]any)
		var parts []string
		for _, name := range []string{"fqdn", "type", "value"} {
			text, _ := r[name].(string)
			parts = append(parts, text)
		}
		texts[key] = strings.Join(parts, " ")
	}
	return texts
}

// policySources are the data sources of policies, with the attribute of `records` that holds the same policy.
var policySources = map[string]string{"maildomain_bimi": "bimi", "maildomain_dmarc": "dmarc", "maildomain_mta_sts": "mta_sts", "maildomain_tls_rpt": "tls_rpt"}

// A data source and the attribute of `records` make the same records of the same policy, or refuse it for the same reasons.
func TestPoliciesAgree(t *testing.T) {
	t.Parallel()
	policies := uint64(200)
	if testing.Short() {
		policies = 40
	}
	for source, attribute := range policySources {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			p := newPlugin(t)
			var right uint64
			for seed := range policies {
				d := rolled(seed)
				policy, _ := conforming(attribute, configuration{d, d.in(3)}.policies()[attribute]()).(map[string]any)
				delete(policy, "polcy") // Terraform drops it.
				state, wrong := p.state(t, source, with(policy, "domain", "example.com"))
				called, err := p.call(t, "records", map[string]any{"domain": "example.com", attribute: policy})
				if err != nil || len(wrong) > 0 {
					if lines := errorLinesOf(err); err == nil || len(wrong) == 0 || len(lines) != len(wrong) && len(lines) != len(wrong)+1 {
						t.Fatalf("%s(%v) fails with %q, and records() with %v", source, policy, wrong, err)
					}
					continue
				}
				right++
				if diff := refines("records", state["records"], called); diff != "" {
					t.Fatalf("%s(%v): data source and function differ: %s", source, policy, diff)
				}
				plan, _ := masked(d, policy).(map[string]any)
				if plan == nil {
					continue
				}
				if got := failures(p.validate(t, source, with(plan, "domain", pick[any](d, "example.com", unknown)))); len(got) > 0 {
					t.Fatalf("the plan fails for what can be read: %q\nplan:  %v\napply: %v", got, plan, policy)
				}
			}
			if right < policies/10 {
				t.Errorf("%d of %d policies could be read: too few to say anything", right, policies)
			}
		})
	}
}

// stsID is the id of the MTA-STS policy of one test.
const stsID = "b70da248290eb69988dd93f4f4abfce5"

// The reader of a policy knows the attributes that the schema has.
func TestPolicyAttributes(t *testing.T) {
	t.Parallel()
	p := newPlugin(t)
	for _, attribute := range policySources {
		_, err := p.call(t, "records", map[string]any{"domain": "example.com", attribute: map[string]any{"x": 1}})
		if err == nil {
			t.Fatal("no error")
		}
		_, rest, _ := strings.Cut(err.Error(), attribute+".x: there is no such attribute; the attributes are ")
		known, _, _ := strings.Cut(rest, "\n")
		var want []string
		for _, a := range p.schemas.DataSourceSchemas["maildomain_records"].Block.Attributes {
			if a.Name == attribute {
				for _, nested := range a.NestedType.Attributes {
					want = append(want, nested.Name)
				}
			}
		}
		got := strings.Split(known, ", ")
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s takes %q, and the schema has %q", attribute, got, want)
		}
	}
}

func TestPolicyDataSources(t *testing.T) {
	t.Parallel()
	type attributes = map[string]any
	effective := func(p, sp, np string) any {
		return attributes{"policy": p, "subdomain_policy": sp, "nonexistent_subdomain_policy": np}
	}
	tests := map[string]struct {
		source  string
		in      attributes
		records map[string]string // key → fqdn, type, value
		outputs attributes
		wrong   []string // starts of errors

		authorisations map[string]string
	}{
		"DMARC": {
			source:  "dmarc",
			in:      attributes{"policy": "reject", "testing": true, "aggregate_reports": []any{"r@example.com"}, "acknowledge": []any{"dmarc-testing"}},
			records: map[string]string{"example.com/dmarc": "_dmarc.example.com TXT v=DMARC1; p=reject; t=y; rua=mailto:r@example.com"},
			outputs: attributes{
				"value": "v=DMARC1; p=reject; t=y; rua=mailto:r@example.com", "authorisations": attributes{}, "warnings": []any{},
				"effective": attributes{"rfc9989": effective("quarantine", "quarantine", "quarantine"), "rfc7489": effective("reject", "reject", "reject")},
			},
		},
		"DMARC, taken over": {
			source:  "dmarc",
			in:      attributes{"existing": "v=DMARC1; p=reject; pct=0; rf=afrf; rua=mailto:r@example.com", "acknowledge": []any{"dmarc-testing"}},
			records: map[string]string{"example.com/dmarc": "_dmarc.example.com TXT v=DMARC1; p=reject; t=y; rua=mailto:r@example.com"},
		},
		"DMARC, all wrong": {
			source: "dmarc",
			in: attributes{
				"policy": "block", "subdomain_policy": "", "nonexistent_subdomain_policy": "x", "dkim_alignment": "s", "spf_alignment": "r", "aggregate_reports": []any{"r", nil},
				"failure_reports": []any{"ftp://x"}, "failure_options": []any{"2"}, "psd": "yes", "existing": "p=none", "acknowledge": []any{"all"}, "ttl": 0,
			},
			wrong: []string{
				"ttl: ", "subdomain_policy: Empty value: It is an empty text", "aggregate_reports[1]: Element that is null", "existing: ", "policy: ", "nonexistent_subdomain_policy: ",
				"dkim_alignment: ", "spf_alignment: ", "psd: ", "aggregate_reports[0]: ", "failure_reports[0]: ", "failure_options[0]: ", "acknowledge[0]: ",
			},
		},
		"DMARC, public suffix with failure reports": {
			source: "dmarc", in: attributes{"policy": "none", "psd": "y", "failure_reports": []any{"r@example.com"}}, wrong: []string{"failure_reports: DMARC policy: `psd = \"y\"` excludes failure reports"},
		},
		"parked": {
			source: "parked", in: attributes{"hosts": []any{"www"}, "reports": []any{"r@example.net"}, "acknowledge": []any{"dmarc-external-reports"}},
			outputs: attributes{"warnings": []any{}}, authorisations: map[string]string{"example.net/dmarc_authorisation/example.net/example.com": "example.com._report._dmarc.example.net TXT v=DMARC1;"},
			records: map[string]string{
				"example.com/mx": "example.com MX 0 .", "example.com/spf": "example.com TXT v=spf1 -all", "example.com/spf/*": "*.example.com TXT v=spf1 -all", "example.com/spf/www": "www.example.com TXT v=spf1 -all",
				"example.com/keys/*": "*._domainkey.example.com TXT v=DKIM1; p=", "example.com/dmarc": "_dmarc.example.com TXT v=DMARC1; p=reject; sp=reject; np=reject; rua=mailto:r@example.net",
			},
		},
		"parked, wrong": {
			source: "parked", in: attributes{"hosts": []any{"a b", nil}, "reports": []any{"r", nil}, "acknowledge": []any{"x"}},
			wrong: []string{"hosts[1]: Element that is null", "reports[1]: Element that is null", "acknowledge[0]: Unknown kind of warning", "hosts[0]: Invalid host of a parked domain", "reports[0]: DMARC policy"},
		},
		"MTA-STS": {
			source: "mta_sts", in: attributes{"mode": "enforce", "services": attributes{"microsoft365": attributes{"groups": []any{"mx"}, "variables": attributes{"mx_target": "example-com.mail.protection.outlook.com"}}}, "host": "w.example.net"},
			records: map[string]string{"example.com/mta_sts": "_mta-sts.example.com TXT v=STSv1; id=" + stsID, "example.com/mta_sts/host": "mta-sts.example.com CNAME w.example.net"},
			outputs: attributes{
				"policy": "version: STSv1\r\nmode: enforce\r\nmx: *.mail.protection.outlook.com\r\nmax_age: 604800\r\n", "id": stsID, "url": "https://mta-sts.example.com/.well-known/mta-sts.txt", "warnings": []any{},
			},
		},
		"MTA-STS, wrong": {
			source: "mta_sts", in: attributes{"mode": "on", "max_age": 31557601, "mx": []any{"a.*.example"}, "addresses": []any{"x"}},
			wrong: []string{"max_age: Invalid argument: It must be a whole number from 0 to 31557600", "mode: MTA-STS policy", "mx[0]: MTA-STS policy"},
		},
		"TLS reporting":        {source: "tls_rpt", in: attributes{"reports": []any{"t@example.com"}}, records: map[string]string{"example.com/tls_rpt": "_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:t@example.com"}},
		"TLS reporting, wrong": {source: "tls_rpt", in: attributes{"reports": []any{}}, wrong: []string{"reports: TLS reporting record"}},
		"BIMI": {
			source: "bimi", in: attributes{"logo": "https://example.com/l.svg", "dmarc": "v=DMARC1; p=none"}, records: map[string]string{"example.com/bimi": "default._bimi.example.com TXT v=BIMI1; l=https://example.com/l.svg"},
			outputs: attributes{"warnings": []any{"Receivers show a logo only where the DMARC policy of the domain is quarantine or reject. To go on without this warning, set `acknowledge = [\"bimi-not-shown\"]`."}},
		},
		"BIMI, declined": {source: "bimi", in: attributes{"declined": true}, records: map[string]string{"example.com/bimi": "default._bimi.example.com TXT v=BIMI1; l=; a=;"}},
		"BIMI, wrong": {
			source: "bimi", in: attributes{"logo": "http://example.com/l.svg", "avatar": "me", "selector": "x._bimi", "dmarc": "p=none", "certificate": "c"},
			wrong: []string{"selector: BIMI record", "logo: BIMI record", "certificate: BIMI record", "avatar: BIMI record", "dmarc: BIMI record"},
		},
		"authorisation": {
			source: "dmarc_authorisation", in: attributes{"report_domain": "r.example.net", "domains": []any{"example.com", "ä.example.org"}},
			records: map[string]string{
				"example.net/dmarc_authorisation/r.example.net/example.com":         "example.com._report._dmarc.r.example.net TXT v=DMARC1;",
				"example.net/dmarc_authorisation/r.example.net/xn--4ca.example.org": "xn--4ca.example.org._report._dmarc.r.example.net TXT v=DMARC1;",
			},
		},
		"authorisation of all": {
			source: "dmarc_authorisation", in: attributes{"report_domain": "r.example.net", "any": true},
			records: map[string]string{"example.net/dmarc_authorisation/r.example.net/*": "*._report._dmarc.r.example.net TXT v=DMARC1;"},
		},
		"authorisation, not needed": {
			source: "dmarc_authorisation", in: attributes{"report_domain": "r.example.net", "domains": []any{"a.example.net"}},
			records: map[string]string{"example.net/dmarc_authorisation/r.example.net/a.example.net": "a.example.net._report._dmarc.r.example.net TXT v=DMARC1;"},
			outputs: attributes{"warnings": []any{"domains[0]: a.example.net and r.example.net have the same organisational domain: reports need no authorisation (RFC 9990 §4). Leave the domain out."}},
		},
		"authorisation, wrong":   {source: "dmarc_authorisation", in: attributes{"report_domain": "r.example.net", "domains": []any{"a b", nil, "example.com", "EXAMPLE.com."}}, wrong: []string{"domains[1]: Element that is null", "domains[0]: Invalid domain name", "domains[3]: DMARC authorisation"}},
		"authorisation of whom":  {source: "dmarc_authorisation", in: attributes{"report_domain": "r.example.net"}, wrong: []string{"domains: DMARC authorisation: It names no domain"}},
		"authorisation of both":  {source: "dmarc_authorisation", in: attributes{"report_domain": "r.example.net", "any": true, "domains": []any{"a.example"}}, wrong: []string{"domains: DMARC authorisation: Both"}},
		"authorisation, no host": {source: "dmarc_authorisation", in: attributes{"report_domain": "r@example.net", "domains": []any{"a.example"}}, wrong: []string{"report_domain: Invalid domain name"}},
		"DMARC, name too long": {
			source: "dmarc", in: attributes{"domain": strings.Repeat(strings.Repeat("a", 60)+".", 4) + "example", "policy": "none"}, wrong: []string{": Record that DNS cannot hold"},
		},
	}
	p := newPlugin(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.in["domain"] == nil && tt.source != "dmarc_authorisation" {
				tt.in = with(tt.in, "domain", "example.com")
			}
			state, wrong := p.state(t, "maildomain_"+tt.source, tt.in)
			if len(wrong) != len(tt.wrong) {
				t.Fatalf("errors = %q, want %q", wrong, tt.wrong)
			}
			for i, says := range tt.wrong {
				if !strings.HasPrefix(wrong[i], says) {
					t.Errorf("error %d = %q, want %q", i, wrong[i], says)
				}
			}
			if len(wrong) > 0 {
				return
			}
			if got := valuesOf(t, state["records"]); !maps.Equal(got, tt.records) {
				t.Errorf("records = %q, want %q", got, tt.records)
			}
			if got := valuesOf(t, state["authorisations"]); tt.authorisations != nil && !maps.Equal(got, tt.authorisations) {
				t.Errorf("authorisations = %q, want %q", got, tt.authorisations)
			}
			for name, want := range tt.outputs {
				if diff := cmp.Diff(want, plain(t, state[name])); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

// What is made of policies can be written out, and validated.
func TestPoliciesOnward(t *testing.T) {
	t.Parallel()
	p := newPlugin(t)
	for name, config := range map[string]map[string]any{
		"parked": {"domain": "example.com", "parked": true, "hosts": []any{"www"}},
		"policies": {
			"domain": "example.com", "dmarc": map[string]any{"policy": "none"}, "mx": []any{"10 mx.example.net", "20 mx2.example.net"}, "mta_sts": map[string]any{"mode": "enforce", "addresses": []any{"192.0.2.1", "2001:db8::1"}},
			"tls_rpt": map[string]any{"reports": []any{"t@example.com"}}, "bimi": map[string]any{"declined": true}, "keys": map[string]any{"old": map[string]any{"state": "revoked"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, err := p.call(t, "records", config)
			if err != nil {
				t.Fatal(err)
			}
			for _, function := range []string{"rrsets", "zone_file", "markdown_table"} {
				if _, err := p.callWith(t, function, records(made)); err != nil {
					t.Errorf("%s: %v", function, err)
				}
			}
			expected := make(map[string]any)
			set, _ := plain(t, made).(map[string]any)
			for key, r := range set {
				r, _ := r.(map[string]any)
				expected[key] = map[string]any{"fqdn": r["fqdn"], "type": r["type"], "value": r["value"]}
			}
			if wrong := failures(p.validate(t, "maildomain_validation", map[string]any{"records": expected})); len(wrong) > 0 {
				t.Errorf("maildomain_validation: %q", wrong)
			}
		})
	}
}

// The function makes the file whose id is in the record.
func TestMTASTSPolicyFunction(t *testing.T) {
	t.Parallel()
	p := newPlugin(t)
	config := map[string]any{"domain": "example.com", "mx": []any{"10 mx.example.net"}, "mta_sts": map[string]any{"mode": "testing"}}
	file, err := p.call(t, "mta_sts_policy", config)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := plain(t, file), "version: STSv1\r\nmode: testing\r\nmx: mx.example.net\r\nmax_age: 604800\r\n"; got != want {
		t.Errorf("policy = %q, want %q", got, want)
	}
	for name, tt := range map[string]struct {
		config any
		says   string // of the error; empty where the file is unknown
	}{
		"unknown":       {with(config, "ttl", unknown), ""},
		"unknown as it": {unknown, ""},
		"no policy":     {map[string]any{"domain": "example.com"}, "mta_sts: it is missing"},
		"wrong":         {with(config, "mx", []any{"mx"}), "example.com: mx[0]: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := p.call(t, "mta_sts_policy", tt.config)
			switch {
			case tt.says == "" && (err != nil || file.IsKnown()):
				t.Errorf("policy = %v, %v; want an unknown one", file, err)
			case tt.says != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.says)):
				t.Errorf("error = %v, want %q", err, tt.says)
			}
		})
	}
}

// The records that others publish are made apart, in their own zones.
func TestDMARCAuthorisations(t *testing.T) {
	t.Parallel()
	state, wrong := newPlugin(t).state(t, "maildomain_dmarc", map[string]any{
		"domain": "example.com", "policy": "none", "aggregate_reports": []any{"a@r.example.net", "b@example.com"}, "failure_reports": []any{"c@example.org"},
	})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	want := map[string]string{
		"example.net/dmarc_authorisation/r.example.net/example.com": "example.com._report._dmarc.r.example.net TXT v=DMARC1;",
		"example.org/dmarc_authorisation/example.org/example.com":   "example.com._report._dmarc.example.org TXT v=DMARC1;",
	}
	if got := valuesOf(t, state["authorisations"]); !maps.Equal(got, want) {
		t.Errorf("authorisations = %q, want %q", got, want)
	}
	if list, _ := plain(t, state["warnings"]).([]any); len(list) != 2 {
		t.Errorf("warnings = %q, want one for each destination", list)
	}
}
