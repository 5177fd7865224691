package service_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catglobe/terraform-provider-maildomain/internal/service"
)

func TestApplyRecords(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		records string
		use     service.Use
		want    []string
	}{
		"A": {
			`{"type":"A","host":"mail","pointsTo":"192.0.2.1","ttl":600}`, use(),
			[]string{"a-mail other mail.example.com 600 A 192.0.2.1"},
		},
		"A, in part a variable": {
			`{"type":"A","host":"mail","pointsTo":"192.0.2.%srv%"}`, use("srv=7"),
			[]string{"a-mail other mail.example.com 3600 A 192.0.2.7"},
		},
		"AAAA, as a whole a variable": {
			`{"type":"AAAA","host":"mail","pointsTo":"%ip%"}`, use("ip=2001:DB8::1"),
			[]string{"aaaa-mail other mail.example.com 3600 AAAA 2001:db8::1"},
		},
		"CNAME": {
			`{"type":"CNAME","host":"www","pointsTo":"acme.example."}`, use(),
			[]string{"cname-www other www.example.com 3600 CNAME acme.example"},
		},
		"type in lower case": {
			`{"type":"cname","host":"www","pointsTo":"acme.example"}`, use(),
			[]string{"cname-www other www.example.com 3600 CNAME acme.example"},
		},
		"pointsTo is absolute": {
			`{"type":"CNAME","host":"www","pointsTo":"acme"}`, use(),
			[]string{"cname-www other www.example.com 3600 CNAME acme"},
		},
		"pointsTo as data": {
			`{"type":"CNAME","host":"www","data":"acme.example"}`, use(),
			[]string{"cname-www other www.example.com 3600 CNAME acme.example"},
		},
		"pointsTo @": {
			`{"type":"MX","host":"@","pointsTo":"@","priority":10}`,
			service.Use{Domain: domain, Host: "news"},
			[]string{"mx-@ other news.example.com 3600 MX 10 news.example.com"},
		},
		"data @": {
			`{"type":"TXT","host":"@","data":"@"}`,
			service.Use{Domain: domain, Host: "news"},
			[]string{"txt-@ other news.example.com 3600 TXT news.example.com"},
		},
		"target @": {
			`{"type":"SRV","name":"a","service":"_s","protocol":"_tcp","target":"@","priority":1,"weight":2,"port":3}`,
			service.Use{Domain: domain, Host: "news"},
			[]string{"srv-_s._tcp.a other _s._tcp.a.news.example.com 3600 SRV 1 2 3 news.example.com"},
		},
		"MX, numbers as strings": {
			`{"type":"MX","host":"@","pointsTo":"mx.acme.example","priority":"10","ttl":"0"}`, use(),
			[]string{"mx-@ other example.com 0 MX 10 mx.acme.example"},
		},
		"numbers as variables": {
			`{"type":"MX","host":"@","pointsTo":"mx.acme.example","priority":"%prio%","ttl":"%ttl%"}`, use("prio=5", "ttl=2147483647"),
			[]string{"mx-@ other example.com 2147483647 MX 5 mx.acme.example"},
		},
		"no host": {
			`{"type":"MX","pointsTo":"mx.acme.example","priority":0,"ttl":null}`, use(),
			[]string{"mx-@ other example.com 3600 MX 0 mx.acme.example"},
		},
		"SRV": {
			`{"type":"SRV","name":"@","service":"_imaps","protocol":"tcp","target":"imap.acme.example","priority":0,"weight":1,"port":993}`, use(),
			[]string{"srv-_imaps._tcp other _imaps._tcp.example.com 3600 SRV 0 1 993 imap.acme.example"},
		},
		"SRV below a host, by the other names of its fields": {
			`{"type":"SRV","host":"eu","service":"imaps","protocol":"_tcp","pointsTo":"imap.acme.example","priority":"0","weight":"1","port":"%port%"}`, use("port=993"),
			[]string{"srv-_imaps._tcp.eu other _imaps._tcp.eu.example.com 3600 SRV 0 1 993 imap.acme.example"},
		},
		"SRV that is not offered": {
			`{"type":"SRV","name":"","service":"_imap","protocol":"_tcp","target":".","priority":0,"weight":0,"port":0}`, use(),
			[]string{"srv-_imap._tcp other _imap._tcp.example.com 3600 SRV 0 0 0 ."},
		},
		"TLSA": {
			`{"type":"TLSA","host":"_25._tcp.mx","data":"3 1 1 %digest%"}`, use("digest=ABCD"),
			[]string{"tlsa-_25._tcp.mx other _25._tcp.mx.example.com 3600 TLSA 3 1 1 abcd"},
		},
		"TLSA, as a whole a variable": {
			`{"type":"TLSA","host":"_25._tcp.mx","data":"%tlsa%"}`, use("tlsa=3 1 1 abcd"),
			[]string{"tlsa-_25._tcp.mx other _25._tcp.mx.example.com 3600 TLSA 3 1 1 abcd"},
		},
		"TXT with blanks": {
			`{"type":"TXT","host":"@","data":"acme says hello"}`, use(),
			[]string{"txt-@ other example.com 3600 TXT acme says hello"},
		},
		"TXT, quoted": {
			`{"type":"TXT","host":"@","data":"\"acme \" \"says \\\"hi\\\"\\059\""}`, use(),
			[]string{`txt-@ other example.com 3600 TXT acme says "hi";`},
		},
		"TXT, escaped": {
			`{"type":"TXT","host":"k._domainkey","data":"v=DKIM1\\; p=MIIB"}`, use(),
			[]string{"txt-k._domainkey DKIM k._domainkey.example.com 3600 TXT v=DKIM1; p=MIIB"},
		},
		"TXT, in part a variable": {
			`{"type":"TXT","host":"%s%._domainkey","data":"k=rsa; p=%key%"}`, use("s=s1", "key=MII+/B=="),
			[]string{"txt-%s%._domainkey DKIM s1._domainkey.example.com 3600 TXT k=rsa; p=MII+/B=="},
		},
		"TXT, as a whole a variable": {
			`{"type":"TXT","host":"@","data":"%token%"}`, use("token=acme; verified by hand"),
			[]string{"txt-@ other example.com 3600 TXT acme; verified by hand"},
		},
		"TXT, a quoted value": {
			`{"type":"TXT","host":"@","data":"%token%"}`, use(`token="acme" "-token"`),
			[]string{"txt-@ other example.com 3600 TXT acme-token"},
		},
		"built-in variables": {
			`{"type":"TXT","host":"@","data":"%host% of %domain% is %FQDN%"}`,
			service.Use{Domain: domain, Host: "a.b"},
			[]string{"txt-@ other a.b.example.com 3600 TXT a.b of example.com is a.b.example.com"},
		},
		"variables in any case": {
			`{"type":"CNAME","host":"%Label%","pointsTo":"%TARGET%"}`, use("lAbel=x", "Target=Acme.Example."),
			[]string{"cname-%Label% other x.example.com 3600 CNAME acme.example"},
		},
		"a value is not expanded": {
			`{"type":"TXT","host":"@","data":"%a%"}`, use("a=100% domain, %C3%A9%20%{i}"),
			[]string{"txt-@ other example.com 3600 TXT 100% domain, %C3%A9%20%{i}"},
		},
		"Unicode": {
			`{"type":"CNAME","host":"bücher","pointsTo":"%x%.example"}`, use("x=größe"),
			[]string{"cname-bücher other xn--bcher-kva.example.com 3600 CNAME xn--gre-6ka8i.example"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.use.Allow = []string{"*"} // What a template may ask for is tested elsewhere.
			got, err := mustParse(t, template(tt.records)).Apply(tt.use)
			if err != nil {
				t.Fatalf("Apply: %v", err)
			}
			if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
				t.Errorf("Apply (-want +got):\n%s", diff)
			}
		})
	}
}

func TestApplyOwner(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ host, at, want string }{
		"relative":                      {"www", "", "www.example.com"},
		"relative to a host":            {"www", "eu.shop", "www.eu.shop.example.com"},
		"root":                          {"@", "shop", "shop.example.com"},
		"empty":                         {"", "shop", "shop.example.com"},
		"absolute":                      {"www.example.com.", "shop", "www.example.com"},
		"absolute domain":               {"%domain%.", "shop", "example.com"},
		"absolute, below":               {"x.%fqdn%.", "shop", "x.shop.example.com"},
		"fqdn, of older editions":       {"%fqdn%", "shop", "shop.example.com"},
		"below fqdn, of older editions": {"x.%fqdn%", "shop", "x.shop.example.com"},
		"host":                          {"%host%", "shop", "shop.shop.example.com"},
		"upper case":                    {"WWW", "", "www.example.com"},
		"host as @":                     {"www", "@", "www.example.com"},
		"host that is absolute":         {"www", "shop.example.com.", "www.shop.example.com"},
		"host in Unicode":               {"www", "bücher", "www.xn--bcher-kva.example.com"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parsed := mustParse(t, template(`{"type":"TXT","host":"`+tt.host+`","data":"x"}`))
			got, err := parsed.Apply(service.Use{Domain: domain, Host: tt.at})
			if err != nil {
				t.Fatalf("Apply: %v", err)
			}
			if len(got.Records) != 1 || got.Records[0].Owner.String() != tt.want {
				t.Errorf("Apply(host %q) with %q = %v, want %s", tt.at, tt.host, lines(got), tt.want)
			}
		})
	}
}

func TestApplySPF(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		records  string
		use      service.Use
		want     []string
		warnings int
	}{
		"rules":                 {`{"type":"SPFM","host":"@","spfRules":"include:acme.example a mx"}`, use(), []string{"SPF example.com: include:acme.example a mx"}, 0},
		"with version and all":  {`{"type":"SPFM","host":"@","spfRules":"v=spf1 include:acme.example ~all"}`, use(), []string{"SPF example.com: include:acme.example"}, 0},
		"terms behind all":      {`{"type":"SPFM","host":"@","spfRules":"a -all mx ip4:192.0.2.1"}`, use(), []string{"SPF example.com: a"}, 1},
		"all alone":             {`{"type":"SPFM","host":"@","spfRules":"-all"}`, use(), []string{"SPF example.com: "}, 0},
		"non-pass terms stay":   {`{"type":"SPFM","host":"@","spfRules":"-ip4:192.0.2.1 ?a"}`, use(), []string{"SPF example.com: -ip4:192.0.2.1 ?a"}, 0},
		"macros":                {`{"type":"SPFM","host":"@","spfRules":"include:%{ir}.%{v}.%{d}.spf.%id%.acme.example"}`, use("id=x1"), []string{"SPF example.com: include:%{ir}.%{v}.%{d}.spf.x1.acme.example"}, 0},
		"variable in a term":    {`{"type":"SPFM","host":"@","spfRules":"include:%name% a"}`, use("name=spf.acme.example"), []string{"SPF example.com: include:spf.acme.example a"}, 0},
		"address":               {`{"type":"SPFM","host":"@","spfRules":"ip4:%four% ip6:%six%"}`, use("four=192.0.2.0/24", "six=2001:db8::1"), []string{"SPF example.com: ip4:192.0.2.0/24 ip6:2001:db8::1"}, 0},
		"Unicode in a term":     {`{"type":"SPFM","host":"@","spfRules":"include:%name%"}`, use("name=bücher.example"), []string{"SPF example.com: include:xn--bcher-kva.example"}, 0},
		"prefix length":         {`{"type":"SPFM","host":"@","spfRules":"ip4:192.0.2.0/%bits%"}`, use("bits=24"), []string{"SPF example.com: ip4:192.0.2.0/24"}, 0},
		"one term of several":   {`{"type":"SPFM","host":"@","spfRules":"include:acme.example %more%"}`, use("more=mx"), []string{"SPF example.com: include:acme.example mx"}, 0},
		"whole":                 {`{"type":"SPFM","host":"@","spfRules":"%rules%"}`, use("rules=include:a.example ip4:192.0.2.1"), []string{"SPF example.com: include:a.example ip4:192.0.2.1"}, 0},
		"whole, with all":       {`{"type":"SPFM","host":"@","spfRules":"%rules%"}`, use("rules=v=spf1 include:a.example -all"), []string{"SPF example.com: include:a.example"}, 0},
		"whole, before all":     {`{"type":"TXT","host":"@","data":"v=spf1 %rules% ~all"}`, use("rules=include:a.example mx"), []string{"SPF example.com: include:a.example mx"}, 0},
		"redirect":              {`{"type":"SPFM","host":"@","spfRules":"%rules%"}`, use("rules=redirect=_spf.acme.example"), []string{"SPF example.com: redirect=_spf.acme.example"}, 0},
		"raw TXT":               {`{"type":"TXT","host":"send","data":"V=SPF1 include:acme.example ~all"}`, use(), []string{"SPF send.example.com: include:acme.example"}, 0},
		"raw TXT, quoted":       {`{"type":"TXT","host":"@","data":"\"v=spf1 include:acme.example -all\""}`, use(), []string{"SPF example.com: include:acme.example"}, 0},
		"version alone":         {`{"type":"TXT","host":"@","data":"v=spf1"}`, use(), []string{"SPF example.com: "}, 0},
		"two of one owner":      {`{"type":"SPFM","host":"@","spfRules":"a"},{"type":"SPFM","spfRules":"mx"},{"type":"SPFM","host":"s","spfRules":"a"}`, use(), []string{"SPF example.com: a mx", "SPF s.example.com: a"}, 0},
		"at a host":             {`{"type":"SPFM","host":"@","spfRules":"a"}`, service.Use{Domain: domain, Host: "news"}, []string{"SPF news.example.com: a"}, 0},
		"not SPF, though close": {`{"type":"TXT","host":"@","data":"v=spf10 a"}`, use(), []string{"txt-@ other example.com 3600 TXT v=spf10 a"}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.use.Allow = []string{"*"} // What a template may ask for is tested elsewhere.
			got, err := mustParse(t, template(tt.records)).Apply(tt.use)
			if err != nil {
				t.Fatalf("Apply: %v", err)
			}
			if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
				t.Errorf("Apply (-want +got):\n%s", diff)
			}
			if len(got.Warnings) != tt.warnings {
				t.Errorf("Apply warnings = %q, want %d", got.Warnings, tt.warnings)
			}
		})
	}
}
