package service_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// rawRecord is a record of a template as its file has it.
type rawRecord struct{ Type, Host, PointsTo, Data, SPFRules string }

// A slip is a value that people give for a variable: more than the variable stands for.
type slip struct {
	name, variable, value string
	right                 string // what the error says to write; empty where the value leaves nothing to write
}

var (
	reference = regexp.MustCompile(`%([A-Za-z0-9_]+)%`)
	suggested = regexp.MustCompile(`write "([^"]+)"`)
)

// goodValues returns a value for each variable of a service, of its kind and unlike all others.
func goodValues(variables []service.Variable) map[string]string {
	values := make(map[string]string)
	for i, v := range variables {
		tail := string(rune('a'+i/10)) + string(rune('0'+i%10))
		switch v.Kind {
		case service.KindDomain:
			values[v.Name] = "k" + tail + ".zone" + tail + ".example.net"
		case service.KindHost, service.KindSelector, service.KindLabel:
			values[v.Name] = "q" + tail
		case service.KindToken:
			values[v.Name] = "1" + tail[1:]
		case service.KindDKIM:
			values[v.Name] = dkimRecord
		default:
			values[v.Name] = "text-" + tail
		}
	}
	return values
}

// slipsOf derives the mistakes that people make with the variables of a template from its fields.
func slipsOf(records []rawRecord, variables []service.Variable) []slip {
	values := goodValues(variables)
	kinds := make(map[string]service.VariableKind)
	for _, v := range variables {
		kinds[v.Name] = v.Kind
	}
	var slips []slip
	add := func(name, variable, value, right string) {
		slips = append(slips, slip{name + " for " + variable, variable, value, right})
	}
	filled := func(text string) string {
		return reference.ReplaceAllStringFunc(text, func(m string) string {
			if name := strings.Trim(m, "%"); values[name] != "" {
				return values[name]
			}
			return "example.com"
		})
	}
	for _, r := range records {
		for field, text := range map[string]string{"host": r.Host, "pointsTo": r.PointsTo, "spfRules": r.SPFRules} {
			for _, at := range reference.FindAllStringSubmatchIndex(text, -1) {
				variable := text[at[2]:at[3]]
				good, known := values[variable]
				if !known {
					continue
				}
				before, after := filled(text[:at[0]]), filled(text[at[1]:])
				if field == "spfRules" {
					before = before[strings.LastIndex(before, ":")+1:]
				}
				if strings.Trim(after, ".") != "" && !strings.HasPrefix(after, ".") && len(after) < 3 {
					continue // A number behind it is not copied by itself.
				}
				if after != "" {
					add("what stands behind", variable, good+after, good)
					add("what stands behind, with a dot,", variable, good+after+".", good)
				}
				if strings.Contains(before, "%{") {
					continue // Nobody takes an SPF macro for a part of a name.
				}
				if before != "" {
					add("what stands before", variable, before+good, good)
					add("the whole field", variable, before+good+after, good)
					add("the whole field as URL", variable, "https://"+before+good+after+"/", good)
				}
				if after != "" && field == "host" {
					add("the whole owner", variable, before+good+after+".example.com", good)
				}
			}
		}
	}
	for variable, kind := range kinds {
		good := values[variable]
		switch kind {
		case service.KindDomain:
			add("URL", variable, "https://"+good, good)
			add("URL with a path", variable, "http://"+good+"/login?x=y", good)
			add("mail address", variable, "postmaster@"+good, good)
			add("SPF term", variable, "include:"+good, good)
			add("SPF record", variable, "v=spf1 include:"+good+" -all", good)
			add("end twice", variable, good+".example.net", "")
			add("name twice", variable, good+"."+good, good)
			add("one label", variable, "x", "")
		case service.KindHost:
			add("whole name", variable, good+".example.com", good)
			add("URL", variable, "https://"+good+".example.com/", good)
			add("the domain", variable, "example.com", "")
		case service.KindSelector:
			add("owner", variable, good+"._domainkey", good)
			add("whole owner", variable, good+"._domainkey.example.com", good)
		case service.KindLabel:
			add("name", variable, good+".example.org", good)
		}
	}
	// A name whose end stands in it once more is one that somebody may have.
	return slices.DeleteFunc(slips, func(s slip) bool { return strings.HasPrefix(s.name, "end twice") })
}

// Every mistake that the fields of a built-in service invite is told on its variable, with the value to write, and that
// value passes.
func TestBuiltinSlips(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, id := range service.Builtins() {
		data, err := os.ReadFile("builtin/" + id + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var raw struct{ Records []rawRecord }
		if err := json.Unmarshal(data, &raw); err != nil {
			t.Fatal(err)
		}
		parsed := builtin(t, id)
		info := parsed.Info()
		u := service.Use{Domain: domain, Groups: []string{}, Allow: []string{"*"}}
		for _, g := range info.Groups {
			u.Groups = append(u.Groups, g.ID)
		}
		if info.HostRequired {
			u.Host = "news"
		}
		values := goodValues(info.Variables)
		apply := func(variable, value string) error {
			u := u
			u.Variables = maps.Clone(values)
			u.Variables[variable] = value
			for _, v := range info.Variables {
				if strings.Contains(v.Default, "%"+variable+"%") {
					delete(u.Variables, v.Name) // The default, with the variable in it, counts.
				}
			}
			_, err := parsed.Apply(u)
			return err
		}
		if len(values) > 0 {
			if err := apply(info.Variables[0].Name, values[info.Variables[0].Name]); err != nil && !strings.Contains(err.Error(), "do not go together") {
				t.Errorf("%s: the good values are refused: %v", id, err)
				continue
			}
		}
		for _, s := range slipsOf(raw.Records, info.Variables) {
			err := apply(s.variable, s.value)
			var variable *service.VariableError
			if !errors.As(err, &variable) || variable.Name != s.variable {
				t.Errorf("%s, %s (%q): error = %v, want one on the variable", id, s.name, s.value, err)
				continue
			}
			checked++
			got := suggested.FindStringSubmatch(err.Error())
			if s.right == "" {
				if got != nil {
					t.Errorf("%s, %s (%q): error = %v, want no value to write", id, s.name, s.value, err)
				}
				continue
			}
			if len(got) < 2 || got[1] != s.right {
				t.Errorf("%s, %s (%q): error = %v, want one that says to write %q", id, s.name, s.value, err, s.right)
				continue
			}
			if err := apply(s.variable, got[1]); err != nil {
				t.Errorf("%s, %s (%q): the value %q that the error names is refused: %v", id, s.name, s.value, got[1], err)
			}
		}
	}
	if checked < 500 {
		t.Errorf("%d mistakes were checked, want at least 500", checked)
	}
	t.Logf("%d mistakes checked", checked)
}

// Records that lead to themselves or to no host are refused on the variable that makes them so.
func TestTargetsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		records  string
		use      service.Use
		variable string // empty where all is well
		says     string
	}{
		"the owner as target":       {`{"type":"CNAME","host":"s1._domainkey","pointsTo":"%t%"}`, use("t=s1._domainkey.example.com"), "t", "lead to itself"},
		"the owner, in capitals":    {`{"type":"CNAME","host":"s1._domainkey","pointsTo":"%t%"}`, use("t=S1._DomainKey.Example.com."), "t", "lead to itself"},
		"an owner made the target":  {`{"type":"CNAME","host":"%h%","pointsTo":"x.%domain%"}`, use("h=x"), "h", "lead to itself"},
		"one label":                 {`{"type":"CNAME","host":"s1._domainkey","pointsTo":"%t%"}`, use("t=x"), "t", "one label"},
		"one label, MX":             {`{"type":"MX","host":"@","pointsTo":"%t%","priority":10}`, use("t=mx"), "t", "one label"},
		"the end twice":             {`{"type":"CNAME","host":"s1._domainkey","pointsTo":"%t%"}`, use("t=s1.acme.example.acme.example"), "t", `write "s1.acme.example"`},
		"a URL as target":           {`{"type":"CNAME","host":"em","pointsTo":"%t%"}`, use("t=https://u1.wl1.acme.example"), "t", `write "u1.wl1.acme.example"`},
		"a URL with a login":        {`{"type":"CNAME","host":"em","pointsTo":"%t%"}`, use("t=https://secret@u1.wl1.acme.example/?token=secret"), "t", `write "u1.wl1.acme.example"`},
		"key label in the selector": {`{"type":"TXT","host":"%s%._domainkey","data":"p="}`, use("s=x._domainkey"), "s", `write "x"`},
		"key label and domain":      {`{"type":"TXT","host":"%s%._domainkey","data":"p="}`, use("s=x._domainkey.example.com"), "s", `write "x"`},
		"token with its zone":       {`{"type":"CNAME","host":"%t%._domainkey","pointsTo":"%t%.dkim.acme.example"}`, use("t=abc.dkim.acme.example"), "t", `write "abc"`},
		"part of its zone":          {`{"type":"CNAME","host":"x","pointsTo":"%t%.a.dkim.acme.example"}`, use("t=abc.a.dkim"), "t", `write "abc"`},
		"part of a label before":    {`{"type":"CNAME","host":"x","pointsTo":"hs1-%t%.acme.example"}`, use("t=hs1-42"), "t", `write "42"`},
		"an SPF term":               {`{"type":"SPFM","host":"@","spfRules":"include:%t%.spf.acme.example"}`, use("t=include:x.spf.acme.example"), "t", `write "x"`},
		"MX at its own name":        {`{"type":"MX","host":"@","pointsTo":"%t%","priority":10}`, use("t=example.com"), "", ""},
		"one label that recurs":     {`{"type":"CNAME","host":"x","pointsTo":"%t%.mail.acme.example"}`, use("t=mail"), "", ""},
		"a target in the domain":    {`{"type":"CNAME","host":"x","pointsTo":"%t%"}`, use("t=y.example.com"), "", ""},
		"underscore before":         {`{"type":"SRV","name":"@","service":"_%s%","protocol":"tcp","target":"a.acme.example","priority":0,"weight":0,"port":1}`, use("s=_imaps"), "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.use.Allow = []string{"*"}
			got, err := mustParse(t, template(tt.records)).Apply(tt.use)
			if tt.variable == "" {
				if err != nil {
					t.Errorf("Apply: %v", err)
				}
				return
			}
			var variable *service.VariableError
			if !errors.As(err, &variable) || variable.Name != tt.variable || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("Apply = %q, %v, want an error on %q that says %q", lines(got), err, tt.variable, tt.says)
			}
		})
	}
}
