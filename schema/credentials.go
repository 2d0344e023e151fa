package schema

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
)

const (
	notAVariable   = "expected the name of an environment variable, not its value"
	variableRemedy = "write the variable's name, such as PROD_SK; rotate the secret if it was shared"
)

var mixedCase = pattern.New(`[a-z].*[A-Z]|[A-Z].*[a-z]`)

// looksLikeCredential reports whether a value that could be the name of a variable
// looks like a key or a token: it is long, and has digits or mixed case
// instead of words and underscores.
func looksLikeCredential(name string) bool {
	digits, mixed, words := strings.ContainsAny(name, "0123456789"), mixedCase.MatchString(name), strings.Contains(name, "_")
	return len(name) >= 12 && digits && mixed || len(name) >= 16 && digits && !words || len(name) >= 20 && mixed && !words
}

// variables refuses values under credentials.env and sasl.env that look like
// credentials: a later error would show them as names of variables.
func (b *builder) variables(env map[string]any, at string) {
	for _, key := range sortedKeys(env) {
		if looksLikeCredential(scalar(env[key])) {
			b.report(at+"."+key, false, notAVariable, variableRemedy)
			b.errors[len(b.errors)-1].Secret = true
		}
	}
}

// secretNames refuses parameters and labels that are named like a secret, because
// their values are shown by every view and stored in saved plans and locks.
func (b *builder) secretNames(document map[string]any) {
	for _, key := range []string{"params", "labels"} {
		for _, name := range sortedKeys(object(document[key])) {
			if diag.SecretName(name) {
				b.report(key+"."+name, true, fmt.Sprintf("%q: secrets must not be written in a plan", diag.Shorten(diag.MaskSecret(name))),
					"remove it and set the vendor's environment variable; choose another name if it holds no secret")
				b.errors[len(b.errors)-1].Secret = true
			}
		}
	}
}

// cleartext refuses credentials that would be sent to a Kafka broker unencrypted:
// SASL PLAIN, OAUTHBEARER and AWS_MSK_IAM do not protect them. Whether client properties
// configure TLS is known only to the provider, which reads that file.
func (b *builder) cleartext(p Provider, at string) {
	sasl := object(p.Config["sasl"])
	mechanism := scalar(sasl["mechanism"])
	readable := slices.Contains([]string{"PLAIN", "OAUTHBEARER", "AWS_MSK_IAM"}, mechanism)
	if p.Insecure || p.Config["tls"] != nil || p.Config["clientProperties"] != nil || !readable {
		return
	}
	servers := texts(p.Config["bootstrapServers"])
	for _, s := range servers {
		if host, _, err := net.SplitHostPort(s); err == nil && !text.Loopback(host) {
			b.report(at+".sasl.mechanism", false, mechanism+" without TLS sends the credentials unencrypted to "+diag.Shorten(host),
				"write tls: {}, or insecure: true if the network is trusted")
			return
		}
	}
}

// oneOf refuses credentials that are named in two places.
func (b *builder) oneOf(p Provider, at string) {
	if sasl := object(p.Config["sasl"]); p.Credentials.Env != nil && sasl["env"] != nil {
		b.report(at+".credentials", true, "credentials.env and sasl.env are mutually exclusive", "keep one of them")
	}
}
