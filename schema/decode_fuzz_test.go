package schema

import (
	"bytes"
	"os"
	"testing"

	"github.com/resetplan/resetplan/schema/diag"
)

// What reading a lock or a saved plan may allocate: the YAML library needs the
// most for a text of nothing but short items.
const (
	ownAllowance   = 16 << 20
	ownAllowanceOf = 8 << 10
)

// FuzzDecode holds what is promised of any text that is given for a lock or a
// saved plan: it is read within a budget of memory, whatever it says, and what
// is wrong with it has a place, or is about the file as a whole.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		"version: 1\nplan: p\nruns: {}\n", "version: 2\n", "a: &a [1,1,1,1,1,1]\nb: [*a,*a,*a,*a,*a]\n", "{\"formatVersion\": 1}",
		`{"formatVersion": 1, "plan": "p", "steps": [{"id": "a", "parts": [{"part": "t/0", "before": "offset:1", "after": "offset:9e9"}]}], "steps": []}`,
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":{\"a\":1}}}}", "\ufeff{}", "\x00",
	} {
		f.Add([]byte(text))
	}
	if raw, err := os.ReadFile("testdata/invalid.yaml"); err == nil {
		f.Add(raw)
	}
	warm()
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, k := range []Kind{Lock, Saved} {
			var into map[string]any
			var errs diag.Errors
			used := allocated(func() { errs = Decode(k, "f", raw, &into) })
			if most := ownAllowance + ownAllowanceOf*len(raw); used > most {
				t.Errorf("as a %s, %d bytes allocate %d, and %d are allowed", k, len(raw), used, most)
			}
			json := k == Saved && bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{"))
			for _, invalid := range errs {
				if invalid.File != "f" || invalid.Reason == "" || invalid.Line < 0 || !json && invalid.Line == 0 && invalid.Path != "" {
					t.Errorf("an error without a place: %+v", invalid)
				}
			}
			if into != nil && len(errs) > 0 {
				t.Errorf("something was read despite %v", errs)
			}
		}
	})
}
