package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// rolePath is where the metadata service lists the machine's role, and below it the
// role's key.
const rolePath = "/latest/meta-data/cam/security-credentials/"

type machineAnswer struct {
	Code                             string
	TmpSecretID, TmpSecretKey, Token string
	ExpiredTime                      httpcall.StrictNumber
}

// machine returns the key of the virtual machine's role.
func (k *keyring) machine(ctx context.Context) (Key, error) {
	const op = "read the key of this machine's CAM role"
	role := k.options.Keys.MachineRole
	if role == "" {
		call, err := k.fetch(ctx, op, "CAM role", "")
		if err != nil {
			return Key{}, err
		}
		if role = strings.TrimSpace(string(call.Body)); role == "" || strings.ContainsAny(role, "/ \n<") {
			return Key{}, call.Unclear(op, "it is not the name of a role")
		}
	}
	call, err := k.fetch(ctx, op, "key of the CAM role", role)
	if err != nil {
		return Key{}, err
	}
	var a machineAnswer
	if json.Unmarshal(call.Body, &a) != nil {
		return Key{}, unquoted(call, op)
	}
	switch {
	case a.Code != "Success":
		return Key{}, call.Failure(op, httpcall.Answer{Kind: providers.ErrDenied, Code: a.Code, Message: "the metadata service has no key of the role " +
			role + ": check that the role exists and is bound to this machine"}, nil)
	case a.TmpSecretID == "" || a.TmpSecretKey == "" || a.Token == "" || !a.ExpiredTime.Known:
		return Key{}, call.Unclear(op, "it has no complete key, or no time at which the key expires")
	}
	return Key{a.TmpSecretID, a.TmpSecretKey, a.Token, "the CAM role " + role + " of this machine", k.until(a.ExpiredTime.N)}, nil
}

// fetch reads one document of the metadata service. Its answer is not logged.
func (k *keyring) fetch(ctx context.Context, op, action, role string) (*httpcall.Call, error) {
	call := k.metadata.Read(ctx, action)
	err := call.Do(func() error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, k.options.Metadata.JoinPath(rolePath).String()+url.PathEscape(role), http.NoBody)
		if err != nil {
			return err
		}
		answer, err := call.Client().Do(r)
		if err != nil {
			return err
		}
		return answer.Body.Close()
	})
	switch {
	case err != nil:
		return nil, call.Failure(op, httpcall.Answer{}, err)
	case call.Status == http.StatusNotFound:
		return nil, call.Failure(op, httpcall.Answer{Kind: providers.ErrDenied, Message: "this machine has no such role: " +
			"bind a CAM role to the instance in the CVM console, or use a key instead"}, nil)
	case call.Status != http.StatusOK:
		return nil, unquoted(call, op)
	}
	return call, nil
}
