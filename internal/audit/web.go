package audit

import (
	"context"
	"fmt"
	"mime"
	"time"

	"github.com/catglobe/terraform-provider-maildomain/internal/bimi"
	"github.com/catglobe/terraform-provider-maildomain/internal/mtasts"
	"github.com/catglobe/terraform-provider-maildomain/internal/record"
)

// Web fetches files over HTTPS, with bounds on where from, how large and how long. Implementations are safe for concurrent use.
type Web interface {
	// Fetch gets a file. An answer with any status is no error; redirects are not followed.
	Fetch(ctx context.Context, address string) (Page, error)
}

// Page is the answer of a host.
type Page struct {
	Status      int
	ContentType string
	Body        []byte
	Cut         bool      // the file is larger than the part that was read
	Ends        time.Time // when the certificate of the host ends
}

// fetched is a page, or why there is none.
type fetched struct {
	Page
	err error
}

// statusOK is the status of an answer with the requested file (RFC 9110 §15.3.1).
const statusOK = 200

// failure says why a page is no file; empty where it is one.
func (f fetched) failure() string {
	switch {
	case f.err != nil:
		return "it cannot be fetched: " + record.Inline(f.err.Error())
	case f.Status != statusOK:
		return fmt.Sprintf("the host answers with the status %d, and the provider does not follow redirects", f.Status)
	case f.Cut:
		return "it is larger than 64 KiB"
	}
	return ""
}

// mediaType returns the type of a page without its parameters.
func (f fetched) mediaType() string {
	media, _, err := mime.ParseMediaType(f.ContentType)
	if err != nil {
		return ""
	}
	return media
}

// fetchAll fetches the files that records lead to.
func (g *gatherer) fetchAll(ctx context.Context) {
	if g.config.Web == nil {
		return
	}
	host := g.fact(ctx, g.below(mtasts.Host), record.A)
	if len(host.Values()) > 0 || len(g.fact(ctx, g.below(mtasts.Host), record.AAAA).Values()) > 0 {
		g.fetch(ctx, mtasts.URL(g.config.Domain))
	}
	if r, ok := g.logo(); ok {
		g.fetch(ctx, r.Location)
		g.fetch(ctx, r.Evidence)
	}
}

// logo returns the BIMI record that names a logo.
func (v *view) logo() (bimi.Record, bool) {
	records := v.bimiRecords()
	if len(records) != 1 {
		return bimi.Record{}, false
	}
	r, err := bimi.Parse(records[0])
	return r, err == nil && r.Location != ""
}

func (g *gatherer) fetch(ctx context.Context, address string) {
	if address == "" {
		return
	}
	g.group.Go(func() {
		page, err := g.reader().page(ctx, g.config.Web, address)
		g.mu.Lock()
		defer g.mu.Unlock()
		g.pages[address] = fetched{page, err}
	})
}

// page fetches each file once.
func (r *reader) page(ctx context.Context, web Web, address string) (Page, error) {
	got := once(r, r.pages, question{address, "page"}, func() fetched {
		page, err := web.Fetch(ctx, address)
		return fetched{page, err}
	})
	return got.Page, got.err
}

// ofWeb runs a check of a file that is fetched.
func ofWeb(f func(l *look)) func(*look) {
	return func(l *look) {
		if l.config.Web == nil {
			l.skip("It needs a fetch over HTTPS, which `fetch = true` allows.")
			return
		}
		f(l)
	}
}
