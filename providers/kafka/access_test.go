package kafka_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/twmb/franz-go/pkg/kfake"
)

// javaFile saves a Java client's file that logs in as alice.
func javaFile(t *testing.T, servers, protocol, password string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "client.properties")
	check(t, os.WriteFile(path, fmt.Appendf(nil, "bootstrap.servers=%s\nsecurity.protocol=%s\nsasl.mechanism=SCRAM-SHA-256\n"+
		"sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"alice\" password=\"%s\";\n",
		servers, protocol, password), 0o600))
	return path
}

// attempt connects with the keys of a document and reads.
func attempt(t *testing.T, c providers.Config, env providers.Process) error {
	t.Helper()
	goal, err := kafka.New().Target(c, providertest.Keys(map[string]any{"group": "g", "topic": "orders"}))
	if err != nil {
		return err
	}
	conn, err := kafka.New().Connect(c, env)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0].Err
}

func permitting(files string) providers.Process {
	return providers.Process{Now: time.Now, Getenv: func(name string) string {
		return map[string]string{"RESETPLAN_ALLOW_FILES": files, "KAFKA_SASL_USERNAME": "alice", "KAFKA_SASL_PASSWORD": "s3cret"}[name]
	}}
}

func TestAJavaClientsFileIsEnough(t *testing.T) {
	f, _ := unseeded(t, kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "alice", "s3cret"))
	path := javaFile(t, f, "SASL_PLAINTEXT", "s3cret")
	t.Chdir(t.TempDir())
	for name, c := range map[string]providers.Config{
		"by its path":             config(map[string]any{"clientProperties": path}),
		"relative to the plan":    {Folder: filepath.Dir(path), Timeout: 10 * time.Second, Decode: providertest.Keys(map[string]any{"clientProperties": "client.properties"})},
		"with its own servers":    config(map[string]any{"clientProperties": path, "bootstrapServers": []string{f}}),
		"with another connection": config(map[string]any{"bootstrapServers": []string{f}, "sasl": map[string]any{"mechanism": "SCRAM-SHA-256"}}),
	} {
		t.Run(name, func(t *testing.T) { check(t, attempt(t, c, permitting(""))) })
	}
	goal, err := kafka.New().Target(config(map[string]any{"clientProperties": path}), providertest.Keys(map[string]any{"group": "g", "topic": "t"}))
	if err != nil || goal.Address() != "kafka:"+f+"/g/t" {
		t.Errorf("got %v, %v", goal, err)
	}
	secrets := &providers.Secrets{}
	env := permitting("")
	env.Secrets = secrets
	wrong := attempt(t, config(map[string]any{"clientProperties": javaFile(t, f, "SASL_PLAINTEXT", "wr0ngpassword")}), env)
	if wrong == nil || strings.Contains(wrong.Error(), "wr0ng") || secrets.Hide("wr0ngpassword") == "wr0ngpassword" {
		t.Errorf("a wrong password: %v", wrong)
	}
}

// TestAPlanCannotSendAFilesSecretsElsewhere changes where and how the credentials of a
// file are sent, without permission, with it, and as the operator.
func TestAPlanCannotSendAFilesSecretsElsewhere(t *testing.T) {
	f, _ := unseeded(t, kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "alice", "s3cret"))
	path := javaFile(t, "elsewhere:9092", "SASL_PLAINTEXT", "s3cret")
	link := filepath.Join(t.TempDir(), "link.properties")
	check(t, os.Symlink(path, link))
	none := javaFile(t, "", "SASL_PLAINTEXT", "s3cret")
	other := map[string]any{"clientProperties": path, "bootstrapServers": []string{f}}
	for name, c := range map[string]struct {
		keys  map[string]any
		allow string
		want  bool // it is permitted
	}{
		"other servers":                      {other, "", false},
		"other servers, permitted":           {other, path, true},
		"other servers, permitted by a glob": {other, "/nowhere, " + filepath.Dir(path) + "/*", true},
		"another file is permitted":          {other, link + "x", false},
		"a link is permitted":                {other, link, true},
		"a link, its file is permitted":      {map[string]any{"clientProperties": link, "bootstrapServers": []string{f}}, path, true},
		"a link, only its folder is":         {map[string]any{"clientProperties": link, "bootstrapServers": []string{f}}, filepath.Dir(link) + "/*", false},
		"a file without servers":             {map[string]any{"clientProperties": none, "bootstrapServers": []string{f}}, "", false},
		"more servers":                       {map[string]any{"clientProperties": path, "bootstrapServers": []string{"elsewhere:9092", f}}, "", false},
		"another encryption": {map[string]any{"clientProperties": javaFile(t, f, "SASL_PLAINTEXT", "s3cret"),
			"tls": map[string]any{"insecureSkipVerify": true}}, "", false},
		"another mechanism": {map[string]any{"clientProperties": javaFile(t, f, "SASL_PLAINTEXT", "s3cret"),
			"sasl": map[string]any{"mechanism": "PLAIN"}}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			err := attempt(t, config(c.keys), permitting(c.allow))
			if c.want && err != nil || !c.want && (!errors.Is(err, providers.ErrForbidden) || !strings.Contains(err.Error(), "RESETPLAN_ALLOW_FILES=/")) {
				t.Errorf("got %v", err)
			}
		})
	}
	own := config(other)
	own.Operator = true
	check(t, attempt(t, own, permitting("")))
}

func TestKeysOfThePlanWin(t *testing.T) {
	server, ca, _ := certificate(t)
	f, _ := unseeded(t, kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "alice", "s3cret"),
		kfake.TLS(&tls.Config{Certificates: []tls.Certificate{server}, MinVersion: tls.VersionTLS12}))
	c := config(map[string]any{"clientProperties": javaFile(t, "elsewhere:9092", "SASL_PLAINTEXT", "wr0ng"), "bootstrapServers": []string{f},
		"tls": map[string]any{"caFile": ca}, "sasl": map[string]any{"mechanism": "SCRAM-SHA-256"}})
	c.Operator = true
	check(t, attempt(t, c, permitting("")))
	c = config(map[string]any{"clientProperties": javaFile(t, f, "SASL_PLAINTEXT", "wr0ng"), "tls": map[string]any{"caFile": ca}})
	c.Operator, c.Credentials.Env = true, map[string]string{"username": "KAFKA_SASL_USERNAME", "password": "KAFKA_SASL_PASSWORD"}
	check(t, attempt(t, c, permitting("")))
}

func TestCredentialsOfAFileAreNotSentInTheClear(t *testing.T) {
	path := filepath.Join(t.TempDir(), "client.properties")
	check(t, os.WriteFile(path, []byte("bootstrap.servers=broker.example.com:9092\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n"+
		`sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";`), 0o600))
	_, err := kafka.New().Connect(config(map[string]any{"clientProperties": path}), permitting(""))
	if !errors.Is(err, providers.ErrInvalid) || !strings.Contains(err.Error(), "unencrypted to broker.example.com") {
		t.Errorf("got %v", err)
	}
	insecure := config(map[string]any{"clientProperties": path})
	insecure.Insecure = true
	conn, err := kafka.New().Connect(insecure, permitting(""))
	check(t, err)
	check(t, conn.Close())
}

func TestWhatIsWrongWithAFileIsKnownOffline(t *testing.T) {
	for name, c := range map[string]struct {
		keys map[string]any
		want string
	}{
		"it does not exist":   {map[string]any{"clientProperties": "/nowhere/c.properties"}, "/nowhere/c.properties"},
		"it has no servers":   {map[string]any{"clientProperties": javaFile(t, "", "SSL", "p")}, "has no bootstrap.servers"},
		"keys of OAUTHBEARER": {map[string]any{"bootstrapServers": []string{"a:1"}, "sasl": map[string]any{"mechanism": "PLAIN", "oauth": map[string]any{"scope": "s"}}}, "belongs to OAUTHBEARER"},
		"keys of Kerberos":    {map[string]any{"bootstrapServers": []string{"a:1"}, "sasl": map[string]any{"mechanism": "PLAIN", "kerberos": map[string]any{"principal": "s"}}}, "belongs to GSSAPI"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := kafka.New().Target(config(c.keys), providertest.Keys(map[string]any{"group": "g"}))
			var wrong *providers.KeyError
			if !errors.As(err, &wrong) || !wrong.InProvider || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}
