package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
)

type supportMessageFunction struct{}

func newSupportMessageFunction() function.Function { return supportMessageFunction{} }

func (supportMessageFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "support_message"
}

func (supportMessageFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Write to a mail service's support that the records are live",
		MarkdownDescription: "Returns a message to the support of a mail service, which checks and finishes the set-up on its side. The message has the domain, the DKIM selectors, the records " +
			"and the result of the validation. It is known once all values are known: with the `report` of a validation, once live DNS matches.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:               "config",
				AllowUnknownValues: true,
				MarkdownDescription: "Object with these attributes:\n" +
					"  - `domain`: Required. Domain that sends mail.\n" +
					"  - `records`: Required. Records, such as those of [`records`](records.md) or of data sources; the function ignores those of other domains.\n" +
					"  - `service`: Optional. Key of the service in `services`. The message then has the records of the service, the records that services share (SPF, `keys`), and the steps that the service needs. Defaults to all records of the domain.\n" +
					"  - `report`: Optional. `report` of a [`maildomain_validation`](../resources/validation.md). Defaults to none: the message then says that nothing was compared with live DNS.",
			},
		},
		Return: function.StringReturn{},
	}
}

func (supportMessageFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	in := newInput(nil, argument)
	support, known := supportInput(in)
	if len(in.notes.problems) > 0 {
		resp.Error = domainError(support.Domain, problemLines(in.notes.problems))
		return
	}
	if !known {
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
		return
	}
	resp.Error = resp.Result.Set(ctx, support.Message())
}

// supportInput reads the argument, and reports whether all of it is known.
func supportInput(in input) (compose.Support, bool) {
	if in.unknown() {
		return compose.Support{}, false
	}
	if in.known() && !in.isObject() {
		in.fields() // It says what is wrong.
		return compose.Support{}, false
	}
	parts := in.attributes("domain", "service", "records", "report")
	s := compose.Support{Domain: readDomain(parts["domain"]), Service: parts["service"].text(), Report: parts["report"].text()}
	if parts["records"].absent() {
		parts["records"].fail("it is missing; write the records, such as `provider::maildomain::records(…)` or the `records` of a data source")
		return s, false
	}
	records := readRecordSet(parts["records"])
	s.Records = records.records
	return s, !records.unknown.Any() && !unknownOf(parts, "domain", "service", "report").Any()
}
