package audit_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/audit"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// web is what hosts serve, by address.
type web map[string]audit.Page

func (w web) Fetch(_ context.Context, address string) (audit.Page, error) {
	page, ok := w[address]
	if !ok {
		return audit.Page{}, errors.New("connection refused")
	}
	return page, nil
}

const (
	policyURL = "https://mta-sts.example.com/.well-known/mta-sts.txt"
	logoURL   = "https://example.com/logo.svg"
	markURL   = "https://example.com/logo.pem"

	enforced = "version: STSv1\nmode: enforce\nmx: mx1.example.net\nmax_age: 604800\n"
	logoSVG  = `<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 9 9"><title>Example</title><rect width="9" height="9"/></svg>`
)

// served is what a domain serves that is in order.
func served(t testing.TB) web {
	t.Helper()
	ends := now.AddDate(1, 0, 0)
	return web{
		policyURL: {Status: 200, ContentType: "text/plain; charset=utf-8", Body: []byte(enforced), Ends: ends},
		logoURL:   {Status: 200, ContentType: "image/svg+xml", Body: []byte(logoSVG), Ends: ends},
		markURL:   {Status: 200, Body: mark(t, logoSVG, ends), Ends: ends},
	}
}

// mark returns a certificate for a logo.
func mark(t testing.TB, logo string, ends time.Time) []byte {
	t.Helper()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write([]byte(logo)); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.AddDate(-1, 0, 0), NotAfter: ends,
		ExtraExtensions: []pkix.Extension{{
			Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 12}, Value: []byte("0data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(packed.Bytes())),
		}},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// serves changes what is served at an address.
func serves(t testing.TB, address string, change func(p *audit.Page)) func(c *audit.Config) {
	t.Helper()
	return func(c *audit.Config) {
		w := served(t)
		page := w[address]
		change(&page)
		w[address] = page
		c.Web = w
	}
}

func body(text string) func(p *audit.Page) { return func(p *audit.Page) { p.Body = []byte(text) } }

// withLogo is a domain with a logo.
var withLogo = plain + "default._bimi.example.com TXT v=BIMI1; l=" + logoURL + "; a=" + markURL + "\n"

func webFaults(t testing.TB) []fault {
	t.Helper()
	policy := func(text string) func(c *audit.Config) { return serves(t, policyURL, body(text)) }
	logo := func(text string) func(c *audit.Config) {
		return func(c *audit.Config) {
			serves(t, logoURL, body(text))(c)
			w, _ := c.Web.(web)
			w[markURL] = audit.Page{Status: 200, Body: mark(t, text, now.AddDate(1, 0, 0))}
		}
	}
	without := func(address string) func(c *audit.Config) {
		return func(c *audit.Config) {
			w := served(t)
			delete(w, address)
			c.Web = w
		}
	}
	all := func(c *audit.Config) { c.Web = served(t) }
	parse := func(text string) mtasts.Policy {
		p, err := mtasts.ParsePolicy(text)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	older := strings.Replace(enforced, "604800", "604801", 1)
	return []fault{
		{id: "mtasts-fetch", config: without(policyURL)},
		{id: "mtasts-fetch", config: serves(t, policyURL, func(p *audit.Page) { p.Status = 301 })},
		{id: "mtasts-fetch", config: serves(t, policyURL, func(p *audit.Page) { p.Cut = true })},
		{id: "mtasts-content-type", config: serves(t, policyURL, func(p *audit.Page) { p.ContentType = "text/html" })},
		{id: "mtasts-policy-syntax", config: policy("version: STSv1\nmode: enforce\nmx: mx1.example.net\n")},
		{id: "mtasts-policy-syntax", config: policy("<html>")},
		{id: "mtasts-mode", config: policy(strings.Replace(enforced, "enforce", "testing", 1))},
		{id: "mtasts-mode", config: policy("version: STSv1\nmode: none\nmax_age: 604800\n")},
		{id: "mtasts-max-age-low", config: policy(strings.Replace(enforced, "604800", "3600", 1))},
		{id: "mtasts-mx-uncovered", edit: "example.com MX 20 mx2.example.net", config: all},
		{id: "mtasts-mx-uncovered warning", edit: "example.com MX 20 mx2.example.net", config: policy(strings.Replace(enforced, "enforce", "testing", 1)), also: []string{"mtasts-mode note"}},
		{id: "mtasts-mx-extra", config: policy(enforced + "mx: *.example.org\n")},
		{id: "mtasts-id-stale", edit: "=_mta-sts.example.com TXT " + parse(older).Record().String(), config: func(c *audit.Config) {
			c.Web = served(t)
			c.Records = desired("_mta-sts.example.com", record.TXT, parse(older).Record().String())
		}},
		{id: "mtasts-orphan", edit: "-_mta-sts.example.com TXT", config: all, also: []string{"mtasts-missing note"}},
		{id: "mtasts-no-tlsrpt", edit: "-_smtp._tls.example.com TXT", config: all, also: []string{"tlsrpt-missing note"}},
		{id: "mtasts-cert-expiry", config: serves(t, policyURL, func(p *audit.Page) { p.Ends = now.AddDate(0, 0, 13) })},
		{id: "bimi-fetch", zone: withLogo, config: without(logoURL)},
		{id: "bimi-fetch", zone: withLogo, config: serves(t, logoURL, func(p *audit.Page) { p.Status = 404 })},
		{id: "bimi-fetch", zone: withLogo, config: serves(t, logoURL, func(p *audit.Page) { p.Cut = true })},
		{id: "bimi-svg", zone: withLogo, config: logo("hello")},
		{id: "bimi-svg", zone: withLogo, config: logo("")},
		{id: "bimi-svg", zone: withLogo, config: logo("<html></html>")},
		{id: "bimi-svg", zone: withLogo, config: logo("<svg><title>x</title>")},
		{id: "bimi-size", zone: withLogo, config: logo(strings.Replace(logoSVG, "<rect", "<desc>"+strings.Repeat("x", 40000)+"</desc><rect", 1))},
		{id: "bimi-profile", zone: withLogo, config: logo(strings.Replace(logoSVG, "tiny-ps", "tiny", 1))},
		{id: "bimi-profile", zone: withLogo, config: logo(strings.Replace(logoSVG, `version="1.2"`, `version="1.1"`, 1))},
		{id: "bimi-profile", zone: withLogo, config: logo(strings.Replace(logoSVG, "<title>Example</title>", "", 1))},
		{id: "bimi-profile", zone: withLogo, config: logo(strings.Replace(logoSVG, "viewBox", `x="0" viewBox`, 1))},
		{id: "bimi-active", zone: withLogo, config: logo(strings.Replace(logoSVG, "<rect", "<script>alert(1)</script><rect", 1))},
		{id: "bimi-active", zone: withLogo, config: logo(strings.Replace(logoSVG, "<rect", `<rect onload="x"/><rect`, 1))},
		{id: "bimi-active", zone: withLogo, config: logo(strings.Replace(logoSVG, "<rect", `<use href="https://example.org/x.svg"/><rect`, 1))},
		{id: "bimi-active", zone: withLogo, config: logo(`<!DOCTYPE svg [<!ENTITY a "` + strings.Repeat("x", 99) + `">]>` + logoSVG)},
		{id: "bimi-certificate", zone: withLogo, config: without(markURL)},
		{id: "bimi-certificate", zone: withLogo, config: serves(t, markURL, body("hello"))},
		{id: "bimi-certificate", zone: withLogo, config: serves(t, markURL, body(string(mark(t, logoSVG, now.AddDate(0, 0, -1)))))},
		{id: "bimi-certificate", zone: withLogo, config: serves(t, markURL, body(string(mark(t, "<svg/>", now.AddDate(1, 0, 0)))))},
		{id: "bimi-certificate warning", zone: withLogo, config: serves(t, markURL, body(string(mark(t, logoSVG, now.AddDate(0, 0, 10)))))},
		{id: "bimi-certificate note", zone: plain, edit: "default._bimi.example.com TXT v=BIMI1; l=" + logoURL, config: all},
	}
}
