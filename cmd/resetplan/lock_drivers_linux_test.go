//go:build linux && amd64

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestOnlyTheDriverOfTheSchemeWorks has the files of every store's credentials be pipes
// without a writer: a driver that reads one never ends.
func TestOnlyTheDriverOfTheSchemeWorks(t *testing.T) {
	program, broker := buildProgram(t), newBroker(t)
	dir := t.TempDir()
	plan := filepath.Join(dir, "p.yaml")
	noError(t, os.WriteFile(plan, []byte("version: 1\nname: p\nproviders: {k: {type: kafka, bootstrapServers: \""+broker.Address()+"\"}}\n"+
		"steps: [{id: s, provider: k, target: {group: orders-billing, topic: orders}, to: {offset: 100}}]\n"), 0o600))
	amazon, google := filepath.Join(dir, "amazon"), filepath.Join(dir, "google")
	for _, pipe := range []string{amazon, google} {
		noError(t, syscall.Mkfifo(pipe, 0o600))
	}
	command := func(ctx context.Context, args ...string) *exec.Cmd {
		c := exec.CommandContext(ctx, program, args...)
		c.Env = append(os.Environ(), "HOME="+dir, "AWS_CONFIG_FILE="+amazon, "AWS_SHARED_CREDENTIALS_FILE="+amazon, "GOOGLE_APPLICATION_CREDENTIALS="+google,
			"AZURE_STORAGE_CONNECTION_STRING=not valid", "AWS_EC2_METADATA_DISABLED=true")
		return c
	}
	folder := "file://" + filepath.Join(dir, "lock")
	for _, args := range [][]string{
		{"version"}, {"plan", plan}, {"plan", plan, "--lock", folder}, {"apply", plan, "--auto-approve", "--lock", folder}, {"lock", "show", folder},
		{"apply", plan, "--auto-approve", "--run", "again"}, {"lock", "show", plan},
	} {
		if out, err := command(t.Context(), args...).CombinedOutput(); err != nil {
			t.Errorf("%v: %v: %s", args, err, out)
		}
	}
	for lock, pipe := range map[string]string{"s3://b/p?region=eu-west-1": amazon, "gs://b/p": google} {
		ctx, stop := context.WithCancel(t.Context())
		c := command(ctx, "lock", "show", lock)
		noError(t, c.Start())
		writer, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits for a reader
		noError(t, err)
		stop()
		_ = c.Wait()
		noError(t, writer.Close())
	}
	out, err := command(t.Context(), "lock", "show", "azblob://c/p").CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("AZURE_STORAGE_CONNECTION_STRING is not valid")) {
		t.Errorf("%v: %s", err, out)
	}
}

// isOfStores reports whether a package of another module is there for the stores of
// shared locks.
func isOfStores(name string) bool {
	for _, module := range []string{"github.com/aws/", "github.com/Azure/", "github.com/AzureAD/", "golang.org/x/oauth2", "cloud.google.com/",
		"github.com/resetplan/resetplan/plan/lock/internal/objects"} {
		if strings.HasPrefix(name, module) {
			return true
		}
	}
	return false
}
