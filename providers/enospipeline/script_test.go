package enospipeline_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

func TestAScriptRequestsATokenAndSignsTheReset(t *testing.T) {
	for _, name := range shelltest.Names() {
		c := providers.Config{Endpoint: "https://apim.example.com/", Credentials: providers.Credentials{Env: map[string]string{"appSecret": "PROD_SECRET"}}}
		s, err := shelltest.Write(enospipeline.New(), c, map[string]any{"orgId": name}, map[string]any{"pipelineId": name},
			providers.PartMove{Position: providers.At(providers.Default)})
		if err != nil {
			t.Fatal(err)
		}
		calls := shelltest.Run(t, s, "ENOS_APP_KEY=the-key", "PROD_SECRET=the-secret")
		if len(calls) != 2 {
			t.Fatalf("%q: got %q", name, calls)
		}
		token, reset := strings.Join(calls[0], "\n"), strings.Join(calls[1], "\n")
		for _, want := range []string{`{"appKey":"the-key","encryption":"sum(the-key1700000000000the-secret)","timestamp":1700000000000}`,
			"https://apim.example.com/apim-token-service/v2.0/token/get"} {
			if !strings.Contains(token, want) {
				t.Errorf("%q: the token's request lacks %s:\n%s", name, want, token)
			}
		}
		// the substitute for a digest ends at a space, as a digest's line does
		signed, _, _ := strings.Cut("sum(tok-enorgId"+name+"1700000000000the-secret)", " ")
		if strings.Contains(name, "\n") {
			signed = "sum(tok-enorgId" // cut works line by line
		}
		for _, want := range []string{"\nPOST\n", "apim-accesstoken: tok-en", "apim-timestamp: 1700000000000", "apim-signature: " + signed,
			"https://apim.example.com/streaming/v2.0/streaming/pipeline/" + url.PathEscape(name) + "/offset?orgId=" + url.QueryEscape(name)} {
			if !strings.Contains(reset, want) {
				t.Errorf("%q: the reset's request lacks %s:\n%s", name, want, reset)
			}
		}
		if strings.Contains(strings.Join(s.Commands, ""), "the-secret") {
			t.Error("a secret is written down")
		}
	}
}
