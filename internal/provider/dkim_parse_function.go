package provider

import (
	"context"
	"crypto/rsa"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
)

type dkimParseFunction struct{}

func newDKIMParseFunction() function.Function { return dkimParseFunction{} }

type parsedDKIMModel struct {
	Usable    types.Bool   `tfsdk:"usable"`
	KeyType   types.String `tfsdk:"key_type"`
	Bits      types.Int64  `tfsdk:"bits"`
	PublicKey types.String `tfsdk:"public_key"`
	Revoked   types.Bool   `tfsdk:"revoked"`
	Testing   types.Bool   `tfsdk:"testing"`
	Hashes    types.List   `tfsdk:"hashes"`
	Services  types.List   `tfsdk:"services"`
	Flags     types.List   `tfsdk:"flags"`
	Notes     types.String `tfsdk:"notes"`
	Errors    types.List   `tfsdk:"errors"`
	Warnings  types.List   `tfsdk:"warnings"`
}

func parsedDKIMTypes() map[string]attr.Type {
	texts := types.ListType{ElemType: types.StringType}
	return map[string]attr.Type{
		"usable": types.BoolType, "key_type": types.StringType, "bits": types.Int64Type, "public_key": types.StringType,
		"revoked": types.BoolType, "testing": types.BoolType, "hashes": texts, "services": texts, "flags": texts,
		"notes": types.StringType, "errors": texts, "warnings": texts,
	}
}

func (dkimParseFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "dkim_parse"
}

func (dkimParseFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Take a DKIM key record apart",
		MarkdownDescription: "Parses a DKIM key record (RFC 6376 §3.6.1) and checks its key. It asks no DNS. The result is an object with these attributes:\n\n" +
			"- `usable`: whether receivers can verify mail with the key\n- `errors`: reasons why the key is not usable\n- `warnings`: risks, such as a key under 2048 bits (RFC 8301 §3.2)\n" +
			"- `key_type`: `rsa` or `ed25519`\n- `bits`: size of the RSA modulus, 256 for Ed25519; null if the key is not readable\n- `public_key`: base64, empty if the key is revoked\n" +
			"- `revoked`, and `testing` (`t=y`)\n- `hashes` (empty for all), `services` (`[\"*\"]` for all), `flags` and `notes`\n\n" +
			"A text with a syntax error is an error. A line of a zone file or a list of strings is read as its value, with a warning: in live DNS, the quotes are not part of the value.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "record", MarkdownDescription: "TXT value of a selector, such as `v=DKIM1; k=rsa; p=…`."},
		},
		Return: function.ObjectReturn{AttributeTypes: parsedDKIMTypes()},
	}
}

func (dkimParseFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	parsed, note, err := dkim.ParsePasted(text)
	if err != nil {
		resp.Error = argumentError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, newParsedDKIMModel(parsed, note))
}

// newParsedDKIMModel returns the result for a record, and for a note on how it was read, which may be empty.
func newParsedDKIMModel(r dkim.Record, note string) parsedDKIMModel {
	var faults, warnings []string
	if note != "" {
		warnings = append(warnings, note)
	}
	for _, f := range r.Check() {
		if f.Level == dkim.Error {
			faults = append(faults, f.Text)
		} else {
			warnings = append(warnings, f.Text)
		}
	}
	return parsedDKIMModel{
		Usable:    types.BoolValue(len(faults) == 0),
		KeyType:   types.StringValue(r.KeyType()),
		Bits:      keyBits(r),
		PublicKey: types.StringValue(r.KeyData()),
		Revoked:   types.BoolValue(r.Revoked()),
		Testing:   types.BoolValue(r.Testing()),
		Hashes:    stringList(r.Hashes()),
		Services:  stringList(r.Services()),
		Flags:     stringList(r.Flags()),
		Notes:     types.StringValue(r.Notes()),
		Errors:    stringList(faults),
		Warnings:  stringList(warnings),
	}
}

// keyBits is the size of a key, null where it cannot be read.
func keyBits(r dkim.Record) types.Int64 {
	key, err := r.PublicKey()
	if err != nil {
		return types.Int64Null()
	}
	if modulus, ok := key.(*rsa.PublicKey); ok {
		return types.Int64Value(int64(modulus.N.BitLen()))
	}
	return types.Int64Value(8 * 32) // RFC 8463 §4.2
}
