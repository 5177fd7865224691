// Package service reads Domain Connect templates, in which mail services publish the DNS records that they
// need, and applies them to a domain. Services that are built in are templates too, in the folder builtin.
//
// A template is not trusted. What its variables hold never changes which records there are, of which types and
// with which ids; no record lies outside the domain; and records that mail does not need are refused unless
// the user grants them.
//
// # What differs from Domain Connect
//
// The specification is the draft of Domain Connect (draft-ietf-dconn-domainconnect), template format 1. Terms of SPFM
// records, and of TXT records that are SPF, are handed out to be merged into the one SPF record of their owner. Records
// at _dmarc are dropped with a warning: the policy is the owner's. REDIR301, REDIR302 and APEXCNAME are web features,
// and skipped with a warning. Other types than those of package record are refused. Variables are read in any case, an
// empty value is none, and one that the template does not have is an error, since it is a misspelling. What the
// properties of the web flow and "essential" say has no part here: nothing is applied after something else, and whether
// the records of two services can stand together is for package compose to say.
//
// Templates in public are written loosely, and this much is put up with: a byte order mark; tabs in strings; numbers
// and truth values as text, and text as numbers; fields that are null or empty where they may be missing; types in
// lower case; SRV names without underscores, "host" for "name" and "name" for "host", "data" for "pointsTo"; %fqdn% at
// the end of a host without its final dot; the dot that an empty %host% leaves behind. One record twice in one group
// is one. A TTL that is none, and a matching mode that is none, count as missing, with a warning.
//
// # The object x-maildomain
//
// What Domain Connect has no field for stands in an extra object, which other implementations ignore. Texts are
// plain ASCII. In a record, it holds the record's id, which becomes part of the key in Terraform and must
// never change:
//
//	{"type": "MX", "groupId": "mx", …, "x-maildomain": {"id": "mx"}}
//
// In the template, it holds what users and the documentation need:
//
//	"x-maildomain": {
//	  "documentation": "https://…",    the service's own page about its DNS records
//	  "checked": "2026-11-23",         when the facts were last compared with their source
//	  "evidence": "V",                 how they are known: V read in official documentation or source, I reported in
//	                                   issues, O seen in many published configurations, ? unverified
//	  "never_flatten": true,           the service asks that its SPF terms stay as they are
//	  "zones": ["example.com"],        the service's own zones: names in them need no records
//	  "zones_note": "…",               a sentence that says why
//	  "groups": [                      those of the records' groupId; a group that is not listed is a default
//	    {"id": "spf", "description": "what its records do", "default": true}
//	  ],
//	  "variables": [
//	    {
//	      "name": "region",
//	      "kind": "label",             a [VariableKind]
//	      "description": "the …",      what it is, so that "it is " may stand before it
//	      "where": "in the …",         where its value is found, so that "found " may stand before it
//	      "default": "…"               used where the variable is not set
//	    }
//	  ],
//	  "notes": [                       sentences for the person who applies the template
//	    {"text": "…", "groups": ["dkim"]}   shown where one of the groups is applied; without groups, always
//	  ]
//	}
//
// A default may hold the built-in variables, %domain_dashed% and %fqdn_dashed% (the names with hyphens for
// dots), and other variables that are described and have no default: it counts where all of them are set.
package service
