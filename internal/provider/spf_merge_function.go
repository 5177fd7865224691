package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/merge"
)

type spfMergeFunction struct{}

func newSPFMergeFunction() function.Function { return spfMergeFunction{} }

func (spfMergeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "spf_merge"
}

func (spfMergeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Merge SPF records into one",
		MarkdownDescription: "Merges SPF records and lists of SPF terms into the one record that a domain may have (RFC 7208 §3.2), by the rules of the data source `maildomain_spf`. " +
			"It asks no DNS. It has the same errors as the data source, and none of its warnings. A record that passes half of all addresses or more is an error.",
		Parameters: []function.Parameter{
			function.ListParameter{
				Name:        "records",
				ElementType: types.StringType,
				MarkdownDescription: "Records (`v=spf1 include:a.example ~all`) or terms (`include:b.example ip4:192.0.2.0/24`). The first is the existing record of the domain, or its terms. " +
					"The others follow as terms of your own: one term with two qualifiers is an error.",
			},
			function.StringParameter{
				Name: "all",
				MarkdownDescription: "Result for every other sender, at the end of the record: `fail`, `softfail`, `neutral`, or `keep` for the ending of the first record. A `redirect=` without other terms stays " +
					"with `keep`; beside any other ending it becomes an `include:`, since a receiver that follows it takes the ending of its target.",
			},
		},
		Return: function.StringReturn{},
	}
}

func (spfMergeFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var records types.List
	var allText string
	if resp.Error = req.Arguments.Get(ctx, &records, &allText); resp.Error != nil {
		return
	}
	texts, all, funcErr := mergeArguments(records, allText)
	if funcErr != nil {
		resp.Error = funcErr
		return
	}
	result, err := merge.Texts(texts, all)
	if err != nil {
		argument := int64(0)
		if errors.Is(err, merge.ErrPassAll) && all == merge.AllPass {
			argument = 1
		}
		resp.Error = argumentError(argument, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, result.Record.String())
}

// mergeArguments reads the arguments, with all that is wrong with them in one error.
func mergeArguments(records types.List, allText string) ([]string, merge.All, *function.FuncError) {
	in := newInput(compose.Attribute("records"), records)
	texts := in.texts()
	for i, text := range texts {
		if in.unknowns().At(i).Any() {
			continue
		}
		_, err := merge.ParseInput(merge.Source{Kind: merge.Argument, Index: i}, text)
		if merge, ok := errors.AsType[*merge.Error](err); ok {
			in.at(in.path.At(i), nil).fail("%s", merge.Fault())
		}
	}
	argument := int64(0)
	if len(in.notes.problems) == 0 {
		argument = 1
	}
	all, err := merge.ParseAll(allText)
	if err != nil {
		_, err = merge.ParseAllOf(allText, []merge.All{merge.AllFail, merge.AllSoftFail, merge.AllNeutral, merge.AllKeep}) // The function lets nothing pass.
		in.at(compose.Attribute("all"), nil).failAs("Unknown ending", "%v", err)
	}
	if len(in.notes.problems) > 0 {
		return nil, "", argumentError(argument, problemLines(in.notes.problems))
	}
	return texts, all, nil
}
