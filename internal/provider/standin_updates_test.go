package provider_test

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/miekg/dns"
)

// standInUpdates is the environment variable that has the stand-in for hashicorp/dns read and write a name server: its
// address, and the name and the secret of the key that updates are signed with.
const standInUpdates = "MAILDOMAIN_TEST_UPDATES"

// updateServer is a name server that takes updates (RFC 2136).
type updateServer struct{ addr, key, secret string }

func parseUpdates(text string) (updateServer, bool) {
	parts := strings.Fields(text)
	if len(parts) != 3 {
		return updateServer{}, false
	}
	return updateServer{parts[0], dns.Fqdn(parts[1]), parts[2]}, true
}

// updating is the stand-in with DNS: as hashicorp/dns does, it knows a resource by the name of its record set, reads that
// set from the server, and writes it by a signed update.
type updating struct {
	standIn

	updateServer
}

// recordTypes are the types of its resources.
var recordTypes = map[string]uint16{
	"dns_txt_record_set": dns.TypeTXT, "dns_cname_record": dns.TypeCNAME, "dns_mx_record_set": dns.TypeMX, "dns_srv_record_set": dns.TypeSRV,
}

func (s updateServer) exchange(ctx context.Context, m *dns.Msg) (*dns.Msg, error) {
	client := dns.Client{Net: "tcp", Timeout: 10 * time.Second, TsigSecret: map[string]string{s.key: s.secret}}
	reply, _, err := client.ExchangeContext(ctx, m, s.addr)
	return reply, err
}

// read returns a record set.
func (s updateServer) read(ctx context.Context, owner string, t uint16) ([]dns.RR, error) {
	reply, err := s.exchange(ctx, new(dns.Msg).SetQuestion(owner, t))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(reply.Answer, func(rr dns.RR) bool { return rr.Header().Rrtype != t }), nil
}

// replace puts records in the place of a record set.
func (s updateServer) replace(ctx context.Context, zone, owner string, t uint16, records []dns.RR) error {
	m := new(dns.Msg).SetUpdate(zone)
	m.RemoveRRset([]dns.RR{&dns.ANY{Hdr: dns.RR_Header{Name: owner, Rrtype: t}}})
	m.Insert(records)
	m.SetTsig(s.key, dns.HmacSHA256, 300, time.Now().Unix())
	reply, err := s.exchange(ctx, m)
	if err == nil && reply.Rcode != dns.RcodeSuccess {
		err = fmt.Errorf("the server answers %s", dns.RcodeToString[reply.Rcode])
	}
	return err
}

// zone returns the zone that a name lies in: the longest suffix with an SOA record.
func (s updateServer) zone(ctx context.Context, name string) (string, error) {
	for _, at := range dns.Split(name) {
		if found, err := s.read(ctx, name[at:], dns.TypeSOA); err != nil || len(found) > 0 {
			return name[at:], err
		}
	}
	return "", fmt.Errorf("no zone has %s", name)
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
	if !dns.IsFqdn(req.ID) {
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
	zone, err := p.zone(ctx, req.ID)
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
	records, err := p.read(ctx, h.owner(), recordTypes[req.TypeName])
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		typ := p.resources[req.TypeName].ValueType()
		gone, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, nil))
		return &tfprotov6.ReadResourceResponse{NewState: &gone}, err
	}
	h.take(p.resources[req.TypeName].ValueType().(tftypes.Object), records)
	state, err := p.state(req.TypeName, h)
	return &tfprotov6.ReadResourceResponse{NewState: state}, err
}

// take takes over what a record set holds.
func (h held) take(typ tftypes.Object, records []dns.RR) {
	number := func(n uint16) tftypes.Value { return tftypes.NewValue(tftypes.Number, int64(n)) }
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	h["ttl"] = tftypes.NewValue(tftypes.Number, int64(records[0].Header().Ttl))
	lists := make(map[string][]tftypes.Value)
	for _, rr := range records {
		switch rr := rr.(type) {
		case *dns.TXT:
			lists["txt"] = append(lists["txt"], text(strings.Join(rr.Txt, "")))
		case *dns.CNAME:
			h["cname"] = text(rr.Target)
		case *dns.MX:
			lists["mx"] = append(lists["mx"], block(typ, "mx", map[string]tftypes.Value{"preference": number(rr.Preference), "exchange": text(rr.Mx)}))
		case *dns.SRV:
			lists["srv"] = append(lists["srv"], block(typ, "srv", map[string]tftypes.Value{
				"priority": number(rr.Priority), "weight": number(rr.Weight), "port": number(rr.Port), "target": text(rr.Target),
			}))
		}
	}
	for name, list := range lists {
		h[name] = tftypes.NewValue(typ.AttributeTypes[name], list)
	}
}

// block is one block of a resource.
func block(typ tftypes.Object, name string, values map[string]tftypes.Value) tftypes.Value {
	return tftypes.NewValue(typ.AttributeTypes[name].(tftypes.Set).ElementType, values)
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
	t := recordTypes[req.TypeName]
	if after == nil {
		before, err := p.held(req.TypeName, req.PriorState)
		if err != nil {
			return nil, err
		}
		return resp, p.replace(ctx, before.text("zone"), before.owner(), t, nil)
	}
	records, err := after.records(t)
	if err != nil {
		return nil, err
	}
	after["id"] = tftypes.NewValue(tftypes.String, after.owner())
	if resp.NewState, err = p.state(req.TypeName, after); err != nil {
		return nil, err
	}
	return resp, p.replace(ctx, after.text("zone"), after.owner(), t, records)
}

// records are those of a resource.
func (h held) records(t uint16) ([]dns.RR, error) {
	values := []string{h.text("cname")}
	for _, name := range []string{"txt", "mx", "srv"} {
		var list []tftypes.Value
		if _, ok := h[name]; !ok {
			continue
		}
		if err := h[name].As(&list); err != nil {
			return nil, err
		}
		values = nil
		for _, v := range list {
			values = append(values, rdata(v))
		}
	}
	var ttl big.Float
	if err := h["ttl"].As(&ttl); err != nil {
		return nil, err
	}
	records := make([]dns.RR, len(values))
	for i, value := range values {
		rr, err := dns.NewRR(fmt.Sprintf("%s %s %s %s", h.owner(), ttl.Text('f', 0), dns.TypeToString[t], value))
		if err != nil {
			return nil, err
		}
		records[i] = rr
	}
	return records, nil
}

// rdata writes a text, or the numbers and the name of a block.
func rdata(v tftypes.Value) string {
	var text string
	if v.As(&text) == nil {
		return `"` + text + `"`
	}
	fields := make(map[string]tftypes.Value)
	if v.As(&fields) != nil {
		return ""
	}
	var words []string
	for _, name := range []string{"preference", "priority", "weight", "port", "exchange", "target"} {
		var number big.Float
		var word string
		if field, ok := fields[name]; ok && field.As(&word) == nil {
			words = append(words, word)
		} else if ok && field.As(&number) == nil {
			words = append(words, number.Text('f', 0))
		}
	}
	return strings.Join(words, " ")
}
