// Package aliyun finds access keys of Alibaba Cloud in the places that the vendor's
// own tools read, in their order: the current variables, the older ones that
// Terraform reads, the configuration of the command line client, the profile file.
//
// It finds stored keys, long-lived or temporary with a token. It never requests
// keys over the network: a profile that needs that (a role to assume, an instance
// role, OIDC) is refused. Such a profile or a broken file ends the search, so that
// another account's keys are never used instead.
package aliyun

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/credsearch"
	"gopkg.in/ini.v1"
)

// Keys sign requests. SecurityToken is "" for permanent keys.
type Keys struct{ AccessKeyID, AccessKeySecret, SecurityToken string }

func (k Keys) complete() bool { return k.AccessKeyID != "" && k.AccessKeySecret != "" }

// Find returns the keys for a document's credentials. If they name a profile, the
// variables are skipped; if they name variables, only these are read. Errors wrap
// ErrDenied and name every place that was searched.
func Find(provider string, c providers.Credentials, env providers.Process) (Keys, error) {
	if err := credsearch.Permit(provider, "credentials.env", c.Env, own(), env); err != nil {
		return Keys{}, err
	}
	s := credsearch.New(c, env)
	keys, err := find(s)
	s.Found(keys.AccessKeyID, keys.AccessKeySecret, keys.SecurityToken)
	if err != nil {
		return Keys{}, &providers.Error{Provider: provider, Op: "connect", Kind: providers.ErrDenied, Message: err.Error()}
	}
	if !keys.complete() {
		return Keys{}, s.Missing(provider, "Alibaba Cloud access key")
	}
	return keys, nil
}

func find(s *credsearch.Search) (Keys, error) {
	if s.Profile() == "" || s.Named() {
		keys := inVariables(s)
		if keys.complete() || s.Named() {
			return keys, nil
		}
	}
	keys, err := inCommandLine(s)
	if err != nil || keys.complete() {
		return keys, err
	}
	return inProfileFile(s)
}

// families are the variables' names. A key is never combined from two families.
var families = [][3]string{
	{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"},
	{"ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_ACCESS_KEY_STS_TOKEN"},
}

// Places are the variables and files in which Find searches first. The older
// variables are left out.
func Places() []string {
	return append(slices.Clone(families[0][:]), commandLinePath, profilePath)
}

// own are the variables that a plan may name without permission.
func own() map[string][]string {
	out := map[string][]string{}
	for _, names := range families {
		for i, field := range []string{"accessKeyId", "accessKeySecret", "securityToken"} {
			out[field] = append(out[field], names[i])
		}
	}
	return out
}

func inVariables(s *credsearch.Search) (keys Keys) {
	for _, names := range families {
		keys = Keys{s.Field("accessKeyId", names[0]), s.Field("accessKeySecret", names[1]), s.Field("securityToken", names[2])}
		if keys.complete() || s.Named() {
			return keys
		}
	}
	return Keys{}
}

// profile returns the profile that the document names, or the environment, or "".
func profile(s *credsearch.Search) string {
	if s.Profile() != "" {
		return s.Profile()
	}
	return s.Variable("ALIBABA_CLOUD_PROFILE")
}

// commandLine is the configuration of the command line client, `aliyun`.
type commandLine struct {
	Current  string `json:"current"`
	Profiles []struct {
		Name            string `json:"name"`
		Mode            string `json:"mode"`
		AccessKeyID     string `json:"access_key_id"`
		AccessKeySecret string `json:"access_key_secret"`
		Token           string `json:"sts_token"`
	} `json:"profiles"`
}

const (
	commandLinePath = "~/.aliyun/config.json"
	profilePath     = "~/.alibabacloud/credentials"
)

func inCommandLine(s *credsearch.Search) (Keys, error) {
	if strings.EqualFold(s.Variable("ALIBABA_CLOUD_CLI_PROFILE_DISABLED"), "true") {
		return Keys{}, nil
	}
	text := s.File(commandLinePath)
	if text == "" {
		return Keys{}, nil
	}
	var file commandLine
	if json.Unmarshal([]byte(text), &file) != nil {
		return Keys{}, fmt.Errorf("%s is not the JSON that `aliyun configure` writes", commandLinePath) // the decoder's message may quote a key
	}
	name := profile(s)
	if name == "" {
		name = file.Current
	}
	for _, p := range file.Profiles {
		if p.Name != name {
			continue
		}
		switch p.Mode {
		case "AK":
			return complete(commandLinePath, name, Keys{AccessKeyID: p.AccessKeyID, AccessKeySecret: p.AccessKeySecret})
		case "StsToken":
			return complete(commandLinePath, name, Keys{p.AccessKeyID, p.AccessKeySecret, p.Token})
		}
		return Keys{}, unsupported(commandLinePath, name, "mode "+p.Mode, "AK and StsToken")
	}
	return Keys{}, nil
}

func inProfileFile(s *credsearch.Search) (Keys, error) {
	path := s.Variable("ALIBABA_CLOUD_CREDENTIALS_FILE")
	if path == "" {
		path = profilePath
	}
	text := s.File(path)
	if text == "" {
		return Keys{}, nil
	}
	file, err := ini.Load([]byte(text))
	if err != nil {
		return Keys{}, fmt.Errorf("%s is not an INI file", path) // the parser's message quotes a line
	}
	name := profile(s)
	if name == "" {
		name = "default"
	}
	if !slices.Contains(file.SectionStrings(), name) {
		return Keys{}, nil
	}
	section := file.Section(name)
	keys := Keys{section.Key("access_key_id").String(), section.Key("access_key_secret").String(), ""}
	switch kind := section.Key("type").String(); kind {
	case "access_key":
		return complete(path, name, keys)
	case "sts":
		keys.SecurityToken = section.Key("security_token").String()
		return complete(path, name, keys)
	default:
		return Keys{}, unsupported(path, name, "type "+kind, "access_key and sts")
	}
}

// complete refuses a profile without its keys.
func complete(path, name string, keys Keys) (Keys, error) {
	if !keys.complete() {
		return Keys{}, fmt.Errorf("profile %q in %s has no access key id or no secret", name, path)
	}
	return keys, nil
}

func unsupported(path, name, what, known string) error {
	return fmt.Errorf("profile %q in %s has %s, which resetplan does not support; it supports %s. Use another profile, or set temporary keys "+
		"and their token as variables", name, path, what, known)
}
