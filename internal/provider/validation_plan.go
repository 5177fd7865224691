package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// objectAsOptions lets null and unknown values through to the fields, which can hold both.
var objectAsOptions = basetypes.ObjectAsOptions{}

// ValidateConfig refuses what no DNS can ever meet, as far as the values are known.
func (r *validationResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config validationModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	expected, diags := config.expectations(ctx)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(contradictions(expected)...)
	resp.Diagnostics.Append(quoted(expected)...)
	resp.Diagnostics.Append(config.checkTimeouts()...)
}

func contradictions(expected []verify.Expectation) diag.Diagnostics {
	var diags diag.Diagnostics
	if contradiction, ok := errors.AsType[*verify.ContradictionError](verify.CheckExpectations(expected)); ok {
		diags.AddAttributeError(path.Root("records").AtMapKey(contradiction.Second), "Records that exclude each other", compose.Sentence(contradiction.Error()))
	}
	return diags
}

// quoted warns of TXT values in quotes or with escapes, which would be waited for in vain.
func quoted(expected []verify.Expectation) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, e := range expected {
		if summary, why := whyQuoted(e); why != "" {
			diags.AddAttributeWarning(path.Root("records").AtMapKey(e.Key).AtName("value"), summary,
				fmt.Sprintf("records[%s]: %s. Use the `value` of a record here, not its `quoted` form.", record.DisplayQuoted(e.Key), why))
		}
	}
	return diags
}

// whyQuoted says in which way a TXT value is written for a zone file or for a DNS provider; empty where it is not. Quotes and
// backslashes may be part of other texts than records of mail.
func whyQuoted(e verify.Expectation) (summary, why string) {
	value, form, ok := record.Pasted(e.Value)
	plain := record.Unescape(e.Value)
	switch {
	case e.Type != record.TXT:
	case len(e.Value) > 1 && strings.HasPrefix(e.Value, `"`) && strings.HasSuffix(e.Value, `"`):
		return "TXT value in quotes", "the value starts and ends with a quote, and DNS would have to serve it with them"
	case ok && form != "" && record.FormatOf(value) != "":
		return "TXT value in quotes", fmt.Sprintf("the value is %s, and DNS would have to serve it so", form)
	case plain != e.Value && record.FormatOf(plain) != "":
		return "TXT value with escapes", "the value has backslashes before its signs, and DNS would have to serve it with them"
	}
	return "", ""
}

// checkTimeouts refuses durations that are not positive. What is no duration at all, the attribute itself refuses.
func (m validationModel) checkTimeouts() diag.Diagnostics {
	var diags diag.Diagnostics
	for name, v := range m.Timeouts.Attributes() {
		text, ok := v.(types.String)
		if !ok || text.IsNull() || text.IsUnknown() {
			continue
		}
		if d, err := time.ParseDuration(text.ValueString()); err == nil && d <= 0 {
			diags.AddAttributeError(path.Root("timeouts").AtName(name), "Invalid duration", compose.Sentence(checkPositiveDuration(text.ValueString()).Error()))
		}
	}
	return diags
}

// ModifyPlan decides whether an apply will wait. It looks at state and configuration alone, so that
// the plan that is reviewed and the one made while applying agree.
func (r *validationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // It is going to be destroyed.
	}
	var plan validationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if req.State.Raw.IsNull() {
		plan.planWait(types.StringUnknown(), types.BoolValue(true))
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
		return
	}
	var state validationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	switch changes, known := plan.changesFrom(state); {
	case (!known || plan.OnDrift.IsUnknown()) && !state.Valid.ValueBool():
		// Whether there is anything to wait for shows when the values are known. If not, the state stays
		// as it is, and that is not valid.
		plan.planWait(state.ID, types.BoolUnknown())
	case changes || plan.revalidates(state):
		plan.planWait(state.ID, types.BoolValue(true))
	default:
		plan.copyResults(state)
		resp.Diagnostics.Append(plan.driftWarning(ctx)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// planWait plans that the apply waits. It fails unless DNS matches, so that it is known beforehand that the state will be
// valid, and that nothing will differ.
func (m *validationModel) planWait(id types.String, valid types.Bool) {
	m.ID, m.Valid = id, valid
	values := types.ListType{ElemType: types.StringType}
	m.Observed = types.MapValueMust(values, nil)
	if valid.IsUnknown() {
		m.Observed = types.MapUnknown(values)
	}
	m.Report = types.StringUnknown()
}

// changesFrom reports whether the model asks for something else than the state holds, in an option that
// DNS has a say in, and whether all of these are known.
func (m validationModel) changesFrom(state validationModel) (changes, known bool) {
	known = true
	pairs := [][2]attr.Value{
		{m.Records, state.Records},
		{m.Query, state.Query},
		{m.Require, state.Require},
		{m.Consecutive, state.Consecutive},
		{m.Follow, state.Follow},
		{m.Triggers, state.Triggers},
	}
	for _, pair := range pairs {
		if !pair[0].Equal(pair[1]) {
			changes = true
		}
		if !wholly(pair[0]) {
			known = false
		}
	}
	return changes, known
}

// wholly reports whether a value is known with all that it holds.
func wholly(v attr.Value) bool {
	value, err := v.ToTerraformValue(context.Background())
	return err == nil && value.IsFullyKnown()
}

// revalidates reports whether a drift that was found has to be waited out.
func (m validationModel) revalidates(state validationModel) bool {
	return m.onDrift() == driftRevalidate && !state.Valid.IsNull() && !state.Valid.ValueBool()
}

// driftWarning names the domain in its summary: Terraform shows one of several warnings with equal ones.
func (m validationModel) driftWarning(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	if m.onDrift() == driftWarn && !m.Valid.IsNull() && !m.Valid.ValueBool() {
		expected, _ := m.expectations(ctx)
		diags.AddWarning("Live DNS of "+domainsOf(expected)+" no longer matches", "The records matched at an earlier validation, but live DNS served something else when it was last asked. "+
			"Check who changed them; to wait for them again on apply, set `on_drift = \"revalidate\"`.\n\n"+m.Report.ValueString())
	}
	return diags
}
