//go:build integration

package release_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// version is the release that the tests build from the files of this repository.
const version = "9.8.7"

// A built release: a clone of the repository in a folder of its own, and in it the
// folder dist.
type built struct {
	clone, dist string
}

var temporary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "release-")
	if err != nil {
		panic(err)
	}
	temporary = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// released builds the release once for all tests, for one platform: the others take
// as long each (`make snapshot` builds them all).
var released = sync.OnceValues(func() (built, error) { return build("first", root, false) })

func builtRelease(t *testing.T) built {
	t.Helper()
	b, err := released()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// build clones a repository, with the changes that are not committed, tags the clone and
// builds a release of it. If filesToo, the completions, the manual page and the licences
// are those of the repository.
func build(name, repository string, filesToo bool) (built, error) {
	from, err := filepath.Abs(repository)
	if err != nil {
		return built{}, err
	}
	b := built{clone: filepath.Join(temporary, name, "resetplan")}
	b.dist = filepath.Join(b.clone, "dist")
	state, err := output(from, "git", "-c", "user.name=t", "-c", "user.email=t@t", "stash", "create")
	if err != nil {
		return b, err
	}
	if strings.TrimSpace(state) == "" {
		state = "HEAD"
	}
	commit, err := output(from, "git", "rev-parse", strings.TrimSpace(state))
	if err != nil {
		return b, err
	}
	config := filepath.Join(temporary, name, "goreleaser.yaml")
	tools := filepath.Join(b.clone, ".bin")
	skip := "publish,sign,ko,scoop" // Scoop is for Windows
	steps := [][]string{
		{"git", "clone", "--quiet", "--shared", "--no-checkout", from, b.clone},
		{"git", "-C", b.clone, "checkout", "--quiet", strings.TrimSpace(commit)},
		{"git", "-C", b.clone, "tag", "--force", "v" + version},
		{"mkdir", "-p", tools, filepath.Join(b.clone, ".cache")},
		{"sh", "-c", `ln -s "$1"/.bin/* "$2"`, "sh", from, tools},
		{"sh", "-c", `sed 's/^    goos: .*/    goos: [linux]/; s/^    goarch: .*/    goarch: [amd64]/' "$1"/.goreleaser.yaml > "$2"`, "sh", b.clone, config},
		{filepath.Join(tools, "goreleaser"), "check", filepath.Join(b.clone, ".goreleaser.yaml")},
	}
	if filesToo {
		steps = append(steps, []string{"cp", "-r", filepath.Join(from, ".cache/release"), filepath.Join(b.clone, ".cache")})
		skip += ",before"
	}
	steps = append(steps, []string{filepath.Join(tools, "goreleaser"), "release", "--config", config, "--clean", "--skip=" + skip})
	for _, s := range steps {
		dir := b.clone
		if s[0] == "git" || s[0] == "mkdir" {
			dir = from
		}
		if _, err := output(dir, s...); err != nil {
			return b, err
		}
	}
	return b, nil
}

// output runs a command, with the tools of a release in the PATH. In a container, the
// repository may belong to another user.
func output(dir string, command ...string) (string, error) {
	c := exec.Command(command[0], command[1:]...)
	c.Dir = dir
	c.Env = append(os.Environ(), "PATH="+filepath.Join(dir, ".bin")+":"+os.Getenv("PATH"), "GOFLAGS=",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*")
	var out, all bytes.Buffer
	c.Stdout, c.Stderr = &out, &all
	if err := c.Run(); err != nil {
		return "", &failure{strings.Join(command, " "), err, out.String() + all.String()}
	}
	return out.String(), nil
}

type failure struct {
	command string
	err     error
	output  string
}

func (f *failure) Error() string { return f.command + ": " + f.err.Error() + "\n" + f.output }

// must runs a command that has to succeed.
func must(t *testing.T, dir string, command ...string) string {
	t.Helper()
	out, err := output(dir, command...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
