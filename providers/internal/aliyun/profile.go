package aliyun

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"gopkg.in/ini.v1"
)

// A profile is one credential as a place holds it, in the keys of the command line
// client's configuration.
type profile struct {
	Name            string `json:"name"`
	Mode            string `json:"mode"`
	AccessKeyID     string `json:"access_key_id"`
	AccessKeySecret string `json:"access_key_secret"`
	Token           string `json:"sts_token"`
	TokenExpires    int64  `json:"sts_expiration"` // in seconds since 1970

	RoleName    string `json:"ram_role_name"` // of an instance
	RoleArn     string `json:"ram_role_arn"`
	SessionName string `json:"ram_session_name"`
	Seconds     int    `json:"expired_seconds"`
	ExternalID  string `json:"external_id"`
	Policy      string `json:"policy"`
	STSRegion   string `json:"sts_region"`
	VPC         bool   `json:"enable_vpc"`
	Source      string `json:"source_profile"`

	OIDCProviderArn string `json:"oidc_provider_arn"`
	OIDCTokenFile   string `json:"oidc_token_file"`

	SignInURL          string `json:"cloud_sso_sign_in_url"`
	AccountID          string `json:"cloud_sso_account_id"`
	AccessConfig       string `json:"cloud_sso_access_config"`
	AccessToken        string `json:"access_token"`
	AccessTokenExpires int64  `json:"cloud_sso_access_token_expire"`

	PrivateKeyFile string `json:"private_key"`
	KeyPair        string `json:"key_pair_name"`
	Command        string `json:"process_command"`
	URI            string `json:"credentials_uri"`

	OAuthAccess  string `json:"oauth_access_token"`
	OAuthRefresh string `json:"oauth_refresh_token"`
	Bearer       string `json:"bearer_token"`

	from string              // where it was found, for messages
	all  map[string]*profile // the profiles of the same file, for Source
}

func (p *profile) keys() Keys { return Keys{p.AccessKeyID, p.AccessKeySecret, p.Token} }

// secrets are the values that must not be shown.
func (p *profile) secrets() []string {
	out := []string{p.AccessKeyID, p.AccessKeySecret, p.Token, p.AccessToken, p.OAuthAccess, p.OAuthRefresh, p.Bearer}
	for _, one := range p.all {
		out = append(out, one.AccessKeyID, one.AccessKeySecret, one.Token, one.AccessToken, one.OAuthAccess, one.OAuthRefresh, one.Bearer)
	}
	if u, err := url.Parse(p.URI); err == nil {
		if password, set := u.User.Password(); set {
			out = append(out, password)
		}
		for _, values := range u.Query() { // a session, perhaps; short values are ordinary words and numbers
			out = append(out, slices.DeleteFunc(values, func(v string) bool { return len(v) < shortestSession })...)
		}
	}
	return out
}

const shortestSession = 8

const (
	commandLinePath = "~/.aliyun/config.json"
	profilePath     = "~/.alibabacloud/credentials"
)

// commandLine returns the selected profile of the command line client, `aliyun`.
func (f *finder) commandLine() (*profile, error) {
	if f.flag("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
		return nil, nil //nolint:nilnil // the place is switched off
	}
	path := cmp.Or(f.Variable("ALIBABA_CLOUD_CONFIG_FILE"), commandLinePath)
	text := f.File(path)
	if text == "" {
		return nil, nil //nolint:nilnil // nothing was found
	}
	var file struct {
		Current  string     `json:"current"`
		Profiles []*profile `json:"profiles"`
	}
	if json.Unmarshal([]byte(text), &file) != nil {
		return nil, fmt.Errorf("%s is not the JSON that `aliyun configure` writes", path) // the decoder's message may quote a key
	}
	all := map[string]*profile{}
	for _, p := range file.Profiles {
		if p != nil && all[p.Name] == nil {
			p.Mode = cmp.Or(p.Mode, p.recognised())
			p.from, p.all = fmt.Sprintf("profile %q (mode %s) in %s", p.Name, p.Mode, path), all
			all[p.Name] = p
		}
	}
	return all[f.wanted(file.Current)], nil
}

// recognised returns the mode of a profile that names none, by its keys.
func (p *profile) recognised() string {
	switch {
	case p.keys().complete() && p.Token != "":
		return modeToken
	case p.keys().complete() && p.RoleArn != "":
		return modeRole
	case p.keys().complete():
		return modeKeys
	case p.PrivateKeyFile != "" && p.KeyPair != "":
		return modeKeyPair
	case p.RoleName != "":
		return modeECS
	case p.Command != "":
		return modeCommand
	case p.OIDCProviderArn != "" && p.OIDCTokenFile != "" && p.RoleArn != "":
		return modeOIDC
	case p.SignInURL != "":
		return modeSSO
	}
	return ""
}

// types are the types of the profile file, as modes of the command line client.
var types = map[string]string{
	"access_key": modeKeys, "sts": modeToken, "ram_role_arn": modeRole, "ecs_ram_role": modeECS, "oidc_role_arn": modeOIDC,
	"rsa_key_pair": modeKeyPair, "credentials_uri": modeURI,
}

// profileFile returns the selected profile of the file that the vendor's SDKs share.
func (f *finder) profileFile() (*profile, error) {
	path := cmp.Or(f.Variable("ALIBABA_CLOUD_CREDENTIALS_FILE"), profilePath)
	text := f.File(path)
	if text == "" {
		return nil, nil //nolint:nilnil // nothing was found
	}
	file, err := ini.Load([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("%s is not an INI file", path) // the parser's message quotes a line
	}
	name := f.wanted("default")
	if !slices.Contains(file.SectionStrings(), name) {
		return nil, nil //nolint:nilnil // nothing was found
	}
	value := func(key string) string { return file.Section(name).Key(key).String() }
	p := &profile{
		Name: name, Mode: types[value("type")], AccessKeyID: value("access_key_id"), AccessKeySecret: value("access_key_secret"),
		Token: value("security_token"), RoleName: value("role_name"), RoleArn: value("role_arn"), SessionName: value("role_session_name"),
		Policy: value("policy"), ExternalID: value("external_id"), OIDCProviderArn: value("oidc_provider_arn"),
		OIDCTokenFile: cmp.Or(value("oidc_token_file_path"), value("oidc_token_file")), KeyPair: value("public_key_id"),
		PrivateKeyFile: value("private_key_file"), URI: value("credentials_uri"),
		from: fmt.Sprintf("profile %q (type %s) in %s", name, value("type"), path),
	}
	if p.Mode == "" {
		f.Found(p.secrets()...)
		return nil, fmt.Errorf("%s cannot be used: resetplan supports the types access_key, sts, ram_role_arn, ecs_ram_role, oidc_role_arn, "+
			"rsa_key_pair and credentials_uri. Use another profile", p.from)
	}
	return p, nil
}

// lacks returns an error that names the first of a profile's keys without a value.
// Keys and values alternate. The vendor's library must not see an empty value: it
// would take another account's from the environment.
func (p *profile) lacks(keysAndValues ...string) error {
	for i := 0; i < len(keysAndValues); i += 2 {
		if strings.TrimSpace(keysAndValues[i+1]) == "" {
			return fmt.Errorf("%s has no %s: set it with `aliyun configure`, or in the file", p.from, keysAndValues[i])
		}
	}
	return nil
}
