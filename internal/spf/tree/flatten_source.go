package tree

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// A source is where includes of a record come from.
type source struct {
	name    string
	label   string // for the names of its records; see [sourceLabel]
	terms   []int  // its includes among the record's terms
	former  []int  // includes of records that were flattened of it before, which give way too
	never   bool   // its sender asks that they stay
	adopted bool   // only the live record asks for them
	shared  bool   // it is small, and shares its record with others
}

// Owners returns the names that the records of a sender may have below owner, where it has records of its own.
func (s Sender) Owners(owner dnsname.Name) []dnsname.Name {
	var names []dnsname.Name
	for part := range spf.MaxLookups {
		if name, err := dnsname.ParseIn(flatLabel(sourceLabel(s.Name, false), part), owner); err == nil {
			names = append(names, name)
		}
	}
	return names
}

// senderNames says which sender brings which include, by the domain.
type senderNames struct {
	names map[string]string
	never map[string]bool
}

// senderNames finds the senders of includes. Of several senders, the first by name has it.
func (f Flattening) senderNames() senderNames {
	senders := slices.Clone(f.Senders)
	slices.SortStableFunc(senders, func(a, b Sender) int { return cmp.Compare(a.Name, b.Name) })
	n := senderNames{names: make(map[string]string), never: make(map[string]bool)}
	for _, s := range senders {
		for _, domain := range s.Includes {
			if _, taken := n.names[domain]; !taken {
				n.names[domain] = s.Name
			}
			n.never[domain] = n.never[domain] || s.NeverFlatten
		}
	}
	return n
}

// source returns the source of an include, by its domain and without its terms.
func (n senderNames) source(domain string) source {
	name, isSender := n.names[domain]
	if !isSender {
		name = domain
	}
	return source{name: name, label: sourceLabel(name, !isSender), never: n.never[domain]}
}

// sources returns the sources of the record's includes, in its order.
func (t *Tree) sources(f Flattening) []source {
	live, _ := t.root.record.Reached()
	own := f.ownRecords(t.owner, live)
	n := f.senderNames()
	var list []source
	at := make(map[string]int) // by the label, which tells a sender from a domain of the same name
	former := make(map[string][]int)
	for i, term := range live {
		if term.Mechanism != spf.MechInclude {
			continue
		}
		if label := own(term.Domain); label != "" {
			former[label] = append(former[label], i) // the shared ones belong to no source alone: see sharedBefore
			continue
		}
		found := n.source(term.Domain)
		j, known := at[found.label]
		if !known {
			j = len(list)
			at[found.label] = j
			list = append(list, found)
		}
		s := &list[j]
		s.terms = append(s.terms, i)
		s.never = s.never || found.never
		s.adopted = s.adopted || slices.Contains(f.Adopted, term.String())
	}
	for i := range list {
		list[i].former = former[list[i].label]
	}
	return list
}

// sharedBefore returns the includes of shared records among the record's terms.
func (t *Tree) sharedBefore(f Flattening) []int {
	live, _ := t.root.record.Reached()
	own := f.ownRecords(t.owner, live)
	var before []int
	for i, term := range live {
		if term.Mechanism == spf.MechInclude && term.Qualifier == spf.Pass && own(term.Domain) == sharedLabel {
			before = append(before, i)
		}
	}
	return before
}

// all returns the terms that give way, in record order.
func (s source) all() []int { return slices.Sorted(slices.Values(slices.Concat(s.terms, s.former))) }

// choose returns the sources that f names, in record order, and a *FlattenError for each name that there is none for.
func (t *Tree) choose(f Flattening) (chosen []source, errs []error) {
	sources := t.sources(f)
	named := make(map[int]bool)
	for _, name := range f.Names {
		found := false
		for i, s := range sources {
			if t.names(s, name) && (name != EverySource || !s.adopted) {
				named[i], found = true, true
			}
		}
		if !found && name != EverySource {
			errs = append(errs, unknownSource(name, sources))
		}
	}
	for i, s := range sources {
		if named[i] {
			chosen = append(chosen, s)
		}
	}
	return chosen, errs
}

// names reports whether a user's name is one of the source.
func (t *Tree) names(s source, name string) bool {
	if name == EverySource || name == s.name {
		return true
	}
	domain := strings.TrimSuffix(qname.Fold(name), ".")
	return slices.ContainsFunc(s.terms, func(i int) bool { return t.root.record.Directives[i].Domain == domain })
}

func unknownSource(name string, sources []source) error {
	known := []string{spf.Quote(EverySource)}
	for _, s := range sources {
		known = append(known, spf.Quote(s.name))
	}
	return &FlattenError{Source: name, Err: ErrUnknownSource, Detail: fmt.Sprintf(
		"a source has the name of a service, or the domain of an include of the record: it must be one of %s", strings.Join(known, ", "))}
}

// The parts of the names of flattened records.
const (
	flatPrefix  = "_spf-"
	mostLabel   = dnsname.MaxLabel - len(flatPrefix) - len("-10")
	hashDigits  = 10
	hashModulus = 10_000_000_000
)

// flatLabel returns the first label of the name of the record that holds a part of a source, counted from 0:
// "_spf-acme", "_spf-acme-2".
func flatLabel(source string, part int) string {
	if part == 0 {
		return flatPrefix + source
	}
	return flatPrefix + source + "-" + strconv.Itoa(part+1)
}

// sourceLabel returns what stands for a source in the names of its records. No two sources have the same, and none
// changes when others come or go: hyphens are doubled and the dots of domains become single hyphens, so that a sender,
// which has none, is told from a domain, and a domain from all others. What does not fit a label, or this rule, is cut,
// and told apart by a number made of the name, as no domain ends in one.
func sourceLabel(name string, isDomain bool) string {
	var b strings.Builder
	faithful := name != "" && name != sharedLabel && (!isDomain || strings.Contains(name, "."))
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_':
			b.WriteByte(c)
		case c >= 'A' && c <= 'Z':
			b.WriteByte(c | 0x20)
			faithful = false
		case c == '-':
			b.WriteString("--")
			// Beside a dot or at an end, it would be taken for another one.
			faithful = faithful && i > 0 && i < len(name)-1 && name[i-1] != '.' && name[i+1] != '.'
		case c == '.' && isDomain:
			b.WriteByte('-')
			faithful = faithful && i > 0 && i < len(name)-1 && name[i-1] != '.'
		default:
			b.WriteByte('-')
			faithful = false
		}
	}
	label := b.String()
	if faithful && len(label) <= mostLabel {
		return label
	}
	kind := "sender "
	if isDomain {
		kind = "domain "
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(kind + name)) // never fails
	label = strings.TrimRight(label[:min(len(label), mostLabel-hashDigits-1)], "-")
	return fmt.Sprintf("%s-%0*d", label, hashDigits, hash.Sum64()%hashModulus)
}

// ownRecords returns a function that tells for the domain of an include which source's flattened record it is, by its
// label, sharedLabel for a shared record, and "" for other domains. The sources are the senders, and the domains of the
// includes given.
func (f Flattening) ownRecords(owner dnsname.Name, includes []spf.Directive) func(domain string) string {
	labels := map[string]bool{sharedLabel: len(f.Senders) > 0 || len(includes) > 0}
	n := f.senderNames()
	for _, t := range includes {
		if t.Mechanism == spf.MechInclude && n.names[t.Domain] == "" {
			labels[sourceLabel(t.Domain, true)] = true
		}
	}
	for _, s := range f.Senders {
		labels[sourceLabel(s.Name, false)] = true
	}
	return func(domain string) string {
		label, below := strings.CutSuffix(domain, "."+owner.String())
		label, flattened := strings.CutPrefix(label, flatPrefix)
		if !below || !flattened {
			return ""
		}
		if labels[label] {
			return label
		}
		i := strings.LastIndexByte(label, '-')
		if i < 0 || !labels[label[:i]] {
			return ""
		}
		part, err := strconv.Atoi(label[i+1:])
		if err != nil || part < 2 || part > spf.MaxLookups || flatLabel(label[:i], part-1) != flatPrefix+label {
			return ""
		}
		return label[:i]
	}
}
