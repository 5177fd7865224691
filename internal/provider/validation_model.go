package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

type validationModel struct {
	Records     types.Map      `tfsdk:"records"`
	Query       types.String   `tfsdk:"query"`
	Require     types.String   `tfsdk:"require"`
	Consecutive types.Number   `tfsdk:"consecutive"`
	Follow      types.Bool     `tfsdk:"follow"`
	Settle      types.Bool     `tfsdk:"settle"`
	OnDrift     types.String   `tfsdk:"on_drift"`
	Triggers    types.Map      `tfsdk:"triggers"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
	ID          types.String   `tfsdk:"id"`
	Valid       types.Bool     `tfsdk:"valid"`
	Observed    types.Map      `tfsdk:"observed"`
	Report      types.String   `tfsdk:"report"`
}

// expectedModel is one element of `records`.
type expectedModel struct {
	FQDN  types.String `tfsdk:"fqdn"`
	Type  types.String `tfsdk:"type"`
	Value types.String `tfsdk:"value"`
}

func (m *expectedModel) unknown() bool {
	return m.FQDN.IsUnknown() || m.Type.IsUnknown() || m.Value.IsUnknown()
}

// missing returns the first attribute that is null; empty where all are set.
func (m *expectedModel) missing() string {
	switch {
	case m.FQDN.IsNull():
		return "fqdn"
	case m.Type.IsNull():
		return "type"
	case m.Value.IsNull():
		return "value"
	}
	return ""
}

// expectations translates `records`. Unknown elements are left out; whoever waits has only
// known ones.
func (m validationModel) expectations(ctx context.Context) ([]verify.Expectation, diag.Diagnostics) {
	var diags diag.Diagnostics
	if m.Records.IsUnknown() {
		return nil, diags
	}
	elements := make(map[string]types.Object)
	diags.Append(m.Records.ElementsAs(ctx, &elements, false)...)
	var expected []verify.Expectation
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		object := elements[key]
		if object.IsUnknown() {
			continue
		}
		if object.IsNull() {
			diags.AddAttributeError(path.Root("records").AtMapKey(key), "Record that is null",
				fmt.Sprintf("records[%s] is null. Leave it out, for example with { for key, r in … : key => r if r != null }.", record.DisplayQuoted(key)))
			continue
		}
		var element expectedModel
		if more := object.As(ctx, &element, objectAsOptions); more.HasError() {
			diags.Append(more...)
			continue
		}
		e, more := element.expectation(key)
		diags.Append(more...)
		if !more.HasError() && !element.unknown() {
			expected = append(expected, e)
		}
	}
	return expected, diags
}

// expectation translates one element, and checks of it what is known.
func (m *expectedModel) expectation(key string) (verify.Expectation, diag.Diagnostics) {
	var diags diag.Diagnostics
	element := path.Root("records").AtMapKey(key)
	if name := m.missing(); name != "" {
		diags.AddAttributeError(element.AtName(name), "Record without "+name, fmt.Sprintf("records[%s].%s is null. A record needs `fqdn`, `type` and `value`.", record.DisplayQuoted(key), name))
		return verify.Expectation{}, diags
	}
	// Terraform does not print which element of a map a diagnostic is about.
	at := func(err error) string {
		return fmt.Sprintf("records[%s]: %s", record.DisplayQuoted(key), compose.Sentence(err.Error()))
	}
	e := verify.Expectation{Key: key}
	var err error
	if !m.FQDN.IsUnknown() {
		if e.Owner, err = dnsname.Parse(m.FQDN.ValueString()); err != nil {
			diags.AddAttributeError(element.AtName("fqdn"), "Invalid owner name", at(err))
		}
	}
	if m.Type.IsUnknown() {
		return e, diags
	}
	if e.Type, err = record.ParseType(m.Type.ValueString()); err != nil {
		diags.AddAttributeError(element.AtName("type"), "Unknown record type", at(err))
		return e, diags
	}
	if !m.Value.IsUnknown() {
		if e.Value, err = record.Canonical(e.Type, m.Value.ValueString()); err != nil {
			diags.AddAttributeError(element.AtName("value"), "Invalid record value", at(err))
		}
	}
	return e, diags
}

// options translates the options; what is left out gets its default here.
func (m validationModel) options(client *resolve.Client) verify.Options {
	require, _ := verify.ParseRequire(m.Require.ValueString()) // The schema has checked it.
	query := verify.Query(m.Query.ValueString())
	if client.RequiresDNSSEC() && query != verify.QueryResolvers {
		query = verify.QueryBoth // The servers of a zone do not validate it.
	}
	return verify.Options{
		Query:       query,
		Require:     require,
		Consecutive: int(orDefault(m.Consecutive, defaultConsecutive)),
		Follow:      m.Follow.ValueBool(),
		Settle:      m.Settle.ValueBool(),
	}
}

func (m validationModel) onDrift() string {
	if m.OnDrift.ValueString() == "" {
		return driftWarn
	}
	return m.OnDrift.ValueString()
}

func (m validationModel) createTimeout(ctx context.Context) (time.Duration, diag.Diagnostics) {
	return m.Timeouts.Create(ctx, defaultCreateTimeout)
}

func (m validationModel) updateTimeout(ctx context.Context) (time.Duration, diag.Diagnostics) {
	create, diags := m.createTimeout(ctx)
	update, more := m.Timeouts.Update(ctx, create)
	return update, append(diags, more...)
}

// updateTimeoutName returns the name of the timeout that bounds an update.
func (m validationModel) updateTimeoutName() string {
	if v, ok := m.Timeouts.Attributes()["update"]; ok && !v.IsNull() {
		return "update"
	}
	return "create"
}

func (m validationModel) readTimeout(ctx context.Context) (time.Duration, diag.Diagnostics) {
	return m.Timeouts.Read(ctx, defaultReadTimeout)
}

// setReport puts what was found into the model.
func (m *validationModel) setReport(ctx context.Context, report verify.Report, valid bool) diag.Diagnostics {
	m.Report = types.StringValue(report.Text())
	return m.setObserved(ctx, report, valid)
}

// setObserved is setReport without the text, which costs more than the rest.
func (m *validationModel) setObserved(ctx context.Context, report verify.Report, valid bool) diag.Diagnostics {
	var diags diag.Diagnostics
	m.Valid = types.BoolValue(valid)
	values := types.ListType{ElemType: types.StringType}
	if m.Observed = types.MapValueMust(values, nil); !valid { // It is planned to be empty where the apply succeeds.
		m.Observed, diags = types.MapValueFrom(ctx, values, report.Observed())
	}
	return diags
}

// copyResults takes over what was found from another model.
func (m *validationModel) copyResults(from validationModel) {
	m.ID, m.Valid, m.Observed = from.ID, from.Valid, from.Observed
	m.Report = from.Report
}
