package schema

import (
	"runtime"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/schema/diag"
)

// allocated returns how many bytes do allocates. Fuzzing runs one input at a
// time in a process, so nothing else is counted.
func allocated(do func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// warm compiles what every plan needs once, so that no input pays for it.
func warm() {
	for _, k := range []Kind{Plan, Lock, Saved, Configuration} {
		definitions[k]()
	}
	for _, compile := range branches() {
		compile()
	}
}

// placed holds each error to name a place that its file has. texts are the
// files by name. A file that is too large or has nothing in it has no places.
func placed(t *testing.T, errs diag.Errors, texts map[string][]byte) {
	t.Helper()
	for _, f := range errs {
		text, known := texts[f.File]
		switch {
		case !known:
			t.Errorf("an error of no file: %+v", f)
			continue
		case f.Reason == "":
			t.Errorf("an error without a reason: %+v", f)
		case f.Omitted > 0 || strings.Contains(f.Reason, "the limit"):
			continue
		}
		lines := diag.NewSource(f.File, text).Lines
		if f.Line < 1 || f.Line > len(lines) {
			t.Errorf("the file has %d lines, and an error is on line %d: %v", len(lines), f.Line, f)
		} else if width := len([]rune(lines[f.Line-1])); f.Column < 1 || f.Column > width+1 {
			t.Errorf("line %d has %d characters, and an error is in column %d: %v", f.Line, width, f.Column, f)
		}
	}
}
