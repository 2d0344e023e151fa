package providers

import (
	"io"
	"slices"
	"strings"
	"sync"
)

// Writer returns a writer to out that replaces every secret, those added later
// included, even if one is split over two writes: a suffix that may be the start of a
// secret is held back until more is written or Flush is called. It
// leaves values of a few characters alone, which ordinary output may hold.
func (s *Secrets) Writer(out io.Writer) *SecretWriter { return &SecretWriter{secrets: s, out: out} }

// A SecretWriter writes what it is given without secrets.
type SecretWriter struct {
	secrets *Secrets
	out     io.Writer
	mu      sync.Mutex
	held    string
}

var _ io.Writer = (*SecretWriter)(nil)

// Unwrap returns the writer behind this one.
func (w *SecretWriter) Unwrap() io.Writer { return w.out }

func (w *SecretWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.secrets.hide(w.held+string(b), distinct)
	keep := w.secrets.begun(text)
	w.held = text[len(text)-keep:]
	if err := w.write(text[:len(text)-keep]); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Flush writes what was held back.
func (w *SecretWriter) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.held
	w.held = ""
	return w.write(text)
}

func (w *SecretWriter) write(text string) error {
	if text == "" {
		return nil
	}
	_, err := io.WriteString(w.out, text)
	return err
}

// distinct reports whether a short value is unlikely to be an ordinary word or
// number of the output.
func distinct(short string) bool { return len(short) >= 4 && !isNumber(short) }

// begun returns the length of the longest end of a text with which some form
// of a secret begins and does not end.
func (s *Secrets) begun(text string) int {
	if s == nil {
		return 0
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	longest := 0
	for _, form := range slices.Concat(s.forms, slices.DeleteFunc(slices.Clone(s.short), func(v string) bool { return !distinct(v) })) {
		for n := min(len(form)-1, len(text)); n > longest; n-- {
			if strings.HasSuffix(text, form[:n]) {
				longest = n
				break
			}
		}
	}
	return longest
}
