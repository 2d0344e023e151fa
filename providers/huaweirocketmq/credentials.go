package huaweirocketmq

import (
	"cmp"
	"errors"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/internal/api"
	"github.com/resetplan/resetplan/providers/internal/credsearch"
	"gopkg.in/ini.v1"
)

// credentials searches where the vendor's SDKs do, in their order: variables, then the
// credentials file; last the variables of the samples in its manual. A key is never
// combined from two places. Keys are never requested over the network (from an
// identity provider, or the instance's own).
func credentials(c providers.Credentials, env providers.Process) (api.Key, error) {
	if err := credsearch.Permit(Type, "credentials.env", c.Env, vendors, env); err != nil {
		return api.Key{}, err
	}
	s := credsearch.New(c, env)
	places := []func(*credsearch.Search) api.Key{inVariables, inFile, inSampleVariables}
	switch {
	case s.Named():
		places = places[:1]
	case s.Profile() != "":
		places = places[1:2]
	}
	for _, in := range places {
		if k := in(s); k.Access != "" && k.Secret != "" {
			s.Found(k.Access, k.Secret, k.Token)
			return k, nil
		}
	}
	return api.Key{}, s.Missing(Type, "Huawei Cloud access key (accessKeyId, accessKeySecret)")
}

// vendors are the variables that a plan may name without permission.
var vendors = map[string][]string{
	"accessKeyId":     {"HUAWEICLOUD_SDK_AK", "CLOUD_SDK_AK"},
	"accessKeySecret": {"HUAWEICLOUD_SDK_SK", "CLOUD_SDK_SK"},
	"securityToken":   {"HUAWEICLOUD_SDK_SECURITY_TOKEN"},
}

func inVariables(s *credsearch.Search) api.Key {
	return api.Key{
		Access: s.Field("accessKeyId", "HUAWEICLOUD_SDK_AK"),
		Secret: s.Field("accessKeySecret", "HUAWEICLOUD_SDK_SK"),
		Token:  s.Field("securityToken", "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
	}
}

func inSampleVariables(s *credsearch.Search) api.Key {
	return api.Key{Access: s.Field("accessKeyId", "CLOUD_SDK_AK"), Secret: s.Field("accessKeySecret", "CLOUD_SDK_SK")}
}

// inFile reads the section [basic], or the profile that the document names.
func inFile(s *credsearch.Search) api.Key {
	path := cmp.Or(s.Variable("HUAWEICLOUD_SDK_CREDENTIALS_FILE"), "~/.huaweicloud/credentials")
	text := s.File(path)
	if text == "" {
		return api.Key{}
	}
	file, err := ini.Load([]byte(text))
	if err != nil {
		s.Broken(path, errors.New("not an INI file")) // the parser's message quotes a line
		return api.Key{}
	}
	section := file.Section(cmp.Or(s.Profile(), "basic"))
	return api.Key{Access: section.Key("ak").String(), Secret: section.Key("sk").String(), Token: section.Key("security_token").String()}
}
