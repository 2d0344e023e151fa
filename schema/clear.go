package schema

import (
	"net"
	"strings"
)

// clear refuses credentials that anybody on the way to a Kafka broker could
// read: SASL PLAIN and OAUTHBEARER send them as they are. Whether a client's own
// properties encrypt is known only to the provider, which reads that file.
func (b *builder) clear(p Provider, at string) {
	sasl := object(p.Config["sasl"])
	mechanism := scalar(sasl["mechanism"])
	if p.Type != "kafka" || p.Insecure || p.Config["tls"] != nil || p.Config["clientProperties"] != nil || mechanism != "PLAIN" && mechanism != "OAUTHBEARER" {
		return
	}
	servers := texts(p.Config["bootstrapServers"])
	for _, s := range servers {
		if host, _, err := net.SplitHostPort(s); err == nil && !loopback(host) {
			b.fault(at+".sasl.mechanism", false, mechanism+" without TLS sends the credentials unencrypted to "+shorten(host),
				"write tls: {}, or insecure: true if the network is trusted")
			return
		}
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
