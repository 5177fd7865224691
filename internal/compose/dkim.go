package compose

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// Key is a DKIM key as the user has it. One of the three texts is set, or known only later.
type Key struct {
	PublicKey string // PEM
	Record    string // the TXT value, as in "k=rsa; p=…"
	CNAME     string // the name of the key record at the sender

	PendingText  bool // PublicKey or Record is known only later
	PendingCNAME bool
}

// ErrNoKey is the class of problems about a [Key] that does not have exactly one source.
var ErrNoKey = errors.New("no single source of a DKIM key")

// DKIMConfig says which DKIM keys a domain publishes.
type DKIMConfig struct {
	Domain   dnsname.Name
	Services map[string]Service
	Keys     map[string]Key // by selector
	TTL      uint32         // seconds; 0: what the service's template says, and DefaultTTL
}

// DKIMResult is the DKIM records of a domain.
type DKIMResult struct {
	Records  record.Set
	Warnings Problems
}

// DKIM makes the DKIM records of a domain from its services and keys. It returns Problems.
func DKIM(c DKIMConfig) (DKIMResult, error) {
	services, warnings, problems := applyServices(c.Domain, c.Services, service.DKIMKind)
	d := newDKIMBuilder(c)
	d.warnings, d.problems = slices.Concat(warnings, notes(services)), problems
	for _, s := range services {
		for _, r := range s.Records {
			d.addService(s, r)
		}
	}
	d.addKeys()
	d.addConflicts(services)
	if err := d.problems.OrNil(); err != nil {
		return DKIMResult{}, err
	}
	return DKIMResult{Records: d.records, Warnings: d.warnings}, nil
}

// An origin is the part of the input that a record comes from.
type origin struct {
	path    Path
	service bool        // rather than a key of the user's own
	pending bool        // the value is known only later
	key     dkim.Record // where the record holds a key itself
}

type dkimBuilder struct {
	config             DKIMConfig
	records            record.Set
	pending            map[string]service.Pending // by key; of records that are known in part
	unknown            bool                       // the type of a record is known only later
	origin             map[dnsname.Name]origin
	own                []*claim // of the owner, beside those of services
	warnings, problems Problems
}

func newDKIMBuilder(c DKIMConfig) dkimBuilder {
	return dkimBuilder{config: c, records: make(record.Set), pending: make(map[string]service.Pending), origin: make(map[dnsname.Name]origin)}
}

// addConflicts reports what services and the owner ask for and cannot have together.
func (d *dkimBuilder) addConflicts(services []applied) {
	shared, clashes := conflicts(services, d.own...)
	d.warnings, d.problems = append(d.warnings, shared...), append(d.problems, clashes...)
}

// addKeys adds the user's own keys, and compares all that are there by then.
func (d *dkimBuilder) addKeys() {
	for _, selector := range slices.Sorted(maps.Keys(d.config.Keys)) {
		d.addKey(selector, d.config.Keys[selector])
	}
	d.compareKeys()
}

func (d *dkimBuilder) addService(s applied, r service.Record) {
	from := origin{path: s.path, service: true}
	if r.Type == record.TXT && !r.Pending.Value {
		key, ok := d.checkedKey(s.path.Attribute("variables"), r.Value)
		if !ok {
			return
		}
		from.key, r.Value = key, key.String()
	}
	if d.config.TTL != 0 {
		r.TTL = d.config.TTL
	}
	d.add(record.Key(d.config.Domain, s.key, r.ID), r.Record, r.Pending, from)
}

func (d *dkimBuilder) addKey(name string, k Key) {
	path := Attribute("keys").Key(name)
	selector, err := dkim.ParseSelector(name)
	if err != nil {
		d.fail(path, "Invalid DKIM selector", err)
		return
	}
	owner, err := selector.Owner(d.config.Domain)
	if err != nil {
		d.fail(path, "Invalid DKIM selector", err)
		return
	}
	typ, value, from, ok := d.keyData(path, k)
	if !ok {
		return
	}
	key := record.Key(d.config.Domain, "keys", selector.String())
	r := record.Record{Domain: d.config.Domain, Owner: owner, Type: typ, TTL: cmp.Or(d.config.TTL, DefaultTTL)}
	if !from.pending {
		if r.Value, err = record.Canonical(typ, value); err != nil {
			d.fail(from.path, "Invalid DKIM record", err)
			return
		}
		if err = r.CheckTarget(); err != nil {
			d.fail(from.path, "Invalid DKIM record", err)
			return
		}
	}
	d.own = append(d.own, &claim{by: &applied{path: from.path, own: path.String()}, id: selector.String(), key: true, later: from.pending, Record: r})
	d.add(key, r, service.Pending{Value: from.pending}, from)
}

// checkKeys finds what is wrong with keys whatever their domain is.
func checkKeys(keys map[string]Key) Problems {
	d := newDKIMBuilder(DKIMConfig{})
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		path := Attribute("keys").Key(name)
		if _, err := dkim.ParseSelector(name); err != nil {
			d.fail(path, "Invalid DKIM selector", err)
			continue
		}
		typ, value, from, ok := d.keyData(path, keys[name])
		if _, err := record.Canonical(typ, value); ok && !from.pending && err != nil {
			d.fail(from.path, "Invalid DKIM record", err)
		}
	}
	return d.problems
}

// keyData returns type and value of the record for a key.
func (d *dkimBuilder) keyData(path Path, k Key) (t record.Type, value string, from origin, ok bool) {
	set := 0
	for _, s := range []string{k.PublicKey, k.Record, k.CNAME} {
		if s != "" {
			set++
		}
	}
	if set == 0 && (k.PendingText || k.PendingCNAME) {
		return d.pendingKey(path, k)
	}
	if set != 1 {
		d.problems = append(d.problems, &Problem{
			Path: path, Summary: "DKIM key without a single source", Err: ErrNoKey,
			Detail: fmt.Sprintf("Give exactly one of `public_key` (PEM), `record` (as in `k=rsa; p=…`) and `cname`; %d of them are set.", set),
		})
		return "", "", origin{}, false
	}
	switch {
	case k.CNAME != "":
		return record.CNAME, k.CNAME, origin{path: path.Attribute("cname")}, true
	case k.Record != "":
		at := path.Attribute("record")
		key, ok := d.checkedKey(at, k.Record)
		return record.TXT, key.String(), origin{path: at, key: key}, ok
	}
	at := path.Attribute("public_key")
	key, err := dkim.FromPEM(k.PublicKey)
	if errors.Is(err, dkim.ErrNotPEM) {
		if value, _, ok := record.Pasted(k.PublicKey); ok && record.IsDKIM(value) {
			err = errors.New("this is a DKIM key record; give it as `record`")
		} else if tags := dkim.TagsBefore(k.PublicKey); tags != "" {
			err = fmt.Errorf("this is the base64 of a key, without the lines of PEM; give it as `record`, with %q before it", tags)
		}
	}
	if err != nil {
		d.fail(at, "Invalid public key", err)
		return "", "", origin{}, false
	}
	return record.TXT, key.String(), origin{path: at, key: key}, d.checked(at, key)
}

// pendingKey returns the type of the record for a key that is known only later.
func (d *dkimBuilder) pendingKey(path Path, k Key) (record.Type, string, origin, bool) {
	from := origin{path: path, pending: true}
	switch {
	case k.PendingText && k.PendingCNAME:
		d.unknown = true
		return "", "", origin{}, false
	case k.PendingCNAME:
		return record.CNAME, "", from, true
	}
	return record.TXT, "", from, true
}

// checkedKey reads a key record and reports what is wrong with its key.
func (d *dkimBuilder) checkedKey(path Path, text string) (dkim.Record, bool) {
	if strings.Contains(text, "-----BEGIN ") {
		_, err := dkim.FromPEM(text)
		if err == nil {
			err = errors.New("this is a key in PEM; give it as `public_key`")
		}
		d.fail(path, "Invalid DKIM key record", err)
		return dkim.Record{}, false
	}
	key, note, err := dkim.ParsePasted(text)
	if err != nil {
		d.fail(path, "Invalid DKIM key record", err)
		return dkim.Record{}, false
	}
	if note != "" {
		d.warnings = append(d.warnings, &Problem{Path: path, Summary: "DKIM key record in quotes", Detail: Sentence(note)})
	}
	return key.Canonical(), d.checked(path, key)
}

// checked reports the findings on a key, and whether it can be published.
func (d *dkimBuilder) checked(path Path, key dkim.Record) bool {
	ok := true
	for _, f := range key.Check() {
		p := &Problem{Path: path, Summary: "Weak or unusual DKIM key", Detail: Sentence(f.Text)}
		// A key is withdrawn by publishing it without its data (RFC 6376 §3.6.1).
		if f.Level == dkim.Error && f.Code != dkim.KeyRevoked {
			p.Summary, ok = "DKIM key that receivers reject", false
			d.problems = append(d.problems, p)
		} else {
			d.warnings = append(d.warnings, p)
		}
	}
	return ok
}

// add puts a record into the result, unless another source has its owner: addConflicts tells of that.
func (d *dkimBuilder) add(key string, r record.Record, pending service.Pending, from origin) {
	first, taken := d.origin[r.Owner]
	switch {
	case pending.Owner:
	case taken && first.service && from.service:
		// Services that ask for one record alike share it.
	case taken:
		return
	default:
		d.origin[r.Owner] = from
	}
	d.store(key, r, pending, from.path)
}

// store puts a record under its key. A key is never given twice: one of two records would be lost.
func (d *dkimBuilder) store(key string, r record.Record, pending service.Pending, path Path) {
	if first, taken := d.records[key]; taken {
		d.problems = append(d.problems, &Problem{
			Path: path, Summary: "Two records under one key",
			Detail: fmt.Sprintf("The %s record at %s and the %s record at %s would both have the key %s. Give the service another name.",
				first.Type, first.Owner, r.Type, r.Owner, record.DisplayQuoted(key)),
		})
		return
	}
	d.records[key] = r
	if pending.Any() {
		d.pending[key] = pending
	}
}

// compareKeys warns of one key under several selectors, and of keys that few receivers can verify.
func (d *dkimBuilder) compareKeys() {
	byKey := make(map[dkim.Fingerprint][]string)
	others, edwards := 0, []string{}
	for _, owner := range slices.SortedFunc(maps.Keys(d.origin), dnsname.Name.Compare) {
		if d.origin[owner].pending {
			others++ // It may be of any type.
			continue
		}
		key := d.origin[owner].key
		if key.KeyType() == dkim.Ed25519 {
			edwards = append(edwards, owner.String())
		} else {
			others++
		}
		if fingerprint := key.Fingerprint(); fingerprint != (dkim.Fingerprint{}) {
			byKey[fingerprint] = append(byKey[fingerprint], owner.String())
		}
	}
	var twice [][]string
	for _, owners := range byKey {
		if len(owners) > 1 {
			twice = append(twice, owners)
		}
	}
	slices.SortFunc(twice, slices.Compare)
	for _, owners := range twice {
		d.warnings = append(d.warnings, &Problem{
			Path: Attribute("keys"), Summary: "One DKIM key under several selectors",
			Detail: fmt.Sprintf("%s hold the same key. Selectors exist so that keys can be replaced one by one; a second selector with the same key adds nothing. "+
				"Check whether one of the values was pasted twice.", strings.Join(owners, " and ")),
		})
	}
	if len(edwards) > 0 && others == 0 {
		d.warnings = append(d.warnings, &Problem{
			Path: Attribute("keys"), Summary: "Only Ed25519 keys",
			Detail: fmt.Sprintf("%s: few receivers verify Ed25519 signatures (RFC 8463), and to the others the mail is unsigned. Publish an RSA key of 2048 bits under another selector as well, and sign with both.",
				strings.Join(edwards, ", ")),
		})
	}
}

func (d *dkimBuilder) fail(path Path, summary string, err error) {
	text := err.Error()
	if selector, ok := errors.AsType[*dkim.SelectorError](err); ok { // The path ends in the selector.
		text = strings.ReplaceAll(selector.Reason, record.DisplayQuoted(selector.Selector)+": ", "")
	}
	detail := Sentence(text)
	if errors.Is(err, dkim.ErrNotDKIM) {
		detail += " Give the value as support handed it out, such as `k=rsa; p=MIIB…`."
	}
	d.problems = append(d.problems, &Problem{Path: path, Summary: summary, Detail: detail, Err: err})
}
