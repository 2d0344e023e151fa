package shell

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// Account says whose credentials a client is to be given: by the client's own
// flag where the document names a profile, and in words where it names
// variables. A flag that ends in "=" stands in one word with its value. Names
// of variables are told, never values.
func Account(c providers.Credentials, flag string) (words, sentence string) {
	switch {
	case len(c.Env) > 0:
		var names []string
		for _, field := range slices.Sorted(maps.Keys(c.Env)) {
			names = append(names, fmt.Sprintf("$%s (%s)", c.Env[field], field))
		}
		return "", "Give the client the account of " + strings.Join(names, ", ") + "."
	case c.Profile != "":
		if strings.HasSuffix(flag, "=") {
			return Words(flag + c.Profile), ""
		}
		return Words(flag, c.Profile), ""
	}
	return "", ""
}
