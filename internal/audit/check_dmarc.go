package audit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dmarc"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/reporturi"
)

// dmarcOwner returns the name that the domain's DMARC record stands at.
func (v *view) dmarcOwner() dnsname.Name { return v.below("_dmarc") }

// dmarcKnown runs a check where it is known which records the walk meets.
func dmarcKnown(f func(l *look)) func(*look) {
	return func(l *look) {
		for _, name := range walk(l.config.Domain) {
			if !l.needs(l.fact(below("_dmarc", name), record.TXT)) {
				return
			}
		}
		f(l)
	}
}

// withPolicy runs a check where a DMARC record applies.
func withPolicy(f func(l *look, p Policy)) func(*look) {
	return dmarcKnown(func(l *look) {
		if l.policy.Step != NoRecord {
			f(l, l.policy)
		}
	})
}

// ofDomain runs a check of the one record at the domain itself, whether or not it applies.
func ofDomain(f func(l *look, owner string, r dmarc.Record)) func(*look) {
	return func(l *look) {
		if !l.needs(l.fact(l.dmarcOwner(), record.TXT)) {
			return
		}
		if values := l.dmarcAt(l.config.Domain); len(values) == 1 {
			if r, err := dmarc.Parse(values[0]); err == nil {
				f(l, l.dmarcOwner().String(), r)
			}
		}
	}
}

func checkDMARCMissing(l *look) {
	if l.policy.Step == NoRecord && len(l.dmarcAt(l.config.Domain)) == 0 && len(l.dmarcMisses()) == 0 {
		l.find(l.config.Domain.String(), "No DMARC record applies to the domain: anyone can send mail that seems to come from it, and large receivers refuse bulk mail.", "Publish one at `_dmarc`, starting with `p=none` and an address for reports.")
	}
}

func checkDMARCMultiple(l *look) {
	for _, name := range walk(l.config.Domain) {
		if n := len(l.dmarcAt(name)); n > 1 && (name == l.config.Domain || l.policy.Step == NoRecord) {
			l.find(below("_dmarc", name).String(), fmt.Sprintf("There are %d DMARC records at one name: receivers discard all of them.", n), "Keep one.")
		}
	}
}

var meantAsDMARC = regexp.MustCompile(`(?i)^["'\s\\]*(v\s*=?\s*d?marc\s*1?|dmarc1?\b)|(^|;)\s*p\s*=\s*(none|quarantine|reject)\b`)

// dmarcMisses returns the values at _dmarc that were meant as DMARC records, and are none.
func (v *view) dmarcMisses() []string {
	if len(v.dmarcAt(v.config.Domain)) > 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(v.fact(v.dmarcOwner(), record.TXT).Values()), func(s string) bool { return !meantAsDMARC.MatchString(s) })
}

func checkDMARCNearMiss(l *look) {
	for _, text := range l.dmarcMisses() {
		why := ""
		if _, err := dmarc.Parse(text); err != nil {
			why = " " + sentence(err)
		}
		l.find(l.dmarcOwner().String(), "A TXT value was meant as the DMARC record, but is not one: "+brief(text)+"."+why, "Publish it so that it starts with `v=DMARC1;`.")
	}
}

func checkDMARCUnrelated(l *look) {
	misses := l.dmarcMisses()
	for _, text := range l.fact(l.dmarcOwner(), record.TXT).Values() {
		if !dmarc.IsRecord(text) && !slices.Contains(misses, text) {
			l.find(l.dmarcOwner().String(), "A TXT record at `_dmarc` is not a DMARC record: "+brief(text)+".", "Remove it; it may come from a wildcard.")
		}
	}
}

func checkDMARCWrongPlace(l *look) {
	domain := l.config.Domain
	for _, name := range []dnsname.Name{domain, l.below("_dmarc." + domain.String()), l.below("_dmarc._dmarc")} {
		if slices.ContainsFunc(l.texts(name), dmarc.IsRecord) && !l.fromWildcard(name) {
			l.find(name.String(), "A DMARC record is at a name where no receiver looks for it.", "Move it to `_dmarc`.")
		}
	}
}

// fromWildcard reports whether a name has the records of every name below the domain.
func (v *view) fromWildcard(name dnsname.Name) bool {
	values := v.fact(v.below(probeLabel), record.TXT).Values()
	return name != v.config.Domain && len(values) > 0 && slices.Equal(values, v.fact(name, record.TXT).Values())
}

func checkDMARCPMissing(l *look, owner string, r dmarc.Record) {
	if r.P != "" || unusable(r, "p") {
		return
	}
	if r.Applies() {
		l.grade(Warning, owner, "The record names no policy, which counts as `p=none`; receivers that follow RFC 7489 ignore it.", "Write `p=none`, `p=quarantine` or `p=reject` after the version.")
		return
	}
	l.grade(Error, owner, "The record names neither a policy nor an address for reports: receivers treat the domain as one without DMARC.", "Write `p=none`, `p=quarantine` or `p=reject` after the version.")
}

func unusable(r dmarc.Record, tags ...string) bool {
	return slices.ContainsFunc(r.Remarks, func(m dmarc.Remark) bool { return m.Unusable && slices.Contains(tags, m.Tag) })
}

// remarks returns a check for remarks on the domain's own record.
func remarks(remedy string, chosen func(m dmarc.Remark) bool) func(*look) {
	return ofDomain(func(l *look, owner string, r dmarc.Record) {
		for _, m := range r.Remarks {
			if chosen(m) {
				l.find(owner, record.InlineShown(m.Text), remedy)
			}
		}
	})
}

// asksNothing reports whether the record says itself that the policy for the domain is none.
func (p Policy) asksNothing() bool {
	return p.Policy == dmarc.None && !p.Record.Test && !unusable(p.Record, "p", "sp", "np") && (p.Tag != "p" || p.Record.P != "")
}

func checkDMARCNone(l *look, p Policy) {
	if p.asksNothing() {
		l.find(l.config.Domain.String(), fmt.Sprintf("The policy that counts for the domain is none (%s): mail that fails is delivered like any other.", p.Tag), "Raise it to quarantine, and then to reject, once the reports show that all your mail passes.")
	}
}

func checkDMARCSubdomainsOpen(l *look, owner string, r dmarc.Record) {
	if r.Applies() && r.Policy() != dmarc.None && r.SP == dmarc.None {
		l.find(owner, "The policy for subdomains is none: mail that claims to come from any name below the domain is delivered.", "Remove sp, or raise it.")
	}
}

// strength orders policies.
func strength(p dmarc.Policy) int {
	return slices.Index([]dmarc.Policy{dmarc.None, dmarc.Quarantine, dmarc.Reject}, p)
}

func checkDMARCNPWeaker(l *look, owner string, r dmarc.Record) {
	if r.Applies() && r.NP != "" && strength(r.NonexistentPolicy()) < strength(r.SubdomainPolicy()) {
		l.find(owner, fmt.Sprintf("Subdomains that do not exist have the policy %s, and those that exist %s: forgers take names that do not exist.", r.NonexistentPolicy(), r.SubdomainPolicy()), "Remove np, or raise it.")
	}
}

func checkDMARCNPNoEffect(l *look, owner string, r dmarc.Record) {
	if r.NP == "" || !r.Applies() {
		return
	}
	f := l.fact(l.below(probeLabel), record.TXT)
	if a, ok := f.definite(); l.needs(f) && ok && !f.Missing() && len(a.Values) == 0 && len(a.Aliases) == 0 {
		l.find(owner, "np has no effect in this zone: its servers never say that a name does not exist (compact denial, RFC 9824).", "Set sp to the value of np.")
	}
}

func checkDMARCTesting(l *look, owner string, r dmarc.Record) {
	if r.Test && !testVoid(r) && !unusable(r, "p", "sp", "np") {
		l.find(owner, fmt.Sprintf("The record is being tested (t=y): each policy counts one level lower, %s for the domain.", r.Policy()), "Remove t=y when the tests are done.")
	}
}

// testVoid reports whether a test changes nothing, since no policy asks for anything.
func testVoid(r dmarc.Record) bool {
	return r.P == dmarc.None && (r.SP == "" || r.SP == dmarc.None) && (r.NP == "" || r.NP == dmarc.None)
}

func checkDMARCTestingVoid(l *look, owner string, r dmarc.Record) {
	if r.Test && testVoid(r) {
		l.find(owner, "t=y has no effect if every policy is none.", "Remove it.")
	}
}

func checkDMARCSPIgnored(l *look, owner string, r dmarc.Record) {
	if l.policy.Organisational != l.config.Domain && (r.SP != "" || r.NP != "") {
		l.find(owner, fmt.Sprintf("sp and np have no effect below the organisational domain, which is %s.", shown(l.policy.Organisational)), "Remove them, and set them in the record of the organisational domain.")
	}
}

func checkDMARCPSD(l *look, owner string, r dmarc.Record) {
	if r.PSD == dmarc.PSDYes && len(r.RUF) == 0 && (len(l.mailHosts()) > 0 || !l.passesNobody()) {
		l.find(owner, "psd=y says that the domain is a public suffix, and it sends or receives mail: its subdomains count as organisations of their own.", "Remove psd.")
	}
}

func checkDMARCPSDRUF(l *look, owner string, r dmarc.Record) {
	if r.PSD == dmarc.PSDYes && len(r.RUF) > 0 {
		l.find(owner, "psd=y and ruf exclude each other: failure reports would hold mail of the domains below a public suffix.", "Remove ruf, or, if the domain is not a public suffix, psd.")
	}
}

// tagsOf returns the tags of a record behind the version, as they are written.
func tagsOf(text string) (tags [][2]string) {
	for i, tag := range strings.Split(text, ";") {
		name, value, _ := strings.Cut(tag, "=")
		if name = strings.Trim(name, " \t"); i > 0 && name != "" {
			tags = append(tags, [2]string{name, strings.Trim(value, " \t")})
		}
	}
	return tags
}

// eachTag runs a check for each tag of the domain's own record.
func eachTag(f func(l *look, owner, name, value string, before []string)) func(*look) {
	return ofDomain(func(l *look, owner string, _ dmarc.Record) {
		var before []string
		for _, tag := range tagsOf(l.dmarcAt(l.config.Domain)[0]) {
			f(l, owner, tag[0], tag[1], before)
			before = append(before, tag[0])
		}
	})
}

func checkDMARCTagRemoved(l *look, owner, name, value string, before []string) {
	if slices.Contains(before, name) {
		return
	}
	switch name {
	case "pct":
		severity := Note
		if value != "100" && value != "0" {
			severity = Warning
		}
		l.grade(severity, owner, fmt.Sprintf("pct=%s has had no effect since RFC 9989: the policy counts for all mail.", show(value)), "Remove it; t=y lowers the policy by one level.")
	case "rf", "ri":
		l.find(owner, fmt.Sprintf("The tag %s has had no effect since RFC 9989.", name), "Remove it.")
	}
}

// knownTags are the tags of RFC 9989, and those that it removed.
var knownTags = []string{"v", "p", "sp", "np", "psd", "t", "adkim", "aspf", "rua", "ruf", "fo", "pct", "rf", "ri"}

func checkDMARCTagUnknown(l *look, owner, name, _ string, before []string) {
	if !slices.Contains(knownTags, name) && !slices.Contains(before, name) {
		l.find(owner, fmt.Sprintf("Receivers ignore the tag %s, which DMARC does not have.", brief(name)), "Remove it, or correct its name.")
	}
}

func checkDMARCTagTwice(l *look, owner, name, _ string, before []string) {
	if slices.Contains(before, name) {
		l.find(owner, fmt.Sprintf("The tag %s appears twice: it is undefined which one counts.", brief(name)), "Keep one.")
	}
}

func checkDMARCNoRUA(l *look, p Policy) {
	if len(p.Record.RUA) == 0 && !unusable(p.Record, "rua") && !l.config.Parked {
		l.find(below("_dmarc", p.Domain).String(), "The record names no address for aggregate reports: nobody learns which mail fails.", "Add rua with an address that receives reports.")
	}
}

func checkDMARCURIInvalid(l *look, owner string, r dmarc.Record) {
	for tag, left := range map[string][]string{"rua": r.RUA, "ruf": r.RUF} {
		if !unusable(r, tag) {
			continue
		}
		severity := Warning
		if len(left) == 0 {
			severity = Error
		}
		for _, m := range r.Remarks {
			if m.Unusable && m.Tag == tag {
				l.grade(severity, owner, record.InlineShown(m.Text), "Write each address after `mailto:`, separated by commas.")
			}
		}
	}
}

// uris runs a check for each URI of the domain's own record.
func uris(f func(l *look, owner, tag string, uris []string)) func(*look) {
	return ofDomain(func(l *look, owner string, r dmarc.Record) {
		f(l, owner, "rua", r.RUA)
		f(l, owner, "ruf", r.RUF)
	})
}

func checkDMARCURISize(l *look, owner, name, value string, _ []string) {
	if name != "rua" && name != "ruf" {
		return
	}
	for uri := range strings.SplitSeq(value, ",") {
		if limit := reporturi.Limit(strings.Trim(uri, " \t")); limit != "" {
			l.find(owner, fmt.Sprintf("%s limits the size of reports (%s), which RFC 9989 has removed.", name, show(limit)), "Remove the limit.")
		}
	}
}

func checkDMARCURIScheme(l *look, owner, tag string, uris []string) {
	for _, uri := range uris {
		if len(mailedTo([]string{uri})) == 0 {
			l.find(owner, fmt.Sprintf("%s names %s: receivers send reports only by mail.", tag, brief(uri)), "Name a `mailto:` address.")
		}
	}
}

func checkDMARCURIMany(l *look, owner, tag string, uris []string) {
	if len(uris) > 2 {
		l.find(owner, fmt.Sprintf("%s names %d addresses: receivers need to send to only two of them.", tag, len(uris)), "Name at most two.")
	}
}
