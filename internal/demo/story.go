package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
)

// A step is one scene of the story. Its play fails unless all went as the text says.
type step struct {
	title string
	look  string // what to look at
	play  func(context.Context, *demo) error
}

func story() []step {
	return []step{
		{"what is there", "example.com sends with Microsoft 365: an SPF record that ends in ~all, a verification token, two DKIM CNAMEs. " +
			"ns3 follows the other servers " + lag.String() + " later.", showZone},
		{"terraform plan", "Catglobe is added. The one SPF record gets a second include and ends in -all, with a warning that this tightens it; " +
			"the token stays; there is one more DKIM CNAME.", plan},
		{"terraform apply", "The records are published in an instant, but the apply goes on until ns3 serves them too.", apply},
		{"terraform plan once more", "Nothing to do.", planAgain},
		{"somebody deletes a DKIM record", "The plan acts on nothing, shows what changed in DNS, and warns that live DNS no longer matches.", tamper},
		{"an apply that cannot succeed", "With on_drift = revalidate the apply waits for the record again, here for 5 s. Nobody publishes it, and the error says what is missing, and where.", fail},
		{"the record comes back", "The state is valid again, and there is nothing to do.", mend},
	}
}

func (d *demo) heading(n, of int, s step) {
	d.output.Reset()
	fmt.Printf("\n%s Step %d of %d: %s\n%s Look at: %s\n\n", mark, n, of, s.title, mark, s.look)
}

func showZone(_ context.Context, d *demo) error {
	fmt.Println(d.dns.Summary())
	fmt.Println(d.zone)
	return nil
}

func (d *demo) planFile() string { return filepath.Join(d.dir, "plan") }

func plan(ctx context.Context, d *demo) error {
	changes, err := d.tf.Plan(ctx, tfexec.Out(d.planFile()))
	if err != nil {
		return err
	}
	if !changes {
		return errors.New("the plan has no changes")
	}
	return d.expect(
		`v=spf1 include:spf.protection.outlook.com include:spf.catglobe.example -all`,
		"cg1.dkim.catglobe.example",
		"MS=ms12345678",
		"Warning: ",
	)
}

func apply(ctx context.Context, d *demo) error {
	started := time.Now()
	if err := d.tf.Apply(ctx, tfexec.DirOrPlan(d.planFile())); err != nil {
		return err
	}
	if took := time.Since(started); took < lag {
		return fmt.Errorf("the apply took %s and did not wait for ns3", took)
	}
	return d.expect("Apply complete!", "Please validate them and finish the set-up")
}

func planAgain(ctx context.Context, d *demo) error { return d.noChanges(ctx, false) }

const deleted = "cg1._domainkey"

func tamper(ctx context.Context, d *demo) error {
	// A validation judges only what all servers say, so that the third one must not lag now.
	d.zone.Server("ns3").Lag(0)
	d.zone.Delete(deleted)
	if err := d.noChanges(ctx, true); err != nil {
		return err
	}
	return d.expect("Live DNS of example.com no longer matches", "NXDOMAIN")
}

func fail(ctx context.Context, d *demo) error {
	err := d.tf.Apply(ctx, tfexec.Var("on_drift=revalidate"), tfexec.Var("wait=5s"))
	if err == nil {
		return errors.New("the apply went through although the record is missing")
	}
	return d.expect("Error: Live DNS of example.com does not match", "expected: cg1.dkim.catglobe.example", "NXDOMAIN")
}

func mend(ctx context.Context, d *demo) error {
	d.zone.Add(deleted + " 3600 IN CNAME cg1.dkim.catglobe.example.")
	if err := d.tf.Apply(ctx, tfexec.Refresh(true)); err != nil {
		return err
	}
	d.tf.SetStdout(io.Discard)
	state, err := d.tf.Show(ctx)
	d.tf.SetStdout(d.screen())
	if err != nil {
		return err
	}
	if !valid(state) {
		return errors.New("the validation is not valid again")
	}
	return nil
}

// noChanges plans, and fails if the plan acts on a resource. Outputs may change: they tell what was seen.
func (d *demo) noChanges(ctx context.Context, drift bool) error {
	if _, err := d.tf.Plan(ctx, tfexec.Out(d.planFile())); err != nil {
		return err
	}
	d.tf.SetStdout(io.Discard) // The same in JSON is not for people.
	plan, err := d.tf.ShowPlanFile(ctx, d.planFile())
	d.tf.SetStdout(d.screen())
	if err != nil {
		return err
	}
	for _, change := range plan.ResourceChanges {
		if !change.Change.Actions.NoOp() {
			return fmt.Errorf("the plan acts on %s: %v", change.Address, change.Change.Actions)
		}
	}
	if !drift && strings.Contains(d.output.String(), "Live DNS of example.com no longer matches") {
		return errors.New("the plan warns of drift")
	}
	return nil
}

// expect fails unless Terraform printed all of the texts in this step. It wraps lines where it shows a
// diagnostic.
func (d *demo) expect(texts ...string) error {
	printed := flatten(d.output.String())
	for _, text := range texts {
		if !strings.Contains(printed, flatten(text)) {
			return fmt.Errorf("the output does not show %q", text)
		}
	}
	return nil
}

func flatten(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "│", " ")), " ")
}

func valid(state *tfjson.State) bool {
	for _, r := range state.Values.RootModule.Resources {
		if r.Type == "maildomain_validation" {
			valid, _ := r.AttributeValues["valid"].(bool)
			return valid
		}
	}
	return false
}
