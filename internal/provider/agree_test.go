package provider_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// dice make choices from octets, so that a fuzzer can steer them; once these are used up, the first choice is made.
type dice struct{ octets []byte }

func rolled(seed uint64) *dice {
	source := rand.New(rand.NewPCG(seed, 0))
	d := &dice{octets: make([]byte, 240)}
	for i := range d.octets {
		d.octets[i] = byte(source.Uint32())
	}
	return d
}

func (d *dice) below(n int) int {
	if len(d.octets) == 0 {
		return 0
	}
	c := d.octets[0]
	d.octets = d.octets[1:]
	return int(c) % n
}

// in reports whether one of n equal chances came; never once the octets are used up.
func (d *dice) in(n int) bool { return len(d.octets) > 0 && d.below(n) == n-1 }

func pick[T any](d *dice, from ...T) T { return from[d.below(len(from))] }

// some returns a few of the values, in their order.
func some(d *dice, from ...any) []any {
	list := []any{}
	for _, v := range from {
		if d.below(3) == 1 {
			list = append(list, v)
		}
	}
	return list
}

const (
	edRecord      = "v=DKIM1; k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI="
	termTemplate  = `{"serviceName":"Acme","records":[{"type":"SPFM","host":"@","spfRules":"include:%x%.acme.example"},{"type":"CNAME","groupId":"k","host":"acme._domainkey","pointsTo":"%x%.k.acme.example"}]}`
	rulesTemplate = `{"serviceName":"Rules","records":[{"type":"SPFM","host":"@","spfRules":"%rules%"},{"type":"TXT","host":"%h%","data":"x=%x%"}]}`
	rawTemplate   = `{"serviceName":"Raw","records":[{"type":"TXT","host":"@","data":"v=spf1 include:raw.example ?all"},{"type":"CAA","host":"@","data":"0 issue \"ca.example\""},{"type":"MX","host":"@","pointsTo":"%x%.mx.example","priority":"10"}]}`
	webTemplate   = `{"serviceName":"Web","records":[{"type":"CNAME","host":"%h%","pointsTo":"web.example"},{"type":"TXT","host":"_dmarc","data":"v=DMARC1; p=none"}]}`
)

// configuration makes random arguments for the function `records`.
type configuration struct {
	*dice
	wrong bool // whether there may be something wrong with it
}

// either returns one of the values that are right, or of those that are wrong where there may be such.
func (c configuration) either(right, wrong []any) any {
	if c.wrong && c.below(3) == 1 {
		return pick(c.dice, wrong...)
	}
	return pick(c.dice, right...)
}

func (c configuration) some(right, wrong []any) []any {
	if c.wrong {
		right = slices.Concat(wrong, right)
	}
	return some(c.dice, right...)
}

// service is one of the services that exist, with variables that it takes.
func (c configuration) service() (string, map[string]any) {
	type variables = map[string]any
	one := func(right any, wrong ...any) any { return c.either([]any{right}, append(wrong, nil)) }
	switch c.below(10) {
	case 0:
		return "google_workspace", map[string]any{"groups": c.some([]any{"spf", "mx"}, []any{"smx", nil})}
	case 1:
		return "microsoft365", map[string]any{"variables": variables{"tenant": one("acme", "a b")}}
	case 2:
		return "mailchimp", map[string]any{}
	case 3:
		return "amazon_ses", map[string]any{"variables": variables{
			"region": "eu-west-1", "mail_from": one("mail", "a..b"), "dkim_token_1": one("t1", "t2"), "dkim_token_2": "t2", "dkim_token_3": "t3",
		}, "groups": c.some([]any{"dkim", "mail_from"}, []any{"spf"})}
	case 4:
		return "catglobe", map[string]any{"variables": variables{"spf_include": one("spf.acme.example", ""), "dkim_selector": one("cg1", "s1"), "dkim_target": "cg1.acme.example"}}
	case 5:
		return "acme", map[string]any{"template": termTemplate, "variables": variables{"x": one("a", "-")}}
	case 6:
		return "rules", map[string]any{"template": rulesTemplate, "variables": variables{
			"rules": c.either([]any{"include:r.example a", "v=spf1 ip4:192.0.2.7 -all", "ip4:192.0.2.9"}, []any{"-include:_spf.google.com", "", nil}),
			"h":     one("h", "s1._domainkey"), "x": pick[any](c.dice, 12, "12.5", true),
		}}
	case 7:
		return "raw", map[string]any{"template": rawTemplate, "allow": c.either([]any{[]any{"*"}, []any{"caa", "NS"}}, []any{[]any{}, []any{nil}}), "variables": variables{"x": "a"}}
	case 8:
		return "web", map[string]any{"template": webTemplate, "allow": []any{"*"}, "variables": variables{"h": one("www", "@", "s1._domainkey")}}
	}
	return "google_workspace", map[string]any{"variables": variables{"dkim_record": one("v=DKIM1; k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=", "k=rsa; p=MIIB")}}
}

func (c configuration) services() any {
	services := make(map[string]any)
	for range c.below(4) {
		key, s := c.service()
		switch {
		case c.wrong && c.in(6):
			services[key] = nil
			continue
		case c.in(5):
			s["host"] = c.either([]any{"news", "@", "mail.news"}, []any{"a..b", "x.example.org."})
		}
		services[key] = s
	}
	return services
}

// randomConfig is an argument for the function `records`, with something wrong in one of four.
func randomConfig(d *dice) map[string]any {
	c := configuration{dice: d, wrong: d.in(4)}
	if d.in(8) {
		return c.parked()
	}
	config := map[string]any{"domain": "example.com", "services": c.services()}
	optional := map[string]func() any{
		"existing": func() any {
			return c.either([]any{"v=spf1 mx -all", "v=spf1 include:old.example ~all", nil}, []any{"v=spf1 -include:_spf.google.com -all", "v=spf1 ip4:x", ""})
		},
		"mechanisms": func() any {
			return c.some([]any{"a", "ip4:192.0.2.9", "include:_spf.google.com"}, []any{nil, "-include:spf.acme.example", "ip4:0.0.0.0/1", "includes:x"})
		},
		"remove": func() any {
			return c.some([]any{"include:old.example", "mx"}, []any{nil, "-include:_spf.google.com", "ip4:x"})
		},
		"all":            func() any { return c.either([]any{"fail", "softfail", "keep", nil}, []any{"pass", "-all"}) },
		"allow_pass_all": func() any { return c.either([]any{nil, false, true, "true"}, []any{"yes", 1}) },
		"ttl":            func() any { return c.either([]any{300, nil, "600"}, []any{number("300.5"), 0, "1h"}) },
		"acknowledge": func() any {
			return c.some([]any{"spf-ending", "service-left-out", "dmarc-mailing-lists"}, []any{nil, "spf"})
		},
		"extra": func() any {
			record := c.either([]any{map[string]any{"name": "@", "type": "TXT", "value": "token"}, map[string]any{"name": "mail", "type": "A", "value": "192.0.2.1", "ttl": 60}},
				[]any{map[string]any{}, nil, map[string]any{"name": "@", "type": "SPF", "value": "x"}, map[string]any{"name": "s1._domainkey", "type": "TXT", "value": "p="}})
			return map[string]any{fmt.Sprint(c.either([]any{"own", "x y"}, []any{"a/b", ""})): record}
		},
		"keys": func() any {
			key := c.either([]any{map[string]any{"cname": "k.example.net"}, map[string]any{"record": "k=rsa; p=", "cname": nil}, map[string]any{"record": edRecord, "state": "active"}, map[string]any{"record": edRecord, "state": "revoked"}, map[string]any{"state": "revoked"}},
				[]any{map[string]any{}, nil, map[string]any{"cname": "k.example.net", "record": "p="}, map[string]any{"cname": "x y"}, map[string]any{"cname": "k.example.net", "state": "revoked"}, map[string]any{"record": edRecord, "state": "old"}, map[string]any{"state": "active"}})
			return map[string]any{fmt.Sprint(c.either([]any{"own", "s2"}, []any{"s1", "s 1"})): key}
		},
	}
	maps.Copy(optional, c.policies())
	for _, name := range slices.Sorted(maps.Keys(optional)) {
		if v := optional[name]; d.below(3) == 1 {
			config[name] = v()
		}
	}
	return config
}

// parked is an argument for a domain that is parked.
func (c configuration) parked() map[string]any {
	config := map[string]any{"domain": "example.com", "parked": c.either([]any{true}, []any{false, nil, "no"}), "hosts": c.some([]any{"www", "a.b"}, []any{nil, "*", "@", "www.example.com"})}
	if c.below(2) == 1 {
		config["dmarc"] = map[string]any{"aggregate_reports": c.some([]any{"a@example.org", "b@example.net"}, []any{"b", "a@example.com"}), "policy": c.either([]any{nil, "reject"}, []any{"none"})}
	}
	if c.wrong && c.below(2) == 1 {
		config["services"] = c.services()
	}
	return config
}

// object makes an object of some of the attributes.
func (c configuration) object(optional map[string]func() any) map[string]any {
	o := make(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(optional)) {
		if v := optional[name]; c.below(3) == 1 {
			o[name] = v()
		}
	}
	if c.wrong && c.in(8) {
		o["polcy"] = "none"
	}
	return o
}

// policies makes the policies of a domain.
func (c configuration) policies() map[string]func() any {
	addresses := func() any {
		return c.some([]any{"a@example.com", "mailto:b@reports.example.net", "https://reports.example.net/d"}, []any{nil, "c", "mailto:a@example.com", "a@example.com,b@example.com"})
	}
	return map[string]func() any{
		"dmarc": func() any {
			policy := func() any { return c.either([]any{"none", "quarantine", "reject"}, []any{"p=none", "", nil, []any{}}) }
			o := c.object(map[string]func() any{
				"subdomain_policy": policy, "nonexistent_subdomain_policy": policy,
				"testing":        func() any { return c.either([]any{true, false, nil}, []any{"maybe"}) },
				"dkim_alignment": func() any { return c.either([]any{"strict", "relaxed"}, []any{"s", "tight"}) }, "spf_alignment": func() any { return c.either([]any{"strict", nil}, []any{"r"}) },
				"aggregate_reports": addresses, "failure_reports": addresses,
				"failure_options": func() any { return c.some([]any{"1", "d", "s"}, []any{"0", nil, "0:d"}) },
				"psd":             func() any { return c.either([]any{"n", "u", "y"}, []any{"no"}) },
				"existing": func() any {
					return c.either([]any{"v=DMARC1; p=none; pct=0; rua=mailto:x@example.org", "v=DMARC1; p=reject; psd=n; fo=1"}, []any{"v=DMARC1 p=none", "v=DMARC1; psd=y; ruf=mailto:a@example.com"})
				},
			})
			if !c.wrong || c.below(2) == 1 {
				o["policy"] = policy()
			}
			if o["psd"] == "y" && !c.wrong {
				delete(o, "failure_reports")
			}
			return o
		},
		"mta_sts": func() any {
			o := c.object(map[string]func() any{
				"max_age": func() any { return c.either([]any{86400, 0, nil}, []any{31557601, "week", number("1.5")}) },
				"host": func() any {
					return c.either([]any{"sts.example.net", nil}, []any{"x y", "192.0.2.1", "mta-sts.example.com", ""})
				},
				"addresses": func() any { return c.some([]any{"192.0.2.1", "2001:db8::1"}, []any{nil, "sts.example.net"}) },
			})
			o["mode"] = c.either([]any{"testing", "enforce", "none"}, []any{"enforced", "", nil})
			if c.below(3) > 0 {
				o["mx"] = c.either([]any{[]any{"mx.example.net"}, []any{"*.example.net", "mx.example.com"}}, []any{[]any{"a.*.example"}, []any{"mx"}, []any{nil}, []any{}})
			}
			if !c.wrong && o["host"] != nil {
				delete(o, "addresses")
			}
			return o
		},
		"tls_rpt": func() any {
			return map[string]any{"reports": c.either([]any{[]any{"t@example.com", "https://r.example.net"}}, []any{addresses(), []any{}, nil})}
		},
		"bimi": func() any {
			o := c.object(map[string]func() any{
				"selector": func() any { return c.either([]any{"brand", "default", nil}, []any{"default._bimi", "a b"}) },
				"certificate": func() any {
					return c.either([]any{"https://example.com/c.pem", nil}, []any{"http://example.com/c.pem"})
				},
				"avatar":   func() any { return c.either([]any{"brand", "personal"}, []any{"logo"}) },
				"declined": func() any { return c.either([]any{false, nil}, []any{true, "no"}) },
			})
			o["logo"] = c.either([]any{"https://example.com/l.svg"}, []any{"https://example.com/l.png", "logo", nil})
			return o
		},
		"mx": func() any {
			return c.either([]any{[]any{"10 mx.example.net"}, []any{"10 mx.example.net", "20 mx2.example.net"}, []any{"0 ."}, nil}, []any{[]any{}, []any{"mx.example.net"}, []any{"0 .", "10 mx.example.net"}, []any{nil}})
		},
	}
}

// masked returns a copy in which some parts are unknown.
func masked(d *dice, v any) any {
	if d.in(12) {
		return unknown
	}
	switch v := v.(type) {
	case map[string]any:
		parts := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts[key] = masked(d, v[key])
		}
		return parts
	case []any:
		elements := make([]any, len(v))
		for i, e := range v {
			elements[i] = masked(d, e)
		}
		return elements
	}
	return v
}

func isKnown(v any) bool {
	switch v := v.(type) {
	case unknownValue:
		return false
	case map[string]any:
		for _, part := range v {
			if !isKnown(part) {
				return false
			}
		}
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !isKnown(e) })
	}
	return true
}

// knownPart returns the attributes that are known in full; of services and keys, the elements that are.
func knownPart(c map[string]any) map[string]any {
	part := make(map[string]any)
	for name, v := range c {
		elements, ok := v.(map[string]any)
		switch {
		case isKnown(v):
			part[name] = v
		case ok:
			known := make(map[string]any)
			for key, e := range elements {
				if isKnown(e) {
					known[key] = e
				}
			}
			part[name] = known
		}
	}
	return part
}

// refines returns how a value differs from what was planned for it, in what was known by then; nothing where it does not.
func refines(at string, planned, applied tftypes.Value) string {
	if !planned.IsKnown() {
		return ""
	}
	if planned.IsNull() || applied.IsNull() || !applied.IsKnown() {
		if !planned.Equal(applied) {
			return fmt.Sprintf("%s: planned %s, applied %s", at, planned, applied)
		}
		return ""
	}
	if planned.Type().Is(tftypes.Map{}) || planned.Type().Is(tftypes.Object{}) {
		var p, a map[string]tftypes.Value
		if planned.As(&p) != nil || applied.As(&a) != nil {
			return at + ": not a map"
		}
		if keys, got := slices.Sorted(maps.Keys(p)), slices.Sorted(maps.Keys(a)); !slices.Equal(keys, got) {
			return fmt.Sprintf("%s: planned %q, applied %q", at, keys, got)
		}
		for _, key := range slices.Sorted(maps.Keys(p)) {
			if text := refines(at+"["+key+"]", p[key], a[key]); text != "" {
				return text
			}
		}
		return ""
	}
	if planned.IsFullyKnown() && !planned.Equal(applied) {
		return fmt.Sprintf("%s: planned %s, applied %s", at, planned, applied)
	}
	return ""
}

func errorLinesOf(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(strings.TrimPrefix(err.Error(), "\n"), "\n")
}

// mayHeal reports whether an error that the known part makes may go away with what is unknown.
func mayHeal(c map[string]any, line string) bool {
	is := func(name string) bool { return !isKnown(c[name]) }
	dmarc, _ := c["dmarc"].(map[string]any)
	inDMARC := func(name string) bool { return !isKnown(dmarc[name]) }
	if strings.Contains(line, "dmarc.") && (inDMARC("existing") || inDMARC("psd") || inDMARC("failure_options") && strings.Contains(line, "dmarc.failure_options:")) {
		return true // They have a say in what other attributes may hold.
	}
	for _, policy := range []string{"dmarc", "mta_sts", "tls_rpt", "bimi"} {
		attributes, _ := c[policy].(map[string]any)
		for name, v := range attributes {
			if !isKnown(v) && strings.Contains(line, policy+"."+name+": It is missing") {
				return true
			}
		}
	}
	if strings.Contains(line, "mta_sts.mx:") && (is("services") || is("mx")) {
		return true // The hosts may come from there.
	}
	return is("remove") && !strings.HasPrefix(line, "remove[") || is("allow_pass_all") && strings.Contains(line, "allow_pass_all")
}

// agree checks that what was planned with unknown values is what is applied once they are known.
func agree(t *testing.T, p plugin, d *dice) (planned bool) {
	t.Helper()
	config := randomConfig(d)
	plan := masked(d, config)
	describe := func() string { return fmt.Sprintf("\nplan:  %v\napply: %v", plan, config) }
	ofPlan, planErr := p.call(t, "records", plan)
	ofApply, applyErr := p.call(t, "records", config)
	for _, err := range []error{planErr, applyErr} {
		if err != nil && blamesProvider(err.Error()) {
			t.Fatalf("the error blames the provider: %v%s", err, describe())
		}
	}
	switch {
	case planErr != nil && applyErr == nil:
		t.Fatalf("the plan fails for what can be applied: %v%s", planErr, describe())
	case applyErr != nil:
		c, ok := plan.(map[string]any)
		if !ok || planErr != nil || !isKnown(c["domain"]) {
			return false
		}
		_, known := p.call(t, "records", knownPart(c))
		for _, line := range errorLinesOf(known) {
			if slices.Contains(errorLinesOf(applyErr), line) && !mayHeal(c, line) {
				t.Fatalf("the plan could have said %q%s", line, describe())
			}
		}
		return false
	}
	if text := refines("records", ofPlan, ofApply); text != "" {
		t.Fatalf("%s%s", text, describe())
	}
	if !ofPlan.IsKnown() || ofPlan.IsFullyKnown() {
		return false
	}
	agreeOnward(t, p, ofPlan, ofApply, describe)
	return true
}

// agreeOnward does the same for what is made of the records.
func agreeOnward(t *testing.T, p plugin, ofPlan, ofApply tftypes.Value, describe func() string) {
	t.Helper()
	for _, name := range []string{"rrsets", "zone_file"} {
		planned, planErr := p.callWith(t, name, records(ofPlan))
		applied, applyErr := p.callWith(t, name, records(ofApply))
		if planErr != nil && applyErr == nil {
			t.Fatalf("the plan of %s fails for what can be applied: %v%s", name, planErr, describe())
		}
		if planErr == nil && applyErr == nil {
			if text := refines(name, planned, applied); text != "" {
				t.Fatalf("%s%s", text, describe())
			}
		}
	}
}

// Plan and apply agree, whatever of the configuration is unknown while it is planned: no key vanishes or appears, no
// known part changes, and what is wrong in the known part is said by then.
func TestRecordsPlanAndApplyAgree(t *testing.T) {
	t.Parallel()
	parts, configurations := uint64(8), uint64(300) // of each part
	if testing.Short() {
		configurations = 20
	}
	for part := range parts {
		t.Run(fmt.Sprint("part ", part), func(t *testing.T) {
			t.Parallel()
			p := newPlugin(t)
			var partly uint64
			for seed := range configurations {
				if agree(t, p, rolled(part*configurations+seed)) {
					partly++
				}
			}
			if partly < configurations/20 {
				t.Errorf("%d of %d configurations had records that are known in part: too few to say anything", partly, configurations)
			}
		})
	}
}

// conforming returns what Terraform makes of an attribute of a policy: of other types than its own, nothing.
func conforming(name string, v any) any {
	if o, ok := v.(map[string]any); ok {
		parts := make(map[string]any, len(o))
		for name, part := range o {
			parts[name] = conforming(name, part)
		}
		return parts
	}
	_, isList := v.([]any)
	_, isText := v.(string)
	switch {
	case slices.Contains([]string{"aggregate_reports", "failure_reports", "failure_options", "acknowledge", "mx", "reports", "addresses", "hosts"}, name):
		if !isList {
			return nil
		}
	case isList, isText && slices.Contains([]string{"testing", "declined", "max_age"}, name):
		return nil
	}
	return v
}

// typed returns a configuration as the schema of a data source has it: with the attributes that there are, and of the
// types that Terraform makes of them.
func typed(config map[string]any, names ...string) map[string]any {
	attributes := make(map[string]any)
	for _, name := range names {
		attributes[name] = config[name]
	}
	if _, isText := attributes["ttl"].(string); isText {
		attributes["ttl"] = 600
	}
	if _, isText := attributes["parked"].(string); isText {
		attributes["parked"] = false
	}
	switch attributes["allow_pass_all"].(type) {
	case string, int:
		attributes["allow_pass_all"] = true
	}
	for _, name := range []string{"dmarc", "mta_sts", "tls_rpt", "bimi", "mx", "hosts"} {
		attributes[name] = conforming(name, attributes[name])
	}
	services, _ := attributes["services"].(map[string]any)
	for _, s := range services {
		s, _ := s.(map[string]any)
		variables, _ := s["variables"].(map[string]any)
		for name, v := range variables {
			if v != nil {
				variables[name] = fmt.Sprint(v)
			}
		}
	}
	return attributes
}

// What a data source can be read with is no error either while some of it is unknown.
func TestDataSourcesTakeUnknowns(t *testing.T) {
	t.Parallel()
	configurations := uint64(500)
	if testing.Short() {
		configurations = 40
	}
	for source, names := range map[string][]string{
		"maildomain_spf":     {"domain", "services", "existing", "mechanisms", "remove", "all", "allow_pass_all", "ttl", "acknowledge"},
		"maildomain_dkim":    {"domain", "services", "keys", "ttl", "acknowledge"},
		"maildomain_records": {"domain", "services", "existing", "mechanisms", "remove", "all", "allow_pass_all", "ttl", "keys", "dmarc", "mta_sts", "tls_rpt", "bimi", "mx", "parked", "hosts", "extra", "acknowledge"},
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			p := newUnasking(t)
			var right uint64
			for seed := range configurations {
				d := rolled(seed)
				config := typed(randomConfig(d), names...)
				if len(failures(p.read(t, source, config))) > 0 {
					continue
				}
				right++
				plan, _ := masked(d, config).(map[string]any)
				if plan == nil {
					continue // Terraform asks nothing of a configuration that is unknown as a whole.
				}
				if got := failures(p.validate(t, source, plan)); len(got) > 0 {
					t.Fatalf("the plan fails for what can be read: %q\nplan:  %v\napply: %v", got, plan, config)
				}
			}
			if right < configurations/10 {
				t.Errorf("%d of %d configurations could be read: too few to say anything", right, configurations)
			}
		})
	}
	// What SPF has no use for is not asked for while something else is unknown.
	p := newUnasking(t)
	config := map[string]any{"domain": "example.com", "services": map[string]any{"microsoft365": map[string]any{}}, "flatten": unknown}
	if got := failures(p.validate(t, "maildomain_spf", config)); len(got) > 0 {
		t.Errorf("errors = %q, want none", got)
	}
}

func FuzzRecordsPlanAndApplyAgree(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(rolled(seed).octets)
	}
	p := newPlugin(f)
	f.Fuzz(func(t *testing.T, octets []byte) { agree(t, p, &dice{octets: octets}) })
}
