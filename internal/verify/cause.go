package verify

// Cause is a likely reason why live DNS does not serve what is expected, or a note about what does match.
type Cause struct {
	Code CauseCode
	What string // one sentence that says what is the case; timeless, as it goes into state
	Do   string // one sentence that says what to do about it; timeless too
	Now  string // what holds at this moment only, as countdowns and serials do; for diagnostics alone, may be empty
}

// CauseCode names a kind of cause. The documentation lists them.
type CauseCode string
