package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
)

func spfConfig(attributes string) string {
	return fmt.Sprintf("data \"maildomain_spf\" \"this\" {\n%s\n}\n", attributes)
}

func dkimConfig(attributes string) string {
	return fmt.Sprintf("data \"maildomain_dkim\" \"this\" {\n%s\n}\n", attributes)
}

func validationConfig(attributes string) string {
	return fmt.Sprintf("resource \"maildomain_validation\" \"this\" {\n%s\n}\n", attributes)
}

func dkimRecordConfig(selector, value string) string {
	return dkimConfig(fmt.Sprintf("domain = \"example.com\"\nkeys = { %q = { record = %q } }", selector, value))
}

func templateConfig(template string) string {
	return dkimConfig(fmt.Sprintf("domain = \"example.com\"\nservices = { acme = { template = %q } }", template))
}

const oneRecord = `records = { spf = { fqdn = "example.com", type = "TXT", value = "v=spf1 -all" } }`

// Each case is one mistake, and a part of the error that tells the user what to do.
func TestBadInput(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	spf := func(existing string) string {
		return spfConfig(fmt.Sprintf("domain = \"example.com\"\nexisting = %q", existing))
	}
	domain := func(name string) string { return spfConfig(fmt.Sprintf("domain = %q", name)) }
	_, weak := newKey(t, 1024)
	tests := map[string]refusal{
		"two SPF records in existing":     {spf("v=spf1 a -all v=spf1 mx -all"), "this text holds two records"},
		"existing is not SPF":             {spf("MS=ms123"), "Invalid SPF record"},
		"existing in quotes":              {spf(`"v=spf1 a -all"`), "without quotes"},
		"existing is empty":               {spf(""), "leave it out or set it to null"},
		"SPF syntax":                      {spf("v=spf1 include: -all"), "include:"},
		"SPF address":                     {spf("v=spf1 ip4:300.1.1.1 -all"), "ip4:300.1.1.1"},
		"SPF unknown mechanism":           {spf("v=spf1 ipv4:192.0.2.1 -all"), "ip4:192.0.2.1"},
		"SPF passes all":                  {spf("v=spf1 +all"), "allow_pass_all"},
		"SPF passes half of IPv4":         {spf("v=spf1 ip4:0.0.0.0/1 -all"), "allow_pass_all"},
		"all = pass alone":                {spfConfig(`domain = "example.com"` + "\nall = \"pass\""), "allow_pass_all"},
		"all of another word":             {spfConfig(`domain = "example.com"` + "\nall = \"reject\""), "softfail"},
		"mechanism syntax":                {spfConfig(`domain = "example.com"` + "\nmechanisms = [\"a\", \"include=x.example\"]"), "include:x.example"},
		"remove syntax":                   {spfConfig(`domain = "example.com"` + "\nremove = [\"ip4:x\"]"), "ip4:x"},
		"unknown service":                 {spfConfig(`domain = "example.com"` + "\nservices = { ofice365 = {} }"), "services[\"ofice365\"]: There is no built-in service of this name."},
		"nearly a service":                {spfConfig(`domain = "example.com"` + "\nservices = { microsoft356 = {} }"), "Did you mean \"microsoft365\"?"},
		"missing variable":                {spfConfig(`domain = "example.com"` + "\nservices = { catglobe = {} }"), "spf_include"},
		"missing variable by misspelling": {spfConfig(`domain = "example.com"` + "\nservices = { catglobe = { variable = { spf_include = \"a.example\" } } }"), "spelling"},
		"unknown variable":                {spfConfig(`domain = "example.com"` + "\nservices = { catglobe = { variables = { spf_incude = \"a.example\" } } }"), "spf_include"},
		"variable with a second term":     {spfConfig(`domain = "example.com"` + "\nservices = { catglobe = { variables = { spf_include = \"a.example +all\" } } }"), "spf_include"},
		"service and template":            {spfConfig(`domain = "example.com"` + "\nservices = { a = { service = \"catglobe\", template = \"{}\" } }"), "both `service` and `template`"},
		"null service":                    {spfConfig(`domain = "example.com"` + "\nservices = { a = null }"), "write {}"},
		"template that is not JSON":       {templateConfig("records:"), "JSON"},
		"template of another shape":       {templateConfig(`["a"]`), "Domain Connect template"},
		"template without records":        {templateConfig(`{"providerId":"a","serviceId":"b"}`), "records"},
		"template asks for a wildcard": {
			templateConfig(`{"providerId":"a","providerName":"A","serviceId":"b","serviceName":"B","records":[{"type":"CNAME","host":"*._domainkey","pointsTo":"x.example"}]}`),
			"allow",
		},
		"template climbs out": {
			templateConfig(`{"providerId":"a","providerName":"A","serviceId":"b","serviceName":"B","records":[{"type":"CNAME","host":"s._domainkey.example.org.","pointsTo":"x.example"}]}`),
			"example.org",
		},
		"unknown group":                    {dkimConfig(`domain = "example.com"` + "\nservices = { microsoft365 = { groups = [\"dkimm\"] } }"), "dkimm"},
		"domain with a blank":              {domain("exa mple.com"), "write the domain alone"},
		"domain with a path":               {domain("https://example.com/"), "write the domain alone"},
		"label over 63":                    {domain(strings.Repeat("a", 64) + ".com"), "63 octets"},
		"name over 253":                    {domain(strings.Repeat("a.", 127) + "a"), "253 octets"},
		"root":                             {domain("."), "DNS root"},
		"address as a domain":              {domain("192.0.2.1"), "is an IP address"},
		"name of a policy":                 {domain("_dmarc.example.org"), `write the domain, such as "example.org"`},
		"name of a key":                    {domain("s1._domainkey.example.org"), `write the domain, such as "example.org"`},
		"name of TLS reporting":            {domain("_smtp._tls.example.org."), `write the domain, such as "example.org"`},
		"TTL of nought":                    {spfConfig(`domain = "example.com"` + "\nttl = 0"), "a whole number from 1 to 2147483647"},
		"selector with a blank":            {dkimRecordConfig("sel 1", "k=rsa; p="+weak), "Invalid DKIM selector"},
		"selector with its suffix":         {dkimRecordConfig("sel._domainkey", "k=rsa; p="+weak), "Invalid DKIM selector"},
		"truncated key":                    {dkimRecordConfig("sel", "k=rsa; p="+weak[:199]), "truncated or mistyped"},
		"key cut at a base64 border":       {dkimRecordConfig("sel", "k=rsa; p="+weak[:200]), "truncated or mistyped"},
		"key record that is none":          {dkimRecordConfig("sel", "hello"), "as support handed it out"},
		"key of 512 bits":                  {dkimRecordConfig("sel", "k=rsa; p="+tinyKey), "1024"},
		"Ed25519 of 31 octets":             {dkimRecordConfig("sel", "k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="), "32 octets"},
		"key with two sources":             {dkimConfig(`domain = "example.com"` + "\nkeys = { a = { cname = \"x.example\", record = \"p=\" } }"), "exactly one of"},
		"key without a source":             {dkimConfig(`domain = "example.com"` + "\nkeys = { a = {} }"), "exactly one of"},
		"CNAME that is no name":            {dkimConfig(`domain = "example.com"` + "\nkeys = { a = { cname = \"x y\" } }"), "target"},
		"selector of a service":            {dkimConfig(`domain = "example.com"` + "\nservices = { catglobe = " + catglobe + " }\nkeys = { cg1 = { cname = \"x.example\" } }"), "a DKIM selector has one record"},
		"private key as a record":          {dkimRecordConfig("sel", "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----"), "private key"},
		"misspelled attribute of a key":    {dkimConfig(`domain = "example.com"` + "\nkeys = { a = { pubkey = \"x\" } }"), "Check the spelling"},
		"misspelled attribute of a policy": {"data \"maildomain_records\" \"this\" {\ndomain = \"example.com\"\ndmarc = { polcy = \"none\" }\n}\n", "Check the spelling"},
		"which key":                        {dkimRecordConfig("sel7", "hello"), `keys["sel7"].record: Not a DKIM key record`},
		"null record":                      {validationConfig(`records = { a = null }`), `records["a"] is null`},
		"which record":                     {validationConfig(`records = { a = { fqdn = "example.com", type = "SPF", value = "x" } }`), `records["a"]: Unknown record type`},
		"CNAME to an address":              {dkimConfig(`domain = "example.com"` + "\nkeys = { a = { cname = \"192.0.2.1\" } }"), "a name, not an address"},
		"two SPF records on two lines":     {spf("v=spf1 a -all\nv=spf1 mx -all\n"), "v=spf1"},
		"owner that is no name":            {validationConfig(`records = { a = { fqdn = "a b", type = "TXT", value = "x" } }`), "Invalid owner name"},
		"unknown record type":              {validationConfig(`records = { a = { fqdn = "example.com", type = "SPF", value = "x" } }`), "Unknown record type"},
		"MX without a preference":          {validationConfig(`records = { a = { fqdn = "example.com", type = "MX", value = "mx.example" } }`), "10 mx.example.net"},
		"TXT over what DNS can hold":       {validationConfig(`records = { a = { fqdn = "example.com", type = "TXT", value = join("", [for i in range(1000) : "` + strings.Repeat("x", 65) + `"]) } }`), "64770"},
		"two SPF records to validate":      {validationConfig(`records = { a = { fqdn = "example.com", type = "TXT", value = "v=spf1 a -all" }, b = { fqdn = "example.com", type = "TXT", value = "v=spf1 mx -all" } }`), "merge the two"},
		"timeout that is no duration":      {validationConfig(oneRecord + "\ntimeouts = { create = \"10\" }"), "Invalid Attribute Value Time Duration"},
		"timeout of nought":                {validationConfig(oneRecord + "\ntimeouts = { create = \"0s\" }"), "positive duration"},
		"timeout below nought":             {validationConfig(oneRecord + "\ntimeouts = { read = \"-5s\" }"), "positive duration"},
		"query of another word":            {validationConfig(oneRecord + "\nquery = \"public\""), "authoritative"},
		"require of another word":          {validationConfig(oneRecord + "\nrequire = \"most\""), "a number of servers"},
		"consecutive of nought":            {validationConfig(oneRecord + "\nconsecutive = 0"), "a whole number from 1 to 100"},
		"on_drift of another word":         {validationConfig(oneRecord + "\non_drift = \"fail\""), "revalidate"},
		"misspelled option":                {validationConfig(oneRecord + "\nconsecutiv = 1"), "Did you mean \"consecutive\"?"},
		"resolver that is no address":      {"provider \"maildomain\" {\nresolvers = [\"dns.example.net\"]\n}\n" + domain("example.com"), "Invalid resolver address"},
		"resolver over TLS by name":        {"provider \"maildomain\" {\nresolvers = [\"tls://dns.example\"]\n}\n" + domain("example.com"), "like tls://dns.example@192.0.2.53"},
		"resolver over HTTPS, no path":     {"provider \"maildomain\" {\nresolvers = [\"https://dns.example\"]\n}\n" + domain("example.com"), "/dns-query"},
		"bootstrap that is no address":     {"provider \"maildomain\" {\nbootstrap = [\"dns.example\"]\n}\n" + domain("example.com"), "Invalid bootstrap address"},
		"private network with host bits":   {"provider \"maildomain\" {\nprivate_networks = [\"10.0.0.1/8\"]\n}\n" + domain("example.com"), "write 10.0.0.0/8"},
		"private network that is none":     {"provider \"maildomain\" {\nprivate_networks = [\"inside\"]\n}\n" + domain("example.com"), "like 10.0.0.0/8"},
		"no private network":               {"provider \"maildomain\" {\nprivate_networks = []\n}\n" + domain("example.com"), "private_networks"},
		"unknown DNSSEC mode":              {"provider \"maildomain\" {\ndnssec = \"strict\"\n}\n" + domain("example.com"), "require"},
		"resolver with a bad port":         {"provider \"maildomain\" {\nresolvers = [\"192.0.2.53:99999\"]\n}\n" + domain("example.com"), "\"99999\" is not a port"},
		"no resolvers":                     {"provider \"maildomain\" {\nresolvers = []\n}\n" + domain("example.com"), "at least 1"},
		"provider timeout of nought":       {"provider \"maildomain\" {\ntimeout = \"0s\"\n}\n" + domain("example.com"), "positive duration"},
		"authoritative port out of range":  {"provider \"maildomain\" {\nauthoritative_port = 70000\n}\n" + domain("example.com"), "a whole number from 1 to 65535"},
	}
	refused(t, tests)
}

// tinyKey is an RSA key of 512 bits, made for this test; Go no longer makes such keys.
const tinyKey = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKFhp1BtwxV6yACSyTt2eAwTLc1c1oWCXRqqZiq75B/3Z7XV8qCPzHpEMNnirO1yEqsgD5gN+LZKrlavvj6zkwcCAwEAAQ=="

// A private key is refused, and not a character of it is printed.
func TestPrivateKeyIsRefusedAndNotPrinted(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	secret := strings.Split(text, "\n")[1]
	// The key comes from a variable, so that Terraform's excerpt of the configuration does not show it either.
	config := fmt.Sprintf("variable \"key\" {\n  default = <<-EOT\n%sEOT\n}\n", text) +
		dkimConfig("domain = \"example.com\"\nkeys = { a = { public_key = var.key } }")
	c := newCLI(t, config)
	out, err := c.attempt(t, "plan")
	if err == nil || !strings.Contains(err.Error(), "private key") {
		t.Errorf("terraform plan printed %s, %v, want an error about a private key", out, err)
	}
	if err != nil && strings.Contains(err.Error(), secret) {
		t.Error("the error shows the key")
	}
}
