package resolve

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
)

func TestParseResolver(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want, addr string }{
		{"192.0.2.53", "192.0.2.53", "192.0.2.53:53"},
		{" 192.0.2.53 ", "192.0.2.53", "192.0.2.53:53"},
		{"192.0.2.53:53", "192.0.2.53", "192.0.2.53:53"},
		{"192.0.2.53:5353", "192.0.2.53:5353", "192.0.2.53:5353"},
		{"2001:db8::53", "2001:db8::53", "[2001:db8::53]:53"},
		{"[2001:db8::53]", "2001:db8::53", "[2001:db8::53]:53"},
		{"[2001:DB8::53]:5353", "[2001:db8::53]:5353", "[2001:db8::53]:5353"},
		{"::ffff:192.0.2.53", "192.0.2.53", "192.0.2.53:53"},
		{"fe80::1%eth0", "fe80::1%eth0", "[fe80::1%eth0]:53"},

		{"tcp://192.0.2.53", "tcp://192.0.2.53", "192.0.2.53:53"},
		{"TCP://192.0.2.53:5353", "tcp://192.0.2.53:5353", "192.0.2.53:5353"},
		{"tcp://[2001:db8::53]", "tcp://2001:db8::53", "[2001:db8::53]:53"},

		{"tls://dns.example@192.0.2.53", "tls://dns.example@192.0.2.53", "192.0.2.53:853"},
		{"tls://DNS.Example.@192.0.2.53:853", "tls://dns.example@192.0.2.53", "192.0.2.53:853"},
		{"tls://dns.example@[2001:db8::53]:8853", "tls://dns.example@[2001:db8::53]:8853", "[2001:db8::53]:8853"},
		{"tls://dns.example@2001:db8::53", "tls://dns.example@2001:db8::53", "[2001:db8::53]:853"},
		{"tls://192.0.2.53", "tls://192.0.2.53", "192.0.2.53:853"},

		{"https://dns.example/dns-query", "https://dns.example/dns-query", ""},
		{"HTTPS://DNS.example:443/dns-query", "https://dns.example/dns-query", ""},
		{"https://dns.example:8443/a/b%2Fc", "https://dns.example:8443/a/b%2Fc", ""},
		{"https://bücher.example/dns-query", "https://xn--bcher-kva.example/dns-query", ""},
		{"https://dns.example/a,b", "https://dns.example/a,b", ""},
		{"https://192.0.2.53/dns-query", "https://192.0.2.53/dns-query", "192.0.2.53:443"},
		{"https://[2001:db8::53]/dns-query", "https://[2001:db8::53]/dns-query", "[2001:db8::53]:443"},
		{"https://[2001:db8::53]:8443/dns-query", "https://[2001:db8::53]:8443/dns-query", "[2001:db8::53]:8443"},
	}
	for _, tt := range tests {
		got, err := ParseResolver(tt.in)
		if got.String() != tt.want || err != nil {
			t.Errorf("ParseResolver(%q) = %v, %v, want %v", tt.in, got, err, tt.want)
		}
		var addr netip.AddrPort
		if tt.addr != "" {
			addr = netip.MustParseAddrPort(tt.addr)
		}
		if got.Addr() != addr {
			t.Errorf("ParseResolver(%q).Addr() = %v, want %v", tt.in, got.Addr(), addr)
		}
		if again, err := ParseResolver(got.String()); again != got || err != nil {
			t.Errorf("ParseResolver(%q) = %v, %v, want %v", got, again, err, got)
		}
	}
}

func TestParseResolverSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for in, reason := range map[string]string{
		"":                           "it is empty; write an IP address",
		"dns.example.com":            "host names are not resolved",
		"dns.example.com:53":         "host names are not resolved",
		"192.0.2.53:0":               "port 0 is not a valid port; for port 53, leave it out",
		"192.0.2.53:70000":           `"70000" is not a port; ports are 1 to 65535`,
		"192.0.2.53:":                "remove the colon",
		"192.0.2.53:dns":             `"dns" is not a port`,
		"[2001:db8::53]:70000":       "ports are 1 to 65535",
		"192.0.2.53/24":              "/24 is the length of a prefix",
		"2001:db8::/64":              "/64 is the length of a prefix",
		"192.0.2.53,192.0.2.54":      `write each as a text of its own, like ["192.0.2.53", "192.0.2.54"]`,
		"a,b":                        "it holds several resolvers",
		"dns.example@192.0.2.53":     "only tls:// takes a name before @",
		"tcp:/192.0.2.53":            "write :// after the scheme, like tcp://…",
		"tls:192.0.2.53":             "write :// after the scheme, like tls://…",
		"tls:dns.example@192.0.2.53": "like tls://…",
		"https//dns.example/q":       "write :// after the scheme, like https://…",
		"HTTPS:dns.example/q":        "like https://…",
		"0.0.0.0":                    "not the address of one host",
		"224.0.0.251":                "not the address of one host",
		"255.255.255.255":            "not the address of one host",
		"ff02::fb":                   "not the address of one host",
		"2001:db8::53:5353:1:x":      "it must be an IP address",
		"[192.0.2.53":                "it must be an IP address",
		"192.0.2.53/dns-query":       "only a resolver over https:// has a path",

		"tcp://dns.example":  "host names are not resolved",
		"tcp://192.0.2.53:0": "for port 53, leave it out",
		"udp://192.0.2.53":   "write the address alone",
		"quic://192.0.2.53":  `"quic" is not supported; it must be tcp, tls or https`,
		"://192.0.2.53":      "it must be tcp, tls or https",

		"tls://dns.example":                       "like tls://dns.example@192.0.2.53",
		"tls://dns.example:853":                   "like tls://dns.example@192.0.2.53",
		"tls://192.0.2.53:0":                      "for port 853, leave it out",
		"tls://@192.0.2.53":                       "not a valid host name",
		"tls://dns.example@":                      "it is empty; write an IP address",
		"tcp://":                                  "it is empty",
		"tcp://192.0.2.53/q":                      "only a resolver over https:// has a path",
		"tcp://dns.example@192.0.2.53":            "only tls:// takes a name before @",
		"tls://192.0.2.53:99999":                  "ports are 1 to 65535",
		"tls://2001:db8::53@dns.example":          "the name and the address are swapped",
		"tls://192.0.2.53,tls://192.0.2.54":       "it holds several resolvers",
		"https://a.example/q,https://b.example/q": "it holds several resolvers",
		"tls://192.0.2.53@dns.example":            "the name and the address are swapped; the name in the certificate stands before @",
		"tls://192.0.2.53@192.0.2.53":             `leave out "192.0.2.53@"`,
		"tls://a b@192.0.2.53":                    "not a valid host name",
		"tls://dns.example@0.0.0.0":               "not the address of one host",
		"tls://dns.example@192.0.2.53/dns-query":  "only a resolver over https:// has a path",

		"http://dns.example/dns-query":                     "write https://",
		"https://dns.example":                              "most services have /dns-query",
		"https://dns.example/":                             "most services have /dns-query",
		"https:///dns-query":                               "no host",
		"https://dns.example:0/dns-query":                  "for port 443, leave it out",
		"https://dns.example:70000/dns-query":              "ports are 1 to 65535",
		"https://dns.example:x/dns-query":                  "it is not a URL",
		"https://dns.example/dns-query{?dns}":              "remove the text after it",
		"https://dns.example/dns-query?ct=x":               "remove the text after it",
		"https://dns.example/dns-query#x":                  "remove the text after it",
		"https://0.0.0.0/dns-query":                        "not the address of one host",
		"https://a_b c.example/dns-query":                  "it is not a URL",
		"https://[fe80::1%25eth0]/dns-query":               "link-local",
		"https://u:secret@dns.example/dns-query":           "leave out the text before @",
		"https://u:secret@dns.example:99x/q":               "leave out the text before @",
		"https://u:secret%zz@dns.example/q":                "leave out the text before @",
		"https://u:se/secret@dns.example/q":                "leave out the text before @",
		"https://u:s@secret@dns.example/q":                 "leave out the text before @",
		"http://u:secret@dns.example/q":                    "write https://",
		"udp://u:secret@192.0.2.53":                        "write the address alone",
		"ftp://u:secret@dns.example/q":                     "is not supported",
		"u:secret@://dns.example":                          "leave out the text before @",
		"tls://u:secret@192.0.2.53":                        "leave out the text before @",
		"tls://u:secret@dns.example":                       "leave out the text before @",
		"tcp://u:secret@192.0.2.53":                        "only tls:// takes a name before @",
		"u:secret@192.0.2.53":                              "only tls:// takes a name before @",
		"https//u:secret@dns.example/q":                    "like https://…",
		"https:u:secret@dns.example/q":                     "like https://…",
		"https://u:secret@a.example/q,https://b.example/q": "it holds several resolvers",
		"https://a.example/q,https://u:secret@b.example/q": "it holds several resolvers",
		"https://dns.example@192.0.2.53/dns-query":         "leave out the text before @",
		"https://secret@dns.example/dns-query":             "leave out the text before @",
		"https://secret:@dns.example/dns-query":            "leave out the text before @",
		"https://secret:x@dns.example/dns-query":           "leave out the text before @",
		"https://dns.example/dns-query?token=secret":       "remove the text after it",
		"https://dns.example/dns-query#secret":             "remove the text after it",
		"https://dns.example/secret?dns":                   "remove the text after it",
		"https://dns.example/secret{?dns}":                 "remove the text after it",
		"https://dns.example/dns-query/{secret}":           "remove the text after it",
		"https://dns.example:x/secret":                     "it is not a URL",
		"https://dns.example:70000/secret":                 "ports are 1 to 65535",
		"http://dns.example/secret":                        "write https://",
		"ftp://dns.example/secret":                         "is not supported",
		"192.0.2.53/secret":                                "only a resolver over https:// has a path",
		"tls://192.0.2.53/secret":                          "only a resolver over https:// has a path",
		"tls://secret!@192.0.2.53":                         "not a valid host name",
		"tls://secret@dns.example":                         "must be an IP address",
		"secret@192.0.2.53":                                "only tls:// takes a name before @",
		"https://a.example/q?secret,https://b.example/q":   "it holds several resolvers",
		"https://a.example/q, https://secret@b.example/q":  "it holds several resolvers",
		"https://u:s,secret@dns.example/q":                 "leave out the text before @",
		"https://u:s secret@dns.example/q":                 "leave out the text before @",
	} {
		got, err := ParseResolver(in)
		switch {
		case err == nil || !strings.Contains(err.Error(), reason):
			t.Errorf("ParseResolver(%q) = %v, %v, want an error with %q", in, got, err, reason)
		case got != Resolver{}:
			t.Errorf("ParseResolver(%q) = %v with an error, want the zero Resolver", in, got)
		case strings.Contains(err.Error(), "secret"):
			t.Errorf("ParseResolver(%q): %v shows a password", in, err)
		}
	}
}

func TestResolver(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in      string
		trusted bool
		server  answer.Server
	}{
		{"192.0.2.53", false, answer.Server{Addr: netip.MustParseAddrPort("192.0.2.53:53")}},
		{"127.0.0.53", true, answer.Server{Addr: netip.MustParseAddrPort("127.0.0.53:53")}},
		{"::1", true, answer.Server{Addr: netip.MustParseAddrPort("[::1]:53")}},
		{"tcp://192.0.2.53", false, answer.Server{Addr: netip.MustParseAddrPort("192.0.2.53:53"), URL: "tcp://192.0.2.53"}},
		{"tls://dns.example@192.0.2.53", true, answer.Server{Addr: netip.MustParseAddrPort("192.0.2.53:853"), URL: "tls://dns.example@192.0.2.53"}},
		{"https://dns.example/dns-query", true, answer.Server{URL: "https://dns.example/dns-query"}},
	}
	for _, tt := range tests {
		r := MustParseResolver(tt.in)
		if got := r.IsTrusted(); got != tt.trusted {
			t.Errorf("%v.IsTrusted() = %v, want %v", r, got, tt.trusted)
		}
		if got := r.server(); got != tt.server {
			t.Errorf("%v.server() = %+v, want %+v", r, got, tt.server)
		}
	}
	if (Resolver{}).IsValid() || (Resolver{}).Addr().IsValid() || (Resolver{}).String() != "invalid Resolver" {
		t.Errorf("the zero Resolver is %v, want it invalid", Resolver{})
	}
}

// A path that is not the usual one may be what a service knows its customer by.
func TestResolversAreShownWithoutSecrets(t *testing.T) {
	t.Parallel()
	var resolvers []Resolver
	for _, text := range []string{"https://dns.example/dns-query", "https://dns.example/secret1", "https://dns.example/secret2", "https://192.0.2.53:8443/dns-query/secret3", "tls://dns.example@192.0.2.53"} {
		resolvers = append(resolvers, MustParseResolver(text))
	}
	want := []string{"https://dns.example/dns-query", "https://dns.example/xxxxx", "https://dns.example/xxxxx (2)", "https://192.0.2.53:8443/xxxxx", "tls://dns.example@192.0.2.53"}
	servers := shownServers(resolvers)
	for i, r := range resolvers {
		if got := servers[r]; got.String() != want[i] || strings.Contains(fmt.Sprintf("%+v", got), "secret") {
			t.Errorf("%v is shown as %+v, want %s", r, got, want[i])
		}
	}
}

func TestParseBootstrap(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"192.0.2.53": "192.0.2.53", "2001:DB8::53": "2001:db8::53", "::ffff:192.0.2.53": "192.0.2.53"} {
		if got, err := ParseBootstrap(in); got.String() != want || err != nil {
			t.Errorf("ParseBootstrap(%q) = %v, %v, want %v", in, got, err, want)
		}
	}
	for in, reason := range map[string]string{
		"": "without a port", "192.0.2.53:443": "without a port", "dns.example": "without a port", "0.0.0.0": "not the address of one host", "ff02::1": "not the address of one host",
		"https://secret@dns.example/q": "without a port",
	} {
		if got, err := ParseBootstrap(in); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), reason) {
			t.Errorf("ParseBootstrap(%q) = %v, %v, want an error with %q", in, got, err, reason)
		}
	}
}

func FuzzParseResolver(f *testing.F) {
	for _, seed := range []string{
		"192.0.2.53", "[2001:db8::53]:5353", "fe80::1%eth0", "host:53", "[", "::ffff:0.0.0.0", "tcp://192.0.2.53:5353",
		"tls://dns.example@192.0.2.53", "tls://[2001:db8::53]", "https://dns.example:8443/dns-query", "https://[2001:db8::53]/%41é", "https://u:p@h/q",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseResolver(s)
		if err != nil {
			return
		}
		if again, err := ParseResolver(got.String()); again != got || err != nil {
			t.Errorf("ParseResolver(%q) = %v, which reads as %v, %v", s, got, again, err)
		}
	})
}
