package provider_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

// plugin returns a provider in this process that asks the lab, with what else its block has.
func (l lab) plugin(t testing.TB, attributes map[string]any) plugin {
	t.Helper()
	p := newPlugin(t)
	block := map[string]any{"resolvers": []any{l.ResolverAddr()}, "authoritative_port": int(l.Port())}
	maps.Copy(block, attributes)
	resp, err := p.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: p.config(t, "", block)})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatalf("ConfigureProvider(%v) = %v, %v", block, resp, err)
	}
	return p
}

// validation is a validation that was made once: its configuration, and what the state has.
type validation struct{ config, state *tfprotov6.DynamicValue }

// same reports whether two states are one. The elements of a map come in any order.
func (p plugin) same(a, b *tfprotov6.DynamicValue) bool {
	typ := p.schemas.ResourceSchemas[validationType].ValueType()
	one, err := a.Unmarshal(typ)
	if err != nil {
		return false
	}
	other, err := b.Unmarshal(typ)
	return err == nil && one.Equal(other)
}

// asTerraform is how many resources Terraform refreshes at the same time.
const asTerraform = 10

const validationType = "maildomain_validation"

// made returns a validation with a configuration, of which the state says that it is valid.
func (p plugin) made(t testing.TB, config map[string]any) validation {
	t.Helper()
	state := maps.Clone(config)
	maps.Copy(state, map[string]any{"id": "validation", "valid": true, "observed": map[string]any{}, "report": "All records match."})
	return validation{p.config(t, validationType, config), p.config(t, validationType, state)}
}

// replan asks what a plan asks about resources in which nothing changed, so many at the same time. It returns what is
// said of them. What a refresh or a plan changes of one is a failure.
func (p plugin) replan(t testing.TB, parallel int, validations []validation) []*tfprotov6.Diagnostic {
	t.Helper()
	found, failed := make([][]*tfprotov6.Diagnostic, len(validations)), make([]error, len(validations))
	slots := make(chan struct{}, parallel)
	var group sync.WaitGroup
	for i, v := range validations {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			found[i], failed[i] = p.replanOne(t.Context(), v)
		})
	}
	group.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	var all []*tfprotov6.Diagnostic
	for _, diags := range found {
		all = append(all, diags...)
	}
	return all
}

func (p plugin) replanOne(ctx context.Context, v validation) ([]*tfprotov6.Diagnostic, error) {
	valid, err := p.server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: validationType, Config: v.config})
	if err != nil {
		return nil, err
	}
	read, err := p.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: validationType, CurrentState: v.state})
	if err != nil {
		return nil, err
	}
	diags := slices.Concat(valid.Diagnostics, read.Diagnostics)
	if !p.same(read.NewState, v.state) {
		return nil, fmt.Errorf("a refresh changed the state: %v", failures(diags))
	}
	plan, err := p.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: validationType, Config: v.config, PriorState: read.NewState, ProposedNewState: read.NewState, PriorPrivate: read.Private,
	})
	if err != nil {
		return nil, err
	}
	diags = append(diags, plan.Diagnostics...)
	if !p.same(plan.PlannedState, v.state) {
		return nil, fmt.Errorf("a plan changes the state: %v", failures(diags))
	}
	return diags, nil
}

// A refresh that changes something is noticed, and so is a plan.
func TestReplan(t *testing.T) {
	t.Parallel()
	l := newShortLab(t)
	l.zone.SetTXT("@", spfA)
	p := l.plugin(t, nil)
	config := func(value string) map[string]any {
		return map[string]any{"records": map[string]any{"spf": map[string]any{"fqdn": "example.com", "type": "TXT", "value": value}}, "on_drift": "revalidate"}
	}
	if diags, err := p.replanOne(t.Context(), p.made(t, config(spfA))); err != nil || len(diags) > 0 {
		t.Errorf("replanOne(what is live) = %v, %v, want nothing", diags, err)
	}
	if diags, err := p.replanOne(t.Context(), p.made(t, config(spfB))); err == nil || !strings.Contains(err.Error(), "a refresh changed") {
		t.Errorf("replanOne(what is not live) = %v, %v, want that the refresh changes it", diags, err)
	}
	due := config(spfB)
	due["id"], due["valid"], due["observed"], due["report"] = "validation", false, map[string]any{}, ""
	l.Recursors()[0].Inject(dnstest.RCode(2)) // So that the refresh leaves the state as it is.
	p = l.plugin(t, nil)
	if diags, err := p.replanOne(t.Context(), validation{p.config(t, validationType, config(spfB)), p.config(t, validationType, due)}); err == nil || !strings.Contains(err.Error(), "a plan changes") {
		t.Errorf("replanOne(what is due) = %v, %v, want that the plan changes it", diags, err)
	}
}
