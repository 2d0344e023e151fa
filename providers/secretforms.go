package providers

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// foldedForms returns a pattern for values that a service writes in another case,
// or breaks into lines or groups. It returns nil if no value is long enough.
func foldedForms(values map[string]bool) *regexp.Regexp {
	var patterns []string
	for _, v := range slices.SortedFunc(maps.Keys(values), func(a, b string) int { return len(b) - len(a) }) {
		if len(v) < foldedFrom || isNumber(v) {
			continue
		}
		var runes []string
		for _, r := range v {
			if !unicode.IsSpace(r) {
				runes = append(runes, regexp.QuoteMeta(string(r)))
			}
		}
		patterns = append(patterns, strings.Join(runes, `\s*`))
	}
	if patterns == nil {
		return nil
	}
	pattern, err := regexp.Compile("(?i)" + strings.Join(patterns, "|"))
	if err != nil {
		return nil // a value of many kilobytes, which no service repeats
	}
	return pattern
}

// formsOf returns the forms in which a service may repeat a value.
func formsOf(v string) []string {
	quoted := strconv.Quote(v)
	raw, err := json.Marshal(v)
	forms := []string{v, strings.Join(strings.Fields(v), " "), html.EscapeString(v), quoted[1 : len(quoted)-1], hex.EncodeToString([]byte(v)),
		strings.ToUpper(hex.EncodeToString([]byte(v)))}
	if err == nil {
		forms = append(forms, string(raw[1:len(raw)-1]))
	}
	strict := strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~") // as vendors write it for signing
	for _, once := range []string{url.QueryEscape(v), url.PathEscape(v), strict.Replace(url.QueryEscape(v))} {
		for _, form := range []string{once, url.QueryEscape(once)} {
			forms = append(forms, form, lowerHex(form))
		}
	}
	forms = append(forms, inBase64(v)...)
	return slices.DeleteFunc(forms, func(f string) bool { return len(f) < longValue })
}

// lowerHex writes %2F as %2f.
func lowerHex(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			b[i+1], b[i+2] = byte(unicode.ToLower(rune(b[i+1]))), byte(unicode.ToLower(rune(b[i+2])))
		}
	}
	return string(b)
}

// inBase64 returns what a value looks like inside the base64 of any text that
// holds it: it begins at one of three places of a group, and only the
// characters that depend on nothing else are the same everywhere.
func inBase64(v string) []string {
	const shortest = 8
	var out []string
	for before, skip := range []int{0, 2, 3} {
		text := append(make([]byte, before), v...)
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			encoded := e.EncodeToString(text)
			if own := encoded[skip : len(text)*8/6]; len(own) >= shortest {
				out = append(out, own)
				if before == 0 {
					out = append(out, encoded)
				}
			}
		}
	}
	return out
}
