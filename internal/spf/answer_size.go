package spf

import "github.com/catglobe/terraform-provider-maildomain/internal/dnsname"

const (
	// SafeAnswerSize is the largest DNS message, in octets, that crosses the networks of the internet in one piece over
	// UDP; larger answers come truncated, and cost receivers another question over TCP.
	SafeAnswerSize = 1232

	// PlainAnswerSize is the largest DNS message over UDP without EDNS (RFC 1035 §4.2.1).
	PlainAnswerSize = 512

	// AdvisedUsually is the longest record that RFC 7208 §3.4 advises, for a name of usual length.
	AdvisedUsually = 450
)

// The parts of a DNS message, in octets (RFC 1035 §4.1, RFC 6891 §6.1.2).
const (
	headerOctets   = 12
	questionOctets = 4  // type and class, behind the name
	fixedOctets    = 12 // of a record: a pointer to the name, type, class, TTL, length
	optOctets      = 11 // the OPT record of EDNS0
	stringOctets   = 255
)

// AnswerSize returns the size in octets of the DNS message that answers a question for the TXT records of owner, all of
// them: the header, the question with the name, the records, whose owner is a pointer to that name, and the OPT record of
// EDNS0; no other sections.
func AnswerSize(owner dnsname.Name, values []string) int {
	size := headerOctets + NameOctets(owner) + questionOctets + optOctets
	for _, value := range values {
		size += fixedOctets + valueOctets(len(value))
	}
	return size
}

// NameOctets returns the size of a name in a message.
func NameOctets(name dnsname.Name) int {
	octets := 1 // the root
	for _, label := range name.Labels() {
		octets += 1 + len(label)
	}
	return octets
}

// valueOctets returns the size of a TXT value of so many octets in a message: each of its strings has one more.
func valueOctets(length int) int { return length + max(1, (length+stringOctets-1)/stringOctets) }

// AdvisedLength returns the longest record of owner, in octets, whose answer fits a DNS message without EDNS beside its
// question, the name of which counts too (RFC 7208 §3.4). An owner that is not known is taken for one of usual length.
func AdvisedLength(owner dnsname.Name) int {
	if !owner.IsValid() {
		return AdvisedUsually
	}
	return LongestValue(NameOctets(owner))
}

// LongestValue returns the longest TXT value whose answer fits [PlainAnswerSize] at a name of so many octets.
func LongestValue(name int) int {
	room := PlainAnswerSize - headerOctets - name - questionOctets - fixedOctets
	length := room - 1
	for valueOctets(length) > room {
		length--
	}
	return length
}
