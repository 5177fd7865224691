package provider

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// Create waits until live DNS matches. State is written only then.
func (r *validationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan validationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.createTimeout(ctx)
	resp.Diagnostics.Append(diags...)
	report, diags := r.wait(ctx, plan, timeout, "create")
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ID = types.StringValue(rand.Text())
	resp.Diagnostics.Append(r.setReport(ctx, &plan, report, true)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Update waits again where something that DNS has a say in has changed, or a revalidation is due.
func (r *validationResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state validationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if changes, _ := plan.changesFrom(state); !changes && !plan.revalidates(state) {
		plan.copyResults(state)
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		return
	}
	timeout, diags := plan.updateTimeout(ctx)
	resp.Diagnostics.Append(diags...)
	report, diags := r.wait(ctx, plan, timeout, plan.updateTimeoutName())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		// What was asked for is not live: the state keeps what it was, and tells what was seen.
		if len(report.Findings) > 0 && ctx.Err() == nil {
			resp.Diagnostics.Append(r.setReport(ctx, &state, report, false)...)
			resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
		}
		return
	}
	plan.ID = state.ID
	resp.Diagnostics.Append(r.setReport(ctx, &plan, report, true)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete has nothing to do: the validation made nothing.
func (r *validationResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// Read makes one pass. It changes the state only on a definite answer, and never fails for want of DNS.
func (r *validationResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state validationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	switch {
	case resp.Diagnostics.HasError():
		return
	case len(state.Records.Elements()) == 0 && !state.Valid.ValueBool():
		// A failed update told of records that the state does not have; with none, nothing can be wrong.
		resp.Diagnostics.Append(r.setReport(ctx, &state, verify.Report{}, true)...)
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
		return
	case state.onDrift() == driftIgnore:
		return
	}
	expected, timeout, foreign := state.remembered(ctx)
	resp.Diagnostics.Append(foreign...)
	if len(expected) == 0 {
		return
	}
	client, err := r.data.client()
	if err != nil {
		resp.Diagnostics.Append(notChecked(compose.Sentence(err.Error()))...)
		return
	}
	pass, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	report, err := verify.Waiter{Resolver: client, Validator: client}.Check(pass, expected, state.options(client))
	resp.Diagnostics.Append(warnings(report.BogusWarnings())...)
	switch {
	case ctx.Err() != nil:
		resp.Diagnostics.AddError("Refresh cancelled", "The refresh was cancelled while it asked DNS. The state is unchanged.")
	case errors.Is(err, answer.ErrHeldBack):
		resp.Diagnostics.Append(notChecked(heldBack(timeout))...)
	case err != nil:
		resp.Diagnostics.Append(notChecked(fmt.Sprintf("DNS did not answer within %s (`timeouts.read`).", timeout))...)
	case report.Disagrees() && report.State() == verify.Unclear:
		resp.Diagnostics.Append(unclear(expected, report.Explain(pass, client, client), timeout)...)
	case report.State() == verify.Unclear:
		resp.Diagnostics.Append(unclear(expected, report, timeout)...)
	case state.agrees(ctx, report), len(foreign) > 0 && report.State() == verify.Valid:
		// A refresh that finds nothing new changes nothing, nor does one that could not look at all there is.
	default:
		report = report.Explain(pass, client, client)
		resp.Diagnostics.Append(r.setReport(ctx, &state, report, report.State() == verify.Valid)...)
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}

// remembered returns what the state says to check, and for how long. What this version of the provider cannot read there,
// as where another version wrote it, is a warning: it keeps nobody from planning, nor from destroying.
func (m validationModel) remembered(ctx context.Context) ([]verify.Expectation, time.Duration, diag.Diagnostics) {
	expected, faults := m.expectations(ctx)
	timeout, more := m.readTimeout(ctx)
	if more.HasError() {
		timeout = defaultReadTimeout
	}
	faults.Append(more...)
	var diags diag.Diagnostics
	if faults.HasError() {
		var texts []string
		for _, fault := range faults.Errors() {
			texts = append(texts, fault.Detail())
		}
		diags.AddWarning("State of another version", "The state has values that this version of the provider cannot read, perhaps because another version wrote them. "+
			"They are kept and not checked; an apply with a configuration for this version replaces them.\n\n"+strings.Join(texts, "\n"))
	}
	return expected, timeout, diags
}

// agrees reports whether verdict and data of a report are those that the model has. A failed update leaves a report about
// records that are not in the state: that is about other expectations.
func (m *validationModel) agrees(ctx context.Context, report verify.Report) bool {
	fresh := *m
	diags := fresh.setObserved(ctx, report, report.State() == verify.Valid)
	if diags.HasError() || !fresh.Valid.Equal(m.Valid) || !fresh.Observed.Equal(m.Observed) {
		return false
	}
	told := m.Report.ValueString()
	return !slices.ContainsFunc(report.Findings, func(f verify.Finding) bool {
		return f.State() != verify.Valid && len(told) < verify.MaxText/4 && !strings.Contains(told, f.Expected())
	})
}

// notChecked warns of a pass that gave no verdict for want of answers. Terraform shows one of several warnings with equal
// summaries: where the cause lies at this machine, one is enough, and otherwise the summary names the domains.
func notChecked(seen string, expected ...verify.Expectation) diag.Diagnostics {
	var diags diag.Diagnostics
	summary := "Live DNS could not be checked"
	if len(expected) > 0 {
		summary = "Live DNS of " + domainsOf(expected) + " could not be checked"
	}
	diags.AddWarning(summary, "It is not known whether live DNS still matches. The state stays unchanged. "+
		"To plan without asking DNS, use `-refresh=false` or set `on_drift = \"ignore\"`.\n\n"+seen)
	return diags
}

// maxDomainsNamed is how many domains a summary names.
const maxDomainsNamed = 3

// domainsOf names the domains that records belong to, for a summary. Those that lie in another of them are part of that.
func domainsOf(expected []verify.Expectation) string {
	known := make(map[dnsname.Name]bool)
	for _, e := range expected {
		known[verify.DomainOf(e.Owner)] = true
	}
	var domains []dnsname.Name
	for domain := range known {
		if !hasParent(known, domain) {
			domains = append(domains, domain)
		}
	}
	slices.SortFunc(domains, dnsname.Name.Compare)
	names := make([]string, 0, maxDomainsNamed+1)
	for _, d := range domains[:min(maxDomainsNamed, len(domains))] {
		names = append(names, record.Display(d.String()))
	}
	if more := len(domains) - maxDomainsNamed; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	if len(names) == 0 {
		return "the records"
	}
	return strings.Join(names, ", ")
}

// hasParent reports whether a name lies in another one of a set.
func hasParent(names map[dnsname.Name]bool, n dnsname.Name) bool {
	for len(n.Labels()) > 1 {
		if n = n.Parent(); names[n] {
			return true
		}
	}
	return false
}

// heldBack says that the provider's own limits outlasted a pass.
func heldBack(timeout time.Duration) string {
	return fmt.Sprintf("The limits of this provider (`max_rate`, `max_in_flight`) held questions back for %s (`timeouts.read`): raise one of these. "+
		"The cause was not DNS.", timeout)
}

// unclear warns of a pass that gave no verdict.
func unclear(expected []verify.Expectation, report verify.Report, timeout time.Duration) diag.Diagnostics {
	switch {
	case report.Disagrees():
	case report.HeldBack():
		return notChecked(heldBack(timeout))
	case report.Unreached():
		return notChecked(report.Failing())
	default:
		return notChecked(report.Failing(), expected...)
	}
	var diags diag.Diagnostics
	diags.AddWarning("Name servers of "+domainsOf(expected)+" disagree", "Some servers serve the expected record and others do not, so the state stays unchanged. "+
		"If a change is still spreading, wait. If this lasts, a server no longer follows the zone's primary.\n\n"+report.Failing())
	return diags
}

// wait waits for the records of a plan, and explains where they did not come. The name is that of the timeout.
func (r *validationResource) wait(ctx context.Context, plan validationModel, timeout time.Duration, name string) (verify.Report, diag.Diagnostics) {
	expected, diags := plan.expectations(ctx)
	diags.Append(contradictions(expected)...)
	if diags.HasError() || len(expected) == 0 {
		return verify.Report{}, diags
	}
	client, err := r.data.client()
	if err != nil {
		diags.AddError("No DNS client", compose.Sentence(err.Error()))
		return verify.Report{}, diags
	}
	options := plan.options(client)
	options.Timeout = timeout
	waiter := verify.Waiter{Resolver: client, Surveyor: client, Validator: client}
	waiter.Rounds, waiter.Progress = logWait(ctx)
	report, err := waiter.Wait(ctx, expected, options)
	diags.Append(waitError(report, err, fmt.Sprintf("timeouts = { %s = %q }", name, 2*timeout))...)
	if err == nil && client.RequiresDNSSEC() {
		diags.Append(bogusErrors(report)...)
		report.Bogus = nil
	}
	diags.Append(warnings(report.Warnings())...)
	return report, diags
}

// bogusErrors says which zones resolvers refuse that only validated answers count of.
func bogusErrors(report verify.Report) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, w := range report.BogusWarnings() {
		diags.AddError(w.Summary, w.Detail+" `dnssec = \"require\"` makes this an error: repair the zone, and apply again.")
	}
	return diags
}

func warnings(list []verify.Warning) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, w := range list {
		diags.AddWarning(w.Summary, w.Detail)
	}
	return diags
}

// expectationsOf returns what a report is about.
func expectationsOf(report verify.Report) []verify.Expectation {
	expected := make([]verify.Expectation, len(report.Findings))
	for i, f := range report.Findings {
		expected[i] = f.Expectation
	}
	return expected
}

// waitError explains the error of a wait. The option is what makes it longer.
func waitError(report verify.Report, err error, option string) diag.Diagnostics {
	var diags diag.Diagnostics
	var timeout *verify.TimeoutError
	switch {
	case err == nil:
	case errors.Is(err, verify.ErrCancelled):
		diags.AddError("Validation cancelled", "The wait for DNS was cancelled before the records matched. That does not mean that anything is wrong with them. Apply again to continue.")
	case errors.As(err, &timeout) && timeout.Settling > 0:
		diags.AddError("No time left for caches to forget", compose.Sentence(err.Error())+
			" Wait longer, as with "+option+", lower the TTL of the records before you change them, or leave out `settle`.")
	case errors.As(err, &timeout) && timeout.Unconfirmed:
		diags.AddError("Live DNS was not seen to match often enough", compose.Sentence(err.Error())+
			" Apply again, or wait longer, with "+option+", and fewer rounds with a lower `consecutive`.")
	case errors.As(err, &timeout) && timeout.HeldBack:
		diags.AddError("DNS could not be asked in time", compose.Sentence(err.Error())+
			" It is not known whether the records match. Apply again with a longer wait, as with "+option+", or with higher limits in the provider block.")
	case errors.Is(err, verify.ErrBlocked), errors.As(err, &timeout) && !report.Heard():
		diags.AddError("DNS could not be asked", fmt.Sprintf("%s It is not known whether the records match:\n\n%s\n\nDo what each `to do` says, and apply again.",
			compose.Sentence(err.Error()), report.Failing()))
	case errors.As(err, &timeout):
		diags.AddError("Live DNS of "+domainsOf(expectationsOf(report))+" does not match", fmt.Sprintf("%s %d of %d %s not match yet; what was expected and seen:\n\n%s\n\n"+
			"Do what each `to do` says, and apply again. To wait longer, set %s.",
			compose.Sentence(err.Error()), len(report.Unmet()), report.Count(), does(len(report.Unmet())), report.Failing(), option))
	default:
		diags.AddError("Validation failed", compose.Sentence(err.Error()))
	}
	return diags
}

// does agrees with a number of records.
func does(n int) string {
	if n == 1 {
		return "does"
	}
	return "do"
}
