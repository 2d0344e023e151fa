package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
)

// A Blind is the error of a diagnosis that can check none of the selected targets, because
// their services report no committed positions at all, or none of these targets.
type Blind struct{ Types, Unsupported []string }

func (b *Blind) Error() string {
	if len(b.Unsupported) > 0 {
		return "doctor: nothing can be checked: " + strings.Join(b.Unsupported, "; ")
	}
	report := "report"
	if len(b.Types) == 1 {
		report = "reports"
	}
	return fmt.Sprintf("doctor: %s %s no committed positions, so nothing can be checked; look at the consumers' lag in the service's console",
		strings.Join(b.Types, " and "), report)
}

// blindTypes returns the types of services that report no committed positions, and
// whether there are targets of services that report them.
func blindTypes(jobs []*survey.Job) (types []string, readable bool) {
	for _, j := range jobs {
		switch kind := j.Conn.Kind.Type(); {
		case j.Conn.Caps.Reads != providers.No:
			readable = true
		case !slices.Contains(types, kind):
			types = append(types, kind)
		}
	}
	return types, readable
}

// skip notes a target that is not checked, because its service reports no committed
// positions of it or none at all.
func (d *Diagnosis) skip(t *survey.Target) {
	d.Skipped++
	if t.Conn.Caps.Reads != providers.No {
		d.Unsupported = append(d.Unsupported, t.ID+": "+t.Snapshot.Err.Error())
		return
	}
	if kind := t.Conn.Kind.Type(); !slices.Contains(d.NotChecked, kind) {
		d.NotChecked = append(d.NotChecked, kind)
	}
}
