package secret_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/secret"
)

func env(home string, set map[string]string) providers.Env {
	return providers.Env{Home: home, Getenv: func(name string) string { return set[name] }}
}

func TestTheFirstVariableThatIsSetWins(t *testing.T) {
	s := secret.New(providers.Credentials{}, env("", map[string]string{"B": "b", "C": "c"}))
	if got := s.Field("id", "A", "B", "C"); got != "b" {
		t.Errorf("got %q", got)
	}
}

func TestNamesInTheDocumentStandAlone(t *testing.T) {
	s := secret.New(providers.Credentials{Env: map[string]string{"id": "PROD_ID"}}, env("", map[string]string{"A": "another account's"}))
	if got := s.Field("id", "A") + s.Field("secret", "A"); got != "" {
		t.Errorf("got %q", got)
	}
	err := s.Missing("some-service", "access key")
	if !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "$PROD_ID") || strings.Contains(err.Error(), "$A") {
		t.Errorf("got %v", err)
	}
}

func TestMissingNamesAllThatWasLookedAt(t *testing.T) {
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, ".vendor", "broken"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := secret.New(providers.Credentials{Profile: "prod"}, env(home, nil))
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
	if got := secret.New(providers.Credentials{}, env(home, nil)).File("~/c"); got != "[default]\n" {
		t.Errorf("got %q", got)
	}
}
