package verify

import (
	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

// history holds how the verdicts on one record changed from round to round.
type history struct {
	met     bool // in the last round
	rounds  int
	turns   int // how often it came to be met, or to be no longer
	servers map[answer.Server]*turns
}

// turns counts the changes of one server's verdict. Rounds in which it does not say count for nothing.
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

// alternating returns the servers that served the record and did not, to and fro. One that changed once and stayed is none
// of them: it has followed a change, or somebody has changed the record.
func (h *history) alternating() []answer.Server {
	var servers []answer.Server
	for s, past := range h.servers {
		if past.n > 1 {
			servers = append(servers, s)
		}
	}
	return servers
}
