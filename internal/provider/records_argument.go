package provider

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// recordsParameter is the parameter of functions that take records.
func recordsParameter() function.Parameter {
	return function.MapParameter{
		Name:                "records",
		ElementType:         recordInputType(),
		AllowUnknownValues:  true,
		MarkdownDescription: "Records, such as those of this provider's data sources, of several by `merge()`; `name`, `fqdn`, `type`, `ttl` and `value` count.",
	}
}

// recordInputType is the part of the record object that functions need. The TTL is a number that may be no whole one,
// so that what is wrong with it is said here.
func recordInputType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"name": types.StringType, "fqdn": types.StringType, "type": types.StringType, "ttl": types.NumberType, "value": types.StringType,
	}}
}

// recordsInput is what functions get to work with.
type recordsInput struct {
	records record.Set
	unknown problem.Unknown // TTL and value of records by their keys; the whole where not even all owners and types are known
}

// recordsArgument reads the records that a function was called with. All that is wrong with them is told at once, in
// the order of their keys.
func recordsArgument(ctx context.Context, req function.RunRequest) (recordsInput, *function.FuncError) {
	var argument types.Map
	if err := req.Arguments.Get(ctx, &argument); err != nil {
		return recordsInput{}, err
	}
	in := newInput(compose.Attribute("records"), argument)
	records := readRecordSet(in)
	if len(in.notes.problems) > 0 {
		return recordsInput{}, argumentError(0, problemLines(in.notes.problems))
	}
	return records, nil
}

// readRecordSet reads a map of records. What is wrong with it goes to the problems of the input.
func readRecordSet(in input) recordsInput {
	records := recordsInput{records: make(record.Set)}
	if in.unknown() {
		records.unknown.Add(nil)
	}
	for _, element := range in.elements("leave it out, for example with { for key, r in records : key => r if r != null }") {
		records.add(element)
	}
	return records
}

// add reads one element. What is known of it is checked, whatever is not.
func (records *recordsInput) add(e element) {
	if e.unknown() {
		records.unknown.Add(nil)
		return
	}
	parts := e.attributes(slices.Sorted(maps.Keys(recordType().AttrTypes))...)
	faults := e.faults()
	for _, name := range []string{"name", "fqdn", "type", "ttl", "value"} {
		parts[name].isNull("give it as a data source does")
	}
	ttl := parts["ttl"].whole(0, math.MaxInt32) // RFC 2181 §8 ends TTLs at 31 bits.
	if e.faults() > faults {
		return
	}
	if parts["name"].unknown() || parts["fqdn"].unknown() || parts["type"].unknown() {
		records.unknown.Add(nil)
		return
	}
	r, err := recordInput(parts, uint32(ttl))
	if err != nil {
		e.fail("%v", err)
		return
	}
	records.records[e.key] = r
	records.unknown.Put(compose.Path(nil).Key(e.key), unknownOf(parts, service.TTLPart, service.ValuePart))
}

// recordInput translates one element. An unknown value stays empty.
func recordInput(parts map[string]input, ttl uint32) (record.Record, error) {
	owner, err := dnsname.Parse(parts["fqdn"].text())
	if err != nil {
		return record.Record{}, fmt.Errorf("fqdn %w", err)
	}
	domain, err := domainOf(parts["name"].text(), owner)
	if err != nil {
		return record.Record{}, err
	}
	typ, err := record.ParseType(parts["type"].text())
	if err != nil {
		return record.Record{}, err
	}
	if parts["value"].unknown() {
		return record.Record{Domain: domain, Owner: owner, Type: typ, TTL: ttl}, nil
	}
	return record.New(domain, owner, typ, ttl, parts["value"].text())
}

// domainOf returns the domain that an owner's relative name belongs to.
func domainOf(name string, owner dnsname.Name) (dnsname.Name, error) {
	domain := owner
	if name != "@" {
		for range dnsname.FromDNS(name).Labels() {
			domain = domain.Parent()
		}
	}
	if relative, ok := owner.In(domain); !ok || relative != name {
		return dnsname.Name{}, fmt.Errorf("name %s does not go with fqdn %q; write both as a data source gives them, or \"@\" for the domain itself", record.DisplayQuoted(name), owner)
	}
	return domain, nil
}
