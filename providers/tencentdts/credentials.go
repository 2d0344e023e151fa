package tencentdts

import (
	"cmp"
	"encoding/json"
	"errors"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/credsearch"
	"github.com/resetplan/resetplan/providers/tencentdts/internal/api"
	"gopkg.in/ini.v1"
)

// credentials looks where the vendor's own tools look: in the variables, in the
// SDKs' file, and in the file of tccli, the command line client. A named profile
// is a section of the SDKs' file or a file of tccli; the variables, which belong
// to no profile, are then ignored.
func credentials(c providers.Credentials, env providers.Process) (api.Credential, error) {
	if err := credsearch.Permit(Type, "credentials.env", c.Env, vendors, env); err != nil {
		return api.Credential{}, err
	}
	s := credsearch.New(c, env)
	if s.Named() || s.Profile() == "" {
		if found := inVariables(s); found.complete() {
			return api.Credential(found), nil
		}
	}
	if !s.Named() {
		for _, look := range []func(*credsearch.Search) key{inFile, inCommandLine} {
			if found := look(s); found.complete() {
				s.Found(found.ID, found.Secret, found.Token)
				return api.Credential(found), nil
			}
		}
	}
	return api.Credential{}, s.Missing(Type, "secretId and secretKey")
}

// A key is a credential as the files write it. It comes from one place: parts of
// two accounts are never combined.
type key struct {
	ID     string `json:"secretId" ini:"secret_id"`
	Secret string `json:"secretKey" ini:"secret_key"`
	Token  string `json:"token" ini:"token"`
}

func (k key) complete() bool { return k.ID != "" && k.Secret != "" }

// vendors are the variables that a plan may name without permission.
var vendors = map[string][]string{"secretId": {"TENCENTCLOUD_SECRET_ID"}, "secretKey": {"TENCENTCLOUD_SECRET_KEY"}, "token": {"TENCENTCLOUD_TOKEN"}}

func inVariables(s *credsearch.Search) key {
	return key{s.Field("secretId", "TENCENTCLOUD_SECRET_ID"), s.Field("secretKey", "TENCENTCLOUD_SECRET_KEY"), s.Field("token", "TENCENTCLOUD_TOKEN")}
}

// inFile reads the first of the SDKs' files that exists.
func inFile(s *credsearch.Search) (found key) {
	paths := []string{"~/.tencentcloud/credentials", "/etc/tencentcloud/credentials"}
	if given := s.Variable("TENCENTCLOUD_CREDENTIALS_FILE"); given != "" {
		paths = []string{given}
	}
	for _, path := range paths {
		text := s.File(path)
		if text == "" {
			continue
		}
		f, err := ini.LoadSources(ini.LoadOptions{IgnoreInlineComment: true, SkipUnrecognizableLines: true}, []byte(text))
		if err == nil {
			err = f.Section(cmp.Or(s.Profile(), "default")).MapTo(&found)
		}
		if err != nil {
			s.Broken(path, errors.New("not an INI file")) // the parser's own message quotes a line
		}
		return found
	}
	return found
}

// inCommandLine reads the file that `tccli configure` writes.
func inCommandLine(s *credsearch.Search) (found key) {
	path := "~/.tccli/" + cmp.Or(s.Profile(), s.Variable("TCCLI_PROFILE"), "default") + ".credential"
	if text := s.File(path); text != "" {
		if json.Unmarshal([]byte(text), &found) != nil {
			s.Broken(path, errors.New("not the JSON that `tccli configure` writes")) // the decoder's own message may quote a key
		}
	}
	return found
}
