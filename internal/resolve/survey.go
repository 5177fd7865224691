package resolve

import (
	"context"
	"time"

	"github.com/miekg/dns"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
)

// Survey implements verify.Surveyor. Servers that did not answer lately are not waited for again.
func (c *Client) Survey(ctx context.Context, name dnsname.Name) (answer.Survey, error) {
	ctx, end := budgeted(ctx, name)
	survey, err := c.survey(ctx, name)
	return survey, end(err)
}

func (c *Client) survey(ctx context.Context, name dnsname.Name) (answer.Survey, error) {
	f, err := c.find(ctx, question{name: name, code: dns.TypeNS})
	if err != nil {
		return answer.Survey{}, err
	}
	survey := answer.Survey{Zone: f.zone.apex}
	for _, h := range f.zone.hosts {
		if h.byParent {
			survey.Parent = append(survey.Parent, h.name)
		}
		if h.byZone {
			survey.Own = append(survey.Own, h.name)
		}
	}
	var known bool
	survey.Serials, known = c.serials(ctx, f.zone)
	if known && c.isDelegated(ctx, f.zone) {
		survey.Security, survey.Detail = c.security(ctx, f.zone.apex)
	}
	return survey, ctx.Err()
}

// Validate implements verify.Validator. Each zone is put to the resolvers once in the life of a client, that is once in
// a run of Terraform, however many validations have records in it.
func (c *Client) Validate(ctx context.Context, name dnsname.Name) (answer.Validation, error) {
	ctx, end := budgeted(ctx, name)
	validation, err := c.validate(ctx, name)
	return validation, end(err)
}

func (c *Client) validate(ctx context.Context, name dnsname.Name) (answer.Validation, error) {
	f, err := c.find(ctx, question{name: name, code: dns.TypeNS})
	if err != nil {
		return answer.Validation{}, err
	}
	apex := f.zone.apex
	return c.validations.do(ctx, apex, func(ctx context.Context) answer.Validation {
		v := answer.Validation{Zone: apex}
		if _, known := c.serials(ctx, f.zone); known && c.isDelegated(ctx, f.zone) {
			v.Security, v.Detail = c.security(ctx, apex)
		}
		if ctx.Err() == nil {
			c.securities.put(apex, v, validationLifetime)
		}
		return v
	})
}

// validationLifetime is longer than a run of Terraform takes.
const validationLifetime = 24 * time.Hour

// serials asks every server of a zone for its SOA record. It reports whether the zone is there: servers
// have the record, and none denies it.
func (c *Client) serials(ctx context.Context, z *zone) ([]answer.Serial, bool) {
	servers := z.servers(c.port)
	var serials []answer.Serial
	for i, r := range c.askServers(ctx, z, servers, c.currently(servers, question{name: z.apex, code: dns.TypeSOA})) {
		if r.idle {
			continue
		}
		s := answer.Serial{Server: servers[i], Outcome: r.Outcome, Serial: r.Serial}
		if r.alias.IsValid() || r.referral != nil {
			// It has the zone above, and there this name leads elsewhere.
			s.Outcome = answer.NotAuthoritative
		}
		serials = append(serials, s)
	}
	have := false
	for _, s := range serials {
		if s.Outcome.Definite() && s.Outcome != answer.Found {
			return serials, false
		}
		have = have || s.Outcome == answer.Found
	}
	return serials, have
}

// current returns a question that goes around what is remembered, unless the target did not answer lately.
func (c *Client) current(to target, q question) question {
	q.fresh = !c.peers.isSilent(to)
	return q
}

// currently returns a question as current does, for each of several servers.
func (c *Client) currently(servers []answer.Server, q question) func(i int) question {
	return func(i int) question { return c.current(target{addr: servers[i].Addr}, q) }
}

// isDelegated reports whether whoever goes down to a zone comes to it: no server of the zones above denies
// it. As long as one does, a resolver that is asked about the zone may remember that it is not there, and with
// it all its records (RFC 8020).
func (c *Client) isDelegated(ctx context.Context, z *zone) bool {
	for ; z.above != nil; z = z.above {
		servers := z.above.servers(c.port)
		replies := c.askServers(ctx, z.above, servers, c.currently(servers, question{name: z.apex, code: dns.TypeNS}))
		for _, r := range replies {
			if r.settles() && r.referral == nil && r.Outcome != answer.Found {
				return false
			}
		}
	}
	return true
}

// security asks every resolver whether it validates a zone that is known to exist, and returns the gravest
// that one of them says, with its extended error.
func (c *Client) security(ctx context.Context, apex dnsname.Name) (answer.Security, string) {
	recursors := c.recursors()
	states := make([]answer.Security, len(recursors))
	details := make([]string, len(recursors))
	c.all(len(recursors), func(i int) { states[i], details[i] = c.securityBy(ctx, recursors[i], apex) })
	gravest, detail := answer.Unchecked, ""
	for i, state := range states {
		if state > gravest {
			gravest, detail = state, details[i]
		}
	}
	return gravest, detail
}

// failureMemory is longer than resolvers keep a failure that they do not explain: at least a second (RFC 9520 §3.2), and
// no longer where nothing else is set.
const failureMemory = 1100 * time.Millisecond

// securityBy asks one resolver for the SOA record of a zone. A failure of validation is told from others by what the
// resolver says of it, and by asking once more without validation (RFC 4035 §3.2.2). Where the resolver does not say that
// it is one, it has to fail again: it may have had no answer in time at first, and have it by then.
func (c *Client) securityBy(ctx context.Context, to target, apex dnsname.Name) (answer.Security, string) {
	q := c.current(to, question{name: apex, code: dns.TypeSOA})
	r := c.askResolver(ctx, to, q)
	switch {
	case gives(r) && r.Authentic:
		return answer.Secure, ""
	case gives(r):
		return answer.Insecure, ""
	case r.Outcome != answer.ServFail || blamesOthers(r.extra):
		return answer.Unchecked, ""
	}
	unchecked := q
	unchecked.unchecked = true
	if again := c.askResolver(ctx, to, unchecked); !gives(again) {
		return answer.Unchecked, ""
	}
	if r.Bogus {
		return answer.Bogus, r.Detail
	}
	if pause(ctx, failureMemory) != nil {
		return answer.Unchecked, ""
	}
	if again := c.askResolver(ctx, to, c.current(to, q)); again.Outcome != answer.ServFail {
		return answer.Unchecked, ""
	}
	return answer.Bogus, r.Detail
}

// pause waits, and returns the context's error where that is over before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gives reports whether a resolver gives the record, validated or not.
func gives(r reply) bool { return r.Outcome == answer.Found || r.Outcome == answer.Unvalidated }

// blamesOthers reports whether a resolver gives reasons for its failure, and validation is none of them.
func blamesOthers(extra []dns.RR) bool {
	given := false
	for _, rr := range extra {
		opt, ok := rr.(*dns.OPT)
		if !ok {
			continue
		}
		for _, option := range opt.Option {
			if reason, ok := option.(*dns.EDNS0_EDE); ok {
				if isOfValidation(reason.InfoCode) {
					return false
				}
				given = true
			}
		}
	}
	return given
}

// isOfValidation reports whether an extended error is about DNSSEC validation (RFC 8914 §4, and the registry that it
// made for those that came later).
func isOfValidation(code uint16) bool {
	switch code {
	case dns.ExtendedErrorCodeOther, // It may be anything.
		dns.ExtendedErrorCodeUnsupportedDNSKEYAlgorithm,
		dns.ExtendedErrorCodeUnsupportedDSDigestType,
		dns.ExtendedErrorCodeDNSSECIndeterminate,
		dns.ExtendedErrorCodeDNSBogus,
		dns.ExtendedErrorCodeSignatureExpired,
		dns.ExtendedErrorCodeSignatureNotYetValid,
		dns.ExtendedErrorCodeDNSKEYMissing,
		dns.ExtendedErrorCodeRRSIGsMissing,
		dns.ExtendedErrorCodeNoZoneKeyBitSet,
		dns.ExtendedErrorCodeNSECMissing,
		dns.ExtendedErrorCodeCachedError,
		dns.ExtendedErrorCodeSignatureExpiredBeforeValid,
		dns.ExtendedErrorCodeUnsupportedNSEC3IterValue:
		return true
	}
	return false
}
