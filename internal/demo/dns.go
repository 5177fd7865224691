package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
)

const (
	domain = "example.com"
	// lag is how long the third name server takes to follow the first.
	lag = 12 * time.Second
	// primaryVariable tells the publishing command where the zone's primary server is.
	primaryVariable = "MAILDOMAIN_DEMO_PRIMARY"
)

// startDNS makes a zone that has what a domain with Microsoft 365 has, on three name servers.
func (d *demo) startDNS(ctx context.Context) error {
	h, err := dnstest.Start(ctx)
	if err != nil {
		return err
	}
	d.dns = h
	d.zone, err = h.AddZone(domain, dnstest.Servers("ns1", "ns2", "ns3"), dnstest.Primary("ns1"))
	if err != nil {
		return err
	}
	d.zone.Add(
		`@ 3600 IN TXT "v=spf1 include:spf.protection.outlook.com ~all"`,
		`@ 3600 IN TXT "MS=ms12345678"`,
		`selector1._domainkey 3600 IN CNAME selector1-example-com._domainkey.example.n-v1.dkim.mail.microsoft.`,
		`selector2._domainkey 3600 IN CNAME selector2-example-com._domainkey.example.n-v1.dkim.mail.microsoft.`,
	)
	d.zone.Server("ns3").Lag(lag)
	// What the SPF record includes.
	for sender, spf := range map[string]string{
		"outlook.com":      `spf.protection TXT "v=spf1 ip4:198.51.100.0/25 -all"`,
		"catglobe.example": `spf TXT "v=spf1 ip4:203.0.113.0/26 -all"`,
	} {
		if _, err := h.AddZone(sender, dnstest.Records(spf)); err != nil {
			return err
		}
	}
	return nil
}

// primary is the address of the server that takes updates.
func (d *demo) primary() string { return d.zone.Server("ns1").Addr().String() }

// publish is the command that stands for a DNS provider: it replaces one RRset by an update (RFC 2136), and removes it
// where there are no values.
func publish(ctx context.Context) error {
	owner, typ := dns.Fqdn(os.Getenv("FQDN")), os.Getenv("TYPE")
	ttl, err := strconv.ParseUint(os.Getenv("TTL"), 10, 32)
	if err != nil {
		return fmt.Errorf("TTL: %w", err)
	}
	var records []dns.RR
	for line := range strings.Lines(os.Getenv("VALUES")) {
		rr, err := dns.NewRR(fmt.Sprintf("%s %d IN %s %s", owner, ttl, typ, strings.TrimSpace(line)))
		if err != nil {
			return fmt.Errorf("value %q: %w", line, err)
		}
		records = append(records, rr)
	}
	code, ok := dns.StringToType[typ]
	if !ok {
		return fmt.Errorf("TYPE: %q is no record type", typ)
	}
	update := new(dns.Msg)
	update.SetUpdate(dns.Fqdn(domain))
	update.RemoveRRset([]dns.RR{&dns.ANY{Hdr: dns.RR_Header{Name: owner, Rrtype: code}}})
	update.Insert(records)
	client := dns.Client{Net: "tcp"} // A DKIM key may not fit a datagram.
	reply, _, err := client.ExchangeContext(ctx, update, os.Getenv(primaryVariable))
	switch {
	case err != nil:
		return fmt.Errorf("the update was not answered: %w", err)
	case reply.Rcode != dns.RcodeSuccess:
		return fmt.Errorf("the update was answered with %s", dns.RcodeToString[reply.Rcode])
	}
	fmt.Printf("published %s %s\n", owner, typ)
	return nil
}
