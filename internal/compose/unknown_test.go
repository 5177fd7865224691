package compose_test

import (
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/compose"
	"github.com/catglobe/terraform-provider-maildomain/internal/problem"
)

// unknown returns the set of the values at some paths, such as services[ses].variables[token] and mx[1].
func unknown(paths ...string) (set problem.Unknown) {
	for _, text := range paths {
		var p compose.Path
		for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '.' || r == '[' }) {
			inside, isElement := strings.CutSuffix(part, "]")
			if i, err := strconv.Atoi(inside); isElement && err == nil {
				p = p.At(i)
			} else if isElement {
				p = p.Key(inside)
			} else {
				p = p.Attribute(part)
			}
		}
		set.Add(p)
	}
	return set
}
