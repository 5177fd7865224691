package provider_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// call is a configuration whose output is what a function returns.
func call(expression string) string {
	return fmt.Sprintf("output \"result\" {\n  value = provider::maildomain::%s\n}\n", expression)
}

func parsedTerm(qualifier, mechanism, value string) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"qualifier": knownvalue.StringExact(qualifier), "mechanism": knownvalue.StringExact(mechanism), "value": knownvalue.StringExact(value),
	})
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	text := func(values ...string) knownvalue.Check {
		checks := make([]knownvalue.Check, len(values))
		for i, v := range values {
			checks[i] = knownvalue.StringExact(v)
		}
		return knownvalue.ListExact(checks)
	}
	rrset := func(name, fqdn, typ string, ttl int64, values, quoted knownvalue.Check) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{
			"name": knownvalue.StringExact(name), "fqdn": knownvalue.StringExact(fqdn), "type": knownvalue.StringExact(typ),
			"ttl": knownvalue.Int64Exact(ttl), "values": values, "quoted": quoted,
		})
	}
	tests := map[string]struct {
		expression string
		want       knownvalue.Check
	}{
		"support_message": {
			`support_message({domain = "example.com", records = provider::maildomain::records({domain = "example.com", all = "fail"}), report = null})`,
			knownvalue.StringExact("The mail DNS records of example.com are as follows.\n\nDomain: example.com\n- example.com TXT v=spf1 -all\n\nThe records have not been compared with live DNS."),
		},
		"relative_name below":      {`relative_name("_dmarc.News.example.com.", "example.com")`, knownvalue.StringExact("_dmarc.news")},
		"relative_name at":         {`relative_name("example.com", "EXAMPLE.com")`, knownvalue.StringExact("@")},
		"txt_chunks":               {`txt_chunks("v=spf1 -all")`, text("v=spf1 -all")},
		"txt_chunks of nothing":    {`txt_chunks("")`, text("")},
		"txt_chunks of characters": {fmt.Sprintf(`txt_chunks("%sü")`, strings.Repeat("a", 254)), text(strings.Repeat("a", 254), "ü")},
		"txt_encode by alias":      {`txt_encode("a\"b", "hcloud")`, knownvalue.StringExact(`"a\"b"`)},
		"spf_merge":                {`spf_merge(["v=spf1 a ~all", "v=spf1 include:b.example -all", "ip4:192.0.2.1"], "keep")`, knownvalue.StringExact("v=spf1 a include:b.example ip4:192.0.2.1 ~all")},
		"spf_merge of one":         {`spf_merge(["v=spf1 +A IP4:192.0.2.1/32 ?all"], "softfail")`, knownvalue.StringExact("v=spf1 a ip4:192.0.2.1 ~all")},
		"spf_merge of a redirect":  {`spf_merge(["v=spf1 redirect=_spf.example.net"], "softfail")`, knownvalue.StringExact("v=spf1 include:_spf.example.net ~all")},
		"spf_merge keeps one":      {`spf_merge(["v=spf1 redirect=_spf.example.net"], "keep")`, knownvalue.StringExact("v=spf1 redirect=_spf.example.net")},
		"spf_merge of nothing":     {`spf_merge([], "fail")`, knownvalue.StringExact("v=spf1 -all")},
		"spf_parse": {
			`spf_parse("V=SPF1 +A/24 -include:B.example ~ip4:192.0.2.77/24 exp=why.example ?all x=y")`,
			knownvalue.ObjectExact(map[string]knownvalue.Check{
				"terms": knownvalue.ListExact([]knownvalue.Check{
					parsedTerm("pass", "a", "/24"), parsedTerm("fail", "include", "b.example"), parsedTerm("softfail", "ip4", "192.0.2.0/24"), parsedTerm("neutral", "all", ""),
				}),
				"modifiers": knownvalue.ListExact([]knownvalue.Check{
					knownvalue.ObjectExact(map[string]knownvalue.Check{"name": knownvalue.StringExact("exp"), "value": knownvalue.StringExact("why.example")}),
					knownvalue.ObjectExact(map[string]knownvalue.Check{"name": knownvalue.StringExact("x"), "value": knownvalue.StringExact("y")}),
				}),
				"all": knownvalue.StringExact("neutral"),
			}),
		},
		"spf_parse without all": {
			`spf_parse("v=spf1 redirect=_spf.example.net").all == null`, knownvalue.Bool(true),
		},
		"rrsets": {
			`rrsets({
    a = { name = "@", fqdn = "example.com", type = "TXT", ttl = 3600, value = "v=spf1 -all" }
    b = { name = "@", fqdn = "Example.com.", type = "txt", ttl = 300, value = "MS=1" }
    c = { name = "@", fqdn = "example.com", type = "MX", ttl = 60, value = "10 mx.example.net" }
  })`,
			knownvalue.MapExact(map[string]knownvalue.Check{
				"example.com/TXT": rrset("@", "example.com", "TXT", 300, text("MS=1", "v=spf1 -all"), text(`"MS=1"`, `"v=spf1 -all"`)),
				"example.com/MX":  rrset("@", "example.com", "MX", 60, text("10 mx.example.net"), text("10 mx.example.net.")),
			}),
		},
		"rrsets of nothing": {`rrsets({})`, knownvalue.MapSizeExact(0)},
		"zone_file": {
			`zone_file({ a = { name = "@", fqdn = "example.com", type = "MX", ttl = 60, value = "10 mx.example.net" } })`,
			knownvalue.StringExact("example.com. 60 IN MX 10 mx.example.net.\n"),
		},
		"markdown_table": {
			`markdown_table({ a = { name = "_dmarc", fqdn = "_dmarc.example.com", type = "TXT", ttl = 60, value = "v=DMARC1; p=none" } })`,
			knownvalue.StringExact("| Name | Type | TTL | Value |\n| --- | --- | --- | --- |\n| `_dmarc.example.com` | TXT | 60 | `v=DMARC1; p=none` |\n"),
		},
		"dkim_record of a key in PEM":  {"dkim_record(<<EOT\n" + ed25519PEM + "EOT\n)", knownvalue.StringExact("v=DKIM1; k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=")},
		"dkim_record of a record":      {`dkim_record("k=ed25519 ;p=U/eKD1ZBHl7jEne6cRBW eF7mET+9m+oT1/PFzn/MzsI=")`, knownvalue.StringExact("v=DKIM1; k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=")},
		"dkim_record of a revoked key": {`dkim_record("v=DKIM1; p=")`, knownvalue.StringExact("v=DKIM1; k=rsa; p=")},
		"dkim_parse": {
			`dkim_parse("v=DKIM1; k=ed25519; t=y:s; s=email; h=sha256; n=a; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=")`,
			knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"usable": knownvalue.Bool(true), "key_type": knownvalue.StringExact("ed25519"), "bits": knownvalue.Int64Exact(256), "revoked": knownvalue.Bool(false),
				"testing": knownvalue.Bool(true), "hashes": text("sha256"), "services": text("email"), "flags": text("y", "s"), "notes": knownvalue.StringExact("a"),
				"public_key": knownvalue.StringExact("U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI="), "errors": text(), "warnings": knownvalue.ListSizeExact(1),
			}),
		},
		"dkim_parse of a truncated key":      {`dkim_parse("p=MIIB").usable`, knownvalue.Bool(false)},
		"dkim_record of a table's columns":   {`dkim_record("\"TXT\" \"k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=\"")`, knownvalue.StringExact("v=DKIM1; k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=")},
		"dkim_parse of a JSON list":          {`dkim_parse(jsonencode(["k=ed25519; ", "p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI="])).usable`, knownvalue.Bool(true)},
		"dkim_record of strings with quotes": {`dkim_record("k=ed25519; p=U/eKD1ZBHl7jEne6cRBW\"\"eF7mET+9m+oT1/PFzn/MzsI=")`, knownvalue.StringExact("v=DKIM1; k=ed25519; p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=")},
		"dkim_parse of a line of a zone file": {
			`dkim_parse("s1._domainkey IN TXT ( \"v=DKIM1; k=ed25519; \"\n \"p=U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=\" ) ; key s1")`,
			knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"usable": knownvalue.Bool(true), "bits": knownvalue.Int64Exact(256),
				"warnings": text("The text is a line of a zone file for s1._domainkey: it was read as the joined strings, without the quotes, which are not part of the value."),
			}),
		},
		"mta_sts_parse of a record": {
			`mta_sts_parse("v=STSv1; id=20260401; x=1")`,
			knownvalue.ObjectExact(map[string]knownvalue.Check{
				"id": knownvalue.StringExact("20260401"), "mode": knownvalue.Null(), "max_age": knownvalue.Null(), "mx": knownvalue.Null(),
				"warnings": text(`The tag "x" is not one of MTA-STS: senders ignore it.`),
			}),
		},
		"mta_sts_parse of a policy": {
			`mta_sts_parse("version: STSv1\r\nmode: enforce\r\nmx: b.example.com\r\nmx: a.example.com\r\nmax_age: 604800\r\n")`,
			knownvalue.ObjectExact(map[string]knownvalue.Check{
				"id": knownvalue.StringExact("2123e218ff0d2803f68f46f3b90defd5"), "mode": knownvalue.StringExact("enforce"), "max_age": knownvalue.Int64Exact(604800),
				"mx": text("b.example.com", "a.example.com"), "warnings": text(),
			}),
		},
		"tls_rpt_parse": {
			`tls_rpt_parse("v=TLSRPTv1; rua=mailto:a@example.com, https://r.example/x")`,
			knownvalue.ObjectExact(map[string]knownvalue.Check{"reports": text("mailto:a@example.com", "https://r.example/x"), "warnings": text()}),
		},
		"bimi_parse": {
			`bimi_parse("v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/logo.pem; lps=news")`,
			knownvalue.ObjectExact(map[string]knownvalue.Check{
				"declined": knownvalue.Bool(false), "logo": knownvalue.StringExact("https://example.com/logo.svg"), "certificate": knownvalue.StringExact("https://example.com/logo.pem"),
				"avatar": knownvalue.StringExact("brand"), "local_part_prefixes": text("news"), "warnings": text(),
			}),
		},
		"bimi_parse of a declination": {
			`bimi_parse("v=BIMI1; l=; a=; avp=personal")`,
			knownvalue.ObjectExact(map[string]knownvalue.Check{
				"declined": knownvalue.Bool(true), "logo": knownvalue.StringExact(""), "certificate": knownvalue.StringExact(""),
				"avatar": knownvalue.StringExact("personal"), "local_part_prefixes": knownvalue.Null(), "warnings": text(),
			}),
		},
		"tlsa_record":                 {"tlsa_record(<<EOT\n" + ed25519PEM + "EOT\n)", knownvalue.StringExact("3 1 1 dfcb14df129bb6ad2fa7f1d445d7ec30b8f1f9b16d87ab53090963973923b57c")},
		"tlsa_record of an authority": {"tlsa_record(<<EOT\n" + ed25519PEM + "EOT\n, 2)", knownvalue.StringExact("2 1 1 dfcb14df129bb6ad2fa7f1d445d7ec30b8f1f9b16d87ab53090963973923b57c")},
		"dmarc_parse of a test": {
			`dmarc_parse("v=DMARC1; p=reject; sp=none; t=y; ruf=mailto:f@example.com; fo=1:d:s")`,
			knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"policy": knownvalue.StringExact("quarantine"), "subdomain_policy": knownvalue.StringExact("none"), "testing": knownvalue.Bool(true),
				"failure_options": text("1", "d", "s"), "warnings": knownvalue.ListSizeExact(1),
			}),
		},
		"dmarc_parse": {
			`dmarc_parse("v=DMARC1; p=reject; np=quarantine; pct=5; aspf=s; rua=mailto:a@example.com,b@example.com")`,
			knownvalue.ObjectExact(map[string]knownvalue.Check{
				"applies": knownvalue.Bool(true), "policy": knownvalue.StringExact("reject"), "subdomain_policy": knownvalue.StringExact("reject"),
				"nonexistent_policy": knownvalue.StringExact("quarantine"), "testing": knownvalue.Bool(false), "dkim_alignment": knownvalue.StringExact("relaxed"),
				"spf_alignment": knownvalue.StringExact("strict"), "aggregate_reports": text("mailto:a@example.com"), "failure_reports": text(), "failure_options": text("0"),
				"psd": knownvalue.StringExact("u"), "warnings": text(
					`The tag "pct" is ignored: RFC 9989 has removed it: the policy counts for all mail, not for a part of it; leave it out, or set t=y to lower the policy by one level.`,
					`The tag "rua" is ignored: "b@example.com" is not an address for reports: write mailto: before it.`,
				),
			}),
		},
	}
	// One configuration has an output for each case, and an error names the output.
	step := resource.TestStep{}
	for name, tt := range tests {
		as := regexp.MustCompile(`[^a-z0-9]`).ReplaceAllString(name, "_")
		step.Config += strings.Replace(call(tt.expression), `"result"`, strconv.Quote(as), 1)
		step.ConfigStateChecks = append(step.ConfigStateChecks, output(as, tt.want))
	}
	test(t, step)
}

// ed25519PEM is a public key whose private part nobody has.
const ed25519PEM = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAU/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=
-----END PUBLIC KEY-----
`

func TestFunctionErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ expression, says string }{
		"mta_sts_parse of another":      {`mta_sts_parse("v=TLSRPTv1; rua=mailto:a@example.com")`, "it is a TLS reporting record"},
		"mta_sts_parse, record":         {`mta_sts_parse("v=STSv1; id=2026-04-01")`, `write "v=STSv1; id=20260401"`},
		"mta_sts_parse, policy":         {`mta_sts_parse("version: STSv1\nmode: reject\nmax_age: 1\n")`, `line 2, field "mode"`},
		"tls_rpt_parse":                 {`tls_rpt_parse("v=TLSRPTv1; rua=tls@example.com")`, `write "v=TLSRPTv1; rua=mailto:tls@example.com"`},
		"bimi_parse":                    {`bimi_parse("v=BIMI1; l=http://example.com/logo.svg")`, `write "v=BIMI1; l=https://example.com/logo.svg"`},
		"tlsa_record, private key":      {`tlsa_record("-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n")`, "private key"},
		"tlsa_record, usage":            {"tlsa_record(<<EOT\n" + ed25519PEM + "EOT\n, 1, 1, 1)", "RFC 7672 §3.1.3"},
		"tlsa_record, selector":         {"tlsa_record(<<EOT\n" + ed25519PEM + "EOT\n, 3, 0)", "give the certificate"},
		"tlsa_record, fraction":         {"tlsa_record(<<EOT\n" + ed25519PEM + "EOT\n, 3, 1, 1.5)", "a whole number from 0 to 255"},
		"tlsa_record, too many":         {"tlsa_record(<<EOT\n" + ed25519PEM + "EOT\n, 3, 1, 1, 1)", "one number too many"},
		"support_message of no domain":  {`support_message({records = {}})`, "domain: it is missing"},
		"support_message of no records": {`support_message({domain = "example.com"})`, "example.com: records: it is missing"},
		"support_message of a list":     {`support_message({domain = "example.com", records = []})`, "example.com: records: it must be an object in braces"},
		"support_message misspelt":      {`support_message({domain = "example.com", records = {}, reprot = ""})`, "example.com: reprot: there is no such attribute"},
		"support_message of a text":     {`support_message("example.com")`, "it must be an object in braces"},
		"relative_name outside":         {`relative_name("example.org", "example.com")`, "lies outside the zone"},
		"relative_name of no name":      {`relative_name("a b", "example.com")`, "cannot have"},
		"txt_chunks too long":           {fmt.Sprintf(`txt_chunks(join("", [for i in range(1000) : "%s"]))`, strings.Repeat("x", 65)), "65000 octets"},
		"txt_encode unknown style":      {`txt_encode("a", "bind")`, "route53"},
		"txt_encode too long":           {fmt.Sprintf(`txt_encode("%s", "digitalocean")`, strings.Repeat("x", 513)), "digitalocean takes at most 512"},
		"spf_merge syntax":              {`spf_merge(["v=spf1 ip4:x"], "fail")`, "ip4:x"},
		"spf_merge empty":               {`spf_merge([], "")`, `unknown ending: it must be "fail", "softfail", "neutral" or "keep", and is an empty text`},
		"spf_merge faults":              {`spf_merge([null, "ip:192.0.2.1", "v=spf1 mx"], "-all")`, "records[0]: it is null; write a text, or leave the element out, for example with compact() records[1]: \"ip:192.0.2.1\" at offset 0: there is no such mechanism: write \"ip4:192.0.2.1\" (RFC 7208 §4.6.1) all: unknown ending"},
		"spf_merge all":                 {`spf_merge([], "reject")`, `unknown ending: it must be "fail", "softfail", "neutral" or "keep", and is "reject": write "fail"`},
		"spf_merge of two":              {`spf_merge(["v=spf1 ?a -all", "a"], "fail")`, `"?a" of records[0] stands before it`},
		"spf_merge of null":             {`spf_merge([null], "fail")`, "records[0]: it is null"},
		"spf_parse syntax":              {`spf_parse("v=spf1 ip4:x")`, "ip4:x"},
		"spf_parse of another":          {`spf_parse("v=DMARC1; p=none")`, "not an SPF record"},
		"spf_merge passing all":         {`spf_merge([], "pass")`, "pass"},
		"zone_file two CNAMEs":          {`zone_file({ a = { name = "a", fqdn = "a.example.com", type = "CNAME", ttl = 1, value = "x.example" }, b = { name = "a", fqdn = "a.example.com", type = "CNAME", ttl = 1, value = "y.example" } })`, "two CNAME records"},
		"markdown_table value":          {`markdown_table({ a = { name = "@", fqdn = "a.example.com", type = "A", ttl = 1, value = "x" } })`, "192.0.2.1"},
		"dkim_record private key":       {`dkim_record("-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n")`, "private key"},
		"dkim_record truncated":         {`dkim_record("k=rsa; p=MIIB")`, "truncated or mistyped"},
		"dkim_record of SSH":            {`dkim_record("ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB someone")`, "a key for SSH"},
		"dkim_record of no hyphen":      {`dkim_record("BEGIN PUBLIC KEY\nMIIB\nEND PUBLIC KEY")`, "five hyphens"},
		"dkim_record base64url":         {`dkim_record("k=ed25519; p=U_eKD1ZBHl7jEne6cRBWeF7mET-9m-oT1_PFzn_MzsI=")`, "base64url"},
		"dkim_record placeholder":       {`dkim_record("k=rsa; p=YOUR_KEY")`, "placeholder"},
		"dkim_record of another":        {`dkim_record("hello")`, "not a DKIM key record"},
		"dkim_parse of another":         {`dkim_parse("v=spf1 -all")`, "not a DKIM key record"},
		"dmarc_parse of another":        {`dmarc_parse("p=none; v=DMARC1")`, "not a DMARC record"},
		"dmarc_parse too long":          {`dmarc_parse("v=DMARC1; p=none${join("", [for i in range(1000) : ";mailto:a@example.com;mailto:a@example.com;mailto:a@example.com;mailto:a@example.com"])}")`, "octets"},
		"dkim_parse bare key":           {`dkim_parse("U/eKD1ZBHl7jEne6cRBWeF7mET+9m+oT1/PFzn/MzsI=")`, `k=ed25519; p=`},
		"rrsets two DMARC records":      {`rrsets({ a = { name = "_dmarc", fqdn = "_dmarc.example.com", type = "TXT", ttl = 1, value = "v=DMARC1; p=none" }, b = { name = "_dmarc", fqdn = "_dmarc.example.com", type = "TXT", ttl = 1, value = "v=DMARC1; p=reject" } })`, `"a" and "b" both are`},
		"rrsets two keys":               {`rrsets({ a = { name = "s._domainkey", fqdn = "s._domainkey.example.com", type = "TXT", ttl = 1, value = "p=MIIB" }, b = { name = "s._domainkey", fqdn = "s._domainkey.example.com", type = "TXT", ttl = 1, value = "p=MIIC" } })`, `"a" and "b" both are`},
		"rrsets two CNAMEs":             {`rrsets({ a = { name = "a", fqdn = "a.example.com", type = "CNAME", ttl = 1, value = "x.example" }, b = { name = "a", fqdn = "a.example.com", type = "CNAME", ttl = 1, value = "y.example" } })`, "two CNAME records"},
		"rrsets two SPF records":        {`rrsets({ a = { name = "@", fqdn = "example.com", type = "TXT", ttl = 1, value = "v=spf1 a -all" }, b = { name = "@", fqdn = "example.com", type = "TXT", ttl = 1, value = "v=spf1 mx -all" } })`, `"a" and "b" both are`},
		"rrsets, all errors":            {`rrsets({ b = { name = "@", fqdn = "example.com", type = "A", ttl = 1, value = "x" }, a = { name = "@", fqdn = "example.com", type = "SPF", ttl = 1, value = "x" } })`, `records["a"]: unknown record type "SPF": it must be TXT, CNAME, MX, SRV, A, AAAA, NS, TLSA or CAA records["b"]: A value`},
		"rrsets name":                   {`rrsets({ a = { name = "b", fqdn = "a.example.com", type = "TXT", ttl = 1, value = "x" } })`, "does not go with fqdn"},
		"rrsets TTL":                    {`rrsets({ a = { name = "@", fqdn = "a.example.com", type = "TXT", ttl = -1, value = "x" } })`, "from 0 to 2147483647"},
		"rrsets value":                  {`rrsets({ a = { name = "@", fqdn = "a.example.com", type = "A", ttl = 1, value = "x" } })`, "192.0.2.1"},
		"rrsets attribute missing":      {`rrsets({ a = { name = "@", fqdn = "a.example.com", type = "A", value = "192.0.2.1" } })`, `attribute "ttl" is required`},
	}
	cases := map[string]refusal{}
	for name, tt := range tests {
		cases[name] = refusal{call(tt.expression), tt.says}
	}
	refused(t, cases)
}

// A value that is known only after apply leaves the keys known, so that for_each plans.
func TestRRsetsWithUnknownValues(t *testing.T) {
	t.Parallel()
	test(t,
		resource.TestStep{
			Config: `
resource "terraform_data" "handed_out" {
  input = "token"
}
resource "terraform_data" "dns" {
  for_each = provider::maildomain::rrsets({
    a = { name = "@", fqdn = "example.com", type = "TXT", ttl = 60, value = "known" }
    b = { name = "@", fqdn = "example.com", type = "TXT", ttl = 60, value = terraform_data.handed_out.output }
    c = { name = "www", fqdn = "www.example.com", type = "A", ttl = 60, value = "192.0.2.1" }
  })
  input = each.value.values
}
output "values" { value = { for key, r in terraform_data.dns : key => r.output } }
`,
			ConfigStateChecks: []statecheck.StateCheck{
				output("values", knownvalue.ObjectExact(map[string]knownvalue.Check{
					"example.com/TXT":   knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("known"), knownvalue.StringExact("token")}),
					"www.example.com/A": knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("192.0.2.1")}),
				})),
			},
		},
	)
}

// What is written for people is known once all of it is.
func TestRenderedTextsWaitForValues(t *testing.T) {
	t.Parallel()
	test(t, resource.TestStep{
		Config: `
resource "terraform_data" "handed_out" {
  input = "token"
}
locals {
  records = { a = { name = "@", fqdn = "example.com", type = "TXT", ttl = 60, value = terraform_data.handed_out.output } }
}
output "zone" { value = provider::maildomain::zone_file(local.records) }
output "table" { value = provider::maildomain::markdown_table(local.records) }
`,
		ConfigStateChecks: []statecheck.StateCheck{
			output("zone", knownvalue.StringExact("example.com. 60 IN TXT \"token\"\n")),
			output("table", knownvalue.StringRegexp(regexp.MustCompile("`token`"))),
		},
	})
}

// The environment names the resolvers where the configuration does not.
func TestResolversFromTheEnvironment(t *testing.T) {
	l := newLab(t)
	l.zone.SetTXT("@", spfA)
	t.Setenv("MAILDOMAIN_RESOLVERS", " "+l.ResolverAddr()+",")
	test(t, resource.TestStep{
		Config: fmt.Sprintf(`
provider "maildomain" {
  authoritative_port = %d
}
resource "maildomain_validation" "this" {
  records     = { spf = { fqdn = "example.com", type = "TXT", value = %q } }
  consecutive = 1
  timeouts    = { create = "30s" }
}
`, l.Port(), spfA),
		ConfigStateChecks: []statecheck.StateCheck{attribute("valid", knownvalue.Bool(true))},
	})
	t.Setenv("MAILDOMAIN_RESOLVERS", "dns.example.net")
	test(t, fails(domainConfig, "MAILDOMAIN_RESOLVERS"))
}

const domainConfig = `
data "maildomain_spf" "this" {
  domain = "example.com"
}
`
