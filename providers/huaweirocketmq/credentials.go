package huaweirocketmq

import (
	"cmp"
	"errors"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/credsearch"
	"gopkg.in/ini.v1"
)

// A key signs requests. Its token is "" where it is not temporary.
type key struct{ access, secret, token string }

func (k key) complete() bool { return k.access != "" && k.secret != "" }

// credentials looks where the vendor's SDKs do, in their order: variables, then
// the credentials file; last the variables of the samples in its manual. A
// key is never put together from two places. Keys that only the network can
// give (an identity provider's, a machine's own) are not asked for.
func credentials(c providers.Credentials, env providers.Process) (key, error) {
	if err := credsearch.Permit(Type, "credentials.env", c.Env, vendors, env); err != nil {
		return key{}, err
	}
	s := credsearch.New(c, env)
	places := []func(*credsearch.Search) key{inVariables, inFile, inSampleVariables}
	switch {
	case s.Named():
		places = places[:1]
	case s.Profile() != "":
		places = places[1:2]
	}
	for _, in := range places {
		if k := in(s); k.complete() {
			s.Found(k.access, k.secret, k.token)
			return k, nil
		}
	}
	return key{}, s.Missing(Type, "Huawei Cloud access key (accessKeyId, accessKeySecret)")
}

// vendors are the variables that a plan may name without a permission.
var vendors = map[string][]string{
	"accessKeyId":     {"HUAWEICLOUD_SDK_AK", "CLOUD_SDK_AK"},
	"accessKeySecret": {"HUAWEICLOUD_SDK_SK", "CLOUD_SDK_SK"},
	"securityToken":   {"HUAWEICLOUD_SDK_SECURITY_TOKEN"},
}

func inVariables(s *credsearch.Search) key {
	return key{s.Field("accessKeyId", "HUAWEICLOUD_SDK_AK"), s.Field("accessKeySecret", "HUAWEICLOUD_SDK_SK"), s.Field("securityToken", "HUAWEICLOUD_SDK_SECURITY_TOKEN")}
}

func inSampleVariables(s *credsearch.Search) key {
	return key{s.Field("accessKeyId", "CLOUD_SDK_AK"), s.Field("accessKeySecret", "CLOUD_SDK_SK"), ""}
}

// inFile reads the section [basic], or the one that the document names.
func inFile(s *credsearch.Search) key {
	path := cmp.Or(s.Variable("HUAWEICLOUD_SDK_CREDENTIALS_FILE"), "~/.huaweicloud/credentials")
	text := s.File(path)
	if text == "" {
		return key{}
	}
	file, err := ini.Load([]byte(text))
	if err != nil {
		s.Broken(path, errors.New("it is not an INI file")) // the parser's own words quote a line
		return key{}
	}
	section := file.Section(cmp.Or(s.Profile(), "basic"))
	return key{section.Key("ak").String(), section.Key("sk").String(), section.Key("security_token").String()}
}
