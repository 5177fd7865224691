package provider_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The content of the wrong file is not shown, wherever it was given: errors end in the logs of CI systems.
func TestPrivateKeysAreNotShown(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	bare := base64.StdEncoding.EncodeToString(der)
	const dkim = `data "maildomain_dkim" "this" {
  domain = "example.com"
  keys   = { s1 = { %s } }
}
`
	tests := map[string]string{
		"cname":           strings.Replace(dkim, "%s", "cname = %key", 1),
		"record":          strings.Replace(dkim, "%s", "record = %key", 1),
		"public_key":      strings.Replace(dkim, "%s", "public_key = %key", 1),
		"domain":          "data \"maildomain_dkim\" \"this\" {\n domain = %key\n keys = {}\n}\n",
		"mechanisms":      "data \"maildomain_spf\" \"this\" {\n domain = \"example.com\"\n mechanisms = [%key]\n}\n",
		"existing":        "data \"maildomain_spf\" \"this\" {\n domain = \"example.com\"\n existing = %key\n}\n",
		"template":        "data \"maildomain_spf\" \"this\" {\n domain = \"example.com\"\n services = { a = { template = %key } }\n}\n",
		"variables":       "data \"maildomain_service\" \"this\" {\n domain = \"example.com\"\n service = \"catglobe\"\n variables = { spf_include = %key, dkim_selector = %key, dkim_target = %key }\n}\n",
		"records":         "output \"o\" {\n value = provider::maildomain::records({ domain = \"example.com\", keys = { s1 = { cname = %key } } })\n}\n",
		"records, domain": "output \"o\" {\n value = provider::maildomain::records({ domain = %key })\n}\n",
		"spf_parse":       "output \"o\" {\n value = provider::maildomain::spf_parse(%key)\n}\n",
		"dkim_parse":      "output \"o\" {\n value = provider::maildomain::dkim_parse(%key)\n}\n",
		"dkim_record":     "output \"o\" {\n value = provider::maildomain::dkim_record(%key)\n}\n",
		"dmarc_parse":     "output \"o\" {\n value = provider::maildomain::dmarc_parse(%key)\n}\n",
		"mta_sts_parse":   "output \"o\" {\n value = provider::maildomain::mta_sts_parse(%key)\n}\n",
		"tls_rpt_parse":   "output \"o\" {\n value = provider::maildomain::tls_rpt_parse(%key)\n}\n",
		"bimi_parse":      "output \"o\" {\n value = provider::maildomain::bimi_parse(%key)\n}\n",
		"dmarc":           "data \"maildomain_dmarc\" \"this\" {\n domain = \"example.com\"\n policy = %key\n existing = %key\n aggregate_reports = [%key]\n}\n",
		"mta_sts":         "data \"maildomain_mta_sts\" \"this\" {\n domain = \"example.com\"\n mode = %key\n mx = [%key]\n host = %key\n}\n",
		"bimi":            "data \"maildomain_bimi\" \"this\" {\n domain = \"example.com\"\n logo = %key\n selector = %key\n}\n",
		"tls_rpt, parked": "output \"o\" {\n value = provider::maildomain::records({ domain = \"example.com\", tls_rpt = { reports = [%key] }, mx = [%key], bimi = { logo = %key } })\n}\n",
		"hosts":           "data \"maildomain_parked\" \"this\" {\n domain = \"example.com\"\n hosts = [%key]\n reports = [%key]\n}\n",
		"tlsa_record":     "output \"o\" {\n value = provider::maildomain::tlsa_record(%key)\n}\n",
		"relative_name":   "output \"o\" {\n value = provider::maildomain::relative_name(%key, \"example.com\")\n}\n",
		"txt_encode":      "output \"o\" {\n value = provider::maildomain::txt_encode(\"a\", %key)\n}\n",
		"validation":      "resource \"maildomain_validation\" \"this\" {\n records = { a = { fqdn = %key, type = %key, value = %key } }\n}\n",
		"validation MX":   "resource \"maildomain_validation\" \"this\" {\n records = { a = { fqdn = \"example.com\", type = \"MX\", value = %key } }\n}\n",
		"resolvers":       "provider \"maildomain\" {\n resolvers = [%key]\n}\n" + domainConfig,
		"networks":        "provider \"maildomain\" {\n private_networks = [%key]\n}\n" + domainConfig,
		"timeout":         "provider \"maildomain\" {\n timeout = %key\n}\n" + domainConfig,
		"lookup":          "data \"maildomain_lookup\" \"this\" {\n name = %key\n type = %key\n}\n",
	}
	dir := t.TempDir()
	for file, content := range map[string]string{"private.pem": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "bare": bare} {
		path := filepath.Join(dir, file)
		write(t, path, content)
		configs := make(map[string]string)
		for name, config := range tests {
			configs[name] = strings.ReplaceAll(config, "%key", fmt.Sprintf("file(%q)", path))
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			said, printed := faults(t, configs)
			shows(t, bare, printed)
			// As people read it: what a plan shows of a result, and of an error about each kind of block.
			asText := []string{"record", "records", "validation", "resolvers"}
			for name, config := range configs {
				refused := len(said[name]) > 0
				switch {
				case !refused && !strings.Contains(name, "parse"):
					t.Errorf("%s: terraform plan succeeds", name)
				case !refused, slices.Contains(asText, name):
					cmd, out := newCLI(t, config).command(t.Context(), "plan", "-no-color")
					if err := cmd.Run(); (err != nil) != refused {
						t.Errorf("%s: terraform plan: %v, want it refused: %t\n%s", name, err, refused, out)
					}
					shows(t, bare, out.String())
				}
			}
		})
	}
}

// shows fails where a text that Terraform printed has a part of the key.
func shows(t *testing.T, key, text string) {
	t.Helper()
	// Terraform breaks lines, and writes those of JSON as \n.
	got := strings.ToLower(strings.NewReplacer(`\n`, "", `\r`, "", " ", "", "│", "", "|", "", "\n", "", "\r", "").Replace(text))
	for i := 32; i+16 <= len(key); i += 16 { // Before that stands what kind of key it is.
		if at := strings.Index(got, strings.ToLower(key[i:i+16])); at >= 0 {
			t.Errorf("terraform plan shows the key:\n%s", got[max(0, at-1000):at+16])
			return
		}
	}
}
