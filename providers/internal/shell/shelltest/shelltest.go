// Package shelltest runs the scripts of providers in a real shell, with fakes for
// the programs that they call, and returns the arguments that the fakes received.
// It is only for tests; nothing that it runs reaches a network.
package shelltest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/resetplan/resetplan/providers"
)

// Names are names of groups that a shell could misread.
func Names() []string {
	return []string{
		"orders-billing", "two words", "it's", `say "hi"`, "$(touch pwned)", "`touch pwned`", "${HOME}", "a;touch pwned", "a\ntouch pwned\n",
		"line\r\nbreak", "\n", "-n", "--help", "=ls", "~root", "*", "a\\", "50%s\\n%d", "!!", "#not a comment", "EOF", "a|b&c>d<e",
		"\u202eredro", "tab\there", "esc\x1b[31m", "caf\u00e9", "\U0001F468\u200d\U0001F469", "<script>alert(1)</script>",
	}
}

// stub records its name, the number of its arguments and each argument; for the
// name of a file, its content.
const stub = `#!/bin/sh
{
  printf '%s\0%s\0' "${0##*/}" "$#"
  for a; do
    if [ -f "$a" ]; then cat "$a"; else printf %s "$a"; fi
    printf '\0'
  done
} >>"$CALLS"
`

// programs are the fakes, with what they do after they recorded the call. A digest
// is the text itself; the time is constant.
func programs() map[string]string {
	all := map[string]string{
		"curl":    stub + `echo '{"status":0,"data":{"accessToken":"tok-en","expire":7200}}'`,
		"openssl": "#!/bin/sh\nprintf 'sum(%s) *stdin\\n' \"$(cat)\"",
		"date":    "#!/bin/sh\necho 1700000000",
		"sleep":   "#!/bin/sh",
	}
	for _, name := range []string{"kafka-consumer-groups", "aliyun", "aliyunlog", "hcloud", "tccli"} {
		all[name] = stub
	}
	return all
}

// Run runs commands in /bin/sh, which stops at the first that fails, and returns
// the calls of the fakes: the program and its arguments. It fails the test if a
// command creates a file or has control characters.
func Run(t testing.TB, s providers.Script, environment ...string) [][]string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range programs() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	text := strings.Join(s.Commands, "\n") + "\n"
	if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf) }); i >= 0 {
		t.Errorf("%q is not escaped in\n%s", text[i], text)
	}
	work := t.TempDir()
	cmd := exec.Command("/bin/sh", "-eu")
	cmd.Dir, cmd.Stdin = work, strings.NewReader(text)
	cmd.Env = append([]string{"PATH=" + dir + ":/usr/bin:/bin", "CALLS=" + filepath.Join(dir, "calls"), "HOME=" + dir, "TMPDIR=" + dir}, environment...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\nin\n%s", err, out, text)
	}
	if left, err := os.ReadDir(work); err != nil || len(left) > 0 {
		t.Errorf("it created %v, %v in\n%s", left, err, text)
	}
	return calls(t, filepath.Join(dir, "calls"))
}

// calls reads what the fakes recorded.
func calls(t testing.TB, file string) (all [][]string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Split(strings.TrimSuffix(string(raw), "\x00"), "\x00")
	for len(words) > 1 {
		n, err := strconv.Atoi(words[1])
		if err != nil || len(words) < n+2 {
			t.Fatalf("invalid record: %q", raw)
		}
		all = append(all, append([]string{words[0]}, words[2:n+2]...))
		words = words[n+2:]
	}
	return all
}

// Value returns the value of a flag in a call: the next word, or the text after
// "=".
func Value(call []string, flag string) string {
	for i, word := range call {
		if word == flag && i+1 < len(call) {
			return call[i+1]
		}
		if rest, ok := strings.CutPrefix(word, flag+"="); ok {
			return rest
		}
	}
	return ""
}

// Write returns a provider's script for a move of a target, given as in a document.
func Write(p providers.Provider, c providers.Config, keys, target map[string]any, to ...providers.PartMove) (providers.Script, error) {
	c.Decode = decoder(keys)
	t, err := p.Target(c, decoder(target))
	if err != nil {
		return providers.Script{}, err
	}
	return p.(providers.Scripter).Script(c, providers.Move{Target: t, To: to})
}

func decoder(keys map[string]any) func(into any) error {
	return func(into any) error {
		raw, err := json.Marshal(keys)
		if err != nil {
			return err
		}
		return json.Unmarshal(raw, into)
	}
}
