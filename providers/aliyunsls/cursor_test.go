package aliyunsls

import (
	"encoding/base64"
	"testing"
)

func TestCursorNumber(t *testing.T) {
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for name, c := range map[string]struct {
		cursor string
		want   int64
		ok     bool
	}{
		"a number":          {encode("1447299010000000010"), 1447299010000000010, true},
		"a negative number": {encode("-5"), -5, true},
		"not base64":        {"%", 0, false},
		"not a number":      {encode("a"), 0, false},
		"too large":         {encode("9223372036854775808"), 0, false},
		"empty":             {"", 0, false},
	} {
		if got, ok := cursorNumber(c.cursor); ok != c.ok || ok && got != c.want {
			t.Errorf("%s: got %d, %t", name, got, ok)
		}
	}
}
