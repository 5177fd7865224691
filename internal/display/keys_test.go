package display_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/display"
)

// must returns what was made anew for this run: no key lies in the repository.
func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestHideKeys(t *testing.T) {
	t.Parallel()
	bytes := must[[]byte](t)
	rsaKey := must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 2048))
	ecKey := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]struct {
		armour string
		der    []byte
	}{
		"PKCS 1":             {"RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)},
		"PKCS 8":             {"PRIVATE KEY", bytes(x509.MarshalPKCS8PrivateKey(rsaKey))},
		"SEC 1":              {"EC PRIVATE KEY", bytes(x509.MarshalECPrivateKey(ecKey))},
		"Ed25519":            {"PRIVATE KEY", bytes(x509.MarshalPKCS8PrivateKey(edKey))},
		"OpenSSH":            {"OPENSSH PRIVATE KEY", append([]byte("openssh-key-v1\x00"), bytes(x509.MarshalPKCS8PrivateKey(edKey))...)},
		"encrypted, by name": {"ENCRYPTED PRIVATE KEY", bytes(x509.MarshalPKCS8PrivateKey(rsaKey))},
	}
	for name, key := range keys {
		armoured := string(pem.EncodeToMemory(&pem.Block{Type: key.armour, Bytes: key.der}))
		bare := base64.StdEncoding.EncodeToString(key.der)
		body := strings.Join(strings.Split(strings.TrimSpace(armoured), "\n")[1:], "\n")
		for form, text := range map[string]string{
			"plain":          "it says " + armoured + " and no more",
			"quoted":         fmt.Sprintf("%q is no name", armoured),
			"escaped":        "«" + strings.ReplaceAll(armoured, "\n", `\010`) + "» is no name",
			"cut":            fmt.Sprintf("%q is no name", armoured[:min(len(armoured)-20, 250)]+"…"),
			"cut, unquoted":  armoured[:len(armoured)-30],
			"in lower case":  fmt.Sprintf("label %q is no label", strings.ToLower(armoured)),
			"windows lines":  strings.ReplaceAll(armoured, "\n", "\r\n"),
			"without armour": "value " + bare + " is no name",
			"in lines":       fmt.Sprintf("%q", strings.TrimSuffix(body, "-----END "+key.armour+"-----")),
		} {
			if strings.Contains(key.armour, "ENCRYPTED") && (form == "without armour" || form == "in lines") {
				continue
			}
			got := display.HideKeys(text)
			if !strings.Contains(got, "(a private key, not shown)") {
				t.Errorf("%s, %s: Hide = %q, want a note", name, form, got)
			}
			for i := 0; i+20 <= len(bare); i += 20 {
				if part := bare[i : i+20]; strings.Contains(strings.ToLower(got), strings.ToLower(part)) {
					t.Errorf("%s, %s: Hide = %q shows %q", name, form, got, part)
					break
				}
			}
			if suffix := " is no name"; strings.HasSuffix(text, suffix) && !strings.HasSuffix(got, suffix) {
				t.Errorf("%s, %s: Hide = %q, want what stands behind the key", name, form, got)
			}
		}
	}
}

// What is no private key stays as it is.
func TestHideKeeps(t *testing.T) {
	t.Parallel()
	bytes := must[[]byte](t)
	key := must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 2048))
	public := bytes(x509.MarshalPKIXPublicKey(&key.PublicKey))
	for _, text := range []string{
		"", "short", "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public),
		"p=" + base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&key.PublicKey)),
		string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
		"v=spf1 include:spf.protection.outlook.com include:_spf.example.net ip4:192.0.2.0/24 -all",
		"this is a private key, which must never be published: give the public key (openssl pkey -in private.pem -pubout)",
		strings.Repeat("a", 300), strings.Repeat("MII", 100),
	} {
		if got := display.HideKeys(text); got != text {
			t.Errorf("HideKeys(%q) = %q, want it as it is", text, got)
		}
	}
}

func FuzzHide(f *testing.F) {
	f.Add("-----BEGIN PRIVATE KEY-----")
	f.Add("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDOOO")
	f.Fuzz(func(t *testing.T, text string) {
		once := display.HideKeys(text)
		if strings.Contains(strings.ToUpper(once), "-----BEGIN PRIVATE KEY") {
			t.Errorf("HideKeys(%q) = %q shows a private key", text, once)
		}
	})
}
