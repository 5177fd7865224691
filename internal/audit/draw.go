package audit

import "github.com/catglobe/terraform-provider-maildomain/internal/spf/tree"

// drawn is the drawing of one SPF record.
type drawn struct {
	owner string
	text  string // the tree as text
	cost  int
	nodes []tree.Node
}

// drawings returns the drawings of the SPF records that parse.
func (v *view) drawings() []drawn {
	var list []drawn
	for _, s := range v.records() {
		if s.tree != nil {
			list = append(list, drawn{s.owner.String(), s.tree.String(), s.cost.Lookups, s.nodes})
		}
	}
	return list
}
