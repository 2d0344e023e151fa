package lock

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

func texts(pairs []pair) map[string]string {
	out := make(map[string]string, len(pairs))
	for _, kv := range pairs {
		out[kv.key] = kv.value
	}
	return out
}

func parsed[T any](parse func(string) (T, error), s string) (T, bool) {
	v, err := parse(s)
	return v, err == nil
}

// A pair is a key with its value: a text or pairs.
type pair struct {
	key, value string
	quoted     bool
	inner      []pair
}

// readPair reads "key: value" or "key:". A value in braces is returned verbatim.
func readPair(s string) (key, value string, ok bool) {
	if strings.HasPrefix(s, `"`) {
		key, s, ok = readText(s)
	} else {
		key, s, ok = readText(s)
		if whole, ends := strings.CutSuffix(key, ":"); ends && s == "" {
			return whole, "", true
		}
	}
	if !ok || s == ":" {
		return key, "", ok
	}
	if s, ok = strings.CutPrefix(s, ": "); !ok || !strings.HasPrefix(s, `"`) {
		return key, s, ok
	}
	value, s, ok = readText(s)
	return key, value, ok && s == ""
}

// readPairs reads "{a: b, c: {d: "e"}}" and returns the rest of the text.
func readPairs(s string) (pairs []pair, rest string, ok bool) { return readNested(s, 2) }

func readNested(s string, depth int) (pairs []pair, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, "{")
	ok = ok && depth > 0
	for ok {
		var p pair
		if p.key, s, ok = readText(s); !ok {
			return nil, "", false
		}
		if s, ok = strings.CutPrefix(s, ": "); !ok {
			return nil, "", false
		}
		if strings.HasPrefix(s, "{") {
			p.inner, s, ok = readNested(s, depth-1)
		} else {
			p.quoted = strings.HasPrefix(s, `"`)
			p.value, s, ok = readText(s)
		}
		pairs = append(pairs, p)
		if after, ends := strings.CutPrefix(s, "}"); ok && ends {
			return pairs, after, true
		}
		if ok {
			s, ok = strings.CutPrefix(s, ", ")
		}
	}
	return nil, "", false
}

// readText reads one scalar: in double quotes, or up to the next separator.
func readText(s string) (text, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		for i := range len(s) {
			if c := s[i]; c == '{' || c == '}' || (c == ',' || c == ':') && strings.HasPrefix(s[i+1:], " ") {
				return s[:i], s[i:], true
			}
		}
		return s, "", true
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			text, ok = unquoted(s[1:i])
			return text, s[i+1:], ok
		}
	}
	return "", "", false
}

var escapes = map[byte]string{'"': `"`, '\\': `\`, 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t"}

// unquoted decodes the text between double quotes.
func unquoted(s string) (string, bool) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, true
	}
	var out strings.Builder
	for s != "" {
		at := strings.IndexByte(s, '\\')
		if at < 0 || at+1 == len(s) {
			out.WriteString(s)
			return out.String(), at < 0
		}
		out.WriteString(s[:at])
		c := s[at+1]
		s = s[at+2:]
		if as, ok := escapes[c]; ok {
			out.WriteString(as)
			continue
		}
		digits := map[byte]int{'u': 4, 'U': 8}[c]
		if digits == 0 || len(s) < digits {
			return "", false
		}
		n, err := strconv.ParseUint(s[:digits], 16, 32)
		if err != nil || n > utf8.MaxRune {
			return "", false
		}
		out.WriteRune(rune(n))
		s = s[digits:]
	}
	return out.String(), true
}
