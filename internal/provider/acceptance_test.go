package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// acceptance runs steps with the real CLI and a provider in this process. It checks what [resource.UnitTest] checks, with
// a fifth of the starts of the CLI: nothing is initialised, a plan is shown only to the checks that read it, the exit
// code of a plan says whether it is empty, the state is read from its file, a plan after an apply is made only where the state
// has something to change, one without a refresh only where the refresh changes what is planned from, and what is left is
// destroyed by the provider without Terraform.
func acceptance(t *testing.T, serve func() provider.Provider, steps ...resource.TestStep) {
	t.Helper()
	c := newCLI(t, "")
	var refreshed atomic.Bool
	c.serve(t, providers{providerName: watched(serving(serve)[providerName], &refreshed)})
	for i, step := range steps {
		if step.PreConfig != nil {
			step.PreConfig()
		}
		c.configure(t, step.Config)
		err := c.step(t, step, &refreshed)
		switch {
		case step.ExpectError == nil && err != nil:
			t.Fatalf("step %d of %d: %v", i+1, len(steps), err)
		case step.ExpectError == nil:
		case err == nil:
			t.Fatalf("step %d of %d has no error, want one that matches %q", i+1, len(steps), step.ExpectError)
		case !step.ExpectError.MatchString(err.Error()):
			t.Fatalf("step %d of %d: %v\nwant an error that matches %q", i+1, len(steps), err, step.ExpectError)
		}
	}
	c.destroy(t, newPluginOf(t, serve))
}

// holds reports whether the state has what a plan could change: resources that are managed, or outputs.
func (c cli) holds(t *testing.T) bool {
	t.Helper()
	state := c.stateFile(t)
	managed := func(r stateResource) bool { return r.Mode == "managed" }
	return len(state.Outputs) > 0 || slices.ContainsFunc(state.Resources, managed)
}

// destroy has the provider destroy the validations of the state, with the calls that Terraform makes.
func (c cli) destroy(t *testing.T, p plugin) {
	t.Helper()
	typ := p.schemas.ResourceSchemas[validationType].ValueType()
	none, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, attributes := range c.validations(t) {
		upgraded, err := p.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{TypeName: validationType, RawState: &tfprotov6.RawState{JSON: attributes}})
		if err != nil || len(upgraded.Diagnostics) > 0 {
			t.Fatalf("UpgradeResourceState(%s) = %v, %v", attributes, upgraded, err)
		}
		plan, err := p.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{TypeName: validationType, PriorState: upgraded.UpgradedState, ProposedNewState: &none, Config: &none})
		if err != nil || len(plan.Diagnostics) > 0 || !isNull(plan.PlannedState) {
			t.Fatalf("PlanResourceChange(%s to nothing) = %v, %v", attributes, plan, err)
		}
		apply, err := p.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{TypeName: validationType, PriorState: upgraded.UpgradedState, PlannedState: plan.PlannedState, Config: &none})
		if err != nil || len(apply.Diagnostics) > 0 || !isNull(apply.NewState) {
			t.Fatalf("ApplyResourceChange(%s to nothing) = %v, %v", attributes, apply, err)
		}
	}
}

func isNull(state *tfprotov6.DynamicValue) bool {
	null, err := state.IsNull()
	return err == nil && null
}

// stateFile is the part of the file of a state that tests look at.
type stateFile struct {
	Outputs   map[string]json.RawMessage
	Resources []stateResource
}

type stateResource struct {
	Mode, Type, Name string
	Instances        []struct{ Attributes json.RawMessage }
}

// stateFile reads the state; it is empty where there is none.
func (c cli) stateFile(t *testing.T) stateFile {
	t.Helper()
	var state stateFile
	text, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) {
		return state
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	return state
}

// validations returns the attributes of the validations in the state.
func (c cli) validations(t *testing.T) []json.RawMessage {
	t.Helper()
	var all []json.RawMessage
	for _, r := range c.stateFile(t).Resources {
		for _, i := range r.Instances {
			if r.Type == validationType {
				all = append(all, i.Attributes)
			}
		}
	}
	return all
}

// step applies one step, and sees to it that nothing is left to do.
func (c cli) step(t *testing.T, step resource.TestStep, refreshed *atomic.Bool) error {
	t.Helper()
	if !step.PlanOnly {
		if err := c.applyStep(t, step); err != nil {
			return err
		}
	}
	if !step.PlanOnly && !c.holds(t) {
		return nil
	}
	refreshed.Store(false)
	plan := []string{"plan", "-detailed-exitcode"}
	out, err := c.attempt(t, plan...)
	if err == nil && refreshed.Load() { // It may hide what a plan would do that does not refresh.
		out, err = c.attempt(t, append(plan, "-refresh=false")...)
	}
	if err != nil {
		return fmt.Errorf("the plan is an error, or not empty: %w\n%s", err, out)
	}
	return nil
}

// refreshing is a provider that notes whether what it reads of a resource differs from the state. Where it does not, a plan
// is the same with and without a refresh.
type refreshing struct {
	tfprotov6.ProviderServer
	refreshed *atomic.Bool
}

func watched(serve func() tfprotov6.ProviderServer, refreshed *atomic.Bool) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer { return refreshing{serve(), refreshed} }
}

func (r refreshing) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := r.ProviderServer.ReadResource(ctx, req)
	if err != nil || !reflect.DeepEqual(resp.NewState, req.CurrentState) || !bytes.Equal(resp.Private, req.Private) {
		r.refreshed.Store(true)
	}
	return resp, err
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
		state := c.shown(t)
		for _, check := range step.ConfigStateChecks {
			var resp statecheck.CheckStateResponse
			if check.CheckState(t.Context(), statecheck.CheckStateRequest{State: state}, &resp); resp.Error != nil {
				t.Errorf("state: %v", resp.Error)
			}
		}
	}
	return nil
}

// show reads what Terraform shows of the file of a plan.
func (c cli) show(t *testing.T, plan *tfjson.Plan, file string) {
	t.Helper()
	if err := plan.UnmarshalJSON([]byte(c.run(t, "show", "-json", file))); err != nil {
		t.Fatal(err)
	}
}

// shown returns the values that `terraform show` has of the root module. The file of the state has the same, but for the
// attributes of dynamic type, whose values have their types beside them; of the resources here, terraform_data has such.
func (c cli) shown(t *testing.T) *tfjson.State {
	t.Helper()
	var state struct {
		Outputs   map[string]*tfjson.StateOutput
		Resources []struct {
			Module, Mode, Type, Name string
			Instances                []struct {
				Key        any `json:"index_key"`
				Attributes map[string]any
			}
		}
	}
	file, err := os.Open(filepath.Join(c.dir, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.UseNumber()
	if err := decoder.Decode(&state); err != nil {
		t.Fatal(err)
	}
	root := new(tfjson.StateModule)
	for _, r := range state.Resources {
		if r.Module != "" {
			continue
		}
		address := r.Type + "." + r.Name
		if r.Mode == "data" {
			address = "data." + address
		}
		for _, i := range r.Instances {
			for name, v := range i.Attributes {
				if dynamic, ok := v.(map[string]any); ok && r.Type == "terraform_data" {
					i.Attributes[name] = dynamic["value"]
				}
			}
			at := address
			switch key := i.Key.(type) {
			case string:
				at += fmt.Sprintf("[%q]", key)
			case json.Number:
				at += fmt.Sprintf("[%s]", key)
			}
			root.Resources = append(root.Resources, &tfjson.StateResource{Address: at, Type: r.Type, Name: r.Name, Index: i.Key, AttributeValues: i.Attributes})
		}
	}
	return &tfjson.State{Values: &tfjson.StateValues{Outputs: state.Outputs, RootModule: root}}
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

// What the file of the state has is what the CLI shows of it.
func TestShown(t *testing.T) {
	t.Parallel()
	c := newCLI(t, `
data "maildomain_dkim" "each" {
  for_each = toset(["a", "b"])
  domain   = "${each.key}.example.com"
  keys     = { s1 = { cname = "k.example.net" } }
}

data "maildomain_dkim" "count" {
  count  = 2
  domain = "example.com"
}

data "maildomain_dkim" "this" {
  domain = "example.com"
  ttl    = 600
}

resource "terraform_data" "this" {
  input = { text = "x", list = [1, true, null] }
}

output "number" { value = 9007199254740993 }
output "records" { value = data.maildomain_dkim.each["a"].records }
output "secret" {
  value     = "x"
  sensitive = true
}
`)
	c.apply(t)
	var want tfjson.State
	want.UseJSONNumber(true)
	if err := want.UnmarshalJSON([]byte(c.run(t, "show", "-json"))); err != nil {
		t.Fatal(err)
	}
	values := func(s *tfjson.State) map[string]any {
		all := make(map[string]any)
		for name, output := range s.Values.Outputs {
			all["output."+name] = output.Value
		}
		for _, r := range s.Values.RootModule.Resources {
			all[r.Address] = r.AttributeValues
		}
		return all
	}
	got := values(c.shown(t))
	if diff := cmp.Diff(values(&want), got); diff != "" {
		t.Errorf("the state is not what the CLI shows: -shown +read\n%s", diff)
	}
	if len(got) != 9 {
		t.Errorf("the state has %d values, want 3 outputs and 6 resources", len(got))
	}
}

// reader is a provider that reads resources as a function says.
type reader struct {
	tfprotov6.ProviderServer
	read func() (*tfprotov6.ReadResourceResponse, error)
}

func (r reader) ReadResource(context.Context, *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return r.read()
}

// A refresh that changes what is planned from is noticed, whatever it changes.
func TestRefreshing(t *testing.T) {
	t.Parallel()
	state := func(text string) *tfprotov6.DynamicValue { return &tfprotov6.DynamicValue{MsgPack: []byte(text)} }
	tests := map[string]struct {
		resp *tfprotov6.ReadResourceResponse
		err  error
		want bool
	}{
		"nothing":       {&tfprotov6.ReadResourceResponse{NewState: state("a"), Private: []byte("p")}, nil, false},
		"the state":     {&tfprotov6.ReadResourceResponse{NewState: state("b"), Private: []byte("p")}, nil, true},
		"private state": {&tfprotov6.ReadResourceResponse{NewState: state("a"), Private: []byte("q")}, nil, true},
		"a failure":     {nil, errors.New("failed"), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var refreshed atomic.Bool
			read := reader{read: func() (*tfprotov6.ReadResourceResponse, error) { return tt.resp, tt.err }}
			server := watched(func() tfprotov6.ProviderServer { return read }, &refreshed)()
			resp, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{CurrentState: state("a"), Private: []byte("p")})
			if resp != tt.resp || !errors.Is(err, tt.err) || refreshed.Load() != tt.want {
				t.Errorf("ReadResource = %v, %v, noticed: %t, want %t", resp, err, refreshed.Load(), tt.want)
			}
		})
	}
}
