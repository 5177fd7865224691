package provider_test

import (
	"context"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/catglobe/terraform-provider-maildomain/internal/realdns"
)

// updating is the stand-in with DNS: as hashicorp/dns does, it knows a resource by the name of its record set, reads that
// set from the server, and writes it by a signed update.
type updating struct {
	standIn

	server realdns.Updates
}

// recordSets are its resources: the type of the records, the attribute or block that holds them, and the fields of a block.
var recordSets = map[string]struct {
	rrtype, attribute string
	fields            []string
}{
	"dns_txt_record_set": {"TXT", "txt", nil},
	"dns_cname_record":   {"CNAME", "cname", nil},
	"dns_mx_record_set":  {"MX", "mx", []string{"preference", "exchange"}},
	"dns_srv_record_set": {"SRV", "srv", []string{"priority", "weight", "port", "target"}},
}

// held is a resource as Terraform has it.
type held map[string]tftypes.Value

func (p updating) held(resource string, in *tfprotov6.DynamicValue) (held, error) {
	value, err := in.Unmarshal(p.resources[resource].ValueType())
	if err != nil || value.IsNull() {
		return nil, err
	}
	values := make(map[string]tftypes.Value)
	return values, value.As(&values)
}

func (h held) text(name string) string {
	var text string
	if err := h[name].As(&text); err != nil {
		return ""
	}
	return text
}

// owner returns the name of the record set.
func (h held) owner() string {
	if name := h.text("name"); name != "" {
		return name + "." + h.text("zone")
	}
	return h.text("zone")
}

func (p updating) state(resource string, h held) (*tfprotov6.DynamicValue, error) {
	typ := p.resources[resource].ValueType()
	state, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, map[string]tftypes.Value(h)))
	return &state, err
}

// ImportResourceState takes the name of the record set for the id.
func (p updating) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	if !strings.HasSuffix(req.ID, ".") {
		return nil, fmt.Errorf("the id %s does not end in a dot", req.ID)
	}
	resp, err := p.standIn.ImportResourceState(ctx, req)
	if err != nil {
		return nil, err
	}
	h, err := p.held(req.TypeName, resp.ImportedResources[0].State)
	if err != nil {
		return nil, err
	}
	zone, err := p.server.Zone(ctx, req.ID)
	if err != nil {
		return nil, err
	}
	h["zone"] = tftypes.NewValue(tftypes.String, zone)
	if name, below := strings.CutSuffix(req.ID, "."+zone); below {
		h["name"] = tftypes.NewValue(tftypes.String, name)
	}
	resp.ImportedResources[0].State, err = p.state(req.TypeName, h)
	return resp, err
}

// ReadResource reads the record set.
func (p updating) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	h, err := p.held(req.TypeName, req.CurrentState)
	if err != nil {
		return nil, err
	}
	set := recordSets[req.TypeName]
	values, ttl, err := p.server.Read(ctx, h.owner(), set.rrtype)
	if err != nil {
		return nil, err
	}
	typ := p.resources[req.TypeName].ValueType()
	if len(values) == 0 {
		gone, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, nil))
		return &tfprotov6.ReadResourceResponse{NewState: &gone}, err
	}
	h["ttl"] = tftypes.NewValue(tftypes.Number, int64(ttl))
	h[set.attribute], err = readRecords(typ.(tftypes.Object).AttributeTypes[set.attribute], set.fields, values)
	if err != nil {
		return nil, err
	}
	state, err := p.state(req.TypeName, h)
	return &tfprotov6.ReadResourceResponse{NewState: state}, err
}

// readRecords makes an attribute or the blocks of a type of the values of a record set.
func readRecords(typ tftypes.Type, fields, values []string) (tftypes.Value, error) {
	set, ok := typ.(tftypes.Set)
	if !ok {
		return tftypes.NewValue(typ, values[0]), nil
	}
	var elements []tftypes.Value
	for _, value := range values {
		object, ok := set.ElementType.(tftypes.Object)
		if !ok {
			elements = append(elements, tftypes.NewValue(set.ElementType, value))
			continue
		}
		parts := strings.Fields(value)
		if len(parts) != len(fields) {
			return tftypes.Value{}, fmt.Errorf("%q does not have %d fields", value, len(fields))
		}
		block := make(map[string]tftypes.Value)
		for i, name := range fields {
			var part any = parts[i]
			if object.AttributeTypes[name].Is(tftypes.Number) {
				number, err := strconv.ParseInt(parts[i], 10, 64)
				if err != nil {
					return tftypes.Value{}, err
				}
				part = number
			}
			block[name] = tftypes.NewValue(object.AttributeTypes[name], part)
		}
		elements = append(elements, tftypes.NewValue(object, block))
	}
	return tftypes.NewValue(typ, elements), nil
}

// ApplyResourceChange writes the record set, or removes it.
func (p updating) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := p.standIn.ApplyResourceChange(ctx, req)
	if err != nil {
		return nil, err
	}
	after, err := p.held(req.TypeName, resp.NewState)
	if err != nil {
		return nil, err
	}
	set := recordSets[req.TypeName]
	if after == nil {
		before, err := p.held(req.TypeName, req.PriorState)
		if err != nil {
			return nil, err
		}
		return resp, p.server.Replace(ctx, before.text("zone"), before.owner(), set.rrtype, 0, nil)
	}
	var ttl big.Float
	if err := after["ttl"].As(&ttl); err != nil {
		return nil, err
	}
	seconds, _ := ttl.Uint64()
	values, err := writeRecords(after[set.attribute], set.fields)
	if err != nil {
		return nil, err
	}
	after["id"] = tftypes.NewValue(tftypes.String, after.owner())
	if resp.NewState, err = p.state(req.TypeName, after); err != nil {
		return nil, err
	}
	return resp, p.server.Replace(ctx, after.text("zone"), after.owner(), set.rrtype, uint32(seconds), values)
}

// writeRecords returns what an attribute or blocks hold as values of a record set.
func writeRecords(of tftypes.Value, fields []string) ([]string, error) {
	var text string
	if of.As(&text) == nil {
		return []string{text}, nil
	}
	var elements []tftypes.Value
	if err := of.As(&elements); err != nil {
		return nil, err
	}
	var values []string
	for _, element := range elements {
		if element.As(&text) == nil {
			values = append(values, text)
			continue
		}
		block := make(map[string]tftypes.Value)
		if err := element.As(&block); err != nil {
			return nil, err
		}
		var parts []string
		for _, name := range fields {
			var number big.Float
			if block[name].As(&text) == nil {
				parts = append(parts, text)
			} else if err := block[name].As(&number); err == nil {
				parts = append(parts, number.Text('f', 0))
			}
		}
		values = append(values, strings.Join(parts, " "))
	}
	return values, nil
}
