package enospipeline

import (
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/secret"
)

// credentials are the access key and the secret key of an application that is
// registered on EnOS.
type credentials struct{ appKey, appSecret string }

// findCredentials looks at the variables that the document names, else at
// ENOS_APP_KEY and ENOS_APP_SECRET. EnOS's own tools read no variable and no
// file, so there are no others to follow, and no profiles.
func findCredentials(named providers.Credentials, env providers.Env) (credentials, error) {
	if named.Profile != "" {
		return credentials{}, &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrInvalid,
			Message: "credentials.profile: EnOS has no credentials file with profiles; write credentials: {env: {appKey: NAME, appSecret: NAME}}"}
	}
	s := secret.New(named, env)
	keys := credentials{appKey: s.Field("appKey", "ENOS_APP_KEY"), appSecret: s.Field("appSecret", "ENOS_APP_SECRET")}
	if keys.appKey == "" || keys.appSecret == "" {
		return credentials{}, s.Missing(Type, "appKey and appSecret")
	}
	return keys, nil
}
