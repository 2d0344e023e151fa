package enospipeline

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/internal/api"
	"github.com/resetplan/resetplan/providers/internal/shell"
)

var _ providers.RestartScripter = provider{}

// Script writes the calls with curl, because EnOS has no command line client: one
// for a token, and one that resets, signed as the manual documents. Secrets are
// read from variables when the script runs.
func (p provider) Script(c providers.Config, m providers.Move) (providers.Script, error) {
	return p.ScriptRestart(c, m, providers.Restart{})
}

func (provider) ScriptRestart(c providers.Config, m providers.Move, r providers.Restart) (providers.Script, error) {
	gateway, org, err := settings(c)
	if err != nil {
		return providers.Script{}, err
	}
	t := m.Target.(*target)
	if err := sendable(t.shown(), m.To); err != nil {
		return providers.Script{}, err
	}
	if t.pipeline() == "" {
		return providers.Script{}, &providers.Error{Provider: Type, Op: "write commands for pipeline " + t.name, Kind: providers.ErrNotFound,
			Message: "the pipeline's id is unknown: set pipelineId"}
	}
	body, err := startBody(r.Settings)
	if err != nil {
		return providers.Script{}, err
	}
	key, secret := cmp.Or(c.Credentials.Env["appKey"], "ENOS_APP_KEY"), cmp.Or(c.Credentials.Env["appSecret"], "ENOS_APP_SECRET")
	query := "orgId=" + url.QueryEscape(org)
	at := strings.TrimPrefix(api.Path(t.pipeline(), ""), api.Streaming)
	reset := "enos " + shell.Words(at+"/offset?"+query, "orgId"+org) + " ''"
	operate := func(action, body string) string {
		return "enos " + shell.Words(at+"?action="+action+"&"+query, "action"+action+"orgId"+org) + " " + body
	}
	address := strings.TrimSuffix(gateway.String(), "/")
	s := providers.Script{
		First:    []string{"$" + key + " and $" + secret + " must hold the application's access key and secret key; curl and openssl must be installed."},
		Commands: []string{token(address, key, secret), caller(address, secret)},
	}
	if !r.Pauses {
		s.First = append(s.First, "Pause a running pipeline first, and start it afterwards, with the calls in the comments.")
		s.Commands = append(s.Commands, shell.Comment("If it is running: "+operate("pause", "''")), reset,
			shell.Comment("And if it was running: "+operate("start", body)))
		if !given(r.Settings) {
			s.First = append(s.First, modeUnknown)
		}
		return s, nil
	}
	if !given(r.Settings) {
		s.First = append(s.First, modeUnknown)
		s.Commands = slices.Insert(s.Commands, 0, `: "${EXECUTION_MODE:?must be 0 (standalone) or 1 (cluster)}"`)
	}
	s.First = append(s.First, "The reset waits 10 seconds for the pause. If EnOS refuses the reset, the script ends and the pipeline is still paused: "+
		"run the remaining calls when the console shows it as PAUSED.")
	s.Commands = append(s.Commands, operate("pause", "''"), "sleep 10 # the pause takes some time", reset, operate("start", body))
	return s, nil
}

const modeUnknown = "$EXECUTION_MODE must hold the execution mode that the console shows for the pipeline, 0 (standalone) or 1 (cluster): " +
	"the plan does not name it under start."

func given(settings map[string]any) bool { return settings["executionMode"] != nil }

// startBody writes the body of a start as a word of the shell: the settings, with EnOS's
// own rate unless they have another. The mode has no default.
func startBody(settings map[string]any) (string, error) {
	all := map[string]any{"kafkaRate": defaultRate}
	maps.Copy(all, settings)
	if !given(settings) {
		delete(all, "executionMode")
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return "", err
	}
	if given(settings) {
		return shell.Words(string(raw)), nil
	}
	return shell.Words(`{"executionMode":`) + `"$EXECUTION_MODE"` + shell.Words(","+string(raw[1:])), nil
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
// its query, the query as it is signed, and the body. EnOS reports a refusal in the
// answer, with status 200: the function fails then.
func caller(gateway, secret string) string {
	return `enos() {
  stamp=$(date +%s)000
  signature=$(printf %s "$token$2$3$stamp${` + secret + `}"` + sum + `
  answer=$(curl -fsSg -X POST -H 'Content-Type: application/json;charset=UTF-8' -H "apim-accesstoken: $token" \
    -H "apim-timestamp: $stamp" -H "apim-signature: $signature" --data "$3" ` + shell.Words(gateway+api.Streaming) + `"$1")
  printf '%s\n' "$answer"
  printf '%s\n' "$answer" | grep -Eq '"(code|status)" *: *"?0"? *([,}]|$)' || { echo 'EnOS refused the request' >&2; return 1; }
}`
}
