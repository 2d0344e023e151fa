package enospipeline

import (
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/internal/api"
	"github.com/resetplan/resetplan/providers/internal/credsearch"
)

// credentials reads the variables that the document names, or else ENOS_APP_KEY
// and ENOS_APP_SECRET. EnOS's own tools read no variable and no file, so there is
// no convention to follow, and there are no profiles.
func credentials(c providers.Credentials, env providers.Process) (api.Key, error) {
	if c.Profile != "" {
		return api.Key{}, &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrInvalid,
			Message: "credentials.profile: EnOS has no credentials file with profiles; set credentials: {env: {appKey: NAME, appSecret: NAME}}"}
	}
	own := map[string][]string{"appKey": {"ENOS_APP_KEY"}, "appSecret": {"ENOS_APP_SECRET"}}
	if err := credsearch.Permit(Type, "credentials.env", c.Env, own, env); err != nil {
		return api.Key{}, err
	}
	s := credsearch.New(c, env)
	found := api.Key{AppKey: s.Field("appKey", "ENOS_APP_KEY"), AppSecret: s.Field("appSecret", "ENOS_APP_SECRET")}
	if found.AppKey == "" || found.AppSecret == "" {
		return api.Key{}, s.Missing(Type, "appKey and appSecret")
	}
	return found, nil
}
