// Package secret finds credentials where the vendors' own tools look for
// them, and remembers where it looked. It holds no secret longer than a call
// and writes none.
package secret

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// A Search looks for one provider's credentials.
type Search struct {
	env    providers.Env
	named  providers.Credentials
	looked []string
	broken error // the first file that is there and cannot be read
}

// New begins a search under what a document says of credentials.
func New(named providers.Credentials, env providers.Env) *Search {
	return &Search{env: env, named: named}
}

// Named reports whether the document names variables of its own. The vendor's
// variables and files are then not looked at: another account's secret must
// never stand in.
func (s *Search) Named() bool { return len(s.named.Env) > 0 }

// Profile is the profile that the document names, or "".
func (s *Search) Profile() string { return s.named.Profile }

// Field returns one part of a credential: from the variable that the document
// names for it, or from the first of the vendor's variables that is set.
func (s *Search) Field(field string, variables ...string) string {
	if s.Named() {
		if s.named.Env[field] == "" {
			return ""
		}
		variables = []string{s.named.Env[field]}
	}
	for _, name := range variables {
		s.looked = append(s.looked, "$"+name)
		if v := s.env.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}

// Variable returns the value of a variable that is no secret, such as the
// place of a file.
func (s *Search) Variable(name string) string { return s.env.Getenv(name) }

// mostFile is how much of a credentials file is read, in bytes.
const mostFile = 1 << 20

// File returns the contents of a credentials file, or "" where it is not
// there. A path that begins with "~/" lies in the home folder.
func (s *Search) File(path string) string {
	s.looked = append(s.looked, path)
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if s.env.Home == "" {
			return ""
		}
		path = filepath.Join(s.env.Home, rest)
	}
	f, err := os.Open(path)
	if err != nil {
		s.Broken(path, err)
		return ""
	}
	defer f.Close() //nolint:errcheck // it was only read
	b, err := io.ReadAll(io.LimitReader(f, mostFile))
	if err != nil {
		s.Broken(path, err)
		return ""
	}
	return string(b)
}

// Broken notes a file that is there and cannot be used. Missing tells of it.
func (s *Search) Broken(path string, err error) {
	if s.broken == nil && !os.IsNotExist(err) {
		s.broken = fmt.Errorf("%s: %w", path, err)
	}
}

// Missing is the error of a search that has found nothing. It names all that
// was looked at and wraps ErrDenied.
func (s *Search) Missing(provider, what string) error {
	seen := map[string]bool{}
	var looked []string
	for _, l := range s.looked {
		if !seen[l] {
			seen[l] = true
			looked = append(looked, l)
		}
	}
	message := fmt.Sprintf("no %s: looked at %s", what, strings.Join(looked, ", "))
	switch {
	case s.Named():
		message += "; credentials.env names these variables, set them"
	case s.Profile() != "":
		message += fmt.Sprintf(" for the profile %q", s.Profile())
	}
	if s.broken != nil {
		message += "; " + s.broken.Error()
	}
	return &providers.Error{Provider: provider, Op: "connect", Kind: providers.ErrDenied, Message: message, Err: s.broken}
}
