package credsearch_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/credsearch"
)

func env(home string, set map[string]string) providers.Process {
	return providers.Process{Home: home, Getenv: func(name string) string { return set[name] }}
}

func TestTheFirstVariableThatIsSetWins(t *testing.T) {
	s := credsearch.New(providers.Credentials{}, env("", map[string]string{"B": "b", "C": "c"}))
	if got := s.Field("id", "A", "B", "C"); got != "b" {
		t.Errorf("got %q", got)
	}
}

func TestOnlyTheVariablesThatTheDocumentNamesAreRead(t *testing.T) {
	s := credsearch.New(providers.Credentials{Env: map[string]string{"id": "PROD_ID"}}, env("", map[string]string{"A": "another account's"}))
	if got := s.Field("id", "A") + s.Field("secret", "A"); got != "" {
		t.Errorf("got %q", got)
	}
	err := s.Missing("some-service", "access key")
	if !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "$PROD_ID") || strings.Contains(err.Error(), "$A") {
		t.Errorf("got %v", err)
	}
}

func TestMissingNamesEveryPlaceThatWasSearched(t *testing.T) {
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, ".vendor", "broken"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := credsearch.New(providers.Credentials{Profile: "prod"}, env(home, nil))
	if s.Field("id", "ID", "OLD_ID")+s.File("~/.vendor/none")+s.File("~/.vendor/broken") != "" {
		t.Fatal("something was found")
	}
	got := s.Missing("some-service", "access key").Error()
	for _, want := range []string{"$ID, $OLD_ID, ~/.vendor/none, ~/.vendor/broken", `profile "prod"`, "is a directory"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

func TestAFileInTheHomeFolderIsRead(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "c"), []byte("[default]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := credsearch.New(providers.Credentials{}, env(home, nil)).File("~/c"); got != "[default]\n" {
		t.Errorf("got %q", got)
	}
}

func TestOtherVariablesNeedPermission(t *testing.T) {
	own := map[string][]string{"id": {"VENDOR_ID", "VENDOR_OLD_ID"}, "key": {"VENDOR_KEY"}}
	for name, c := range map[string]struct {
		allow string
		named map[string]string
		want  []string // in the refusal; nil = permitted
	}{
		"none named":         {"", nil, nil},
		"the vendor's own":   {"", map[string]string{"id": "VENDOR_OLD_ID", "key": "VENDOR_KEY"}, nil},
		"permitted by name":  {"X,PROD_ID", map[string]string{"id": "PROD_ID"}, nil},
		"permitted by globs": {"PROD_*, STAGE_K?Y", map[string]string{"id": "PROD_ID", "key": "STAGE_KEY"}, nil},
		"not permitted": {"PROD_*", map[string]string{"id": "GITHUB_TOKEN", "key": "PROD_KEY"}, []string{"GITHUB_TOKEN " +
			"(credentials.env.id)", "RESETPLAN_ALLOW_ENV=GITHUB_TOKEN"}},
		"all of them at once": {"", map[string]string{"id": "A", "key": "B"}, []string{"A (credentials.env.id), B " +
			"(credentials.env.key)", "RESETPLAN_ALLOW_ENV=A,B"}},
		"the vendor's key as the key's id": {"", map[string]string{"id": "VENDOR_KEY"}, []string{"VENDOR_KEY (credentials.env.id)"}},
		"a glob is not a part of a name":   {"PROD", map[string]string{"id": "PROD_ID"}, []string{"PROD_ID"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := env("", map[string]string{"RESETPLAN_ALLOW_ENV": c.allow, "GITHUB_TOKEN": "s3cret"})
			err := credsearch.Permit("some-service", "credentials.env", c.named, own, e)
			if (err == nil) != (c.want == nil) {
				t.Fatalf("got %v", err)
			}
			for _, want := range c.want {
				if !errors.Is(err, providers.ErrForbidden) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
					t.Errorf("%q is not in %v", want, err)
				}
			}
		})
	}
}

func TestFoundCredentialsAreNotedAsSecrets(t *testing.T) {
	e := env("", map[string]string{"A": "variable-secret"})
	e.Secrets = &providers.Secrets{}
	s := credsearch.New(providers.Credentials{}, e)
	s.Field("key", "A")
	s.Found("file-secret")
	if got := e.Secrets.Hide("variable-secret file-secret"); got != "(hidden) (hidden)" {
		t.Errorf("got %q", got)
	}
}
