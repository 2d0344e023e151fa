package literal

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
)

// InvalidBroker returns why a broker's address is invalid, or "".
func InvalidBroker(text string) (reason, remedy string) {
	const write = "write host:port, such as b1.example.com:9092"
	at := strings.LastIndexByte(text, ':')
	switch {
	case text == "":
		return "the value is empty", write
	case strings.Contains(text, "@"):
		return "the address contains a user or a password", write + "; credentials come from environment variables, see sasl.env"
	case strings.Contains(text, "://"):
		return fmt.Sprintf("%q has a scheme", diag.Shorten(text)), write
	case strings.ContainsAny(text, ",;") || len(strings.Fields(text)) > 1 && strings.Count(text, ":") > 1:
		return fmt.Sprintf("%q contains several brokers", diag.Shorten(text)), severalBrokers(text)
	case strings.ContainsAny(text, " \t\n/"):
		return fmt.Sprintf("invalid address %q", diag.Shorten(text)), write
	case at < 0 && diag.Lookalike(text, 1) != "":
		return invalidHost(text)
	case at < 0 || strings.HasSuffix(text, "]"):
		return fmt.Sprintf("%q has no port", diag.Shorten(text)),
			fmt.Sprintf("write %s:9092, or the port that your brokers listen on", diag.Shorten(text))
	case at == 0:
		return fmt.Sprintf("%q has no host", diag.Shorten(text)), write
	}
	host, port := text[:at], text[at+1:]
	if strings.HasPrefix(host, "[") {
		if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err != nil || !strings.HasSuffix(host, "]") {
			return fmt.Sprintf("%q is not an IPv6 address", diag.Shorten(host)), "write [2001:db8::1]:9092"
		}
	} else if strings.ContainsAny(host, ":[]") {
		return fmt.Sprintf("%q is ambiguous: an IPv6 address needs brackets", diag.Shorten(text)), "write [2001:db8::1]:9092"
	} else if reason, remedy := invalidHost(host); reason != "" {
		return reason, remedy
	}
	return invalidPort(port)
}

// severalBrokers returns how to write several brokers that are in one text.
func severalBrokers(text string) string {
	all := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; \t\n", r) })
	for _, one := range all {
		if reason, _ := InvalidBroker(one); reason != "" || len(text) > 200 {
			return "write a list, one broker per item"
		}
	}
	return "write a list: [" + strings.Join(all, ", ") + "]"
}

var (
	hostLabel = pattern.New(`^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$`)
	allDigits = pattern.New(`^[0-9]+(?:\.[0-9]+)*$`)
)

// invalidHost returns why a host name or an IPv4 address is invalid, or "".
func invalidHost(host string) (reason, remedy string) {
	shown := strconv.Quote(diag.Shorten(host))
	for _, r := range host {
		if like := diag.Latin[r]; like != 0 {
			return "invalid host " + shown, fmt.Sprintf("the character U+%04X looks like %s; type %c instead", r, diag.CharName(like), like)
		}
		if r >= 0x80 {
			return "invalid host " + shown, fmt.Sprintf("remove the character U+%04X, or write the name in its DNS form (xn--…)", r)
		}
	}
	if allDigits.MatchString(host) {
		if _, err := netip.ParseAddr(host); err != nil {
			return shown + " is not an IPv4 address", "write four numbers up to 255, such as 10.0.0.12"
		}
		return "", ""
	}
	if len(host) > 253 {
		return fmt.Sprintf("the host has %d characters", len(host)), "write at most 253"
	}
	for _, label := range strings.Split(strings.TrimSuffix(host, "."), ".") {
		switch {
		case label == "":
			return "invalid host " + shown + ": two dots in a row", "write a name such as b1.example.com"
		case len(label) > 63:
			return fmt.Sprintf("invalid host: a part of it has %d characters", len(label)), "write at most 63 between two dots"
		case !hostLabel.MatchString(label):
			return "invalid host " + shown, "use letters, digits, - and dots, such as b1.example.com"
		}
	}
	return "", ""
}

func invalidPort(port string) (reason, remedy string) {
	const write = "write a port between 1 and 65535"
	if port == "" {
		return "the port is missing after the colon", write
	}
	n, err := strconv.ParseUint(port, 10, 64)
	switch {
	case strings.Trim(port, "0123456789") != "":
		return fmt.Sprintf("invalid port %q", diag.Shorten(port)), write
	case err != nil || n < 1 || n > 65535:
		return fmt.Sprintf("port %s is out of range", diag.Shorten(port)), write
	case port[0] == '0':
		return fmt.Sprintf("port %s has a leading zero", port), fmt.Sprintf("write %d", n)
	}
	return "", ""
}

// InvalidEndpoint returns why an endpoint's URL is invalid, or "". A URL with
// a user or a password in it is never repeated.
func InvalidEndpoint(text string) (reason, remedy string) {
	if strings.Contains(text, "@") {
		return "the URL contains a user or a password", "write only the scheme and the host, and rotate the password if it was shared"
	}
	scheme, rest, found := strings.Cut(text, "://")
	switch {
	case !found:
		if host, _, _ := strings.Cut(text, "/"); hostAndPort(host) {
			return fmt.Sprintf("%q has no scheme", diag.Shorten(text)), "write https://" + diag.Shorten(text)
		}
		return fmt.Sprintf("%q is not a URL", diag.Shorten(text)), "write https://host"
	case strings.EqualFold(strings.TrimSpace(scheme), "https") && scheme != "https":
		return fmt.Sprintf("the scheme %q is not supported", diag.Shorten(scheme)), "write https://" + diag.Shorten(rest)
	case scheme != "http" && scheme != "https":
		return fmt.Sprintf("the scheme %q is not supported", diag.Shorten(scheme)), "write https://"
	case strings.ContainsAny(rest, "?#"):
		return "the URL contains a query or a fragment", "write only the scheme and the host"
	}
	host, _, _ := strings.Cut(rest, "/")
	u, err := url.Parse(scheme + "://" + host)
	if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") {
		if reason, remedy := invalidPort(host[at+1:]); reason != "" {
			return reason, remedy
		}
	}
	if err != nil || u.Hostname() == "" || strings.ContainsAny(host, " \t\n\\\"<>^`{|}") {
		return fmt.Sprintf("%q is not a URL", diag.Shorten(text)), "write https://host"
	}
	if strings.HasPrefix(host, "[") {
		return "", ""
	}
	return invalidHost(u.Hostname())
}

// hostAndPort reports whether a text is a host, with or without a port.
func hostAndPort(text string) bool {
	host, port, found := strings.Cut(text, ":")
	if found {
		if reason, _ := invalidPort(port); reason != "" {
			return false
		}
	}
	reason, _ := invalidHost(host)
	return host != "" && reason == ""
}
