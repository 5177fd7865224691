package resolve

import (
	"encoding/hex"
	"fmt"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// ednsSize is the largest datagram asked for, in octets: what fits every path unfragmented (DNS flag
// day 2020).
const ednsSize = 1232

// setEDNS lets a question be answered with extended errors (RFC 8914 §3), and asks the server for its name
// (RFC 5001 §2.1).
func setEDNS(query *dns.Msg, signatures bool) {
	query.SetEdns0(ednsSize, signatures)
	opt := query.IsEdns0()
	opt.Option = append(opt.Option, &dns.EDNS0_NSID{Code: dns.EDNS0NSID})
}

// readEDNS takes over what a message says beside its records.
func readEDNS(msg *dns.Msg, into *answer.Answer) {
	opt := msg.IsEdns0()
	if opt == nil {
		into.NoEDNS = true
		return
	}
	var extended string
	for _, option := range opt.Option {
		switch option := option.(type) {
		case *dns.EDNS0_EDE:
			if extended != "" {
				extended += "; "
			}
			extended += extendedError(option)
			into.Bogus = into.Bogus || isBogus(option.InfoCode)
		case *dns.EDNS0_NSID:
			if name, err := hex.DecodeString(option.Nsid); err == nil {
				into.NSID = record.Display(string(name))
			}
		}
	}
	into.Extended = record.Display(extended)
}

// extendedError returns an extended error as text (RFC 8914 §2).
func extendedError(option *dns.EDNS0_EDE) string {
	text := fmt.Sprintf("extended error %d", option.InfoCode)
	if name, ok := dns.ExtendedErrorCodeToString[option.InfoCode]; ok {
		text += " (" + name + ")"
	}
	if option.ExtraText != "" {
		text += ": " + option.ExtraText
	}
	return text
}

// isBogus reports whether an extended error says that data failed validation. Data that could not be
// validated for want of a known algorithm (1, 2) or of a trust anchor (5) did not fail (RFC 8914 §4.2, §4.3, §4.6).
func isBogus(code uint16) bool {
	switch code {
	case dns.ExtendedErrorCodeDNSBogus,
		dns.ExtendedErrorCodeSignatureExpired,
		dns.ExtendedErrorCodeSignatureNotYetValid,
		dns.ExtendedErrorCodeDNSKEYMissing,
		dns.ExtendedErrorCodeRRSIGsMissing,
		dns.ExtendedErrorCodeNoZoneKeyBitSet,
		dns.ExtendedErrorCodeNSECMissing,
		dns.ExtendedErrorCodeSignatureExpiredBeforeValid:
		return true
	}
	return false
}
