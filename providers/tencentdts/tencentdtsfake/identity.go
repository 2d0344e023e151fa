package tencentdtsfake

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// What the account has besides its key.
const (
	Role         = "qcs::cam::uin/100000000001:roleName/sandbox-role"
	MachineRole  = "sandbox-machine" // the role that is bound to the virtual machine
	WebToken     = "sandbox-web-identity"
	WebProvider  = "sandbox-tke"
	longestLease = 43200 // seconds
)

// issued is a temporary key that Identity has issued.
type issued struct {
	secret, token string
	expired       bool
}

// keyOf returns the secret and the token of a key.
func (f *Fake) keyOf(id string) (issued, bool) {
	switch id {
	case AccessKey:
		return issued{secret: Secret}, true
	case TemporaryKey:
		return issued{secret: TemporarySecret, token: Token}, true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	k, ok := f.issued[id]
	return k, ok
}

// Expire ends the life of all keys that Identity has issued.
func (f *Fake) Expire() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, k := range f.issued {
		k.expired = true
		f.issued[id] = k
	}
}

// An Identity is what issues temporary keys for the service: STS, and the metadata
// service of a virtual machine that has a role.
type Identity struct {
	fake *Fake
	now  func() time.Time // for the time at which a key expires

	mu       sync.Mutex
	requests []string
}

// Identity returns the issuer of temporary keys for the service.
func (f *Fake) Identity(now func() time.Time) *Identity { return &Identity{fake: f, now: now} }

// Requests are the actions and paths that were requested, in their order.
func (i *Identity) Requests() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]string{}, i.requests...)
}

func (i *Identity) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.Header.Get("X-TC-Action")
	if name == "" {
		name = r.URL.Path
	}
	i.mu.Lock()
	i.requests = append(i.requests, name)
	i.mu.Unlock()
	if r.Header.Get("X-TC-Action") == "" {
		i.metadata(w, r)
		return
	}
	answer, no := i.sts(r)
	if no != nil {
		answer = map[string]any{"Error": no}
	}
	respond(w, answer)
}

const rolePath = "/latest/meta-data/cam/security-credentials/"

func (i *Identity) metadata(w http.ResponseWriter, r *http.Request) {
	switch name, ok := strings.CutPrefix(r.URL.Path, rolePath); {
	case ok && name == "":
		_, _ = io.WriteString(w, MachineRole)
	case ok && name == MachineRole:
		id, secret, token, until := i.issue()
		_ = json.NewEncoder(w).Encode(map[string]any{"TmpSecretId": id, "TmpSecretKey": secret, "Token": token, "ExpiredTime": until.Unix(),
			"Expiration": until.UTC().Format(time.RFC3339), "Code": "Success"})
	default:
		http.NotFound(w, r)
	}
}

type roleParams struct {
	RoleArn, RoleSessionName, ProviderID, WebIdentityToken string
	DurationSeconds                                        int
}

func (i *Identity) sts(r *http.Request) (map[string]any, *refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, mostBody))
	if err != nil {
		return nil, &refusal{"RequestSizeLimitExceeded", "The request is longer than 10 MB."}
	}
	var p roleParams
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, &refusal{"InvalidParameter", err.Error()}
	}
	if no := i.mayAssume(r, body, p); no != nil {
		return nil, no
	}
	if p.DurationSeconds < 1 || p.DurationSeconds > longestLease {
		return nil, &refusal{"InvalidParameter.OverLimit", "DurationSeconds is out of range."}
	}
	id, secret, token, until := i.issue()
	return map[string]any{"Credentials": map[string]any{"TmpSecretId": id, "TmpSecretKey": secret, "Token": token}, "ExpiredTime": until.Unix(),
		"Expiration": until.UTC().Format(time.RFC3339)}, nil
}

// mayAssume checks the caller of one of the two ways to assume a role.
func (i *Identity) mayAssume(r *http.Request, body []byte, p roleParams) *refusal {
	switch name := r.Header.Get("X-TC-Action"); {
	case r.Header.Get("X-TC-Version") != "2018-08-13":
		return &refusal{"NoSuchVersion", "The version does not exist."}
	case name == "AssumeRoleWithWebIdentity":
		if p.WebIdentityToken != WebToken || p.ProviderID != WebProvider {
			return &refusal{"InvalidParameter.WebIdentityTokenError", "The identity token is invalid."}
		}
	case name == "AssumeRole":
		if no := i.fake.verify(r, body, "sts"); no != nil {
			return no
		}
	default:
		return &refusal{"InvalidAction", "The request action=`" + name + "` is invalid or not found."}
	}
	if p.RoleArn != Role || p.RoleSessionName == "" {
		return &refusal{"ResourceNotFound.RoleNotFound", "The role does not exist."}
	}
	return nil
}

// issue creates a key that is valid for two hours.
func (i *Identity) issue() (id, secret, token string, until time.Time) {
	f := i.fake
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.issued == nil {
		f.issued = map[string]issued{}
	}
	n := len(f.issued) + 1
	id, secret, token = fmt.Sprintf("sandbox-issued-ak-%d", n), fmt.Sprintf("sandbox-issued-sk-%d", n), fmt.Sprintf("sandbox-issued-token-%d", n)
	f.issued[id] = issued{secret: secret, token: token}
	return id, secret, token, i.now().Add(2 * time.Hour)
}
