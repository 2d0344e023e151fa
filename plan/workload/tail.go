package workload

import (
	"bytes"
	"sync"
)

// mostOutput is how much of a command's output is kept: its end.
const mostOutput = 16 << 10

// A tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
	cut  bool
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p[max(0, len(p)-mostOutput):]...)
	if over := len(t.kept) - mostOutput; over > 0 || len(p) > mostOutput {
		t.kept, t.cut = append(t.kept[:0], t.kept[max(over, 0):]...), true
	}
	return len(p), nil
}

// String returns the end of the output. A word whose start is gone is left out: it may
// be a part of a secret, which is known only as a whole.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := t.kept
	if t.cut {
		out = out[max(bytes.IndexAny(out, " \n"), 0):]
	}
	return string(out)
}
