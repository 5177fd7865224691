package provider

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

type recordsFunction struct{}

func newRecordsFunction() function.Function { return recordsFunction{} }

func (recordsFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "records"
}

func (recordsFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Make the mail records of a domain",
		MarkdownDescription: "Returns all mail records of a domain as a map of the record object: the merged SPF record (RFC 7208 §3.2), DKIM records, policies, and the return path, mailbox and verification records " +
			"of the groups that `services` name. The function asks no DNS, so it does not count SPF lookups: [`maildomain_spf`](../data-sources/spf.md) does. " +
			"The domain gets an SPF record if `existing`, `mechanisms`, `all` or a service sets SPF terms. `keys` alone set none.\n\n" +
			"The keys of the result are:\n\n" +
			"- `<domain>/spf`, and `<domain>/spf/<name>` for another owner that a service sends from\n" +
			"- `<domain>/keys/<selector>`\n" +
			"- `<domain>/<service>/<id>`, with the id that the service's template gives the record\n" +
			"- `<domain>/dmarc`, `<domain>/mta_sts`, `<domain>/tls_rpt` and `<domain>/bimi`\n" +
			"- `<domain>/mx/<index>`\n" +
			"- `<domain>/extra/<name>`\n\n" +
			"**Unknown values.** The keys depend on `domain`, on the names of `services` and `keys`, and on `service`, `template`, `groups` and `host` of each service. A value that another resource sets in the same apply leaves " +
			"only its own part of the result unknown, so `for_each` over the result works:\n\n" +
			"| unknown | then unknown |\n| --- | --- |\n" +
			"| a variable of a service | `value` of the records that hold it; `name` and `fqdn` too if it is part of the owner |\n" +
			"| `existing`, `mechanisms`, `remove` or `all` | `value` of the SPF record |\n" +
			"| a key | `value` of its record |\n" +
			"| an attribute of a policy | `value` of the policy's record |\n" +
			"| `ttl` | `ttl` of the records |\n" +
			"| `domain`, the map `services` or `keys`, `mx`, `parked`, `hosts`, a policy as a whole, `host` or `addresses` of `mta_sts`, an attribute that the keys depend on, a variable in the *owner* of an SPF record | everything |\n" +
			"| `existing`, `mechanisms` or `all`, if no other attribute decides whether the domain has an SPF record | everything; set `all`, such as `all = \"fail\"`, to avoid it |\n\n" +
			"The function still checks every value that is known.\n\n" +
			"**Errors.** An attribute that does not exist is an error that names its path. A null element of a map or list is an error at its place, and a null attribute counts as not set. The function reports all errors at once.\n\n" +
			"~> **Sensitive values:** A sensitive value anywhere in the argument makes the whole result sensitive, and `for_each` refuses it. DNS is public, so wrap the value in `nonsensitive()`.\n\n" +
			"**Warnings.** A function cannot show warnings. [`records_warnings`](records_warnings.md) returns them, and the data source [`maildomain_records`](../data-sources/records.md) returns the same records and shows them.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "config",
				AllowUnknownValues:  true,
				MarkdownDescription: "Object with the attributes in the table [below](#attributes-of-config). Only `domain` is required.",
			},
		},
		Return: function.MapReturn{ElementType: recordType()},
	}
}

func (recordsFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	result, err := recordsOf(argument)
	switch {
	case err != nil:
		resp.Error = err
	case result.Unknown.Whole():
		resp.Error = resp.Result.Set(ctx, types.MapUnknown(recordType()))
	default:
		// Result.Set would convert the whole value once more, to check the type that it has by its making.
		resp.Result = function.NewResultData(partlyKnownRecords(result.Records, result.Unknown))
	}
}

// recordsOf makes the records that an argument says, with all that is wrong with it in one error.
func recordsOf(argument types.Dynamic) (compose.Result, *function.FuncError) {
	in := newInput(nil, argument)
	config := recordsConfig(in)
	result, err := compose.Records(config)
	problems := in.notes.problems
	if more, ok := errors.AsType[compose.Problems](err); ok { // What is wrong with the rest is told in the same go.
		problems = append(problems, more...)
	}
	if len(problems) > 0 {
		return compose.Result{}, domainError(config.Domain, problemLines(problems))
	}
	return result, nil
}

// domainError is the error of a function about its first argument. It begins with the domain where that is known: Terraform
// names no instance of a module there, and a fleet has many.
func domainError(domain dnsname.Name, text string) *function.FuncError {
	if domain.IsValid() {
		blank := " "
		if strings.HasPrefix(text, "\n") {
			blank = "" // A list starts on a line of its own.
		}
		text = record.Display(domain.String()) + ":" + blank + text
	}
	return argumentError(0, text)
}
