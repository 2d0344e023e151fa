package tencentdts

import (
	"cmp"
	"encoding/json"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/secret"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"gopkg.in/ini.v1"
)

// credentials looks where the vendor's own tools look: in the variables, in
// the SDKs' file, and in the file of the command line, tccli. A profile that
// is named is a section of the one or a file of the other; variables, which
// belong to no profile, are then left alone.
func credentials(named providers.Credentials, env providers.Env) (common.CredentialIface, error) {
	s := secret.New(named, env)
	if s.Named() || s.Profile() == "" {
		found := pair{s.Field("secretId", "TENCENTCLOUD_SECRET_ID"), s.Field("secretKey", "TENCENTCLOUD_SECRET_KEY"), s.Field("token", "TENCENTCLOUD_TOKEN")}
		if found.whole() {
			return found.credential(), nil
		}
	}
	if !s.Named() {
		for _, look := range []func(*secret.Search) pair{fromSDKs, fromCLI} {
			if found := look(s); found.whole() {
				return found.credential(), nil
			}
		}
	}
	return nil, s.Missing(Type, "secretId and secretKey")
}

// A pair is a key with its secret, and the token of a temporary one. It comes
// from one place: parts of two accounts are never put together.
type pair struct {
	ID    string `json:"secretId" ini:"secret_id"`
	Key   string `json:"secretKey" ini:"secret_key"`
	Token string `json:"token" ini:"token"`
}

func (p pair) whole() bool { return p.ID != "" && p.Key != "" }

func (p pair) credential() common.CredentialIface {
	return common.NewTokenCredential(p.ID, p.Key, p.Token)
}

// fromSDKs reads the first of the SDKs' files that is there.
func fromSDKs(s *secret.Search) (found pair) {
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
			s.Broken(path, err)
		}
		return found
	}
	return found
}

// fromCLI reads the file that `tccli configure` writes.
func fromCLI(s *secret.Search) (found pair) {
	path := "~/.tccli/" + cmp.Or(s.Profile(), s.Variable("TCCLI_PROFILE"), "default") + ".credential"
	if text := s.File(path); text != "" {
		if err := json.Unmarshal([]byte(text), &found); err != nil {
			s.Broken(path, err)
		}
	}
	return found
}
