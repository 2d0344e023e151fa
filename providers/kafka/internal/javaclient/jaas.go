package javaclient

import (
	"errors"
	"strings"
)

// A login is the content of sasl.jaas.config: a module and its options.
type login struct {
	module  string // the last part of the class's name
	options map[string]string
}

var errJAAS = errors.New("not valid")

// parseLogin reads `org.…PlainLoginModule required username="u" password="p";`. Its
// error has no part of the text.
func parseLogin(text string) (login, error) {
	r := jaasReader{rest: text}
	class := r.word()
	if class == "" {
		return login{}, errJAAS
	}
	l := login{module: class[strings.LastIndex(class, ".")+1:], options: map[string]string{}}
	switch strings.ToLower(r.word()) {
	case "required", "requisite", "sufficient", "optional":
	default:
		return login{}, errJAAS
	}
	for {
		if r.skip(); strings.TrimSpace(r.rest) == "" {
			return login{}, errJAAS // without the semicolon
		}
		if r.accept(';') {
			break
		}
		name := r.word()
		if name == "" || !r.accept('=') {
			return login{}, errJAAS
		}
		value, ok := r.value()
		if !ok {
			return login{}, errJAAS
		}
		l.options[name] = value
	}
	if r.skip(); r.rest != "" {
		return login{}, errJAAS // Kafka accepts one module
	}
	return l, nil
}

// A jaasReader splits a JAAS configuration as java.io.StreamTokenizer does.
type jaasReader struct{ rest string }

func (r *jaasReader) skip() { r.rest = strings.TrimLeft(r.rest, " \t\r\n\f") }

func (r *jaasReader) accept(c byte) bool {
	r.skip()
	if r.rest == "" || r.rest[0] != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// word reads a word without quotes; "" if there is none.
func (r *jaasReader) word() string {
	r.skip()
	end := strings.IndexFunc(r.rest, func(c rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-$", c)
	})
	if end < 0 {
		end = len(r.rest)
	}
	word := r.rest[:end]
	r.rest = r.rest[end:]
	return word
}

// value reads a word, or a text in quotes with its escapes.
func (r *jaasReader) value() (string, bool) {
	r.skip()
	if r.rest == "" || r.rest[0] != '"' && r.rest[0] != '\'' {
		word := r.word()
		return word, word != ""
	}
	quote := r.rest[0]
	var out strings.Builder
	for i := 1; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case c == quote:
			r.rest = r.rest[i+1:]
			return out.String(), true
		case c == '\n' || c == '\r':
			return "", false
		case c == '\\' && i+1 < len(r.rest):
			i += escape(r.rest[i+1:], &out)
		default:
			out.WriteByte(c)
		}
	}
	return "", false
}

// escape writes the character after a backslash and returns its length.
func escape(rest string, out *strings.Builder) int {
	n, octal := 0, 0
	for n < len(rest) && n < 3 && rest[n] >= '0' && rest[n] <= '7' && (n < 2 || rest[0] <= '3') {
		octal = octal*8 + int(rest[n]-'0')
		n++
	}
	if n > 0 {
		out.WriteRune(rune(octal))
		return n
	}
	if at := strings.IndexByte("abfnrtv", rest[0]); at >= 0 {
		out.WriteByte("\a\b\f\n\r\t\v"[at])
	} else {
		out.WriteByte(rest[0])
	}
	return 1
}
