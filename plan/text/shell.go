package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// bare are the characters that have no meaning to a shell, except at the start of a
// word.
const bare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:,@%+="

// ShellWord formats one argument for a POSIX shell, which passes exactly s to the
// program. A zero byte, which no argument can contain, is left unchanged.
func ShellWord(s string) string {
	switch {
	case s != "" && strings.Trim(s, bare) == "" && s[0] != '=':
		return s
	case strings.ContainsFunc(s, Hidden) || !utf8.ValidString(s):
		return printed(s)
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// ShellSuffix formats the rest of a partly typed argument for a shell's completion:
// each character with a meaning to the shell follows a backslash. A line break cannot
// be written this way.
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

// printed formats an argument as the output of printf, with hidden characters as octal
// escapes. A shell removes newlines at the end of an output, so these are appended
// after it.
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
