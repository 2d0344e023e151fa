package javaclient

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// modules are the mechanisms of each login module.
var modules = map[string][]string{
	"PlainLoginModule":       {"PLAIN"},
	"ScramLoginModule":       {"SCRAM-SHA-256", "SCRAM-SHA-512"},
	"OAuthBearerLoginModule": {"OAUTHBEARER"},
	"IAMLoginModule":         {"AWS_MSK_IAM"},
	"Krb5LoginModule":        {"GSSAPI"},
}

// handlers are the callback handlers of Kafka and of the client for Amazon MSK, by the
// ends of their names, and what they are for. Others are code that cannot be loaded.
var handlers = map[string]string{
	"org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler":         "OAUTHBEARER",
	"org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler": "OAUTHBEARER",
	"software.amazon.msk.auth.iam.IAMClientCallbackHandler":                                "AWS_MSK_IAM",
}

// sasl reads how the client authenticates.
func (s *settings) sasl(secret func(...string)) (*SASL, error) {
	out := &SASL{Mechanism: cmp.Or(s.value("sasl.mechanism"), "GSSAPI")}
	text := s.value("sasl.jaas.config")
	if text == "" {
		return nil, s.wrong("sasl.jaas.config", "is missing", "add it, or write sasl in the plan; a file of java.security.auth.login.config is not read")
	}
	l, err := parseLogin(text)
	if err != nil {
		return nil, s.wrong("sasl.jaas.config", "is not valid", `write MODULE required option="value" …; on one line, or with a \ at the end of each line`)
	}
	for name, value := range l.options {
		if n := strings.ToLower(name); strings.Contains(n, "password") || strings.Contains(n, "secret") {
			secret(value)
		}
	}
	if mechanisms := modules[l.module]; !slices.Contains(mechanisms, out.Mechanism) {
		return nil, s.wrong("sasl.jaas.config", "has a login module that does not belong to sasl.mechanism, or is not supported",
			"use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, AWS_MSK_IAM or GSSAPI with its module")
	}
	for _, key := range []string{"sasl.login.callback.handler.class", "sasl.client.callback.handler.class"} {
		if class := s.value(key); class != "" && handlers[class] != out.Mechanism {
			return nil, s.wrong(key, "names Java code, which cannot be loaded", "remove it, or write sasl in the plan")
		}
	}
	return out, s.fill(out, l)
}

// fill sets the fields of the mechanism. An option without an effect here is refused.
func (s *settings) fill(out *SASL, l login) error {
	fields := map[string]*string{"username": &out.Username, "password": &out.Password}
	var without []string
	required := []string{"username", "password"}
	switch out.Mechanism {
	case "OAUTHBEARER":
		return s.bearer(out, l)
	case "AWS_MSK_IAM":
		fields, required = map[string]*string{"awsProfileName": &out.Profile}, nil
		without = []string{"awsDebugCreds", "awsMaxRetries", "awsMaxBackOffTimeMs"}
	case "GSSAPI":
		out.Service = cmp.Or(s.value("sasl.kerberos.service.name"), l.options["serviceName"], "kafka")
		fields = map[string]*string{"principal": &out.Principal, "keyTab": &out.Keytab, "ticketCache": &out.TicketCache}
		required, without = nil, []string{"serviceName", "useKeyTab", "storeKey", "useTicketCache", "renewTGT", "doNotPrompt", "debug", "client",
			"refreshKrb5Config", "isInitiator"}
		if l.options["useKeyTab"] == "true" {
			required = []string{"keyTab", "principal"}
		} else {
			delete(l.options, "keyTab") // as in Java
		}
	}
	if err := s.options(l, fields, required, without); err != nil {
		return err
	}
	out.Keytab, out.TicketCache = strings.TrimPrefix(out.Keytab, "file:"), strings.TrimPrefix(out.TicketCache, "file:")
	return nil
}

// options copies the options of a login module into fields.
func (s *settings) options(l login, fields map[string]*string, required, without []string) error {
	for name, value := range l.options {
		if field := fields[name]; field != nil {
			*field = value
		} else if !slices.Contains(without, name) {
			known := ""
			if len(name) <= 32 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
				known = " " + name
			}
			return s.wrong("sasl.jaas.config", "has an option"+known+" that is not supported", "remove it, or write sasl in the plan")
		}
	}
	for _, name := range required {
		if *fields[name] == "" {
			return s.wrong("sasl.jaas.config", "has no "+name, `add `+name+`="…"`)
		}
	}
	return nil
}

// bearer reads OAUTHBEARER with client credentials. The keys of Kafka 4.1 win over the
// options, as in Java.
func (s *settings) bearer(out *SASL, l login) error {
	for name, value := range l.options {
		if rest, ok := strings.CutPrefix(name, "extension_"); ok {
			if out.Extensions == nil {
				out.Extensions = map[string]string{}
			}
			out.Extensions[rest] = value
			delete(l.options, name)
		}
	}
	fields := map[string]*string{"clientId": &out.ClientID, "clientSecret": &out.ClientSecret, "scope": &out.Scope}
	if err := s.options(l, fields, nil, nil); err != nil {
		return err
	}
	out.ClientID = cmp.Or(s.value("sasl.oauthbearer.client.credentials.client.id"), out.ClientID)
	out.ClientSecret = cmp.Or(s.value("sasl.oauthbearer.client.credentials.client.secret"), out.ClientSecret)
	out.Scope = cmp.Or(s.value("sasl.oauthbearer.scope"), out.Scope)
	out.TokenEndpoint = s.value("sasl.oauthbearer.token.endpoint.url")
	const key = "sasl.oauthbearer.token.endpoint.url"
	at, err := url.Parse(out.TokenEndpoint)
	switch {
	case out.TokenEndpoint == "":
		return s.wrong(key, "is missing", "add the URL that issues tokens")
	case err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" || at.User != nil:
		return s.wrong(key, "is not the URL of a server",
			"write https://HOST/PATH; a token in a file is not read: set KAFKA_SASL_TOKEN and write sasl in the plan")
	case out.ClientID == "" || out.ClientSecret == "":
		return s.wrong("sasl.jaas.config", "has no clientId and clientSecret", `add clientId="…" clientSecret="…"`)
	}
	return nil
}
