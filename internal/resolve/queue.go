package resolve

import (
	"cmp"
	"slices"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// A queue holds who waits for a place. Those who are alike wait in one lane, of whom only the first may come next: however
// many records of a domain wait, there is little to choose from.
type queue struct {
	lanes []*lane // in the order of arrival of their first
	turns uint64
}

// A lane holds shares that wait alike, in the order of arrival. It is never empty.
type lane struct {
	lanePlace

	waiting []*share
}

// lanePlace tells lanes apart.
type lanePlace struct {
	domain       dnsname.Name
	late, chosen bool
}

func (w *share) lane() lanePlace { return lanePlace{w.domain, w.late, w.chosen} }

// add puts a share at the end.
func (q *queue) add(w *share) {
	q.turns++
	w.turn = q.turns
	if i := q.find(w.lane()); i >= 0 {
		q.lanes[i].waiting = append(q.lanes[i].waiting, w)
		return
	}
	q.lanes = append(q.lanes, &lane{w.lane(), []*share{w}})
}

// remove takes a share out, and reports whether it was there.
func (q *queue) remove(w *share) bool {
	i := q.find(w.lane())
	if i < 0 {
		return false
	}
	l := q.lanes[i]
	at, found := slices.BinarySearchFunc(l.waiting, w.turn, func(other *share, turn uint64) int { return cmp.Compare(other.turn, turn) })
	if !found || l.waiting[at] != w {
		return false
	}
	if at > 0 {
		l.waiting = slices.Delete(l.waiting, at, at+1)
		return true
	}
	l.waiting = l.waiting[1:]
	q.lanes = slices.Delete(q.lanes, i, i+1)
	if len(l.waiting) > 0 {
		to, _ := slices.BinarySearchFunc(q.lanes, l.waiting[0].turn, func(other *lane, turn uint64) int {
			return cmp.Compare(other.waiting[0].turn, turn)
		})
		q.lanes = slices.Insert(q.lanes, to, l)
	}
	return true
}

func (q *queue) find(place lanePlace) int {
	return slices.IndexFunc(q.lanes, func(l *lane) bool { return l.lanePlace == place })
}
