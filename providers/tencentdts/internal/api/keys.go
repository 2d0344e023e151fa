package api

import (
	"context"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// A Key is an id with its secret, and the token of a temporary one.
type Key struct {
	ID, Secret, Token string
	From              string // where it was found, in words for people
	until             time.Time
}

// Keys say which key signs the requests. Exactly one of their ways applies: a role
// that a virtual machine has, a role that is assumed, or else the key itself.
type Keys struct {
	Key Key // of the account; or that which assumes Role

	Machine     bool   // the key of the role of the virtual machine on which this runs
	MachineRole string // its name; "" = the machine reports it

	Role     string // the ARN of a role to assume; "" = none
	Session  string // the name under which the role is assumed
	Web      *Web   // how the role is assumed without a key; nil = with Key
	RoleFrom string // where the role's ARN was found, in words for people
}

// Web is the identity that a Kubernetes cluster gives to a pod.
type Web struct {
	Region, Provider string
	// Token reads the identity's token, which the cluster renews.
	Token func() (string, error)
}

// A keyring holds the current key and renews it in time: a temporary key expires, an
// apply may take longer.
type keyring struct {
	options  Options
	now      func() time.Time
	secrets  *providers.Secrets
	http     *httpcall.Client // to STS
	metadata *httpcall.Client

	mu      sync.Mutex
	current Key
}

func newKeyring(c providers.Config, env providers.Process, o Options) *keyring {
	own := httpcall.Options{Provider: o.Provider, Rate: perSecond, RequestID: requestID}
	direct := env
	direct.Getenv = func(string) string { return "" } // a proxy would answer with the role of its own machine
	return &keyring{options: o, now: env.Now, secrets: env.Secrets, http: httpcall.New(c, env, own), metadata: httpcall.New(c, direct, own),
		current: o.Keys.Key}
}

func (k *keyring) close() {
	k.http.Close()
	k.metadata.Close()
}

// key returns the key for a request. It uses the network only if the way to it
// requires that, and only if the key that it has expires soon.
func (k *keyring) key(ctx context.Context) (Key, error) {
	keys := k.options.Keys
	if !keys.Machine && keys.Role == "" {
		return keys.Key, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now().Before(k.current.until) {
		return k.current, nil
	}
	var fresh Key
	var err error
	switch {
	case keys.Machine:
		fresh, err = k.machine(ctx)
	case keys.Web != nil:
		fresh, err = k.withWebIdentity(ctx)
	default:
		fresh, err = k.assume(ctx)
	}
	if err != nil {
		return Key{}, err
	}
	k.secrets.Add(fresh.ID, fresh.Secret, fresh.Token)
	k.current = fresh
	return fresh, nil
}

// until returns when a key that expires at a time, in seconds, is renewed: five
// minutes before, or halfway if it lives shorter. The service accepts signatures
// that are five minutes old.
func (k *keyring) until(expires int64) time.Time {
	const early = 5 * time.Minute
	now, end := k.now(), time.Unix(expires, 0)
	return end.Add(-min(early, max(0, end.Sub(now)/2)))
}
