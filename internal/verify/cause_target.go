package verify

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// targetCause compares records that end in a name. Other records at an owner that may have several are left alone.
func targetCause(e Expectation, k kind, v string) (Cause, bool) {
	for zone := e.Owner; len(zone.Labels()) > 0; zone = zone.Parent() {
		if v == e.Value+"."+zone.String() {
			target := e.Value[strings.LastIndex(e.Value, " ")+1:]
			return Cause{
				Code: TargetRelative,
				What: fmt.Sprintf("The %s at %s leads to %s: %s was appended to the target, which was taken for a relative name.", e.Type, shown(e.Owner), brief(v), shown(zone)),
				Do:   fmt.Sprintf("Write the target with a final dot at the DNS provider, as «%s.» (`quoted` has it so).", record.Display(target)),
			}, true
		}
	}
	preference, target, _ := strings.Cut(v, " ")
	if wanted, same, _ := strings.Cut(e.Value, " "); e.Type == record.MX && target == same && v != e.Value {
		return Cause{
			Code: ValueDiffers,
			What: fmt.Sprintf("The MX record at %s is %s, and %s is expected: its preference is %s in place of %s.",
				shown(e.Owner), brief(v), brief(e.Value), record.Display(preference), record.Display(wanted)),
			Do: "Change the preference at the DNS provider, or expect the one that stands there.",
		}, true
	}
	if !k.single() {
		return Cause{}, false
	}
	c := Cause{
		Code: TargetDiffers,
		What: fmt.Sprintf("The %s at %s leads to %s, and %s is expected.", e.Type, shown(e.Owner), brief(v), brief(e.Value)),
		Do:   "Change the target at the DNS provider, or the expected one where the service hands out the other.",
	}
	if base := common(dnsname.FromDNS(v), dnsname.FromDNS(e.Value)); base != "" {
		c.What = fmt.Sprintf("The %s at %s leads to %s, and %s is expected; both lie in %s, so that this may be an earlier or another set-up of the same service.",
			e.Type, shown(e.Owner), brief(v), brief(e.Value), base)
	}
	return c, true
}

// common returns the last labels that names share, empty where that is no more than a public suffix, below which
// anybody registers domains.
func common(a, b dnsname.Name) string {
	for base := a; len(base.Labels()) > 1; base = base.Parent() {
		if b.IsIn(base) {
			if suffix, _ := publicsuffix.PublicSuffix(base.String()); suffix == base.String() {
				return ""
			}
			return shown(base)
		}
	}
	return ""
}

func aliasForRecord(owner dnsname.Name, t record.Type, a answer.Answer) Cause {
	if c, ok := policyHosted(owner, a); ok && t == record.TXT {
		return c
	}
	there := "which has no such record"
	switch a.Outcome {
	case answer.Found:
		there = "where something else stands"
	case answer.NXDomain:
		there = "which does not exist"
	}
	return Cause{
		Code: AliasForRecord,
		What: fmt.Sprintf("%s is an alias (CNAME or DNAME) of %s, %s, and leaves no room for the %s record.", shown(owner), shown(a.Aliases[len(a.Aliases)-1]), there, t),
		Do:   fmt.Sprintf("Remove the alias and publish the %s record in its place, or expect a CNAME where the service asks for one.", t),
	}
}

// redirected puts in the place of what is said of an alias that a DNAME above the owner made, that it is the DNAME.
func redirected(causes []Cause, owner dnsname.Name, by []dnsname.Name) []Cause {
	if len(by) == 0 {
		return causes
	}
	causes = slices.DeleteFunc(slices.Clone(causes), func(c Cause) bool {
		return slices.Contains([]CauseCode{AliasForRecord, TargetDiffers, TargetRelative, NotPublished}, c.Code)
	})
	return append(causes, Cause{
		Code: AliasForRecord,
		What: fmt.Sprintf("A DNAME record at %s redirects every name below it, so that %s leaves no room for a record of its own.", shownNames(by), shown(owner)),
		Do:   "Remove the DNAME record, or publish the record in the zone that it leads to; what stands beside it in this zone is not seen (RFC 6672 §2.4).",
	})
}

// notPublished is what is left to say where nothing explains why the record is missing.
func notPublished(e Expectation, a answer.Answer) Cause {
	c := Cause{
		Code: NotPublished,
		Do: "Publish the record at the DNS provider that serves the zone, and check that it went into this zone and under this name; " +
			"where it was published just now, the servers have not taken it up yet.",
	}
	switch a.Outcome {
	case answer.NXDomain:
		c.What = fmt.Sprintf("The name %s does not exist.", shown(e.Owner))
	case answer.NoData:
		c.What = fmt.Sprintf("The name %s exists, and has no %s record.", shown(e.Owner), e.Type)
	default:
		c.What = fmt.Sprintf("None of the %s records at %s is the expected one.", e.Type, shown(e.Owner))
	}
	return c
}
