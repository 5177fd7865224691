package service

import "strings"

// TXTMatch is how a TXT record is held against the others of its owner (Domain Connect, "Conflict Detection").
type TXTMatch int

// The ways of matching.
const (
	MatchNone   TXTMatch = iota // it stands beside any other
	MatchAll                    // it stands alone
	MatchPrefix                 // it stands beside those that do not start with a prefix
)

// TXTConflict says which other TXT records of its owner a TXT record conflicts with. The zero value is none.
type TXTConflict struct {
	Match  TXTMatch
	Prefix string // of MatchPrefix; never empty there
}

// With reports whether a record conflicts with another of this value.
func (c TXTConflict) With(value string) bool {
	return c.Match == MatchAll || c.Match == MatchPrefix && strings.HasPrefix(value, c.Prefix)
}

// txtConflict reads the fields txtConflictMatchingMode and txtConflictMatchingPrefix.
func (r *reader) txtConflict() TXTConflict {
	mode, prefix := r.text("txtConflictMatchingMode"), r.text("txtConflictMatchingPrefix")
	switch {
	case mode == "", strings.EqualFold(mode, "None"):
	case strings.EqualFold(mode, "All"):
		return TXTConflict{Match: MatchAll}
	case strings.EqualFold(mode, "Prefix") && prefix != "":
		return TXTConflict{Match: MatchPrefix, Prefix: prefix}
	case strings.EqualFold(mode, "Prefix"):
		r.remark("txtConflictMatchingPrefix", `the mode "Prefix" has no prefix, and is read as "None"`)
	default:
		r.remark("txtConflictMatchingMode", `%s is not one of "None", "All" and "Prefix", and is read as "None"`, show(mode))
	}
	return TXTConflict{}
}
