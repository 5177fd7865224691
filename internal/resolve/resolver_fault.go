package resolve

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// errUser says that a resolver was written with a user, whose password no error may show.
var errUser = errors.New("user names and passwords are not sent to resolvers; leave out the text before @")

// hidden stands where a secret stood.
const hidden = "xxxxx"

// redact returns a text that was to be one or more resolvers without what may be a secret of theirs: a user or password
// before @, a query, a fragment, and a path that is not the usual one.
func redact(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		end := strings.IndexAny(text, ",; \t\r\n")
		if end < 0 {
			end = len(text)
		}
		if at := strings.LastIndex(text, "@"); at > end && !strings.Contains(text[end:at], "://") {
			end = at + strings.IndexAny(text[at:]+",", ",; \t\r\n") // A password may hold any sign.
		}
		b.WriteString(redactOne(text[:end]))
		if text = text[end:]; text != "" {
			b.WriteByte(text[0])
			text = text[1:]
		}
	}
	return b.String()
}

func redactOne(text string) string {
	head, rest, url := strings.Cut(text, "://")
	switch {
	case !url || strings.Contains(head, "@"):
		head, rest = "", text
	default:
		head += "://"
	}
	if user, host, ok := cutLast(rest, "@"); ok {
		if !isPublicUser(head, user) {
			user = hidden
		}
		return head + user + "@" + redactPath(host)
	}
	return head + redactPath(rest)
}

// isPublicUser reports whether the text before @ is the name of a host or its address, and no secret.
func isPublicUser(head, user string) bool {
	name, err := parseHost(user)
	return hasAddress(user) || head == "tls://" && err == nil && len(name.Labels()) > 1
}

// redactPath hides what stands behind a host and may be secret. The rest of a template (RFC 8484 §4.1) is none.
func redactPath(text string) string {
	rest := ""
	if i := strings.IndexAny(text, "?#{"); i >= 0 {
		if rest = text[i:]; rest != "{?dns}" {
			rest = rest[:1] + hidden
		}
		text = text[:i]
	}
	host, path, ok := strings.Cut(text, "/")
	if !ok {
		return text + rest
	}
	return host + shownPath("/"+path) + rest
}

// usualPath is the path of most DNS over HTTPS services (RFC 8484 §4.1.1 has it in its examples).
const usualPath = "/dns-query"

// shownPath returns a path as texts show it. Services tell their customers apart by one: then it is as good as a password.
func shownPath(path string) string {
	if _, err := strconv.Atoi(strings.TrimPrefix(path, "/")); err == nil && len(path) <= len("/128") || strings.TrimSuffix(path, "/") == usualPath || path == "" || path == "/" {
		return path // A number is the length of a prefix.
	}
	return "/" + hidden
}

// cutLast is [strings.Cut] at the last separator.
func cutLast(text, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(text, sep); i >= 0 {
		return text[:i], text[i+len(sep):], true
	}
	return text, "", false
}

// hasAddress reports whether a text is an address, with or without a port.
func hasAddress(text string) bool {
	_, err := netip.ParseAddrPort(text)
	if err != nil {
		_, err = netip.ParseAddr(strings.Trim(text, "[]"))
	}
	return err == nil
}

// listFault returns an error where a text holds several resolvers. A comma may also stand in the path of a URL.
func listFault(text string) error {
	pieces := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' })
	if len(pieces) < 2 {
		return nil
	}
	_, _, url := strings.Cut(text, "://")
	for _, piece := range pieces[1:] {
		if piece = strings.TrimSpace(piece); !url || hasAddress(piece) || strings.Contains(piece, "://") {
			return errors.New(`it holds several resolvers; write each as a text of its own, like ["192.0.2.53", "192.0.2.54"]`)
		}
	}
	return nil
}

// addressFault says why a text is no IP address, with or without a port.
func addressFault(text string) error {
	head, path, hasPath := strings.Cut(text, "/")
	kind, _, _ := strings.Cut(strings.ToLower(head), ":")
	_, prefixErr := netip.ParsePrefix(text)
	host, port, portErr := net.SplitHostPort(text)
	switch {
	case text == "":
		return errors.New("it is empty; write an IP address, like 192.0.2.53")
	case slices.Contains([]string{"tcp", "tls", "https", "http", "udp"}, kind) && (hasPath || len(kind) < len(head)):
		return fmt.Errorf("write :// after the scheme, like %s://…", kind)
	case prefixErr == nil:
		return fmt.Errorf("/%s is the length of a prefix, which makes it a network; write the address of one host, like 192.0.2.53", path)
	case hasPath && hasAddress(head[strings.LastIndex(head, "@")+1:]):
		return errors.New("only a resolver over https:// has a path; remove / and the text after it")
	case strings.Contains(text, "@"):
		return errors.New("only tls:// takes a name before @, and the address after it, like tls://dns.example@192.0.2.53")
	case portErr == nil && hasAddress(host):
		if port == "" {
			return errors.New("no port follows the colon; remove the colon")
		}
		if _, err := parsePort(port, dnsPort); err != nil {
			return err
		}
	}
	return errors.New("it must be an IP address, with or without a port, like 192.0.2.53, 192.0.2.53:5353 or " +
		"[2001:db8::53]:53, or tcp://192.0.2.53, tls://dns.example@192.0.2.53 or https://dns.example/dns-query; host names are not resolved")
}
