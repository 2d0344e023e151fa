// Package credsearch finds credentials in the places that the vendors' own tools
// search, and remembers these places. It holds no secret longer than a call and
// writes none: it notes what it finds in the process's Secrets.
//
// A plan can name variables of its own. Only the variables that the vendor's own
// tools read, and those that the operator has permitted, are read: a plan from
// another person must not send any variable to any host.
package credsearch

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// A Search looks for one provider's credentials.
type Search struct {
	env    providers.Process
	named  providers.Credentials
	looked []string
	broken error // the first file that is there and cannot be read
}

// New begins a search under what a document says of credentials.
func New(named providers.Credentials, env providers.Process) *Search {
	return &Search{env: env, named: named}
}

// Named reports whether the document names variables of its own. The vendor's
// variables and files are then not read: another account's secret must never be
// used instead.
func (s *Search) Named() bool { return len(s.named.Env) > 0 }

// Profile is the profile that the document names, or "".
func (s *Search) Profile() string { return s.named.Profile }

// allow is the variable that permits others: names and globs, with commas.
const allow = "RESETPLAN_ALLOW_ENV"

// Permit returns an error of kind ErrForbidden where a plan names, under a key
// such as credentials.env, a variable that is neither one of the vendor's own
// for that very field nor permitted. It names all of them, and never says
// whether one is set.
func Permit(provider, key string, named map[string]string, own map[string][]string, env providers.Process) error {
	permitted := strings.FieldsFunc(env.Getenv(allow), func(r rune) bool { return r == ',' || r == ' ' })
	var refused, variables []string
	for _, field := range slices.Sorted(maps.Keys(named)) {
		variable := named[field]
		if slices.Contains(own[field], variable) || slices.ContainsFunc(permitted, func(glob string) bool { return text.Match(glob, variable) }) {
			continue
		}
		refused = append(refused, fmt.Sprintf("%s (%s.%s)", variable, key, field))
		if !slices.Contains(variables, variable) {
			variables = append(variables, variable)
		}
	}
	if refused == nil {
		return nil
	}
	return &providers.Error{Provider: provider, Op: "connect", Kind: providers.ErrForbidden, Message: fmt.Sprintf(
		"the plan reads %s from the environment, which is not permitted; if the plan may send that to the service it names, set %s=%s",
		strings.Join(refused, ", "), allow, strings.Join(variables, ","))}
}

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
			s.env.Secrets.Add(v)
			return v
		}
	}
	return ""
}

// Found notes the parts of a credential that a file has.
func (s *Search) Found(values ...string) { s.env.Secrets.Add(values...) }

// Variable returns the value of a variable that is not secret, such as the path of
// a file.
func (s *Search) Variable(name string) string { return s.env.Getenv(name) }

// File returns the content of a credentials file, or "" if it does not exist. A
// path that starts with "~/" is relative to the home folder.
func (s *Search) File(path string) string {
	s.looked = append(s.looked, path)
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if s.env.Home == "" {
			return ""
		}
		path = filepath.Join(s.env.Home, rest)
	}
	content, err := files.Read(path, files.Credentials)
	if err != nil {
		s.Broken(path, err)
		return ""
	}
	return string(content)
}

// Broken notes a file that exists but cannot be used. Missing reports it.
func (s *Search) Broken(path string, err error) {
	if s.broken == nil && !os.IsNotExist(err) {
		s.broken = err
		if !strings.Contains(err.Error(), path) {
			s.broken = fmt.Errorf("%s: %w", path, err)
		}
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
