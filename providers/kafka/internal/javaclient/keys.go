package javaclient

import (
	"fmt"
	"slices"
	"strings"
)

// applied are the keys that change encryption or authentication and that this package
// applies. A key with the same beginnings that is in none of these lists is refused.
var applied = strings.Fields(`
	bootstrap.servers security.protocol
	sasl.mechanism sasl.jaas.config sasl.kerberos.service.name sasl.login.callback.handler.class sasl.client.callback.handler.class
	sasl.oauthbearer.token.endpoint.url sasl.oauthbearer.scope
	sasl.oauthbearer.client.credentials.client.id sasl.oauthbearer.client.credentials.client.secret
	ssl.truststore.type ssl.truststore.location ssl.truststore.password ssl.truststore.certificates
	ssl.keystore.type ssl.keystore.location ssl.keystore.password ssl.keystore.certificate.chain ssl.keystore.key ssl.key.password
	ssl.endpoint.identification.algorithm ssl.enabled.protocols ssl.protocol`)

// harmless are keys about security that only say how the Java client does its work:
// when it logs in again, which algorithms of the JVM it uses, how a broker verifies.
var harmless = strings.Fields(`
	sasl.kerberos.kinit.cmd sasl.kerberos.min.time.before.relogin sasl.kerberos.ticket.renew.jitter sasl.kerberos.ticket.renew.window.factor
	sasl.login.connect.timeout.ms sasl.login.read.timeout.ms sasl.login.retry.backoff.ms sasl.login.retry.backoff.max.ms
	sasl.login.refresh.buffer.seconds sasl.login.refresh.min.period.seconds sasl.login.refresh.window.factor sasl.login.refresh.window.jitter
	sasl.oauthbearer.clock.skew.seconds sasl.oauthbearer.expected.audience sasl.oauthbearer.expected.issuer sasl.oauthbearer.jwks.endpoint.url
	sasl.oauthbearer.jwks.endpoint.refresh.ms sasl.oauthbearer.jwks.endpoint.retry.backoff.ms sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms
	sasl.oauthbearer.scope.claim.name sasl.oauthbearer.sub.claim.name
	ssl.keymanager.algorithm ssl.trustmanager.algorithm ssl.secure.random.implementation ssl.provider`)

// others are keys of Java clients that have nothing to do with security. They make a
// file recognizable, and can be named in messages.
var others = strings.Fields(`
	acks allow.auto.create.topics auto.commit.interval.ms auto.include.jmx.reporter auto.offset.reset batch.size bootstrap.controllers
	buffer.memory check.crcs client.dns.lookup client.id client.rack compression.type connections.max.idle.ms default.api.timeout.ms
	delivery.timeout.ms enable.auto.commit enable.idempotence enable.metrics.push exclude.internal.topics fetch.max.bytes fetch.max.wait.ms
	fetch.min.bytes group.id group.instance.id group.protocol group.remote.assignor heartbeat.interval.ms interceptor.classes isolation.level
	key.deserializer key.serializer linger.ms max.block.ms max.in.flight.requests.per.connection max.partition.fetch.bytes max.poll.interval.ms
	max.poll.records max.request.size metadata.max.age.ms metadata.recovery.rebootstrap.trigger.ms metadata.recovery.strategy metric.reporters
	metrics.num.samples metrics.recording.level metrics.sample.window.ms partition.assignment.strategy partitioner.class receive.buffer.bytes
	reconnect.backoff.max.ms reconnect.backoff.ms request.timeout.ms retries retry.backoff.max.ms retry.backoff.ms schema.registry.url
	send.buffer.bytes session.timeout.ms socket.connection.setup.timeout.max.ms socket.connection.setup.timeout.ms transaction.timeout.ms
	transactional.id value.deserializer value.serializer`)

// isClientKey reports whether a key is one of a Kafka client.
func isClientKey(key string) bool {
	return slices.Contains(applied, key) || slices.Contains(harmless, key) || slices.Contains(others, key)
}

// isSecret reports whether the value of a key is secret, or contains secrets.
func isSecret(key string) bool {
	last := key[strings.LastIndex(key, ".")+1:]
	return last == "password" || last == "secret" || last == "key" || strings.HasSuffix(key, "user.info") || strings.HasSuffix(key, "jaas.config")
}

// remedies are what to do about keys that are refused.
var remedies = map[string]string{
	"config.providers":         "write the values into the file: references to other files and to variables are not followed",
	"ssl.cipher.suites":        "remove it: the cipher suites of TLS 1.2 and 1.3 that Go supports are used",
	"ssl.engine.factory.class": "remove it: Java code cannot be loaded; write PEM, PKCS12 or JKS stores",
	"sasl.login.class":         "remove it: Java code cannot be loaded",
	"security.providers":       "remove it: Java code cannot be loaded",
}

// refused returns an error if the file has keys about security that are not applied.
// Their effect is unknown, and to connect without it could be less secure.
func (s *settings) refused() error {
	var unknown []string
	for key := range s.values {
		if slices.Contains(applied, key) || slices.Contains(harmless, key) {
			continue
		}
		if remedy := remedies[key]; remedy != "" {
			return s.wrong(key, "is not supported", remedy)
		}
		first, _, _ := strings.Cut(key, ".")
		if slices.Contains([]string{"ssl", "sasl", "security"}, first) || strings.HasPrefix(key, "config.providers") {
			unknown = append(unknown, key)
		}
	}
	switch {
	case unknown == nil:
		return nil
	case slices.ContainsFunc(unknown, func(key string) bool { return !plainKey(key) }):
		return fmt.Errorf("%s has a key about security that is not supported; remove every ssl., sasl. and security. key that a Kafka client does not have",
			s.path)
	}
	slices.Sort(unknown)
	return s.wrong(strings.Join(unknown, ", "), "is not supported",
		"remove it if the connection does not depend on it, or write tls and sasl in the plan")
}

// plainKey reports whether a key may be shown: it is short, and has the words and dots
// of a key.
func plainKey(key string) bool {
	return len(key) <= 64 && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz.") == ""
}

// ignored returns the known keys that are not applied.
func (s *settings) ignored() []string {
	var out []string
	for key := range s.values {
		if slices.Contains(harmless, key) || slices.Contains(others, key) {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}
