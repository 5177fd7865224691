package record

import (
	"errors"
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// RRset is all records of one owner and type (RFC 2181 §5).
type RRset struct {
	Domain dnsname.Name
	Owner  dnsname.Name
	Type   Type
	TTL    uint32   // seconds; the smallest of the records, since an RRset has one (RFC 2181 §5.2)
	Values []string // sorted, each once
}

// Errors of [RRsets].
var (
	ErrTwoCNAME   = errors.New("two CNAME records with one owner")
	ErrCNAMEOwner = errors.New("a CNAME beside other records of its owner")
)

// Key returns the key of the set in maps: "<fqdn>/<type>".
func (s RRset) Key() string { return s.Owner.String() + "/" + string(s.Type) }

// Name returns the owner relative to the domain, "@" for the domain itself.
func (s RRset) Name() string { return Record{Domain: s.Domain, Owner: s.Owner}.Name() }

// Quoted returns the values in presentation form, in the order of Values.
func (s RRset) Quoted() []string {
	quoted := make([]string, len(s.Values))
	for i, v := range s.Values {
		quoted[i] = Record{Type: s.Type, Value: v}.Quoted()
	}
	return quoted
}

// RRsets groups records by owner and type, for DNS providers whose resource is a whole RRset. It
// returns an error for each two records that no zone can hold (RFC 1034 §3.6.2), or that void each other, as two SPF
// records do (RFC 7208 §4.5), in the order of their keys; they wrap [ErrTwoCNAME], [ErrCNAMEOwner], [ErrTwoSPF],
// [ErrTwoDMARC], [ErrTwoKeys] and their like.
func RRsets(records Set) (map[string]RRset, error) {
	type held struct{ set, value string }
	sets := make(map[string]RRset)
	values := make(map[held]bool)          // those that a set has already
	types := make(map[dnsname.Name]string) // owner → key of the record that was seen first
	type place struct {
		owner dnsname.Name
		kind  error
	}
	alone := make(map[place]string) // key of the first record of a kind that stands alone
	var errs []error
	for _, key := range records.Keys() {
		r := records[key]
		first, seen := types[r.Owner]
		if !seen {
			types[r.Owner] = key
		} else if (r.Type == CNAME) != (records[first].Type == CNAME) {
			errs = append(errs, fmt.Errorf("%w: %s and %s both are at %s; RFC 1034 §3.6.2 allows a CNAME alone",
				ErrCNAMEOwner, DisplayQuoted(first), DisplayQuoted(key), r.Owner))
			continue
		}
		if kind, ok := r.sole(); ok {
			at := place{r.Owner, kind.err}
			if other, taken := alone[at]; !taken {
				alone[at] = key
			} else if records[other].Value != r.Value {
				errs = append(errs, fmt.Errorf("%w: %s and %s both are at %s, and %s", kind.err, DisplayQuoted(other), DisplayQuoted(key), r.Owner, kind.why))
				continue
			}
		}
		set := RRset{Domain: r.Domain, Owner: r.Owner, Type: r.Type, TTL: r.TTL}
		if known, ok := sets[set.Key()]; ok {
			set = known
			set.TTL = min(set.TTL, r.TTL)
		}
		if v := (held{set.Key(), r.Value}); !values[v] {
			if r.Type == CNAME && len(set.Values) > 0 {
				errs = append(errs, fmt.Errorf("%w: %s and %s at %s point to different targets; keep one of them", ErrTwoCNAME, DisplayQuoted(first), DisplayQuoted(key), r.Owner))
				continue
			}
			values[v] = true
			set.Values = append(set.Values, r.Value)
		}
		sets[set.Key()] = set
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	for _, set := range sets {
		slices.Sort(set.Values)
	}
	return sets, nil
}
