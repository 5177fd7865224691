package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/pemkey"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/tlsa"
)

type tlsaRecordFunction struct{}

func newTLSARecordFunction() function.Function { return tlsaRecordFunction{} }

func (tlsaRecordFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "tlsa_record"
}

func (tlsaRecordFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Write a TLSA record for a mail host",
		MarkdownDescription: "Returns the value of a TLSA record (RFC 6698, RFC 7672), such as `3 1 1 <hexadecimal digest>`, for a certificate or a public key in PEM. The owner of the record is `_25._tcp.<mail host>`, " +
			"in a zone that is signed with DNSSEC: senders ignore the record in any other. The operator of the mail host publishes it: if the MX records lead to a mail service, that is the service. " +
			"**Caution:** publish the record of a new key before the host uses the key, and remove the old record afterwards. " +
			fmt.Sprintf("A private key is an error, and so is a text with more than one certificate or key. The PEM may have at most %d octets.", pemkey.Max),
		Parameters: []function.Parameter{
			function.StringParameter{Name: "pem", MarkdownDescription: "Certificate (`-----BEGIN CERTIFICATE-----`) or public key (`-----BEGIN PUBLIC KEY-----`) in PEM, one of them."},
		},
		VariadicParameter: function.NumberParameter{
			Name: "parameters",
			MarkdownDescription: "Up to three numbers. Optional. Defaults to `3, 1, 1`, the record that RFC 7672 §3.1.1 advises.\n\n" +
				"1. usage: `3` pins the host's own key, `2` that of an authority of one's own. `0` and `1` are errors, since mail servers do not use them (RFC 7672 §3.1.3).\n" +
				"2. selector: `1` compares the public key, `0` the whole certificate.\n" +
				"3. matching type: `1` for SHA-256, `2` for SHA-512.",
		},
		Return: function.StringReturn{},
	}
}

func (tlsaRecordFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	var numbers []types.Number
	if resp.Error = req.Arguments.Get(ctx, &text, &numbers); resp.Error != nil {
		return
	}
	config := tlsa.Default(text)
	fields := []*int64{&config.Usage, &config.Selector, &config.Matching}
	if len(numbers) > len(fields) {
		resp.Error = argumentError(int64(len(fields))+1, "it is one number too many: usage, selector and matching type are three")
		return
	}
	for i, number := range numbers {
		in := newInput(compose.Attribute("parameters"), number)
		*fields[i] = in.whole(0, 255)
		if in.faults() > 0 {
			resp.Error = argumentError(int64(i)+1, "it must be a whole number from 0 to 255")
			return
		}
	}
	r, err := config.Record()
	if err != nil {
		resp.Error = tlsaError(err)
		return
	}
	resp.Error = resp.Result.Set(ctx, r.String())
}

// tlsaError is the error about the first argument at fault.
func tlsaError(err error) *function.FuncError {
	var problems problem.Problems
	if !errors.As(err, &problems) {
		return argumentError(0, err.Error())
	}
	at := map[string]int64{"pem": 0, "usage": 1, "selector": 2, "matching_type": 3}
	return argumentError(at[problems[0].Path.String()], problems[0].Err.Error())
}
