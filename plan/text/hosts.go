package text

import (
	"net/netip"
	"strings"
)

// Loopback reports whether a host is an address or the name of this machine's loopback
// interface. Other names are not looked up: what they lead to may change.
func Loopback(host string) bool {
	at, err := netip.ParseAddr(host)
	return strings.ToLower(host) == "localhost" || err == nil && at.Zone() == "" && at.IsLoopback()
}
