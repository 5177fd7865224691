package provider_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// acceptance runs steps with the real CLI and a provider in this process. It checks what [resource.UnitTest] checks, with
// a third of the starts of the CLI: nothing is initialised, a plan is shown only to the checks that read it, and the exit
// code of a plan says whether it is empty.
func acceptance(t *testing.T, serve func() provider.Provider, steps ...resource.TestStep) {
	t.Helper()
	c := newCLI(t, "")
	c.serve(t, serving(serve))
	var applied string // the last configuration that was
	for i, step := range steps {
		if step.PreConfig != nil {
			step.PreConfig()
		}
		c.configure(t, step.Config)
		err := c.step(t, step)
		switch {
		case step.ExpectError == nil && err != nil:
			t.Fatalf("step %d of %d: %v", i+1, len(steps), err)
		case step.ExpectError == nil:
			applied = step.Config
		case err == nil:
			t.Fatalf("step %d of %d has no error, want one that matches %q", i+1, len(steps), step.ExpectError)
		case !step.ExpectError.MatchString(err.Error()):
			t.Fatalf("step %d of %d: %v\nwant an error that matches %q", i+1, len(steps), err, step.ExpectError)
		}
	}
	if c.manages(t) {
		c.configure(t, applied)
		if _, err := c.attempt(t, "destroy", "-auto-approve", "-refresh=false"); err != nil {
			t.Fatal(err)
		}
	}
}

// step applies one step, and sees to it that nothing is left to do.
func (c cli) step(t *testing.T, step resource.TestStep) error {
	t.Helper()
	if !step.PlanOnly {
		if err := c.applyStep(t, step); err != nil {
			return err
		}
	}
	var plans [][]string
	if c.manages(t) { // The refresh may hide from a plan what another would do.
		plans = append(plans, []string{"plan", "-detailed-exitcode", "-refresh=false"})
	}
	for _, plan := range append(plans, []string{"plan", "-detailed-exitcode"}) {
		if out, err := c.attempt(t, plan...); err != nil {
			return fmt.Errorf("the plan is an error, or not empty: %w\n%s", err, out)
		}
	}
	return nil
}

func (c cli) applyStep(t *testing.T, step resource.TestStep) error {
	t.Helper()
	apply := []string{"apply", "-auto-approve"}
	if checks := step.ConfigPlanChecks.PreApply; len(checks) > 0 {
		const file = "tfplan"
		apply = []string{"apply", file}
		if _, err := c.attempt(t, "plan", "-out="+file); err != nil {
			return err
		}
		var plan tfjson.Plan
		plan.UseJSONNumber(true)
		c.show(t, &plan, file)
		for _, check := range checks {
			var resp plancheck.CheckPlanResponse
			if check.CheckPlan(t.Context(), plancheck.CheckPlanRequest{Plan: &plan}, &resp); resp.Error != nil {
				t.Errorf("plan: %v", resp.Error)
			}
		}
	}
	if _, err := c.attempt(t, apply...); err != nil {
		return err
	}
	if len(step.ConfigStateChecks) > 0 {
		var state tfjson.State
		state.UseJSONNumber(true)
		c.show(t, &state)
		for _, check := range step.ConfigStateChecks {
			var resp statecheck.CheckStateResponse
			if check.CheckState(t.Context(), statecheck.CheckStateRequest{State: &state}, &resp); resp.Error != nil {
				t.Errorf("state: %v", resp.Error)
			}
		}
	}
	return nil
}

// show reads what Terraform shows of the state, or of the file of a plan.
func (c cli) show(t *testing.T, into json.Unmarshaler, file ...string) {
	t.Helper()
	if err := into.UnmarshalJSON([]byte(c.run(t, append([]string{"show", "-json"}, file...)...))); err != nil {
		t.Fatal(err)
	}
}

// manages reports whether the state has resources.
func (c cli) manages(t *testing.T) bool {
	t.Helper()
	state, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return bytes.Contains(state, []byte(`"mode": "managed"`))
}

// attempt runs Terraform. An error has what it printed.
func (c cli) attempt(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd, out := c.command(t.Context(), slices.Insert(args, 1, "-no-color", "-input=false")...)
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("terraform %v: %w\n%s", args, err, out)
	}
	return out.String(), nil
}
