package dkim_test

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"math/rand/v2"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/dkim"
)

// mishaps are what happens to the key of a record, whose tags stand before it.
var mishaps = map[string]func(tags, key string) string{
	"base64url": func(tags, key string) string {
		return tags + "p=" + strings.NewReplacer("+", "-", "/", "_").Replace(key)
	},
	"base64url, no padding": func(tags, key string) string {
		return tags + "p=" + strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(key), "=")
	},
	"for a URL":         func(tags, key string) string { return tags + "p=" + url.QueryEscape(key) },
	"no padding":        func(tags, key string) string { return tags + "p=" + strings.TrimRight(key, "=") },
	"padding":           func(tags, key string) string { return tags + "p=" + key + "==" },
	"backslash":         func(tags, key string) string { return tags + "p=" + key[:20] + `\` + key[20:] },
	"escaped slashes":   func(tags, key string) string { return tags + "p=" + strings.ReplaceAll(key, "/", `\/`) },
	"single quotes":     func(tags, key string) string { return tags + "p='" + key + "'" },
	"seam":              func(tags, key string) string { return tags + "p=" + key[:20] + `''` + key[20:] },
	"brackets":          func(tags, key string) string { return tags + "p=<" + key + ">" },
	"bracket behind":    func(tags, key string) string { return tags + "p=" + key + " )" },
	"full stop":         func(tags, key string) string { return tags + "p=" + key + "." },
	"p twice":           func(tags, key string) string { return tags + "p=p=" + key },
	"equals twice":      func(tags, key string) string { return tags + "p==" + key },
	"word behind":       func(tags, key string) string { return tags + "p=" + key + " Copy" },
	"TTL behind":        func(tags, key string) string { return tags + "p=" + key + "\t3600" },
	"markup behind":     func(tags, key string) string { return tags + "p=" + key + "<br>" },
	"key behind":        func(tags, key string) string { return tags + "p=" + key + key },
	"other type":        func(_, key string) string { return "v=DKIM1; k=rsa; p=" + key },
	"capitals of p":     func(tags, key string) string { return tags + "P=" + key },
	"capitals of k":     func(tags, key string) string { return strings.ToUpper(tags) + "p=" + key },
	"another name":      func(tags, key string) string { return tags + "pub=" + key },
	"colon":             func(tags, key string) string { return tags + "p:" + key },
	"blank":             func(tags, key string) string { return tags + "p " + key },
	"nothing":           func(tags, key string) string { return tags + "p" + key },
	"no tag":            func(tags, key string) string { return tags + key },
	"bare":              func(_, key string) string { return key },
	"bare, semicolon":   func(_, key string) string { return key + ";" },
	"colon, no version": func(_, key string) string { return "p:" + key },
	"type, no tag":      func(tags, key string) string { return strings.TrimPrefix(tags, "v=DKIM1; ") + key },
	"label":             func(tags, key string) string { return "Value: " + tags + "p=" + key },
	"console": func(tags, key string) string {
		return "Host: s1\nType: TXT\nValue: " + tags + "p=" + key
	},
}

// Words of advice, and how they are followed.
var (
	removeFrom  = regexp.MustCompile(`remove the text that starts with ("(?:[^"\\]|\\.)*")`)
	removeFirst = regexp.MustCompile(`remove ("(?:[^"\\]|\\.)*") before it`)
	removeThese = regexp.MustCompile(`remove ("(?:[^"\\]|\\.)*")`)
	writeFor    = regexp.MustCompile(`(?:write|,|and) "([^"]+)" for "([^"]+)"`)
	writeAtEnd  = regexp.MustCompile(`with "(=+)" at its end`)
	writeHere   = regexp.MustCompile(`write "([^"]+)" before (it|the key)`)
)

// followed returns a text changed as an error or a remark says; the text itself where that says nothing to follow.
func followed(t *testing.T, text, advice, key string) string {
	t.Helper()
	before, p, found := strings.Cut(text, "p=")
	if p = strings.Join(strings.Fields(p), ""); !found {
		before, p = "", text
	}
	unquoted := func(s string) string {
		plain, err := strconv.Unquote(s)
		if err != nil {
			t.Fatalf("advice %q: %v", advice, err)
		}
		return plain
	}
	var m []string
	match := func(r *regexp.Regexp) bool { m = r.FindStringSubmatch(advice); return m != nil }
	switch {
	case match(removeFrom):
		i := strings.LastIndex(p, unquoted(m[1]))
		return before + "p=" + p[:max(i, 0)]
	case match(removeFirst):
		return before + "p=" + strings.TrimPrefix(p, unquoted(m[1]))
	case strings.Contains(advice, "remove the \"=\" at its end"):
		return before + "p=" + strings.TrimRight(p, "=")
	case strings.Contains(advice, "remove the semicolon"):
		return followed(t, strings.TrimSuffix(text, ";"), strings.Replace(advice, "remove the semicolon", "", 1), key)
	case strings.Contains(advice, "the text before") && match(removeThese):
		_, record, _ := strings.Cut(text, "v=")
		return "v=" + record
	case match(removeThese):
		these := unquoted(m[1])
		return before + "p=" + strings.Map(func(r rune) rune {
			if strings.ContainsRune(these, r) {
				return -1
			}
			return r
		}, p)
	case match(writeAtEnd):
		return before + "p=" + strings.TrimRight(p, "=") + m[1]
	case match(writeFor):
		var pairs []string
		for _, m := range writeFor.FindAllStringSubmatch(advice, -1) {
			pairs = append(pairs, m[2], m[1])
		}
		return strings.NewReplacer(pairs...).Replace(text)
	case match(writeHere):
		at := strings.Index(text, key)
		if strings.Contains(advice, "in place of the text there") {
			return m[1] + text[at:]
		}
		return strings.TrimRight(text[:at], "p ") + m[1] + text[at:]
	case strings.Contains(advice, "write k=ed25519"):
		return strings.NewReplacer("k=rsa", "k=ed25519", "k=ED25519", "k=ed25519").Replace(text)
	case strings.Contains(advice, "write h=sha256"):
		return strings.Replace(text, "h=SHA256", "h=sha256", 1)
	case strings.Contains(advice, "write k=rsa"):
		return strings.Replace(text, "k=RSA", "k=rsa", 1)
	}
	return text
}

// Whatever happened to a key that is whole, what errors and remarks say leads back to a record with this key that
// receivers take, and none of them calls the key truncated.
func TestKeyAdviceHolds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(6376, 8463))
	octets := func(n int) []byte {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		return data
	}
	rounds := 15
	if testing.Short() {
		rounds = 3
	}
	advised := 0
	for range rounds {
		modulus := octets(256)
		modulus[0] |= 0x80
		modulus[255] |= 1
		public := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537}
		keys := map[string]string{
			"v=DKIM1; k=rsa; ":               b64(spki(t, public)),
			"v=DKIM1; t=s; k=rsa; ":          b64(x509.MarshalPKCS1PublicKey(public)),
			"v=DKIM1; k=ed25519; ":           b64(octets(ed25519.PublicKeySize)),
			"v=DKIM1; h=sha256; k=ed25519; ": b64(octets(ed25519.PublicKeySize)),
		}
		for tags, key := range keys {
			for name, mishap := range mishaps {
				if strings.Contains(tags, "ed25519") && strings.HasSuffix(name, " behind") && name != "bracket behind" {
					continue // The 32 octets do not say where they end.
				}
				in := mishap(tags, key)
				advised += follow(t, name, in, key)
			}
		}
	}
	if least := rounds * len(mishaps); advised < least {
		t.Errorf("only %d pieces of advice were followed, want at least %d", advised, least)
	}
}

// follow obeys what is said of a text until nothing is, and returns how often that was.
func follow(t *testing.T, name, in, key string) (steps int) {
	t.Helper()
	for text := in; ; steps++ {
		r, _, err := dkim.ParsePasted(text)
		said := ""
		if err != nil {
			said = err.Error()
		} else if found := r.Check(); len(found) > 0 && found[0].Code != dkim.KeyPKCS1 {
			said = found[0].Text
		}
		if said == "" {
			if r.KeyData() != key {
				t.Errorf("%s: %q became %q, which has another key", name, in, text)
			}
			return steps
		}
		next := followed(t, text, said, key)
		if strings.Contains(said, "truncated") || next == text || steps == 5 {
			t.Errorf("%s: of %q is said %q, which does not help", name, text, said)
			return steps
		}
		text = next
	}
}
