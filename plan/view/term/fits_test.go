package term

import (
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
)

// unbroken are the starts of what readers copy, which is never broken.
var unbroken = []string{viewtest.Hostile[:4], "kafka:", "enos-pipeline:", "sha256:", "resetplan ", "`resetplan "}

// fits fails if a line is wider than the terminal, except one with something that readers
// copy, and if a character that controls a terminal reached the output.
func fits(t *testing.T, o view.Options, output string) {
	t.Helper()
	for l := range strings.Lines(output) {
		l = strings.TrimSuffix(l, "\n")
		plain := l
		for _, style := range []string{bold, faint, red, green, yellow, cyan, "0"} {
			plain = strings.ReplaceAll(plain, "\x1b["+style+"m", "")
		}
		copied := slices.ContainsFunc(unbroken, func(start string) bool { return strings.HasPrefix(strings.TrimSpace(plain), start) })
		if n := view.Columns(plain); n > o.Columns && o.Columns > 0 && !o.Wide && !copied {
			t.Errorf("this line takes %d columns:\n%s", n, l)
		}
		if i := strings.IndexFunc(l, text.Hidden); i >= 0 && !o.Colour {
			t.Errorf("%q reached the output in %q", l[i], l)
		}
	}
}
