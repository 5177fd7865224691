package merge

// Advice is what an option of the caller can do about an error or a warning. The texts of this package name no options,
// since only the caller knows which it has and what they are called.
type Advice struct {
	Kind     AdviceKind
	Term     string   // that the advice is about
	All      All      // of AdviceAll and AdviceEnding; empty: the ending that is meant
	Services []string // of AdviceServices, by name
}

// AdviceKind says what kind of option an [Advice] is about.
type AdviceKind int

// The kinds of advice.
const (
	AdviceNone         AdviceKind = iota
	AdviceAllowPassAll            // allow that the record lets nearly everyone send
	AdviceAll                     // choose how the record ends
	AdviceEnding                  // choose the ending that is new, or keep that of the existing record
	AdviceMechanisms              // add the term to those of the owner
	AdviceRemove                  // add the term to those that go
	AdviceKeep                    // take the term from those that go
	AdviceServices                // leave out the services, or their SPF terms, or take the term from those that go
)
