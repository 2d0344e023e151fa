package aliyun_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/aliyun"
)

// TestAKeyPairRequestsASession runs where SSL_CERT_FILE adds an authority: the
// vendor's library uses the system's for this mode.
func TestAKeyPairRequestsASession(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	check(t, err)
	path := filepath.Join(t.TempDir(), "key.pem")
	check(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	s := start(t)
	got, err := find(t, providers.Credentials{Profile: "pair"}, s.through(),
		fmt.Sprintf(`{"profiles": [{"name": "pair", "mode": "RsaKeyPair", "key_pair_name": "pair-1", "private_key": %q}]}`, path), "")
	if err != nil || got != (aliyun.Keys{AccessKeyID: "STS.id-1", AccessKeySecret: "issued-secret-1"}) {
		t.Fatalf("got %v, %v", got, err)
	}
	if in := s.last(t); in.host != "sts.aliyuncs.com" || in.form["Action"] != "GenerateSessionAccessKey" || in.form["AccessKeyId"] != "pair-1" {
		t.Errorf("it requested %+v", in)
	}
}
