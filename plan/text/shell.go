package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// bare are the characters that mean nothing to a shell, wherever they stand
// in a word but at its beginning.
const bare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:,@%+="

// ShellWord writes one argument for a POSIX shell, which hands exactly s to the
// program. A byte of zero is the one thing that no argument can hold; it is
// left as it is.
func ShellWord(s string) string {
	switch {
	case s != "" && strings.Trim(s, bare) == "" && s[0] != '=':
		return s
	case strings.ContainsFunc(s, Hidden) || !utf8.ValidString(s):
		return printed(s)
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// ShellSuffix writes the rest of an argument that a user has begun to type, for
// a shell's completion: each character that could mean something to the shell
// is behind a backslash. A line break cannot be written so.
func ShellSuffix(s string) string {
	var out strings.Builder
	for _, r := range s {
		if r < utf8.RuneSelf && !strings.ContainsRune(bare, r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// printed writes an argument as the output of printf, so that characters that
// are not to be seen raw stand there by their numbers. A shell cuts newlines
// off the end of an output: those stand behind it.
func printed(s string) string {
	body := strings.TrimRight(s, "\n")
	end := ""
	if len(body) < len(s) {
		end = "'" + s[len(body):] + "'"
	}
	var out strings.Builder
	for i := 0; i < len(body); {
		r, n := utf8.DecodeRuneInString(body[i:])
		if i == 0 && r == '-' || strings.ContainsRune("'\"`$\\%!", r) || r == utf8.RuneError && n == 1 || Hidden(r) && r != 0 {
			for _, b := range []byte(body[i : i+n]) {
				fmt.Fprintf(&out, `\%03o`, b)
			}
		} else {
			out.WriteString(body[i : i+n])
		}
		i += n
	}
	return `"$(printf '` + out.String() + `')"` + end
}
