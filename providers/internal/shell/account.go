package shell

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// Account returns which credentials a client needs: as the client's own flag if the
// document names a profile, and as a sentence if it names variables. A flag that
// ends in "=" forms one word with its value. The sentence has the names of
// variables, never their values.
func Account(c providers.Credentials, flag string) (words, sentence string) {
	switch {
	case len(c.Env) > 0:
		var names []string
		for _, field := range slices.Sorted(maps.Keys(c.Env)) {
			names = append(names, fmt.Sprintf("$%s (%s)", c.Env[field], field))
		}
		return "", "Give the client the credentials in " + strings.Join(names, ", ") + "."
	case c.Profile != "":
		if strings.HasSuffix(flag, "=") {
			return Words(flag + c.Profile), ""
		}
		return Words(flag, c.Profile), ""
	}
	return "", ""
}
