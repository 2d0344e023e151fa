package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
)

// Started prints which consumers were started again.
func Started(w io.Writer, all []reconcile.Started, lock string, o view.Options) error {
	var out strings.Builder
	if len(all) == 0 {
		out.WriteString(wrapped("No consumers are recorded as stopped in "+view.Plain(lock)+"; nothing to do.", "", o))
	}
	for _, one := range all {
		what := "its pipeline"
		if one.Workload != "" {
			what = "the workload " + one.Workload
		}
		out.WriteString(wrapped(fmt.Sprintf("%s (run %s): %s is %s", view.Plain(one.Step), view.Plain(one.Run), what,
			map[bool]string{true: "running again", false: "STILL STOPPED"}[one.Running]), "", o))
		address(&out, one.Address, "  ")
		if one.Error != "" {
			out.WriteString(wrapped(view.Plain(one.Error), "  ", o))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}
