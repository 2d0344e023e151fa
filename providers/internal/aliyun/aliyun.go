// Package aliyun finds the access keys of Alibaba Cloud in the places that its own
// tools search, in their order: the current variables, the older ones that
// Terraform reads, the command line's configuration, the profile file.
//
// It finds stored keys, long-lived or temporary with a token. It never requests
// keys over the network: a profile that needs that (a role to assume, a machine's
// role, OIDC) is refused. The search ends there, as it does at an invalid file:
// keys of another account must never be used instead.
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

// Keys sign requests. SecurityToken is "" for keys that are not temporary.
type Keys struct{ AccessKeyID, AccessKeySecret, SecurityToken string }

func (k Keys) complete() bool { return k.AccessKeyID != "" && k.AccessKeySecret != "" }

// Find returns the keys for a document's credentials. If the document names a
// profile, the variables are skipped; if it names variables, only these are read.
// Errors wrap ErrDenied and name everything that was searched.
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

// families are the variables' names. A key is never put together from two.
var families = [][3]string{
	{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"},
	{"ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_ACCESS_KEY_STS_TOKEN"},
}

// own are the variables that a plan may name without a permission.
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

// profile is the name that the document gives, or the environment, or "".
func profile(s *credsearch.Search) string {
	if s.Profile() != "" {
		return s.Profile()
	}
	return s.Variable("ALIBABA_CLOUD_PROFILE")
}

// commandLine is the `aliyun` tool's configuration.
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

const commandLinePath = "~/.aliyun/config.json"

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
		return Keys{}, fmt.Errorf("%s is not the JSON that `aliyun configure` writes", commandLinePath) // the decoder's own words may quote a key
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
			return whole(commandLinePath, name, Keys{AccessKeyID: p.AccessKeyID, AccessKeySecret: p.AccessKeySecret})
		case "StsToken":
			return whole(commandLinePath, name, Keys{p.AccessKeyID, p.AccessKeySecret, p.Token})
		}
		return Keys{}, unread(commandLinePath, name, "mode "+p.Mode, "AK and StsToken")
	}
	return Keys{}, nil
}

func inProfileFile(s *credsearch.Search) (Keys, error) {
	path := s.Variable("ALIBABA_CLOUD_CREDENTIALS_FILE")
	if path == "" {
		path = "~/.alibabacloud/credentials"
	}
	text := s.File(path)
	if text == "" {
		return Keys{}, nil
	}
	file, err := ini.Load([]byte(text))
	if err != nil {
		return Keys{}, fmt.Errorf("%s is not an INI file", path) // the parser's own words quote a line
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
		return whole(path, name, keys)
	case "sts":
		keys.SecurityToken = section.Key("security_token").String()
		return whole(path, name, keys)
	default:
		return Keys{}, unread(path, name, "type "+kind, "access_key and sts")
	}
}

// whole refuses a profile without its keys.
func whole(path, name string, keys Keys) (Keys, error) {
	if !keys.complete() {
		return Keys{}, fmt.Errorf("profile %q in %s lacks an access key id or its secret", name, path)
	}
	return keys, nil
}

func unread(path, name, what, known string) error {
	return fmt.Errorf("profile %q in %s has the %s, which resetplan does not read: it reads %s. "+
		"Name another profile, or set the temporary keys and their token as variables", name, path, what, known)
}
