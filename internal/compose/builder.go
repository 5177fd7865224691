package compose

import (
	"fmt"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

// builder puts the records of a domain together.
type builder struct {
	config   Config
	kinds    service.Kinds // of the records to make
	live     *live         // nil: no DNS is asked
	services []applied
	own      own      // SPF of the owner's own
	claims   []*claim // of the owner, beside those of services

	records            record.Set
	unknown            problem.Unknown         // parts of records, see [Result.Unknown]
	policy             mtasts.Policy           // the MTA-STS policy that the records announce
	partial            bool                    // services are missing: some are unknown, or at fault
	keys               map[dnsname.Name]origin // where the records of DKIM selectors come from
	warnings, problems Problems
}

// origin is the part of the input that the record of a DKIM selector comes from.
type origin struct {
	path    Path
	service bool        // rather than a key of the user's own
	unknown bool        // the value is unknown
	key     dkim.Record // where the record holds a key itself
	state   KeyState
}

// bare returns a builder that has read nothing of the configuration.
func bare(c Config) *builder {
	return &builder{config: c, records: make(record.Set), keys: make(map[dnsname.Name]origin)}
}

// newBuilder returns a builder with the parsed SPF of the owner, and with the services applied for records of the given kinds.
func newBuilder(c Config, kinds service.Kinds) *builder {
	b := bare(c)
	b.kinds = kinds
	b.own, b.problems = c.parseOwn()
	b.problems = append(b.problems, c.checkAcknowledged()...)
	b.applyServices()
	b.warnings = append(b.warnings, notes(b.services)...)
	return b
}

// result returns the records, or Problems.
func (b *builder) result() (Result, error) {
	if err := b.problems.OrNil(); err != nil {
		return Result{}, err
	}
	if b.config.Unknown.Attribute("ttl").Any() {
		for key := range b.records {
			b.unknown.Add(Path(nil).Key(key).Attribute(service.TTLPart))
		}
	}
	if b.config.undecided() {
		b.unknown.Add(nil)
	}
	return Result{Records: b.records, Unknown: b.unknown, Warnings: b.config.open(b.warnings), MTASTS: b.policy}, nil
}

// warn adds a warning, which the owner may acknowledge by its code.
func (b *builder) warn(code string, path Path, summary, detail string) {
	b.warnings = append(b.warnings, &Problem{Code: code, Path: path, Summary: summary, Detail: detail})
}

// addConflicts adds the problems with records of services and of the owner that exclude each other.
func (b *builder) addConflicts() {
	shared, clashes := conflicts(b.services, b.claims...)
	b.warnings, b.problems = append(b.warnings, shared...), append(b.problems, clashes...)
}

// add adds the record of a DKIM selector, unless another source has its owner, which addConflicts reports.
func (b *builder) add(key string, r record.Record, unknown problem.Unknown, from origin) {
	first, taken := b.keys[r.Owner]
	switch {
	case unknown.Attribute(service.OwnerPart).Any():
	case taken && first.service && from.service:
		// Services with equal records share them.
	case taken:
		return
	default:
		b.keys[r.Owner] = from
	}
	b.store(key, r, unknown, from.path)
}

// store adds a record under its key. Two records under one key are a problem, since one of them would be lost.
func (b *builder) store(key string, r record.Record, unknown problem.Unknown, path Path) {
	if first, taken := b.records[key]; taken {
		b.problems = append(b.problems, &Problem{
			Path: path, Summary: "Two records under one key",
			Detail: fmt.Sprintf("The %s record at %s and the %s record at %s would both have the key %s. Give the service another name.",
				first.Type, first.Owner, r.Type, r.Owner, record.DisplayQuoted(key)),
		})
		return
	}
	b.records[key] = r
	b.unknown.Put(Path(nil).Key(key), unknown)
}

// valueUnknown returns the unknown parts of a record of which the value may be unknown.
func valueUnknown(unknown bool) (parts problem.Unknown) {
	if unknown {
		parts.Add(Attribute(service.ValuePart))
	}
	return parts
}
