package kafkatest

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ports are the broker's ports.
type ports struct{ plain, proxied, sasl, tls, mtls, controller int }

// freePorts asks the system for ports. They are free at this moment.
func freePorts() (ports, error) {
	var p ports
	for _, port := range []*int{&p.plain, &p.proxied, &p.sasl, &p.tls, &p.mtls, &p.controller} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return p, fmt.Errorf("kafkatest: %w", err)
		}
		defer func() { _ = l.Close() }() // all stay in use until the last is chosen
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return p, nil
}

func local(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// properties is the broker's configuration, sorted.
func (b *Broker) properties() []byte {
	all := b.listeners()
	maps.Copy(all, b.passwords())
	maps.Copy(all, quickAndSmall())
	all["log.dirs"] = filepath.Join(b.dir, "data")
	if b.options.Release == Oldest {
		all["group.coordinator.rebalance.protocols"] = "classic,consumer" // a preview then, which must be enabled
	}
	maps.Copy(all, b.options.Properties)
	var out bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&out, "%s=%s\n", key, all[key])
	}
	return out.Bytes()
}

// listeners are the broker's listeners, and the permissions behind them.
func (b *Broker) listeners() map[string]string {
	p := b.ports
	listen := []string{"PLAIN://" + local(p.plain), "PROXIED://" + local(p.proxied), "SASL://" + local(p.sasl), "TLS://" + local(p.tls),
		"MTLS://" + local(p.mtls)}
	advertised := slices.Clone(listen)
	advertised[1] = "PROXIED://" + b.Proxy.Address()
	return map[string]string{
		"process.roles":                  "broker,controller",
		"node.id":                        strconv.Itoa(b.node),
		"controller.quorum.voters":       cmp.Or(b.voters, b.voter()),
		"controller.listener.names":      "CONTROLLER",
		"inter.broker.listener.name":     "PLAIN",
		"listeners":                      strings.Join(append(listen, "CONTROLLER://"+local(p.controller)), ","),
		"advertised.listeners":           strings.Join(advertised, ","),
		"listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAIN:PLAINTEXT,PROXIED:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,MTLS:SSL",
		"authorizer.class.name":          "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
		"super.users":                    strings.Join([]string{"User:ANONYMOUS", "User:" + Super, "User:" + Certified}, ";"),
	}
}

// voter is the node as a controller of the cluster.
func (b *Broker) voter() string { return fmt.Sprintf("%d@%s", b.node, local(b.ports.controller)) }

// passwords are how clients prove who they are, by SASL and by certificate.
func (b *Broker) passwords() map[string]string {
	const jaas = "listener.name.sasl.%s.sasl.jaas.config"
	modules := "org.apache.kafka.common.security."
	return map[string]string{
		"listener.name.sasl.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
		fmt.Sprintf(jaas, "plain"): fmt.Sprintf(`%splain.PlainLoginModule required user_%s="%s" user_%s="%s";`, modules, Super,
			Password, Limited, Password),
		fmt.Sprintf(jaas, "scram-sha-256"): modules + "scram.ScramLoginModule required;",
		fmt.Sprintf(jaas, "scram-sha-512"): modules + "scram.ScramLoginModule required;",
		fmt.Sprintf(jaas, "oauthbearer"):   modules + `oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
		// a session ends with its token, so that clients fetch another
		"listener.name.sasl.oauthbearer.connections.max.reauth.ms": "3600000",
		"ssl.keystore.type":                  "PEM",
		"ssl.keystore.location":              filepath.Join(b.dir, serverPEM),
		"ssl.truststore.type":                "PEM",
		"ssl.truststore.location":            b.Files.CA,
		"ssl.principal.mapping.rules":        "RULE:^CN=([^,]+).*$/$1/",
		"listener.name.mtls.ssl.client.auth": "required",
	}
}

// quickAndSmall keeps waits short and memory low: one node, few partitions of
// its own, no pause before a first rebalance, sessions of seconds.
func quickAndSmall() map[string]string {
	return map[string]string{
		"offsets.topic.num.partitions":                     "4",
		"offsets.topic.replication.factor":                 "1",
		"transaction.state.log.num.partitions":             "2",
		"transaction.state.log.replication.factor":         "1",
		"transaction.state.log.min.isr":                    "1",
		"share.coordinator.state.topic.num.partitions":     "2",
		"share.coordinator.state.topic.replication.factor": "1",
		"share.coordinator.state.topic.min.isr":            "1",
		"auto.create.topics.enable":                        "false",
		"log.cleaner.dedupe.buffer.size":                   "4194304",
		"log.index.size.max.bytes":                         "1048576",
		"log.retention.check.interval.ms":                  "1000",
		"log.initial.task.delay.ms":                        "1000",
		"log.segment.delete.delay.ms":                      "1000",
		"broker.session.timeout.ms":                        "3000", // a killed broker comes back once its old session has ended
		"broker.heartbeat.interval.ms":                     "500",
		"group.initial.rebalance.delay.ms":                 "0",
		"group.min.session.timeout.ms":                     "1000",
		"group.consumer.min.session.timeout.ms":            "1000",
		"group.consumer.session.timeout.ms":                "6000",
		"group.consumer.min.heartbeat.interval.ms":         "500",
		"group.consumer.heartbeat.interval.ms":             "500",
	}
}

// Token returns an OAUTHBEARER token that the broker accepts for a user: an
// unsigned one, good for an hour.
func Token(user string) string { return TokenFor(user, time.Hour) }

// TokenFor is Token with another time to expiry.
func TokenFor(user string, lifetime time.Duration) string {
	now := time.Now()
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	claims := fmt.Sprintf(`{"sub":%q,"iat":%d,"exp":%d}`, user, now.Add(-2*time.Hour).Unix(), now.Add(lifetime).Unix())
	return part(`{"alg":"none"}`) + "." + part(claims) + "."
}
