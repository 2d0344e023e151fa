package schema

import (
	"strings"
	"testing"
)

// TestASecretIsHiddenWhateverTheKeyAndTheForm crosses names of secrets with
// forms of YAML.
func TestASecretIsHiddenWhateverTheKeyAndTheForm(t *testing.T) {
	const secret = "S3CR3TvalX9"
	names := []string{"password", "PASSWORD", "db_password", "client-secret", "authToken", "apiKey", "x-api-key", "encryptionKey", "sharedKey", "auth",
		"authorization", "bearer", "cookie", "signature", "connectionString", "dsn", "pin", "passcode", "pwd", "sk", "AK", "sasl.jaas.config", "密码"}
	forms := []string{"K: S", "K: \"S", "K: 'S", "K: [S]", "K: [S", "K: {S", "K: {v: S}", "K:\n      S", "K:\n    - S", "K: |\n      x\n      S",
		"K: x\n      S",
		"K: &S", "K: *S", "K: !S", "K: !!binary S", "K: !<S", "K: ${S}", "K: @S", "K: %S", "K: `S", "K: a: S", "K:S", "K=S", "K: S\n    K: S", "K: S\x01",
		"K:\tS", "K: \"\\qS\"", "z: &s S\n    K: *s", "endpoint: 5 # K: S", "endpoint: 5 # K S", "<<: {K: S}", "sasl: {mechanism: 5, K: S}"}
	for _, name := range names {
		for _, form := range forms {
			lines := "    " + strings.NewReplacer("K", name, "S", secret).Replace(form)
			if said := rendered(t, connected(lines)); said == "" || strings.Contains(said, secret) {
				t.Errorf("%q shows\n%s", lines, said)
			}
		}
	}
	for _, url := range []string{"https://me:S@host", "https://S@host", "https://me:p/S@host", "\"https://me: S@host\"", "me:S@host:9092",
		"https://me:%zzS@host"} {
		for _, key := range []string{"endpoint", "timeout", "region", "insecure", "rateLimit"} {
			lines := "    " + key + ": " + strings.ReplaceAll(url, "S", secret)
			if said := rendered(t, connected(lines)); said == "" || strings.Contains(said, secret) {
				t.Errorf("%q shows\n%s", lines, said)
			}
		}
	}
}
