package check

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
	"github.com/catglobe/terraform-provider-maildomain/internal/spf/spftest"
)

// checkMenu has the terms of the records in [FuzzCheck]: every mechanism and modifier, with names that exist and
// names that do not, loops and limits.
func checkMenu() []string {
	return []string{
		"all", "-all", "~all", "?all",
		"include:d0.example", "-include:d1.example", "include:d2.example", "include:%{d}", "include:%{l}.example", "include:none.example",
		"a", "-a:h0.example", "a:h1.example/24//64", "a/0", "a:none.example", "a:a..example", "a:%{p}.example", "a:%{h}",
		"mx", "~mx:d0.example", "mx:d1.example/8", "mx:eleven.example", "mx:null.example",
		"ptr", "-ptr:d0.example", "ptr:h0.example", "ptr:%{o}",
		"ip4:192.0.2.0/24", "-ip4:192.0.2.1", "ip4:0.0.0.0/0", "ip6:2001:db8::/32", "~ip6:::/0",
		"exists:%{ir}.%{v}.d0.example", "-exists:h0.example", "exists:%{s}.%{d2r}.%{L-}", "exists:%{d}%{d}%{d}%{d}%{d}%{d}%{d}%{d}.example",
		"redirect=d0.example", "redirect=d1.example", "redirect=%{d1r}.example", "exp=x0.example", "exp=x1.example", "exp=%{p}.%{d}",
		"moo=%{c}", "moo", "a:%{c}",
	}
}

// fuzzDNS makes a DNS of what the fuzzer found: each pair of octets adds a term to the record of a domain, or something
// to its addresses, mail servers and names.
func fuzzDNS(t testing.TB, data []byte, record string) *spftest.Script {
	t.Helper()
	dns := spftest.NewScript(t, numbered(11, "eleven.example MX h#.example\n")+`
		null.example MX .
		h1.example A 192.0.2.99
		h1.example AAAA 2001:db8::99
		x0.example TXT "%{s} may not send from %{c} (%{p}), says %{r} at %{t} and %{h}"
		x1.example TXT "%{i"`)
	terms := checkMenu()
	domains := []string{"example.com", "d0.example", "d1.example", "d2.example"}
	records := make([]string, len(domains))
	for ; len(data) >= 2; data = data[2:] {
		domain, choice := int(data[0]&3), int(data[1])
		switch data[0] >> 2 & 15 {
		default:
			records[domain] += " " + terms[choice%len(terms)]
		case 10:
			dns.Add(domains[domain], spf.TypeA, fmt.Sprintf("192.0.2.%d", choice&3))
			dns.Add(domains[domain], spf.TypeAAAA, fmt.Sprintf("2001:db8::%d", choice&3))
		case 11:
			dns.Add(domains[domain], spf.TypeMX, fmt.Sprintf("h%d.example", choice&3))
		case 12:
			dns.Add(reverseName(netip.MustParseAddr("192.0.2.1")), spf.TypePTR, fmt.Sprintf("h%d.%s", choice%12, domains[domain]))
			dns.Add(fmt.Sprintf("h%d.%s", choice%12, domains[domain]), spf.TypeA, fmt.Sprintf("192.0.2.%d", choice>>6))
		case 13:
			dns.Add(domains[domain], []spf.RRType{spf.TypeTXT, spf.TypeA, spf.TypeAAAA, spf.TypeMX, spf.TypePTR}[choice%5], "!")
		case 14:
			dns.Add(domains[domain], spf.TypeTXT, "v=spf1 -all") // a second record
		case 15:
			dns.Add(fmt.Sprintf("h%d.example", choice&3), spf.TypeA, fmt.Sprintf("192.0.2.%d", choice>>2&3))
		}
	}
	for i, domain := range domains {
		if records[i] != "" {
			dns.Add(domain, spf.TypeTXT, spf.Version+records[i])
		}
	}
	if record != "" {
		dns.Add("example.com", spf.TypeTXT, record)
	}
	return dns
}

// FuzzCheck evaluates random records in a random DNS: there is always a result, within bounds, and it does not change
// with the order of answers.
func FuzzCheck(f *testing.F) {
	f.Add([]byte{0, 4, 1, 5, 2, 6, 3, 0}, "", "user@example.com", "mail.example.com", false)
	f.Add([]byte{0, 18, 44, 1, 60, 5}, "", "user@example.com", "d0.example", false)
	f.Add([]byte{0, 23, 48, 0, 48, 1, 48, 66, 0, 1}, "", "", "example.com", false)
	f.Add([]byte{0, 1, 0, 39, 40, 1}, "", "<>", "example.com", true)
	f.Add([]byte{0, 36, 1, 37, 2, 36}, "", "user@d1.example", "", false)
	f.Add([]byte{52, 0}, "", "user@example.com", "", false)
	f.Add([]byte{}, "v=spf1 exists:%{l1r+-}.%{ir}.%{v}.%{d4} ip4:192.0.2.0/24 exp=%{h} redirect=%{o}", "jörg+x@example.com", "\x00", true)
	f.Add([]byte{}, "v=spf1 "+strings.Repeat("include:example.com ", 11), "@example.com.", "[192.0.2.1]", false)
	f.Add([]byte{}, "v=spf1 ip4:192.0.2.0/31 -ip4:192.0.2.1 ?ip6:::/0 ~all", "example.com", "", false)
	f.Fuzz(func(t *testing.T, data []byte, record, sender, helo string, ipv6 bool) {
		if len(data) > 200 {
			return
		}
		q := Query{IP: netip.MustParseAddr("192.0.2.1"), Sender: sender, HELO: helo, Time: time.Unix(0, 0)}
		if ipv6 {
			q.IP = netip.MustParseAddr("2001:db8::1")
		}
		dns := fuzzDNS(t, data, record)
		got, err := Checker{Resolver: dns}.Check(t.Context(), q)
		if err != nil {
			t.Fatalf("Check() = %v", err)
		}
		checkSound(t, got, dns)
		checkStatic(t, got, record, len(data) == 0 && sender == "user@example.com", q.IP)

		reversed := fuzzDNS(t, data, record)
		for question, answers := range reversed.Records {
			if !strings.HasSuffix(string(question), " MX") { // these have a preference
				slices.Reverse(answers)
			}
		}
		again, err := Checker{Resolver: reversed}.Check(t.Context(), q)
		if d := cmp.Diff(got, again, cmp.Comparer(func(a, b *Trace) bool { return true })); err != nil || d != "" || got.String() != again.String() {
			t.Errorf("with the answers in another order: %v (-first +second):\n%s\n%s\n%s", err, d, got, again)
		}
	})
}

// checkStatic holds a record that is nothing but networks and all against their plain meaning.
func checkStatic(t *testing.T, got Outcome, record string, alone bool, client netip.Addr) {
	t.Helper()
	r, err := spf.ParseWire(record)
	if !alone || err != nil || len(r.Modifiers) > 0 {
		return
	}
	want := Neutral
	for _, term := range r.Directives {
		if term.Mechanism != spf.MechAll && !term.Prefix.IsValid() {
			return
		}
		if term.Mechanism == spf.MechAll || term.Prefix.Contains(client) {
			want = Result(term.Qualifier.Word())
			break
		}
	}
	if got.Result != want {
		t.Errorf("Check() = %s for %q, want %s", got.Result, record, want)
	}
}

// FuzzExpand holds the expansion of domain-specs and explanations against one that is written after the text of RFC
// 7208 §7 with regular expressions.
func FuzzExpand(f *testing.F) {
	for _, spec := range []string{
		"%{s}", "%{L2R-+}.%{ir}.%%%_%-.%{d}", "%{d3r.}x%{o1}", "%{I}.%{v}.arpa", "%{h}%{h}%{h}.example.com.", "%{p}.%{lr-.+,/_=}", "%{c}%{r}%{T}", "a..b.%{", "%{d0}", "%{d99999999999}", "%{C.-+}",
		strings.Repeat("%{o}.", 100),
	} {
		f.Add(spec, "strong-bad@email.example.com", "mx.example.org", "a.example", false)
		f.Add(spec, "a.b+c=d_e/f,g-h~\x7f@b\xfcx", "Mx.", "A..B.", true)
	}
	f.Fuzz(func(t *testing.T, spec, sender, helo, domain string, ipv6 bool) {
		if len(sender)+len(helo)+len(domain) > 1000 || len(spec) > 1000 {
			return
		}
		ip := netip.MustParseAddr("192.0.2.3")
		if ipv6 {
			ip = netip.MustParseAddr("2001:db8::cb01")
		}
		e := newEvaluation(Checker{Resolver: spftest.NewScript(t, "")}, Query{IP: ip, Sender: sender, HELO: helo, Receiver: "r.example", Time: time.Unix(1, 0)})
		got, ok, err := e.expandName(t.Context(), spec, domain)
		_, syntax := spf.Segments(spec)
		if strings.Contains(spec, "%") && (err == nil) != (syntax == nil) {
			t.Errorf("expandName(%q) = %v, and Segments says %v", spec, err, syntax)
		}
		if err == nil && ok {
			want, ascii := naiveExpansion(spec, e, domain)
			if want = naiveCut(want); strings.Contains(spec, "%") && (!ascii || got != want && (len(want) <= 253 || qname.Malformed(got) == "")) {
				t.Errorf("expandName(%q) = %q, want %q, %v", spec, got, want, ascii)
			}
		}
		segments, err := spf.ExplanationSegments(spec)
		if err != nil {
			return
		}
		var text strings.Builder
		for _, s := range segments {
			part, _, err := e.expandSegment(t.Context(), s, domain)
			if err != nil {
				t.Fatalf("expandSegment(%q) = %v", s.Text, err)
			}
			text.WriteString(part)
		}
		if want, _ := naiveExpansion(spec, e, domain); text.String() != want {
			t.Errorf("the explanation %q is %q, want %q", spec, text.String(), want)
		}
	})
}

var naiveMacro = regexp.MustCompile(`%(?:[%_-]|\{([a-zA-Z])([0-9]*)([rR]?)([-.+,/_=]*)\})`)

// naiveExpansion replaces macros, and reports whether all they stand for is ASCII.
func naiveExpansion(text string, e *evaluation, domain string) (string, bool) {
	ascii := true
	values := map[string]string{
		"s": e.local + "@" + e.origin, "l": e.local, "o": e.origin, "d": domain, "p": "unknown", "h": e.helo,
		"c": e.client.String(), "r": "r.example", "t": "1", "i": "192.0.2.3", "v": "in-addr",
	}
	if e.client.Is6() {
		values["v"] = "ip6"
		values["i"] = strings.Join(strings.Split("20010DB800000000000000000000CB01", ""), ".")
	}
	expanded := naiveMacro.ReplaceAllStringFunc(text, func(macro string) string {
		m := naiveMacro.FindStringSubmatch(macro)
		switch macro {
		case "%%":
			return "%"
		case "%_":
			return " "
		case "%-":
			return "%20"
		}
		value := values[strings.ToLower(m[1])]
		ascii = ascii && !strings.ContainsFunc(value, func(r rune) bool { return r >= 0x80 })
		delimiters := m[4]
		if delimiters == "" {
			delimiters = "."
		}
		if m[2]+m[3]+m[4] != "" {
			parts := regexp.MustCompile("["+strings.ReplaceAll(regexp.QuoteMeta(delimiters), "-", `\-`)+"]").Split(value, -1)
			if m[3] != "" {
				slices.Reverse(parts)
			}
			if n, err := strconv.Atoi(m[2]); err == nil && n < len(parts) {
				parts = parts[len(parts)-n:]
			}
			value = strings.Join(parts, ".")
		}
		if m[1] == strings.ToUpper(m[1]) {
			var escaped strings.Builder
			for _, c := range []byte(value) {
				if regexp.MustCompile(`[A-Za-z0-9._~-]`).Match([]byte{c}) {
					escaped.WriteByte(c)
				} else {
					fmt.Fprintf(&escaped, "%%%02X", c)
				}
			}
			value = escaped.String()
		}
		return value
	})
	return expanded, ascii
}

// naiveCut makes a name of an expansion.
func naiveCut(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	for len(name) > 253 {
		_, rest, found := strings.Cut(name, ".")
		if !found {
			break
		}
		name = rest
	}
	return name
}
