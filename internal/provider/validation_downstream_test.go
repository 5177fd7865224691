package provider_test

import (
	"strings"
	"testing"
)

// behind is a configuration of what stands behind the validation: a data source that depends on it and one that refers
// to its id, a resource made from the former, and one that refers to the id.
func (l lab) behind(options string) string {
	return l.plain(spfA, options) + `
data "maildomain_dkim" "behind" {
  domain     = "example.com"
  keys       = { s1 = { cname = "s1.dkim.example.net" } }
  depends_on = [maildomain_validation.this]
}
data "maildomain_dkim" "referring" {
  domain = maildomain_validation.this.id == "" ? "example.org" : "example.com"
}
resource "terraform_data" "consumer" {
  input = data.maildomain_dkim.behind.records["example.com/keys/s1"].value
}
resource "terraform_data" "after" {
  input = maildomain_validation.this.id
}
`
}

// wantParts checks that a printed text has all parts, and none of the others.
func wantParts(t *testing.T, out string, parts, others []string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(out, part) {
			t.Errorf("terraform printed:\n%s\nwant %q in it", out, part)
		}
	}
	for _, other := range others {
		if strings.Contains(out, other) {
			t.Errorf("terraform printed:\n%s\nwant no %q in it", out, other)
		}
	}
}

const (
	deferred    = "data.maildomain_dkim.behind will be read during apply # (depends on a resource or a module with changes pending)"
	referringTo = "data.maildomain_dkim.referring will be read during apply # (depends on a resource or a module with changes pending)"
	read        = "data.maildomain_dkim.behind: Read complete"
)

// What stands behind the validation waits for it, and no longer than that.
func TestValidationDownstream(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	c := newCLI(t, l.behind(""))
	wantParts(t, c.plan(t, 2), []string{deferred, "input = (known after apply)", "Plan: 3 to add"}, []string{read})
	out := c.apply(t)
	complete := strings.Index(out, "maildomain_validation.this: Creation complete")
	for _, later := range []string{"data.maildomain_dkim.behind: Reading", "terraform_data.after: Creating", "terraform_data.consumer: Creating"} {
		if at := strings.Index(out, later); complete < 0 || at < complete {
			t.Errorf("terraform printed:\n%s\nwant %q behind the validation", out, later)
		}
	}

	// Nothing changes: the data source is read while planning.
	wantParts(t, c.plan(t, 0), []string{read, "No changes."}, nil)

	// A drift that is warned of is no change: nothing is deferred.
	l.zone.SetTXT("@", spfB)
	wantParts(t, c.plan(t, 0), []string{read, "No changes.", "Warning: Live DNS of example.com no longer matches"}, nil)

	// A revalidation is one, and so is an option that DNS has no say in. A reference defers a
	// data source no less than depends_on; a resource does not mind, as the id stays known.
	for _, options := range []string{`on_drift = "revalidate"`, `settle = true`} {
		c.configure(t, l.behind(options))
		planned := []string{
			deferred, referringTo, "maildomain_validation.this will be updated in-place", "terraform_data.consumer will be updated in-place",
			`input = "s1.dkim.example.net" -> (known after apply)`, "Plan: 0 to add, 2 to change, 0 to destroy.",
		}
		wantParts(t, c.plan(t, 2), planned, []string{read, "terraform_data.after will"})
	}
}

// Where the validation fails, nothing behind it is made.
func TestValidationDownstreamOfAFailure(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := newCLI(t, strings.Replace(l.behind(""), "30s", "1s", 1))
	wantParts(t, c.exits(t, 1, "apply", "-auto-approve"), []string{"Error: Live DNS of example.com does not match"}, []string{"terraform_data.after: Creating", "data.maildomain_dkim.behind: Reading"})
	if out := c.exits(t, 0, "state", "list"); strings.Contains(out, "terraform_data") || strings.Contains(out, "maildomain") {
		t.Errorf("the state has %s, want nothing", out)
	}
}

// A target before the validation leaves it out; the validation as a target takes along what it depends on, and
// nothing behind it.
func TestValidationAndTargets(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	c := newCLI(t, l.behind("depends_on = [terraform_data.dns]")+`
resource "terraform_data" "dns" {}
`)
	l.ResetQuestions()
	wantParts(t, c.apply(t, "-target=terraform_data.dns"), []string{"1 added"}, []string{address})
	if n := l.Count(); n > 0 {
		t.Errorf("%d questions were asked: %v", n, l.Questions())
	}
	wantParts(t, c.apply(t, "-target="+address), []string{address + ": Creation complete", "1 added"}, []string{"terraform_data.after"})
}
