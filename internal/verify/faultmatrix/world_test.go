package faultmatrix_test

import (
	"cmp"
	"fmt"
	"testing"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/answer"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnsname"
	"github.com/catglobe/terraform-provider-maildomain/internal/dnstest"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
	"github.com/catglobe/terraform-provider-maildomain/internal/resolve"
	"github.com/catglobe/terraform-provider-maildomain/internal/verify"
)

// A subject is a record to wait for, with something else that could stand in its place.
type subject struct {
	kind string // as the table shows it
	verify.Expectation
	wrong string
}

func (s subject) orSPF() subject {
	if s.kind == "" {
		return spf()
	}
	return s
}

// value returns what is published; empty for nothing.
func (s subject) value(c content) string { return [...]string{"", s.wrong, s.Value}[c] }

// Two ed25519 keys (RFC 8463 §A.2, and the one of a seed of zeros).
const (
	key1 = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	key2 = "v=DKIM1; k=ed25519; p=O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik="
)

const spfValue = "v=spf1 include:spf.protection.outlook.com include:spf.example.net -all"

func spf() subject {
	return txt("TXT SPF", "example.com", spfValue, "v=spf1 include:spf.protection.outlook.com ~all")
}

func dkimAlias() subject {
	return subject{"CNAME DKIM", expect("cg1._domainkey.example.com", record.CNAME, "cg1.dkim.example.net"), "cg2.dkim.example.net"}
}

func dkimKey() subject {
	return txt("TXT DKIM", "news._domainkey.example.com", key1, key2)
}

func dmarc() subject {
	return txt("TXT DMARC", "_dmarc.example.com", "v=DMARC1; p=reject; rua=mailto:d@example.com", "v=DMARC1; p=none")
}

// token is a TXT record of no kind: it must be there octet for octet.
func token(value, wrong string) subject { return txt("TXT", "token.example.com", value, wrong) }

func txt(kind, owner, value, wrong string) subject {
	return subject{kind, expect(owner, record.TXT, value), wrong}
}

func mx(value, wrong string) subject {
	return subject{"MX", expect("example.com", record.MX, value), wrong}
}

func expect(owner string, t record.Type, value string) verify.Expectation {
	return verify.Expectation{Key: "record", Owner: dnsname.MustParse(owner), Type: t, Value: value}
}

// world is the DNS of one cell: a zone that is to hold the record, and one recursor. Its clock stands still.
type world struct {
	*testing.T
	subject  subject
	h        *dnstest.Hierarchy
	clock    *dnstest.Clock
	recursor *dnstest.Recursor
	zone     *dnstest.Zone
	others   []*dnstest.Recursor // that the client is configured with as well
	timeout  time.Duration
}

func newWorld(t *testing.T, f fault) *world {
	t.Helper()
	w := &world{T: t, subject: f.subject.orSPF(), clock: dnstest.NewClock(time.Now()), timeout: f.timeout}
	w.h = dnstest.New(t, dnstest.WithClock(w.clock.Now))
	w.recursor = w.h.Recursor()
	hosts := f.hosts
	for i := 1; len(hosts) < cmp.Or(f.servers, 2); i++ {
		hosts = append(hosts, fmt.Sprintf("ns%d", i))
	}
	w.zone = w.h.Zone(verify.DomainOf(w.subject.Owner).String(), dnstest.Servers(hosts...))
	return w
}

// fill sets the scene and publishes what the cell is about.
func (w *world) fill(f fault, c content) {
	w.Helper()
	if f.around != nil {
		f.around(w)
	}
	value := w.subject.value(c)
	switch {
	case value == "":
	case f.publish != nil:
		f.publish(w, value)
	default:
		w.serve(value)
	}
	w.h.ResetQuestions() // What was asked to set the scene is not the client's doing.
}

// serve puts a value into the zone as it should be.
func (w *world) serve(value string) { w.serveAt(w.zone, w.owner(), value) }

// serveAt puts a value of the record's type into a zone, beside what the owner has.
func (w *world) serveAt(zone *dnstest.Zone, owner, value string) {
	w.Helper()
	if w.subject.Type == record.TXT {
		zone.AddRR(dnstest.TXT(owner, dnstest.DefaultTTL, value))
		return
	}
	zone.Add(fmt.Sprintf("%s %s %s.", owner, w.subject.Type, value))
}

// owner returns the owner of the record as records are written, with its final dot.
func (w *world) owner() string { return w.subject.Owner.Dotted() }

// client returns the client under test.
func (w *world) client() *resolve.Client {
	w.Helper()
	config := resolve.Config{AuthoritativePort: w.h.Port(), MaxRate: 1000, Timeout: w.timeout}
	for _, r := range append([]*dnstest.Recursor{w.recursor}, w.others...) {
		config.Resolvers = append(config.Resolvers, resolve.PlainResolver(r.Addr()))
	}
	c, err := resolve.New(config)
	if err != nil {
		w.Fatalf("New(%+v): %v", config, err)
	}
	return c
}

// inject lets every server of the zone misbehave.
func (w *world) inject(f dnstest.Fault) {
	for _, s := range w.zone.Servers() {
		s.Inject(f)
	}
}

// prime lets the recursors that there are remember what the zone serves for the record now.
func (w *world) prime() {
	w.Helper()
	q := answer.Question{Name: w.subject.Owner, Type: w.subject.Type, Via: answer.Resolvers}
	if _, err := w.client().Ask(w.Context(), q); err != nil {
		w.Fatalf("Ask(%v): %v", q, err)
	}
}

// checkUnheard fails the test where a recursor was asked for the record, and may remember that it is absent.
func (w *world) checkUnheard(t *testing.T, e verify.Expectation) {
	t.Helper()
	for _, r := range w.h.Recursors() {
		if n := r.Count(dnstest.About(e.Owner.String()), dnstest.OfType(string(e.Type))); n > 0 {
			t.Errorf("%s was asked %d times for the record, want none", r.Name(), n)
		}
	}
}

// around combines parts of a scene.
func around(parts ...func(*world)) func(*world) {
	return func(w *world) {
		for _, part := range parts {
			part(w)
		}
	}
}

// everywhere lets every server of the zone misbehave.
func everywhere(f dnstest.Fault) func(*world) { return func(w *world) { w.inject(f) } }

// oneServer lets one server of the zone misbehave: ns2.
func oneServer(f dnstest.Fault) func(*world) {
	return func(w *world) { w.zone.Server("ns2").Inject(f) }
}

// forRecord lets every server of the zone misbehave in what it answers about the record; each has a fault of
// its own, for those that count.
func forRecord(fault func() dnstest.Fault) func(*world) {
	return func(w *world) {
		for _, s := range w.zone.Servers() {
			s.Inject(dnstest.When(fault(), dnstest.About(w.subject.Owner.String())))
		}
	}
}

// beside puts records into the zone, with owners relative to it.
func beside(records ...string) func(*world) {
	return func(w *world) { w.zone.Add(records...) }
}
