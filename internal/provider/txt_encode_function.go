package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

type txtEncodeFunction struct{}

func newTXTEncodeFunction() function.Function { return txtEncodeFunction{} }

func (txtEncodeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "txt_encode"
}

func (txtEncodeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Write a TXT value as a DNS provider's resource wants it",
		MarkdownDescription: "Returns a TXT value in the form that the Terraform resource of one DNS provider wants. The forms differ for values with quotes and for values over 255 octets. " +
			"A value that the provider does not accept is an error.\n\n" + styleTable(),
		Parameters: []function.Parameter{
			function.StringParameter{Name: "value", MarkdownDescription: "TXT value, whole and unquoted."},
			function.StringParameter{Name: "style", MarkdownDescription: "DNS provider in one word, from the table above; `raw` and `quoted` for those it does not list."},
		},
		Return: function.StringReturn{},
	}
}

// styleTable documents the styles from the list that the function works by.
func styleTable() string {
	var b strings.Builder
	b.WriteString("| style | resource | form | escapes | evidence | most octets |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, s := range record.Styles() {
		names := "`" + strings.Join(append([]string{s.Name}, s.Aliases...), "`, `") + "`"
		resource := "any"
		if s.Resource != "" {
			resource = "`" + s.Resource + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", names, resource, s.Form(), s.Escapes(), s.Evidence, limitCell(s.Limit))
	}
	b.WriteString("\nEvidence, looked up in November 2026: V, read in source or official documentation; I, reported in issue trackers; ?, unverified. " +
		"`cloudflare` is version 5 of its provider, `cloudflare4` version 4. How IONOS takes TXT values is not established: its names are refused, with what to try.\n\n" +
		"A style encodes one value. A DNS provider may limit those of one name together as well: Cloudflare to 8,192 octets (V).")
	return b.String()
}

// limitCell writes a limit with where it comes from.
func limitCell(limit record.Limit) string {
	switch {
	case limit.Octets == 0:
		return "none known"
	case limit.Written:
		return fmt.Sprintf("%d, with quotes and escapes: %s", limit.Octets, limit.Source)
	default:
		return fmt.Sprintf("%d: %s", limit.Octets, limit.Source)
	}
}

func (txtEncodeFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var value, style string
	if resp.Error = req.Arguments.Get(ctx, &value, &style); resp.Error != nil {
		return
	}
	encoded, err := record.EncodeTXT(value, style)
	switch {
	case errors.Is(err, record.ErrStyle):
		resp.Error = argumentError(1, err.Error())
	case err != nil:
		resp.Error = argumentError(0, err.Error())
	default:
		resp.Error = resp.Result.Set(ctx, encoded)
	}
}
