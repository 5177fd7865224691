package spf

import "github.com/catglobe/terraform-provider-maildomain/internal/dnsname"

// SafeAnswerSize is the largest DNS message, in octets, that crosses the networks of the internet in one piece over
// UDP; larger answers come truncated, and cost receivers another question over TCP.
const SafeAnswerSize = 1232

// AnswerSize returns the size in octets of the DNS message that answers a question for the TXT records of owner, all of
// them, with the OPT record of EDNS0 (RFC 1035 §4.1, RFC 6891 §6.1.2) and no other sections.
func AnswerSize(owner dnsname.Name, values []string) int {
	const (
		header   = 12
		question = 4  // type and class, behind the name
		fixed    = 12 // of a record: a pointer to the name, type, class, TTL, length
		opt      = 11
		chunk    = 255 // octets of a string, behind one for its length
	)
	name := 1 // the root
	for _, label := range owner.Labels() {
		name += 1 + len(label)
	}
	size := header + name + question + opt
	for _, value := range values {
		size += fixed + len(value) + max(1, (len(value)+chunk-1)/chunk)
	}
	return size
}
