package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/pemkey"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

type dkimRecordFunction struct{}

func newDKIMRecordFunction() function.Function { return dkimRecordFunction{} }

func (dkimRecordFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "dkim_record"
}

func (dkimRecordFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Write a DKIM key record",
		MarkdownDescription: "Returns the TXT value of a DKIM key record (RFC 6376 §3.6.1) for a public key in PEM, RSA or Ed25519 (RFC 8463), such as `public_key_pem` of `tls_private_key`. " +
			fmt.Sprintf("It also checks a record from a sender (`k=rsa; p=…`) and returns it in canonical form. A line of a zone file or a list of strings is read as its value. The PEM may have at most %d octets. ", pemkey.Max) +
			fmt.Sprintf("A private key is an error, and so is a key that receivers reject: one under %d bits (RFC 8301 §3.2), a truncated one. ", dkim.MinBits) +
			"`dkim_parse` warns of a usable but unwise key, such as a short one.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "key", MarkdownDescription: "Public key in PEM (`-----BEGIN PUBLIC KEY-----`), or a key record such as `k=rsa; p=…`."},
		},
		Return: function.StringReturn{},
	}
}

func (dkimRecordFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	key, err := dkimKey(text)
	if err != nil {
		resp.Error = argumentError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, key.String())
}

// dkimKey reads a public key in PEM or a key record. It returns an error where receivers would reject the key.
func dkimKey(text string) (dkim.Record, error) {
	var key dkim.Record
	var err error
	if strings.Contains(strings.ToUpper(text), "BEGIN ") && !record.IsDKIM(text) {
		key, err = dkim.FromPEM(text)
	} else {
		key, _, err = dkim.ParsePasted(text)
	}
	if err != nil {
		return dkim.Record{}, err
	}
	for _, f := range key.Check() {
		// A key is withdrawn by publishing it without its data (RFC 6376 §3.6.1).
		if f.Level == dkim.Error && f.Code != dkim.KeyRevoked {
			return dkim.Record{}, errors.New(strings.TrimSuffix(f.Text, "."))
		}
	}
	return key.Canonical(), nil
}
