package enospipeline

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/internal/api"
	"github.com/resetplan/resetplan/providers/internal/shell"
)

var _ providers.Scripter = provider{}

// Script writes the calls with curl, because EnOS has no command line client: one
// for a token, and one that resets, signed as the manual documents. Secrets are
// read from variables when the script runs.
func (provider) Script(c providers.Config, m providers.Move) (providers.Script, error) {
	gateway, org, err := settings(c)
	if err != nil {
		return providers.Script{}, err
	}
	t := m.Target.(*target)
	if err := sendable(t.id, m.To); err != nil {
		return providers.Script{}, err
	}
	key, secret := cmp.Or(c.Credentials.Env["appKey"], "ENOS_APP_KEY"), cmp.Or(c.Credentials.Env["appSecret"], "ENOS_APP_SECRET")
	query := "orgId=" + url.QueryEscape(org)
	call := func(path, action, body string) string {
		signed := "orgId" + org
		sent := query
		if action != "" {
			sent, signed = "action="+action+"&"+query, "action"+action+signed
		}
		return shell.Words("enos", path+"?"+sent, signed, body)
	}
	at := strings.TrimPrefix(api.Path(t.id, ""), api.Streaming)
	return providers.Script{
		First: []string{
			"$" + key + " and $" + secret + " must hold the application's access key and secret; curl and openssl must be installed.",
			"Pause a running pipeline first, and start it afterwards, with the calls in the comments.",
		},
		Commands: []string{
			token(strings.TrimSuffix(gateway.String(), "/"), key, secret),
			caller(strings.TrimSuffix(gateway.String(), "/"), secret),
			shell.Comment("If it is running: " + call(at, "pause", "")),
			call(at+"/offset", "", ""),
			shell.Comment("And if it was running: " + call(at, "start", `{"executionMode":0,"kafkaRate":1000}`) + " with its previous settings"),
		},
	}, nil
}

// sum is the lower-case hex SHA-256 of its input.
const sum = " | openssl dgst -sha256 -r | cut -d ' ' -f 1)"

// token writes the request for an access token. The script fails if there is none,
// and shows no answer: it would contain the token.
func token(gateway, key, secret string) string {
	return `sleep 1 # EnOS refuses two requests for a token with the same time
stamp=$(date +%s)000
encryption=$(printf %s "${` + key + `}${stamp}${` + secret + `}"` + sum + `
token=$(curl -fsSg -H 'Content-Type: application/json;charset=UTF-8' \
  --data "{\"appKey\":\"${` + key + `}\",\"encryption\":\"$encryption\",\"timestamp\":$stamp}" \
  ` + shell.Words(gateway+"/apim-token-service/v2.0/token/get") + ` | sed -n 's/.*"accessToken" *: *"\([^"]*\)".*/\1/p')
[ -n "$token" ] || { echo 'EnOS returned no token' >&2; false; }`
}

// caller writes the shell function that signs and sends a request: the path with
// its query, the query as it is signed, and the body.
func caller(gateway, secret string) string {
	return `enos() {
  stamp=$(date +%s)000
  signature=$(printf %s "$token$2$3$stamp${` + secret + `}"` + sum + `
  curl -fsSg -X POST -H 'Content-Type: application/json;charset=UTF-8' -H "apim-accesstoken: $token" \
    -H "apim-timestamp: $stamp" -H "apim-signature: $signature" --data "$3" ` + shell.Words(gateway+api.Streaming) + `"$1"
}`
}
