package compose

import (
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Whatever comes to one key twice, no record is lost in silence.
func TestStoreTakenKey(t *testing.T) {
	t.Parallel()
	d := newBuilder(Config{Domain: dnsname.MustParse("example.com")}, 0)
	first := record.Record{Owner: dnsname.MustParse("a.example.com"), Type: record.TXT, Value: "1"}
	second := record.Record{Owner: dnsname.MustParse("b.example.com"), Type: record.CNAME, Value: "b.example"}
	d.store("k", first, problem.Unknown{}, Attribute("services").Key("a"))
	d.store("k", second, valueUnknown(true), Attribute("services").Key("b"))
	if d.records["k"] != first || d.unknown.Any() {
		t.Errorf("record = %v, %v, want the first", d.records["k"], d.unknown)
	}
	if len(d.problems) != 1 || d.problems[0].Path.String() != `services["b"]` || !strings.Contains(d.problems[0].Detail, "a.example.com") {
		t.Errorf("problems = %v, want one that names both", d.problems)
	}
}
