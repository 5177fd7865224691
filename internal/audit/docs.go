package audit

import (
	"fmt"
	"strings"
)

// Table writes the table of checks as documentation has it.
func Table() string {
	var b strings.Builder
	b.WriteString("| Check | Severity | It finds that | Reference |\n| --- | --- | --- | --- |\n")
	for _, c := range Checks() {
		severities := []string{string(c.Severity)}
		for _, s := range c.Also {
			severities = append(severities, string(s))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.ID, strings.Join(severities, ", "), c.Trigger, c.Reference)
	}
	return b.String()
}
