package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan/operator"
	"github.com/resetplan/resetplan/plan/view"
)

// Configuration writes what the operator's configuration sets, and why: one setting a
// paragraph, because values are long.
func Configuration(w io.Writer, c operator.InForce) error {
	var out strings.Builder
	switch {
	case c.File != "":
		fmt.Fprintf(&out, "Configuration: %s (%s)\n", view.Plain(c.File), c.FoundBy)
	case len(c.Searched) > 0:
		out.WriteString("Configuration: none was found; searched:\n")
		for _, path := range c.Searched {
			fmt.Fprintf(&out, "  %s\n", view.Plain(path))
		}
	default:
		out.WriteString("Configuration: none was found; there is no user's configuration directory\n")
	}
	for _, s := range c.Settings {
		fmt.Fprintf(&out, "\n%s  (%s)\n", view.Plain(s.Key), view.Plain(source(s, c.File)))
		for _, v := range s.Values {
			fmt.Fprintf(&out, "  %s\n", view.Plain(v))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func source(s operator.Setting, file string) string {
	if s.Source == file {
		return "configuration"
	}
	return s.Source
}
