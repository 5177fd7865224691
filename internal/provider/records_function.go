package provider

import (
	"context"
	"errors"
	"fmt"
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
		MarkdownDescription: "Makes all records that the mail senders of a domain ask for, as a map of the record object: the merged SPF record (RFC 7208 §3.2), DKIM, and return path, mailbox and verification records where " +
			"they are asked for. It asks no DNS, so that SPF lookups are not counted: [`maildomain_spf`](../data-sources/spf.md) does that. The keys are those of the data sources: `<domain>/spf`, `<domain>/spf/<name>`, " +
			"`<domain>/keys/<selector>`, `<domain>/extra/<name>`, `<domain>/<service>/<id>`, and `<domain>/dmarc`, `<domain>/mx/<index>`, `<domain>/mta_sts`, `<domain>/tls_rpt` and `<domain>/bimi` for policies.\n\n" +
			"The keys depend on `domain`, on the names of `services` and `keys`, and on `service`, `template`, `groups` and `host` of each service. A value that another resource hands out in the same apply leaves " +
			"only its own part of its own record unknown, so that `for_each` over the result works: an unknown variable the `value` of the records that hold it, and `name` and `fqdn` where it stands in the owner; an unknown `existing`, " +
			"`mechanisms`, `remove` or `all` the value of the SPF record; an unknown key its value; an unknown attribute of a policy the value of the policy's record; an unknown `ttl` the TTLs. " +
			"All is unknown where `domain`, the map `services`, the map `keys`, `mx`, `parked`, `hosts`, a policy as a whole, `host` or `addresses` of `mta_sts`, one of the attributes above, or a variable in the *owner* of an SPF record is, and where it hangs on an unknown `existing`, `mechanisms` or `all` " +
			"whether the domain has an SPF record: set `all`, such as `all = \"fail\"`, and it has one, whatever they turn out to be. " +
			"What is known is checked all the same.\n\n" +
			"The domain has an SPF record where something says anything about SPF: `existing`, `mechanisms`, `all` or a service; `keys` alone and services without SPF terms make none. " +
			"An element of a map or list that is null is an error at its place, and an attribute that is null counts as left out. Attributes that do not exist are errors that name their path, and all that is wrong is told at once. " +
			"A sensitive value anywhere in the argument makes the whole result sensitive, which `for_each` refuses: what stands in public DNS is no secret, so wrap it in `nonsensitive()`. " +
			"A function shows no warnings: [`records_warnings`](records_warnings.md) lists them, and the data source [`maildomain_records`](../data-sources/records.md) makes the same records and shows them.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "config",
				AllowUnknownValues:  true,
				MarkdownDescription: recordsConfigDescription(),
			},
		},
		Return: function.MapReturn{ElementType: recordType()},
	}
}

// recordsConfigDescription describes the attributes of the argument, which has no schema.
func recordsConfigDescription() string {
	return "An object with the attributes " +
		"`domain` (the domain that sends mail, such as `example.com`; the only one that is required); " +
		"`services` (mail senders by a name of your choice, which is the id of a built-in service unless `service` or `template` is set; each an object of `service`, `template`, `variables`, `groups`, `host` and `allow`, `{}` for none of them); " +
		"`keys` (DKIM keys of your own by selector; each an object with one of `public_key` in PEM, `record` such as `k=rsa; p=…`, and `cname`, and with `state`); " +
		"`existing` (the SPF record that the domain has now); `mechanisms` (further SPF terms of your own); `remove` (SPF terms that leave the record); " +
		"`all` (how the SPF record ends: `fail`, `softfail`, `neutral`, `pass` or `keep`; defaults to `fail`, where there is a record); `allow_pass_all` (whether it may let everyone send; defaults to `false`); " +
		"`dmarc`, `mta_sts`, `tls_rpt` and `bimi` (policies of the domain, each an object with the attributes of [`maildomain_dmarc`](../data-sources/dmarc.md), [`maildomain_mta_sts`](../data-sources/mta_sts.md), " +
		"[`maildomain_tls_rpt`](../data-sources/tls_rpt.md) and [`maildomain_bimi`](../data-sources/bimi.md); defaults to no such record); `mx` (MX records of your own, such as `[\"10 mx.example.net\"]`, or `[\"0 .\"]` for a domain that receives no mail; defaults to those of services); " +
		"`parked` (`true` for a domain with which nobody sends or receives mail, as in [`maildomain_parked`](../data-sources/parked.md)) and `hosts` (names below it that exist); " +
		fmt.Sprintf("`ttl` (TTL of all records in seconds; defaults to what a service's template says, and otherwise %d); ", compose.DefaultTTL) +
		"`extra` (records of your own by a name of your choice, such as verification tokens and addresses of mail hosts; each an object of `name`, relative to the domain and `@` for the domain itself, `type`, `value` and `ttl`); " +
		"`acknowledge` (kinds of warnings that [`records_warnings`](records_warnings.md) leaves out, such as `[\"spf-many-lookups\"]`; each text names its own). " +
		"They mean what those of the data source [`maildomain_records`](../data-sources/records.md) mean."
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
	case result.Unknown:
		resp.Error = resp.Result.Set(ctx, types.MapUnknown(recordType()))
	default:
		resp.Error = resp.Result.Set(ctx, pendingRecordsValue(result.Records, result.Pending))
	}
}

// recordsOf makes the records that an argument says, with all that is wrong with it in one error.
func recordsOf(argument types.Dynamic) (compose.Result, *function.FuncError) {
	var problems compose.Problems
	request := readRecords(newInput(argument, &problems))
	if len(problems) > 0 || request.unknown {
		// What is wrong with the rest is told in the same go.
		problems = append(problems, compose.Check(request.config)...)
	}
	if len(problems) > 0 {
		return compose.Result{}, request.refused(problemLines(problems))
	}
	if request.unknown {
		return compose.Result{Unknown: true}, nil
	}
	result, err := compose.Records(request.config)
	switch {
	case errors.As(err, &problems):
		return compose.Result{}, request.refused(problemLines(problems))
	case err != nil:
		return compose.Result{}, request.refused(err.Error())
	}
	return result, nil
}

func (r request) refused(text string) *function.FuncError {
	return domainError(r.config.Domain, text)
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
