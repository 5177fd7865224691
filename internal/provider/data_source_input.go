package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// configured is the configuration of a data source, of which every part is an input. It does without a struct for the
// framework to fill, which knows no nulls in lists and maps, stops at the first fault, and costs more than the records
// do.
type configured struct {
	object types.Object
	parts  map[string]input
	*notes
}

func readConfig(ctx context.Context, config tfsdk.Config) (*configured, diag.Diagnostics) {
	c := &configured{parts: make(map[string]input), notes: new(notes)}
	diags := config.Get(ctx, &c.object)
	in := input{notes: c.notes}
	for name, value := range c.object.Attributes() {
		c.parts[name] = in.at(compose.Attribute(name), value)
	}
	return c, diags
}

// check returns what is wrong with the inputs, which have been read, and with what they say. What the records are made
// of is looked at only where that is not left to making them: where something is wrong already, or unknown.
func (c *configured) check(records compose.Config) diag.Diagnostics {
	problems := inputSentences(c.problems)
	if len(problems) > 0 || c.unknown.Any() {
		problems = append(problems, compose.Check(records)...)
	}
	if len(problems) == 0 {
		return nil
	}
	return errorDiagnostics(problems)
}

// domain returns the domain that the data source is about, for a summary. It is invalid where it is wrong or not known.
func (c *configured) domain() dnsname.Name {
	for _, name := range []string{"domain", "report_domain"} {
		if part, ok := c.parts[name]; ok {
			domain, _ := parseDomain(part.text())
			return domain
		}
	}
	return dnsname.Name{}
}

// state returns the configuration with the results in it.
func (c *configured) state(ctx context.Context, results map[string]attr.Value) (types.Object, diag.Diagnostics) {
	attributes := c.object.Attributes()
	maps.Copy(attributes, results)
	return types.ObjectValue(c.object.AttributeTypes(ctx), attributes)
}

// inputSentences writes what is wrong with inputs as diagnostics have it: as sentences.
func inputSentences(problems compose.Problems) compose.Problems {
	sentences := make(compose.Problems, 0, len(problems))
	for _, p := range problems {
		sentences = append(sentences, &compose.Problem{Path: p.Path, Summary: p.Summary, Detail: compose.Sentence(p.Detail), Err: p.Err})
	}
	return sentences
}
