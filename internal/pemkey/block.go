package pemkey

import (
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Block returns the one PEM block of a text that holds nothing else. The reason says why there is none; wanted is the label
// of the block in it, and hint what a text without a block looks like, to stand behind "it has no line".
func Block(text, wanted string, hint func(text string) string) (block *pem.Block, reason string) {
	// A here-document may indent the lines.
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	text = strings.Join(lines, "\n") + "\n"
	if r, advice, found := record.FirstLookalike(text); found {
		return nil, fmt.Sprintf("it holds the character %U: %s", r, advice)
	}
	switch begins := strings.Count(text, "-----BEGIN "); {
	case strings.Contains(text, `\r`):
		return nil, `its lines end in the characters \r\n, and must end in line breaks: replace(…, "\\r\\n", "\n") makes them`
	case strings.Contains(text, `\n`):
		return nil, `its lines end in the two characters \n, and must end in line breaks: replace(…, "\\n", "\n") makes them`
	case strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "'"):
		return nil, "it is in quotes: leave them out"
	case begins == 0:
		return nil, fmt.Sprintf(`it has no line "-----BEGIN %s-----"%s`, wanted, hint(text))
	case begins > 1:
		return nil, fmt.Sprintf("it holds %d blocks; give one", begins)
	case !strings.HasPrefix(text, "-----BEGIN "):
		return nil, "there is text before the line that starts with -----BEGIN"
	}
	block, rest := pem.Decode([]byte(text))
	switch {
	case block == nil && strings.Count(text, "\n") == 1:
		return nil, "it is one line: put the -----BEGIN and -----END lines on lines of their own, with the base64 in lines between them"
	case block == nil:
		return nil, "the block is truncated or mistyped: it must run to its -----END line, in lines of base64"
	case len(rest) > 0:
		return nil, "there is text after the -----END line"
	case len(block.Headers) > 0:
		return nil, "the block has header lines, which public keys and certificates do not have"
	}
	return block, ""
}
