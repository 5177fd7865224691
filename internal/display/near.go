package display

import (
	"cmp"
	"slices"
	"strings"
)

// maxNear is the most octets of a name for which similar ones are looked for: comparing takes time that
// grows with the product of the lengths.
const maxNear = 64

// Near returns the known names that may have been meant, at most three, likeliest first: few letters away, or
// one within the other.
func Near(name string, known []string) []string {
	name = strings.ToLower(name)
	if name == "" || len(name) > maxNear {
		return nil
	}
	type candidate struct {
		name     string
		distance int
	}
	var found []candidate
	for _, k := range known {
		if len(k) > maxNear {
			continue
		}
		lower := strings.ToLower(k)
		d := distance(name, lower)
		within := len(name) > 2 && len(lower) > 2 && (strings.Contains(lower, name) || strings.Contains(name, lower))
		if d <= max(1, len(name)/3) || within {
			found = append(found, candidate{k, d})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var names []string
	for _, c := range found[:min(3, len(found))] {
		names = append(names, c.name)
	}
	return names
}

// Nearest returns the likeliest name, or nothing.
func Nearest(name string, known []string) string {
	if names := Near(name, known); len(names) > 0 {
		return names[0]
	}
	return ""
}

// distance returns how many octets must be inserted, removed or replaced to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
