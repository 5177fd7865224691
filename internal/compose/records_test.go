package compose_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

// ses is a service without some of its variables.
func ses(without ...string) compose.Service {
	s := compose.Service{Service: "amazon_ses", Variables: map[string]string{"dkim_token_1": "t1", "dkim_token_2": "t2", "dkim_token_3": "t3", "region": "eu-west-1", "mail_from": "mail"}}
	for _, name := range without {
		delete(s.Variables, name)
	}
	return s
}

// templated is a service that writes its template itself.
func templated(records string) compose.Service {
	return compose.Service{Template: `{"serviceName":"Acme","records":[` + records + `]}`}
}

// What SPF and DKIM make one by one is what Records makes, with the same keys, and what else the services ask for.
func TestRecordsAreThoseOfSPFAndDKIM(t *testing.T) {
	t.Parallel()
	key := rsaKey(t, 2048)
	services := map[string]compose.Service{
		"catglobe":     catglobe("spf_include=spf.acme.example", "dkim_selector=cg1", "dkim_target=cg1.acme.example"),
		"microsoft365": {Variables: map[string]string{"tenant": "acme", "mx_target": "example-com.mail.protection.outlook.com"}, Groups: []string{"spf", "dkim", "mx"}},
		"ses":          ses(),
	}
	c := compose.Config{
		Domain: domain, Services: services, Keys: map[string]compose.Key{"own": {PublicKey: key.pem}},
		Existing: "v=spf1 ip4:192.0.2.1 include:old.example ~all", Mechanisms: []string{"ip4:192.0.2.9"}, Remove: []string{"include:old.example"},
		Options: merge.Options{All: merge.AllKeep}, TTL: 600,
	}
	got, err := compose.Records(c)
	if err != nil {
		t.Fatal(err)
	}
	ofSPF, err := compose.SPF(t.Context(), compose.Config{
		Domain: domain, Services: services, Existing: c.Existing, Mechanisms: c.Mechanisms, Remove: c.Remove, Options: merge.Options{All: c.All}, TTL: c.TTL,
	}, memory{})
	if err != nil {
		t.Fatal(err)
	}
	ofDKIM, err := compose.DKIM(compose.Config{Domain: domain, Services: services, Keys: c.Keys, TTL: c.TTL})
	if err != nil {
		t.Fatal(err)
	}
	mx, err := record.New(domain, domain, record.MX, 600, "0 example-com.mail.protection.outlook.com")
	if err != nil {
		t.Fatal(err)
	}
	want := record.Set{"example.com/microsoft365/mx": mx}
	maps.Copy(want, ofSPF.Records)
	maps.Copy(want, ofDKIM.Records)
	for key, r := range got.Records {
		if strings.HasPrefix(key, "example.com/ses/mail_from_mx") {
			want[key] = r // TestRecordsUnknown looks at it.
		}
	}
	if diff := cmp.Diff(values(want), values(got.Records)); diff != "" {
		t.Errorf("Records (-SPF, DKIM and MX +got):\n%s", diff)
	}
	if len(got.Records) != 11 || got.Unknown.Any() {
		t.Errorf("Records = %d records, unknown %v; want 11 that are known", len(got.Records), got.Unknown)
	}
	for key, r := range got.Records {
		if r.TTL != 600 {
			t.Errorf("%s has the TTL %d, want 600", key, r.TTL)
		}
	}
}

// partly returns key → "owner type TTL value" with a question mark for each unknown part.
func partly(got compose.Result) map[string]string {
	texts := values(got.Records)
	for _, key := range got.Unknown.Keys() {
		r, u := got.Records[key], got.Unknown.Key(key)
		owner, value, ttl := r.Owner.String(), r.Value, ""
		if u.Attribute("name").Any() {
			owner = "?"
		}
		if u.Attribute("value").Any() {
			value = "?"
		}
		if u.Attribute("ttl").Any() {
			ttl = "?s "
		}
		texts[key] = ttl + owner + " " + string(r.Type) + " " + value
	}
	return texts
}

func TestRecordsUnknown(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config compose.Config
		want   map[string]string
	}{
		"a token": {
			compose.Config{Services: map[string]compose.Service{"ses": ses("dkim_token_2", "region")}, Unknown: unknown("services[ses].variables[dkim_token_2]", "services[ses].variables[region]")},
			map[string]string{
				"example.com/ses/dkim1":        "t1._domainkey.example.com CNAME ?", // The region decides where the keys lie.
				"example.com/ses/dkim2":        "? CNAME ?",
				"example.com/ses/dkim3":        "t3._domainkey.example.com CNAME ?",
				"example.com/ses/mail_from_mx": "mail.example.com MX ?",
				"example.com/spf/mail":         "mail.example.com TXT v=spf1 include:amazonses.com -all",
			},
		},
		"a key record of a service": {
			compose.Config{Services: map[string]compose.Service{"google_workspace": {}}, Unknown: unknown("services[google_workspace].variables[dkim_record]")},
			map[string]string{
				"example.com/google_workspace/dkim": "google._domainkey.example.com TXT ?",
				"example.com/spf":                   "example.com TXT v=spf1 include:_spf.google.com -all",
			},
		},
		"an include": {
			compose.Config{
				Services: map[string]compose.Service{"acme": templated(`{"type":"SPFM","host":"@","spfRules":"include:%x%.acme.example"}`), "b": {Service: "google_workspace", Groups: []string{"spf"}}},
				Unknown:  unknown("services[acme].variables[x]"),
			},
			map[string]string{"example.com/spf": "example.com TXT ?"},
		},
		"the existing record": {
			compose.Config{
				Services: map[string]compose.Service{"sendgrid": {Variables: map[string]string{"return_path": "em1", "sendgrid_host": "u1.wl2.sendgrid.net"}}}, Options: merge.Options{All: merge.AllFail},
				Unknown: unknown("existing"),
			},
			map[string]string{
				"example.com/spf":                  "example.com TXT ?",
				"example.com/sendgrid/s1":          "s1._domainkey.example.com CNAME s1.domainkey.u1.wl2.sendgrid.net",
				"example.com/sendgrid/s2":          "s2._domainkey.example.com CNAME s2.domainkey.u1.wl2.sendgrid.net",
				"example.com/sendgrid/return_path": "em1.example.com CNAME u1.wl2.sendgrid.net",
			},
		},
		"own terms": {
			compose.Config{Services: map[string]compose.Service{"ses": ses()}, Mechanisms: []string{"a", ""}, Unknown: unknown("mechanisms[1]")},
			map[string]string{
				"example.com/ses/dkim1":        "t1._domainkey.example.com CNAME t1.dkim.amazonses.com",
				"example.com/ses/dkim2":        "t2._domainkey.example.com CNAME t2.dkim.amazonses.com",
				"example.com/ses/dkim3":        "t3._domainkey.example.com CNAME t3.dkim.amazonses.com",
				"example.com/ses/mail_from_mx": "mail.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com",
				"example.com/spf":              "example.com TXT ?",
				"example.com/spf/mail":         "mail.example.com TXT v=spf1 include:amazonses.com -all",
			},
		},
		"a removal that may heal": {
			compose.Config{
				Existing: "v=spf1 -include:_spf.google.com ~all", Services: map[string]compose.Service{"google_workspace": {Groups: []string{"spf"}}},
				Unknown: unknown("remove"),
			},
			map[string]string{"example.com/spf": "example.com TXT ?"},
		},
		"the ending": {
			compose.Config{Existing: "v=spf1 a ~all", Unknown: unknown("all")},
			map[string]string{"example.com/spf": "example.com TXT ?"},
		},
		"whether everyone may send": {
			compose.Config{Options: merge.Options{All: merge.AllPass}, Unknown: unknown("allow_pass_all")},
			map[string]string{"example.com/spf": "example.com TXT ?"},
		},
		"a removal where there is no record": {
			compose.Config{Services: map[string]compose.Service{"ses": {Service: "amazon_ses", Groups: []string{}}}, Unknown: unknown("remove")},
			map[string]string{},
		},
		"the only term": {
			compose.Config{Mechanisms: []string{""}, Unknown: unknown("mechanisms[0]")},
			map[string]string{"example.com/spf": "example.com TXT ?"},
		},
		"the TTL": {
			compose.Config{Keys: map[string]compose.Key{"s1": {CNAME: "k.acme.example"}}, Unknown: unknown("ttl")},
			map[string]string{"example.com/keys/s1": "?s s1._domainkey.example.com CNAME k.acme.example"},
		},
		"keys": {
			compose.Config{Keys: map[string]compose.Key{"s1": {}, "s2": {}, "s3": {CNAME: "k.acme.example"}}, Unknown: unknown("keys[s1].cname", "keys[s2].record", "keys[s3].public_key")},
			map[string]string{
				"example.com/keys/s1": "s1._domainkey.example.com CNAME ?",
				"example.com/keys/s2": "s2._domainkey.example.com TXT ?",
				"example.com/keys/s3": "s3._domainkey.example.com CNAME k.acme.example",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Domain = domain
			got, err := compose.Records(tt.config)
			if err != nil || got.Unknown.Whole() {
				t.Fatalf("Records = %+v, %v", got, err)
			}
			if diff := cmp.Diff(tt.want, partly(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Where keys or types depend on unknown values, the whole is unknown.
func TestRecordsUndecided(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]compose.Config{
		"the owner of SPF":             {Services: map[string]compose.Service{"ses": ses("mail_from")}, Unknown: unknown("services[ses].variables[mail_from]")},
		"the form of a key":            {Keys: map[string]compose.Key{"s1": {}}, Unknown: unknown("keys[s1].record", "keys[s1].cname")},
		"the existing record, or none": {Unknown: unknown("existing")},
		"terms, or none":               {Remove: []string{"a"}, Unknown: unknown("mechanisms")},
		"an ending, or none":           {Keys: map[string]compose.Key{"s1": {CNAME: "k.acme.example"}}, Unknown: unknown("all")},
		"all that SES needs":           {Services: map[string]compose.Service{"ses": {Service: "amazon_ses"}}, Unknown: unknown("services[ses].variables")},
	} {
		c.Domain = domain
		if got, err := compose.Records(c); err != nil || !got.Unknown.Whole() {
			t.Errorf("%s: Records = %+v, %v, want unknown", name, got, err)
		}
	}
}

// An SPF record is made where something says anything about SPF.
func TestRecordsWithoutSPF(t *testing.T) {
	t.Parallel()
	dkim := map[string]compose.Service{"google_workspace": {Groups: []string{"dkim"}, Variables: map[string]string{"dkim_record": "v=DKIM1; p="}}}
	tests := map[string]struct {
		config   compose.Config
		want     []string
		warnings []string
	}{
		"nothing":    {compose.Config{}, nil, nil},
		"keys alone": {compose.Config{Keys: map[string]compose.Key{"s1": {CNAME: "k.acme.example"}}}, []string{"example.com/keys/s1"}, nil},
		"DKIM alone": {compose.Config{Services: dkim}, []string{"example.com/google_workspace/dkim"}, []string{"services: No SPF record for the domain itself"}},
		"SPF at another owner": {
			compose.Config{Services: map[string]compose.Service{"acme": {Template: acme, Host: "news"}}},
			[]string{"example.com/acme/cname-acme._domainkey", "example.com/spf/news"},
			[]string{"services: No SPF record for the domain itself"},
		},
		"DKIM and an ending":   {compose.Config{Services: dkim, Options: merge.Options{All: merge.AllFail}}, []string{"example.com/google_workspace/dkim", "example.com/spf"}, nil},
		"an ending":            {compose.Config{Options: merge.Options{All: merge.AllFail}}, []string{"example.com/spf"}, nil},
		"an existing record":   {compose.Config{Existing: "v=spf1 a -all"}, []string{"example.com/spf"}, nil},
		"a term":               {compose.Config{Mechanisms: []string{"a"}}, []string{"example.com/spf"}, nil},
		"nothing to take from": {compose.Config{Remove: []string{"a"}}, nil, []string{"remove: Nothing to remove from"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Domain = domain
			got, err := compose.Records(tt.config)
			if err != nil || got.Unknown.Whole() {
				t.Fatalf("Records = %+v, %v", got, err)
			}
			if diff := cmp.Diff(tt.want, slices.Sorted(maps.Keys(got.Records))); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			var warnings []string
			for _, w := range problems(got.Warnings) {
				if !strings.Contains(w, "Weak or unusual DKIM key") {
					warnings = append(warnings, w)
				}
			}
			if diff := cmp.Diff(tt.warnings, warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

// A removal of a service's own term is told of at its place, whatever else is to be removed.
func TestRecordsRemoveOfAService(t *testing.T) {
	t.Parallel()
	for name, u := range map[string]problem.Unknown{"all known": {}, "another unknown": unknown("remove[0]")} {
		_, err := compose.Records(compose.Config{
			Domain: domain, Services: map[string]compose.Service{"google_workspace": {Groups: []string{"spf"}}},
			Remove: []string{"mx", "include:_spf.google.com"}, Unknown: u,
		})
		var ps compose.Problems
		if !errors.As(err, &ps) || len(ps) != 1 || ps[0].Path.String() != "remove[1]" || !strings.Contains(ps[0].Detail, "google_workspace") {
			t.Errorf("%s: Records error = %v, want one at remove[1] that names the service", name, err)
		}
	}
}

// Unknown elements keep the indices of the others.
func TestRecordsIndicesOfUnknownElements(t *testing.T) {
	t.Parallel()
	_, err := compose.Records(compose.Config{
		Domain: domain, Mechanisms: []string{"", "ip4:300.1.1.1", ""}, Remove: []string{"", "includes:a", ""}, Unknown: unknown("mechanisms[0]", "mechanisms[2]", "remove[0]", "remove[2]"),
	})
	var ps compose.Problems
	if !errors.As(err, &ps) {
		t.Fatalf("Records error = %v, want Problems", err)
	}
	if diff := cmp.Diff([]string{"mechanisms[1]: Invalid SPF terms", "remove[1]: Invalid SPF terms"}, problems(ps)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// Two services conflict as soon as owners and types say so, unless they may turn out to ask for the same.
func TestRecordsUnknownConflicts(t *testing.T) {
	t.Parallel()
	mx := func(target string) compose.Service {
		s := templated(`{"type":"MX","host":"@","pointsTo":"` + target + `","priority":1}`)
		s.Allow = []string{"@"}
		return s
	}
	tests := map[string]struct {
		a, b compose.Service
		want []string
	}{
		"MX of two templates": {mx("%x%.a.example"), mx("%x%.b.example"), []string{`services: Conflicting records of services`}},
		"MX of one template":  {mx("%x%.a.example"), mx("%x%.a.example"), nil},
		"a CNAME and a TXT": {
			templated(`{"type":"CNAME","host":"h","pointsTo":"%x%.a.example"}`), templated(`{"type":"TXT","host":"h","data":"t"}`),
			[]string{`services: Conflicting records of services`},
		},
		"owners that are not known": {
			templated(`{"type":"CNAME","host":"%x%","pointsTo":"a.example"}`), templated(`{"type":"TXT","host":"h","data":"t"}`), nil,
		},
		"one selector": {
			templated(`{"type":"TXT","host":"s._domainkey","data":"%x%"}`), templated(`{"type":"CNAME","host":"s._domainkey","pointsTo":"b.example"}`),
			[]string{`services: Two DKIM records with one selector`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var set problem.Unknown
			for key, s := range map[string]compose.Service{"a": tt.a, "b": tt.b} {
				if strings.Contains(s.Template, "%x%") {
					set.Put(nil, unknown("services["+key+"].variables[x]"))
				}
			}
			_, err := compose.Records(compose.Config{Domain: domain, Services: map[string]compose.Service{"a": tt.a, "b": tt.b}, Unknown: set})
			var ps compose.Problems
			if err != nil && !errors.As(err, &ps) {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, problems(ps)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// All that is wrong is told at once, whatever is unknown.
func TestRecordsProblems(t *testing.T) {
	t.Parallel()
	_, err := compose.Records(compose.Config{
		Domain: domain, Existing: "v=spf1 ip4:300.0.0.1", Mechanisms: []string{"includes:a"},
		Services: map[string]compose.Service{"catglob": {}, "ses": ses("dkim_token_1", "nonsense")},
		Keys:     map[string]compose.Key{"s1": {}, "s2": {Record: "p=AAAA"}},
		Unknown:  unknown("remove", "ttl", "services[ses].variables[dkim_token_1]", "services[ses].variables[nonsense]", "keys[s2].public_key"),
	})
	var ps compose.Problems
	if !errors.As(err, &ps) {
		t.Fatalf("Records error = %v, want Problems", err)
	}
	want := []string{
		"existing: Invalid SPF record",
		"mechanisms[0]: Invalid SPF terms",
		`services["catglob"]: Unknown mail service`,
		`services["ses"].variables["nonsense"]: Unknown service variable`,
		`keys["s1"]: DKIM key without a single source`,
		`keys["s2"].record: DKIM key that receivers reject`,
	}
	if diff := cmp.Diff(want, problems(ps)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if text := err.Error(); strings.Contains(text, "zoho") || !strings.Contains(text, `"catglobe"`) {
		t.Errorf("error = %s, want the nearest name and not all of them", text)
	}
}

// The worst of what is known is refused at once: no terms that are added later mend it.
func TestRecordsRefuseWhatIsKnown(t *testing.T) {
	t.Parallel()
	_, err := compose.Records(compose.Config{
		Domain: domain, Mechanisms: []string{"ip4:0.0.0.0/0"}, Unknown: unknown("existing"),
	})
	if !errors.Is(err, merge.ErrPassAll) {
		t.Errorf("Records error = %v, want %v", err, merge.ErrPassAll)
	}
}

// More lookups than receivers make show without DNS where the record's own terms are as many.
func TestRecordsPastTheLookups(t *testing.T) {
	t.Parallel()
	terms := func(n int, format string) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf(format, i))
		}
		return list
	}
	tests := map[string]struct {
		config compose.Config
		want   int // lookups that the warning counts; 0: no warning
	}{
		"includes":                {compose.Config{Mechanisms: terms(11, "include:s%d.example.net")}, 11},
		"as many as there may be": {compose.Config{Mechanisms: terms(10, "include:s%d.example.net")}, 0},
		"hosts":                   {compose.Config{Mechanisms: append(terms(6, "a:s%d.example.net"), terms(6, "mx:s%d.example.net")...)}, 12},
		"exists":                  {compose.Config{Mechanisms: terms(11, "exists:%%{i}.s%d.example.net")}, 11},
		"the client's name":       {compose.Config{Mechanisms: terms(6, "exists:%%{p}.s%d.example.net")}, 12},
		"a redirect":              {compose.Config{Mechanisms: append(terms(10, "include:s%d.example.net"), "redirect=x.example.net")}, 11},
		"addresses":               {compose.Config{Mechanisms: terms(40, "ip4:192.0.2.%d")}, 0},
		"the existing record":     {compose.Config{Existing: "v=spf1 " + strings.Join(terms(12, "include:s%d.example.net"), " ") + " -all"}, 12},
		"removed":                 {compose.Config{Existing: "v=spf1 " + strings.Join(terms(12, "include:s%d.example.net"), " ") + " -all", Remove: terms(2, "include:s%d.example.net")}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Domain = domain
			got, err := compose.Records(tt.config)
			if err != nil {
				t.Fatal(err)
			}
			want, says := "", ""
			if tt.want > 0 {
				want = fmt.Sprintf("at least %d DNS lookups", tt.want)
			}
			for _, w := range got.Warnings {
				if w.Code == "spf-permerror" {
					says += w.Detail
				}
			}
			if (says != "") != (want != "") || !strings.Contains(says, want) {
				t.Errorf("warning = %q, want one that says %q", says, want)
			}
		})
	}
}

// A removal without a record is told of, whether live DNS counts or not.
func TestSPFNothingToRemoveFrom(t *testing.T) {
	t.Parallel()
	got, err := compose.SPF(t.Context(), compose.Config{
		Domain: domain, Services: map[string]compose.Service{"google_workspace": {Groups: []string{"dkim"}}}, Remove: []string{"a"},
	}, memory{})
	want := []string{"services: No SPF record for the domain itself", "remove: Nothing to remove from"}
	if diff := cmp.Diff(want, problems(got.Warnings)); err != nil || diff != "" {
		t.Errorf("SPF: %v, warnings (-want +got):\n%s", err, diff)
	}
}

// Which unknown values decide on the keys and types of the records, and which on no more than parts of some.
func TestRecordsUndecidedByPath(t *testing.T) {
	t.Parallel()
	tests := map[bool][]string{
		true: {
			"services", "services[acme]", "services[ses].service", "services[ses].template", "services[ses].groups", "services[ses].groups[0]", "services[ses].host", "keys", "keys[s2]",
			"extra", "extra[b]", "extra[b].type", "dmarc", "mta_sts", "mta_sts.host", "mta_sts.addresses[0]", "tls_rpt", "bimi", "mx", "parked", "hosts", "hosts[0]",
		},
		false: {"services[ses].variables[dkim_token_1]", "services[ses].allow", "keys[s1].cname", "extra[a].value", "extra[a].name", "extra[a].ttl", "ttl", "acknowledge", "remove", "mechanisms[0]", "dmarc.policy"},
	}
	for want, paths := range tests {
		for _, path := range paths {
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				c := compose.Config{
					Domain: domain, Services: map[string]compose.Service{"ses": ses("dkim_token_1")}, Keys: map[string]compose.Key{"s1": {}}, Mechanisms: []string{"a"},
					Extra: map[string]compose.Extra{"a": {Name: "x", Type: "TXT", Value: "t"}}, DMARC: &dmarc.Config{Policy: "none"}, Unknown: unknown("services[ses].variables[dkim_token_1]", "keys[s1].cname", path),
				}
				if got, err := compose.Records(c); err != nil || got.Unknown.Whole() != want {
					t.Errorf("Records = %v, %v, want whole %t", got.Unknown, err, want)
				}
			})
		}
	}
}
