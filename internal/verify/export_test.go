package verify

// MaxFailing is how many findings an error describes.
const MaxFailing = maxFailing

// Rule documents a rule.
type Rule struct {
	Code, Meaning string
	Note, Aside   bool
}

// Rules returns the rules in their order.
func Rules() []Rule {
	list := make([]Rule, len(rules))
	for i, r := range rules {
		list[i] = Rule{r.code, r.meaning, r.note, r.aside}
	}
	return list
}
