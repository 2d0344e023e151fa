package kafka

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell"
)

var _ providers.Scripter = provider{}

// clientFile is what the scripts call the file with the client's security.
const clientFile = "client.properties"

// Script writes calls of Kafka's own kafka-consumer-groups: one --from-file for all
// offsets, and one --delete-offsets per topic for commits to remove.
func (provider) Script(c providers.Config, m providers.Move) (providers.Script, error) {
	var keys config
	if err := c.Decode(&keys); err != nil {
		return providers.Script{}, err
	}
	if err := sendable(m.To); err != nil {
		return providers.Script{}, err
	}
	s := providers.Script{First: []string{"kafka-consumer-groups is bin/kafka-consumer-groups.sh of the Kafka distribution."}}
	if lines := secured(keys, c.Credentials); lines != nil {
		s.First = append(s.First, clientFile+" must contain the lines below, with the values of the variables that they name, and be readable only by you.")
		s.Commands = lines
	}
	group, program := m.Target.(*target).group, "kafka-consumer-groups"
	if strings.ContainsFunc(group, func(r rune) bool { return r > unicode.MaxASCII }) {
		program = "LC_ALL=C.UTF-8 " + program // in another locale the JVM replaces its letters by ?, and creates a group of that name
	}
	tool := func(does ...string) string {
		head := []string{program, shell.Words("--bootstrap-server", strings.Join(keys.BootstrapServers, ","))}
		if keys.TLS != nil || keys.SASL != nil {
			head = append(head, shell.Words("--command-config", clientFile))
		}
		return shell.Command(slices.Concat(head, []string{shell.Words("--group", group)}, does)...)
	}
	var rows []string
	unset := map[string][]string{}
	for _, p := range m.To {
		if strings.Trim(p.Part.Topic, topicLetters) != "" {
			return providers.Script{}, &providers.Error{Provider: Type, Op: "write commands for " + p.Part.String(), Kind: providers.ErrUnsupported,
				Message: "not a valid topic name in Kafka"}
		}
		number := strconv.Itoa(p.Part.Number)
		if n, ok := p.Position.Offset(); ok {
			rows = append(rows, fmt.Sprintf("%s,%s,%d\n", p.Part.Topic, number, n))
		} else {
			unset[p.Part.Topic] = append(unset[p.Part.Topic], number)
		}
	}
	if rows != nil {
		s.Commands = append(s.Commands, "positions=$(mktemp)\ncat >\"$positions\" <<'EOF'\n"+strings.Join(rows, "")+"EOF",
			tool("--reset-offsets", `--from-file "$positions"`, "--execute"))
	}
	for _, topic := range slices.Sorted(maps.Keys(unset)) {
		s.Commands = append(s.Commands, tool("--delete-offsets", shell.Words("--topic", topic+":"+strings.Join(unset[topic], ","))))
	}
	s.Commands = append(s.Commands, shell.Comment("Then check the positions:"), tool("--describe", "--offsets"))
	s.First = append(s.First, unsaid(m.To)...)
	return s, nil
}

// topicLetters are all that Kafka lets a topic's name consist of.
const topicLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

// unsaid describes what Reset would do and the tool cannot.
func unsaid(moves []providers.PartMove) []string {
	if slices.ContainsFunc(moves, func(p providers.PartMove) bool { return p.Metadata[providers.ClientMetadata] != "" }) {
		return []string{"The tool writes no commit metadata: the metadata of the previous commits is not restored."}
	}
	return nil
}

// secured writes the lines of the client's file, as comments.
func secured(keys config, c providers.Credentials) []string {
	if keys.TLS == nil && keys.SASL == nil {
		return nil
	}
	protocol := "SASL_SSL"
	switch {
	case keys.SASL == nil:
		protocol = "SSL"
	case keys.TLS == nil:
		protocol = "SASL_PLAINTEXT"
	}
	out := []string{"security.protocol=" + protocol}
	if keys.TLS != nil {
		out = append(out, keys.TLS.properties()...)
	}
	if keys.SASL != nil {
		out = append(out, keys.SASL.properties(c)...)
	}
	for i := range out {
		out[i] = shell.Comment("  " + out[i])
	}
	return out
}

func (k *tlsKeys) properties() (out []string) {
	if k.CAFile != "" {
		out = append(out, "ssl.truststore.type=PEM", "ssl.truststore.location="+k.CAFile)
	}
	if k.CertFile != "" {
		out = append(out, "ssl.keystore.type=PEM", fmt.Sprintf("ssl.keystore.location=a file with the key of %s and the certificate of %s",
			k.KeyFile, k.CertFile))
	}
	if k.InsecureSkipVerify {
		out = append(out, "ssl.endpoint.identification.algorithm=",
			"# the plan trusts any certificate, the tool only known ones: set ssl.truststore.location to the authority's certificate")
	}
	return out
}

func (s *sasl) properties(c providers.Credentials) []string {
	variable := func(field string) string {
		return "$" + cmp.Or(c.Env[field], s.Env[field], "KAFKA_SASL_"+strings.ToUpper(field))
	}
	out := []string{"sasl.mechanism=" + s.Mechanism}
	const modules = "sasl.jaas.config=org.apache.kafka.common.security."
	switch s.Mechanism {
	case "OAUTHBEARER":
		return append(out, modules+"oauthbearer.OAuthBearerLoginModule required;",
			"sasl.login.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
			"# a file with the token, which must be allowed to the tool's JVM: KAFKA_OPTS=-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file:///…",
			"sasl.oauthbearer.token.endpoint.url=file:///a-file-that-holds-"+variable("token"))
	case "PLAIN":
		out = append(out, modules+"plain.PlainLoginModule required \\")
	default:
		out = append(out, modules+"scram.ScramLoginModule required \\")
	}
	return append(out, fmt.Sprintf("  username=\"%s\" password=\"%s\";", variable("username"), variable("password")))
}
