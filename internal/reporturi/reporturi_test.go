package reporturi_test

import (
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/advicetest"
	"github.com/catglobe/terraform-provider-maildomain/internal/reporturi"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		use  reporturi.Use
		want string
		host string
	}{
		"address":                   {"reports@example.com", reporturi.DMARC, "mailto:reports@example.com", "example.com"},
		"URI":                       {"mailto:reports@example.com", reporturi.TLS, "mailto:reports@example.com", "example.com"},
		"scheme in capitals":        {"MAILTO:reports@example.com", reporturi.TLS, "mailto:reports@example.com", "example.com"},
		"comma and mark":            {"a,b!c;d@example.com", reporturi.DMARC, "mailto:a%2Cb%21c%3Bd@example.com", "example.com"},
		"comma and mark in a URI":   {"mailto:a,b!c@example.com", reporturi.DMARC, "mailto:a%2Cb%21c@example.com", "example.com"},
		"every letter and digit":    {"azAZ09-._~+$'*@example.com", reporturi.DMARC, "mailto:azAZ09-._~+$'*@example.com", "example.com"},
		"signs of other uses":       {"a`{|}^&=@example.com", reporturi.DMARC, "mailto:a%60%7B%7C%7D%5E%26%3D@example.com", "example.com"},
		"subaddress":                {"a+b@example.com", reporturi.DMARC, "mailto:a+b@example.com", "example.com"},
		"percent sign in address":   {"a%b@example.com", reporturi.DMARC, "mailto:a%25b@example.com", "example.com"},
		"encoded already":           {"mailto:a%2Cb@example.com", reporturi.DMARC, "mailto:a%2Cb@example.com", "example.com"},
		"slash and question mark":   {"a/b?c@example.com", reporturi.DMARC, "mailto:a%2Fb%3Fc@example.com", "example.com"},
		"domain in Unicode":         {"a@bücher.example", reporturi.DMARC, "mailto:a@xn--bcher-kva.example", "xn--bcher-kva.example"},
		"with a subject":            {"mailto:a@example.com?subject=x,y", reporturi.DMARC, "mailto:a@example.com?subject=x%2Cy", "example.com"},
		"web":                       {"https://r.example/x?a=1,2;b!", reporturi.TLS, "https://r.example/x?a=1%2C2%3Bb%21", "r.example"},
		"web with a port":           {"https://r.example:8443/x", reporturi.TLS, "https://r.example:8443/x", "r.example"},
		"web without TLS, in DMARC": {"http://r.example/x", reporturi.DMARC, "http://r.example/x", "r.example"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, reason := reporturi.Write(tt.in, tt.use)
			if got != tt.want || reason != "" {
				t.Errorf("Write(%q) = %q, %q, want %q", tt.in, got, reason, tt.want)
			}
			if host := reporturi.Host(got); host.String() != tt.host {
				t.Errorf("Host(%q) = %v, want %s", got, host, tt.host)
			}
			if again, reason := reporturi.Write(got, tt.use); again != got || reason != "" {
				t.Errorf("Write(%q) = %q, %q, want it as it is", got, again, reason)
			}
		})
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		use  reporturi.Use
		want string
	}{
		"nothing":           {"", reporturi.DMARC, "it is empty"},
		"two addresses":     {"a@example.com,b@example.com", reporturi.DMARC, "it holds 2 addresses: make each one an element of the list"},
		"two, semicolon":    {"mailto:a@example.com; b@example.com", reporturi.TLS, "it holds 2 addresses"},
		"size limit":        {"mailto:a@example.com!10m", reporturi.DMARC, `by "!10m", which RFC 9989 has removed; write "mailto:a@example.com"`},
		"limit, address":    {"a@example.com!10m", reporturi.DMARC, `write "mailto:a@example.com"`},
		"no address":        {"reports", reporturi.DMARC, "no scheme"},
		"one label":         {"a@localhost", reporturi.DMARC, "two labels"},
		"mail:":             {"mail:a@example.com", reporturi.DMARC, `write "mailto:a@example.com"`},
		"with a name":       {"Postmaster <a@example.com>", reporturi.DMARC, `write "mailto:a@example.com"`},
		"blank":             {"a b@example.com", reporturi.DMARC, "percent-encoded"},
		"ftp":               {"ftp://r.example/x", reporturi.DMARC, "by mail"},
		"ftp for TLS":       {"ftp://r.example/x", reporturi.TLS, "mailto: or https:"},
		"http for TLS":      {"http://r.example/x", reporturi.TLS, "https: alone"},
		"no host":           {"https:///x", reporturi.TLS, "names no host"},
		"local in Unicode":  {"mailto:ä@example.com", reporturi.TLS, "ASCII"},
		"final dot":         {"a@example.com.", reporturi.DMARC, `write "mailto:a@example.com"`},
		"address of a host": {"a@192.0.2.1", reporturi.DMARC, "two labels"},
		"literal of a host": {"a@[192.0.2.1]", reporturi.DMARC, "two labels"},
		"two at signs":      {"a@@example.com", reporturi.DMARC, "one local part"},
		"no local part":     {"@example.com", reporturi.DMARC, "one local part"},
		"with a subject":    {"a@example.com?subject=x", reporturi.DMARC, `write "mailto:a@example.com?subject=x"`},
		"a user":            {"https://user:secret@r.example/x", reporturi.TLS, "leave out the text before"},
		"a token":           {"https://token@r.example/x", reporturi.DMARC, "leave out the text before"},
		"a host's label":    {"https://localhost/x", reporturi.TLS, "whole name"},
		"a host in Unicode": {"https://bücher.example/x", reporturi.TLS, "A-labels"},
		"and with mailto:":  {"mailto:a@192.0.2.1", reporturi.TLS, "one mail address"},
		"line break":        {"a@example.com\n", reporturi.TLS, "URI"},
		"domain of no name": {"a@b..c", reporturi.TLS, "two labels"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, reason := reporturi.Write(tt.in, tt.use)
			if got != "" || !strings.Contains(reason, tt.want) {
				t.Errorf("Write(%q) = %q, %q, want a reason with %q", tt.in, got, reason, tt.want)
			}
			for _, advice := range advicetest.Written(reason) {
				if _, again := reporturi.Write(advice, tt.use); again != "" {
					t.Errorf("Write(%q) says to write %q, which is refused: %s", tt.in, advice, again)
				}
			}
		})
	}
}

func FuzzWrite(f *testing.F) {
	for _, seed := range []string{"a@example.com", "mailto:a,b!c@example.com?subject=x", "https://r.example/x;y", "a@bücher.example", "mailto:a@x.example!10m", "mailto:%zz@", "\x1b"} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, in string, tls bool) {
		use := reporturi.DMARC
		if tls {
			use = reporturi.TLS
		}
		uri, reason := reporturi.Write(in, use)
		if (uri == "") != (reason != "") {
			t.Fatalf("Write(%q) = %q, %q", in, uri, reason)
		}
		if reason != "" {
			for _, advice := range advicetest.Written(reason) {
				if _, again := reporturi.Write(advice, use); again != "" {
					t.Errorf("Write(%q) says to write %q, which is refused: %s", in, advice, again)
				}
			}
			return
		}
		if strings.ContainsAny(uri, ",;! \t\r\n\"") || reporturi.Why(uri, use) != "" {
			t.Errorf("Write(%q) = %q, which cannot stand in a record", in, uri)
		}
		if again, reason := reporturi.Write(uri, use); again != uri {
			t.Errorf("Write(%q) = %q, %q, want it as it is", uri, again, reason)
		}
	})
}
