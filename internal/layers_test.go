package internal_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/catglobe/terraform-provider-maildomain"

// ranks order the packages: each may import those of lower ranks only.
var ranks = map[string]int{
	"internal/display":   -1,
	"internal/dnsname":   0,
	"internal/netblock":  0,
	"internal/problem":   0,
	"internal/record":    1,
	"internal/answer":    2,
	"internal/pemkey":    2,
	"internal/reporturi": 2,
	"internal/taglist":   2,
	"internal/spf/qname": 2,
	"internal/spf":       3,
	"internal/spf/tree":  4,
	"internal/spf/check": 4,
	"internal/spf/merge": 5,
	"internal/dkim":      3,
	"internal/dmarc":     3,
	"internal/mtasts":    3,
	"internal/tlsrpt":    3,
	"internal/bimi":      3,
	"internal/tlsa":      3,
	"internal/service":   6,
	"internal/compose":   7,
	"internal/verify":    7,
	"internal/audit":     7,
	"internal/resolve":   7, // beside verify: the client does not know who waits
	"internal/discover":  8,
	"internal/fetch":     8, // over what audit declares
	"internal/provider":  9,
	"":                   10, // main
}

// helpers are packages that no package of the product may import.
var helpers = []string{
	"internal/dnstest", "internal/realdns", "internal/service/gendocs",
	"internal/verify/faultmatrix", "internal/advicetest", "internal/spf/spftest",
}

// list returns for each package of the module what go list says of it in the given field.
func list(t *testing.T, field string) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join ."+field+" \" \"}}", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := make(map[string][]string)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		packages[short(fields[0])] = fields[1:]
	}
	return packages
}

// short returns the path of a package of this module within it, and any other as it is.
func short(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

func TestLayersImportsPointDown(t *testing.T) {
	t.Parallel()
	for path, imports := range list(t, "Imports") {
		rank, known := ranks[path]
		if !known {
			if !slices.Contains(helpers, path) && path != "internal" {
				t.Errorf("%s has no place in the layers: give it one in this test", path)
			}
			continue
		}
		for _, imported := range imports {
			if !strings.HasPrefix(imported, module) {
				continue
			}
			below, product := ranks[short(imported)]
			if !product || below >= rank {
				t.Errorf("%s imports %s, which does not lie below it", path, short(imported))
			}
		}
	}
}

func TestLayersOnlyTheProviderKnowsTerraform(t *testing.T) {
	t.Parallel()
	for path, deps := range list(t, "Deps") {
		rank, product := ranks[path]
		if !product || rank >= ranks["internal/provider"] {
			continue
		}
		for _, dep := range deps {
			if strings.HasPrefix(dep, "github.com/hashicorp/") {
				t.Errorf("%s depends on %s", path, dep)
			}
		}
	}
}

func TestLayersOnlyTheClientKnowsTheDNSLibrary(t *testing.T) {
	t.Parallel()
	for path, deps := range list(t, "Deps") {
		rank, product := ranks[path]
		if product && rank < ranks["internal/resolve"] && slices.Contains(deps, "github.com/miekg/dns") {
			t.Errorf("%s depends on github.com/miekg/dns", path)
		}
	}
	for path, imports := range list(t, "Imports") {
		if _, product := ranks[path]; product && path != "internal/resolve" && slices.Contains(imports, "github.com/miekg/dns") {
			t.Errorf("%s imports github.com/miekg/dns", path)
		}
	}
}

// The SPF engine could stand alone, with names, the text of records, and what must not be shown of it.
func TestLayersSPFStandsAlone(t *testing.T) {
	t.Parallel()
	for path, deps := range list(t, "Deps") {
		if !strings.HasPrefix(path+"/", "internal/spf/") {
			continue
		}
		for _, dep := range deps {
			own := strings.HasPrefix(short(dep)+"/", "internal/spf/")
			if strings.HasPrefix(dep, module) && !own && !slices.Contains([]string{"internal/dnsname", "internal/record", "internal/display"}, short(dep)) {
				t.Errorf("%s depends on %s", path, short(dep))
			}
		}
	}
}
