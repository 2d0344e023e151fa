package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// plants are secrets and the places they were put in.
type plants struct {
	mu  sync.Mutex
	all map[string]string // secret -> where it is from
}

// put plants a secret of its own in a place.
func (p *plants) put(place string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	secret := fmt.Sprintf("Pl%d+nt/%s=", 1000+37*len(p.all), strings.ToUpper(hex.EncodeToString([]byte(place)))[:8])
	p.all[secret] = place
	return secret
}

// seen records the parts of a request that are as sensitive as a secret.
func (p *plants) seen(r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range []string{"Signature", "SecurityToken"} {
		if v := r.URL.Query().Get(name); v != "" {
			p.all[v] = "the query's " + name
		}
	}
	for name, pattern := range map[string]string{"Authorization": `(?:Signature=|LOG [^:]*:)(\S+)`, "Apim-Signature": `(\S+)`,
		"Apim-Accesstoken": `(\S+)`} {
		if m := regexp.MustCompile(pattern).FindStringSubmatch(r.Header.Get(name)); m != nil {
			p.all[m[1]] = "the header " + name
		}
	}
}

// leaked fails if a text contains a secret in any form.
func (p *plants) leaked(t *testing.T, where, text string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for secret, place := range p.all {
		b := []byte(secret)
		quoted, err := json.Marshal(secret)
		noError(t, err)
		almost := secret
		if len(secret) > 12 {
			almost = secret[:len(secret)-2]
		}
		for _, form := range []string{secret, almost, url.QueryEscape(secret), url.QueryEscape(url.QueryEscape(secret)), url.PathEscape(secret),
			strings.Trim(string(quoted), `"`),
			hex.EncodeToString(b), base64.StdEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b), strings.ToLower(url.QueryEscape(secret))} {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("%s shows the secret of %s: …%q…", where, place, text[max(0, at-100):min(len(text), at+100)])
				break
			}
		}
	}
}

// variables are the environment variables of all vendors, and others.
func (p *plants) variables() map[string]string {
	out := map[string]string{}
	for _, name := range []string{
		"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN", "HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK",
		"HUAWEICLOUD_SDK_SECURITY_TOKEN",
		"TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN", "ENOS_APP_KEY", "ENOS_APP_SECRET", "KAFKA_SASL_USERNAME",
		"KAFKA_SASL_PASSWORD", "KAFKA_SASL_TOKEN", "GITHUB_TOKEN", "PROD_KEY",
	} {
		out[name] = p.put(name)
	}
	out["HTTPS_PROXY"] = "http://me:" + url.QueryEscape(p.put("proxy")) + "@127.0.0.1:1"
	out["RESETPLAN_ALLOW_ENV"] = "PROD_*"
	return out
}

// profiles are the vendors' files in a home folder.
func (p *plants) profiles(t *testing.T, home string) {
	t.Helper()
	for path, text := range map[string]string{
		".aliyun/config.json": fmt.Sprintf(`{"current": "x", "profiles": [{"name": "x", "mode": "StsToken", `+
			`"access_key_id": %q, "access_key_secret": %q, "sts_token": %q}]}`, p.put("ali-id"), p.put("ali-key"), p.put("ali-token")),
		".huaweicloud/credentials": fmt.Sprintf("[basic]\nak = %s\nsk = %s\nsecurity_token = %s\n", p.put("hw-id-file"), p.put("hw-key-file"),
			p.put("hw-token-file")),
		".tccli/default.credential": fmt.Sprintf(`{"secretId": %q, "secretKey": %q, "token": %q}`, p.put("tc-id-file"), p.put("tc-key-file"),
			p.put("tc-token-file")),
		".alibabacloud/credentials":  "[broken\nsecret = " + p.put("broken-ini"),
		".tencentcloud/credentials":  "[default\nsecret_key=" + p.put("broken-tc"),
		"one-line-credentials":       p.put("one-line") + "\n",
		"password.yaml":              "password: " + p.put("yaml-file") + "\n",
		"json-credentials/key.json":  fmt.Sprintf(`{"key": %q}`, p.put("json-file")),
		"private/.resetplan/token":   p.put("token-file"),
		"private/.resetplan/unused":  "nothing",
		"private/.resetplan/unused2": "nothing",
	} {
		full := filepath.Join(home, path)
		noError(t, os.MkdirAll(filepath.Dir(full), 0o700))
		noError(t, os.WriteFile(full, []byte(text), 0o600))
	}
}

// echoes are services that repeat what they receive, by the form of the response.
func (p *plants) echoes() map[string]http.Handler {
	repeat := func(r *http.Request) string {
		body, _ := io.ReadAll(r.Body)
		var head bytes.Buffer
		_ = r.Header.Write(&head)
		return fmt.Sprintf("%s?%s query %v head %s body %s", r.URL.Path, r.URL.RawQuery, r.URL.Query(),
			strings.ReplaceAll(head.String(), "\r\n", " "), body)
	}
	way := func(answer func(w http.ResponseWriter, sent string)) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p.seen(r)
			if strings.HasSuffix(r.URL.Path, "/token/get") {
				fmt.Fprintf(w, `{"code": 0, "msg": "OK", "data": {"accessToken": %q, "expire": 3600}}`, p.put("issued-token"))
				return
			}
			answer(w, repeat(r))
		})
	}
	refusal := func(w http.ResponseWriter, status int, sent string) {
		w.WriteHeader(status)
		id := sent[:min(len(sent), 300)]
		_ = json.NewEncoder(w).Encode(map[string]any{
			"Code": "SignatureDoesNotMatch", "Message": "server string to sign is:" + sent, "errorCode": "Unauthorized",
			"errorMessage": "AccessKeyId not found: " + sent, "RequestId": id, "requestId": id,
			"error_code": "APIGW.0301", "error_msg": "ak " + sent + " not exist",
			"request_id": id, "code": 1002, "msg": sent, "submsg": sent, "Success": false,
			"Response": map[string]any{"Error": map[string]any{"Code": "AuthFailure.SecretIdNotFound", "Message": sent}, "RequestId": id},
		})
	}
	return map[string]http.Handler{
		"in a refusal":           way(func(w http.ResponseWriter, sent string) { refusal(w, http.StatusForbidden, sent) }),
		"in a refusal under 200": way(func(w http.ResponseWriter, sent string) { refusal(w, http.StatusOK, sent) }),
		"in a text":              way(func(w http.ResponseWriter, sent string) { w.WriteHeader(http.StatusBadRequest); fmt.Fprint(w, sent) }),
		"in an answer under 200": way(func(w http.ResponseWriter, sent string) { fmt.Fprint(w, sent) }),
		"in a value of a wrong kind": way(func(w http.ResponseWriter, sent string) {
			fmt.Fprintf(w, `{"code": %q, "Success": true, "Code": %q, "Response": %q, "total": %q}`, sent, sent, sent, sent)
		}),
		"in a redirect": way(func(w http.ResponseWriter, sent string) {
			w.Header().Set("Location", "https://me:"+url.QueryEscape(p.put("location"))+"@elsewhere.example/x?"+url.QueryEscape(sent))
			w.WriteHeader(http.StatusFound)
		}),
	}
}

// everyCommand is every command that reads a plan, in every format.
func everyCommand() (out [][]string) {
	for _, f := range planFormats() {
		out = append(out, []string{"plan", "p.yaml", "--format", f})
	}
	out = append(out, []string{"validate", "p.yaml"}, []string{"validate", "p.yaml", "--format", "json"},
		[]string{"plan", "p.yaml", "--out", "saved.json"}, []string{"apply", "saved.json", "--auto-approve"},
		[]string{"export", "--as", "kafka-csv", "saved.json"},
		[]string{"apply", "p.yaml", "--auto-approve", "--run", "2"}, []string{"apply", "p.yaml", "--auto-approve", "--run", "3", "--format", "json"},
		[]string{"snapshot", "--from", "p.yaml"}, []string{"doctor", "p.yaml"}, []string{"doctor", "p.yaml", "--format", "json"})
	for _, f := range statusFormats() {
		out = append(out, []string{"status", "p.yaml", "--format", f}, []string{"status", "p.yaml", "--run", "2", "--format", f})
	}
	return append(out, []string{"watch", "p.yaml", "--until", "settled"}, []string{"rollback", "p.yaml", "--auto-approve"},
		[]string{"lock", "show", "p.yaml"}, []string{"lock", "show", "p.yaml", "--format", "json"}, []string{"lock", "prune", "p.yaml"})
}

// runAll runs every command in a folder, with each log format, and checks everything
// that is printed and written.
func (p *plants) runAll(t *testing.T, commands [][]string, home string, env map[string]string) {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile("p.yaml")
	noError(t, err)
	noError(t, os.WriteFile(filepath.Join(dir, "p.yaml"), text, 0o600))
	t.Chdir(dir)
	logs := 0
	for i, c := range commands {
		args := append([]string{"resetplan"}, c...)
		args = append(args, "--verbose", "--log-format", []string{"text", "json"}[i%2])
		if c[0] == "lock" || c[0] == "validate" || c[0] == "export" {
			args = args[:len(args)-3]
		}
		var out, stderr bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		code := run(ctx, process{args: args, stdin: &bytes.Buffer{}, stdout: &out, stderr: &stderr, home: home, now: time.Now, operator: "tester@here",
			getenv: func(name string) string { return env[name] }})
		cancel()
		if code == 3 && c[0] == "plan" {
			t.Fatalf("%v is not a command: %s", args, &stderr)
		}
		logs += strings.Count(stderr.String(), "address")
		p.leaked(t, strings.Join(c, " ")+" on standard output", out.String())
		p.leaked(t, strings.Join(c, " ")+" on standard error", stderr.String())
	}
	if logs == 0 {
		t.Error("no request was logged")
	}
	noError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			written, err := os.ReadFile(path)
			noError(t, err)
			p.leaked(t, e.Name(), string(written))
		}
		return err
	}))
}

// TestNoSecretIsShownWhateverAServiceRepeats puts a secret in every place that can
// contain one, and runs every command against services that repeat everything they
// receive.
func TestNoSecretIsShownWhateverAServiceRepeats(t *testing.T) {
	home := t.TempDir()
	planted := &plants{all: map[string]string{}}
	env := planted.variables()
	planted.profiles(t, home)
	for way, handler := range planted.echoes() {
		s := httptest.NewServer(handler)
		t.Cleanup(s.Close)
		for kind, k := range clouds() {
			t.Run(kind+" "+way, func(t *testing.T) {
				t.Chdir(t.TempDir())
				noError(t, os.WriteFile("p.yaml", cloud(kind, k.keys, s.URL, k.target)["p.yaml"](), 0o600))
				planted.runAll(t, everyCommand(), home, env)
				if kind != "enos-pipeline" { // which has no profiles
					planted.runAll(t, everyCommand()[:2], home, nil)
				}
			})
		}
	}
}

// TestNoSecretIsShownByAWorkingService runs every command against the sandbox,
// whose keys are the secrets.
func TestNoSecretIsShownByAWorkingService(t *testing.T) {
	box := freshSandbox(t)
	t.Chdir(t.TempDir())
	noError(t, os.WriteFile("p.yaml", []byte(box.Plan()), 0o600))
	env, planted := map[string]string{}, &plants{all: map[string]string{"sandbox-ak": "the id of the sandbox's key", "sandbox-sk": "the sandbox's key"}}
	for _, name := range []string{"KAFKA_SASL_PASSWORD", "GITHUB_TOKEN"} {
		env[name] = planted.put(name)
	}
	credentials := withSandboxCredentials(func(name string) string { return env[name] })
	for _, name := range []string{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK",
		"TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "ENOS_APP_KEY", "ENOS_APP_SECRET"} {
		env[name] = credentials(name)
	}
	planted.runAll(t, everyCommand(), t.TempDir(), env)
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
