package compose

import (
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// builder puts the records of a domain together.
type builder struct {
	config   Config
	services []applied
	own      own      // what the owner wrote of SPF
	claims   []*claim // of the owner, beside those of services

	records            record.Set
	pending            map[string]service.Pending // by key; of records that are known in part
	unknown            bool                       // not all keys and types are known
	policy             mtasts.Policy              // what the records announce
	partial            bool                       // services are missing: some are at fault, or known only later
	keys               map[dnsname.Name]origin    // where the records of DKIM selectors come from
	warnings, problems Problems
}

// origin is the part of the input that the record of a DKIM selector comes from.
type origin struct {
	path    Path
	service bool        // rather than a key of the user's own
	pending bool        // the value is known only later
	key     dkim.Record // where the record holds a key itself
	state   KeyState
}

// bare returns a builder that has looked at nothing of the configuration yet.
func bare(c Config) *builder {
	return &builder{config: c, records: make(record.Set), pending: make(map[string]service.Pending), keys: make(map[dnsname.Name]origin)}
}

// newBuilder returns a builder that has parsed what the owner wrote, and applied the services for records of the given kinds.
func newBuilder(c Config, kinds service.Kinds) *builder {
	b := bare(c)
	b.own, b.problems = c.parseOwn()
	b.problems = append(b.problems, c.checkAcknowledged()...)
	var problems Problems
	b.services, b.warnings, problems = applyServices(c.Domain, c.Services, kinds)
	b.problems = append(b.problems, problems...)
	b.partial = len(problems) > 0 || c.Pending.Services
	b.warnings = append(b.warnings, notes(b.services)...)
	return b
}

// result returns what was put together. It returns Problems.
func (b *builder) result() (Result, error) {
	if err := b.problems.OrNil(); err != nil {
		return Result{}, err
	}
	if b.config.Pending.TTL {
		for key := range b.records {
			p := b.pending[key]
			p.TTL = true
			b.pending[key] = p
		}
	}
	return Result{Records: b.records, Pending: b.pending, Unknown: b.unknown, Warnings: b.config.open(b.warnings), MTASTS: b.policy}, nil
}

// warn adds a warning, which its code lets the owner acknowledge.
func (b *builder) warn(code string, path Path, summary, detail string) {
	b.warnings = append(b.warnings, &Problem{Code: code, Path: path, Summary: summary, Detail: detail})
}

// addConflicts reports what services and the owner ask for and cannot have together.
func (b *builder) addConflicts() {
	shared, clashes := conflicts(b.services, b.claims...)
	b.warnings, b.problems = append(b.warnings, shared...), append(b.problems, clashes...)
}

// add puts a record into the result, unless another source has its owner: addConflicts tells of that.
func (b *builder) add(key string, r record.Record, pending service.Pending, from origin) {
	first, taken := b.keys[r.Owner]
	switch {
	case pending.Owner:
	case taken && first.service && from.service:
		// Services that ask for one record alike share it.
	case taken:
		return
	default:
		b.keys[r.Owner] = from
	}
	b.store(key, r, pending, from.path)
}

// store puts a record under its key. A key is never given twice: one of two records would be lost.
func (b *builder) store(key string, r record.Record, pending service.Pending, path Path) {
	if first, taken := b.records[key]; taken {
		b.problems = append(b.problems, &Problem{
			Path: path, Summary: "Two records under one key",
			Detail: fmt.Sprintf("The %s record at %s and the %s record at %s would both have the key %s. Give the service another name.",
				first.Type, first.Owner, r.Type, r.Owner, record.DisplayQuoted(key)),
		})
		return
	}
	b.records[key] = r
	if pending.Any() {
		b.pending[key] = pending
	}
}
