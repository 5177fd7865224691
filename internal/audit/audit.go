// Package audit says whether the mail of a domain works by what DNS serves: a table of checks over what was gathered
// before. [Gather] asks DNS, each question once; a [Check] looks at the answers alone, so that the same answers give the
// same report.
package audit

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/service"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
)

// DNS answers the questions of [Gather]. Implementations are safe for concurrent use.
type DNS interface {
	// Lookup asks recursive servers. Names of the domain itself are never put to it: recursive servers remember that a
	// record is absent which is still to be published.
	spf.Resolver
	// Ask asks every authoritative server of a name, as verify.Resolver has it.
	Ask(ctx context.Context, q answer.Question) (answer.Set, error)
	// Survey describes the zone of a name, as verify.Surveyor has it.
	Survey(ctx context.Context, name dnsname.Name) (answer.Survey, error)
}

// Severity says how bad a finding is.
type Severity string

// The severities, the worst first.
const (
	Error   Severity = "error"   // a published record has no effect, or mail is lost
	Warning Severity = "warning" // it works today, and fails at some receivers or soon
	Note    Severity = "note"    // worth knowing
)

// Severities lists the severities, the worst first.
func Severities() []Severity { return []Severity{Error, Warning, Note} }

// rank orders severities.
func (s Severity) rank() int { return slices.Index(Severities(), s) }

// Config holds the domain to audit, and the facts that the configuration gives about it.
type Config struct {
	Domain    dnsname.Name
	Records   record.Set        // that are to be published; nil: live DNS alone is judged
	Services  []Service         // that send for the domain, in the order of their keys
	Selectors []dkim.Selector   // further DKIM selectors to look at
	Hosts     []dnsname.Name    // that send no mail
	Senders   []Sender          // whose mail has to pass SPF
	Strangers []Sender          // whose mail must not pass SPF
	Lab       bool              // name servers may have addresses that are not public
	Parked    bool              // the domain sends and receives no mail
	Ignore    map[string]string // why findings of a check do not count, by its id
	Web       Web               // fetches files; nil: none is fetched
	Now       time.Time         // the time that signatures are checked at
}

// Service is a mail service that is configured for the domain.
type Service struct {
	Key     string // its name in the configuration
	Info    service.Info
	Applied service.Applied
}

// Sender is a host with the mail that it sends.
type Sender struct {
	IP           netip.Addr
	Sender, HELO string // as in [spf.Query]; an empty Sender stands for an address of the domain
}

// Finding is a result of a check.
type Finding struct {
	ID        string
	Severity  Severity
	Subject   string // the name, or the sender, that it is about
	Detail    string // the state of DNS: whole sentences, inert in Markdown
	Remedy    string // whole sentences
	Reference string // where the rule stands
}

// Gap is a check that could not be made.
type Gap struct{ ID, Why string }

// Report is the outcome of an audit. Its lists are sorted.
type Report struct {
	Domain     dnsname.Name
	Findings   []Finding // by severity, id and subject
	Ignored    []Finding // those that the configuration says not to count
	Unused     []string  // ids in Config.Ignore without a finding
	NotChecked []Gap     // by id; a check is there, or in Passed, or has findings
	Passed     []string  // ids
	Senders    []Recognised
	Policy     Policy

	spf []drawn
}

// Count returns how many findings there are of a severity.
func (r Report) Count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Fails reports whether there is a finding at least as bad as a severity.
func (r Report) Fails(at Severity) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity.rank() <= at.rank() })
}

// MaxFindings is how many findings of one check a report has at most; a last one tells of the others.
const MaxFindings = 25

// A look is one check at work.
type look struct {
	*view

	check    Check
	findings []Finding
	more     int    // findings past MaxFindings
	why      string // the check cannot be made; the first reason
}

// find notes a finding with the severity of the check.
func (l *look) find(subject, detail, remedy string) {
	l.grade(l.check.Severity, subject, detail, remedy)
}

// grade adds a finding with a severity of its own.
func (l *look) grade(s Severity, subject, detail, remedy string) {
	f := Finding{ID: l.check.ID, Severity: s, Subject: subject, Detail: detail, Remedy: remedy, Reference: l.check.Reference}
	switch {
	case slices.Contains(l.findings, f):
	case len(l.findings) == MaxFindings:
		l.more++
	default:
		l.findings = append(l.findings, f)
	}
}

// done returns the findings, with one that tells of those that are left out.
func (l *look) done() []Finding {
	if l.more == 0 {
		return l.findings
	}
	last := l.findings[len(l.findings)-1]
	last.Subject, last.Detail = l.config.Domain.String(), fmt.Sprintf("There are %d more findings of this check.", l.more)
	return append(l.findings, last)
}

// skip notes that the check cannot be made, or not whole.
func (l *look) skip(why string) { l.why = cmp.Or(l.why, why) }

// needs reports whether facts are known, and skips the check where one is not.
func (l *look) needs(facts ...Fact) bool {
	for _, f := range facts {
		if !f.Known() {
			l.skip(f.unknown())
			return false
		}
	}
	return true
}

// texts returns the TXT values of a name. It skips the check where they are not known, but for a name that is longer than
// DNS allows: there is nothing.
func (l *look) texts(name dnsname.Name) []string {
	f := l.fact(name, record.TXT)
	if name.IsValid() {
		l.needs(f)
	}
	return f.Values()
}

// Report makes all checks over the gathered facts.
func (g Gathered) Report() Report {
	r := Report{Domain: g.config.Domain, Senders: g.live.senders(), Policy: g.live.policy, spf: g.live.drawings()}
	used := make(map[string]bool)
	for _, c := range Checks() {
		findings, why := g.make(c)
		if _, ignored := g.config.Ignore[c.ID]; ignored && len(findings) > 0 {
			used[c.ID] = true
			r.Ignored = append(r.Ignored, findings...)
			continue
		}
		r.Findings = append(r.Findings, findings...)
		switch {
		case why != "" && len(findings) == 0:
			r.NotChecked = append(r.NotChecked, Gap{c.ID, why})
		case len(findings) == 0:
			r.Passed = append(r.Passed, c.ID)
		}
	}
	for id := range g.config.Ignore {
		if !used[id] {
			r.Unused = append(r.Unused, id)
		}
	}
	for _, list := range [][]Finding{r.Findings, r.Ignored} {
		slices.SortFunc(list, func(a, b Finding) int {
			return cmp.Or(cmp.Compare(a.Severity.rank(), b.Severity.rank()), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Detail, b.Detail))
		})
	}
	slices.Sort(r.Unused)
	slices.Sort(r.Passed)
	slices.SortFunc(r.NotChecked, func(a, b Gap) int { return cmp.Compare(a.ID, b.ID) })
	return r
}

// make makes one check, over live DNS and over DNS with the records of the configuration published.
func (g Gathered) make(c Check) (findings []Finding, why string) {
	live := look{view: g.live, check: c}
	c.run(&live)
	if g.planned == nil || c.liveOnly {
		return live.done(), live.why
	}
	planned := look{view: g.planned, check: c}
	c.run(&planned)
	findings = live.done()
	for _, f := range planned.done() {
		if !slices.Contains(findings, f) {
			f.Detail = "As configured: " + f.Detail
			findings = append(findings, f)
		}
	}
	return findings, cmp.Or(live.why, planned.why)
}
