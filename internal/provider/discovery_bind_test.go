package provider_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/realdns"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// fleetOnBIND writes the records of the scripted domains into zones of BIND by signed updates. It returns the record sets
// that are live by their keys, and the variable of the guide's scratch configuration.
func fleetOnBIND(t *testing.T, lab *realdns.Lab) (bind *realdns.Named, live map[string]string, domains map[string]map[string][]string) {
	t.Helper()
	var zones []realdns.Zone
	live, domains = make(map[string]string), make(map[string]map[string][]string)
	configs := scripted("com")
	for i, name := range slices.Sorted(maps.Keys(configs)) {
		if i%2 == 0 { // TestDiscoveryOfAFleet has all of them.
			zones = append(zones, realdns.Zone{Name: name})
		}
	}
	bind = lab.BIND(zones...)
	for _, z := range zones {
		lab.Delegate(z.Name, bind.Server)
		made, err := compose.Records(configs[z.Name])
		if err != nil {
			t.Fatalf("%s: %v", z.Name, err)
		}
		sets, err := record.RRsets(made.Records)
		if err != nil {
			t.Fatal(err)
		}
		var changes []string
		for _, set := range sets {
			for _, quoted := range set.Quoted() {
				changes = append(changes, fmt.Sprintf("add %s. 300 %s %s", set.Owner, set.Type, quoted))
			}
		}
		if len(changes) > 0 {
			bind.Update(z.Name, changes...)
		}
		for key, set := range sets {
			if live[key] = onServer(bind, set.Owner.String(), string(set.Type)); live[key] == "" {
				t.Fatalf("%s is not served", key)
			}
		}
		domains[z.Name] = lookedAt(made.Records)
	}
	return bind, live, domains
}

// onServer returns what the server has of a record set, with its TTL.
func onServer(bind *realdns.Named, owner, typ string) string {
	var lines []string
	for _, rr := range bind.Ask(owner, typ).Answer {
		lines = append(lines, rr.String())
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// The guide from its first step to its last, with ten domains on BIND: discovery in a scratch configuration, the
// fleet's file, the module for RFC 2136, import blocks. The import changes nothing in the zones, and the plan after it is
// empty; a change of the file then reaches BIND. In the place of hashicorp/dns, whose schema it has, stands a provider
// that reads and writes the record sets as that does.
func TestDiscoveryGuideOnBIND(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	lab := realdns.New(t)
	bind, live, domains := fleetOnBIND(t, lab)
	block := fmt.Sprintf("\nprovider \"maildomain\" {\n  resolvers = [%q]\n  authoritative_port = %d\n  timeout = \"5s\"\n  max_rate = 1000\n}\n", lab.ResolverAddr(), lab.Port())
	guide := discoveryGuide(t)

	scratch := newCLI(t, block+guide[1])
	write(t, filepath.Join(scratch.dir, "terraform.tfvars.json"), `{"domains": `+mustJSON(t, domains)+`}`)
	scratch.apply(t)
	c := newCLI(t, block+guide[4])
	for file, output := range map[string]string{"domains.yaml": "fleet", "imports.yaml": "imports"} {
		cmd, out := scratch.command(t.Context(), "output", "-no-color", "-raw", output)
		cmd.Stderr = nil
		if err := cmd.Run(); err != nil {
			t.Fatalf("terraform output: %v\n%s", err, out)
		}
		write(t, filepath.Join(c.dir, file), fromFirst(out.String(), map[string]string{"domains.yaml": "d00.com:", "imports.yaml": `"d00.com":`}[file]))
	}

	if err := os.CopyFS(filepath.Join(c.dir, "domain"), os.DirFS(filepath.Join(dnsProviderExamples, "rfc2136"))); err != nil {
		t.Fatal(err)
	}
	schema, err := readProviderSchema("testdata/schemas/rfc2136.json")
	if err != nil {
		t.Fatal(err)
	}
	key, secret := bind.Key()
	c.providers["hashicorp/dns"] = func() tfprotov6.ProviderServer {
		return updating{standIn{resources: schema.Resources}, realdns.Updates{Addr: bind.Addr().String(), Key: key, Secret: secret}}
	}
	c.run(t, "get")

	before := serials(bind, domains)
	out := c.apply(t) // It prints its plan, and what it did.
	want := fmt.Sprintf("Plan: %d to import, %d to add, 0 to change, 0 to destroy.", len(live), len(domains))
	if !strings.Contains(out, want) || strings.Count(out, "maildomain_validation.mail will be created") != len(domains) {
		t.Fatalf("terraform apply printed\n%s\nwant %q, with nothing to add but the validations", out, want)
	}
	if !strings.Contains(out, fmt.Sprintf("%d imported, %d added, 0 changed, 0 destroyed", len(live), len(domains))) {
		t.Errorf("terraform apply printed\n%s", out)
	}
	c.plan(t, 0)
	if diff := cmp.Diff(before, serials(bind, domains)); diff != "" {
		t.Errorf("the import changed zones (-before +after):\n%s", diff)
	}
	for name, value := range live {
		owner, typ, _ := strings.Cut(name, "/")
		if got := onServer(bind, owner, typ); got != value {
			t.Errorf("%s = %s, want %s", name, got, value)
		}
	}

	// From here on the file says what is so.
	file, err := os.ReadFile(filepath.Join(c.dir, "domains.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(c.dir, "domains.yaml"), strings.Replace(string(file), `existing: "v=DMARC1; p=none; `, `existing: "v=DMARC1; p=reject; `, 1))
	if out := c.apply(t); !strings.Contains(out, "0 added, 2 changed, 0 destroyed") {
		t.Errorf("terraform apply printed\n%s\nwant the policy and its validation changed", out)
	}
	if got := onServer(bind, "_dmarc.d00.com", "TXT"); !strings.Contains(got, "v=DMARC1; p=reject; ") {
		t.Errorf("BIND serves %s, want the policy of the file", got)
	}
}

// fromFirst takes off what the CLI prints before a text, which is a warning of the local provider.
func fromFirst(text, begins string) string {
	_, rest, _ := strings.Cut(text, begins)
	return begins + rest
}

// serials are the serial numbers of the zones.
func serials(bind *realdns.Named, domains map[string]map[string][]string) map[string]string {
	found := make(map[string]string)
	for name := range domains {
		found[name] = onServer(bind, name, "SOA")
	}
	return found
}
