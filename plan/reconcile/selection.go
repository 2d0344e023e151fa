package reconcile

import (
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/schema"
)

// A Selection chooses the run, the steps and the lock of a command.
type Selection struct {
	Run    string       // the run's key; "" = the default one
	Steps  survey.Steps // the selected steps
	Lock   string       // the lock's path
	Impact bool         // also read, within a short time, the impact of the resets on the consumers
	Ages   bool         // with Impact: also how old the logs are and when they delete records
	// ShownOnly means that the plan is shown and not applied: the readings behind it are
	// not kept in memory.
	ShownOnly bool
	// PartsLater reports whether few parts of a decided step are needed: they are loaded
	// when they are (plan.Step.AllParts), and are not kept in memory. nil = of no step.
	PartsLater func(*plan.Step) bool
	Wait       time.Duration // overrides idle: {wait} of every step; 0 = no override
	Retry      bool          // steps that another client has committed over are sent again
	Past       bool          // a rollback may go back further than the consumers had read before the reset
	Adopt      bool          // accept a lock with another plan's name
}

// OfSeveral is a PartsLater for plans that are shown in short: of one step for several
// groups, most are shown without their parts.
func OfSeveral(s *plan.Step) bool { return strings.Contains(s.ID, "[") }

// OfDone is a PartsLater for an apply: of what is done already it needs the record.
func OfDone(s *plan.Step) bool { return s.Action == plan.Done && s.Phase == "" }

// RunKey returns the key of the run.
func (s Selection) RunKey() string {
	if s.Run == "" {
		return schema.DefaultRun
	}
	return s.Run
}
