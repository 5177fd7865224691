package provider

import (
	"cmp"
	"errors"
	"maps"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/display"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// neverFail is the value of `fail_on` with which findings are no errors.
const neverFail = "never"

// auditRequest is what an audit is configured with.
type auditRequest struct {
	config   audit.Config
	services map[string]compose.Service
	failOn   string
	fetch    bool // files over HTTPS
}

// newAuditRequest reads the configuration. What is wrong with it goes to its problems.
func newAuditRequest(c *configured) auditRequest {
	var r auditRequest
	parts := c.parts
	r.config.Domain = readDomain(parts["domain"])
	r.services = readServices(parts["services"])
	if records := parts["records"]; records.known() {
		r.config.Records = make(record.Set)
		maps.Copy(r.config.Records, readRecordSet(records).records)
		maps.DeleteFunc(r.config.Records, func(_ string, rec record.Record) bool { return !rec.Owner.IsIn(r.config.Domain) })
	}
	r.config.Selectors = parsed(parts["selectors"], dkim.ParseSelector)
	r.config.Hosts = parsed(parts["hosts"], dnsname.Parse)
	r.config.Senders, r.config.Strangers = senders(parts["expect_senders"]), senders(parts["expect_strangers"])
	r.fetch = parts["fetch"].boolean()
	r.config.Parked = parts["parked"].boolean()
	r.config.Ignore = make(map[string]string)
	for _, e := range parts["ignore"].elements("write the reason, or leave the check out") {
		if !slices.Contains(audit.IDs(), e.key) {
			e.failAs("Unknown check", "%s", display.Unlisted(e.key, audit.IDs()))
		}
		if e.isText() && e.text() == "" {
			e.failAs("Empty value", "it is an empty text; write the reason why the finding does not count")
		}
		r.config.Ignore[e.key] = e.text()
	}
	r.failOn = cmp.Or(parts["fail_on"].oneOf(string(audit.Error), string(audit.Warning), neverFail), string(audit.Error))
	return r
}

// parsed reads a list of texts.
func parsed[T any](in input, parse func(string) (T, error)) []T {
	var values []T
	for i, text := range in.texts() {
		if in.unknowns().At(i).Any() {
			continue
		}
		value, err := parse(text)
		if err != nil {
			in.at(in.path.At(i), nil).failAs("Invalid value", "%v", err)
			continue
		}
		values = append(values, value)
	}
	return values
}

// senders reads hosts with the mail that they send.
func senders(in input) []audit.Sender {
	var list []audit.Sender
	for _, e := range in.elements("write its `ip`, or leave the key out") {
		parts := e.attributes("ip", "sender", "helo")
		text := parts["ip"].text()
		ip, err := netip.ParseAddr(text)
		switch {
		case parts["ip"].unknown():
			continue
		case err != nil:
			parts["ip"].failAs("Invalid IP address", "%s must be an IPv4 or IPv6 address such as \"192.0.2.1\" or \"2001:db8::1\", without a prefix length", record.DisplayQuoted(text))
			continue
		}
		list = append(list, audit.Sender{IP: ip, Sender: parts["sender"].text(), HELO: parts["helo"].text()})
	}
	return list
}

// applied applies the services to the domain. It returns compose.Problems.
func (r auditRequest) applied() ([]audit.Service, error) {
	var list []audit.Service
	var problems compose.Problems
	for _, key := range slices.Sorted(maps.Keys(r.services)) {
		one, err := compose.ApplyOne(r.config.Domain, key, r.services[key])
		if more, ok := errors.AsType[compose.Problems](err); ok {
			problems = append(problems, more.In(compose.Attribute("services").Key(key))...)
			continue
		}
		list = append(list, audit.Service{Key: key, Info: one.Info, Applied: one.Applied})
	}
	return list, problems.OrNil()
}

func findingType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"id": types.StringType, "severity": types.StringType, "subject": types.StringType, "detail": types.StringType, "remedy": types.StringType, "reference": types.StringType,
	}}
}

func gapType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{"id": types.StringType, "why": types.StringType}}
}

func senderType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"service": types.StringType, "name": types.StringType, "configured": types.BoolType, "evidence": types.ListType{ElemType: types.StringType},
		"spf_aligned": types.BoolType, "dkim_aligned": types.BoolType,
	}}
}

func countsType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{"error": types.Int64Type, "warning": types.Int64Type, "note": types.Int64Type}}
}

func policyType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"step": types.StringType, "domain": types.StringType, "tag": types.StringType, "policy": types.StringType, "record": types.StringType, "organisational_domain": types.StringType,
	}}
}

// sendersAttribute is an input of hosts with the mail that they send.
func sendersAttribute(description string) schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional: true, MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"ip":     schema.StringAttribute{Required: true, MarkdownDescription: "IPv4 or IPv6 address of the server that sends."},
			"sender": schema.StringAttribute{Optional: true, MarkdownDescription: "Envelope sender (MAIL FROM). Optional. Defaults to the postmaster of `helo`, and without that to the postmaster of the domain."},
			"helo":   schema.StringAttribute{Optional: true, MarkdownDescription: "Name that the server gives in HELO or EHLO. Optional. Without it, the name is unknown."},
		}},
	}
}
