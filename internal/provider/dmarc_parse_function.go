package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

type dmarcParseFunction struct{}

func newDMARCParseFunction() function.Function { return dmarcParseFunction{} }

type parsedDMARCModel struct {
	Applies           types.Bool   `tfsdk:"applies"`
	Policy            types.String `tfsdk:"policy"`
	SubdomainPolicy   types.String `tfsdk:"subdomain_policy"`
	NonexistentPolicy types.String `tfsdk:"nonexistent_policy"`
	Testing           types.Bool   `tfsdk:"testing"`
	DKIMAlignment     types.String `tfsdk:"dkim_alignment"`
	SPFAlignment      types.String `tfsdk:"spf_alignment"`
	AggregateReports  types.List   `tfsdk:"aggregate_reports"`
	FailureReports    types.List   `tfsdk:"failure_reports"`
	FailureOptions    types.List   `tfsdk:"failure_options"`
	PSD               types.String `tfsdk:"psd"`
	Warnings          types.List   `tfsdk:"warnings"`
}

func parsedDMARCTypes() map[string]attr.Type {
	texts := types.ListType{ElemType: types.StringType}
	return map[string]attr.Type{
		"applies": types.BoolType, "policy": types.StringType, "subdomain_policy": types.StringType, "nonexistent_policy": types.StringType,
		"testing": types.BoolType, "dkim_alignment": types.StringType, "spf_alignment": types.StringType,
		"aggregate_reports": texts, "failure_reports": texts, "failure_options": texts, "psd": types.StringType, "warnings": texts,
	}
}

func (dmarcParseFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "dmarc_parse"
}

func (dmarcParseFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Take a DMARC record apart",
		MarkdownDescription: "Parses a DMARC record (RFC 9989 §4.7) as receivers do. A tag that receivers cannot use gets its default, with a warning. It asks no DNS. The result is an object with these attributes:\n\n" +
			"- `applies`: whether receivers apply a policy at all (RFC 9989 §4.10.1)\n- `policy`, `subdomain_policy` and `nonexistent_policy`: the policy in force, `none`, `quarantine` or `reject`; one level lower than in the record if `testing` is true\n" +
			"- `testing`: `t=y`, which asks receivers to apply each policy one level lower\n- `dkim_alignment` and `spf_alignment`: `relaxed` or `strict`\n- `aggregate_reports` and `failure_reports`: lists of URIs, `rua` and `ruf`\n" +
			"- `failure_options`: `fo`, `[\"0\"]` if it is missing or invalid\n- `psd`: `y`, `n` or `u`\n- `warnings`: sentences, also about tags that RFC 9989 has removed\n\n" +
			fmt.Sprintf("A text that does not begin with `v=DMARC1`, or has more than %d octets, is an error.", record.MaxTXT),
		Parameters: []function.Parameter{
			function.StringParameter{Name: "record", MarkdownDescription: "TXT value at `_dmarc`, such as `v=DMARC1; p=reject; rua=mailto:reports@example.com`."},
		},
		Return: function.ObjectReturn{AttributeTypes: parsedDMARCTypes()},
	}
}

func (dmarcParseFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	parsed, err := dmarc.Parse(text)
	if err != nil {
		resp.Error = argumentError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, newParsedDMARCModel(parsed))
}

func newParsedDMARCModel(r dmarc.Record) parsedDMARCModel {
	alignments := map[dmarc.Alignment]string{dmarc.Relaxed: "relaxed", dmarc.Strict: "strict"}
	psd := r.PSD
	if psd == "" {
		psd = dmarc.PSDUnknown
	}
	warnings := make([]string, len(r.Remarks))
	for i, remark := range r.Remarks {
		warnings[i] = remark.Text
	}
	return parsedDMARCModel{
		Applies:           types.BoolValue(r.Applies()),
		Policy:            types.StringValue(string(r.Policy())),
		SubdomainPolicy:   types.StringValue(string(r.SubdomainPolicy())),
		NonexistentPolicy: types.StringValue(string(r.NonexistentPolicy())),
		Testing:           types.BoolValue(r.Test),
		DKIMAlignment:     types.StringValue(alignments[r.DKIMAlignment()]),
		SPFAlignment:      types.StringValue(alignments[r.SPFAlignment()]),
		AggregateReports:  stringList(r.RUA),
		FailureReports:    stringList(r.RUF),
		FailureOptions:    stringList(r.FailureOptions()),
		PSD:               types.StringValue(string(psd)),
		Warnings:          stringList(warnings),
	}
}
