package shell

import (
	"os/exec"
	"strings"
	"testing"
	"unicode"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

func TestAShellPassesOnTheExactWords(t *testing.T) {
	for _, shell := range []string{"sh", "dash", "bash", "zsh"} {
		path, err := exec.LookPath(shell)
		if err != nil && shell != "sh" {
			continue // only /bin/sh is required
		}
		for _, word := range append(shelltest.Names(), "", "\xff\xfe", "plain") {
			text := "printf '%s.' " + Words(word)
			out, err := exec.Command(path, "-c", text).Output()
			if err != nil || string(out) != word+"." {
				t.Errorf("%s: %q became %q, %v, by\n%s", shell, word, out, err, text)
			}
		}
	}
}

func TestWordsHaveNoInvisibleCharacters(t *testing.T) {
	for _, word := range shelltest.Names() {
		text := strings.TrimRight(Words(word), "\n'")
		if i := strings.IndexFunc(text, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }); i >= 0 {
			t.Errorf("%q shows %q", word, text[i])
		}
	}
}

func TestWord(t *testing.T) {
	for word, want := range map[string]string{
		"orders-billing": "orders-billing", "": "''", "it's": `'it'\''s'`, "--group=a b": "'--group=a b'", "=ls": "'=ls'",
		"a\nb": `"$(printf 'a\012b')"`, "-\x1b": `"$(printf '\055\033')"`, "end\n": "\"$(printf 'end')\"'\n'",
	} {
		if got := Words(word); got != want {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
	}
}

func TestALongCommandHasALineForEachGroup(t *testing.T) {
	if got := Command("tool", "", Words("--a", "b c")); got != "tool --a 'b c'" {
		t.Errorf("got %s", got)
	}
	long := strings.Repeat("x", 90)
	if got, want := Command("tool", Words("--a", long), "--b"), "tool \\\n  --a "+long+" \\\n  --b"; got != want {
		t.Errorf("got %s", got)
	}
}

func TestACommentIsOneLineThatDoesNothing(t *testing.T) {
	for _, name := range shelltest.Names() {
		out, err := exec.Command("/bin/sh", "-euc", Comment(name)+"\necho end").CombinedOutput()
		if err != nil || string(out) != "end\n" {
			t.Errorf("%q: %s, %v", name, out, err)
		}
	}
}

func TestAccount(t *testing.T) {
	for _, c := range []struct {
		given                 providers.Credentials
		flag, words, sentence string
	}{
		{providers.Credentials{}, "--profile", "", ""},
		{providers.Credentials{Profile: "prod's"}, "--profile", `--profile 'prod'\''s'`, ""},
		{providers.Credentials{Profile: "prod"}, "--cli-profile=", "--cli-profile=prod", ""},
		{providers.Credentials{Env: map[string]string{"b": "PROD_SK", "a": "PROD_AK"}}, "--profile", "",
			"Give the client the credentials in $PROD_AK (a), $PROD_SK (b)."},
	} {
		if words, sentence := Account(c.given, c.flag); words != c.words || sentence != c.sentence {
			t.Errorf("%+v: got %q, %q", c.given, words, sentence)
		}
	}
}
