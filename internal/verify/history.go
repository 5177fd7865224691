package verify

import (
	"fmt"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

// A history is how the verdicts on one record changed from round to round.
type history struct {
	met     bool // in the last round
	rounds  int
	turns   int // how often it came to be met, or to be no longer
	servers map[answer.Server]*turns
}

// turns is how often one server's verdict on what it serves changed. Rounds in which it does not say count for nothing.
type turns struct {
	last Verdict
	n    int
}

// note adds a round.
func (h *history) note(f Finding) {
	if met := f.Met(); h.rounds > 0 && met != h.met {
		h.turns++
	}
	h.met = f.Met()
	h.rounds++
	if h.servers == nil {
		h.servers = make(map[answer.Server]*turns)
	}
	for _, s := range f.Seen {
		if s.Verdict == Unknown {
			continue
		}
		past := h.servers[s.Server]
		switch {
		case past == nil:
			h.servers[s.Server] = &turns{last: s.Verdict}
		case past.last != s.Verdict:
			past.last = s.Verdict
			past.n++
		}
	}
}

// alternate returns the servers that served the record and did not, to and fro. One that changed once and stayed is none
// of them: it has followed a change, or somebody has changed the record.
func (h *history) alternate() []answer.Server {
	var servers []answer.Server
	for s, past := range h.servers {
		if past.n > 1 {
			servers = append(servers, s)
		}
	}
	return servers
}

// explain adds to a finding that is not met which answers change. Where no other server lacks the record, it is right
// where it is published: whatever else was seen is not to be corrected there.
func (h *history) explain(f Finding) Finding {
	servers := h.alternate()
	if len(servers) == 0 {
		return f
	}
	steady := slices.ContainsFunc(f.Seen, func(s Seen) bool { return s.Verdict == Mismatch && !slices.Contains(servers, s.Server) })
	causes := slices.DeleteFunc(slices.Clone(f.Causes), func(c Cause) bool { return !steady && ofContent(c.Code) })
	f.Causes = arrange(append(causes, Cause{
		Code: AnswersChange,
		What: fmt.Sprintf("The answers about %s change from round to round: %s %s the expected record in some rounds and not in others.",
			shown(f.Owner), serverList(servers), plural(len(servers), "has", "have")),
		Do: "See whether several machines answer at one of the addresses, or two programs write the record in turn; while a change still spreads, it passes by itself.",
	}))
	return f
}

// ofEarlierContent are the causes that say of a content only that it is another one, or none.
var ofEarlierContent = []CauseCode{NotPublished, ValueDiffers, TargetDiffers}

// ofContent reports whether a cause says what is wrong with the record as it is published.
func ofContent(code CauseCode) bool {
	rank := func(code CauseCode) int {
		return slices.IndexFunc(Causes(), func(c CauseInfo) bool { return c.Code == code })
	}
	return slices.Contains(ofEarlierContent, code) || rank(ZoneAppendedTwice) <= rank(code) && rank(code) <= rank(KeyUnknown)
}
