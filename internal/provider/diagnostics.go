package provider

import (
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// attributePath translates a path into the input of package compose.
func attributePath(p compose.Path) path.Path {
	at := path.Empty()
	for _, step := range p {
		switch step.Kind {
		case compose.StepAttribute:
			at = at.AtName(step.Name)
		case compose.StepKey:
			at = at.AtMapKey(step.Name)
		case compose.StepIndex:
			at = at.AtListIndex(step.Index)
		}
	}
	return at
}

// errorDiagnostics are the problems that an error of package compose holds, each on its attribute.
func errorDiagnostics(err error) diag.Diagnostics {
	var diags diag.Diagnostics
	var problems compose.Problems
	if !errors.As(err, &problems) {
		diags.AddError("Records cannot be computed", compose.Sentence(err.Error()))
		return diags
	}
	for _, p := range problems {
		diags.AddAttributeError(attributePath(p.Path), p.Summary, p.Text()+spellingHint(p))
	}
	return diags
}

// spellingHint tells of the likeliest cause of a missing attribute that stands in the configuration: data sources never
// see a misspelt one.
func spellingHint(p *compose.Problem) string {
	variable, ok := errors.AsType[*service.VariableError](p.Err)
	if ok && variable.Problem == service.Missing {
		return " Check the spelling of `variables` itself: Terraform drops unknown attributes of nested objects in silence."
	}
	missing := len(p.Path) == 2 && p.Path[1].Kind == compose.StepAttribute && strings.HasPrefix(p.Detail, "It is missing")
	if missing || errors.Is(p.Err, compose.ErrNoKey) {
		return " Check the spelling of its attributes: Terraform drops unknown attributes of nested objects in silence."
	}
	return ""
}

// warningDiagnostics are warnings on their attributes. Terraform shows only one of several warnings with the same
// summary: it names the domain, and those of one domain become one.
func warningDiagnostics(domain dnsname.Name, warnings compose.Problems) diag.Diagnostics {
	var diags diag.Diagnostics
	var summaries []string
	details := make(map[string][]string)
	paths := make(map[string]path.Path)
	for _, w := range warnings {
		if _, known := details[w.Summary]; !known {
			summaries = append(summaries, w.Summary)
			paths[w.Summary] = attributePath(w.Path)
		}
		details[w.Summary] = append(details[w.Summary], w.Text())
	}
	for _, summary := range summaries {
		named := summary
		if shown := record.Display(domain.String()); domain.IsValid() && !strings.Contains(summary, shown) {
			named += " (" + shown + ")"
		}
		diags.AddAttributeWarning(paths[summary], named, strings.Join(details[summary], "\n\n"))
	}
	return diags
}

// warningsValue is the same as the value of a `warnings` attribute.
func warningsValue(warnings compose.Problems) types.List {
	texts := make([]attr.Value, len(warnings))
	for i, w := range warnings {
		texts[i] = types.StringValue(w.Text())
	}
	return types.ListValueMust(types.StringType, texts)
}
