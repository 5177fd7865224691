package audit

import (
	"bytes"
	"compress/gzip"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// maxLogo is how large a logo should be at most, in octets.
const maxLogo = 32 << 10

// ofLogo runs a check of the file that the BIMI record names as the logo.
func ofLogo(f func(l *look, address string, page fetched)) func(*look) {
	return ofWeb(func(l *look) {
		if r, ok := l.logo(); ok {
			if page, asked := l.pages[r.Location]; asked {
				f(l, r.Location, page)
			}
		}
	})
}

// readLogo runs a check of a logo that is an image in SVG.
func readLogo(f func(l *look, address string, s svg)) func(*look) {
	return ofLogo(func(l *look, address string, page fetched) {
		if s, err := readSVG(page.Body); err == nil && page.failure() == "" {
			f(l, address, s)
		}
	})
}

// svg holds the properties of an SVG image that SVG Tiny Portable/Secure limits.
type svg struct {
	version, profile string
	placed           bool // the root has x or y
	title            bool
	active           string // the first thing that acts, or leads elsewhere; empty where nothing does
}

var errNotSVG = errors.New("the file is not an image in SVG")

// readSVG reads an image. It does not expand entities, which are a fault themselves.
func readSVG(body []byte) (svg, error) {
	var s svg
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict = true
	depth, root := 0, false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && root {
			return s, nil
		}
		if err != nil {
			if s.active != "" {
				return s, nil // It is a finding, and the rest is not read.
			}
			return svg{}, errNotSVG
		}
		switch token := token.(type) {
		case xml.Directive:
			s.note("a document type")
		case xml.StartElement:
			if depth == 0 && token.Name.Local != "svg" {
				return svg{}, errNotSVG
			}
			root = true
			s.element(token, depth)
			depth++
		case xml.EndElement:
			depth--
		}
	}
}

func (s *svg) note(what string) {
	if s.active == "" {
		s.active = what
	}
}

// element reads one element. Elements that act, and references to other files, are not allowed.
func (s *svg) element(e xml.StartElement, depth int) {
	name := strings.ToLower(e.Name.Local)
	switch name {
	case "script", "foreignobject", "image", "iframe", "audio", "video", "handler", "a", "animate", "set", "animatetransform", "animatemotion", "animatecolor":
		s.note("the element " + name)
	case "title":
		s.title = s.title || depth == 1
	}
	for _, a := range e.Attr {
		attr := strings.ToLower(a.Name.Local)
		switch {
		case strings.HasPrefix(attr, "on"):
			s.note("an event handler")
		case attr == "href" && !strings.HasPrefix(a.Value, "#"):
			s.note("a reference to another file")
		case depth > 0:
		case attr == "x" || attr == "y":
			s.placed = true
		case attr == "version":
			s.version = a.Value
		case attr == "baseprofile":
			s.profile = a.Value
		}
	}
}

func checkBIMIFetch(l *look, address string, page fetched) {
	if why := page.failure(); why != "" {
		l.find(address, "The logo cannot be fetched: "+why+".", "Serve it at that address with the status 200.")
	}
}

func checkBIMISVG(l *look, address string, page fetched) {
	if _, err := readSVG(page.Body); err != nil && page.failure() == "" {
		l.find(address, sentence(err), "Publish the logo as an image in SVG Tiny PS.")
	}
}

func checkBIMISize(l *look, address string, page fetched) {
	if page.failure() == "" && len(page.Body) > maxLogo {
		l.find(address, fmt.Sprintf("The logo has %d octets; receivers accept up to %d.", len(page.Body), maxLogo), "Simplify it.")
	}
}

func checkBIMIProfile(l *look, address string, s svg) {
	if s.profile != "tiny-ps" || s.version != "1.2" || !s.title || s.placed {
		l.find(address, "The logo does not follow the profile, whose root has `version=\"1.2\"`, `baseProfile=\"tiny-ps\"`, a title and neither x nor y.", "Convert it to SVG Tiny PS.")
	}
}

func checkBIMIActive(l *look, address string, s svg) {
	if s.active != "" {
		l.find(address, fmt.Sprintf("The logo contains %s, which is not allowed.", s.active), "Convert it to SVG Tiny PS.")
	}
}

func checkBIMICertificate(l *look) {
	r, ok := l.logo()
	if !ok {
		return
	}
	if r.Evidence == "" {
		l.grade(Note, l.below(bimiFamily.where).String(), "The record names no mark certificate: some receivers show the logo only with one.", "Nothing needs to be done if that is enough.")
		return
	}
	page, asked := l.pages[r.Evidence]
	if !asked {
		return
	}
	subject := r.Evidence
	if why := page.failure(); why != "" {
		l.find(subject, "The mark certificate cannot be fetched: "+why+".", "Serve it at that address with the status 200.")
		return
	}
	block, _ := pem.Decode(page.Body)
	if block == nil || block.Type != "CERTIFICATE" {
		l.find(subject, "The file is not a certificate in PEM.", "Publish the certificate that the authority issued.")
		return
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	switch {
	case err != nil:
		l.find(subject, "The mark certificate cannot be read.", "Publish the certificate that the authority issued.")
		return
	case !certificate.NotAfter.After(l.config.Now):
		l.find(subject, fmt.Sprintf("The mark certificate expired on %s.", certificate.NotAfter.UTC().Format(time.DateOnly)), "Renew it.")
	case certificate.NotAfter.Before(l.config.Now.Add(certificateSoon)):
		l.grade(Warning, subject, fmt.Sprintf("The mark certificate expires on %s.", certificate.NotAfter.UTC().Format(time.DateOnly)), "Renew it.")
	}
	logo, there := l.pages[r.Location]
	if mark, ok := markOf(certificate); ok && there && logo.failure() == "" && !bytes.Equal(mark, logo.Body) {
		l.find(subject, "The mark certificate is for a different logo from the one that the record names.", "Publish the logo that the certificate holds.")
	}
}

// dataURI is the logo within a mark certificate (RFC 3709 §4, RFC 6170).
var dataURI = regexp.MustCompile(`data:image/svg\+xml(?:;base64)?,([A-Za-z0-9+/=]+)`)

// markOf returns the logo that a mark certificate is of.
func markOf(c *x509.Certificate) ([]byte, bool) {
	const logotype = "1.3.6.1.5.5.7.1.12"
	for _, extension := range c.Extensions {
		found := dataURI.FindSubmatch(extension.Value)
		if extension.Id.String() != logotype || found == nil {
			continue
		}
		data, err := base64.StdEncoding.DecodeString(string(found[1]))
		if err != nil {
			return nil, false
		}
		unpacked, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return data, true // It is not packed.
		}
		mark, err := io.ReadAll(io.LimitReader(unpacked, 2*maxLogo+1))
		return mark, err == nil
	}
	return nil, false
}
