package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// setReport puts what was found into a model, with what resolvers say of DNSSEC where that is to be reported.
func (r *validationResource) setReport(ctx context.Context, m *validationModel, report verify.Report, valid bool) diag.Diagnostics {
	diags := m.setReport(ctx, report, valid)
	client, err := r.data.client()
	if err != nil || !client.ReportsDNSSEC() {
		return diags
	}
	if text := securityText(report); text != "" {
		m.Report = types.StringValue(verify.Cut(m.Report.ValueString()+"\n\n"+text, verify.MaxText))
	}
	return diags
}

// securityText says of each record which resolvers validated their answer, by the AD bit (RFC 4035 §3.2.3). It is empty
// where no resolver answered about a record.
func securityText(report verify.Report) string {
	var lines []string
	for _, f := range report.Findings {
		var validated, others []string
		for _, s := range f.Seen {
			switch {
			case f.Via != answer.Resolvers || !s.Outcome.Definite():
			case s.Authentic:
				validated = append(validated, s.Server.String())
			default:
				others = append(others, s.Server.String())
			}
		}
		var parts []string
		if len(validated) > 0 {
			parts = append(parts, "validated by "+sortedList(validated))
		}
		if len(others) > 0 {
			parts = append(parts, "not validated by "+sortedList(others))
		}
		if len(parts) > 0 {
			lines = append(lines, fmt.Sprintf("\n  %s: %s", record.Display(f.Key), strings.Join(parts, "; ")))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "DNSSEC, by the AD bit of the resolvers:" + strings.Join(lines, "")
}

func sortedList(texts []string) string {
	return strings.Join(slices.Sorted(slices.Values(texts)), ", ")
}
