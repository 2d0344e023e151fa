package enospipelinefake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// tokens is the token service's state of its only application.
type tokens struct {
	value string
	ends  time.Time
	given int             // how many were issued
	seen  map[string]bool // every encryption that was accepted
}

// A tokenRequest requests a token. Its timestamp is documented as a number and sent
// as a string by some clients.
type tokenRequest struct {
	AppKey      string          `json:"appKey"`
	Encryption  string          `json:"encryption"`
	Timestamp   json.RawMessage `json:"timestamp"`
	AccessToken string          `json:"accessToken"` // only to refresh
}

// get returns the token that is still valid, or else a new one.
func (f *Fake) get(w http.ResponseWriter, r *http.Request) {
	f.give(w, r, func(tokenRequest) int {
		if !f.options.Now().Before(f.tokens.ends) {
			f.newToken()
		}
		return 0
	})
}

// refresh replaces a valid token. That the old one expires at once is invented.
func (f *Fake) refresh(w http.ResponseWriter, r *http.Request) {
	f.give(w, r, func(q tokenRequest) int {
		if q.AccessToken != f.tokens.value || !f.options.Now().Before(f.tokens.ends) {
			return refreshFailed
		}
		f.newToken()
		return 0
	})
}

func (f *Fake) newToken() {
	t := &f.tokens
	t.given++
	t.value = sha(fmt.Sprintf("token %d of %s", t.given, f.options.Now()))
	t.ends = f.options.Now().Add(f.options.TokenLife)
}

func (f *Fake) give(w http.ResponseWriter, r *http.Request, how func(tokenRequest) int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var q tokenRequest
	code := parameterInvalid
	if json.NewDecoder(r.Body).Decode(&q) == nil {
		code = f.checkEncryption(q)
	}
	if code == 0 {
		code = how(q)
	}
	out := map[string]any{"status": code, "msg": messages[code], "business": "apim-token-service"}
	if code == 0 {
		life := int(f.tokens.ends.Sub(f.options.Now()) / time.Second)
		out["msg"], out["data"] = "SUCCESS", map[string]any{"accessToken": f.tokens.value, "expire": f.figure(int64(life))}
	}
	f.write(w, http.StatusOK, out)
}

// checkEncryption returns the code with which a token request is refused, or 0.
func (f *Fake) checkEncryption(q tokenRequest) int {
	stamp := strings.Trim(string(q.Timestamp), `"`)
	switch {
	case q.AppKey == "" || q.Encryption == "" || stamp == "":
		return parameterEmpty
	case q.AppKey != AccessKey:
		return noSuchApp
	case !f.inTime(stamp):
		return parameterInvalid
	case encrypt(q.AppKey, stamp, Secret) != q.Encryption:
		return encryptionInvalid
	case f.tokens.seen[q.Encryption]:
		return repeated
	}
	f.tokens.seen[q.Encryption] = true
	return 0
}
