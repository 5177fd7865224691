package check

import (
	"strings"

	"github.com/catglobe/terraform-provider-maildomain/internal/spf/qname"
)

// unknown stands for what a macro should have, and nobody knows (RFC 7208 §7.3).
const unknown = "unknown"

// An identity is who claims to send: the arguments of check_host beside the address (RFC 7208 §4.1).
type identity struct {
	domain string // whose record is evaluated
	local  string // the local part of the sender
	origin string // the domain of the sender
	helo   string
}

func (q Query) identity() identity {
	id := identity{helo: q.HELO}
	sender := q.Sender
	if strings.HasPrefix(sender, "<") && strings.HasSuffix(sender, ">") {
		sender = sender[1 : len(sender)-1] // as MAIL FROM has it (RFC 5321 §4.1.2)
	}
	switch at := strings.LastIndexByte(sender, '@'); {
	case at >= 0: // the last: a quoted local part may have others
		id.local, id.origin = sender[:at], sender[at+1:]
	case sender != "":
		id.origin = sender
	case q.HELO != "":
		id.origin = q.HELO // the null reverse-path (§2.4)
	default:
		id.origin = q.Domain
	}
	if id.local == "" {
		id.local = "postmaster" // §4.3
	}
	if id.helo == "" {
		id.helo = unknown
	}
	id.origin = qname.ALabels(id.origin)
	id.domain = id.origin
	if q.Domain != "" {
		id.domain = qname.ALabels(q.Domain)
	}
	return id
}
