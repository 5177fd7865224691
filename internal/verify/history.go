package verify

import "github.com/catglobe/terraform-provider-maildomain/internal/answer"

// history holds how the verdicts on one record changed from round to round.
type history struct {
	met    bool // in the last round
	rounds int
	turns  int // how often the record came to be met, or to be no longer
	// By server: the last verdict, and how often it changed. Rounds in which a server does not say count for nothing.
	last    map[answer.Server]Verdict
	changes map[answer.Server]int
}

// note adds a round.
func (h *history) note(f Finding) {
	met := f.Met()
	if h.rounds > 0 && met != h.met {
		h.turns++
	}
	h.met = met
	h.rounds++
	if h.last == nil {
		h.last, h.changes = make(map[answer.Server]Verdict), make(map[answer.Server]int)
	}
	for server, verdict := range f.verdicts() {
		if last, known := h.last[server]; known && last != verdict {
			h.changes[server]++
		}
		h.last[server] = verdict
	}
}

// verdicts returns what each server says that says anything. Where aliases lead to one in several ways, the one counts that does not
// lead to the record.
func (f Finding) verdicts() map[answer.Server]Verdict {
	verdicts := make(map[answer.Server]Verdict)
	for _, j := range f.Seen {
		if j.Verdict == Mismatch || j.Verdict == Matches && verdicts[j.Server] != Mismatch {
			verdicts[j.Server] = j.Verdict
		}
	}
	return verdicts
}

// alternating returns the servers that served the record and did not, to and fro. One that changed once and stayed is none
// of them: it has followed a change, or somebody has changed the record.
func (h *history) alternating() []answer.Server {
	var servers []answer.Server
	for s, n := range h.changes {
		if n > 1 {
			servers = append(servers, s)
		}
	}
	return servers
}
