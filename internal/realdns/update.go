package realdns

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// updateTime is how long a server may take for an answer or an update.
const updateTime = 10 * time.Second

// Updates reads the record sets of a server that takes updates (RFC 2136), and replaces them. Names are absolute, with
// their final dots.
type Updates struct {
	Addr        string // and port
	Key, Secret string // of [Named.Key]
}

func (u Updates) exchange(ctx context.Context, m *dns.Msg) (*dns.Msg, error) {
	client := dns.Client{Net: "tcp", Timeout: updateTime, TsigSecret: map[string]string{dns.Fqdn(u.Key): u.Secret}}
	reply, _, err := client.ExchangeContext(ctx, m, u.Addr)
	return reply, err
}

// Read returns the values of a record set as a zone file has them, TXT as one text without its quotes, and its TTL.
func (u Updates) Read(ctx context.Context, owner, rrtype string) (values []string, ttl uint32, err error) {
	t := dns.StringToType[rrtype]
	reply, err := u.exchange(ctx, new(dns.Msg).SetQuestion(owner, t))
	if err != nil {
		return nil, 0, err
	}
	for _, rr := range reply.Answer {
		header := rr.Header()
		if header.Rrtype != t {
			continue
		}
		ttl = header.Ttl
		if txt, ok := rr.(*dns.TXT); ok {
			values = append(values, strings.Join(txt.Txt, ""))
		} else {
			values = append(values, strings.TrimPrefix(rr.String(), header.String()))
		}
	}
	return values, ttl, nil
}

// Replace puts values in the place of a record set.
func (u Updates) Replace(ctx context.Context, zone, owner, rrtype string, ttl uint32, values []string) error {
	m := new(dns.Msg).SetUpdate(zone)
	m.RemoveRRset([]dns.RR{&dns.ANY{Hdr: dns.RR_Header{Name: owner, Rrtype: dns.StringToType[rrtype]}}})
	for _, value := range values {
		if rrtype == "TXT" {
			value = `"` + value + `"`
		}
		rr, err := dns.NewRR(fmt.Sprintf("%s %d %s %s", owner, ttl, rrtype, value))
		if err != nil {
			return err
		}
		m.Insert([]dns.RR{rr})
	}
	const fudge = 300 // seconds (RFC 8945 §10)
	m.SetTsig(dns.Fqdn(u.Key), dns.HmacSHA256, fudge, time.Now().Unix())
	reply, err := u.exchange(ctx, m)
	if err == nil && reply.Rcode != dns.RcodeSuccess {
		err = fmt.Errorf("the server answers %s", dns.RcodeToString[reply.Rcode])
	}
	return err
}

// Zone returns the zone that a name lies in: the longest suffix with an SOA record.
func (u Updates) Zone(ctx context.Context, name string) (string, error) {
	for _, at := range dns.Split(name) {
		if found, _, err := u.Read(ctx, name[at:], "SOA"); err != nil || len(found) > 0 {
			return name[at:], err
		}
	}
	return "", fmt.Errorf("no zone has %s", name)
}
