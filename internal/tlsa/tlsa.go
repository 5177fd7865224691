// Package tlsa reads, prints and makes the TLSA records of mail hosts (RFC 6698, RFC 7671, RFC 7672).
package tlsa

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Usage says what a record pins (RFC 6698 §2.1.1, RFC 7218).
type Usage uint8

// The usages. Mail servers do not use the first two (RFC 7672 §3.1.3).
const (
	PKIXTA Usage = iota // an authority of the web
	PKIXEE              // the certificate of the host, from such an authority
	DANETA              // an authority of one's own
	DANEEE              // the certificate or the key of the host itself
)

// Selector says what of a certificate is compared (RFC 6698 §2.1.2).
type Selector uint8

// The selectors.
const (
	Cert Selector = iota // the whole certificate, which changes with each renewal
	SPKI                 // its public key
)

// Matching says how it is compared (RFC 6698 §2.1.3).
type Matching uint8

// The matching types.
const (
	Full   Matching = iota // octet by octet
	SHA256                 // by its SHA-256, which every reader knows
	SHA512
)

// ErrNotTLSA is the class of errors of [Parse].
var ErrNotTLSA = errors.New("not a TLSA record for a mail host")

// Record is a TLSA record of a mail host. Records are comparable with ==; the zero Record is invalid.
type Record struct {
	Usage    Usage
	Selector Selector
	Matching Matching
	Data     string // hexadecimal, in lower case
}

// maxData is the most octets of data that a record is read with: a certificate is smaller.
const maxData = 8 << 10

const shape = `"3 1 1 " followed by 64 hexadecimal digits`

// Parse reads the value of a record, "3 1 1 <hexadecimal>"; blanks may stand within the digits (RFC 6698 §2.2). It returns an
// error that wraps [ErrNotTLSA].
func Parse(text string) (Record, error) {
	return parse(text, Record.why)
}

// CheckOther returns why nobody can use the value of a record that is not of a mail host, such as that of a web server: an
// error of [Parse], but for one about a usage that mail servers alone do not know.
func CheckOther(text string) error {
	_, err := parse(text, func(r Record) string {
		if r.Usage <= PKIXEE {
			r.Usage = DANEEE
		}
		return r.why()
	})
	return err
}

func parse(text string, why func(Record) string) (Record, error) {
	fail := func(format string, args ...any) (Record, error) {
		return Record{}, fmt.Errorf("%w: %s", ErrNotTLSA, fmt.Sprintf(format, args...))
	}
	if len(text) > 4*maxData {
		return fail("it has %d octets, and a record holds at most %d octets of data", len(text), maxData)
	}
	if r, advice, found := record.FirstLookalike(text); found {
		return fail("it holds the character %U: %s", r, advice)
	}
	if strings.Contains(text, `"`) {
		return fail("it holds quotes, which TLSA records do not have: remove them")
	}
	if strings.Contains(text, "TLSA ") {
		return fail("it is a line of a zone file: give the text after TLSA")
	}
	fields := strings.Fields(text)
	if len(fields) < 4 {
		return fail("it must look like %s", shape)
	}
	var numbers [3]uint8
	for i, field := range fields[:3] {
		n, err := strconv.ParseUint(field, 10, 8)
		if err != nil || strconv.FormatUint(n, 10) != field {
			return fail("%s is not a number from 0 to 255: it must look like %s", record.ShortQuoted(field), shape)
		}
		numbers[i] = uint8(n)
	}
	r := Record{Usage(numbers[0]), Selector(numbers[1]), Matching(numbers[2]), strings.ToLower(strings.Join(fields[3:], ""))}
	if reason := why(r); reason != "" {
		return fail("%s", reason)
	}
	return r, nil
}

// why says what is wrong with the record; empty where that is nothing.
func (r Record) why() string {
	if reason := whyNoUsage(int64(r.Usage)); reason != "" {
		return reason
	}
	switch {
	case r.Selector > SPKI:
		return fmt.Sprintf("there is no selector %d: write 1 for the public key, or 0 for the whole certificate", r.Selector)
	case r.Matching > SHA512:
		return fmt.Sprintf("there is no matching type %d: write 1 for SHA-256, or 2 for SHA-512", r.Matching)
	}
	data, err := hex.DecodeString(r.Data)
	want := map[Matching]int{SHA256: 32, SHA512: 64}[r.Matching]
	switch {
	case err != nil && strings.Trim(r.Data, "0123456789abcdef:") == "" && strings.Contains(r.Data, ":"):
		return "its digits have colons between them: remove the colons"
	case err != nil:
		return "its data is not hexadecimal, two digits for each octet"
	case want > 0 && len(data) != want:
		return fmt.Sprintf("its digest has %d octets, and a digest of matching type %d has %d", len(data), r.Matching, want)
	case len(data) == 0 || len(data) > maxData:
		return fmt.Sprintf("it has %d octets of data, and may have 1 to %d", len(data), maxData)
	}
	return ""
}

// whyNoUsage says why mail servers do not use a usage; empty where they do.
func whyNoUsage(usage int64) string {
	switch usage {
	case int64(DANETA), int64(DANEEE):
		return ""
	case int64(PKIXTA), int64(PKIXEE):
		return fmt.Sprintf("the usage %d needs the authorities of the web, on which mail servers do not agree, so they ignore the record (RFC 7672 §3.1.3): "+
			"write 3 to pin the host's own key, or 2 to pin an authority of your own", usage)
	}
	return fmt.Sprintf("there is no usage %d: write 3 to pin the host's own key, or 2 to pin an authority of your own", usage)
}

// IsValid reports whether r is a record that mail servers use, as those of [Parse] and [FromPEM] are.
func (r Record) IsValid() bool { return r.why() == "" }

// String prints the value, "3 1 1 <hexadecimal>". It is the inverse of [Parse].
func (r Record) String() string {
	return fmt.Sprintf("%d %d %d %s", r.Usage, r.Selector, r.Matching, r.Data)
}

// Owner returns the name that the records of a mail host stand at: that of its SMTP port (RFC 7672 §2.2.3). It reports
// false where that is too long.
func Owner(host dnsname.Name) (dnsname.Name, bool) {
	owner, err := dnsname.ParseIn("_25._tcp", host)
	return owner, err == nil
}
