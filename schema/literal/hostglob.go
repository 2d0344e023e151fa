package literal

import (
	"net/netip"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/text/pattern"
)

// A HostGlob is a pattern of addresses: a glob for the host and one for the port.
type HostGlob struct{ host, port string }

var (
	portGlob = pattern.New(`^[0-9*?]{1,5}$`)
	hostRune = pattern.New(`^[\p{L}\p{N}._*?-]+$`)
)

// ParseHostGlob reads a pattern such as *.internal:9093. Without a port, the pattern
// has every port. reason is "" if it is valid.
func ParseHostGlob(written string) (g HostGlob, reason, remedy string) {
	const example = "write a host and a port, such as *.internal:9093"
	host, port, given := written, "*", false
	if at := strings.LastIndexByte(written, ':'); at > strings.LastIndexByte(written, ']') {
		host, port, given = written[:at], written[at+1:], true
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		if ip, err := netip.ParseAddr(inner); !closed || err != nil || !ip.Is6() {
			return HostGlob{}, "not a valid IPv6 address", "write it as [::1]:9093"
		}
	} else if !hostRune.MatchString(host) {
		return HostGlob{}, "not a valid host", example
	}
	if given && !portGlob.MatchString(port) {
		return HostGlob{}, "not a valid port", example
	}
	return HostGlob{normalHost(host), port}, "", ""
}

// Match reports whether the pattern has an address, which a host and a port name.
func (g HostGlob) Match(host, port string) bool {
	return text.Match(g.host, normalHost(host)) && text.Match(g.port, port)
}

// normalHost spells a host in one way: in lower case, without the dot at its end, an
// IP address in its shortest form without brackets.
func normalHost(host string) string {
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().WithZone("").String()
	}
	return host
}
