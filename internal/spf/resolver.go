package spf

import (
	"context"
	"fmt"
	"strings"
)

// RRType is a type of records that SPF asks for.
type RRType string

// The types of records that SPF asks for.
const (
	TypeTXT  RRType = "TXT"
	TypeA    RRType = "A"
	TypeAAAA RRType = "AAAA"
	TypeMX   RRType = "MX"
	TypePTR  RRType = "PTR"
)

// Resolver answers the questions of SPF. Implementations are safe for concurrent use.
type Resolver interface {
	// Lookup returns the records of a name: TXT values joined and unescaped, addresses, host names without
	// their final dot, for MX in the order of preference. No records and no error is a void answer
	// (RFC 7208 §4.6.4): the name does not exist, or has none of the type. An error is a failure to ask, such as
	// a timeout or SERVFAIL, and makes a temperror.
	Lookup(ctx context.Context, name string, t RRType) ([]string, error)
}

// The limits of RFC 7208 §4.6.4.
const (
	MaxLookups     = 10 // terms that look something up in DNS
	MaxVoidLookups = 2  // lookups without an answer; receivers may allow more
	MaxNames       = 10 // mail servers of one mx, names of the client for ptr and the macro p
)

// DescribeLoop describes a loop that leads through the names.
func DescribeLoop(names []string) string {
	text := fmt.Sprintf("the record of %s includes itself", names[0])
	if len(names) > 1 {
		text += ", by way of " + strings.Join(names[1:], ", ")
	}
	return text
}
