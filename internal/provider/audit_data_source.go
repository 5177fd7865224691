package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/fetch"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

type auditDataSource struct{ asking }

var (
	_ datasource.DataSourceWithConfigure      = (*auditDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*auditDataSource)(nil)
)

func newAuditDataSource() datasource.DataSource { return &auditDataSource{} }

func (*auditDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_audit"
}

// ValidateConfig refuses what is wrong whatever the unknown values turn out to be.
func (*auditDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	r := newAuditRequest(config)
	resp.Diagnostics.Append(config.check(compose.Config{Domain: r.config.Domain, Services: r.services, Unknown: config.unknown})...)
}

func (d *auditDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	config, diags := readConfig(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	r := newAuditRequest(config)
	if resp.Diagnostics.Append(config.check(compose.Config{Domain: r.config.Domain, Services: r.services, Unknown: config.unknown})...); resp.Diagnostics.HasError() {
		return
	}
	var err error
	if r.config.Services, err = r.applied(); err != nil {
		resp.Diagnostics.Append(errorDiagnostics(err)...)
		return
	}
	client, err := d.data.client()
	if err != nil {
		resp.Diagnostics.AddError("No DNS client", compose.Sentence(err.Error()))
		return
	}
	r.config.Lab, r.config.Now = d.data.lab, time.Now()
	if r.fetch {
		r.config.Web = fetch.Client{Resolver: client, Roots: d.data.roots}
	}
	gathered, err := audit.Gather(ctx, r.config, client)
	if err != nil {
		resp.Diagnostics.AddError("Audit cancelled", fmt.Sprintf("The audit of %s was cancelled while it asked DNS.", r.config.Domain))
		return
	}
	report := gathered.Report()
	if len(report.Unused) > 0 {
		resp.Diagnostics.AddWarning(fmt.Sprintf("Checks of %s that need not be ignored", r.config.Domain),
			fmt.Sprintf("`ignore` names %s, and there are no such findings: remove them.", strings.Join(report.Unused, ", ")))
	}
	if r.failOn != neverFail && report.Fails(audit.Severity(r.failOn)) {
		resp.Diagnostics.AddError(fmt.Sprintf("Mail of %s is not in order", r.config.Domain), auditError(report, audit.Severity(r.failOn)))
	}
	state, diags := config.state(ctx, auditValues(report))
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// maxAuditError is how many findings an error names.
const maxAuditError = 20

// auditError names the findings that are at least as bad as a severity.
func auditError(r audit.Report, at audit.Severity) string {
	var b strings.Builder
	bad := audit.Report{}
	for _, f := range r.Findings {
		one := audit.Report{Findings: []audit.Finding{f}}
		if one.Fails(at) {
			bad.Findings = append(bad.Findings, f)
		}
	}
	for i, f := range bad.Findings {
		if i == maxAuditError {
			fmt.Fprintf(&b, "… and %d more findings\n", len(bad.Findings)-i)
			break
		}
		fmt.Fprintf(&b, "%s: %s at %s: %s\n  to do: %s\n", f.Severity, f.ID, record.Display(f.Subject), f.Detail, f.Remedy)
	}
	b.WriteString("\n`ignore` drops a check with a reason, and `fail_on` decides which findings are errors.")
	return b.String()
}

func textList(texts []string) types.List {
	values := make([]attr.Value, len(texts))
	for i, text := range texts {
		values[i] = types.StringValue(text)
	}
	return types.ListValueMust(types.StringType, values)
}

// objects is a list of objects as the value of an attribute.
func objects[T any](object types.ObjectType, list []T, value func(T) map[string]attr.Value) types.List {
	values := make([]attr.Value, len(list))
	for i, element := range list {
		values[i] = types.ObjectValueMust(object.AttrTypes, value(element))
	}
	return types.ListValueMust(object, values)
}

// auditValues are the computed attributes.
func auditValues(r audit.Report) map[string]attr.Value {
	counts := make(map[string]attr.Value)
	for _, s := range audit.Severities() {
		counts[string(s)] = types.Int64Value(int64(r.Count(s)))
	}
	p := r.Policy
	policy := types.ObjectValueMust(policyType().AttrTypes, map[string]attr.Value{
		"step": types.StringValue(string(p.Step)), "domain": stringOrNull(p.Domain.String()), "tag": stringOrNull(p.Tag),
		"policy": stringOrNull(string(p.Policy)), "record": stringOrNull(record.Display(p.Value)), "organisational_domain": types.StringValue(p.Organisational.String()),
	})
	return map[string]attr.Value{
		"findings": objects(findingType(), r.Findings, func(f audit.Finding) map[string]attr.Value {
			return map[string]attr.Value{
				"id": types.StringValue(f.ID), "severity": types.StringValue(string(f.Severity)), "subject": types.StringValue(record.Display(f.Subject)),
				"detail": types.StringValue(f.Detail), "remedy": types.StringValue(f.Remedy), "reference": types.StringValue(f.Reference),
			}
		}),
		"not_checked": objects(gapType(), r.NotChecked, func(g audit.Gap) map[string]attr.Value {
			return map[string]attr.Value{"id": types.StringValue(g.ID), "why": types.StringValue(g.Why)}
		}),
		"senders": objects(senderType(), r.Senders, func(s audit.Recognised) map[string]attr.Value {
			return map[string]attr.Value{
				"service": types.StringValue(record.Display(s.Service)), "name": types.StringValue(s.Name), "configured": types.BoolValue(s.Configured), "evidence": textList(s.Evidence),
				"spf_aligned": types.BoolValue(s.SPF), "dkim_aligned": types.BoolValue(s.DKIM),
			}
		}),
		"passed":   textList(r.Passed),
		"counts":   types.ObjectValueMust(countsType().AttrTypes, counts),
		"policy":   policy,
		"markdown": types.StringValue(r.Markdown()),
	}
}
