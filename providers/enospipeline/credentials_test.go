package enospipeline_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline"
)

func TestCredentialsAreFoundOrEveryPlaceIsNamed(t *testing.T) {
	set := map[string]string{"RESETPLAN_ALLOW_ENV": "PROD_*", "ENOS_APP_KEY": "k", "PROD_KEY": "pk", "PROD_SECRET": "ps"}
	env := providers.Process{Getenv: func(name string) string { return set[name] }}
	for name, c := range map[string]struct {
		named providers.Credentials
		want  []string // in the error; nil = none
		no    string
	}{
		"one is missing":           {providers.Credentials{}, []string{"$ENOS_APP_KEY", "$ENOS_APP_SECRET"}, "PROD"},
		"others are named":         {providers.Credentials{Env: map[string]string{"appKey": "PROD_KEY", "appSecret": "PROD_SECRET"}}, nil, ""},
		"one of the others is not": {providers.Credentials{Env: map[string]string{"appKey": "PROD_KEY"}}, []string{"$PROD_KEY"}, "ENOS_APP"},
		"a profile":                {providers.Credentials{Profile: "prod"}, []string{"credentials.profile", "env: {appKey: NAME, appSecret: NAME}"}, "ENOS_APP"},
	} {
		config := at("https://apim.example.com", "o1")
		config.Credentials = c.named
		_, err := enospipeline.New().Connect(config, env)
		if (err == nil) != (c.want == nil) {
			t.Errorf("%s: got %v", name, err)
		}
		for _, word := range c.want {
			if !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), c.no) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if strings.Contains(name, "missing") && !errors.Is(err, providers.ErrDenied) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
