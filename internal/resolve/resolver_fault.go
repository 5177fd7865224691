package resolve

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// errUser says that a resolver was written with a user, whose password no error may show.
var errUser = errors.New("user names and passwords are not sent to resolvers; leave out what stands before @")

// redact returns a text that was to be a resolver without the password that it may hold: what stands between the
// first colon and the last @.
func redact(text string) string {
	start := 0
	if i := strings.Index(text, "://"); i >= 0 && !strings.Contains(text[:i], "@") {
		start = i + len("://")
	}
	user, host, ok := cutLast(text[start:], "@")
	name, _, secret := strings.Cut(user, ":")
	if !ok || !secret || hasAddress(user) {
		return text
	}
	return text[:start] + name + ":xxxxx@" + host
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
		return fmt.Errorf("behind the scheme stands ://, like %s://…", kind)
	case prefixErr == nil:
		return fmt.Errorf("/%s is the length of a prefix, which stands for a network; write the address of one host, like 192.0.2.53", path)
	case hasPath && hasAddress(head[strings.LastIndex(head, "@")+1:]):
		return errors.New("only a resolver over https:// has a path; leave out what stands behind the address, from / on")
	case strings.Contains(text, "@"):
		return errors.New("a name or a user before @ goes with tls:// alone, where the address stands behind @, like tls://dns.example@192.0.2.53")
	case portErr == nil && hasAddress(host):
		if port == "" {
			return errors.New("behind the colon stands no port; leave the colon out")
		}
		if _, err := parsePort(port, dnsPort); err != nil {
			return err
		}
	}
	return errors.New("it must be an IP address, with or without a port, like 192.0.2.53, 192.0.2.53:5353 or " +
		"[2001:db8::53]:53, or tcp://192.0.2.53, tls://dns.example@192.0.2.53 or https://dns.example/dns-query; host names are not resolved")
}
