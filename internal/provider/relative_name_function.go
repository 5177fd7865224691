package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

type relativeNameFunction struct{}

func newRelativeNameFunction() function.Function { return relativeNameFunction{} }

func (relativeNameFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "relative_name"
}

func (relativeNameFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Write a name relative to a zone",
		MarkdownDescription: "Returns an absolute name relative to a zone, for DNS providers whose zone is above the mail domain: " +
			"`relative_name(\"_dmarc.news.example.com\", \"example.com\")` is `\"_dmarc.news\"`. The zone itself is `\"@\"`. A name outside the zone is an error. " +
			"Case and final dots do not matter; Unicode names are converted to A-labels.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "fqdn", MarkdownDescription: "Absolute name, such as the `fqdn` of a record."},
			function.StringParameter{Name: "zone", MarkdownDescription: "Zone that holds the name."},
		},
		Return: function.StringReturn{},
	}
}

func (relativeNameFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var texts [2]string
	if resp.Error = req.Arguments.Get(ctx, &texts[0], &texts[1]); resp.Error != nil {
		return
	}
	var names [2]dnsname.Name
	for i, text := range texts {
		name, err := dnsname.Parse(text)
		if err != nil {
			resp.Error = argumentError(int64(i), err.Error())
			return
		}
		names[i] = name
	}
	relative, ok := names[0].In(names[1])
	if !ok {
		resp.Error = argumentError(0, fmt.Sprintf("%q lies outside the zone %q; give the zone at or above the name", names[0], names[1]))
		return
	}
	resp.Error = resp.Result.Set(ctx, relative)
}
