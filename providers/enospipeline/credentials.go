package enospipeline

import (
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/credsearch"
)

// A key is the access key and the secret key of an application that is
// registered on EnOS.
type key struct{ appKey, appSecret string }

// credentials looks at the variables that the document names, else at
// ENOS_APP_KEY and ENOS_APP_SECRET. EnOS's own tools read no variable and no
// file, so there are no others to follow, and no profiles.
func credentials(c providers.Credentials, env providers.Process) (key, error) {
	if c.Profile != "" {
		return key{}, &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrInvalid,
			Message: "credentials.profile: EnOS has no credentials file with profiles; write credentials: {env: {appKey: NAME, appSecret: NAME}}"}
	}
	own := map[string][]string{"appKey": {"ENOS_APP_KEY"}, "appSecret": {"ENOS_APP_SECRET"}}
	if err := credsearch.Permit(Type, "credentials.env", c.Env, own, env); err != nil {
		return key{}, err
	}
	s := credsearch.New(c, env)
	found := key{appKey: s.Field("appKey", "ENOS_APP_KEY"), appSecret: s.Field("appSecret", "ENOS_APP_SECRET")}
	if found.appKey == "" || found.appSecret == "" {
		return key{}, s.Missing(Type, "appKey and appSecret")
	}
	return found, nil
}
