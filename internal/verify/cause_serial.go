package verify

import (
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

// behind says which name servers lack what others of the zone serve. What the serials of the zone say about that is
// known once it was surveyed: see [probes.withSerials].
func (f Finding) behind() (Cause, bool) {
	if f.Via != answer.Authorities || f.count(Matches) == 0 || f.count(Mismatch) == 0 {
		return Cause{}, false
	}
	var servers []answer.Server
	var serials []answer.Serial
	for _, s := range f.Seen {
		if s.Verdict == Mismatch && !slices.Contains(f.above, s.Server) {
			servers = append(servers, s.Server)
		}
		if s.Serial > 0 {
			serials = append(serials, answer.Serial{Server: s.Server, Outcome: answer.Found, Serial: s.Serial})
		}
	}
	if len(servers) == 0 {
		return notAbove(f)
	}
	c := lagging(servers)
	c.Now = serialsText(serials)
	return c, true
}

// notAbove says that the zone has an NS record that the zone above does not have.
func notAbove(f Finding) (Cause, bool) {
	return Cause{
		Code: ParentElsewhere,
		What: fmt.Sprintf("The zone %s has the NS record %s, and the zone above does not, so that nobody is led there: %s.", shown(f.Owner), brief(f.Value), serverList(f.above)),
		Do:   "Enter the name server at the registrar, or publish the NS record in the zone above; where the zone is to be served elsewhere, correct its own NS records.",
	}, true
}

func lagging(servers []answer.Server) Cause {
	return Cause{
		Code: ServersBehind,
		What: fmt.Sprintf("%s %s not serve the record yet, and other name servers of the zone do.", serverList(servers), plural(len(servers), "does", "do")),
		Do:   followPrimary,
	}
}

const followPrimary = "Wait until every server follows the zone's primary; where that lasts, mend the zone transfer to the one that is behind, or take it off the zone's name servers."

// serialsText says which version of the zone each server has.
func serialsText(serials []answer.Serial) string {
	if len(serials) == 0 {
		return ""
	}
	texts := make([]string, len(serials))
	for i, s := range serials {
		texts[i] = fmt.Sprintf("%s has %d", s.Server, s.Serial)
		if s.Outcome != answer.Found {
			texts[i] = fmt.Sprintf("%s gives none (%s)", s.Server, s.Outcome)
		}
	}
	slices.Sort(texts)
	return "Of the zone's serials, " + enumerate(texts) + "."
}

// laggards says which servers have a lower serial than others, where none serves the record: they may be behind, and may
// as well count versions of their own.
func (p *probes) laggards(known bool) (Cause, bool) {
	newest, found := latest(p.survey.Serials)
	var servers []answer.Server
	for _, s := range p.survey.Serials {
		if s.Outcome == answer.Found && found && s.Serial != newest {
			servers = append(servers, s.Server)
		}
	}
	if len(servers) == 0 || known {
		return Cause{}, false
	}
	return Cause{
		Code: ServersBehind,
		What: fmt.Sprintf("%s %s a lower serial of the zone %s than its other name servers: an older version, or that of another DNS provider, which counts its own.",
			serverList(servers), plural(len(servers), "has", "have"), shown(p.survey.Zone)),
		Do:  "Wait until every server follows the zone's primary; where two DNS providers serve the zone, publish every record at both.",
		Now: serialsText(p.survey.Serials),
	}, true
}

// latest returns the newest serial that a server gave.
func latest(serials []answer.Serial) (newest uint32, found bool) {
	for _, s := range serials {
		if s.Outcome == answer.Found && (!found || newer(s.Serial, newest)) {
			newest, found = s.Serial, true
		}
	}
	return newest, found
}

// newer compares serials, which start again past their end (RFC 1982 §3.2).
func newer(a, b uint32) bool { return a != b && a-b < 1<<31 }

// withSerials adds to the causes that tell servers apart which version of the zone each has. Only a server with a lower
// serial than one that serves the record is behind it.
func (p *probes) withSerials(causes []Cause) []Cause {
	if apart := p.apart(); len(apart) > 0 {
		causes = slices.DeleteFunc(causes, func(c Cause) bool { return c.Code == ServersBehind })
		causes = append(causes, apart...)
	}
	text := serialsText(p.survey.Serials)
	for i, c := range causes {
		if c.Code == ServersBehind && text != "" {
			causes[i].Now = text
		}
	}
	return causes
}

// apart says of the servers that lack the record how their version of the zone compares with the newest that has it;
// nothing where no server has it, or no serial of one that does is known.
func (p *probes) apart() []Cause {
	var having []answer.Serial
	serials := make(map[answer.Server]uint32)
	for _, s := range p.survey.Serials {
		if s.Outcome != answer.Found {
			continue
		}
		serials[s.Server] = s.Serial
		if slices.Contains(p.serving, s.Server) {
			having = append(having, s)
		}
	}
	newest, ok := latest(having)
	if !ok {
		return nil
	}
	var older, same, ahead []answer.Server
	for _, s := range p.lacking {
		serial, known := serials[s]
		switch {
		case !known || newer(newest, serial):
			older = append(older, s)
		case serial == newest:
			same = append(same, s)
		default:
			ahead = append(ahead, s)
		}
	}
	var causes []Cause
	if len(older) > 0 {
		causes = append(causes, lagging(older))
	}
	if len(same) > 0 {
		causes = append(causes, Cause{
			Code: ServersBehind,
			What: fmt.Sprintf("%s %s not serve the record, and other name servers do, although they have the same version of the zone by its serial.", serverList(same), plural(len(same), "does", "do")),
			Do: "See whether two DNS providers serve the zone, and publish the record at both; where one primary feeds the servers, raise the serial there, " +
				"so that all of them take the zone up again.",
		})
	}
	if len(ahead) > 0 {
		causes = append(causes, Cause{
			Code: ServersBehind,
			What: fmt.Sprintf("%s %s not serve the record, and %s a higher serial of the zone than the name servers that do.", serverList(ahead), plural(len(ahead), "does", "do"), plural(len(ahead), "has", "have")),
			Do: "See whether the record was removed or changed since, and publish it again; where two DNS providers serve the zone, each counts serials of its own, " +
				"and the record must be right at both.",
		})
	}
	return causes
}
