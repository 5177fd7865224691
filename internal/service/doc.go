// Package service reads Domain Connect templates, in which mail services publish the DNS records that they
// need, and applies them to a domain. Services that are built in are templates too, in the folder builtin.
//
// A template is not trusted. What its variables hold never changes which records there are, of which types and
// with which ids; no record lies outside the domain; and records that mail does not need are refused unless
// the user grants them.
//
// [Template.Unapply] goes the other way: it finds in what is live the groups of a template and the values of its
// variables, by unifying the fields of its records with live names and values.
//
// # What differs from Domain Connect
//
// The specification is the draft of Domain Connect (draft-ietf-dconn-domainconnect), template format 1. Terms of SPFM
// records, and of TXT records that are SPF, are handed out to be merged into the one SPF record of their owner. Records
// at _dmarc are dropped with a warning, unless the user names _dmarc: the policy is the owner's. REDIR301, REDIR302 and
// APEXCNAME are web features, and skipped with a warning. Variables that only such records hold may be set, and do
// nothing. A placeholder that is left in a field, such as $name%, is an error. Other types than those of package record are refused. Variables are read in any case, an
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
//	  "mail_from": "own",              where bounces go, so where receivers look up SPF: "domain", "own" for a domain
//	                                   of the service's, or a host below the domain; without it, that is not known
//	  "dkim_aligns": true,             whether it signs with the customer's domain; without it, that is not known
//	  "never_flatten": true,           the service asks that its SPF terms stay as they are
//	  "zones": ["example.com"],        the service's own zones: names in them need no records
//	  "zones_note": "…",               a sentence that says why
//	  "support": "…",                  what the service's support is to do once the records are live, behind "please"
//	  "mx_patterns": ["*.example.com"],  what the MX hosts match, as MTA-STS policies have it
//	  "recognise": {                   what live records are known by
//	    "includes": ["spf.example.com"], "cnames": ["dkim.example.com"], "mx": ["mx.example.com"], "selectors": ["s1"]
//	  },
//	  "replaces": [                    older forms of records, which live DNS may still show
//	    {"type": "SPF", "host": "@", "value": "include:old.example.com", "note": "until 2023"}
//	  ],
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
//	  "regions": {                     a variable whose value decides the defaults of others; where its value stands in
//	    "variable": "region",          no row, they are demanded
//	    "rows": [{"names": ["eu"], "values": {"mx_host": "mx.%region%.example.com"}}]
//	  },
//	  "together": [                    variables that are all set or none is; their values end in the same of the forms
//	    {"variables": ["target_1", "target_2"], "forms": ["new.example.com", "old.example.com"]}
//	  ],
//	  "notes": [                       sentences for the person who applies the template
//	    {"text": "…", "groups": ["dkim"]}   shown where one of the groups is applied; without groups, always
//	  ]
//	}
//
// A record says beside its id how it is known by itself, in "documentation", "evidence" and "checked".
//
// A default may hold the built-in variables, %fqdn_dashed% and %fqdn_doubled%, and other variables that are described and
// have no default: it counts where all of them are set. %fqdn_dashed% is the name with hyphens for its dots, and exists
// for names without a hyphen alone; %fqdn_doubled% doubles the hyphens first, and exists for names without an A-label.
// For other names, and where a label would be too long, the variable is demanded.
package service
