package aliyun_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// certificate is what the emulated services show for every host. The vendor's library has no
// option for it, so that it is trusted as an administrator would make it trusted.
var certificate tls.Certificate

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "aliyun")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
			DNSNames: []string{"sts.aliyuncs.com", "sts.cn-hangzhou.aliyuncs.com", "sts-vpc.cn-hangzhou.aliyuncs.com", "signin.example.com"}}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			panic(err)
		}
		certificate = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
		path := filepath.Join(dir, "ca.pem")
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
			panic(err)
		}
		_ = os.Setenv("SSL_CERT_FILE", path)
		return m.Run()
	}())
}

// An issuer is every service that issues keys, behind a proxy on this machine. Each
// answer has new keys.
type issuer struct {
	url   string
	lasts time.Duration // of the keys

	mu       sync.Mutex
	requests []issuing
	refusal  func(w http.ResponseWriter) // instead of keys
}

// An issuing is a request for keys.
type issuing struct {
	host, path, action string
	form               map[string]string // query and form
	header             http.Header
	body               string
}

// start runs an emulated service.
func start(t *testing.T) *issuer {
	s := &issuer{lasts: time.Hour}
	inside := httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	inside.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	inside.StartTLS()
	t.Cleanup(inside.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			s.serve(w, r)
			return
		}
		to, err := net.Dial("tcp", inside.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		from, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(from, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
		go func() { _, _ = io.Copy(from, to); _ = from.Close() }()
	}))
	t.Cleanup(proxy.Close)
	s.url = proxy.URL
	return s
}

func (s *issuer) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path == "/latest/api/token" {
		_, _ = io.WriteString(w, "metadata-session")
		return
	}
	if r.URL.Path == "/latest/meta-data/ram/security-credentials/" {
		_, _ = io.WriteString(w, "role-of-the-machine")
		return
	}
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	_ = r.ParseForm()
	in := issuing{host: r.Host, path: r.URL.Path, action: r.Form.Get("Action"), form: map[string]string{}, header: r.Header, body: string(body)}
	for k := range r.Form {
		in.form[k] = r.Form.Get(k)
	}
	s.requests = append(s.requests, in)
	if s.refusal != nil {
		s.refusal(w)
		return
	}
	n := len(s.requests)
	keys := map[string]any{"AccessKeyId": fmt.Sprintf("STS.id-%d", n), "AccessKeySecret": fmt.Sprintf("issued-secret-%d", n),
		"SecurityToken": fmt.Sprintf("issued-token-%d", n), "Expiration": time.Now().Add(s.lasts).UTC().Format("2006-01-02T15:04:05Z")}
	answer := map[string]any{"Code": "Success", "RequestId": "R-1", "Credentials": keys, "CloudCredential": keys,
		"SessionAccessKey": map[string]any{"SessionAccessKeyId": keys["AccessKeyId"], "SessionAccessKeySecret": keys["AccessKeySecret"],
			"Expiration": keys["Expiration"]}}
	maps.Copy(answer, keys)
	_ = json.NewEncoder(w).Encode(answer)
}

// last returns the latest request.
func (s *issuer) last(t *testing.T) issuing {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) == 0 {
		t.Fatal("no keys were requested")
	}
	return s.requests[len(s.requests)-1]
}

func (s *issuer) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

// through are the variables that lead requests for keys to the emulated service.
func (s *issuer) through(more ...map[string]string) map[string]string {
	return with(append(more, map[string]string{"HTTP_PROXY": s.url, "HTTPS_PROXY": s.url})...)
}
