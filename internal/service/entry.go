package service

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// A fate is what becomes of a record of a template.
type fate int

const (
	publish     fate = iota // becomes a DNS record
	mergeSPF                // its terms go into an SPF record
	skipWeb                 // has a meaning for web sites alone
	skipDMARC               // is a policy, which is the owner's
	unsupported             // has a type that this project cannot publish
)

// entry is a record of a template. Its id, kind and fate depend on no variable, so that they are known
// before any value is.
type entry struct {
	index     int // in "records"
	id        string
	group     string
	byDefault bool // applied where the user names no groups
	kind      Kinds
	fate      fate
	typ       string // upper case
	host      expr

	service, protocol           expr // SRV; each with its underscore
	ttl, priority, weight, port expr
	value                       expr   // "pointsTo", "target" or "data"
	valueField                  string // which of them
	terms                       []expr // of SPF, before `all`
	txt                         TXTConflict

	source  Source
	idle    []string // the variables of all its fields, as they are spelt, where it is left out
	needs   []string // the variables that it needs, each once, in lower case
	remarks []string // what is wrong with it and was put right
}

// parseEntry reads one record.
func parseEntry(index int, o object) (entry, error) {
	r := reader{index: index, object: o}
	e := entry{index: index, typ: strings.ToUpper(r.text("type")), group: r.text("groupId")}
	e.host = r.host(e.typ)
	if err := o.critical(index, func(field string) bool { return slices.Contains(knownFields, field) }); err != nil {
		r.fail(err)
	}
	if r.err == nil && !isTypeName(e.typ) {
		r.refuse("type", `it must name a record type, such as "TXT"`)
	}
	r.content(&e)
	if e.fate == publish || e.fate == mergeSPF {
		if strings.EqualFold(firstLabel(e.host), "_dmarc") && e.typ != "SRV" {
			e.fate = skipDMARC
		}
	}
	e.kind = e.kindOf()
	e.id, e.source = r.own()
	e.needs, e.remarks = e.collectNeeds(), r.remarks
	if e.fate != publish && e.fate != mergeSPF {
		e.idle = r.spellings()
	}
	return e, r.err
}

// content reads the fields that the type of the record has. Those that it has not are ignored, whatever they hold.
func (r *reader) content(e *entry) {
	switch e.typ {
	case "A", "AAAA", "CNAME", "NS", "MX":
		e.value, e.valueField = r.one("pointsTo", "data")
		if e.typ == "MX" {
			e.priority = r.uint16("priority")
		}
		if e.typ == "NS" && e.value.String() == "@" {
			r.refuse(e.valueField, "a zone delegated to itself leads nowhere")
		}
	case "SRV":
		r.srv(e)
	case "SPFM":
		e.fate, e.valueField = mergeSPF, "spfRules"
		e.terms = r.spf("spfRules", r.required("spfRules"))
		return
	case "TXT":
		data := r.txt()
		e.value, e.valueField, e.txt = parseExpr(data), "data", r.txtConflict()
		if isSPFText(data) {
			e.fate, e.terms = mergeSPF, r.spf("data", data)
			return
		}
	case "REDIR301", "REDIR302", "APEXCNAME":
		e.fate = skipWeb
		return
	default:
		e.value, e.valueField = r.one("data")
		if _, err := record.ParseType(e.typ); err != nil {
			e.fate = unsupported
			return
		}
	}
	e.ttl = r.ttl()
}

// String writes all that the record asks for, as the template has it: records that write the same are the same.
func (e *entry) String() string {
	return fmt.Sprintf("%s %q %q %q %q %q %q %q %q %q %v %d %v",
		e.typ, e.group, e.host, e.service, e.protocol, e.priority, e.weight, e.port, e.value, e.terms, e.ttl, e.fate, e.txt)
}

// knownFields are the fields of a record that a list "crit" may name.
var knownFields = []string{
	"type", "groupId", "essential", "host", "name", "pointsTo", "data", "ttl", "priority", "weight", "port", "protocol",
	"service", "target", "spfRules", "txtConflictMatchingMode", "txtConflictMatchingPrefix", "crit", extraField,
}

// collectNeeds lists the variables of all fields.
func (e *entry) collectNeeds() []string {
	var names []string
	seen := make(map[string]bool)
	for _, field := range e.fields() {
		for _, s := range field {
			if s.variable != "" && !seen[s.variable] {
				seen[s.variable] = true
				names = append(names, s.variable)
			}
		}
	}
	return names
}

// fields returns the texts that hold the variables which the record needs.
func (e *entry) fields() []expr {
	switch e.fate {
	case publish, skipDMARC:
		return []expr{e.host, e.service, e.protocol, e.ttl, e.priority, e.weight, e.port, e.value}
	case mergeSPF:
		return append([]expr{e.host}, e.terms...)
	default:
		return nil
	}
}

// kindOf tells what a record is for. Where type, host and text do not say it, the name of its group does.
func (e *entry) kindOf() Kinds {
	labels := strings.Split(strings.ToLower(e.host.String()), ".")
	isKey := (e.typ == "TXT" || e.typ == "CNAME") && e.owner() != "@" && strings.Contains(strings.ToLower(e.group), "dkim")
	switch {
	case e.fate == mergeSPF:
		return SPFKind
	case slices.Contains(labels, "_domainkey"), hasPrefixFold(e.value.String(), "v=DKIM1"), isKey:
		return DKIMKind
	default:
		return OtherKind
	}
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func firstLabel(host expr) string {
	label, _, _ := strings.Cut(host.String(), ".")
	return label
}

// isTypeName reports whether s may be the mnemonic of a type, TYPEnnn among them (RFC 3597 §5, RFC 6895 §3.1).
func isTypeName(s string) bool {
	for i, c := range []byte(s) {
		if !(c >= 'A' && c <= 'Z' || i > 0 && (c >= '0' && c <= '9' || c == '-')) {
			return false
		}
	}
	return s != "" && len(s) <= 32
}

// numberEntries gives ids to the records that have none of their own: type and host as written, numbered
// in the template's order where equal. It refuses an id of their own that two records have.
func numberEntries(entries []entry) error {
	taken := make(map[string]bool)
	for _, e := range entries {
		if e.id != "" && taken[e.id] {
			return &TemplateError{Record: e.index, Field: extraField + ".id", Reason: fmt.Sprintf("another record has the id %q too", e.id)}
		}
		taken[e.id] = true
	}
	next := make(map[string]int)
	for i := range entries {
		e := &entries[i]
		if e.id != "" {
			continue
		}
		base := strings.ToLower(e.typ) + "-" + e.owner()
		e.id = base
		for n := max(next[base], 2); taken[e.id]; n++ {
			e.id, next[base] = base+"-"+strconv.Itoa(n), n+1
		}
		taken[e.id] = true
	}
	return nil
}

// owner returns the host as the template writes it, with service and protocol before it where the record has them.
func (e *entry) owner() string {
	host := e.host.String()
	if host == "" {
		host = "@"
	}
	if e.typ != "SRV" {
		return host
	}
	prefix := e.service.String() + "." + e.protocol.String()
	if host == "@" {
		return prefix
	}
	return prefix + "." + host
}

// own is the object "x-maildomain" of a record.
type own struct {
	ID string `json:"id"`
	Source
}

// own returns the id that the record gives itself, and how it is known.
func (r *reader) own() (string, Source) {
	raw, ok := r.object[extraField]
	if !ok {
		return "", Source{}
	}
	var own own
	if err := strict(raw, &own); err != nil {
		r.refuse(extraField, "%v", err)
		return "", Source{}
	}
	for _, c := range []byte(own.ID) {
		if !isAlphanumeric(c) && c != '_' && c != '-' {
			r.refuse(extraField+".id", "an id is letters, digits, hyphens and underscores")
		}
	}
	if err := own.Source.check(); err != nil {
		r.refuse(extraField, "%v", err)
	}
	return own.ID, own.display()
}
