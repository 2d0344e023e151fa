package survey

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/schema"
)

// A Selection chooses the run, the steps and the lock of a command.
type Selection struct {
	Run    string        // the run's key; "" = the default one
	Steps  []string      // ids of steps, or of one group of a step; empty = all
	Lock   string        // the lock's path
	Impact bool          // also read, within a short time, the impact of the resets on the consumers
	Wait   time.Duration // overrides idle: {wait} of every step; 0 = no override
	Retry  bool          // steps that another client has committed over are sent again
	Past   bool          // a rollback may go back further than the consumers had read before the reset
	Adopt  bool          // accept a lock with another plan's name
}

// RunKey returns the key of the run.
func (s Selection) RunKey() string {
	if s.Run == "" {
		return schema.DefaultRun
	}
	return s.Run
}

// Names reports whether the selection includes the id of a step, or of one group
// of a step.
func (s Selection) Names(id string) bool {
	return len(s.Steps) == 0 || slices.ContainsFunc(s.Steps, func(one string) bool { return IsStepOrGroup(one, id) })
}

// Within returns an *UnknownStep if the selection names an id that is not among
// these.
func (s Selection) Within(known []string) error {
	for _, one := range s.Steps {
		if !slices.ContainsFunc(known, func(id string) bool { return IsStepOrGroup(one, id) }) {
			return &UnknownStep{ID: one, Known: known}
		}
	}
	return nil
}

// An UnknownStep means that a selection names a step that the document does not
// have.
type UnknownStep struct {
	ID    string
	Known []string
}

func (u *UnknownStep) Error() string {
	near := ""
	if one := schema.Nearest(u.ID, u.Known); one != "" {
		near = fmt.Sprintf(", did you mean %s?", one)
	}
	return fmt.Sprintf("no step %q in this document%s; its steps are %s", u.ID, near, strings.Join(u.Known, ", "))
}

// IsStepOrGroup reports whether an id is the id of a step or of one of its groups.
func IsStepOrGroup(step, id string) bool { return id == step || strings.HasPrefix(id, step+"[") }
