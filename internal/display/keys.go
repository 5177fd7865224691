package display

import (
	"encoding/base64"
	"regexp"
	"strings"
)

// hiddenKey stands where a private key stood.
const hiddenKey = "(a private key, not shown)"

// armoured is a private key in PEM, of OpenSSH, SSH2 or PuTTY, whose line ends may be written as escapes. One without
// an end runs to the quote that closes it, or to the end of the text.
var armoured = regexp.MustCompile(`(?is)(?:-{4,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File-\d|Private-Lines:).*?` +
	`(?:-{4,5} ?END [A-Z0-9 ]*PRIVATE KEY ?-{4,5}|Private-MAC: *[0-9a-f]*|(["»])|\z)`)

// encoded matches a possible key without its armour: base64 in one run or in lines, whose ends may be written as escapes.
var encoded = regexp.MustCompile(`[A-Za-z0-9+/]{40,}(?:(?:\\[rn]|\\01[03]|\s)+[A-Za-z0-9+/]{16,})*(?:(?:\\[rn]|\\01[03]|\s)*[A-Za-z0-9+/]*={1,2})?`)

// HideKeys returns a text in which each private key is replaced by a note: errors and reports quote what was given to
// them, and that may be the content of the wrong file. It keeps public keys.
func HideKeys(text string) string {
	if strings.Contains(text, "----") || strings.Contains(text, "Private-Lines:") || strings.Contains(text, "PuTTY-User-Key-File") {
		text = armoured.ReplaceAllString(text, hiddenKey+"$1")
	}
	if !mayHoldKey(text) {
		return text
	}
	return encoded.ReplaceAllStringFunc(text, func(run string) string {
		if isPrivate(run) {
			return hiddenKey
		}
		return run
	})
}

// mayHoldKey reports whether a text has a run of base64 as long as a key; most texts have none.
func mayHoldKey(text string) bool {
	run := 0
	for i := range len(text) {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/' {
			if run++; run == 40 {
				return true
			}
		} else {
			run = 0
		}
	}
	return false
}

// isPrivate reports whether base64 starts as a private key does. In PKCS #1, PKCS #8 and SEC 1 that is a sequence that
// starts with a version (RFC 8017 §A.1.2, RFC 5958 §2, RFC 5915 §3); public keys have none.
func isPrivate(run string) bool {
	const enough = 28
	der, err := base64.StdEncoding.DecodeString(run[:enough])
	if err != nil {
		return false
	}
	if strings.HasPrefix(string(der), "openssh-key-v1") {
		return true
	}
	if der[0] != 0x30 {
		return false
	}
	at := 2
	if der[1] >= 0x80 {
		at += int(der[1] & 0x7f)
	}
	return at+3 <= len(der) && der[at] == 0x02 && der[at+1] == 0x01 && der[at+2] <= 1
}
