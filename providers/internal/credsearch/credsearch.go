// Package credsearch finds credentials in the places that the vendors' own tools
// read, and remembers where it searched. It keeps no secret longer than a call and
// writes none: what it finds is noted in the process's Secrets.
//
// A plan can name variables. Only variables that the vendor's own tools read, and
// those that the user has permitted, are read: a plan from a stranger must not be
// able to send any variable to any host.
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
	broken error // of the first file that exists and cannot be read
}

// New starts a search for a document's credentials.
func New(named providers.Credentials, env providers.Process) *Search {
	return &Search{env: env, named: named}
}

// Named reports whether the document names variables. Then the vendor's variables
// and files are not read: another account's secret must never be used instead.
func (s *Search) Named() bool { return len(s.named.Env) > 0 }

// Profile returns the profile that the document names, or "".
func (s *Search) Profile() string { return s.named.Profile }

// allow is the variable that permits others: names and globs, separated by commas.
const allow = "RESETPLAN_ALLOW_ENV"

// Permit returns an error of kind ErrForbidden if a plan names, under a key such as
// credentials.env, a variable that is neither the vendor's own for that field nor
// permitted. The error names all such variables and never reveals whether one is
// set.
func Permit(provider, key string, named map[string]string, own map[string][]string, env providers.Process) error {
	permitted := slices.Concat(strings.FieldsFunc(env.Getenv(allow), func(r rune) bool { return r == ',' || r == ' ' }), env.AllowEnv)
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
	otherwise := ""
	if env.ConfigFile != "" {
		otherwise = ", or add it to allow.env in " + env.ConfigFile
	}
	return &providers.Error{Provider: provider, Op: "connect", Kind: providers.ErrForbidden, Message: fmt.Sprintf(
		"the plan reads %s from the environment, which is not permitted; if the plan may send that to the service it names, set %s=%s%s",
		strings.Join(refused, ", "), allow, strings.Join(variables, ","), otherwise)}
}

// Field returns one part of a credential: the value of the variable that the
// document names for it, or of the first of the vendor's variables that is set.
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

// Found notes the parts of a credential that was found in a file.
func (s *Search) Found(values ...string) { s.env.Secrets.Add(values...) }

// Variable returns the value of a variable that is not secret, such as a file's
// path.
func (s *Search) Variable(name string) string { return s.env.Getenv(name) }

// Lookup returns the value of a variable that is not secret and that selects a
// credential, such as the name of a role. Missing names the variable.
func (s *Search) Lookup(name string) string {
	s.looked = append(s.looked, "$"+name)
	return s.env.Getenv(name)
}

// NamedVariable returns the variable that the document names for one part of a
// credential, or "".
func (s *Search) NamedVariable(field string) string { return s.named.Env[field] }

// File returns the contents of a credentials file, or "" if it does not exist. A
// path that starts with "~/" is in the home folder.
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

// Broken notes a file that exists and cannot be used. Missing reports it.
func (s *Search) Broken(path string, err error) {
	if s.broken == nil && !os.IsNotExist(err) {
		s.broken = err
		if !strings.Contains(err.Error(), path) {
			s.broken = fmt.Errorf("%s: %w", path, err)
		}
	}
}

// mostPlaces is the number of places up to which an error names each.
const mostPlaces = 6

// isFile reports whether a place is a file, and not a variable.
func isFile(place string) bool { return !strings.HasPrefix(place, "$") }

// searched lists the places that were searched. Of many it names those that most people
// use: the first two variables and the first file.
func (s *Search) searched() string {
	var looked, usual []string
	for _, place := range s.looked {
		if slices.Contains(looked, place) {
			continue
		}
		if looked = append(looked, place); len(looked) <= 2 || isFile(place) && !slices.ContainsFunc(usual, isFile) {
			usual = append(usual, place)
		}
	}
	if len(looked) <= mostPlaces || s.Named() {
		return strings.Join(looked, ", ")
	}
	return fmt.Sprintf("%s and %d other places, which `resetplan providers --format json` lists", strings.Join(usual, ", "), len(looked)-len(usual))
}

// Missing returns the error of a search that has found nothing. It names the places that
// were searched and wraps ErrDenied.
func (s *Search) Missing(provider, what string) error {
	message := fmt.Sprintf("no %s found: searched %s", what, s.searched())
	switch {
	case s.Named():
		message += "; credentials.env names these variables: set them"
	case s.Profile() != "":
		message += fmt.Sprintf(" for the profile %q; add it to one of them, or name another profile", s.Profile())
	case slices.ContainsFunc(s.looked, isFile):
		message += "; set the variables, or write the key into a file"
	default:
		message += "; set them"
	}
	if s.broken != nil {
		message += "; " + s.broken.Error()
	}
	return &providers.Error{Provider: provider, Op: "connect", Kind: providers.ErrDenied, Message: message, Err: s.broken}
}
