package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
)

// A Blind is the error if no selected target can be checked, because their services
// report no committed positions.
type Blind struct{ Types []string }

func (b *Blind) Error() string {
	return fmt.Sprintf("doctor: %s %s no committed positions, so nothing can be checked; look at the consumers' lag in the service's console",
		strings.Join(b.Types, " and "), map[bool]string{true: "reports", false: "report"}[len(b.Types) == 1])
}

// blindTypes returns the types of services that report no committed positions, and
// whether there are targets of others.
func blindTypes(jobs []*survey.Job) (types []string, others bool) {
	for _, j := range jobs {
		switch kind := j.Conn.Kind.Type(); {
		case j.Conn.Caps.Reads != providers.No:
			others = true
		case !slices.Contains(types, kind):
			types = append(types, kind)
		}
	}
	return types, others
}
