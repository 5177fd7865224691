package compose

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// Key is a DKIM key as the user has it. One of the three texts is set, or unknown.
type Key struct {
	PublicKey string // PEM
	Record    string // the TXT value, as in "k=rsa; p=…"
	CNAME     string // the name of the key record at the sender

	State KeyState // empty: the key is in use
}

// KeyState is a state in the life of a DKIM key.
type KeyState string

// The states, in their order.
const (
	KeyPublished KeyState = "published" // receivers can find it, and nothing is signed with it yet
	KeyActive    KeyState = "active"    // mail is signed with it
	KeyRevoked   KeyState = "revoked"   // it is withdrawn: its record has no key
)

// keyStates lists the states.
func keyStates() []KeyState { return []KeyState{KeyPublished, KeyActive, KeyRevoked} }

// ErrNoKey is the class of problems about a [Key] that does not have exactly one source.
var ErrNoKey = errors.New("no single source of a DKIM key")

// addKeys adds the user's own keys, and compares all keys.
func (b *builder) addKeys() {
	for _, selector := range slices.Sorted(maps.Keys(b.config.Keys)) {
		b.addKey(selector, b.config.Keys[selector])
	}
	b.compareKeys()
}

func (b *builder) addService(s applied, r service.Record) {
	from := origin{path: s.path, service: true}
	if r.Type == record.TXT && !r.Unknown.Attribute(service.ValuePart).Any() {
		key, ok := b.checkedKey(s.path.Attribute("variables"), r.Value)
		b.warnOtherOwner(s.path.Attribute("variables"), r.Value, r.Owner)
		if !ok {
			return
		}
		from.key, r.Value = key, key.String()
	}
	if b.config.TTL != 0 {
		r.TTL = b.config.TTL
	}
	b.add(record.Key(b.config.Domain, s.key, r.ID), r.Record, r.Unknown, from)
}

func (b *builder) addKey(name string, k Key) {
	path := Attribute("keys").Key(name)
	selector, err := dkim.ParseSelector(name)
	if err != nil {
		b.fail(path, "Invalid DKIM selector", err)
		return
	}
	owner, err := selector.Owner(b.config.Domain)
	if err != nil {
		b.fail(path, "Invalid DKIM selector", err)
		return
	}
	typ, value, from, ok := b.keyData(path, name)
	if !ok {
		return
	}
	b.warnOtherOwner(from.path, k.Record, owner)
	key := record.Key(b.config.Domain, "keys", selector.String())
	r := record.Record{Domain: b.config.Domain, Owner: owner, Type: typ, TTL: cmp.Or(b.config.TTL, DefaultTTL)}
	from.state = k.State
	if k.State == KeyRevoked {
		if typ == record.CNAME {
			b.problems = append(b.problems, &Problem{
				Path: from.path, Summary: "Key that is revoked elsewhere",
				Detail: "The key is at the target of the CNAME, and its publisher revokes it there. Leave `state` out, or remove the key once nothing is signed with it.",
			})
			return
		}
		value = from.key.Revoke().String()
	}
	from.unknown = from.unknown || b.config.Unknown.Attribute("keys").Key(name).Attribute("state").Any()
	if !from.unknown {
		if r.Value, err = record.Canonical(typ, value); err != nil {
			b.fail(from.path, "Invalid DKIM record", err)
			return
		}
		if err = r.CheckTarget(); err != nil {
			b.fail(from.path, "Invalid DKIM record", err)
			return
		}
	}
	b.claims = append(b.claims, &claim{by: &applied{path: from.path, own: path.String()}, id: selector.String(), key: true, unknown: from.unknown, Record: r})
	b.add(key, r, valueUnknown(from.unknown), from)
}

// checkKeys returns the problems with keys at any domain.
func (c Config) checkKeys() Problems {
	b := bare(Config{Keys: c.Keys, Unknown: c.Unknown})
	for _, name := range slices.Sorted(maps.Keys(c.Keys)) {
		path := Attribute("keys").Key(name)
		if _, err := dkim.ParseSelector(name); err != nil {
			b.fail(path, "Invalid DKIM selector", err)
			continue
		}
		typ, value, from, ok := b.keyData(path, name)
		if _, err := record.Canonical(typ, value); ok && !from.unknown && err != nil {
			b.fail(from.path, "Invalid DKIM record", err)
		}
	}
	return b.problems
}

// keyData returns type and value of the record for a key.
func (b *builder) keyData(path Path, name string) (t record.Type, value string, from origin, ok bool) {
	k, unknown := b.config.Keys[name], b.config.Unknown.Attribute("keys").Key(name)
	noText := unknown.Attribute("public_key").Any() || unknown.Attribute("record").Any()
	noCNAME, noState := unknown.Attribute("cname").Any(), unknown.Attribute("state").Any()
	if !noState && k.State != "" && !slices.Contains(keyStates(), k.State) {
		b.problems = append(b.problems, &Problem{
			Path: path.Attribute("state"), Summary: "Unknown state of a DKIM key", Detail: Sentence(display.Unlisted(string(k.State), keyStates())),
		})
		return "", "", origin{}, false
	}
	set := 0
	for _, s := range []string{k.PublicKey, k.Record, k.CNAME} {
		if s != "" {
			set++
		}
	}
	switch {
	case set == 1:
	case set == 0 && noText && noCNAME:
		b.unknown.Add(nil) // The type is unknown.
		return "", "", origin{}, false
	case set == 0 && noCNAME:
		return record.CNAME, "", origin{path: path, unknown: true}, true
	case set == 0 && (noText || noState): // An unknown state may be revoked.
		return record.TXT, "", origin{path: path, unknown: true}, true
	case set == 0 && k.State == KeyRevoked:
		return record.TXT, dkim.Record{}.Revoke().String(), origin{path: path}, true
	default:
		b.problems = append(b.problems, &Problem{
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
		key, ok := b.checkedKey(at, k.Record)
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
		b.fail(at, "Invalid public key", err)
		return "", "", origin{}, false
	}
	return record.TXT, key.String(), origin{path: at, key: key}, b.checked(at, key)
}

// checkedKey parses a key record, and reports whether its key can be published.
func (b *builder) checkedKey(path Path, text string) (dkim.Record, bool) {
	if strings.Contains(text, "-----BEGIN ") {
		_, err := dkim.FromPEM(text)
		if err == nil {
			err = errors.New("this is a key in PEM; give it as `public_key`")
		}
		b.fail(path, "Invalid DKIM key record", err)
		return dkim.Record{}, false
	}
	key, note, err := dkim.ParsePasted(text)
	if err != nil {
		b.fail(path, "Invalid DKIM key record", err)
		return dkim.Record{}, false
	}
	if note != "" {
		b.warn(warnPasted, path, "DKIM key record in quotes", Sentence(note))
	}
	return key.Canonical(), b.checked(path, key)
}

// warnOtherOwner warns of a line of a zone file that is the record of another name.
func (b *builder) warnOtherOwner(path Path, text string, owner dnsname.Name) {
	of, found := record.PastedOwner(text)
	name, err := dnsname.Parse(of)
	whole := strings.HasSuffix(of, ".")
	if !found || err != nil || name == owner || !whole && strings.HasPrefix(owner.String(), name.String()+".") {
		return
	}
	b.warn(warnPasted, path, "DKIM key record of another name", fmt.Sprintf(
		"The line is the record of %s, and here it becomes that of %s. Check the selector, and whether the key is this domain's.", record.DisplayQuoted(of), owner))
}

// checked reports the findings on a key, and whether it can be published.
func (b *builder) checked(path Path, key dkim.Record) bool {
	ok := true
	for _, f := range key.Check() {
		p := &Problem{Code: warnKey, Path: path, Summary: "Weak or unusual DKIM key", Detail: Sentence(f.Text)}
		// A key is withdrawn by publishing it without its data (RFC 6376 §3.6.1).
		if f.Level == dkim.Error && f.Code != dkim.KeyRevoked {
			p.Code, p.Summary, ok = "", "DKIM key that receivers reject", false
			b.problems = append(b.problems, p)
		} else {
			b.warnings = append(b.warnings, p)
		}
	}
	return ok
}

// compareKeys warns of one key under several selectors, and of keys that few receivers can verify.
func (b *builder) compareKeys() {
	byKey := make(map[dkim.Fingerprint][]string)
	others, edwards := 0, []string{}
	for _, owner := range slices.SortedFunc(maps.Keys(b.keys), dnsname.Name.Compare) {
		if b.keys[owner].unknown {
			others++ // It may be of any type.
			continue
		}
		if b.keys[owner].state == KeyRevoked {
			continue // Nobody verifies with it.
		}
		key := b.keys[owner].key
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
	b.compareStates()
	slices.SortFunc(twice, slices.Compare)
	for _, owners := range twice {
		b.warnings = append(b.warnings, &Problem{
			Code: warnKeyTwice, Path: Attribute("keys"), Summary: "One DKIM key under several selectors",
			Detail: fmt.Sprintf("%s hold the same key. Selectors exist so that keys can be replaced one by one; a second selector with the same key adds nothing. "+
				"Check whether one of the values was pasted twice.", strings.Join(owners, " and ")),
		})
	}
	if len(edwards) > 0 && others == 0 {
		b.warnings = append(b.warnings, &Problem{
			Code: warnEd25519, Path: Attribute("keys"), Summary: "Only Ed25519 keys",
			Detail: fmt.Sprintf("%s: few receivers verify Ed25519 signatures (RFC 8463), and to the others the mail is unsigned. Publish an RSA key of 2048 bits under another selector as well, and sign with both.",
				strings.Join(edwards, ", ")),
		})
	}
}

// compareStates warns of keys of which none is in use.
func (b *builder) compareStates() {
	for _, from := range b.keys {
		if from.unknown || from.state == "" || from.state == KeyActive {
			return
		}
	}
	if len(b.keys) > 0 {
		b.warn(warnNoKey, Attribute("keys"), "No DKIM key in use", "Every key is published ahead of its use or revoked: no mail is signed. Set the `state` of the key that signs to \"active\".")
	}
}

func (b *builder) fail(path Path, summary string, err error) {
	text := err.Error()
	if selector, ok := errors.AsType[*dkim.SelectorError](err); ok { // The path ends in the selector.
		text = strings.ReplaceAll(selector.Reason, record.DisplayQuoted(selector.Selector)+": ", "")
	}
	detail := Sentence(text)
	if errors.Is(err, dkim.ErrNotDKIM) {
		detail += " Give the value as support handed it out, such as `k=rsa; p=MIIB…`."
	}
	b.problems = append(b.problems, &Problem{Path: path, Summary: summary, Detail: detail, Err: err})
}
