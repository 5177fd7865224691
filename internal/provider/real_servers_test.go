package provider_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/realdns"
)

// The zone and the record of the stories with real servers.
const (
	realDomain   = "example.com"
	realSelector = "sel1._domainkey." + realDomain
	realTarget   = "sel1.dkim.example.net"
)

// realBlock is a provider block that finds zones through real resolvers.
func realBlock(lab *realdns.Lab, resolvers ...*realdns.Server) string {
	addrs := make([]string, len(resolvers))
	for i, r := range resolvers {
		addrs[i] = fmt.Sprintf("%q", r.Addr())
	}
	return fmt.Sprintf(`
provider "maildomain" {
  resolvers          = [%s]
  authoritative_port = %d
}
`, strings.Join(addrs, ", "), lab.Port())
}

// realValidation waits for a CNAME at an owner.
func realValidation(owner, options string) string {
	return fmt.Sprintf(`
resource "maildomain_validation" "this" {
  records = { dkim = { fqdn = %q, type = "CNAME", value = %q } }
  %s
}
`, owner, realTarget, options)
}

// begin starts Terraform. What it prints goes to the log line by line; its end comes over the channel.
func (c cli) begin(t *testing.T, args ...string) (*realdns.Log, <-chan error) {
	t.Helper()
	log := realdns.NewLog("terraform")
	cmd, _ := c.command(t.Context(), args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return log, ended
}

// fail runs Terraform, which is to fail, and returns what it printed on one line.
func (c cli) fail(t *testing.T, args ...string) string {
	t.Helper()
	cmd, out := c.command(t.Context(), args...)
	if err := cmd.Run(); err == nil {
		t.Fatalf("terraform %s ended well, want it to fail\n%s", strings.Join(args, " "), out)
	}
	t.Logf("terraform %s:\n%s", strings.Join(args, " "), out)
	return flat(out.String())
}

// The whole way through BIND: Terraform publishes by an update that is signed, the primary serves the record, and
// the apply waits for the secondary that lags behind.
func TestRealSecondaryLags(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	lab := realdns.New(t)
	primary, secondary := lab.BINDPair(realdns.Zone{Name: realDomain, NegativeTTL: 3600})
	lab.Delegate(realDomain, primary.Server, secondary.Server)
	recursor := lab.BINDRecursor()
	c := newReleasedCLI(t, realBlock(lab, recursor.Server)+fmt.Sprintf(`
resource "terraform_data" "published" {
  provisioner "local-exec" {
    command = %q
  }
}
`, primary.UpdateCommand(realDomain, fmt.Sprintf("add %s 300 CNAME %s.", realSelector, realTarget)))+
		realValidation(realSelector, `
  depends_on = [terraform_data.published]
  timeouts   = { create = "2m" }
`))
	c.env = []string{"TF_LOG_PROVIDER=DEBUG"} // It tells of every change of a verdict.
	output, ended := c.begin(t, "apply", "-auto-approve", "-no-color")
	defer func() { t.Logf("The story:\n%s", storyOfLag(output, primary, secondary)) }()

	awaitLine(t, primary.Log(), 1, ended, "updating zone 'example.com/IN'", "CNAME")
	awaitLine(t, output, 1, ended, "NXDOMAIN", "ns2."+realDomain)
	awaitLine(t, secondary.Log(), 3, ended, "query: "+realSelector+" IN CNAME")
	// Nothing that outlives the wait is in the recursor's cache while the record is missing at a server.
	if cache := recursor.Cache(); !strings.Contains(cache, "com.") || strings.Contains(cache, "_domainkey") {
		t.Errorf("the cache of the recursor holds\n%s\nwant the way to the zone, and nothing at or below _domainkey", cache)
	}
	secondary.Control("refresh", realDomain)
	if err := <-ended; err != nil {
		t.Fatalf("terraform apply: %v\n%s", err, output)
	}
	transferred := secondary.Log().Lines("Transfer status: success")
	if len(transferred) == 0 {
		t.Fatalf("the secondary did not transfer the zone:\n%s", secondary.Log())
	}
	last := transferred[len(transferred)-1].Time
	if done := output.Lines("maildomain_validation.this: Creation complete"); len(done) != 1 || done[0].Time.Before(last) {
		t.Errorf("the validation was complete at %v, the transfer at %v: want one after the other", done, last)
	}
	if state := c.run(t, "state", "show", "-no-color", address); !strings.Contains(flat(state), "valid = true") {
		t.Errorf("the state is\n%s\nwant it valid", state)
	}
}

// storyOfLag returns what Terraform and the two servers printed about the record, in the order in which it came.
func storyOfLag(output *realdns.Log, primary, secondary *realdns.Named) string {
	var lines [][]realdns.Line
	for _, text := range []string{"Creating...", "(local-exec)", "complete", "matches.", "the expected record", "NXDOMAIN"} {
		lines = append(lines, output.Lines(text))
	}
	for _, server := range []*realdns.Named{primary, secondary} {
		for _, text := range []string{"updating zone", "query: " + realSelector, "IXFR ", "control channel command", "Transfer status", "zone " + realDomain + "/IN: loaded serial"} {
			lines = append(lines, server.Log().Lines(text))
		}
	}
	return realdns.Story(lines...)
}

// awaitLine waits for n lines of a server's log while Terraform runs.
func awaitLine(t *testing.T, log *realdns.Log, n int, ended <-chan error, texts ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	came := make(chan error, 1)
	go func() { came <- log.Await(ctx, n, texts...) }()
	select {
	case err := <-came:
		if err != nil {
			t.Fatal(err)
		}
	case err := <-ended:
		t.Fatalf("terraform ended (%v) before %q came %d times", err, texts, n)
	}
}

// A signed zone is valid at resolvers that validate. Once its signatures are over, they fail, which says nothing about
// what the zone holds: the state stays, and a new record is waited for.
func TestRealBogusZone(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	const later = "sel2._domainkey." + realDomain
	lab := realdns.New(t)
	zone := realdns.Zone{Name: realDomain, Records: fmt.Sprintf("sel1._domainkey CNAME %s.\nsel2._domainkey CNAME %[1]s.\n", realTarget)}
	bind := lab.BIND(zone)
	lab.Delegate(realDomain, bind.Server)
	signer := realdns.NewSigner(t, realDomain)
	bind.Replace(signer.Sign(bind.Server, zone, realdns.Current))
	recursor, unbound := lab.BINDRecursor(signer.Anchor).Server, lab.Unbound(signer.Anchor)
	for _, r := range []*realdns.Server{recursor, unbound} {
		if reply := r.Ask(realSelector, "CNAME"); !reply.Authentic {
			t.Fatalf("the resolver at %v does not validate the zone while it is right", r.Addr())
		}
	}
	block := realBlock(lab, recursor, unbound)
	c := newReleasedCLI(t, block+realValidation(realSelector, `
  query       = "both"
  consecutive = 1
`))
	c.run(t, "apply", "-auto-approve", "-no-color")

	bind.Replace(signer.Sign(bind.Server, zone, realdns.Expired))
	// The resolvers have not asked for this name before: what they remember is right still.
	fresh := newReleasedCLI(t, block+realValidation(later, `
  query       = "both"
  consecutive = 1
  timeouts    = { create = "6s" }
`))
	out := fresh.fail(t, "apply", "-auto-approve", "-no-color")
	// BIND of this age tells no reason; Unbound does.
	for _, want := range []string{
		fmt.Sprintf("server failure (SERVFAIL), at %s", recursor.Addr()),
		"server failure (SERVFAIL): extended error ",
		fmt.Sprintf("), at %s", unbound.Addr()),
		"cause: ", "DNSSEC",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("terraform did not print %q", want)
		}
	}
	if strings.Contains(out, "NXDOMAIN") || strings.Contains(out, "no such record") {
		t.Error("terraform takes the failure of the resolvers for absence")
	}
	// The authorities match, and the resolvers fail: that is no drift.
	if plan := flat(c.run(t, "plan", "-no-color", "-detailed-exitcode")); !strings.Contains(plan, "No changes") {
		t.Errorf("terraform plan printed:\n%s\nwant no changes", plan)
	}
}

// A resolver was asked before the record existed, and remembers that it does not: the authorities serve it, and
// the error says what the resolver says.
func TestRealNegativeCache(t *testing.T) {
	t.Parallel()
	isAcceptance(t)
	lab := realdns.New(t)
	bind := lab.BIND(realdns.Zone{Name: realDomain, NegativeTTL: 3600})
	lab.Delegate(realDomain, bind.Server)
	recursor := lab.BINDRecursor()
	if reply := recursor.Ask(realSelector, "CNAME"); reply.RCode != "NXDOMAIN" || reply.TTL != 3600 {
		t.Fatalf("before it is published, the resolver answers %s for %d s, want NXDOMAIN for 3600 s", reply.RCode, reply.TTL)
	}
	bind.Update(realDomain, fmt.Sprintf("add %s 300 CNAME %s.", realSelector, realTarget))
	c := newReleasedCLI(t, realBlock(lab, recursor.Server)+realValidation(realSelector, `
  query       = "both"
  consecutive = 1
  timeouts    = { create = "6s" }
`))
	out := c.fail(t, "apply", "-auto-approve", "-no-color")
	if want := "name does not exist (NXDOMAIN), at the only resolver"; !strings.Contains(out, want) {
		t.Errorf("terraform did not print %q", want)
	}
	// The six seconds of the wait, and what came before it, are off the hour that the zone asks for.
	if now := regexp.MustCompile(`now: \S+ forgets it in 35[0-9]{2} s`); !now.MatchString(out) {
		t.Errorf("terraform did not print %q: for how long the resolver remembers that there is nothing", now)
	}
	if strings.Contains(out, "at the only name server") {
		t.Error("terraform says something against the name server")
	}
	recursor.Control("flush")
	c.run(t, "apply", "-auto-approve", "-no-color")
}
